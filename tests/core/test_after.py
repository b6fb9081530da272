"""The recheck plan: marks, windows with their closed side, bedtime, and the plan for a low."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from glucolog.core.after import Status, ends_after_16, low_plan, recheck_plan
from glucolog.core.moments import parse_minute_of_day, parse_when
from glucolog.core.records import Carbs, Phase, Therapy
from glucolog.core.units import Unit
from glucolog.services.identity import new_id
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.core.conftest import Make


def test_the_marks_are_0_30_60_and_120_min(make: Make) -> None:
    plan = recheck_plan(make.person(), make.session(), [], make.at(30))
    assert [(check.name, check.at) for check in plan.checks] == [
        ("0", make.at(30)),
        ("30", make.at(60)),
        ("60", make.at(90)),
        ("120", make.at(150)),
    ]
    assert [check.status for check in plan.checks] == [Status.DUE, *[Status.UPCOMING] * 3]
    assert plan.next == plan.checks[0]


@pytest.mark.parametrize(
    ("minute", "done"),
    [(29, None), (30, "0"), (44, "0"), (45, "30"), (74, "30"), (75, "60"), (119, "60"), (120, "120"),
     (209, "120"), (210, None)],
)  # fmt: skip
def test_a_reading_counts_for_the_check_it_falls_into(make: Make, minute: float, done: str | None) -> None:
    plan = recheck_plan(make.person(), make.session(), [make.reading(minute, 120)], make.at(600))
    assert [check.name for check in plan.checks if check.status is Status.DONE] == ([done] if done else [])


def test_a_check_is_missed_when_its_window_is_over(make: Make) -> None:
    plan = recheck_plan(make.person(), make.session(), [], make.at(75))
    assert [check.name for check in plan.missed] == ["0", "30"]
    assert plan.next is not None
    assert (plan.next.name, plan.next.status) == ("60", Status.DUE)


def test_a_linked_after_reading_counts_for_the_first_check(make: Make) -> None:
    after = make.reading(50, 120)
    plan = recheck_plan(make.person(), make.session(links=[(after, Phase.AFTER)]), [after], make.at(51))
    assert plan.checks[0].reading == after


def test_sensor_readings_count_too(make: Make) -> None:
    trace = make.cgm((minute, 120) for minute in range(0, 240, 5))
    plan = recheck_plan(make.person(), make.session(), trace, make.at(240))
    assert {check.status for check in plan.checks} == {Status.DONE}


@pytest.mark.parametrize(("minute", "bedtime"), [(239, False), (240, False), (240.02, True), (420, True), (660, True)])
def test_bedtime_joins_after_16_00_local(make: Make, minute: float, bedtime: bool) -> None:
    session = make.session(minute - 30, minute)
    plan = recheck_plan(make.person(), session, [], make.at(minute))
    assert ("bedtime" in [check.name for check in plan.checks]) is bedtime
    assert session.end is not None
    assert ends_after_16(session.end) is bedtime


def test_bedtime_is_on_the_persons_clock(make_berlin: Make) -> None:
    # 16:30 in Berlin is 15:30 UTC; bedtime 22:00 there is 21:00 UTC
    plan = recheck_plan(make_berlin.person(), make_berlin.session(180, 210), [], make_berlin.at(210))
    assert plan.checks[-1].at == make_berlin.at(540)


@pytest.mark.parametrize(
    ("end", "bedtime", "check"),
    [
        ("29T17:00", None, "29T22:00"), ("29T17:00", "23:30", "29T23:30"), ("29T17:00", "21:00", "29T21:00"),
        ("29T22:30", "22:00", "29T22:30"), ("29T17:00", "00:30", "30T00:30"), ("30T00:10", "00:30", "30T00:30"),
        ("30T00:40", "00:30", None), ("29T16:00", "22:00", None), ("29T16:01", "08:00", "30T08:00"),
        ("29T09:00", "08:00", None), ("29T07:00", "08:00", "29T08:00"), ("29T17:00", "16:00", "30T16:00"),
    ],
)  # fmt: skip
def test_bedtime_is_the_persons_own(make: Make, end: str, bedtime: str | None, check: str | None) -> None:
    minute = None if bedtime is None else parse_minute_of_day(bedtime)
    ended = parse_when(f"2026-01-{end}", make.at(0))
    from_min = ended.minutes_since(make.at(0))
    plan = recheck_plan(make.person(bedtime_minute=minute), make.session(from_min - 30, from_min), [], ended)
    found = [one.at for one in plan.checks if one.name == "bedtime"]
    assert found == ([parse_when(f"2026-01-{check}", make.at(0))] if check else [])


@pytest.mark.parametrize(
    ("end", "bedtime", "minute", "done"),
    [
        # bed at 23:00: what is measured at 22:15 is 45 min old by then, at 22:30 it is still recent
        ("21:00", "23:00", "22:15", False), ("21:00", "23:00", "22:29", False), ("21:00", "23:00", "22:30", True),
        ("21:00", "23:00", "23:00", True), ("21:00", "23:00", "00:59", True), ("21:00", "23:00", "01:00", False),
        # ended at 22:45: what is measured before the end is none after it
        ("22:45", "23:00", "22:44", False), ("22:45", "23:00", "22:45", True), ("22:45", "23:00", "23:15", True),
        # ended after the usual bedtime: the check before bed is the one at the end
        ("22:30", None, "22:29", False), ("22:30", None, "22:30", True), ("22:30", None, "23:00", True),
    ],
)  # fmt: skip
def test_a_reading_counts_before_bed_while_it_is_recent_at_bedtime(
    make: Make, end: str, bedtime: str | None, minute: str, done: bool
) -> None:
    noon = make.at(0)
    usual = None if bedtime is None else parse_minute_of_day(bedtime)
    ended = parse_when(end, noon).minutes_since(noon)
    read = parse_when(minute, noon).minutes_since(noon) + (1440 if minute < "12:00" else 0)
    plan = recheck_plan(
        make.person(bedtime_minute=usual), make.session(ended - 30, ended), [make.reading(read, 120)], make.at(1200)
    )
    (check,) = [one for one in plan.checks if one.name == "bedtime"]
    assert check.status is (Status.DONE if done else Status.MISSED)


def test_before_bed_says_what_counts(make: Make) -> None:
    plan = recheck_plan(make.person(bedtime_minute=23 * 60), make.session(480, 510), [], make.at(510))
    assert plan.checks[-1].message == (
        "Check before bed; from 22:30 on it counts. If you go to bed earlier, check then all the same."
    )


@pytest.mark.parametrize("cgm", [True, False])
def test_the_reading_nearest_to_a_check_is_its_own(make: Make, cgm: bool) -> None:
    readings = [make.reading(minute, 120, cgm=cgm) for minute in (46, 58, 63, 70)]
    plan = recheck_plan(make.person(), make.session(), readings, make.at(80))
    assert plan.checks[1].reading == readings[1]


@pytest.mark.parametrize(
    ("amount", "unit", "low"),
    [(70, Unit.MG_DL, False), (69, Unit.MG_DL, True), (3.9, Unit.MMOL_L, False), (3.8, Unit.MMOL_L, True)],
)
def test_a_low_adds_its_check_and_the_rule_of_15(make: Make, amount: float, unit: Unit, low: bool) -> None:
    plan = recheck_plan(make.person(), make.session(), [make.reading(62, amount, unit)], make.at(70))
    assert (plan.low is not None) is low
    assert ("after low" in [check.name for check in plan.checks]) is low
    if plan.low:
        assert plan.low.steps[0] == "About 15 g of fast carbohydrate."
        assert [found.minutes_after_end for found in plan.lows] == [32]


@pytest.mark.parametrize(("now", "clock"), [(70, "13:02"), (718, "13:02"), (720, "Thu 13:02")])
def test_a_low_of_another_day_is_told_with_its_day(make: Make, now: float, clock: str) -> None:
    plan = recheck_plan(make.person(), make.session(), [make.reading(62, 60)], make.at(now))
    assert plan.low is not None
    assert plan.low.message == f"Your last reading, 60 mg/dL at {clock}, is below 70 mg/dL."


def test_the_check_after_a_low_stays_due(make: Make) -> None:
    plan = recheck_plan(make.person(), make.session(), [make.reading(62, 60)], make.at(300))
    assert plan.next is not None
    assert (plan.next.name, plan.next.status) == ("after low", Status.DUE)


def test_the_persons_plan_is_in_their_own_words(make: Make) -> None:
    person = make.person(low_plan="Two {dextrose} sweets, then bread.")
    plan = recheck_plan(person, make.session(), [make.reading(62, 60)], make.at(70))
    assert plan.low is not None
    assert plan.low.steps[0] == "Your plan: Two {dextrose} sweets, then bread."


@pytest.mark.parametrize(
    ("eaten_at", "treatment", "now", "steps"),
    [
        (61, True, 62, ("15 g of carbohydrate to treat it are logged at 13:01.", "Check again at 13:16.")),
        (61, True, 76, ("15 g of carbohydrate to treat it are logged at 13:01.", "Check again now.")),
        (61, False, 62, ("About 15 g of fast carbohydrate.", "Check again after 15 min.")),
        (59, True, 62, ("About 15 g of fast carbohydrate.", "Check again after 15 min.")),
        (70, True, 62, ("About 15 g of fast carbohydrate.", "Check again after 15 min.")),
    ],
)
def test_what_was_eaten_for_a_low_is_not_asked_for_again(
    make: Make, eaten_at: float, treatment: bool, now: float, steps: tuple[str, str]
) -> None:
    eaten = Carbs(id=new_id(), person_id=make.person().id, at=make.at(eaten_at), grams=15, treatment=treatment)
    plan = low_plan(make.person(), [make.reading(60, 62)], make.at(now), [eaten])
    assert plan is not None
    assert plan.steps[:2] == steps
    assert plan.steps[2].startswith("Repeat")
    assert plan.emergency.startswith("If someone can't swallow")
    assert (plan.recheck_at == make.at(eaten_at + 15)) is (steps[0][0].isdigit())


def test_a_treated_low_ends_it(make: Make) -> None:
    readings = [make.reading(62, 60), make.reading(78, 95)]
    assert recheck_plan(make.person(), make.session(), readings, make.at(80)).low is None


@pytest.mark.parametrize(
    ("stick", "sensor", "now", "low"),
    [(60, 90, 65, 60), (60, 90, 77, 60), (60, 90, 77.02, None), (60, 55, 65, 55), (95, 60, 65, 60), (95, 90, 65, None)],
)
def test_a_sensor_does_not_end_the_low_of_a_finger_stick_within_15_min(
    make: Make, stick: float, sensor: float, now: float, low: float | None
) -> None:
    readings = [make.reading(62, stick), make.reading(64, sensor, cgm=True)]
    plan = recheck_plan(make.person(), make.session(), readings, make.at(now)).low
    assert (plan and plan.reading.glucose.amount) == low
    assert not plan or plan.message.startswith("Your finger-stick, 60" if sensor == 90 else "Your last reading")


def test_a_running_session_has_no_checks(make: Make) -> None:
    assert recheck_plan(make.person(), make.session(end=None), [], make.at(10)).checks == ()


@given(
    st.lists(st.tuples(st.integers(-60, 900), st.integers(20, 400), st.booleans()), max_size=12), st.integers(-60, 900)
)
def test_readings_of_the_future_change_nothing(make: Make, points: list[tuple[int, int, bool]], now: int) -> None:
    readings = [make.reading(minute, amount, cgm=cgm) for minute, amount, cgm in points]
    known = [reading for reading in readings if reading.at <= make.at(now)]
    plans = [
        recheck_plan(make.person(Therapy.NONE), make.session(), some, make.at(now)) for some in (readings, known[::-1])
    ]
    assert plans[0] == plans[1]
