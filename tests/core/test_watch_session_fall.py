"""The fall counted for a running session: most at its start, e⁻¹ of it after an hour, none before or without one."""

from __future__ import annotations

import math

import pytest
from glucolog.core import evidence_watch as table
from glucolog.core.watch import WatchFacts
from glucolog.core.watch.concerns import session_fall_mg_dl

MOST = table.SESSION_FALL_MG_DL.value


@pytest.mark.parametrize(
    ("at_min", "share"), [(9.9, 0.0), (10.0, 1.0), (40.0, math.exp(-0.5)), (70.0, math.exp(-1)), (250.0, math.exp(-4))]
)
def test_it_fades_from_the_start(at_min: float, share: float) -> None:
    facts = WatchFacts(session_start_min=10)
    assert session_fall_mg_dl(facts, at_min) == pytest.approx(MOST * share)


def test_without_a_session_none_is_counted() -> None:
    assert session_fall_mg_dl(WatchFacts(), 0) == 0
