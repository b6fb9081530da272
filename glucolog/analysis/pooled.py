"""Many people: the mean of their own matched estimates, with an interval from drawing whole people.

Each person counts once, however many sessions they have, and whoever has too few is counted and not guessed at.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from glucolog.analysis.effect import EffectResult
from glucolog.analysis.grades import Grade
from glucolog.analysis.kinds import Floats
from glucolog.analysis.resampling import cluster_bootstrap_interval, normal_margin, widened
from glucolog.core.wording import effect as words

MIN_PEOPLE = 5
"""An interval over fewer people says more about who they are than about people."""
FULL_PEOPLE = 10
"""From so many people on the estimate is no longer called early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEffect:
    """One person's result under a label."""

    label: str
    effect: EffectResult


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledResult:
    """The people and what they have in common; numbers are None where `grade` is none.

    `n_sessions` and `n_matched` are sums over the people with an estimate. `spread_mg_dl` is the standard deviation
    of the people's estimates.
    """

    people: tuple[PersonEffect, ...]
    n_people: int
    n_estimated: int
    n_sessions: int
    n_matched: int
    estimate_mg_dl: float | None
    ci_low: float | None
    ci_high: float | None
    spread_mg_dl: float | None
    grade: Grade
    reason: str


def pool(people: tuple[PersonEffect, ...]) -> PooledResult:
    """Pool people, in any order. Fewer than `MIN_PEOPLE` estimates are refused with the count."""
    listed = tuple(sorted(people, key=lambda person: person.label))
    counted = [person.effect for person in listed if person.effect.estimate_mg_dl is not None]
    estimates = np.array([effect.estimate_mg_dl for effect in counted], dtype=np.float64)
    grade = _grade(estimates.size)
    refused = grade is Grade.NONE
    low, high = (None, None) if refused else _interval(estimates, _own_errors(counted))
    return PooledResult(
        people=listed,
        n_people=len(listed),
        n_estimated=estimates.size,
        n_sessions=sum(effect.n_sessions for effect in counted),
        n_matched=sum(effect.n_matched for effect in counted),
        estimate_mg_dl=None if refused else float(estimates.mean()),
        ci_low=low,
        ci_high=high,
        spread_mg_dl=None if refused else float(estimates.std(ddof=1)),
        grade=grade,
        reason=_reason(grade, estimates.size, len(listed)),
    )


def _interval(estimates: Floats, errors: Floats) -> tuple[float, float]:
    """Draw whole people; widen when they differ by less than their own errors say they must.

    A random-effects variance is never below the mean of the people's own (DerSimonian & Laird 1986, Control Clin
    Trials 7(3):177–188: the variance between people is cut off at zero); by luck a few people can agree too well.
    """
    lacking = max(float((errors**2).mean() - estimates.var(ddof=1)), 0.0) / estimates.size
    return widened(float(estimates.mean()), cluster_bootstrap_interval(estimates), normal_margin(sqrt(lacking)))


def _own_errors(effects: list[EffectResult]) -> Floats:
    """Return the standard error behind each person's interval."""
    widths = [(effect.ci_high or 0.0) - (effect.ci_low or 0.0) for effect in effects]
    return np.array(widths) / (2 * normal_margin(1.0))


def _grade(n_estimated: int) -> Grade:
    if n_estimated < MIN_PEOPLE:
        return Grade.NONE
    return Grade.EARLY if n_estimated < FULL_PEOPLE else Grade.ESTIMATE


def _reason(grade: Grade, n_estimated: int, n_people: int) -> str:
    sentence = {Grade.NONE: words.POOL_TOO_FEW, Grade.EARLY: words.POOL_EARLY, Grade.ESTIMATE: words.POOL_ESTIMATE}
    needed = MIN_PEOPLE if grade is Grade.NONE else FULL_PEOPLE
    return sentence[grade].format(estimated=n_estimated, needed=needed, people=n_people)
