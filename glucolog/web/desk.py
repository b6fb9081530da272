"""What a page needs at hand: the log, the person, the time, and how a form comes and goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from glucolog.core.moments import Moment
from glucolog.core.records import Person
from glucolog.errors import ConfirmationNeededError, GlucologError, NotFoundError
from glucolog.services import receipts
from glucolog.services.identity import Call, new_id
from glucolog.storage import Log
from glucolog.web.answers import Answers, FieldProblem, FormRefusedError, is_uuid, problem_of
from glucolog.web.setup import house

UNPROCESSABLE = 422
SEE_OTHER = 303
SAFE = frozenset({"GET", "HEAD"})
"""Methods that only look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The log, whose page it is, and now on that person's clock."""

    log: Log
    person: Person
    now: Moment

    def call(self, uid: str, answers: Answers | None = None) -> Call:
        """Return what every change carries; a form may say that the unusual is meant."""
        confirmed = answers is not None and answers.form.get("confirmed") == "yes"
        return Call(now=self.now, uid=uid, confirmed=confirmed)


def desk_of(person_id: str) -> Desk:
    """Return the desk of a person's pages. Raises `NotFoundError` for an unknown id."""
    home = house()
    for person in home.log.people():
        if person.id == person_id:
            return Desk(log=home.log, person=person, now=now_in(person.zone))
    raise NotFoundError("This person is not in the log.", "Go back to the start and choose again.")


def now_in(zone: str) -> Moment:
    """Return now on a zone's clock."""
    return Moment.of(house().setup.clock(), zone)


def shown(template: str, desk: Desk, **more: Any) -> str:
    """Render a page of a person."""
    return render_template(template, person=desk.person, now=desk.now, **more)


def form_id() -> str | None:
    """Return the id of the form that the address carries, or None."""
    given = request.args.get("form")
    return given if is_uuid(given) else None


def form_page(
    desk: Desk, template: str, store: Callable[[Answers, str], ResponseReturnValue], **more: Any
) -> ResponseReturnValue:
    """Show a form or take it in.

    The form's address carries the id of the write to come, so that going back to a stored form leads to its receipt
    and sending it twice stores once.
    """
    uid = form_id()
    if request.method in SAFE:
        return _form_to_fill(desk, template, uid, more)
    answers = Answers(request.form)
    try:
        answers.check_person(desk.person)
        return store(answers, uid or new_id())
    except (FormRefusedError, GlucologError) as error:
        problems = problems_of(error)
        return shown(template, desk, uid=uid, said=request.form, problems=problems, **more), UNPROCESSABLE


def _form_to_fill(desk: Desk, template: str, uid: str | None, more: dict[str, Any]) -> ResponseReturnValue:
    if uid is None:
        return redirect(f"{request.path}?{urlencode({**_kept(), 'form': new_id()})}", SEE_OTHER)
    if receipts.find(desk.log, desk.person, uid) is not None:
        return to_receipt(desk, uid, again=True)
    return shown(template, desk, uid=uid, said=more.pop("preset", {}), problems=(), **more)


def _kept() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name != "form"}


def problems_of(error: FormRefusedError | GlucologError) -> tuple[FieldProblem, ...]:
    """Return an error as problems of a form."""
    if isinstance(error, FormRefusedError):
        return error.problems
    return (problem_of("", error, confirmable=isinstance(error, ConfirmationNeededError)),)


def to_receipt(desk: Desk, uid: str, *, again: bool = False) -> ResponseReturnValue:
    """Lead to the receipt of a write."""
    address = url_for("home.done", person_id=desk.person.id, uid=uid)
    return redirect(f"{address}?again=yes" if again else address, SEE_OTHER)
