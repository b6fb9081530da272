"""The effect of sessions for a person: the answer with its caveats, then the exploratory outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glucolog.core.records import Person
from glucolog.core.units import Unit, format_difference
from glucolog.core.wording import effect as words

if TYPE_CHECKING:
    from glucolog.analysis.effect import EffectResult, OutcomeEstimate
    from glucolog.analysis.pooled import PooledResult
    from glucolog.services.effect import Comparisons


def effect(result: EffectResult, person: Person) -> str:
    """Write the answer of `effect`."""
    from glucolog.analysis.effect_text import say_effect

    lines = list(say_effect(result, person.unit))
    secondary = [_outcome(outcome, person.unit) for outcome in result.outcomes[1:] if outcome.estimate is not None]
    return "\n".join([*lines, "", words.SECONDARY, *secondary] if secondary else lines)


def everyone(pooled: PooledResult, unit: Unit) -> str:
    """Write the answer of `effect --all`: the people together, then a line each."""
    from glucolog.analysis.effect_text import say_person, say_pooled

    return "\n".join([*say_pooled(pooled, unit), "", *(say_person(person, unit) for person in pooled.people)])


def comparisons(found: Comparisons, person: Person) -> str:
    """Write the answer of `compare`: what was compared first, then what could not be."""
    from glucolog.analysis.effect_text import say_factor, say_symptom

    factors = sorted(found.factors.factors, key=lambda factor: factor.estimate_mg_dl is None)
    lines = [found.factors.note, "", *(say_factor(factor, person.unit) for factor in factors)]
    scores = [say_symptom(change) for change in found.symptoms.symptoms]
    return "\n".join([*lines, "", *scores, *found.symptoms.notes] if scores else lines)


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
