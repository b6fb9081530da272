"""What each plot shows, gathered from the log. Most plots are charts of the report's own model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glucolog.analysis.study import Study, make_study
from glucolog.core.insulin import insulin_on_board, is_child
from glucolog.core.moments import Moment
from glucolog.core.records import Dose, Person
from glucolog.core.units import Source
from glucolog.plots import PlotKind, load
from glucolog.plots.covariates import Covariate, CovariatesData, MeanReturn
from glucolog.plots.page import Panel, figure_page
from glucolog.plots.session import PlacedFinding, SessionData
from glucolog.plots.theme import Scale
from glucolog.plots.words import when
from glucolog.services import reporting, trials
from glucolog.services.around import SessionView
from glucolog.services.demo.story import MADE_UP
from glucolog.services.effect import Choice, effect_input
from glucolog.services.looking import Range
from glucolog.services.sessions import shown
from glucolog.storage import Log

BEFORE_MIN, AFTER_MIN = 120, 360
IOB_STEP_MIN = 5
DOSES_MIN = 8 * 60
KNOWN_AT_START = ("iob_units", "since_bolus_min")


def page(log: Log, person: Person, kind: str, span: Range, ref: str, now: Moment) -> str:
    """Return the page of one plot. `ref` names the session of the plot `session`. Raises for an unknown kind."""
    plot = load(kind)
    panel = panel_of(plot, data_of(log, person, kind, span, ref, now))
    model_note = f"{person.name}, {when(span.since)} to {when(span.until)}."
    made_up = person.note if person.note == MADE_UP else None
    return figure_page(panel, (model_note,), made_up)


def panel_of(plot: PlotKind, data: object) -> Panel:
    """Draw the data of a plot."""
    return Panel(
        id=f"chart-{plot.name}",
        title=plot.title,
        figure=plot.figure(data),
        summary=plot.summary(data),
        table=plot.table(data),
    )


def data_of(log: Log, person: Person, kind: str, span: Range, ref: str, now: Moment) -> object:
    """Gather what a plot shows."""
    if kind == "session":
        return session_data(log, person, shown(log, person, ref, now))
    if kind == "trial":
        return trials.plot_data(log, person, now.local_day)
    if kind == "covariates":
        return covariates_data(log, person, span, now)
    return getattr(reporting.model(log, person, span, now).charts, kind)


def session_data(log: Log, person: Person, view: SessionView) -> SessionData:
    """Gather one session from two hours before to six hours after its start."""
    start = view.session.start
    since, until = start.plus(minutes=-BEFORE_MIN), start.plus(minutes=AFTER_MIN)
    traces = (log.trace(person.id, source, since, until.plus(seconds=1)) for source in Source)
    doses = log.doses(person.id, since.plus(minutes=-DOSES_MIN), until.plus(seconds=1))
    board = insulin_on_board(doses, start, child=is_child(person, start))
    return SessionData(
        scale=Scale.of(person),
        session=view.session,
        traces=tuple(trace for trace in traces if len(trace)),
        paired=view.paired,
        change=view.change,
        doses=tuple(dose for dose in doses if dose.at >= since),
        carbs=log.carbs(person.id, since, until.plus(seconds=1)),
        iob=tuple(_iob(person, doses, since, until)) if doses else (),
        iob_model=", ".join(board.models),
        findings=tuple(PlacedFinding(finding=finding) for finding in view.findings),
    )


def _iob(person: Person, doses: tuple[Dose, ...], since: Moment, until: Moment) -> Iterator[tuple[Moment, float]]:
    child = is_child(person, since)
    for minute in range(0, int(until.minutes_since(since)) + 1, IOB_STEP_MIN):
        at = since.plus(minutes=minute)
        yield at, insulin_on_board(doses, at, child=child).units


def covariates_data(log: Log, person: Person, span: Range, now: Moment) -> CovariatesData:
    """Gather the drops of all paired sessions beside what was known at their start."""
    from glucolog.analysis.outcomes import Outcome

    study = make_study(effect_input(log, person, span, Choice(), Outcome.CHANGE_120, now))
    facts = reporting.facts(log, person, span, now)
    known = _known_at_start(study)
    return CovariatesData(
        scale=Scale.of(person),
        sessions=tuple(
            Covariate(
                label=when(each.session.start),
                drop_mg_dl=each.change.drop_mg_dl,
                start_mg_dl=each.paired.before.glucose.mg_dl if each.paired.before else None,
                length_min=each.session.minutes,
                pressure=each.session.pressure,
                **known.get(each.session.id, {}),
            )
            for each in facts.sessions
            if each.change.drop_mg_dl is not None
        ),
        without=_mean_return(study),
    )


def _known_at_start(study: Study | None) -> dict[str, dict[str, float]]:
    if study is None:
        return {}
    columns = {name: study.starts.columns[name] for name in KNOWN_AT_START if name in study.starts.columns}
    return {
        session.id: {name: float(values[row]) for name, values in columns.items()}
        for row, session in enumerate(study.sessions)
        if study.starts.problem[row] == 0
    }


def _mean_return(study: Study | None) -> MeanReturn | None:
    """Fit the drop of session-free times on their starting glucose: what comes down by itself."""
    from glucolog.analysis.outcomes import Outcome, observe

    if study is None or len(study.controls) < 2:
        return None
    seen = observe(Outcome.CHANGE_120, study.controls.at_s, study.controls.start_mg_dl, 0.0, study.known)
    starts, drops = study.controls.start_mg_dl[seen.known], seen.values[seen.known]
    if starts.size < 2 or np.ptp(starts) == 0:
        return None
    slope, intercept = np.polyfit(starts, drops, 1)
    return MeanReturn(intercept_mg_dl=float(intercept), slope=float(slope), n=int(starts.size))
