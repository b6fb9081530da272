"""Columns, outcomes and control windows on small logs whose numbers can be worked out by hand."""

from __future__ import annotations

from array import array
from dataclasses import replace

import numpy as np
import pytest
from glucolog.analysis import censoring, matching, outcomes
from glucolog.analysis.at_work import at_work, iob_shares
from glucolog.analysis.covariates import SENSOR, Background, Covariates, Problem, covariates_at
from glucolog.analysis.outcomes import Outcome, observe
from glucolog.analysis.trace import glucose_arrays
from glucolog.core.columns import Trace
from glucolog.core.insulin import ExponentialModel, insulin_on_board
from glucolog.core.moments import Moment
from glucolog.core.records import Activity, Carbs, Dose, InsulinKind
from glucolog.core.units import Source
from hypothesis import given
from hypothesis import strategies as st

T0 = 1_767_225_600  # 2026-01-01 00:00 UTC
HOUR = 3600


def log_of(
    mg_dl: list[float],
    *,
    every_min: int = 5,
    missing: tuple[int, ...] = (),
    censored: dict[int, int] | None = None,
    doses: tuple[Dose, ...] = (),
    carbs: tuple[Carbs, ...] = (),
    activities: tuple[Activity, ...] = (),
    zone: str = "UTC",
) -> Background:
    """Readings from T0 on, without those at the places in `missing`; `censored` by place."""
    kept = [place for place in range(len(mg_dl)) if place not in missing]
    trace = Trace(
        source=Source.CGM,
        zone=zone,
        at_s=array("q", [T0 + place * every_min * 60 for place in kept]),
        amount=array("d", [mg_dl[place] for place in kept]),
        is_mmol_l=array("b", [0] * len(kept)),
        censored=array("b", [(censored or {}).get(place, 0) for place in kept]),
    )
    work = at_work(doses, carbs, activities, child=False)
    return Background(glucose=glucose_arrays(trace), probe=SENSOR, at_work=work, zone=zone)


def at(*hours: float) -> np.ndarray:
    return np.array([T0 + round(hour * HOUR) for hour in hours], dtype=np.int64)


def bolus(hour: float, units: float, kind: InsulinKind = InsulinKind.RAPID, minutes: float | None = None) -> Dose:
    return Dose(
        id=f"d{hour}", person_id="p", at=Moment(int(at(hour)[0]), "UTC"), units=units, kind=kind, duration_min=minutes
    )


def meal(hour: float, grams: float) -> Carbs:
    return Carbs(id=f"c{hour}", person_id="p", at=Moment(int(at(hour)[0]), "UTC"), grams=grams)


def move(hour: float, minutes: float | None, intensity: str | None = None, kind: str = "walk") -> Activity:
    return Activity(
        id=f"a{hour}",
        person_id="p",
        at=Moment(int(at(hour)[0]), "UTC"),
        kind=kind,
        minutes=minutes,
        intensity=intensity,
    )


def test_shares_on_board_are_the_published_ones() -> None:
    # LoopKit's exponential model, 75/360 and 55/360, at 60, 120, 180 and 240 min
    minutes = np.array([60.0, 120.0, 180.0, 240.0])
    assert iob_shares(minutes, ExponentialModel(75, 360)) == pytest.approx([0.779, 0.450, 0.208, 0.073], abs=5e-4)
    assert iob_shares(minutes, ExponentialModel(55, 360)) == pytest.approx([0.681, 0.314, 0.115, 0.032], abs=5e-4)


@given(
    st.lists(st.tuples(st.floats(0, 12), st.floats(0.1, 15), st.sampled_from(list(InsulinKind))), max_size=6),
    st.floats(1, 14),
)
def test_many_instants_at_once_agree_with_the_rules_model(
    given_doses: list[tuple[float, float, InsulinKind]], hour: float
) -> None:
    doses = tuple(bolus(when, units, kind) for when, units, kind in given_doses)
    moment = Moment(int(at(hour)[0]), "UTC")
    likeliest = {InsulinKind.UNKNOWN: InsulinKind.RAPID}
    known = tuple(bolus(when, units, likeliest.get(kind, kind)) for when, units, kind in given_doses)
    expected = insulin_on_board(known, moment).units
    columns = covariates_at(at(hour), log_of([100.0] * 200, doses=doses)).columns
    assert columns.get("iob_units", np.zeros(1))[0] == pytest.approx(expected, abs=1e-5)


