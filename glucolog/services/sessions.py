"""Sessions: log, start, stop, repeat, list, show, edit, delete. Each change is one journalled transaction."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from glucolog.core.moments import Moment, format_moment
from glucolog.core.records import Person, Phase, Reading, Session
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
    _refuse_future_parts(made, call.now)
    with _writing(log, person, f"log session of {format_moment(span.start)}", call) as writer:
        if writer.already_done:
            return _repeated(log, person, call)
        _confirm(log, person, span, call)
        _store(writer, made, new=True)
    return _outcome(log, person, made, call)


def start_session(log: Log, person: Person, begun: Moment, details: Details, around: Around, call: Call) -> Outcome:
    """Store a session that is running. Raises `RefusedError` while another one runs."""
    refuse_future(begun, call.now)
    session = changed(Session(id=new_id(), person_id=person.id, start=begun), details)
    made = bundle(person, session, around)
    _refuse_future_parts(made, call.now)
    with _writing(log, person, f"start session at {format_moment(begun)}", call) as writer:
        if writer.already_done:
            return _repeated(log, person, call)
        _refuse_running(log, person)
        span = Span(begun, call.now.plus(seconds=1), assumed=False)
        _confirm(log, person, span, call)
        _store(writer, made, new=True)
    return _outcome(log, person, made, call)


def stop_session(log: Log, person: Person, ended: Moment, details: Details, around: Around, call: Call) -> Outcome:
    """End the running session. Raises `NotFoundError` when none runs."""
    refuse_future(ended, call.now)
    with _writing(log, person, f"stop session at {format_moment(ended)}", call) as writer:
        if writer.already_done:
            return _repeated(log, person, call)
        running = _running(log, person)
        if running is None:
            raise NotFoundError("No session is running.", "Start one with `glucolog start`, or log a finished one.")
        _refuse_reversed(running.start, ended)
        made = bundle(person, changed(replace(running, end=ended), details), around)
        _refuse_future_parts(made, call.now)
        _store(writer, made, new=False)
    return _outcome(log, person, made, call)


def again_details(log: Log, person: Person, said: Details) -> Details:
    """Return the last session's details with what is said now put over them. Raises `NotFoundError` without one."""
    last = next(iter(log.sessions(person.id, limit=1)), None)
    if last is None:
        raise NotFoundError("There is no session to repeat.", "Log one with `glucolog log`.")
    return merged(details_of(last), said)


def edit_session(
    log: Log, person: Person, ref: str, timing: Timing, details: Details, around: Around, call: Call
) -> Outcome:
    """Change what is said of a stored session.

    A new reading takes the place of the one typed before, and typed readings move with the start or end they stand at.
    """
    old = log.session_by_ref(person.id, ref)
    session = changed(_retimed(old, timing, call.now), details)
    made = bundle(person, session, around)
    typed = _typed_readings(log, old)
    moved = [_moved(reading, phase, old, session) for reading, phase in typed if _kept(reading, made)]
    _refuse_future_parts(made, call.now)
    for reading in moved:
        refuse_future(reading.at, call.now)
    with _writing(log, person, f"edit session of {format_moment(old.start)}", call) as writer:
        if writer.already_done:
            return _repeated(log, person, call)
        if timing != Timing() and session.end is not None:
            span = Span(session.start, session.end, assumed=session.length_assumed)
            _confirm(log, person, span, call, but=session.id)
        for reading in moved:
            writer.replace(reading)
        _store(writer, made, new=False)
        for reading, _ in typed:
            if not _kept(reading, made):
                writer.remove(reading)
    return _outcome(log, person, made, call)


def delete_session(log: Log, person: Person, ref: str, call: Call) -> SessionView:
    """Delete a session; its readings stay in the log."""
    session = log.session_by_ref(person.id, ref)
    view = _view(log, person, session, call.now)
    with _writing(log, person, f"delete session of {format_moment(session.start)}", call) as writer:
        if not writer.already_done:
            writer.remove(session)
    return view


def listing(
    log: Log, person: Person, since: Moment | None, until: Moment | None, now: Moment, limit: int | None = None
) -> list[SessionView]:
    """Return sessions, newest first, assessed and numbered as @1, @2 … count them."""
    newest_first = log.sessions(person.id)
    numbers = {session.id: number for number, session in enumerate(newest_first, start=1)}
    found = [
        session
        for session in newest_first
        if (since is None or since <= session.start) and (until is None or session.start <= until)
    ]
    return [replace(view, number=numbers[view.session.id]) for view in views(log, person, found[:limit], now)]


def shown(log: Log, person: Person, ref: str, now: Moment) -> SessionView:
    """Return one session, assessed."""
    return _view(log, person, log.session_by_ref(person.id, ref), now)


def _writing(log: Log, person: Person, summary: str, call: Call) -> AbstractContextManager[Writer]:
    return log.write(uid=call.uid, summary=summary, person_id=person.id, at=call.now)


def _store(writer: Writer, made: Bundle, *, new: bool) -> None:
    for reading in made.readings:
        writer.add(reading)
    (writer.add if new else writer.replace)(made.session)
    for record in made.companions():
        writer.add(record)


def _outcome(log: Log, person: Person, made: Bundle, call: Call) -> Outcome:
    return Outcome(view=_view(log, person, made.session, call.now), companions=made.companions())


def _repeated(log: Log, person: Person, call: Call) -> Outcome:
    from glucolog.services.receipts import find

    session = log.session_of_write(call.uid)
    receipt = find(log, person, call.uid)
    stored = tuple(record for record in receipt.records if isinstance(record, Companion)) if receipt else ()
    return Outcome(view=_view(log, person, session, call.now), companions=stored, repeated=True)


def _view(log: Log, person: Person, session: Session, now: Moment) -> SessionView:
    return views(log, person, [session], now)[0]


def _retimed(old: Session, timing: Timing, now: Moment) -> Session:
    if timing == Timing():
        return old
    if timing.start and timing.end is None and timing.minutes is None and old.minutes is not None:
        timing = replace(timing, minutes=old.minutes)
    elif timing.start is None and not (timing.end and timing.minutes):
        timing = replace(timing, start=old.start)
    span = settle_span(timing, now, tuple)
    return replace(old, start=span.start, end=span.end, length_assumed=False)


def _typed_readings(log: Log, session: Session) -> list[tuple[Reading, Phase]]:
    """Return the readings that were typed with a session; imported ones keep their own time and value."""
    typed = []
    for link in session.links:
        try:
            reading = log.record(Reading, link.reading_id)
        except NotFoundError:
            continue  # deleted since
        if reading.batch_id is None:
            typed.append((reading, link.phase))
    return typed


def _kept(reading: Reading, made: Bundle) -> bool:
    return any(link.reading_id == reading.id for link in made.session.links)


def _moved(reading: Reading, phase: Phase, old: Session, new: Session) -> Reading:
    """Move a reading with the end of the session it was typed for: `before` with the start, the others with the end."""
    stood, stands = (old.start, new.start) if phase is Phase.BEFORE else (old.end, new.end)
    at_its_end = stood is not None and stands is not None and (phase is Phase.FOLLOWUP or reading.at == stood)
    if not at_its_end or stood is None or stands is None:
        return reading
    return replace(reading, at=reading.at.plus(seconds=stands.epoch_s - stood.epoch_s))


def _confirm(log: Log, person: Person, span: Span, call: Call, but: str | None = None) -> None:
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


def _refuse_future_parts(made: Bundle, now: Moment) -> None:
    for record in (*made.readings, *made.companions()):
        refuse_future(record.at, now)
