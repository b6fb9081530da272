"""The short form of `python -m tests.reliability.kills`, and that it can fail."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from tests.reliability.kills import Ack, Before, KillError, Scene, killed, killed_before, run_scenes
from tests.reliability.program import script
from tests.reliability.scenes import SCENES, prepare
from tests.reliability.syscalls import can_follow

SHORT, LONG, PARTS = 50, 1000, 2
HOUR_S = 3600
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_point_nothing_is_lost_halved_or_doubled(part: int, tmp_path: Path) -> None:
    chosen = [word for scene in SCENES[part::PARTS] for word in ("--scene", scene.name)]
    done = script("kills", "--n", str(SHORT // PARTS), "--seed", str(os.getpid()), *chosen, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{SHORT // PARTS} processes were killed")


@pytest.mark.slow
def test_killed_a_thousand_times(tmp_path: Path) -> None:
    done = script("kills", "--n", str(LONG), folder=tmp_path, patience_s=2 * HOUR_S)
    assert done.returncode == 0, done.stderr


def test_a_kill_meets_the_process_alive() -> None:
    assert killed(lambda ack: time.sleep(30), 0.05).met
    assert not killed(lambda ack: None, None).met


@pytest.mark.skipif(not can_follow(), reason="no process can be followed on this machine")
def test_a_kill_comes_just_before_the_change_it_was_told(tmp_path: Path) -> None:
    def work(ack: Ack) -> None:
        for name in "abc":
            (tmp_path / name).write_text(name)
            ack(name)
        (tmp_path / "a").rename(tmp_path / "d")

    end, made = killed_before(work, tmp_path, Before("write", 2))
    assert (end.met, end.acknowledged, made) == (True, ["a"], {"make": 2, "write": 2})
    assert [(tmp_path / name).read_text() for name in "ab"] == ["a", ""]
    end, _ = killed_before(work, tmp_path, Before("rename", 1))
    assert (end.met, sorted(file.name for file in tmp_path.iterdir())) == (True, ["a", "b", "c"])
    end, _ = killed_before(work, tmp_path, Before("rename", 2))
    assert not end.met


def test_the_harness_sees_what_was_acknowledged_and_lost() -> None:
    def lie(_: Path, ack: Ack) -> None:
        ack("s0")
        os.kill(os.getpid(), signal.SIGKILL)

    honest = SCENES[0]
    with pytest.raises(KillError, match="acknowledged and lost"):
        run_scenes([Scene(name="lie", prepare=prepare, work=lie, verify=honest.verify)], 1, seed=1)