def test_a_dose_over_time_is_on_board_as_the_rules_model_has_it() -> None:
    doses = (bolus(1, 4.0, minutes=120),)
    expected = insulin_on_board(doses, Moment(int(at(4)[0]), "UTC")).units
    columns = covariates_at(at(4), log_of([100.0] * 60, doses=doses)).columns
    assert columns["iob_units"][0] == pytest.approx(expected, abs=0.01)


def test_insulin_ahead_is_what_leaves_the_board_in_two_hours() -> None:
    columns = covariates_at(at(2), log_of([100.0] * 40, doses=(bolus(1, 10.0),))).columns
    assert columns["iob_units"][0] == pytest.approx(7.79, abs=0.005)
    assert columns["insulin_ahead_units"][0] == pytest.approx(7.79 - 2.08, abs=0.01)  # on board at 60 less at 180 min
    assert columns["since_bolus_min"][0] == 60


def test_carbs_are_absorbed_evenly_over_three_hours() -> None:
    columns = covariates_at(at(2), log_of([100.0] * 40, carbs=(meal(1, 60), meal(1.5, 30), meal(3, 50)))).columns
    assert columns["carbs_left_g"][0] == pytest.approx(60 * 2 / 3 + 30 * 5 / 6)
    assert columns["carbs_ahead_g"][0] == pytest.approx(60 * 2 / 3 + 30 * 4 / 6)


def test_exertion_fades_by_half_in_two_hours() -> None:
    walks = (move(1, 30), move(2, 10, "hard"), move(4, 60))
    columns = covariates_at(at(3), log_of([100.0] * 40, activities=walks)).columns
    # 30 min with their middle 105 min back; 10 hard ones count 20, their middle 55 min back; the third is to come
    assert columns["exertion_min"][0] == pytest.approx(30 * 2 ** (-105 / 120) + 20 * 2 ** (-55 / 120), rel=2e-3)
    assert "heat_min" not in columns


def test_of_an_activity_that_runs_only_what_was_done_enters() -> None:
    columns = covariates_at(at(3), log_of([100.0] * 40, activities=(move(2.5, 60),))).columns
    assert columns["exertion_min"][0] == pytest.approx(30 * 2 ** (-15 / 120), rel=2e-3)


def test_a_sauna_is_heat_and_no_exertion() -> None:
    columns = covariates_at(at(3), log_of([100.0] * 40, activities=(move(2, 20, kind="sauna"),))).columns
    assert columns["heat_min"][0] == pytest.approx(20 * 2 ** (-50 / 120), rel=2e-3)
    assert "exertion_min" not in columns


def test_an_activity_of_unknown_length_counts_half_an_hour() -> None:
    known, unknown = (
        covariates_at(at(3), log_of([100.0] * 40, activities=(move(2, minutes),))).columns["exertion_min"][0]
        for minutes in (30, None)
    )
    assert known == unknown > 0


def test_what_is_not_logged_has_no_column() -> None:
    assert set(covariates_at(at(2), log_of([100.0] * 40)).columns) == {
        "glucose_mg_dl", "slope_mg_dl_per_min", "kink_mg_dl", "earlier_mg_dl",
    }  # fmt: skip


def test_a_straight_line_has_its_slope_and_no_kink() -> None:
    columns = covariates_at(at(2), log_of([100 + 2.0 * place for place in range(40)])).columns  # 2 mg/dL each 5 min
    assert columns["glucose_mg_dl"][0] == 100 + 2 * 24
    assert columns["slope_mg_dl_per_min"][0] == pytest.approx(0.4)
    assert columns["kink_mg_dl"][0] == pytest.approx(0, abs=1e-9)
    assert columns["earlier_mg_dl"][0] == pytest.approx(100 + 2 * (12 + 18) / 2)


def test_a_jump_of_the_last_reading_is_a_kink() -> None:
    columns = covariates_at(at(2), log_of([100.0] * 24 + [114.0])).columns
    # least squares through six 100s and a 114, 5 min apart: mean 102, slope 14·15/700 = 0.3, 102 + 0.3·15 at the end
    assert columns["slope_mg_dl_per_min"][0] == pytest.approx(0.3)
    assert columns["kink_mg_dl"][0] == pytest.approx(114 - 106.5)


