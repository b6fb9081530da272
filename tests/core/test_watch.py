"""What the watch tells and what it keeps to itself, reading by reading."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from dataclasses import fields

import pytest
from glucolog.core import evidence_watch
from glucolog.core.citations import CITATIONS
from glucolog.core.evidence import Quantity
from glucolog.core.moments import Moment
from glucolog.core.records import Carbs, Dose, InsulinKind, Reading
from glucolog.core.units import Censored, Glucose, Source, Unit, censored_at
from glucolog.core.watch import (
    Alarm,
    AlarmKind,
    CarbsEaten,
    DoseTaken,
    Event,
    GlucoseSeen,
    Watch,
    WatchFacts,
    event_of,
    replay,
)
from glucolog.errors import RefusedError

PLAIN = WatchFacts(takes_insulin=False)
"""Nothing but glucose counts."""


def seen(at_min: float, amount: float, unit: Unit = Unit.MG_DL, source: Source = Source.CGM) -> GlucoseSeen:
    return GlucoseSeen(at_min=at_min, glucose=Glucose(amount, unit), source=source)


def every(step: float, amounts: Iterable[float], start: float = 0) -> list[Event]:
    return [seen(start + step * i, amount) for i, amount in enumerate(amounts)]


def told(events: Sequence[Event], facts: WatchFacts = PLAIN) -> list[tuple[str, float]]:
    return [(alarm.kind.value, alarm.at_min) for alarm in replay(events, facts)]


def kinds(events: Sequence[Event], facts: WatchFacts = PLAIN) -> set[str]:
    return {kind for kind, _ in told(events, facts)}


# thresholds, below, at and above, each in its own unit


@pytest.mark.parametrize(
    ("amount", "unit", "kind"),
    [
        (69, Unit.MG_DL, "low"), (70, Unit.MG_DL, None), (71, Unit.MG_DL, None),
        (3.8, Unit.MMOL_L, "low"), (3.9, Unit.MMOL_L, None), (4.0, Unit.MMOL_L, None),
        (53, Unit.MG_DL, "urgent_low"), (54, Unit.MG_DL, "low"), (55, Unit.MG_DL, "low"),
        (2.9, Unit.MMOL_L, "urgent_low"), (3.0, Unit.MMOL_L, "low"), (3.1, Unit.MMOL_L, "low"),
    ],
)  # fmt: skip
def test_a_finger_stick_is_told_by_the_number_of_its_own_unit(amount: float, unit: Unit, kind: str | None) -> None:
    assert kinds([seen(0, amount, unit, Source.METER)]) == ({kind} if kind else set())


def test_a_reason_is_one_sentence_in_the_typed_unit() -> None:
    (alarm,) = replay([seen(0, 3.5, Unit.MMOL_L, Source.METER)], PLAIN)
    assert alarm.reason == "Low: 3.5 mmol/L, below 3.9 mmol/L; treat it as your plan says and check again in 15 min."


# confirming


@pytest.mark.parametrize("step", [1, 5, 15])
@pytest.mark.parametrize("dip", [45, 55, 65])
def test_one_dip_of_a_steady_sensor_is_no_alarm(step: float, dip: float) -> None:
    steady = [130.0] * 12
    assert told(every(step, [*steady, dip, *steady])) == []


@pytest.mark.parametrize("step", [1, 5, 15])
def test_a_dip_that_stays_is_a_low_at_the_second_reading(step: float) -> None:
    assert told(every(step, [130.0] * 12 + [62, 61]))[0] == ("low", 13 * step)


def test_lo_alone_waits_and_lo_again_is_urgent() -> None:
    lo = censored_at(Censored.LOW, Unit.MG_DL, Source.CGM)
    steady = every(5, [120.0] * 12)
    once = [*steady, GlucoseSeen(at_min=60, glucose=lo)]
    assert told(once) == []
    assert told([*once, GlucoseSeen(at_min=65, glucose=lo)]) == [("urgent_low", 65)]
    (alarm,) = replay([*once, GlucoseSeen(at_min=65, glucose=lo)], PLAIN)
    assert "LO (below 40 mg/dL)" in alarm.reason


def test_a_low_on_the_way_down_waits_for_nothing() -> None:
    falling = [110.0, 104, 98, 92, 86, 80, 74, 68]
    assert ("low", 35) in told(every(5, falling))


def test_a_low_is_told_before_it_comes() -> None:
    alarms = replay(every(5, [130.0, 126, 121, 116, 111, 106, 101, 96, 91, 86, 81, 76, 71, 66]), PLAIN)
    assert alarms[0].kind is AlarmKind.LOW_SOON
    # glucose crosses 70 after 61 min
    assert 61 - alarms[0].at_min >= 15
    assert alarms[0].reason.startswith("Low may come soon: ")
    assert "falling 1.0 mg/dL/min" in alarms[0].reason


# silence


def test_high_and_falling_as_expected_is_silent() -> None:
    assert told(every(5, [300.0 - 10 * i for i in range(14)])) == []


@pytest.mark.parametrize(("step", "kind"), [(20, None), (21, None), (22, "falling_fast"), (24, "low_soon")])
def test_falling_fast_within_range_is_told_as_a_low_comes_into_reach(step: float, kind: str | None) -> None:
    # by the filter 3.48, 3.65 and 3.98 a minute from 144, 142 and 138: in 25 min, slowing in proportion, 78.4, 74.5
    # and 67.2 against 78 for a fast fall and 68 for a low
    assert kinds(every(5, [182.0, 182, 182, 182 - step, 182 - 2 * step])) == ({kind} if kind else set())


def test_a_fast_fall_is_said_with_its_rate() -> None:
    (alarm,) = replay(every(5, [182.0, 182, 182, 160, 138]), PLAIN)
    assert re.match(r"Falling fast: 138 mg/dL, falling 3[.]\d mg/dL/min; ", alarm.reason)


def test_a_steady_sensor_is_silent_all_night() -> None:
    assert told(every(5, [110.0] * 100)) == []


@pytest.mark.parametrize(("step", "silent_at"), [(1, 15), (5, 15), (15, 35)])
def test_no_data_comes_after_two_lost_readings_and_never_after_one(step: float, silent_at: float) -> None:
    steady = every(step, [120.0] * 12)
    last = steady[-1].at_min
    assert told([*steady, seen(last + 2 * step, 120)]) == []
    assert told([*steady, seen(last + 200, 120)])[0] == ("no_data", last + silent_at)


def test_a_silence_is_told_again_only_as_it_doubles() -> None:
    events = [*every(5, [120.0] * 12), seen(55 + 130, 120)]
    assert told(events) == [("no_data", 55 + 15), ("no_data", 55 + 30), ("no_data", 55 + 60), ("no_data", 55 + 120)]


def test_tick_tells_a_silence_that_no_reading_ends() -> None:
    watch = Watch(PLAIN)
    assert [watch.feed(event) for event in every(5, [120.0, 120, 120])] == [(), (), ()]
    assert watch.tick(24.9) == ()
    (alarm,) = watch.tick(25)
    assert (alarm.kind, alarm.reason) == (
        AlarmKind.NO_DATA, "No data: the last reading is 15 min old, so a low would go unseen; measure now.",
    )  # fmt: skip
    assert watch.tick(26) == ()


def test_a_watch_that_gets_nothing_says_so() -> None:
    watch = Watch(PLAIN)
    watch.tick(0)
    (alarm,) = watch.tick(15)
    assert alarm.reason == "No data: no reading for 15 min, so a low would go unseen; measure now."


def test_stale_low_readings_say_nothing_of_lows() -> None:
    watch = Watch(PLAIN)
    watch.tick(100)
    raised = [alarm for event in every(5, [60.0, 58, 52]) for alarm in watch.feed(event)]
    assert raised == []


def test_readings_out_of_order_teach_and_do_not_alarm() -> None:
    watch = Watch(PLAIN)
    assert watch.feed(seen(20, 100)) == ()
    assert watch.feed(seen(15, 60)) == ()


def test_a_duplicate_raises_nothing_twice() -> None:
    watch = Watch(PLAIN)
    assert len(watch.feed(seen(0, 60, source=Source.METER))) == 1
    assert watch.feed(seen(0, 60, source=Source.METER)) == ()


# repeats and snooze


def test_a_low_that_stays_is_told_every_half_hour() -> None:
    lows = [at for kind, at in told(every(5, [65.0] * 20)) if kind == "low"]
    assert lows == [0, 30, 60, 90]


def test_a_low_that_gets_worse_is_told_at_once_and_then_urgent() -> None:
    assert told(every(5, [69.0, 66, 63, 58, 53])) == [("low", 0), ("low", 15), ("urgent_low", 20)]


def test_carbs_set_the_next_look_at_fifteen_minutes() -> None:
    low = every(5, [65.0] * 12)
    eaten = [*low, CarbsEaten(at_min=2, grams=15)]
    assert [at for kind, at in told(eaten) if kind == "low"][:2] == [0, 20]


def feed_all(watch: Watch, events: Iterable[Event]) -> list[Alarm]:
    return [alarm for event in events for alarm in watch.feed(event)]


def test_snooze_quiets_its_own_kind_only_and_ends_when_worse() -> None:
    watch = Watch(PLAIN)
    assert [alarm.kind for alarm in feed_all(watch, every(5, [66.0]))] == [AlarmKind.LOW]
    watch.snooze(AlarmKind.LOW, 0, 60)
    assert feed_all(watch, every(5, [66.0] * 8, start=5)) == []
    assert [alarm.kind for alarm in feed_all(watch, every(5, [56.0], start=45))] == [AlarmKind.LOW]
    assert [alarm.kind for alarm in feed_all(watch, every(5, [50.0, 48], start=50))] == [AlarmKind.URGENT_LOW]


def test_no_data_can_be_snoozed() -> None:
    watch = Watch(PLAIN)
    watch.feed(seen(0, 120))
    watch.snooze(AlarmKind.NO_DATA, 10, 30)
    assert watch.tick(39) == ()
    assert [alarm.kind for alarm in watch.tick(40)] == [AlarmKind.NO_DATA]


@pytest.mark.parametrize("minutes", [0, -5, 60.1, 600])
def test_a_snooze_is_an_hour_at_most(minutes: float) -> None:
    with pytest.raises(RefusedError, match="60 min at most"):
        Watch(PLAIN).snooze(AlarmKind.LOW, 0, minutes)


def test_nothing_switches_an_alarm_off() -> None:
    assert {field.name for field in fields(WatchFacts)} == {
        "takes_insulin", "basal_only", "child", "session_start_min", "from_min", "origin", "unit",
    }  # fmt: skip
    assert list(inspect.signature(Watch.__init__).parameters) == ["self", "facts"]
    assert list(inspect.signature(replay).parameters) == ["events", "facts"]


# insulin, session, history


NEAR = [86.0, 85, 85, 86, 85, 86]


def test_insulin_still_acting_is_counted_and_said() -> None:
    taker = WatchFacts(takes_insulin=True)
    readings = every(5, NEAR)
    assert told(readings, taker) == []
    dosed = [DoseTaken(at_min=-45, units=15, kind=InsulinKind.RAPID), *readings]
    (alarm,) = replay(dosed, taker)
    assert alarm.kind is AlarmKind.LOW_SOON
    assert "insulin still acting" in alarm.reason
    long_acting = [DoseTaken(at_min=-45, units=15, kind=InsulinKind.LONG), *readings]
    assert told(long_acting, taker) == []


def test_insulin_not_known_is_said_and_never_quieter() -> None:
    readings = every(5, [94.0, 91, 88, 85, 82, 79])
    long_ago = DoseTaken(at_min=-1000, units=4, kind=InsulinKind.RAPID)
    quiet, careful = replay([long_ago, *readings], WatchFacts()), replay(readings, WatchFacts())
    assert careful[0].at_min <= quiet[0].at_min
    assert "insulin not known and counted as acting" in careful[0].reason


def test_who_takes_no_insulin_never_hears_of_it() -> None:
    events = [DoseTaken(at_min=-30, units=9, kind=InsulinKind.RAPID), *every(5, [94.0, 91, 86, 80, 75, 68, 60, 52])]
    alarms = replay(events, WatchFacts(takes_insulin=False))
    assert alarms
    assert not any("insulin" in alarm.reason for alarm in alarms)


def test_a_dose_still_to_come_does_not_make_doses_known() -> None:
    readings = every(5, [94.0, 91, 88, 85, 82])
    later = DoseTaken(at_min=100, units=4, kind=InsulinKind.RAPID)
    assert replay([*readings, later], WatchFacts())[:1] == replay(readings, WatchFacts())[:1]


def test_a_running_session_is_counted_on_the_careful_side() -> None:
    readings = every(5, [80.0, 80, 80])
    assert told(readings) == []
    in_session = WatchFacts(takes_insulin=False, session_start_min=0)
    # 10 mg/dL are counted at the start: 77 leads under 70 - 2, 78 to that itself
    assert told(every(5, [77.0, 77, 77]), in_session)[0] == ("low_soon", 0)
    assert told(every(5, [78.0, 78, 78]), in_session) == []


def test_what_was_before_the_watch_teaches_and_is_not_told() -> None:
    events = every(5, [66.0, 64, 62, 60], start=-15)
    assert told(events, WatchFacts(takes_insulin=False, from_min=0)) == [("low", 0)]


def test_finger_sticks_alone_are_watched() -> None:
    events = [seen(0, 120, source=Source.METER), seen(25, 72, source=Source.METER), seen(50, 66, source=Source.METER)]
    assert told(events) == [("low_soon", 25), ("low", 50)]
    assert told([*events, seen(110, 100, source=Source.METER)])[-1] == ("no_data", 80)


def test_records_are_placed_on_the_minutes_and_alarms_on_the_calendar() -> None:
    origin = Moment(1_767_268_800, "Europe/Berlin")
    reading = Reading(
        id="r", person_id="p", at=origin.plus(minutes=7), glucose=Glucose(60, Unit.MG_DL), source=Source.METER
    )
    dose = Dose(id="d", person_id="p", at=origin.plus(minutes=-30), units=4, kind=InsulinKind.RAPID)
    carbs = Carbs(id="c", person_id="p", at=origin, grams=15)
    assert event_of(dose, origin) == DoseTaken(at_min=-30, units=4, kind=InsulinKind.RAPID)
    assert event_of(carbs, origin) == CarbsEaten(at_min=0, grams=15)
    (alarm,) = replay([event_of(reading, origin)], WatchFacts(origin=origin))
    assert alarm.at == origin.plus(minutes=7)


def test_every_number_cites_a_source_that_exists() -> None:
    quantities = [value for value in vars(evidence_watch).values() if isinstance(value, Quantity)]
    assert len(quantities) > 15
    assert {quantity.citation for quantity in quantities} <= CITATIONS.keys()
    assert {repeat.citation for repeat in evidence_watch.REPEATS.values()} <= CITATIONS.keys()
