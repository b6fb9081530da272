"""What each plot shows, gathered from the log. Most plots are charts of the report's own model."""

from __future__ import annotations

from collections.abc import Callable

from glucolog.core.insulin import is_child
from glucolog.core.moments import Moment
from glucolog.core.records import Person
from glucolog.core.units import Source
from glucolog.core.wording import report as wording
from glucolog.plots import covariates, load
from glucolog.plots.covariates import CovariatesData
from glucolog.plots.page import figure_page, panel_of
from glucolog.plots.session import SessionData, iob_strip, placed
from glucolog.plots.theme import Scale
from glucolog.plots.words import when
from glucolog.reports.model import Charts
from glucolog.services import reporting, trials
from glucolog.services.around import SessionView
from glucolog.services.choice import Choice
from glucolog.services.demo.story import MADE_UP
from glucolog.services.effect import effect_input
from glucolog.services.looking import Range
from glucolog.services.sessions import shown
from glucolog.storage import Log

BEFORE_MIN, AFTER_MIN = 120, 360
DOSES_MIN = 8 * 60


def page(log: Log, person: Person, kind: str, span: Range, ref: str, now: Moment) -> str:
    """Return the page of one plot. `ref` names the session of the plot `session`. Raises for an unknown kind."""
    plot = load(kind)
    panel = panel_of(plot, data_of(log, person, kind, span, ref, now))
    model_note = f"{person.name}, {when(span.since)} to {when(span.until)}."
    made_up = wording.MADE_UP if person.note == MADE_UP else None
    return figure_page(panel, (model_note,), made_up)


ChartsOf = Callable[[Log, Person, Range, Moment], Charts]


def charts_of(log: Log, person: Person, span: Range, now: Moment) -> Charts:
    """Return the charts of a report over a range."""
    return reporting.model(log, person, span, now).charts


def data_of(
    log: Log, person: Person, kind: str, span: Range, ref: str, now: Moment, charts: ChartsOf = charts_of
) -> object:
    """Gather what a plot shows; `charts` may know them already."""
    if kind == "session":
        return session_data(log, person, shown(log, person, ref, now))
    if kind == "trial":
        return trials.plot_data(log, person, now.local_day)
    if kind == "covariates":
        return covariates_data(log, person, span, now)
    return getattr(charts(log, person, span, now), kind)


def session_data(log: Log, person: Person, view: SessionView) -> SessionData:
    """Gather one session from two hours before to six hours after its start."""
    start = view.session.start
    since, until = start.plus(minutes=-BEFORE_MIN), start.plus(minutes=AFTER_MIN)
    traces = (log.trace(person.id, source, since, until.plus(seconds=1)) for source in Source)
    doses = log.doses(person.id, since.plus(minutes=-DOSES_MIN), until.plus(seconds=1))
    iob, iob_model = iob_strip(view.session, doses, child=is_child(person, start))
    return SessionData(
        scale=Scale.of(person),
        session=view.session,
        traces=tuple(trace for trace in traces if len(trace)),
        paired=view.paired,
        change=view.change,
        doses=tuple(dose for dose in doses if dose.at >= since),
        carbs=log.carbs(person.id, since, until.plus(seconds=1)),
        iob=iob,
        iob_model=iob_model,
        findings=placed(view.findings, start.zone),
    )


def covariates_data(log: Log, person: Person, span: Range, now: Moment) -> CovariatesData:
    """Gather the drops of the sessions beside what was known at their start."""
    from glucolog.analysis.effect import estimate_effect
    from glucolog.analysis.outcomes import Outcome

    given = effect_input(log, person, span, Choice(), Outcome.CHANGE_120, now)
    return covariates.from_result(
        estimate_effect(given, main_only=True), given.sessions, given.doses, Scale.of(person), child=given.child
    )