@pytest.mark.parametrize(
    ("log", "problem"),
    [
        (log_of([100.0] * 40), Problem.NONE),
        (log_of([100.0] * 20), Problem.NO_READING),  # last reading 25 min old
        (log_of([100.0] * 22), Problem.NONE),  # last reading 15 min old, closed
        (log_of([100.0] * 40, missing=(20, 21)), Problem.NO_TREND),
        (log_of([100.0] * 40, missing=(20,)), Problem.NONE),  # one lost reading is no gap
        (log_of([100.0] * 40, missing=tuple(range(12, 19))), Problem.NO_TREND),  # nothing from −60 to −30 min
        (log_of([100.0] * 40, censored={24: -1}), Problem.CENSORED),
        (log_of([100.0] * 40, censored={21: 1}), Problem.NO_TREND),
    ],
)
def test_a_start_that_cannot_be_read_is_named(log: Background, problem: Problem) -> None:
    found = covariates_at(at(2), log)
    assert Problem(int(found.problem[0])) is problem
    assert all(np.isfinite(values).all() for values in found.columns.values())


def test_nothing_after_the_instant_enters() -> None:
    early = log_of(
        [100.0 + place % 7 for place in range(25)],
        doses=(bolus(1, 4),),
        carbs=(meal(1, 20),),
        activities=(move(1.5, 20),),
    )
    late = log_of(
        [100.0 + place % 7 for place in range(25)] + [300.0] * 20,
        doses=(bolus(1, 4), bolus(2.1, 9)),
        carbs=(meal(1, 20), meal(2.1, 90)),
        activities=(move(1.5, 20), move(2.1, 60)),
    )
    one, other = covariates_at(at(2), early), covariates_at(at(2), late)
    assert {name: values[0] for name, values in one.columns.items()} == {
        name: values[0] for name, values in other.columns.items()
    }


# glucose falls by 1 mg/dL each 5 min from 100 at T0: at hour h it is 100 − 12 h
FALLING = [100.0 - place for place in range(97)]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome.CHANGE_60, 12.0),
        (Outcome.CHANGE_120, 24.0),
        (Outcome.CHANGE_240, 48.0),
        (Outcome.CHANGE_END, 6.0),  # 30 min
        (Outcome.NADIR, 48.0),
        (Outcome.BELOW_70, 5.0 * 30),  # from 88 at hour 1; 69 is place 31, until place 60 inclusive
    ],
)
def test_outcomes_of_a_steady_fall(outcome: Outcome, expected: float) -> None:
    found = observe(outcome, at(1), np.array([88.0]), 30, log_of(FALLING))
    assert found.known[0]
    assert found.values[0] == expected


def test_a_night_is_the_next_local_midnight_to_six() -> None:
    midnight_kathmandu_h = 24 - 5.75  # UTC+05:45
    mg_dl = [100.0] * (48 * 12)
    for place in range(round(midnight_kathmandu_h * 12) + 1, round(midnight_kathmandu_h * 12) + 7):
        mg_dl[place] = 65.0
    log = log_of(mg_dl, zone="Asia/Kathmandu")
    assert outcomes.next_midnight_s(at(3), "Asia/Kathmandu") == at(midnight_kathmandu_h)
    assert observe(Outcome.NIGHT_BELOW_70, at(3), np.array([100.0]), 0, log).values[0] == 30


@pytest.mark.parametrize("outcome", [Outcome.NADIR, Outcome.BELOW_70])
def test_a_gap_in_the_hours_after_is_not_bridged(outcome: Outcome) -> None:
    assert not observe(outcome, at(1), np.array([88.0]), 0, log_of(FALLING, missing=(30, 31, 32))).known[0]
    assert observe(outcome, at(1), np.array([88.0]), 0, log_of(FALLING, missing=(30,))).known[0]


def test_the_reading_of_a_drop_is_within_ten_minutes() -> None:
    due = 36  # place of hour 3
    near = log_of(FALLING, missing=(due, due + 1))
    assert observe(Outcome.CHANGE_120, at(1), np.array([88.0]), 0, near).values[0] == 23  # 5 min before
    far = log_of(FALLING, missing=tuple(range(due - 2, due + 3)))
    assert not observe(Outcome.CHANGE_120, at(1), np.array([88.0]), 0, far).known[0]


def test_a_low_reading_in_the_outcome_is_marked() -> None:
    found = observe(Outcome.CHANGE_120, at(1), np.array([88.0]), 0, log_of(FALLING, censored={36: -1}))
    assert (found.known[0], found.censored[0]) == (True, True)


def test_a_running_session_has_no_end() -> None:
    assert not observe(Outcome.CHANGE_END, at(1), np.array([88.0]), 0, log_of(FALLING)).known[0]


