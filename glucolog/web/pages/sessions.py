"""Sessions: the list, one session's page with its plot, correcting and deleting it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from glucolog.services import sessions
from glucolog.services.around import SessionView
from glucolog.services.editing import edit_session
from glucolog.services.figures import AFTER_MIN
from glucolog.services.identity import new_id
from glucolog.services.looking import Range
from glucolog.web.answers import Answers
from glucolog.web.charts import chart
from glucolog.web.desk import desk_of, form_page, shown, to_receipt
from glucolog.web.door import with_charts
from glucolog.web.pages.before import CHOICES, around_of, details_from, filled, timing_of
from glucolog.web.pages.home import glucose_now

pages = Blueprint("sessions", __name__)
A_PAGE = 20


@pages.get("/p/<person_id>/sessions")
def listing(person_id: str) -> ResponseReturnValue:
    """List sessions, newest first, a page at a time."""
    desk = desk_of(person_id)
    first = max(0, request.args.get("from", 0, type=int))
    views = sessions.listing(desk.log, desk.person, None, None, desk.now, first + A_PAGE + 1)
    more = first + A_PAGE if len(views) > first + A_PAGE else None
    return shown("sessions.html", desk, views=views[first : first + A_PAGE], more=more)


@pages.get("/p/<person_id>/sessions/<uuid:session_id>")
def one(person_id: str, session_id: object) -> ResponseReturnValue:
    """Show one session: its readings, change, findings and plot."""
    desk = desk_of(person_id)
    view = sessions.shown(desk.log, desk.person, str(session_id), desk.now)
    drawn = chart(desk, "session", Range(view.session.start, desk.now), str(session_id))
    ended = view.session.end
    followed = ended is None or desk.now.minutes_since(ended) < AFTER_MIN
    live = glucose_now(desk) if followed else {}
    return with_charts(shown("session.html", desk, view=view, charts=[drawn], uid=new_id(), **live))


@pages.route("/p/<person_id>/sessions/<uuid:session_id>/edit", methods=["GET", "POST"])
def edit(person_id: str, session_id: object) -> ResponseReturnValue:
    """Correct what is said of a session."""
    desk, ref = desk_of(person_id), str(session_id)
    view = sessions.shown(desk.log, desk.person, ref, desk.now)

    def store(answers: Answers, uid: str) -> ResponseReturnValue:
        timing, around, details = timing_of(answers, desk), around_of(answers, desk), details_from(answers)
        answers.settle()
        edit_session(desk.log, desk.person, ref, timing, details, around, desk.call(uid, answers))
        return to_receipt(desk, uid)

    return form_page(desk, "edit.html", store, view=view, preset=_preset(view), **CHOICES)


def _preset(view: SessionView) -> Mapping[str, Any]:
    return filled(view.session)


@pages.post("/p/<person_id>/sessions/<uuid:session_id>/delete")
def delete(person_id: str, session_id: object) -> ResponseReturnValue:
    """Delete a session; its readings stay."""
    desk, answers = desk_of(person_id), Answers(request.form)
    answers.check_person(desk.person)
    uid = answers.text("uid") or new_id()
    sessions.delete_session(desk.log, desk.person, str(session_id), desk.call(uid))
    return to_receipt(desk, uid)
