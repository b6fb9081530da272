"""Sessions: log, start, stop, repeat, list, show, delete. Each change is one journalled transaction.

`services.editing` corrects them.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from glucolog.core.moments import Moment, format_moment
from glucolog.core.records import Person, Session, Symptom
from glucolog.errors import NotFoundError, RefusedError
from glucolog.services.around import SessionView, views
from glucolog.services.entries import refuse_future
from glucolog.services.entry import (
    LONGEST_MINUTES,
    Around,
    Bundle,
    Companion,
    Details,
    Span,
    Timing,
    bundle,
    changed,
    details_of,
    finished,
    merged,
    refuse_unusual,
    settle_span,
)
from glucolog.services.identity import Call, new_id
from glucolog.storage import Log, Writer

RECENT = 20
"""How many of the last sessions tell what is usual, and hold the running one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a change to a session led to, and what it stored beside the session.

    `repeated` when this very write had been done before.
    """

    view: SessionView
    companions: tuple[Companion, ...] = ()
    repeated: bool = False


def log_session(log: Log, person: Person, timing: Timing, details: Details, around: Around, call: Call) -> Outcome:
    """Store a finished session with its readings, doses, carbs and scores, all or nothing.

    Raises `RefusedError` for what can't be and `ConfirmationNeededError` for what is unusual and not confirmed.
    A repeat of the same write stores nothing and returns the session as stored.
    """
    span = settle_span(timing, call.now, lambda: log.sessions(person.id, limit=RECENT))
    made = bundle(person, finished(person, span, details), around)
    refuse_future_parts(made, call.now)
    with writing(log, person, f"log session of {format_moment(span.start)}", call) as writer:
        if writer.already_done:
            return repeated(log, person, call)
        confirm_span(log, person, span, call)
        store(writer, made, new=True)
    return outcome(log, person, made, call)


def start_session(log: Log, person: Person, begun: Moment, details: Details, around: Around, call: Call) -> Outcome:
    """Store a session that is running. Raises `RefusedError` while another one runs."""
    refuse_future(begun, call.now)
    session = changed(Session(id=new_id(), person_id=person.id, start=begun), details)
    made = bundle(person, session, around)
    refuse_future_parts(made, call.now)
    with writing(log, person, f"start session at {format_moment(begun)}", call) as writer:
        if writer.already_done:
            return repeated(log, person, call)
        _refuse_running(log, person)
        span = Span(begun, call.now.plus(seconds=1), assumed=False)
        confirm_span(log, person, span, call)
        store(writer, made, new=True)
    return outcome(log, person, made, call)


def stop_session(log: Log, person: Person, ended: Moment, details: Details, around: Around, call: Call) -> Outcome:
    """End the running session. Raises `NotFoundError` when none runs."""
    refuse_future(ended, call.now)
    with writing(log, person, f"stop session at {format_moment(ended)}", call) as writer:
        if writer.already_done:
            return repeated(log, person, call)
        running = _running(log, person)
        if running is None:
            raise NotFoundError("No session is running.", "Start one with `glucolog start`, or log a finished one.")
        _refuse_reversed(running.start, ended)
        made = bundle(person, changed(replace(running, end=ended), details), around)
        refuse_future_parts(made, call.now)
        for score in replaced_scores(scores_of(log, person, running), made):
            writer.remove(score)
        store(writer, made, new=False)
    return outcome(log, person, made, call)


def again_details(log: Log, person: Person, said: Details) -> Details:
    """Return the last session's details with what is said now put over them. Raises `NotFoundError` without one."""
    last = next(iter(log.sessions(person.id, limit=1)), None)
    if last is None:
        raise NotFoundError("There is no session to repeat.", "Log one with `glucolog log`.")
    return merged(details_of(last), said)


def delete_session(log: Log, person: Person, ref: str, call: Call) -> SessionView:
    """Delete a session; its readings stay in the log."""
    session = log.session_by_ref(person.id, ref)
    view = _view(log, person, session, call.now)
    with writing(log, person, f"delete session of {format_moment(session.start)}", call) as writer:
        if not writer.already_done:
            writer.remove(session)
    return view


