"""The effect of sessions for a person: the estimate with its interval, the plain number beside it, what limits both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glucolog.core.records import Person
from glucolog.core.units import Unit, format_difference
from glucolog.core.wording import effect as words

if TYPE_CHECKING:
    from glucolog.analysis.effect import EffectResult, OutcomeEstimate


def effect(result: EffectResult, person: Person) -> str:
    """Write the answer of `effect`."""
    lines = [result.reason]
    if result.estimate_mg_dl is not None:
        lines += [found(result, person.unit), words.ASSOCIATION]
    if result.naive_mg_dl is not None:
        lines += ["", naive(result, person.unit), words.REGRESSION_TO_THE_MEAN]
    secondary = [_outcome(outcome, person.unit) for outcome in result.outcomes[1:] if outcome.estimate is not None]
    if secondary:
        lines += ["", words.SECONDARY, *secondary]
    return "\n".join([*lines, *(f"! {sentence}" for sentence in result.limitations)])


def found(result: EffectResult, unit: Unit) -> str:
    """Write the primary estimate with its interval and n."""
    size = result.estimate_mg_dl or 0.0
    sentence = words.FOUND_LOWER if size >= 0 else words.FOUND_HIGHER
    return sentence.format(
        matched=result.n_matched,
        controls=result.n_controls,
        size=format_difference(abs(size), unit),
        unit=unit,
        when=words.WHEN[result.outcome.value],
        low=format_difference(result.ci_low or 0.0, unit),
        high=format_difference(result.ci_high or 0.0, unit),
    )


def naive(result: EffectResult, unit: Unit) -> str:
    """Write the plain before and after."""
    size = result.naive_mg_dl or 0.0
    shown = format_difference(abs(size), unit)
    way = "same" if float(shown) == 0 else "fell" if size > 0 else "rose"
    return words.NAIVE.format(size=shown, unit=unit, direction=words.DIRECTIONS[way], n=result.n_naive)


def _outcome(outcome: OutcomeEstimate, unit: Unit) -> str:
    values = (outcome.estimate or 0.0, outcome.ci_low or 0.0, outcome.ci_high or 0.0)
    in_glucose = outcome.unit == Unit.MG_DL
    size, low, high = (format_difference(value, unit) if in_glucose else f"{value:.1f}" for value in values)
    name = words.OUTCOMES[outcome.outcome.value]
    shown_unit = unit if in_glucose else outcome.unit
    return f"  {name}: {size} {shown_unit} (95 % interval {low} to {high}, n {outcome.n_matched}, p {_p(outcome)})"


def _p(outcome: OutcomeEstimate) -> str:
    p = outcome.p_adjusted if outcome.p_adjusted is not None else outcome.p_value
    return "–" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"
