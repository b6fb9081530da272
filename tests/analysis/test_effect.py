"""The effect of sessions on made-up people whose true answer is known, and the laws the answer must keep."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from math import isfinite

import numpy as np
import pytest
from glucolog.analysis.effect import EffectResult, OutcomeEstimate, estimate_effect, shared_control_se
from glucolog.analysis.effect_text import say_effect, say_outcomes
from glucolog.analysis.grades import Grade
from glucolog.analysis.kinds import Flags, Floats
from glucolog.analysis.outcomes import UNITS, Outcome
from glucolog.analysis.study import EffectInput, make_study, match_outcome
from glucolog.analysis.trace import GlucoseArrays, from_columns
from glucolog.core.moments import Moment
from glucolog.core.records import Activity, Carbs, Dose, InsulinKind, Session
from glucolog.core.units import Source, Unit
from glucolog.core.wording import effect as words
from hypothesis import given, settings
from hypothesis import strategies as st

MakePerson = Callable[..., EffectInput]
DAY_S = 86_400
MIDNIGHT_S = 1_767_225_600  # 2026-01-01 00:00 UTC


def numbers(result: EffectResult) -> tuple[float, ...]:
    found = (result.estimate_mg_dl, result.ci_low, result.ci_high, result.p_value, result.naive_mg_dl)
    return tuple(value for value in found if value is not None)


def shifted(person: EffectInput, seconds: int) -> EffectInput:
    """The same log so much later."""
    cgm = person.cgm
    assert cgm is not None
    return replace(
        person,
        cgm=replace(cgm, at_s=cgm.at_s + seconds),
        doses=tuple(replace(dose, at=dose.at.plus(seconds=seconds)) for dose in person.doses),
        sessions=tuple(
            replace(each, start=each.start.plus(seconds=seconds), end=each.end and each.end.plus(seconds=seconds))
            for each in person.sessions
        ),
    )


def kept(person: EffectInput, keep: Callable[[GlucoseArrays], Flags]) -> EffectInput:
    """The same log with only some of its sensor readings."""
    assert person.cgm is not None
    return replace(person, cgm=person.cgm.select(keep(person.cgm)))


@pytest.mark.parametrize("drop", [0.0, 20.0, -15.0])
def test_a_known_drop_is_found_within_its_interval(make_person: MakePerson, drop: float) -> None:
    result = estimate_effect(make_person(drop_at_120=drop))
    assert (result.n_sessions, result.grade) == (40, Grade.ESTIMATE)
    assert result.estimate_mg_dl == pytest.approx(drop, abs=5)
    assert result.ci_low is not None
    assert result.ci_high is not None
    assert result.ci_low < drop < result.ci_high
    assert result.p_value is not None
    assert (result.p_value < 0.05) == (drop != 0)


def test_sessions_at_high_glucose_mislead_the_plain_number_only(make_person: MakePerson) -> None:
    person = make_person(session_days=(), noise=2.0)
    cgm = person.cgm
    assert cgm is not None
    high = [
        int(cgm.at_s[places[0]])
        for day in range(1, 83, 2)
        if (places := np.flatnonzero((cgm.local_day == cgm.local_day[0] + day) & (cgm.mg_dl > 180))).size
    ]
    sessions = tuple(
        Session(id=f"s{at}", person_id="p", start=Moment(at, "UTC"), end=Moment(at + 1800, "UTC")) for at in high
    )
    result = estimate_effect(replace(person, sessions=sessions))
    assert result.naive_mg_dl is not None
    assert result.naive_mg_dl > 15  # massage does nothing here
    assert result.ci_low is not None
    assert result.ci_high is not None
    assert result.ci_low < 0 < result.ci_high
    assert words.REGRESSION_TO_THE_MEAN in say_effect(result, Unit.MG_DL)


@pytest.mark.parametrize(
    ("n", "grade", "reason"),
    [
        (0, Grade.NONE, words.NO_SESSIONS),
        (5, Grade.NONE, "Too few sessions (5 of 8)."),
        (7, Grade.NONE, "Too few sessions (7 of 8)."),
        (8, Grade.EARLY, "An early estimate from 8 sessions; it can still change a lot. 20 make an estimate."),
        (19, Grade.EARLY, "An early estimate from 19 sessions; it can still change a lot. 20 make an estimate."),
        (20, Grade.ESTIMATE, "An estimate from 20 sessions."),
    ],
)
def test_the_grade_follows_the_number_of_sessions(make_person: MakePerson, n: int, grade: Grade, reason: str) -> None:
    result = estimate_effect(make_person(session_days=range(2, 2 + 4 * n, 4)))
    assert (result.n_matched, result.grade, result.reason) == (n, grade, reason)
    assert (result.estimate_mg_dl is None) == (grade is Grade.NONE)
    assert (result.naive_mg_dl is None) == (grade is Grade.NONE)


def test_unmatched_sessions_are_counted_and_say_why(make_person: MakePerson) -> None:
    person = make_person()
    starts = [session.start.epoch_s for session in person.sessions]
    without_follow_up = kept(person, lambda cgm: np.abs(cgm.at_s - starts[0] - 7200) > 900)
    without_start = kept(without_follow_up, lambda cgm: (cgm.at_s <= starts[1] - 1800) | (cgm.at_s > starts[1]))
    result = estimate_effect(without_start)
    assert (result.n_sessions, result.n_matched, result.n_unmatched) == (40, 38, 2)
    assert [window.reason for window in result.windows[:3]] == [
        "no glucose reading at the time of the outcome",
        "no glucose reading in the 15 minutes before the start",
        None,
    ]
    assert words.NOT_WHOLE.format(unmatched=2, sessions=40) in result.limitations


def test_every_window_shows_what_it_was_made_from(make_person: MakePerson) -> None:
    person = make_person(drop_at_120=20)
    result = estimate_effect(person)
    for window, session in zip(result.windows, person.sessions, strict=True):
        assert window.observed is not None
        assert window.expected is not None
        assert window.difference == pytest.approx(window.observed - window.expected)
        assert 3 <= len(window.controls_at_s) <= 10
        for at_s in window.controls_at_s:
            away_min = abs(at_s - session.start.epoch_s) % DAY_S / 60
            assert min(away_min, 1440 - away_min) <= 90
            for other in person.sessions:
                assert other.end is not None
                assert at_s <= other.start.epoch_s - 6 * 3600 or at_s >= other.end.epoch_s + 6 * 3600


def test_sessions_not_asked_about_still_occupy_their_time(make_person: MakePerson) -> None:
    person = make_person(session_days=range(1, 83))
    asked = replace(person, sessions=person.sessions[::4], other_sessions=())
    others = tuple(session for session in person.sessions if session not in asked.sessions)
    earlier = tuple(at_half_past_one(session) for session in person.sessions)
    assert estimate_effect(asked).n_matched == 21
    # no day without a session is left, and no time within 90 min of the clock before one
    assert estimate_effect(replace(asked, other_sessions=(*others, *earlier))).n_matched == 0


def at_half_past_one(session: Session) -> Session:
    start = Moment(session.start.epoch_s // DAY_S * DAY_S + 13 * 3600 + 1800, "UTC")
    return replace(session, id=f"e{session.id}", start=start, end=start.plus(minutes=20))


def high_person(seed: int) -> EffectInput:
    """Nothing but glucose that wanders for hours; a session may start whenever it is high, and does nothing."""
    rng = np.random.default_rng(seed)
    wander, now = np.empty(84 * 288), 0.0
    for place, step in enumerate(rng.normal(size=wander.size)):
        wander[place] = now = 0.98 * now + step
    at_s = MIDNIGHT_S + 300 * np.arange(wander.size)
    mg_dl = np.round(140 + 8 * wander)
    cgm = from_columns(
        source=Source.CGM, at_s=at_s, offset_s=np.zeros_like(at_s), amount=mg_dl,
        is_mmol_l=np.zeros(at_s.size, dtype=np.bool_), censored=np.zeros(at_s.size, dtype=np.int8),
    )  # fmt: skip
    starts: list[int] = []
    for at, value in zip(at_s[::3].tolist(), mg_dl[::3], strict=True):
        rested = not starts or at - starts[-1] > 30 * 3600
        if 9 <= at % DAY_S / 3600 < 21 and value > 165 and rested and rng.random() < 0.12:
            starts.append(at)
    sessions = tuple(
        Session(id=f"s{at}", person_id="p", start=Moment(at, "UTC"), end=Moment(at + 1800, "UTC")) for at in starts
    )
    return EffectInput(cgm=cgm, meter=None, doses=(), carbs=(), sessions=sessions, zone="UTC")


def test_sessions_that_start_when_glucose_stays_high_are_not_held_against_times_when_it_fell() -> None:
    # over 60 of them −1.8 ± 0.8; without weights −3.6, with 6 h free of sessions after a control window −6.6
    means = [float(differences(high_person(seed)).mean()) for seed in range(20, 44)]
    assert np.mean(means) == pytest.approx(0, abs=2.5)


def dinner_person(seed: int) -> EffectInput:
    """A rise at dinner, at a quarter past six give or take, and sessions at four o'clock that do nothing."""
    rng = np.random.default_rng(seed)
    at_s = MIDNIGHT_S + 300 * np.arange(56 * 288)
    noise = rng.normal(size=at_s.size + 23)
    mg_dl = 120 + 15 * np.convolve(noise, np.ones(24) / 24**0.5, mode="valid")
    for day in range(56):
        eaten_s = MIDNIGHT_S + day * DAY_S + 60 * rng.normal(18.25 * 60, 25)
        mg_dl += rng.normal(70, 15) * np.interp((at_s - eaten_s) / 60, [0, 60, 240], [0, 1, 0], left=0, right=0)
    cgm = from_columns(
        source=Source.CGM, at_s=at_s, offset_s=np.zeros_like(at_s), amount=np.round(mg_dl),
        is_mmol_l=np.zeros(at_s.size, dtype=np.bool_), censored=np.zeros(at_s.size, dtype=np.int8),
    )  # fmt: skip
    starts = [MIDNIGHT_S + day * DAY_S + 16 * 3600 for day in range(1, 55) if rng.random() < 5 / 7]
    sessions = tuple(
        Session(id=f"s{at}", person_id="p", start=Moment(at, "UTC"), end=Moment(at + 1800, "UTC")) for at in starts
    )
    return EffectInput(cgm=cgm, meter=None, doses=(), carbs=(), sessions=sessions, zone="UTC")