def test_a_control_window_begins_six_hours_after_every_session() -> None:
    busy = matching.busy_time(at(20, 10), at(20.5, 11))  # any order
    found = busy.is_over(at(3, 9.99, 10, 16.99, 17, 19.9, 26.49, 26.5))
    assert found.tolist() == [True, True, False, False, True, True, False, True]


def test_six_hours_count_from_the_latest_end() -> None:
    busy = matching.busy_time(at(1, 2), at(9, 3))  # the first outlasts the second
    assert busy.is_over(at(14.9, 15)).tolist() == [False, True]


def test_no_session_starts_before_the_outcome_is_read() -> None:
    busy = matching.busy_time(at(20, 10), at(20.5, 11))
    instants = at(7.9, 8, 8.1, 17.99, 18, 18.01, 21)
    assert busy.is_quiet(instants, instants + 2 * HOUR).tolist() == [True, True, False, True, True, False, True]


@pytest.mark.parametrize(
    ("outcome", "hours"),
    [
        (Outcome.CHANGE_120, 2),
        (Outcome.CHANGE_END, 0.5),
        (Outcome.CHANGE_60, 1),
        (Outcome.CHANGE_240, 4),
        (Outcome.NADIR, 4),
        (Outcome.BELOW_70, 4),
        (Outcome.NIGHT_BELOW_70, 27),  # from 03:00 to 06:00 of the next day
    ],
)
def test_an_outcome_is_over_when_its_last_reading_is_due(outcome: Outcome, hours: float) -> None:
    assert outcomes.over_s(outcome, at(3), 30, "UTC").tolist() == at(3 + hours).tolist()


def windows(*rows: tuple[float, float]) -> Covariates:
    """Windows from (hours from T0, glucose)."""
    at_s = at(*(hour for hour, _ in rows))
    return Covariates(
        at_s=at_s,
        clock_min=(at_s - T0) / 60 % 1440,
        local_day=(at_s - T0) // 86_400,
        start_mg_dl=np.array([mg_dl for _, mg_dl in rows]),
        columns={"glucose_mg_dl": np.array([mg_dl for _, mg_dl in rows])},
        problem=np.zeros(len(rows), dtype=np.int64),
    )


def test_the_clock_caliper_holds_across_midnight() -> None:
    session = windows((24.5, 100))  # 00:30
    controls = windows((71, 100), (70.9, 100), (98, 100), (98.1, 100))  # 23:00, 22:54, 02:00, 02:06
    assert sorted(matching.rank_controls(session, controls).rows[0].tolist()) == [0, 2]


def test_the_glucose_caliper_is_closed() -> None:
    session = windows((12, 100))
    controls = windows((36, 120), (60, 120.01), (84, 80), (108, 79.9))
    assert sorted(matching.rank_controls(session, controls).rows[0].tolist()) == [0, 2]


def test_one_window_a_day_and_three_days_at_least() -> None:
    session = windows((12, 100))
    same_day = windows((36, 101), (36.25, 102), (60, 103))
    ranked = matching.rank_controls(session, same_day)
    assert ranked.nearest(0, np.ones(3, dtype=np.bool_)).size == 0  # two days only
    # distances: glucose in tens and clock in 20 min, squared: 0.16, 0.10, 0.09, 0.04
    three = windows((36, 104), (36.1, 101), (60, 103), (84, 102))
    ranked = matching.rank_controls(session, three)
    assert ranked.nearest(0, np.ones(4, dtype=np.bool_)).tolist() == [3, 2, 1]
    assert ranked.nearest(0, np.array([True, False, True, True])).tolist() == [3, 2, 0]


def test_windows_of_another_season_are_left_out() -> None:
    session = windows((12, 100))
    days = 24 * matching.NEAR_DAYS
    assert matching.rank_controls(session, windows((12 + days - 24, 100), (12 + days + 24, 100))).rows[0].tolist() == [
        0
    ]


@given(st.permutations(range(6)))
def test_the_order_of_rows_changes_no_match(order: list[int]) -> None:
    rows = [(36.0, 101.0), (60.0, 99.0), (84.0, 104.0), (108.25, 97.0), (132.0, 110.0), (36.5, 100.0)]
    session = windows((12, 100))
    plain, mixed = windows(*rows), windows(*(rows[place] for place in order))
    everything = np.ones(6, dtype=np.bool_)
    one = plain.at_s[matching.rank_controls(session, plain).nearest(0, everything)]
    other = mixed.at_s[matching.rank_controls(session, mixed).nearest(0, everything)]
    assert one.tolist() == other.tolist()


