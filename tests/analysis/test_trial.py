"""The randomised trial: the schedule, what counts as a day, and the test that redraws it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import combinations

import numpy as np
import pytest
from glucolog.analysis.effect_text import say_trial
from glucolog.analysis.grades import Grade
from glucolog.analysis.trace import GlucoseArrays, from_columns
from glucolog.analysis.trial import TrialInput, TrialPlan, analyse_trial, checked_plan, schedule, trial_days
from glucolog.core.moments import Moment, zone_info
from glucolog.core.records import Session
from glucolog.core.units import Source, Unit
from glucolog.core.wording import effect as words
from glucolog.errors import RefusedError
from hypothesis import given, settings
from hypothesis import strategies as st

FIRST = date(2026, 1, 5)
FIRST_S = 1_767_571_200  # 2026-01-05 00:00 UTC
PLAN = TrialPlan(start_day=FIRST, weeks=8, per_week=3, seed=7, planned_minute=18 * 60, zone="UTC")
AFTER = PLAN.last_day + timedelta(days=1)


def readings(plan: TrialPlan, drops: list[float | None]) -> GlucoseArrays:
    """Readings at the planned time and two hours later, lower by each day's drop; none on days of None."""
    pairs = [
        (FIRST_S + day * 86_400 + plan.planned_minute * 60 + later * 7200, 150 - later * drop)
        for day, drop in enumerate(drops)
        if drop is not None
        for later in (0, 1)
    ]
    at_s = np.array([at for at, _ in pairs], dtype=np.int64)
    return from_columns(
        source=Source.METER,
        at_s=at_s,
        offset_s=np.zeros_like(at_s),
        amount=np.array([amount for _, amount in pairs], dtype=np.float64),
        is_mmol_l=np.zeros(at_s.size, dtype=np.bool_),
        censored=np.zeros(at_s.size, dtype=np.int8),
    )


def asked(plan: TrialPlan, drops: list[float | None], today: date = AFTER) -> TrialInput:
    return TrialInput(plan=plan, cgm=None, meter=readings(plan, drops), sessions=(), today=today)


def drops_of(plan: TrialPlan, effect: float, seed: int = 3) -> list[float | None]:
    noise = np.random.default_rng(seed).normal(0, 12, plan.weeks * 7)
    return [float(noise[at] + effect * day.massage) for at, day in enumerate(schedule(plan))]


@given(st.integers(0, 2**40), st.integers(1, 12), st.integers(1, 6))
def test_every_week_has_its_massage_days(seed: int, weeks: int, per_week: int) -> None:
    plan = replace(PLAN, seed=seed, weeks=weeks, per_week=per_week)
    days = schedule(plan)
    assert [day.day for day in days] == [FIRST + timedelta(days=at) for at in range(7 * weeks)]
    for week in range(weeks):
        assert sum(day.massage for day in days if day.week == week) == per_week


def test_a_stored_seed_draws_the_same_days_for_ever() -> None:
    # SHA-256 of "7:0:0" … "7:0:6": the three smallest are drawn; worked out with sha256sum
    drawn = [at for at, day in enumerate(schedule(PLAN)[:7]) if day.massage]
    assert drawn == [3, 4, 5]


def test_each_day_of_the_week_is_as_likely() -> None:
    days = schedule(replace(PLAN, weeks=2000))
    counts = np.bincount([at % 7 for at, day in enumerate(days) if day.massage])
    assert counts == pytest.approx(np.full(7, 2000 * 3 / 7), rel=0.1)


@pytest.mark.parametrize(("weeks", "per_week"), [(8, 0), (8, 7), (2, 3), (7, 1), (3, 5)])
def test_a_plan_no_trial_can_come_of_is_refused(weeks: int, per_week: int) -> None:
    with pytest.raises(RefusedError):
        checked_plan(replace(PLAN, weeks=weeks, per_week=per_week))


def test_a_plan_with_eight_days_of_each_kind_is_taken() -> None:
    assert checked_plan(replace(PLAN, weeks=3)) == replace(PLAN, weeks=3)
    assert checked_plan(replace(PLAN, weeks=8, per_week=1)) == replace(PLAN, weeks=8, per_week=1)


def test_a_drop_on_massage_days_is_found() -> None:
    result = analyse_trial(asked(PLAN, drops_of(PLAN, 25)))
    assert (result.n_massage, result.n_rest, result.grade) == (24, 32, Grade.ESTIMATE)
    assert result.estimate_mg_dl == pytest.approx(25, abs=8)
    assert result.ci_low is not None
    assert result.ci_high is not None
    assert 0 < result.ci_low < 25 < result.ci_high
    assert result.p_value == 1 / 10_000


def test_the_p_value_is_that_of_every_possible_draw() -> None:
    plan = replace(PLAN, weeks=4, per_week=2)  # 21⁴ = 194,481 schedules, all tried here
    drops = [value or 0.0 for value in drops_of(plan, 12)]
    per_week = [list(combinations(range(7), 2))] * 4
    centred = np.array(drops).reshape(4, 7)
    centred = centred - centred.mean(axis=1, keepdims=True)
    sums = [np.array([sum(centred[week, list(pair)]) for pair in pairs]) for week, pairs in enumerate(per_week)]
    every = sums[0][:, None, None, None] + sums[1][:, None, None] + sums[2][:, None] + sums[3]
    made = sum(value for value, day in zip(centred.ravel(), schedule(plan), strict=True) if day.massage)
    expected = float(np.mean(np.abs(every) >= abs(made) - 1e-9))
    found = analyse_trial(asked(plan, list(drops), plan.last_day + timedelta(days=1)))
    assert found.p_value == pytest.approx(expected, abs=0.015)


