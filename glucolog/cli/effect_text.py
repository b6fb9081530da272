"""The effect of sessions for a person: the answer with its caveats, then the exploratory outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glucolog.core.records import Person
from glucolog.core.units import Unit
from glucolog.core.wording import effect as words

if TYPE_CHECKING:
    from glucolog.analysis.effect import EffectResult
    from glucolog.analysis.pooled import PooledResult
    from glucolog.services.effect import Comparisons


def effect(result: EffectResult, person: Person) -> str:
    """Write the answer of `effect`."""
    from glucolog.analysis.effect_text import say_effect, say_outcomes

    lines, secondary = say_effect(result, person.unit), say_outcomes(result.outcomes[1:], person.unit)
    return "\n".join([*lines, "", *secondary] if secondary else lines)


def everyone(pooled: PooledResult, unit: Unit) -> str:
    """Write the answer of `effect --all`: the people together, then a line each."""
    from glucolog.analysis.effect_text import say_person, say_pooled

    people = [say_person(person, unit) for person in pooled.people]
    minus = [words.OUTCOME_MINUS] if any(" −" in line for line in people) else []
    return "\n".join([*say_pooled(pooled, unit), "", *people, *minus])


def comparisons(found: Comparisons, person: Person) -> str:
    """Write the answer of `compare`: what was compared first, then what could not be."""
    from glucolog.analysis.effect_text import say_factor, say_symptom

    factors = sorted(found.factors.factors, key=lambda factor: factor.estimate_mg_dl is None)
    lines = [found.factors.note, "", *(say_factor(factor, person.unit) for factor in factors)]
    scores = [say_symptom(change) for change in found.symptoms.symptoms]
    return "\n".join([*lines, "", *scores, *found.symptoms.notes] if scores else lines)
