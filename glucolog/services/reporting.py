"""The report of a period: gather the records, compute what they show, and hand both to the report model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import version

from glucolog import __version__
from glucolog.analysis.agp import ambulatory_profile
from glucolog.analysis.effect import estimate_effect
from glucolog.analysis.factors import compare_factors
from glucolog.analysis.metrics import ConsensusMetrics, consensus_metrics
from glucolog.analysis.outcomes import Outcome
from glucolog.analysis.trace import glucose_arrays
from glucolog.core.lows import attributed_lows
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Session, Trace
from glucolog.core.units import Source
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
from glucolog.services.choice import Choice
from glucolog.services.demo.story import MADE_UP
from glucolog.services.effect import effect_input
from glucolog.services.looking import Range
from glucolog.storage import Log

FOLLOWED_READINGS = 3
"""With fewer readings in the six hours after a session, nobody can say whether a low followed."""
FOLLOWED_MIN = 6 * 60


def model(log: Log, person: Person, span: Range, now: Moment, *, deidentify: bool = False) -> ReportModel:
    """Return the report model of a closed range. Works for an empty log; what is missing is named in it."""
    return report_model(facts(log, person, span, now, deidentify=deidentify))


def facts(log: Log, person: Person, span: Range, now: Moment, *, deidentify: bool = False) -> ReportFacts:
    """Gather what a report is made from. Raises `DamagedLogError` rather than report from a damaged log."""
    log.refuse_damaged()
    within_span = (person.id, span.since, span.until)
    traces = {source: log.trace(person.id, source, span.since, span.until) for source in Source}
    given = effect_input(log, person, span, Choice(), Outcome.CHANGE_120, now)
    sessions = log.sessions(*within_span)
    return ReportFacts(
        person=person,
        since=span.since,
        until=span.until.plus(seconds=1),
        made_at=now,
        traces=tuple(trace for trace in traces.values() if len(trace)),
        sessions=tuple(_reviews(log, person, sessions, now)),
        doses=log.doses(*within_span),
        carbs=log.carbs(*within_span),
        symptoms=log.symptoms(*within_span),
        foot_checks=log.foot_checks(*within_span),
        sensor=_metrics(person, traces[Source.CGM]),
        meter=_metrics(person, traces[Source.METER]),
        profile=ambulatory_profile(glucose_arrays(traces[Source.CGM])) if len(traces[Source.CGM]) else None,
        effect=estimate_effect(given) if sessions else None,
        factors=compare_factors(given) if sessions else None,
        versions=(("glucolog", __version__), ("plotly", version("plotly")), ("numpy", version("numpy"))),
        made_up=person.note == MADE_UP,
        deidentify=deidentify,
    )


def _metrics(person: Person, trace: Trace) -> ConsensusMetrics | None:
    return consensus_metrics(glucose_arrays(trace), person.target_set) if len(trace) else None


def _reviews(log: Log, person: Person, sessions: Sequence[Session], now: Moment) -> Iterator[Reviewed]:
    """Assess sessions with what lies around them; what lies far from any is not read."""
    for stretch in _stretches(sessions, now):
        last = max(session.end or now for session in stretch)
        around = surroundings(
            log, person, stretch[0].start.plus(minutes=-LOOK_BACK_MIN), last.plus(minutes=LOOK_AHEAD_MIN)
        )
        yield from (_reviewed(person, session, around, now) for session in stretch)


def _stretches(sessions: Sequence[Session], now: Moment) -> Iterator[list[Session]]:
    """Group sessions, in time order, whose surroundings touch."""
    stretch: list[Session] = []
    for session in sorted(sessions, key=lambda each: each.start):
        if stretch and session.start.minutes_since(stretch[-1].end or now) > LOOK_BACK_MIN + LOOK_AHEAD_MIN:
            yield stretch
            stretch = []
        stretch.append(session)
    if stretch:
        yield stretch


def _reviewed(person: Person, session: Session, around: Surroundings, now: Moment) -> Reviewed:
    assessed: SessionView = view(person, session, around, now)
    end = session.end or now
    near = within(around.readings, session.start.plus(minutes=-LOOK_BACK_MIN), end.plus(minutes=LOOK_AHEAD_MIN))
    followed = within(around.readings, end, end.plus(minutes=FOLLOWED_MIN))
    return Reviewed(
        session=session,
        paired=assessed.paired,
        change=assessed.change,
        findings=assessed.findings,
        lows=attributed_lows(session, near),
        lows_known=len(followed) >= FOLLOWED_READINGS,
    )
