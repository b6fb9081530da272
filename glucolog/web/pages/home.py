"""The start, a person's own start page, receipts with their undo, and the history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from glucolog.core.records import Session
from glucolog.errors import NotFoundError
from glucolog.services import after, entries, journal, receipts, sessions
from glucolog.services.identity import new_id
from glucolog.services.live import next_look
from glucolog.web.answers import Answers
from glucolog.web.desk import SEE_OTHER, Desk, desk_of, shown, to_receipt
from glucolog.web.setup import house

pages = Blueprint("home", __name__)
LATEST = 2
HISTORY = 100
UNTOLD_SHOWN = 3


@pages.get("/")
def start() -> ResponseReturnValue:
    """Lead to the only person, to the choice of people, or to the welcome of an empty log."""
    people = house().log.people()
    if not people:
        return redirect(url_for("settings.welcome"), SEE_OTHER)
    if len(people) == 1:
        return redirect(url_for("home.person_home", person_id=people[0].id), SEE_OTHER)
    return redirect(url_for("people.everyone"), SEE_OTHER)


@pages.get("/p/<person_id>/")
def person_home(person_id: str) -> ResponseReturnValue:
    """Show what to do now: start, or the running session; due checks; the latest sessions."""
    desk = desk_of(person_id)
    views = sessions.listing(desk.log, desk.person, None, None, desk.now, LATEST + 1)
    running = next((view for view in views if view.session.end is None), None)
    return shown(
        "home.html",
        desk,
        running=running,
        next_look=next_look(running.session, desk.now) if running else None,
        views=[view for view in views if view is not running][:LATEST],
        due=after.due(desk.log, desk.person, desk.now),
        untold_shown=UNTOLD_SHOWN,
        untold=entries.untold(desk.log, desk.person),
        **glucose_now(desk),
    )


def glucose_now(desk: Desk) -> Mapping[str, Any]:
    """What the card of the glucose now shows."""
    return {"live": house().live.look(desk.person, desk.now), "feeds": house().feeding.of(desk.person)}


@pages.get("/p/<person_id>/done/<uuid:uid>")
def done(person_id: str, uid: object) -> ResponseReturnValue:
    """Show what a write stored, how to take it back, and what comes next."""
    desk = desk_of(person_id)
    receipt = receipts.find(desk.log, desk.person, str(uid))
    if receipt is None:
        raise NotFoundError("That change is not in the history.", "The history lists what was stored.")
    session = next((record for record in receipt.records if isinstance(record, Session)), None)
    view = sessions.shown(desk.log, desk.person, session.id, desk.now) if session else None
    return shown(
        "done.html", desk, receipt=receipt, view=view, again=request.args.get("again") == "yes", undo_id=new_id(),
        due=after.due(desk.log, desk.person, desk.now),
        next_look=next_look(session, desk.now) if session and session.end is None else None,
    )  # fmt: skip


@pages.post("/p/<person_id>/done/<uuid:uid>")
def undo(person_id: str, uid: object) -> ResponseReturnValue:
    """Take back just that write."""
    desk = desk_of(person_id)
    answers = Answers(request.form)
    answers.check_person(desk.person)
    receipts.take_back(desk.log, desk.person, str(uid), desk.call(answers.text("uid") or new_id()))
    return to_receipt(desk, str(uid))


@pages.get("/p/<person_id>/history")
def history(person_id: str) -> ResponseReturnValue:
    """List what was changed, newest first."""
    desk = desk_of(person_id)
    return shown(
        "history.html", desk, changes=journal.history(desk.log, desk.person, HISTORY), uid=new_id(),
        feeds=house().feeding.of(desk.person),
    )  # fmt: skip


@pages.post("/p/<person_id>/history")
def step(person_id: str) -> ResponseReturnValue:
    """Take back the last change, or bring back what was taken back last."""
    desk = desk_of(person_id)
    answers = Answers(request.form)
    answers.check_person(desk.person)
    call, number = desk.call(answers.text("uid") or new_id()), answers.text("number") or ""
    if answers.text("act") == "redo":
        journal.redo(desk.log, desk.person, 1, call)
    elif number.isdecimal():
        journal.undo_change(desk.log, desk.person, int(number), call)
    else:
        journal.undo(desk.log, desk.person, 1, call)
    return redirect(url_for("home.history", person_id=person_id), SEE_OTHER)


@pages.get("/p/<person_id>/more")
def more(person_id: str) -> ResponseReturnValue:
    """List the pages that have no tab of their own."""
    return shown("more.html", desk_of(person_id))
