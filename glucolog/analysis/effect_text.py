"""Results of the effect of sessions as sentences, in the person's unit: every number with its interval and n.

A size never carries a sign: the direction is a word, and the interval is turned to that direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from glucolog.analysis.effect import EffectResult, OutcomeEstimate
from glucolog.analysis.factors import Factor, SymptomChange
from glucolog.analysis.pooled import PersonEffect, PooledResult
from glucolog.analysis.trial import TrialPlan, TrialResult
from glucolog.core.moments import format_minute_of_day
from glucolog.core.units import Unit, format_difference, round_half_up
from glucolog.core.wording import effect as words

_MORE_DECIMALS = 2


class _Turned(NamedTuple):
    """A difference told in its own direction: "fell" (positive) or "rose", its size and interval in that direction."""

    direction: str
    size: str
    low: str
    high: str
    is_zero: bool
    reaches_zero: bool


def say_effect(result: EffectResult, unit: Unit) -> tuple[str, ...]:
    """The answer first, what it is not, the plain number beside it with its trap, and every limitation."""
    naive = () if result.naive_mg_dl is None else (_naive(result, unit), words.REGRESSION_TO_THE_MEAN)
    return (*_found(result, unit), result.reason, *naive, *result.limitations)


def say_outcomes(outcomes: Sequence[OutcomeEstimate], unit: Unit) -> tuple[str, ...]:
    """The exploratory outcomes that were estimated, a line each under what they are; nothing where there is none."""
    lines = [_outcome(outcome, unit) for outcome in outcomes if outcome.estimate is not None]
    if not lines:
        return ()
    minus = (words.OUTCOME_MINUS,) if any("−" in line for line in lines) else ()
    return (words.SECONDARY, *(f"  {line}" for line in lines), *minus)


def say_factor(factor: Factor, unit: Unit) -> str:
    """One comparison, or why there is none."""
    if factor.estimate_mg_dl is None or factor.ci_low is None or factor.ci_high is None:
        return f"{factor.label}: {factor.reason}"
    told = _turned(factor.estimate_mg_dl, factor.ci_low, factor.ci_high, unit)
    return words.FACTOR_FOUND.format(
        name=factor.label, size=told.size, unit=unit, amount=words.AMOUNT[told.direction], first=factor.n_with,
        second=factor.n_without, low=told.low, high=told.high,
    )  # fmt: skip


def say_symptom(change: SymptomChange) -> str:
    """The change of one score, or why there is none."""
    if change.estimate_points is None or change.ci_low is None or change.ci_high is None:
        return f"{change.symptom}: {change.reason}"
    told = _turned(change.estimate_points, change.ci_low, change.ci_high, None)
    return words.SYMPTOM_FOUND.format(
        name=change.symptom, size=told.size, direction=words.DIRECTION[told.direction], n=change.n, low=told.low,
        high=told.high,
    )  # fmt: skip


def say_pooled(result: PooledResult, unit: Unit) -> tuple[str, ...]:
    """What the people have in common, or why it can't be said."""
    if result.estimate_mg_dl is None or result.ci_low is None or result.ci_high is None:
        return (result.reason,)
    told = _turned(result.estimate_mg_dl, result.ci_low, result.ci_high, unit)
    found = words.POOL_FOUND.format(
        estimated=result.n_estimated, matched=result.n_matched, size=told.size, unit=unit,
        direction=words.DIRECTION[told.direction], when=words.WHEN[result.people[0].effect.outcome], low=told.low,
        high=told.high,
    )  # fmt: skip
    return (found, *_caveats(told), words.ASSOCIATION, result.reason)


def say_person(person: PersonEffect, unit: Unit) -> str:
    """One person of a pool in a line: the estimate with its interval and n, or why there is none."""
    result = person.effect
    if result.estimate_mg_dl is None or result.ci_low is None or result.ci_high is None:
        return words.POOL_REFUSED.format(name=person.label, reason=result.reason)
    told = _turned(result.estimate_mg_dl, result.ci_low, result.ci_high, unit)
    return words.POOL_PERSON.format(
        name=person.label, size=told.size, unit=unit, direction=words.DIRECTION[told.direction], low=told.low,
        high=told.high, matched=result.n_matched, sessions=result.n_sessions, reason=result.reason,
    )  # fmt: skip


def say_trial(result: TrialResult, plan: TrialPlan, unit: Unit) -> tuple[str, ...]:
    """The result of the trial, the one place that may put a difference down to massage."""
    missing = (words.TRIAL_MISSING.format(n=result.n_missing),) if result.n_missing else ()
    return (*_trial_found(result, plan, unit), result.reason, say_kept(result), *missing)