def test_the_model_learns_a_plane_from_control_windows() -> None:
    rng = np.random.default_rng(3)
    many = windows(*zip(rng.uniform(0, 2000, 4000).tolist(), rng.uniform(80, 200, 4000).tolist(), strict=True))
    drop = 0.5 * (many.start_mg_dl - 120)
    predict = matching.outcome_model(many, drop, np.ones(4000))
    assert predict(windows((30, 160), (45, 100))) == pytest.approx([20, -10], abs=0.5)


@pytest.mark.parametrize(("n", "products"), [(59, False), (60, True)])
def test_the_outcome_model_is_weighted_ridge_regression(n: int, products: bool) -> None:
    """With products it has six terms here, each wants ten windows."""
    rng = np.random.default_rng(5)
    many = windows(*zip(rng.uniform(0, 2000, n).tolist(), rng.uniform(80, 200, n).tolist(), strict=True))
    drop, weights = rng.normal(10, 20, n), rng.uniform(1, 10, n)
    predicted = matching.outcome_model(many, drop, weights)(many)
    # the same by least squares: rows times the root of their weight, a row a slope for the penalty
    matrix = matching.terms(many, products=products)
    spread = np.where(matrix.std(axis=0) > 0, matrix.std(axis=0), 1)
    design = np.column_stack([np.ones(n), (matrix - np.average(matrix, axis=0, weights=weights)) / spread])
    root = np.sqrt(weights / weights.mean())
    penalty = np.sqrt(matching.RIDGE) * np.eye(design.shape[1])[1:]
    rows = np.vstack([design * root[:, None], penalty])
    fitted, *_ = np.linalg.lstsq(rows, np.concatenate([drop * root, np.zeros(len(penalty))]), rcond=None)
    assert predicted == pytest.approx(design @ fitted, abs=1e-6)


def test_a_column_that_never_varies_is_no_obstacle() -> None:
    same = windows(*((24.0 * day + 12, 100.0) for day in range(1, 9)))
    assert np.isfinite(matching.outcome_model(same, np.arange(8.0), np.ones(8))(same)).all()
    assert matching.rank_controls(windows((12, 100)), same).rows[0].size == 8


def test_selecting_keeps_columns_in_step() -> None:
    picked = windows((1, 100), (2, 110), (3, 120)).select(np.array([2, 0]))
    assert picked.columns["glucose_mg_dl"].tolist() == [120, 100]
    assert picked.at_s.tolist() == at(3, 1).tolist()
    assert replace(picked, columns={}).columns == {}


def test_a_window_counts_one_over_its_chance_to_stay_without_a_session() -> None:
    quarter_hours = windows(*((12 + place / 4, 100.0) for place in range(6)))
    chances = np.array([0.1, 0.2, 0.5, 0.0, 0.96, 0.0])
    weights = censoring.staying_weights(quarter_hours, chances, quarter_hours.at_s + 30 * 60)
    # each stays through its own quarter of an hour and the next one; the last reaches beyond the log
    expected = [1 / (0.9 * 0.8), 1 / (0.8 * 0.5), 1 / 0.5, 1 / 0.04, 1 / 0.04, 1.0]
    assert weights.tolist() == pytest.approx([min(weight, censoring.MAX_WEIGHT) for weight in expected])


def test_an_outcome_sooner_than_the_next_window_leaves_the_weight_at_one() -> None:
    pair = windows((12, 100.0), (12.25, 100.0))
    assert censoring.staying_weights(pair, np.array([0.4, 0.4]), pair.at_s + 600).tolist() == [1.0, 1.0]


def test_chances_add_up_to_the_sessions_and_follow_the_habit() -> None:
    rng = np.random.default_rng(5)
    mg_dl = rng.uniform(80, 200, 2000)
    many = windows(*zip((0.25 * np.arange(2000)).tolist(), mg_dl.tolist(), strict=True))
    starts_s = many.at_s[(mg_dl > 170) & (rng.random(2000) < 0.1)] + 60
    chances = censoring.start_chances(many, matching.busy_time(starts_s, starts_s + 60))
    assert chances.sum() == pytest.approx(starts_s.size, rel=1e-6)  # the score equation of the free intercept
    assert chances[mg_dl > 170].mean() > 5 * chances[mg_dl < 140].mean() > 0


def test_too_few_sessions_show_no_habit() -> None:
    many = windows(*((0.25 * place, 100.0 + place % 7) for place in range(200)))
    starts_s = many.at_s[10:80:10] + 60  # seven
    assert not censoring.start_chances(many, matching.busy_time(starts_s, starts_s + 60)).any()
