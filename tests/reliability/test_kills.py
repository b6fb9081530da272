"""The short form of `python -m tests.reliability.kills`, and that it can fail."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from tests.reliability.kills import Ack, KillError, Scene, killed, run_scenes
from tests.reliability.scenes import SCENES, prepare

SHORT, LONG = 50, 1000


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("GLUCOLOG_DB", "")


def test_killed_at_random_points_nothing_is_lost_halved_or_doubled() -> None:
    tally = run_scenes(SCENES, SHORT, seed=os.getpid())
    assert sum(tally.kills.values()) == SHORT


@pytest.mark.slow
def test_killed_a_thousand_times() -> None:
    assert sum(run_scenes(SCENES, LONG, seed=8).kills.values()) == LONG


def test_a_kill_meets_the_process_alive() -> None:
    assert killed(lambda ack: time.sleep(30), 0.05)[0]
    assert not killed(lambda ack: None, None)[0]


def test_the_harness_sees_what_was_acknowledged_and_lost() -> None:
    def lie(_: Path, ack: Ack) -> None:
        ack("s0")
        os.kill(os.getpid(), signal.SIGKILL)

    honest = SCENES[0]
    with pytest.raises(KillError, match="acknowledged and lost"):
        run_scenes([Scene(name="lie", prepare=prepare, work=lie, verify=honest.verify)], 1, seed=1)