def say_kept(result: TrialResult) -> str:
    """That days count as drawn, and on how many of those that passed the draw was kept."""
    if not result.days:
        return words.TRIAL_AS_DRAWN
    return words.TRIAL_INTENTION.format(
        kept=result.n_kept, crossed=result.n_crossed, massage=sum(day.drawn.massage for day in result.days),
        rest=sum(not day.drawn.massage for day in result.days),
    )  # fmt: skip


def _found(result: EffectResult, unit: Unit) -> tuple[str, ...]:
    if result.estimate_mg_dl is None or result.ci_low is None or result.ci_high is None:
        return ()
    told = _turned(result.estimate_mg_dl, result.ci_low, result.ci_high, unit)
    sentence = words.NO_DIFFERENCE if told.is_zero else words.FOUND
    found = sentence.format(
        matched=result.n_matched, size=told.size, unit=unit, direction=words.DIRECTION[told.direction],
        when=words.WHEN[result.outcome], controls=result.n_controls, low=told.low, high=told.high,
    )  # fmt: skip
    return (found, *_caveats(told), words.ASSOCIATION)


def _outcome(outcome: OutcomeEstimate, unit: Unit) -> str:
    in_glucose = outcome.unit == Unit.MG_DL
    told = _turned(outcome.estimate or 0.0, outcome.ci_low or 0.0, outcome.ci_high or 0.0, unit if in_glucose else None)
    return (words.OUTCOME_SAME if told.is_zero else words.OUTCOME_FOUND).format(
        name=words.OUTCOMES[outcome.outcome.value], size=told.size, unit=unit if in_glucose else outcome.unit,
        direction=(words.DIRECTION if in_glucose else words.MORE)[told.direction], low=told.low, high=told.high,
        n=outcome.n_matched, p=_p(outcome),
    )  # fmt: skip


def _p(outcome: OutcomeEstimate) -> str:
    p = outcome.p_value if outcome.p_adjusted is None else outcome.p_adjusted
    return "–" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def _naive(result: EffectResult, unit: Unit) -> str:
    naive = result.naive_mg_dl or 0.0
    told = _turned(naive, naive, naive, unit)
    return words.NAIVE.format(size=told.size, unit=unit, direction=words.DIRECTION[told.direction], n=result.n_naive)


def _trial_found(result: TrialResult, plan: TrialPlan, unit: Unit) -> tuple[str, ...]:
    if result.estimate_mg_dl is None or result.ci_low is None or result.ci_high is None or result.p_value is None:
        return ()
    told = _turned(result.estimate_mg_dl, result.ci_low, result.ci_high, unit)
    found = words.TRIAL_FOUND.format(
        size=told.size, unit=unit, amount=words.AMOUNT[told.direction], clock=format_minute_of_day(plan.planned_minute),
        massage=result.n_massage, rest=result.n_rest, low=told.low, high=told.high,
        p=round_half_up(result.p_value, 4),
    )  # fmt: skip
    return (found, *((words.INCLUDES_ZERO,) if told.reaches_zero else ()))


def _caveats(told: _Turned) -> tuple[str, ...]:
    if not told.reaches_zero:
        return ()
    opposite = words.DIRECTION["rose" if told.direction == "fell" else "fell"]
    minus = (words.MINUS.format(opposite=opposite),) if told.low.startswith("−") else ()
    return (*minus, words.INCLUDES_ZERO)


def _turned(estimate: float, low: float, high: float, unit: Unit | None) -> _Turned:
    """Turn a drop so that its size is not negative; `unit` None writes points or minutes to one decimal."""

    fell = estimate >= 0
    low, high = (low, high) if fell else (-high, -low)
    size, reaches_zero = _written(abs(estimate), unit), low <= 0 <= high
    bound = _written if reaches_zero else _written_apart_from_zero
    return _Turned(
        direction="fell" if fell else "rose", size=size, low=bound(low, unit), high=bound(high, unit),
        is_zero=_is_zero(size), reaches_zero=reaches_zero,
    )  # fmt: skip


def _written(value: float, unit: Unit | None, more_decimals: int = 0) -> str:
    text = format_difference(value, unit, more_decimals) if unit else f"{round_half_up(value, 1 + more_decimals)}"
    return text.removeprefix("-") if _is_zero(text) else text.replace("-", "−")


def _written_apart_from_zero(value: float, unit: Unit | None) -> str:
    """A bound that leaves zero out is not written as zero."""
    tries = (_written(value, unit, more) for more in range(_MORE_DECIMALS + 1))
    return next((text for text in tries if not _is_zero(text)), _written(value, unit))


def _is_zero(text: str) -> bool:
    return not text.strip("-0.")
