"""Many people: who counts, how wide the interval is, and when there is none."""

from __future__ import annotations

import numpy as np
import pytest
from glucolog.analysis.effect import EffectResult
from glucolog.analysis.effect_text import say_pooled
from glucolog.analysis.grades import Grade
from glucolog.analysis.outcomes import Outcome
from glucolog.analysis.pooled import PersonEffect, pool
from glucolog.core.units import Source, Unit
from hypothesis import given
from hypothesis import strategies as st


def person(label: str, estimate: float | None, half: float = 10.0) -> PersonEffect:
    refused = estimate is None
    effect = EffectResult(
        outcome=Outcome.CHANGE_120, source=Source.CGM, n_sessions=30, n_matched=5 if refused else 28,
        n_unmatched=25 if refused else 2, n_controls=100, n_naive=30, naive_mg_dl=20.0, estimate_mg_dl=estimate,
        ci_low=None if estimate is None else estimate - half, ci_high=None if estimate is None else estimate + half,
        p_value=None if refused else 0.5, grade=Grade.NONE if refused else Grade.ESTIMATE, reason="", windows=(),
        outcomes=(), limitations=(),
    )  # fmt: skip
    return PersonEffect(label=label, effect=effect)


def people(*estimates: float | None, half: float = 10.0) -> tuple[PersonEffect, ...]:
    return tuple(person(f"p{at:02d}", estimate, half) for at, estimate in enumerate(estimates))


def test_each_person_counts_once() -> None:
    result = pool(people(10, 20, 30, 40, 50, None))
    assert (result.n_people, result.n_estimated, result.n_sessions, result.n_matched) == (6, 5, 150, 140)
    assert result.estimate_mg_dl == 30
    assert result.spread_mg_dl == pytest.approx(250**0.5)
    assert (result.grade, result.reason) == (
        Grade.EARLY,
        "An early estimate from 5 people of 6; 10 make an estimate.",
    )


@pytest.mark.parametrize("estimates", [(), (None,) * 9, (5.0, 6.0, 7.0, 8.0, None)])
def test_fewer_than_five_estimates_are_refused(estimates: tuple[float | None, ...]) -> None:
    result = pool(people(*estimates))
    assert (result.grade, result.estimate_mg_dl, result.ci_low, result.spread_mg_dl) == (Grade.NONE, None, None, None)
    assert say_pooled(result, Unit.MG_DL) == (result.reason,)
    assert result.reason.startswith("Too few people with an estimate (")


def test_people_who_differ_more_than_their_errors_set_the_width() -> None:
    estimates = [2.0, 5.0, 7.0, 8.0, 12.0, 14.0, 15.0, 19.0, 21.0, 27.0]  # mean 13, SD 7.874, t₉ 2.262
    result = pool(people(*estimates, half=1.0))
    half = 2.262 * 7.874 / 10**0.5
    assert (result.ci_low, result.ci_high) == pytest.approx((13 - half, 13 + half), abs=0.6)
    assert result.grade is Grade.ESTIMATE


def test_people_who_agree_too_well_are_not_believed() -> None:
    result = pool(people(*[10.0] * 10, half=19.6))  # each has a standard error of 10: the mean has 10/√10
    assert (result.ci_low, result.ci_high) == pytest.approx((10 - 1.96 * 3.162, 10 + 1.96 * 3.162), abs=0.01)


@given(st.permutations([3.0, 8.0, 11.0, 15.0, 29.0, 31.0]))
def test_the_order_of_people_changes_nothing(order: list[float]) -> None:
    mixed = tuple(person(f"p{round(estimate)}", estimate) for estimate in order)
    straight = tuple(person(f"p{round(estimate)}", estimate) for estimate in sorted(order))
    assert pool(mixed) == pool(straight)


def test_a_pool_of_simulated_people_covers_their_mean() -> None:
    hits = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        truth = rng.normal(12, 6, 10)
        result = pool(people(*(truth + rng.normal(0, 5, 10)).tolist(), half=9.8))
        assert result.ci_low is not None
        assert result.ci_high is not None
        hits += result.ci_low <= float(truth.mean()) <= result.ci_high
    assert hits >= 93


def test_the_pool_says_its_numbers() -> None:
    said = say_pooled(pool(people(*[10.0] * 10, half=19.6)), Unit.MG_DL)
    assert said[0] == (
        "In 10 people with 280 matched sessions glucose was on average 10 mg/dL lower 2 h after the start than at "
        "similar times without massage (95 % interval 4 to 16)."
    )