def test_the_estimate_is_the_contrast_within_weeks() -> None:
    drops = drops_of(PLAN, 10)
    weekly = np.array([value or 0.0 for value in drops]).reshape(8, 7)
    drawn = np.array([day.massage for day in schedule(PLAN)]).reshape(8, 7)
    by_week = [float(weekly[week][drawn[week]].mean() - weekly[week][~drawn[week]].mean()) for week in range(8)]
    result = analyse_trial(asked(PLAN, drops))
    assert result.estimate_mg_dl == pytest.approx(float(np.mean(by_week)))  # equal weeks weigh the same


@settings(deadline=None, max_examples=15)
@given(st.floats(-60, 60))
def test_a_drop_added_on_massage_days_moves_the_interval_by_itself(more: float) -> None:
    plan = replace(PLAN, weeks=3)
    day_after = plan.last_day + timedelta(days=1)
    plain = analyse_trial(asked(plan, drops_of(plan, 0), day_after))
    moved = analyse_trial(asked(plan, drops_of(plan, more), day_after))
    assert plain.ci_low is not None
    assert plain.ci_high is not None
    assert moved.ci_low == pytest.approx(plain.ci_low + more, abs=1e-3)
    assert moved.ci_high == pytest.approx(plain.ci_high + more, abs=1e-3)


@pytest.mark.slow
def test_intervals_cover_a_drop_of_nothing_as_often_as_they_say() -> None:
    plan = replace(PLAN, weeks=4)
    hits = 0
    for seed in range(1000, 1200):
        drawn = replace(plan, seed=seed)
        result = analyse_trial(asked(drawn, drops_of(drawn, 0, seed), plan.last_day + timedelta(days=1)))
        assert result.ci_low is not None
        assert result.ci_high is not None
        hits += result.ci_low <= 0 <= result.ci_high
    assert 0.9 <= hits / 200 <= 0.99


def test_nobody_looks_before_the_last_day_is_over() -> None:
    result = analyse_trial(asked(PLAN, drops_of(PLAN, 25), PLAN.last_day))
    assert (result.grade, result.estimate_mg_dl) == (Grade.NONE, None)
    assert result.reason == words.TRIAL_RUNNING.format(last_day="2026-03-01")
    assert len(result.days) == 55


def test_days_without_readings_are_left_out_and_counted() -> None:
    drops = [None if at < 21 else value for at, value in enumerate(drops_of(PLAN, 25))]
    result = analyse_trial(asked(PLAN, drops))
    assert (result.n_massage, result.n_rest, result.n_missing, result.grade) == (15, 20, 21, Grade.EARLY)
    assert words.TRIAL_MISSING.format(n=21) in say_trial(result, PLAN, Unit.MG_DL)


def test_a_week_without_one_of_the_kinds_says_nothing() -> None:
    days = schedule(PLAN)
    drops = [None if day.week == 0 and day.massage else 5.0 for day in days]
    assert (analyse_trial(asked(PLAN, drops)).n_massage, analyse_trial(asked(PLAN, drops)).n_rest) == (21, 28)


def test_too_few_days_are_refused() -> None:
    result = analyse_trial(asked(PLAN, [5.0] * 14 + [None] * 42))
    assert (result.grade, result.reason) == (
        Grade.NONE,
        "Too few days with readings (6 with massage drawn, 8 without; each needs 8).",
    )


def test_days_count_as_they_were_drawn() -> None:
    days = schedule(PLAN)
    at_will = tuple(
        Session(
            id=str(at),
            person_id="p",
            start=Moment(FIRST_S + at * 86_400 + 65_000, "UTC"),
            end=Moment(FIRST_S + at * 86_400 + 66_000, "UTC"),
        )
        for at in range(0, 56, 2)
    )
    plain = asked(PLAN, drops_of(PLAN, 10))
    followed = analyse_trial(replace(plain, sessions=at_will))
    assert followed.estimate_mg_dl == analyse_trial(plain).estimate_mg_dl
    assert followed.n_kept == sum(day.massage for day in days[::2])
    assert followed.n_crossed == sum(not day.massage for day in days[::2])


def test_the_planned_time_is_on_the_local_clock_across_dst() -> None:
    plan = replace(PLAN, start_day=date(2026, 3, 23), weeks=1, zone="Europe/Berlin")
    at_18_local = [Moment.of(day, "Europe/Berlin").epoch_s for day in _evenings(plan)]
    at_s = np.array([at + later for at in at_18_local for later in (0, 7200)], dtype=np.int64)
    glucose = replace(
        readings(PLAN, [0.0] * 7), at_s=at_s, amount=np.tile([150.0, 140.0], 7), mg_dl=np.tile([150.0, 140.0], 7)
    )
    given_days = TrialInput(plan=plan, cgm=None, meter=glucose, sessions=(), today=date(2026, 4, 5))
    assert [day.drop_mg_dl for day in trial_days(given_days)] == [10.0] * 7


def _evenings(plan: TrialPlan) -> list[datetime]:
    return [datetime.combine(plan.start_day + timedelta(days=at), time(18), zone_info(plan.zone)) for at in range(7)]


def test_the_result_may_say_what_the_draw_did() -> None:
    result = replace(
        analyse_trial(asked(PLAN, drops_of(PLAN, 25))), estimate_mg_dl=24.6, ci_low=17.8, ci_high=31.2, p_value=0.0001
    )
    assert say_trial(result, PLAN, Unit.MG_DL)[0] == (
        "The days were drawn at random, so the difference between them is due to planning massage on a day, within the "
        "interval: glucose fell 25 mg/dL more in the 2 h after 18:00 on 24 massage days than on 32 other days (95 % "
        "interval 18 to 31, p 0.0001)."
    )