def test_sessions_at_a_fixed_hour_are_not_held_against_times_nearer_to_dinner() -> None:
    # over these 24 people −0.1 ± 1.0; with an hour of clock counting one in the distance 5.0
    means = [float(differences(dinner_person(seed)).mean()) for seed in range(24)]
    assert np.mean(means) == pytest.approx(0, abs=2.5)


def differences(person: EffectInput) -> Floats:
    study = make_study(person)
    assert study is not None
    return match_outcome(study, Outcome.CHANGE_120).difference


def test_all_outcomes_stand_beside_the_primary_one(make_person: MakePerson) -> None:
    result = estimate_effect(make_person(drop_at_120=20))
    assert [item.outcome for item in result.outcomes] == list(Outcome)
    found = {item.outcome: item for item in result.outcomes}
    # the ramp is 0 at the start, 20 at 120 and 0 at 240 min: 10 at 60, 5 at the end of 30 min
    assert found[Outcome.CHANGE_60].estimate == pytest.approx(10, abs=5)
    assert found[Outcome.CHANGE_END].estimate == pytest.approx(5, abs=5)
    assert found[Outcome.CHANGE_240].estimate == pytest.approx(0, abs=6)
    assert found[Outcome.CHANGE_120].p_adjusted is None
    for outcome in set(Outcome) - {Outcome.CHANGE_120}:
        assert found[outcome].p_adjusted is not None
        assert (found[outcome].p_adjusted or 0) >= (found[outcome].p_value or 0)


