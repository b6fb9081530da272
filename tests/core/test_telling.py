"""The few sensor readings that are read for many sessions tell what all of them would."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from glucolog.core.change import session_change
from glucolog.core.evidence import LEVEL_1
from glucolog.core.lows import attributed_lows
from glucolog.core.pairing import pair
from glucolog.core.records import Reading, Session
from glucolog.core.rules import SessionFacts, session_findings
from glucolog.core.telling import telling_stretches
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.core.conftest import Make

Step = tuple[int, float]
minutes = st.sampled_from([5, 5, 5, 15, 20, 21, 90])
amounts = st.sampled_from([45, 65, 69, 71, 75, 90])
nights = st.lists(st.tuples(minutes, amounts), min_size=40, max_size=150)
"""Sensor readings, each so many minutes after the one before, that reach past midnight from the afternoon."""
afternoon = st.integers(120, 360)


def test_a_session_is_read_from_half_an_hour_before_to_six_hours_after_and_lows_with_what_lies_around(
    make: Make,
) -> None:
    lows = [make.at(minute).epoch_s for minute in (-3000, -600, 605, 1500)]  # the first and the last are days away
    found = telling_stretches([make.session(0, 30)], lows, make.at(4000))
    minutes = [tuple((each - make.at(0).epoch_s) / 60 for each in stretch) for stretch in found]
    assert minutes == [(-620, -580), (-30, 390), (585, 625)]


def test_a_running_session_is_read_to_six_hours_from_now(make: Make) -> None:
    ((_, until_s),) = telling_stretches([make.session(0, None)], [], make.at(45))
    assert until_s == make.at(45 + 360).epoch_s


def test_no_session_needs_no_reading(make: Make) -> None:
    assert telling_stretches([], [make.at(0).epoch_s], make.at(0)) == []


@settings(max_examples=25)
@given(first=st.integers(0, 600), steps=nights, starts=st.lists(afternoon, min_size=1, max_size=3))
def test_what_is_read_tells_all(make: Make, first: int, steps: list[Step], starts: list[int]) -> None:
    clock = accumulate((step for step, _ in steps), initial=first)
    sensor = make.cgm(zip(clock, (amount for _, amount in steps), strict=False))
    sessions = [make.session(start, start + 30, id=f"s{start}") for start in starts]
    read = _read(sensor, sessions, make)
    for session in sessions:
        assert attributed_lows(session, read) == attributed_lows(session, sensor)
        assert pair(session, read) == pair(session, sensor)
        assert _findings(make, session, read) == _findings(make, session, sensor)


def _read(sensor: tuple[Reading, ...], sessions: list[Session], make: Make) -> tuple[Reading, ...]:
    lows = [reading.at.epoch_s for reading in sensor if reading.glucose.is_below(LEVEL_1.pair)]
    stretches = telling_stretches(sessions, lows, make.at(9000))
    return tuple(r for r in sensor if any(since <= r.at.epoch_s <= until for since, until in stretches))


def _findings(make: Make, session: Session, readings: tuple[Reading, ...]) -> object:
    paired = pair(session, readings)
    change = session_change(session, paired)
    return session_findings(
        SessionFacts(person=make.person(), session=session, paired=paired, change=change, readings=readings)
    )
