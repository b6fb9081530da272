"""Rows of a replay file: what is read, what is assumed, what is refused and why."""

from __future__ import annotations

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import InsulinKind
from glucolog.core.units import Censored, Glucose, Source, Unit
from glucolog.core.watch import (
    AlarmKind,
    CarbsEaten,
    DoseTaken,
    GlucoseSeen,
    Problem,
    WatchFacts,
    parse_replay,
    replay,
)


def test_minutes_from_the_start_with_doses_and_carbs() -> None:
    file = parse_replay(
        [
            {"at_min": "-5", "mg_dl": "142", "insulin_units": "", "carbs_g": ""},
            {"at_min": "-30", "mg_dl": "", "insulin_units": "4.5", "carbs_g": "30"},
        ]
    )
    assert file.events == (
        GlucoseSeen(at_min=-5, glucose=Glucose(142, Unit.MG_DL)),
        DoseTaken(at_min=-30, units=4.5, kind=InsulinKind.RAPID),
        CarbsEaten(at_min=-30, grams=30),
    )
    assert file.problems == ()
    assert (file.facts.session_start_min, file.facts.from_min, file.facts.origin) == (0, 0, None)


def test_times_count_from_the_first_in_time() -> None:
    file = parse_replay(
        [{"time": "2026-01-01T13:10:00+01:00", "mg_dl": "90"}, {"time": "2026-01-01T12:00:00Z", "mg_dl": "92"}]
    )
    assert [event.at_min for event in file.events] == [10, 0]
    assert file.facts.origin == Moment(1_767_268_800, "UTC")
    assert file.facts.session_start_min is None


def test_an_iso_time_may_stand_in_at_min_and_a_local_one_is_of_the_zone() -> None:
    file = parse_replay([{"at_min": "2026-01-01T13:00", "mg_dl": "90"}], zone="Europe/Berlin")
    assert file.facts.origin == Moment(1_767_268_800, "Europe/Berlin")


def test_lo_and_source() -> None:
    (event,) = parse_replay([{"at_min": "0", "mg_dl": "LO", "source": "meter"}]).events
    assert event == GlucoseSeen(at_min=0, glucose=Glucose(20, Unit.MG_DL, Censored.LOW), source=Source.METER)


def test_either_unit_as_it_was_typed() -> None:
    rows = [
        {"at_min": "0", "mmol_l": "3,9"},
        {"at_min": "5", "mmol_l": "LO"},
        {"at_min": "9", "mg_dl": "70", "mmol_l": "3.9"},
    ]
    seen = [event.glucose for event in parse_replay(rows).events if isinstance(event, GlucoseSeen)]
    assert seen == [
        Glucose(3.9, Unit.MMOL_L), Glucose(2.2, Unit.MMOL_L, Censored.LOW), Glucose(70, Unit.MG_DL),
    ]  # fmt: skip


def test_a_replay_is_told_as_the_person_would_have_heard_it() -> None:
    rows = [{"at_min": str(5 * i), "mg_dl": str(amount)} for i, amount in enumerate((120, 112, 104, 96, 88, 80))]
    none = WatchFacts(takes_insulin=False, unit=Unit.MMOL_L)
    told = replay((file := parse_replay(rows, person=none)).events, file.facts)
    assert [(alarm.kind, "mmol/L" in alarm.reason, "insulin" in alarm.reason) for alarm in told] == [
        (AlarmKind.LOW_SOON, True, False)
    ]
    assert parse_replay([*rows, {"at_min": "0", "insulin_units": "4"}], person=none).facts.takes_insulin


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"mg_dl": "90"}, "the row has neither at_min nor time"),
        ({"at_min": "x", "mg_dl": "90"}, "“x” in time is not a time"),
        ({"time": "2026-03-01T10:05", "mg_dl": "60"}, "the row has a time, where other rows count minutes"),
        ({"at_min": "2026-03-01T10:05Z", "mg_dl": "60"}, "the row has a time, where other rows count minutes"),
        ({"time": "soon", "mg_dl": "90"}, "“soon” in time is not a time"),
        ({"at_min": "0", "mg_dl": "ninety"}, "“ninety” in mg_dl is not a number"),
        ({"at_min": "0", "mg_dl": "nan"}, "“nan” in mg_dl is not a number"),
        ({"at_min": "inf", "mg_dl": "90"}, "“inf” in time is not a time"),
        ({"at_min": "0", "mg_dl": "5.6"}, "5.6 in mg_dl is outside what a device reports (20 to 600)"),
        ({"at_min": "0", "mmol_l": "90"}, "90 in mmol_l is outside what a device reports (1.1 to 33.3)"),
        ({"at_min": "1e300", "mg_dl": "90"}, "“1e300” in at_min is more than ten years off"),
        ({"at_min": "0", "insulin_units": "-4"}, "-4 in insulin_units is outside what can be meant (0 to 500)"),
        ({"at_min": "0", "insulin_units": "501"}, "501 in insulin_units is outside what can be meant (0 to 500)"),
        ({"at_min": "0", "carbs_g": "1e9"}, "1e9 in carbs_g is outside what can be meant (0 to 2000)"),
        ({"at_min": "0", "mg_dl": "90", "source": "guess"}, "“guess” in source is neither cgm nor meter"),
        ({"at_min": "0", "mg_dl": "", "carbs_g": None}, "the row has no mg_dl, mmol_l, insulin_units or carbs_g"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_problem_with_its_line(row: dict[str, str | None], reason: str) -> None:
    file = parse_replay([{"at_min": "0", "mg_dl": "100"}, row])
    assert file.problems == (Problem(3, reason),)
    assert len(file.events) == 1


ENDS = {"mg_dl": ("20", "600"), "mmol_l": ("1.1", "33.3")}


def test_the_ends_of_what_can_be_meant_are_read() -> None:
    rows = [{"at_min": "0", "insulin_units": units} for units in ("0", "500")]
    rows += [{"at_min": "0", "carbs_g": grams} for grams in ("0", "2000")]
    rows += [{"at_min": "0", column: text} for column in ("mg_dl", "mmol_l") for text in ENDS[column]]
    file = parse_replay([*rows, {"at_min": str(10 * 366 * 24 * 60), "mg_dl": "90"}])
    assert (len(file.events), file.problems) == (9, ())


def test_what_would_it_have_told() -> None:
    amounts = (120, 118, 112, 106, 100, 95, 90, 84, 78, 73, 67)
    rows = [{"at_min": str(5 * i), "mg_dl": str(amount), "insulin_units": ""} for i, amount in enumerate(amounts)]
    file = parse_replay([*rows, {"at_min": "-60", "insulin_units": "0"}])
    alarms = replay(file.events, file.facts)
    assert [alarm.kind.value for alarm in alarms] == ["low_soon", "low"]
    assert alarms[1].at_min == 50
