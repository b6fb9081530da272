"""Laws of the watch: the future, the clock, the order of rows and the unit change nothing."""

from __future__ import annotations

import random
from dataclasses import replace

from glucolog.core.records import InsulinKind
from glucolog.core.units import MG_DL_PER_MMOL_L, Glucose, Source, Unit
from glucolog.core.watch import Alarm, CarbsEaten, DoseTaken, Event, GlucoseSeen, WatchFacts, replay
from hypothesis import given, settings
from hypothesis import strategies as st

FACTS = WatchFacts(session_start_min=0.0, from_min=0.0)

minutes = st.integers(-120, 240)
amounts = st.integers(40, 260).filter(lambda amount: amount not in {54, 70, 180})
"""Whole mg/dL, off the limits whose published pairs are no conversions of each other."""
readings = st.builds(
    lambda at, amount, meter: GlucoseSeen(
        at_min=at, glucose=Glucose(float(amount), Unit.MG_DL), source=Source.METER if meter else Source.CGM
    ),
    minutes, amounts, st.booleans(),
)  # fmt: skip
doses = st.builds(
    lambda at, units: DoseTaken(at_min=at, units=units / 4, kind=InsulinKind.RAPID), minutes, st.integers(0, 40)
)
carbs = st.builds(lambda at, grams: CarbsEaten(at_min=at, grams=grams), minutes, st.integers(0, 60))


@st.composite
def walks(draw: st.DrawFn) -> list[Event]:
    """A sensor that wanders, with lost readings, and a few other events."""
    step, level = draw(st.sampled_from([5, 15])), draw(st.integers(70, 220))
    events: list[Event] = []
    for at in range(-60, 200, step):
        level = max(41, level + draw(st.integers(-2 * step, 2 * step - step // 5)))
        if draw(st.integers(0, 9)):
            amount = level + (level in {54, 70, 180})
            events.append(GlucoseSeen(at_min=at, glucose=Glucose(float(amount), Unit.MG_DL)))
    return events + draw(st.lists(st.one_of(readings, doses, carbs), max_size=6))


def essence(alarms: list[Alarm]) -> list[tuple[str, float]]:
    return [(alarm.kind.value, alarm.at_min) for alarm in alarms]


@settings(max_examples=60, deadline=None)
@given(walks(), st.integers(0, 240))
def test_truncating_the_future_changes_no_alarm(events: list[Event], cut: int) -> None:
    kept = [event for event in events if event.at_min <= cut]
    last = max((event.at_min for event in kept), default=-1e9)
    whole = [alarm for alarm in replay(events, FACTS) if alarm.at_min <= last]
    assert [alarm for alarm in replay(kept, FACTS) if alarm.at_min <= last] == whole


@settings(max_examples=60, deadline=None)
@given(walks(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(events: list[Event], rng: random.Random) -> None:
    shuffled = list(events)
    rng.shuffle(shuffled)
    assert replay(shuffled, FACTS) == replay(events, FACTS)


@settings(max_examples=60, deadline=None)
@given(walks())
def test_rows_given_twice_change_nothing(events: list[Event]) -> None:
    twice = events + [event for event in events if isinstance(event, GlucoseSeen)]
    assert replay(twice, FACTS) == replay(events, FACTS)


@settings(max_examples=60, deadline=None)
@given(walks(), st.sampled_from([-1440, 64, 525_600]))
def test_a_shift_of_all_times_shifts_the_alarms(events: list[Event], shift: int) -> None:
    moved = [replace(event, at_min=event.at_min + shift) for event in events]
    facts = WatchFacts(session_start_min=float(shift), from_min=float(shift))
    expected = [(kind, at + shift) for kind, at in essence(replay(events, FACTS))]
    assert essence(replay(moved, facts)) == expected


def in_mmol(event: Event) -> Event:
    if not isinstance(event, GlucoseSeen):
        return event
    return replace(event, glucose=Glucose(event.glucose.amount / MG_DL_PER_MMOL_L, Unit.MMOL_L))


@settings(max_examples=60, deadline=None)
@given(walks())
def test_a_change_of_unit_changes_nothing(events: list[Event]) -> None:
    assert essence(replay([in_mmol(event) for event in events], FACTS)) == essence(replay(events, FACTS))


@settings(max_examples=60, deadline=None)
@given(walks())
def test_every_reason_is_one_sentence(events: list[Event]) -> None:
    for alarm in replay(events, FACTS):
        assert alarm.reason.endswith(".")
        assert alarm.reason.count(". ") == 0
        assert "\n" not in alarm.reason
        assert "nan" not in alarm.reason
