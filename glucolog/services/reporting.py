"""The report of a period: gather the records, compute what they show, and hand both to the report model."""

from __future__ import annotations

from importlib.metadata import version

from glucolog import __version__
from glucolog.analysis.agp import ambulatory_profile
from glucolog.analysis.effect import estimate_effect
from glucolog.analysis.factors import compare_factors
from glucolog.analysis.metrics import consensus_metrics
from glucolog.analysis.outcomes import Outcome
from glucolog.analysis.study import make_study
from glucolog.core.lows import attributed_lows
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Session
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
    given = effect_input(log, person, span, Choice(), Outcome.CHANGE_120, now, traces)
    study = make_study(given)
    sessions = given.sessions
    around = surroundings(log, person, sessions, now)
    return ReportFacts(
        person=person,
        since=span.since,
        until=span.until.plus(seconds=1),
        made_at=now,
        traces=tuple(trace for trace in traces.values() if len(trace)),
        sessions=tuple(_reviewed(person, session, around, now) for session in sessions),
        doses=log.doses(*within_span),
        carbs=log.carbs(*within_span),
        symptoms=log.symptoms(*within_span),
        foot_checks=log.foot_checks(*within_span),
        sensor=consensus_metrics(given.cgm, person.target_set) if given.cgm else None,
        meter=consensus_metrics(given.meter, person.target_set) if given.meter else None,
        profile=ambulatory_profile(given.cgm) if given.cgm else None,
        effect=estimate_effect(given, main_only=True, study=study) if sessions else None,
        factors=compare_factors(given, study) if sessions else None,
        versions=(("glucolog", __version__), ("plotly", version("plotly")), ("numpy", version("numpy"))),
        made_up=person.note == MADE_UP,
        deidentify=deidentify,
    )


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