def test_another_outcome_can_be_asked_for_but_not_one_in_minutes(make_person: MakePerson) -> None:
    person = make_person(drop_at_120=20)
    result = estimate_effect(replace(person, outcome=Outcome.CHANGE_60))
    assert result.estimate_mg_dl == pytest.approx(10, abs=5)
    assert result.outcomes[0].outcome is Outcome.CHANGE_60
    with pytest.raises(ValueError, match="mg/dL"):
        estimate_effect(replace(person, outcome=Outcome.BELOW_70))


def test_what_is_not_logged_is_said(make_person: MakePerson) -> None:
    person = make_person()
    assert estimate_effect(person).limitations == (words.NO_INSULIN, words.NO_CARBS, words.NO_ACTIVITY)
    at = person.sessions[0].start.plus(minutes=-720)
    full = replace(
        person,
        doses=(Dose(id="d", person_id="p", at=at, units=4, kind=InsulinKind.RAPID),),
        carbs=(Carbs(id="c", person_id="p", at=at, grams=30),),
        activities=(Activity(id="a", person_id="p", at=at, kind="walk", minutes=30),),
    )
    assert estimate_effect(full).limitations == ()


def test_food_that_follows_sessions_more_often_than_similar_times_is_said(make_person: MakePerson) -> None:
    person = make_person()
    dinners = tuple(
        Carbs(id=f"c{at}", person_id="p", at=session.start.plus(minutes=40), grams=50)
        for at, session in enumerate(person.sessions[::2])  # after 20 of 40 sessions
    )
    found = estimate_effect(replace(person, carbs=dinners)).limitations
    assert words.AFTERWARDS.format(did="you ate", own=50, similar=0) in found
    snacks = tuple(
        Carbs(id=f"l{at}", person_id="p", at=Moment(MIDNIGHT_S + at * 3600, "UTC"), grams=5) for at in range(84 * 24)
    )  # every hour: after every session and every similar time
    found = estimate_effect(replace(person, carbs=snacks)).limitations
    assert not [sentence for sentence in found if "you ate" in sentence]