def listing(
    log: Log, person: Person, since: Moment | None, until: Moment | None, now: Moment, limit: int | None = None
) -> list[SessionView]:
    """Return sessions, newest first, assessed and numbered as @1, @2 … count them."""
    newest_first = log.sessions(person.id, since=since, limit=limit if until is None else None)
    numbers = {session.id: number for number, session in enumerate(newest_first, start=1)}
    found = [session for session in newest_first if until is None or session.start <= until]
    return [replace(view, number=numbers[view.session.id]) for view in views(log, person, found[:limit], now)]


def shown(log: Log, person: Person, ref: str, now: Moment) -> SessionView:
    """Return one session, assessed."""
    return _view(log, person, log.session_by_ref(person.id, ref), now)


def writing(log: Log, person: Person, summary: str, call: Call) -> AbstractContextManager[Writer]:
    """Begin one journalled change of a person's sessions."""
    return log.write(uid=call.uid, summary=summary, person_id=person.id, at=call.now)


def store(writer: Writer, made: Bundle, *, new: bool) -> None:
    """Write a session, new or changed, and what goes with it."""
    for reading in made.readings:
        writer.add(reading)
    (writer.add if new else writer.replace)(made.session)
    for record in made.companions():
        writer.add(record)


def outcome(log: Log, person: Person, made: Bundle, call: Call) -> Outcome:
    """Return the session as it stands now, and what was stored beside it."""
    return Outcome(view=_view(log, person, made.session, call.now), companions=made.companions())


def repeated(log: Log, person: Person, call: Call) -> Outcome:
    """Return what the same write had stored before."""
    from glucolog.services.receipts import find

    session = log.session_of_write(call.uid)
    receipt = find(log, person, call.uid)
    stored = tuple(record for record in receipt.records if isinstance(record, Companion)) if receipt else ()
    return Outcome(view=_view(log, person, session, call.now), companions=stored, repeated=True)


def _view(log: Log, person: Person, session: Session, now: Moment) -> SessionView:
    return views(log, person, [session], now)[0]


def scores_of(log: Log, person: Person, session: Session) -> list[Symptom]:
    """Return the scores said with a session."""
    around = log.symptoms(person.id, session.start, session.end or session.start)
    return [score for score in around if score.session_id == session.id]


def replaced_scores(old: Sequence[Symptom], made: Bundle) -> list[Symptom]:
    """Return the scores whose place a new one takes: of the same symptom, on the same side of the session."""
    said = {(score.symptom, score.phase) for score in made.symptoms}
    return [score for score in old if (score.symptom, score.phase) in said]


def confirm_span(log: Log, person: Person, span: Span, call: Call, but: str | None = None) -> None:
    """Raise `ConfirmationNeededError` for an unusual span, unless confirmed; `but` is the session being corrected."""
    if call.confirmed:
        return
    near = log.sessions(person.id, since=span.start.plus(minutes=-2 * LONGEST_MINUTES), until=span.end)
    refuse_unusual(span, (other for other in near if other.id != but))


def _running(log: Log, person: Person) -> Session | None:
    return next((session for session in log.sessions(person.id, limit=RECENT) if session.end is None), None)


def _refuse_running(log: Log, person: Person) -> None:
    running = _running(log, person)
    if running is not None:
        raise RefusedError(
            f"A session is running since {format_moment(running.start)}.", "End it first with `glucolog stop`."
        )


def _refuse_reversed(start: Moment, end: Moment) -> None:
    if end.epoch_s <= start.epoch_s:
        raise RefusedError(
            f"The end ({format_moment(end)}) is not after the start ({format_moment(start)}).",
            "Check the times; `glucolog undo` takes a start back.",
        )


def refuse_future_parts(made: Bundle, now: Moment) -> None:
    """Raise `RefusedError` when something that goes with a session has not come yet."""
    for record in (*made.readings, *made.companions()):
        refuse_future(record.at, now)
