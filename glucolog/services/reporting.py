"""The report of a period: gather the records, compute what they show, and hand both to the report model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

from glucolog import __version__
from glucolog.analysis.agp import ambulatory_profile
from glucolog.analysis.effect import EffectResult
from glucolog.analysis.factors import Factor, compare_factors
from glucolog.analysis.metrics import ConsensusMetrics, consensus_metrics
from glucolog.analysis.outcomes import Outcome
from glucolog.analysis.trace import glucose_arrays
from glucolog.core.lows import attributed_lows
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Session, Trace
from glucolog.core.units import Source
from glucolog.plots.effect import EffectRow
from glucolog.reports.build import report_model
from glucolog.reports.facts import ReportFacts, Reviewed
from glucolog.reports.model import ReportModel
from glucolog.services.around import (
    LOOK_AHEAD_MIN,
    LOOK_BACK_MIN,
    SessionView,
    Surroundings,
    surroundings,
    view,
    within,
)
from glucolog.services.demo.story import MADE_UP
from glucolog.services.effect import Choice, effect_input
from glucolog.services.looking import Range
from glucolog.storage import Log

FOLLOWED_READINGS = 3
"""With fewer readings in the six hours after a session, nobody can say whether a low followed."""
FOLLOWED_MIN = 6 * 60


@dataclass(frozen=True, slots=True)
class _Estimated:
    """The effect over all sessions, and the groups that can be compared."""

    result: EffectResult
    factors: tuple[Factor, ...]


def model(log: Log, person: Person, span: Range, now: Moment, *, deidentify: bool = False) -> ReportModel:
    """Return the report model of a closed range. Works for an empty log; what is missing is named in it."""
    return report_model(facts(log, person, span, now, deidentify=deidentify))


def facts(log: Log, person: Person, span: Range, now: Moment, *, deidentify: bool = False) -> ReportFacts:
    """Gather what a report is made from."""
    until = span.until.plus(seconds=1)
    traces = {source: log.trace(person.id, source, span.since, until) for source in Source}
    around = surroundings(log, person, span.since.plus(minutes=-LOOK_BACK_MIN), span.until.plus(minutes=LOOK_AHEAD_MIN))
    estimated = _estimate(log, person, span, now)
    sessions = log.sessions(person.id, span.since, until)
    return ReportFacts(
        person=person,
        since=span.since,
        until=until,
        made_at=now,
        traces=tuple(trace for trace in traces.values() if len(trace)),
        sessions=tuple(_reviewed(person, session, around, now) for session in sessions),
        doses=log.doses(person.id, span.since, until),
        carbs=log.carbs(person.id, span.since, until),
        symptoms=log.symptoms(person.id, span.since, until),
        foot_checks=log.foot_checks(person.id, span.since, until),
        sensor=_metrics(person, traces[Source.CGM]),
        meter=_metrics(person, traces[Source.METER]),
        profile=ambulatory_profile(glucose_arrays(traces[Source.CGM])) if len(traces[Source.CGM]) else None,
        effect=effect_rows(estimated.result, estimated.factors) if sessions else (),
        effect_reason=estimated.result.reason,
        control_starts_s=_control_starts_s(estimated.result),
        versions=(("glucolog", __version__), ("plotly", version("plotly")), ("numpy", version("numpy"))),
        made_up=person.note == MADE_UP,
        deidentify=deidentify,
    )


def effect_rows(result: EffectResult, factors: Sequence[Factor]) -> tuple[EffectRow, ...]:
    """Return the overall estimate, then one row a group that was compared."""
    overall = EffectRow(
        label="all sessions",
        n=result.n_matched,
        n_unmatched=result.n_unmatched,
        grade=result.grade.value,
        estimate_mg_dl=result.estimate_mg_dl,
        ci_low_mg_dl=result.ci_low,
        ci_high_mg_dl=result.ci_high,
        reason=result.reason,
        n_controls=result.n_controls,
        naive_mg_dl=result.naive_mg_dl,
    )
    return (overall, *(_factor_row(factor) for factor in factors))


def _factor_row(factor: Factor) -> EffectRow:
    return EffectRow(
        label=factor.label,
        n=factor.n_with,
        n_unmatched=0,
        grade="none" if factor.estimate_mg_dl is None else "early",
        estimate_mg_dl=factor.estimate_mg_dl,
        ci_low_mg_dl=factor.ci_low,
        ci_high_mg_dl=factor.ci_high,
        reason=factor.reason,
    )


def _estimate(log: Log, person: Person, span: Range, now: Moment) -> _Estimated:
    from glucolog.analysis.effect import estimate_effect

    given = effect_input(log, person, span, Choice(), Outcome.CHANGE_120, now)
    result = estimate_effect(given)
    factors = compare_factors(given).factors if given.sessions else ()
    return _Estimated(result, factors)


def _control_starts_s(result: EffectResult) -> tuple[int, ...]:
    return tuple(sorted({at_s for window in result.windows for at_s in window.controls_at_s}))


def _metrics(person: Person, trace: Trace) -> ConsensusMetrics | None:
    return consensus_metrics(glucose_arrays(trace), person.target_set) if len(trace) else None


def _reviewed(person: Person, session: Session, around: Surroundings, now: Moment) -> Reviewed:
    assessed: SessionView = view(person, session, around, now)
    end = session.end or now
    after = within(around.readings, session.start, end.plus(minutes=LOOK_AHEAD_MIN))
    followed = within(around.readings, end, end.plus(minutes=FOLLOWED_MIN))
    return Reviewed(
        session=session,
        paired=assessed.paired,
        change=assessed.change,
        findings=assessed.findings,
        lows=attributed_lows(session, after),
        lows_known=len(followed) >= FOLLOWED_READINGS,
    )