def test_exercise_before_sessions_is_matched_on_where_it_is_logged(make_person: MakePerson) -> None:
    person = make_person(session_days=tuple(range(2, 82, 3)))
    exercise_days = sorted({*range(2, 82, 3), *range(3, 82, 3)})  # every session day and as many others
    walks = [MIDNIGHT_S + day * DAY_S + 14 * 3600 for day in exercise_days]
    cgm = person.cgm
    assert cgm is not None
    mg_dl = cgm.mg_dl.copy()
    for start in walks:  # glucose falls by 30 in the 4 h after the start of a walk and comes back in the 4 h after
        mg_dl -= 30 * np.interp((cgm.at_s - start) / 3600, [0, 4, 8], [0, 1, 0], left=0, right=0)
    walked = replace(person, cgm=replace(cgm, amount=mg_dl, mg_dl=mg_dl))
    logged = tuple(Activity(id=f"a{at}", person_id="p", at=Moment(at, "UTC"), kind="walk", minutes=45) for at in walks)
    without, with_it = estimate_effect(walked), estimate_effect(replace(walked, activities=logged))
    assert (without.estimate_mg_dl or 0) > (with_it.estimate_mg_dl or 0) + 3
    assert with_it.estimate_mg_dl == pytest.approx(0, abs=3)
    assert with_it.n_matched >= 20


