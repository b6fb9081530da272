"""Filling plots from records and results: numbers worked out by hand."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from glucolog.analysis.agp import ambulatory_profile
from glucolog.analysis.metrics import consensus_metrics
from glucolog.analysis.trace import glucose_arrays
from glucolog.core.columns import Trace
from glucolog.core.findings import Finding, Level, Unassessed
from glucolog.core.moments import Moment
from glucolog.core.records import Dose, InsulinKind, Session
from glucolog.core.units import Source, Unit
from glucolog.plots import agp, aligned, calendar, overnight, session, trial
from glucolog.plots.theme import Scale

ZONE = "Europe/Berlin"
SCALE = Scale(unit=Unit.MG_DL, low=70, high=180)


def at(day: int, hour: int, minute: int = 0) -> Moment:
    return Moment.of(datetime(2026, 3, day, hour, minute, tzinfo=ZoneInfo(ZONE)), ZONE)


def trace(start: Moment, amounts: Sequence[float], step_s: int = 300) -> Trace:
    return Trace(
        source=Source.CGM, zone=ZONE, at_s=array("q", (start.epoch_s + step_s * step for step in range(len(amounts)))),
        amount=array("d", amounts), is_mmol_l=array("b", bytes(len(amounts))), censored=array("b", bytes(len(amounts))),
    )  # fmt: skip


def massage(start: Moment) -> Session:
    return Session(id=f"s{start.epoch_s}", person_id="p", start=start, end=start.plus(minutes=30))


def test_quartiles_over_three_sessions_at_one_offset() -> None:
    traces = [trace(at(day, 10), [level] * 12) for day, level in ((2, 100.0), (3, 140.0), (4, 200.0))]
    data = aligned.from_traces(traces, [massage(at(day, 10)) for day in (2, 3, 4)], SCALE)
    assert data.massage is not None
    assert data.massage.n == 3
    assert list(data.massage.minutes) == [0, 15, 30, 45, 60]  # the last reading is at 55 min, 5 min from the offset
    assert data.massage.p25_mg_dl[0] == 120  # between 100 and 140, type 7
    assert data.massage.p50_mg_dl[0] == 140
    assert data.massage.p75_mg_dl[0] == 170
    assert data.median_minutes == 30


def test_one_session_is_drawn_but_has_no_quartiles() -> None:
    data = aligned.from_traces([trace(at(2, 10), [100.0] * 12)], [massage(at(2, 10))], SCALE)
    assert len(data.curves) == 1
    assert data.massage is None


def test_one_session_is_drawn_as_its_own_curve_and_told_in_a_table() -> None:
    data = aligned.from_traces([trace(at(2, 10), [100.0] * 12)], [massage(at(2, 10))], SCALE)
    assert aligned.summary(data) == "Glucose around one session."
    assert len(aligned.figure(data).data) == 1
    cells = {row[0]: row[1] for row in aligned.table(data).rows}
    assert cells["30 min after the start"] == "100 mg/dL"
    assert cells["2 h after the start"] == "–"


def test_sessions_without_a_sensor_have_no_curve() -> None:
    assert aligned.from_traces([], [massage(at(2, 10))], SCALE) == aligned.AlignedData(scale=SCALE)


def test_the_usual_day_breaks_where_no_day_has_a_reading() -> None:
    readings = glucose_arrays(trace(at(2, 0), [100.0] * 12), trace(at(2, 6), [120.0] * 12))
    data = agp.from_profile(ambulatory_profile(readings), SCALE, [at(2, 6, 30)])
    assert list(data.session_minutes) == [390]
    assert data.thin
    assert [len(data.minute_of_day[each]) for each in agp.stretches(data.minute_of_day)] == [12, 12]


def test_no_profile_says_why() -> None:
    assert agp.from_profile(Unassessed("There is none."), SCALE).unassessed == "There is none."


def test_days_in_between_are_in_the_calendar() -> None:
    metrics = consensus_metrics(glucose_arrays(trace(at(2, 0), [60.0, 100, 100, 100])))
    low = massage(at(5, 10))
    data = calendar.from_days(metrics.per_day, [massage(at(2, 10)), low], [low], SCALE)
    assert [each.day.day for each in data.days] == [2, 3, 4, 5]
    assert data.days[0].percent_below_70 == 25
    assert data.days[1].percent_below_70 is None
    assert [each.n_sessions for each in data.days] == [1, 0, 0, 1]
    assert data.days[3].n_lows_after == 1


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0 %"), (0.3, "under 1 %"), (4, "4 %"), (99.8, "over 99 %"), (100, "100 %")]
)
def test_a_share_is_never_rounded_to_nothing_or_all(share: float, words: str) -> None:
    assert calendar.percent(share) == words


def test_a_night_belongs_to_the_session_of_the_evening_before() -> None:
    nights = [trace(at(day, 0), [110.0] * 30 + [60.0] * lows + [110.0] * (42 - lows)) for day, lows in ((3, 3), (4, 2))]
    data = overnight.from_traces(nights, [massage(at(2, 20))], SCALE)
    assert [(each.day, each.after_session, each.low) for each in data.nights] == [
        (date(2026, 3, 3), True, True),  # three readings of five minutes make 15
        (date(2026, 3, 4), False, False),
    ]


def test_a_night_with_little_of_it_measured_is_left_out() -> None:
    assert overnight.from_traces([trace(at(3, 0), [110.0] * 49)], [], SCALE).nights == ()  # 245 of 360 min


def test_insulin_on_board_is_drawn_every_five_minutes() -> None:
    dose = Dose(id="d", person_id="p", at=at(2, 9), units=4, kind=InsulinKind.RAPID)
    strip, model = session.iob_strip(massage(at(2, 10)), [dose])
    by_minute = {round(when.minutes_since(at(2, 10))): units for when, units in strip}
    assert by_minute[-120] == 0
    assert by_minute[0] == pytest.approx(4 * 0.779, abs=0.01)  # clinical reference, 75/360 at 60 min
    assert by_minute[60] == pytest.approx(4 * 0.450, abs=0.01)
    assert model
    assert session.iob_strip(massage(at(2, 10)), []) == ((), "")


def test_a_finding_stands_where_its_reading_was_taken() -> None:
    found = Finding(
        rule="low", level=Level.WARNING, message="m", inputs={"glucose_at": "2026-03-02T11:00:00+01:00"}, threshold={},
        citation="",
    )  # fmt: skip
    (placed,) = session.placed([found], ZONE)
    assert placed.at == at(2, 11)


def test_a_sensor_worn_by_day_alone_has_no_nights() -> None:
    data = overnight.from_traces([trace(at(2, 10), [100.0] * 12)], [massage(at(2, 10))], SCALE)
    assert data.nights == ()
    assert overnight.summary(data) == "There are no nights with sensor readings to compare."


def test_a_curve_holds_the_readings_from_an_hour_before_to_six_hours_after_both_included() -> None:
    around = trace(at(2, 8, 55), [100.0] * 86)  # every five minutes from 65 min before to 360 min after
    data = aligned.from_traces([around], [massage(at(2, 10))], SCALE)
    assert (data.curves[0].minutes[0], data.curves[0].minutes[-1]) == (-60, 360)
    assert len(data.curves[0].minutes) == 85


def test_the_bars_at_the_foot_count_what_began_in_each_quarter_of_an_hour() -> None:
    data = agp.AgpData(scale=SCALE, session_minutes=(390, 391, 404, 405, 0))
    assert agp.starts(data) == [(0, 1), (390, 3), (405, 1)]


def test_a_trial_shows_the_mean_of_each_arm_in_the_unit_of_the_person() -> None:
    days = [("massage", 18.01559), ("massage", 36.03118), ("rest", 0.0), ("massage", None)]
    data = trial.TrialData(
        scale=Scale(unit=Unit.MMOL_L, low=3.9, high=10.0),
        outcome="drop",
        days=tuple(trial.TrialDay(day=date(2026, 3, n), arm=arm, drop_mg_dl=d) for n, (arm, d) in enumerate(days, 1)),
    )
    drawn = trial.figure(data)
    assert [shape["y0"] for shape in drawn.layout["shapes"]] == pytest.approx([0, 1.5, 0])
    assert [piece["name"] for piece in drawn.data[:2]] == [
        "massage days (2), line: mean 1.5 mmol/L", "rest days (1), line: mean 0 mmol/L",
    ]  # fmt: skip
