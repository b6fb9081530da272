"""What sessions have to do with glucose: gather a person's log and ask the self-matched estimator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glucolog.core.columns import Trace
from glucolog.core.insulin import is_child
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Session
from glucolog.core.units import Source
from glucolog.services.choice import Choice
from glucolog.services.looking import Range
from glucolog.storage import Log

if TYPE_CHECKING:
    from glucolog.analysis.effect import EffectResult
    from glucolog.analysis.factors import FactorsResult, SymptomsResult
    from glucolog.analysis.outcomes import Outcome
    from glucolog.analysis.pooled import PooledResult
    from glucolog.analysis.study import EffectInput
    from glucolog.analysis.trace import GlucoseArrays

CONTEXT_MIN = 24 * 60
"""What still acts on a session, and a session that still occupies time, began at most so many minutes before it."""


def effect(log: Log, person: Person, span: Range, choice: Choice, outcome: Outcome, now: Moment) -> EffectResult:
    """Estimate the effect of the chosen sessions of a range; the other sessions only occupy time."""
    from glucolog.analysis.effect import estimate_effect

    return estimate_effect(effect_input(log, person, span, choice, outcome, now))


def effect_of_everyone(
    log: Log, span_of: Callable[[Person], Range], choice: Choice, outcome: Outcome, now: Moment
) -> PooledResult:
    """Estimate for everyone in the log, each by themselves, and pool the people; `span_of` gives each one's range."""
    from glucolog.analysis.effect import estimate_effect
    from glucolog.analysis.pooled import PersonEffect, pool

    def of(person: Person) -> PersonEffect:
        local = Moment(now.epoch_s, person.zone)
        given = effect_input(log, person, span_of(person), choice, outcome, local)
        return PersonEffect(label=person.name, effect=estimate_effect(given, main_only=True))

    return pool(tuple(of(person) for person in log.people()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparisons:
    """Exploratory comparisons of a range: what goes with a bigger drop, and scores before and after sessions."""

    factors: FactorsResult
    symptoms: SymptomsResult


def comparisons(log: Log, person: Person, span: Range, now: Moment) -> Comparisons:
    """Compare sessions with each other, and scores before with scores after."""
    from glucolog.analysis.factors import compare_factors, compare_symptoms
    from glucolog.analysis.outcomes import Outcome

    given = effect_input(log, person, span, Choice(), Outcome.CHANGE_120, now)
    symptoms = log.symptoms(person.id, span.since)
    return Comparisons(factors=compare_factors(given), symptoms=compare_symptoms(given.sessions, symptoms))


def effect_input(
    log: Log,
    person: Person,
    span: Range,
    choice: Choice,
    outcome: Outcome,
    now: Moment,
    traces: Mapping[Source, Trace] | None = None,
) -> EffectInput:
    """Gather what the estimator reads: the range's readings (unless given as `traces`) and chosen sessions.

    Doses, food, exertion and other sessions begin `CONTEXT_MIN` before the range: they are still at work in it.
    """
    from glucolog.analysis.study import EffectInput

    context = span.since.plus(minutes=-CONTEXT_MIN), span.until
    sessions = log.sessions(person.id, *context)
    asked = tuple(session for session in sessions if session.start >= span.since and choice.takes(session))
    traces = traces or {source: log.trace(person.id, source, span.since, span.until) for source in Source}
    return EffectInput(
        cgm=_arrays(traces[Source.CGM]),
        meter=_arrays(traces[Source.METER]),
        doses=log.doses(person.id, *context),
        carbs=log.carbs(person.id, *context),
        activities=log.activities(person.id, *context),
        sessions=asked,
        other_sessions=_others(sessions, asked),
        zone=person.zone,
        outcome=outcome,
        child=is_child(person, now),
    )


def _arrays(trace: Trace) -> GlucoseArrays | None:
    from glucolog.analysis.trace import glucose_arrays

    return glucose_arrays(trace) if len(trace) else None


def _others(sessions: Sequence[Session], asked: Sequence[Session]) -> tuple[Session, ...]:
    ids = {session.id for session in asked}
    return tuple(session for session in sessions if session.id not in ids)
