"""One person of a cohort: what is counted, by hand."""

from __future__ import annotations

from glucolog.analysis.cohort import CohortPerson, person_lows
from glucolog.analysis.trace import glucose_arrays
from glucolog.core.moments import Moment
from glucolog.core.records import Session, TargetSet
from tests.analysis.conftest import MIDNIGHT_S, MakeTrace


def test_lows_are_counted_after_finished_sessions(make_trace: MakeTrace) -> None:
    """Lows of 20 min 1 h and 3 h after the first session, where the second begins, and in the one that still runs."""
    low_at = {*range(12, 16), *range(36, 40), *range(588, 592)}
    trace = make_trace([60.0 if step in low_at else 120.0 for step in range(288 * 3)])
    starts = [0, 36, 288, 576]
    sessions = tuple(
        Session(
            id=str(step),
            person_id="p",
            start=Moment(MIDNIGHT_S + 300 * step, "UTC"),
            end=None if step == starts[-1] else Moment(MIDNIGHT_S + 300 * step, "UTC"),
        )
        for step in starts
    )
    person = CohortPerson(
        label="p", zone="UTC", target_set=TargetSet.ADULT, child=False, cgm=glucose_arrays(trace), meter=None,
        sessions=sessions,
    )  # fmt: skip
    assert person_lows(person) == {
        "person": "p", "n_sessions": 3, "sessions_with_low": 2, "sessions_with_low_percent": 200 / 3, "lows": 3,
        "lows_level_2": 0, "lows_0_2_h": 2, "lows_2_6_h": 1, "lows_overnight": 0,
    }  # fmt: skip