def as_meter(person: EffectInput, every_min: int) -> EffectInput:
    assert person.cgm is not None
    thinned = person.cgm.select((person.cgm.at_s // 60) % every_min == 0)
    return replace(person, cgm=None, meter=replace(thinned, source=Source.METER))


def test_finger_sticks_alone_give_an_answer_that_says_so(make_person: MakePerson) -> None:
    result = estimate_effect(as_meter(make_person(drop_at_120=20), 60))
    assert result.source is Source.METER
    assert words.FINGER_STICKS_ONLY in result.limitations
    assert result.ci_low is not None
    assert result.ci_high is not None
    assert result.ci_low < 20 < result.ci_high
    assert {item.outcome: item.grade for item in result.outcomes}[Outcome.NADIR] is Grade.NONE


def test_a_few_finger_sticks_a_day_are_refused_with_the_count(make_person: MakePerson) -> None:
    result = estimate_effect(as_meter(make_person(), 360))
    assert (result.grade, result.n_matched, result.n_unmatched) == (Grade.NONE, 0, 40)
    assert result.reason == words.TOO_FEW_MATCHED.format(matched=0, needed=8, sessions=40, unmatched=40)


def test_the_sensor_is_used_and_never_mixed_with_finger_sticks(make_person: MakePerson) -> None:
    person = make_person(drop_at_120=20)
    both = replace(person, meter=as_meter(make_person(seed=9), 60).meter)
    assert estimate_effect(both) == estimate_effect(person)


def test_low_and_high_readings_are_counted(make_person: MakePerson) -> None:
    person = make_person()
    cgm = person.cgm
    assert cgm is not None
    first, second = (session.start.epoch_s for session in person.sessions[:2])
    sides = np.select([cgm.at_s == first + 7200, cgm.at_s == second], [-1, 1], 0).astype(np.int8)
    result = estimate_effect(replace(person, cgm=replace(cgm, censored=sides)))
    assert result.outcomes[0].n_censored == 1
    assert words.CENSORED.format(n=1) in result.limitations
    assert result.windows[1].reason == "the reading at the start was LO or HI"


@settings(max_examples=5, deadline=None)
@given(days=st.integers(-900, 900))
def test_whole_days_of_shift_change_nothing(make_person: MakePerson, days: int) -> None:
    person = make_person(days=40, session_days=range(1, 38, 3), drop_at_120=12)
    assert numbers(estimate_effect(shifted(person, days * DAY_S))) == numbers(estimate_effect(person))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(make_person: MakePerson, seed: int) -> None:
    person = make_person(days=40, session_days=range(1, 38, 3), drop_at_120=12)
    doses = tuple(
        Dose(id=f"d{at}", person_id="p", at=session.start.plus(minutes=-50 - at), units=2 + at % 3, kind=kind)
        for at, session in enumerate(person.sessions)
        for kind in (InsulinKind.RAPID, InsulinKind.ULTRA_RAPID)
    )
    cgm = person.cgm
    assert cgm is not None
    mix = np.random.default_rng(seed).permutation
    rows = mix(len(cgm))
    mixed = replace(
        person,
        cgm=from_columns(
            source=cgm.source, at_s=cgm.at_s[rows], offset_s=cgm.offset_s[rows], amount=cgm.amount[rows],
            is_mmol_l=cgm.is_mmol_l[rows], censored=cgm.censored[rows],
        ),
        doses=tuple(doses[at] for at in mix(len(doses))),
        sessions=tuple(person.sessions[at] for at in mix(len(person.sessions))),
    )  # fmt: skip
    assert estimate_effect(mixed) == estimate_effect(replace(person, doses=doses))


def test_the_unit_changes_nothing(make_person: MakePerson) -> None:
    in_mg_dl = numbers(estimate_effect(make_person(drop_at_120=12)))
    in_mmol_l = numbers(estimate_effect(make_person(drop_at_120=12, unit=Unit.MMOL_L)))
    assert in_mmol_l == pytest.approx(in_mg_dl, abs=1e-6)


def whole(result: EffectResult) -> bool:
    """Whether the result is valid JSON without NaN, and refuses with a reason where it has no number."""
    json.dumps(asdict(result), allow_nan=False)
    return all(isfinite(value) for value in numbers(result)) and bool(result.reason)


def constant(person: EffectInput) -> EffectInput:
    assert person.cgm is not None
    level = np.full(len(person.cgm), 120.0)
    return replace(person, cgm=replace(person.cgm, amount=level, mg_dl=level))


def all_low(person: EffectInput) -> EffectInput:
    assert person.cgm is not None
    level = np.full(len(person.cgm), 40.0)
    low = np.full(len(person.cgm), -1, dtype=np.int8)
    return replace(person, cgm=replace(person.cgm, amount=level, mg_dl=level, censored=low))


def test_a_constant_trace_shows_no_difference(make_person: MakePerson) -> None:
    result = estimate_effect(constant(make_person()))
    assert whole(result)
    assert (result.estimate_mg_dl, result.ci_low, result.ci_high, result.p_value) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    "change",
    [
        all_low,
        lambda person: kept(person, lambda cgm: np.arange(len(cgm)) == 0),
        lambda person: kept(person, lambda cgm: np.arange(len(cgm)) < 288),
        lambda person: kept(person, lambda cgm: np.zeros(len(cgm), dtype=np.bool_)),
        lambda person: replace(person, cgm=None),
        lambda person: replace(person, sessions=tuple(replace(each, end=None) for each in person.sessions[:3])),
    ],
    ids=["all LO", "one reading", "a single day", "no reading", "no sensor", "still running"],
)
def test_too_little_is_refused_with_a_reason(
    make_person: MakePerson, change: Callable[[EffectInput], EffectInput]
) -> None:
    result = estimate_effect(change(make_person()))
    assert whole(result)
    assert (result.grade, result.estimate_mg_dl) == (Grade.NONE, None)
    assert result.n_matched + result.n_unmatched == result.n_sessions


def test_the_clock_is_that_of_the_zone(make_person: MakePerson) -> None:
    # across the date line and a day with two clocks nothing but the local clock decides what is similar
    result = estimate_effect(make_person(zone="Pacific/Auckland", start_s=1_772_000_000 // DAY_S * DAY_S))
    assert whole(result)
    assert result.grade is Grade.ESTIMATE


@pytest.mark.slow
def test_ten_years_go_through(make_person: MakePerson) -> None:
    result = estimate_effect(make_person(days=3650, session_days=range(1, 3640, 4), drop_at_120=10))
    assert whole(result)
    assert result.estimate_mg_dl == pytest.approx(10, abs=2)


def test_the_p_value_agrees_with_the_interval(make_person: MakePerson) -> None:
    for drop in np.arange(0, 12, 1.5):
        result = estimate_effect(make_person(session_days=range(1, 60, 5), drop_at_120=float(drop)), main_only=True)
        assert result.ci_low is not None
        assert result.ci_high is not None
        assert result.p_value is not None
        assert (result.p_value <= 0.05) == (not result.ci_low <= 0 <= result.ci_high)


def test_sharing_the_same_control_days_widens_the_error(make_person: MakePerson) -> None:
    few_days = make_person(days=30, session_days=range(1, 25), drop_at_120=10)
    study = make_study(few_days)
    assert study is not None
    matched = match_outcome(study, Outcome.CHANGE_120)
    n = matched.difference.size
    own = float(matched.own_residual.var(ddof=1)) / n
    shares = matched.control_shares
    level = np.mean(
        [np.average(each, weights=share) for each, share in zip(matched.control_residuals, shares, strict=True)]
    )
    by_day: dict[int, float] = {}
    for rows, residuals, share in zip(matched.controls, matched.control_residuals, shares, strict=True):
        assert share.sum() == pytest.approx(1)
        for row, residual, part in zip(rows, residuals, share, strict=True):
            day = int(study.controls.local_day[row])
            by_day[day] = by_day.get(day, 0.0) + (residual - level) / n * part
    expected = own + sum(value**2 for value in by_day.values()) - float(matched.difference.var(ddof=1)) / n
    assert shared_control_se(matched, study.controls.local_day) == pytest.approx(max(expected, 0) ** 0.5)
    assert expected > 0


def test_the_answer_reads_as_the_clinical_reference_has_it(make_person: MakePerson) -> None:
    result = replace(
        estimate_effect(make_person(drop_at_120=20)),
        n_matched=14, n_controls=61, estimate_mg_dl=18.2, ci_low=4.4, ci_high=31.5, naive_mg_dl=None, limitations=(),
    )  # fmt: skip
    assert say_effect(result, Unit.MG_DL)[:2] == (
        "After 14 sessions your glucose was on average 18 mg/dL lower 2 h after the start than at 61 similar times "
        "without massage (95 % interval 4 to 32).",
        "This is an association; food, insulin timing and activity may explain part or all of it.",
    )
    turned = replace(result, estimate_mg_dl=-18.2, ci_low=-31.5, ci_high=4.4)
    assert say_effect(turned, Unit.MMOL_L)[:3] == (
        "After 14 sessions your glucose was on average 1.0 mmol/L higher 2 h after the start than at 61 similar times "
        "without massage (95 % interval −0.2 to 1.7).",
        "A minus sign means lower.",
        "The interval includes no difference at all.",
    )


@pytest.mark.parametrize(("unit", "told"), [(Unit.MG_DL, "0.4 to 4"), (Unit.MMOL_L, "0.02 to 0.2")])
def test_a_bound_that_leaves_no_difference_out_is_not_written_as_none(
    make_person: MakePerson, unit: Unit, told: str
) -> None:
    result = replace(estimate_effect(make_person(drop_at_120=20)), estimate_mg_dl=2.0, ci_low=0.4, ci_high=4.0)
    assert f"(95 % interval {told})" in say_effect(result, unit)[0]


def test_many_similar_times_are_counted_in_thousands_and_no_difference_has_its_unit(make_person: MakePerson) -> None:
    result = replace(
        estimate_effect(make_person(drop_at_120=20)), n_matched=1680, n_controls=10_088, estimate_mg_dl=0.1,
        ci_low=-3.0, ci_high=3.0,
    )  # fmt: skip
    assert say_effect(result, Unit.MG_DL)[0] == (
        "After 1,680 sessions your glucose was on average the same 2 h after the start as at 10,088 similar times "
        "without massage (95 % interval −3 to 3 mg/dL)."
    )


def test_the_other_outcomes_say_their_direction_in_words() -> None:
    def outcome(kind: Outcome, estimate: float, low: float, high: float) -> OutcomeEstimate:
        return OutcomeEstimate(
            outcome=kind, unit=UNITS[kind], n_matched=22, n_controls=50, n_censored=0, estimate=estimate, ci_low=low,
            ci_high=high, p_value=0.01, p_adjusted=0.04, shared_se=0.1, grade=Grade.ESTIMATE, reason="",
        )  # fmt: skip

    told = say_outcomes(
        (
            outcome(Outcome.CHANGE_60, 12.0, 4.0, 20.0),
            outcome(Outcome.CHANGE_240, -9.0, -20.0, 2.0),
            outcome(Outcome.BELOW_70, -3.0, -6.0, -1.0),
            outcome(Outcome.NIGHT_BELOW_70, 0.0, -1.0, 1.0),
        ),
        Unit.MG_DL,
    )
    assert told[1:] == (
        "  change 1 h after the start: 12 mg/dL lower (95 % interval 4 to 20, n 22, p 0.040)",
        "  change 4 h after the start: 9 mg/dL higher (95 % interval −2 to 20, n 22, p 0.040)",
        "  minutes under 70 mg/dL (3.9 mmol/L) within 4 h: 3.0 min fewer (95 % interval 1.0 to 6.0, n 22, p 0.040)",
        "  minutes under 70 mg/dL (3.9 mmol/L) in the night after, 00:00 to 06:00: no difference (95 % interval −1.0 "
        "to 1.0 min, n 22, p 0.040)",
        "A minus sign in an interval means the other direction.",
    )
    assert say_outcomes((), Unit.MG_DL) == ()
