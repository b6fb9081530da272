"""Looking back: every plot over a range, and the report as a page and as files."""

from __future__ import annotations

import re
from io import BytesIO

from flask import Blueprint, make_response, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from glucolog.core.moments import Moment, parse_when
from glucolog.core.records import Person
from glucolog.core.wording import web as words
from glucolog.errors import NotFoundError
from glucolog.plots import PLOT_KINDS, load
from glucolog.services import reporting
from glucolog.services.looking import Range, settle_range
from glucolog.services.publishing import RENDERERS, published
from glucolog.web.answers import Answers, FormRefusedError
from glucolog.web.charts import chart
from glucolog.web.desk import UNPROCESSABLE, Desk, desk_of, problems_of, shown
from glucolog.web.door import with_charts
from glucolog.web.uploads import bare_name

pages = Blueprint("looking", __name__)
KINDS = {kind: what for kind, (_, what) in PLOT_KINDS.items() if kind != "session"}
"""The plots of a range; a session's stands on its own page."""
SPANS = {"14": "2 weeks", "30": "30 days", "90": "90 days", "": "everything"}
TYPES = {".pdf": "application/pdf", ".html": "text/html", ".txt": "text/plain", ".json": "application/json"}
DAY_MIN = 24 * 60
_OWN_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]+)"')


@pages.get("/p/<person_id>/plots")
def plots(person_id: str) -> ResponseReturnValue:
    """List the plots."""
    kinds = [(kind, load(kind).title, what) for kind, what in KINDS.items()]
    return shown("plots.html", desk_of(person_id), kinds=kinds)


@pages.get("/p/<person_id>/plots/<kind>")
def plot(person_id: str, kind: str) -> ResponseReturnValue:
    """Show one plot over a range."""
    desk = desk_of(person_id)
    if kind not in KINDS:
        raise NotFoundError("There is no such plot.", "Choose one from the list of plots.")
    drawn = chart(desk, kind, span_of(desk))
    page = shown("plot.html", desk, kind=kind, what=KINDS[kind], charts=[drawn], spans=SPANS, days=_days())
    return with_charts(page)


@pages.get("/p/<person_id>/report")
def report(person_id: str) -> ResponseReturnValue:
    """Offer the report: its range and its forms."""
    return shown("report.html", desk_of(person_id), spans=SPANS, problems=(), said={}, boundary=words.BOUNDARY)


@pages.get("/p/<person_id>/report/show")
def report_page(person_id: str) -> ResponseReturnValue:
    """Show the report as a page; it brings its own policy, under which its scripts run by hash alone."""
    return _report(person_id, ".html", download=False)


@pages.get("/p/<person_id>/report/file/<ending>")
def report_file(person_id: str, ending: str) -> ResponseReturnValue:
    """Hand out the report as a file named after the person."""
    if f".{ending}" not in RENDERERS:
        raise NotFoundError("A report has no such form.", "Choose one from the page of the report.")
    return _report(person_id, f".{ending}", download=True)


def _report(person_id: str, ending: str, *, download: bool) -> ResponseReturnValue:
    desk = desk_of(person_id)
    try:
        span = span_of(desk)
    except FormRefusedError as error:
        page = shown("report.html", desk, spans=SPANS, problems=problems_of(error), said=request.args)
        return page, UNPROCESSABLE
    bare = request.args.get("deidentify") == "yes"
    model = reporting.model(desk.log, desk.person, span, desk.now, deidentify=bare)
    content = published(model, f"report{ending}")
    name = file_name(desk.person, desk.now, ending, bare=bare)
    response = make_response(send_file(BytesIO(content), TYPES[ending], as_attachment=download, download_name=name))
    own = _OWN_POLICY.search(content[:20_000].decode("utf-8", "replace")) if ending == ".html" else None
    if own and not download:
        response.headers["Content-Security-Policy"] = own[1] + "; frame-ancestors 'none'"
    return response


def file_name(person: Person, now: Moment, ending: str, *, bare: bool) -> str:
    """Return the name of a report's file: whose it is and of which day; without the name where it is to stay out."""
    who = "" if bare else f" {person.name}"
    return bare_name(f"glucolog report{who} {now.local_day.isoformat()}{ending}")


def span_of(desk: Desk) -> Range:
    """Read the range that an address asks for: so many days, or from and until. Raises `FormRefusedError`."""
    answers = Answers(MultiDict(request.args))
    since, until = (answers.read(name, lambda text: parse_when(text, desk.now)) for name in ("since", "until"))
    answers.settle()
    days = _days()
    if days and since is None:
        since = desk.now.plus(minutes=-int(days) * DAY_MIN)
    return settle_range(desk.log, desk.person, since, until, desk.now)


def _days() -> str:
    days = request.args.get("days", "90")
    return days if days in SPANS else "90"
