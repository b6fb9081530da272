"""The educator's desk: everyone by who needs a look, two side by side, the care team's notes."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from glucolog.services import caseload
from glucolog.services.people import system_zone
from glucolog.web.answers import Answers
from glucolog.web.charts import chart
from glucolog.web.desk import Desk, desk_of, form_page, now_in, to_receipt
from glucolog.web.door import with_charts
from glucolog.web.pages.looking import SPANS, span_of
from glucolog.web.setup import house

pages = Blueprint("people", __name__)


@pages.get("/people")
def everyone() -> ResponseReturnValue:
    """List everyone, those who need a look first."""
    named = request.args.get("named", "").strip()
    need = request.args.get("need") == "yes"
    load = house().caseload
    cases = load.cases(now_in(system_zone()), named=named)
    return render_template(
        "people.html", cases=[case for case in cases if case.needs_look or not need], n=len(house().log.people()),
        near=() if cases else load.near(named), named=named, need=need, days=caseload.LOOK_DAYS,
    )  # fmt: skip


@pages.get("/people/compare")
def compare() -> ResponseReturnValue:
    """Show two people side by side, each over their own sessions' start."""
    people = house().log.people()
    ids = [person.id for person in people]
    asked = [request.args.get(name, "") for name in ("left", "right")]
    desks = [desk_of(person_id) for person_id in asked if person_id in ids]
    drawn = [(desk.person, _aligned(desk, f"-{number}")) for number, desk in enumerate(desks)]
    page = render_template(
        "compare.html", people=people, chosen=asked if desks else (ids * 2)[:2], drawn=drawn,
        charts=[item for _, item in drawn], spans=SPANS, days=request.args.get("days", "90"),
    )  # fmt: skip
    return with_charts(page)


def _aligned(desk: Desk, suffix: str) -> object:
    return chart(desk, "aligned", span_of(desk), suffix=suffix)


@pages.route("/p/<person_id>/notes", methods=["GET", "POST"])
def notes(person_id: str) -> ResponseReturnValue:
    """Show the care team's notes on a person and take in a new one."""
    desk = desk_of(person_id)

    def store(answers: Answers, uid: str) -> ResponseReturnValue:
        text = answers.needed("note", str, "The note")
        caseload.add_note(desk.log, desk.person, answers.given(text), desk.call(uid, answers))
        return to_receipt(desk, uid)

    return form_page(desk, "notes.html", store, notes=caseload.notes(desk.log, desk.person), mark=caseload.NOTE_MARK)
