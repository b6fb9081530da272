"""Single entries – readings, doses, carbs, activity, symptoms, foot checks, notes: add, list, edit, delete."""

from __future__ import annotations

from typing import TypeVar

from glucolog.core.codec import kind_of
from glucolog.core.moments import Moment, format_moment
from glucolog.core.records import Activity, Carbs, Dose, FootCheck, Note, Person, Reading, Symptom
from glucolog.errors import RefusedError, UsageError
from glucolog.services.identity import Call
from glucolog.services.summaries import Entry, describe
from glucolog.storage import Log, Writer

__all__ = ["WORDS", "Entry", "add", "by_ref", "delete", "edit", "listing", "refuse_future", "stored_id"]

E = TypeVar("E", bound=Entry)

WORDS: dict[type, str] = {
    Reading: "reading",
    Dose: "insulin dose",
    Carbs: "carbs",
    Activity: "activity",
    Note: "note",
    Symptom: "symptom score",
    FootCheck: "foot check",
}
"""What each kind of entry is called."""


def add(log: Log, person: Person, record: E, call: Call) -> E:
    """Store one entry as one undoable change. Raises `RefusedError` for one in the future.

    A repeat of a write that was done (same `uid`) stores nothing and returns what was stored then.
    """
    refuse_future(record.at, call.now)
    with log.write(uid=call.uid, summary=_summary("add", record), person_id=person.id, at=call.now) as writer:
        if writer.already_done:
            return log.record(type(record), stored_id(writer, kind_of(record)))
        writer.add(record)
    return record


def edit(log: Log, person: Person, record: E, call: Call) -> E:
    """Put a changed entry in the place of the stored one, as one undoable change."""
    refuse_future(record.at, call.now)
    with log.write(uid=call.uid, summary=_summary("edit", record), person_id=person.id, at=call.now) as writer:
        if not writer.already_done:
            writer.replace(record)
    return record


def delete(log: Log, person: Person, record: E, call: Call) -> E:
    """Delete an entry, as one undoable change."""
    with log.write(uid=call.uid, summary=_summary("delete", record), person_id=person.id, at=call.now) as writer:
        if not writer.already_done:
            writer.remove(record)
    return record


def stored_id(writer: Writer, kind: str) -> str:
    """Return the id of the record of a kind that the earlier, identical write stored.

    Raises `UsageError` when that write was about something else.
    """
    for stored_kind, record_id in writer.earlier.records if writer.earlier else ():
        if stored_kind == kind:
            return record_id
    raise UsageError("This --uid belongs to another change.", "Leave --uid out, or make a new one.")


def _summary(verb: str, record: Entry) -> str:
    return f"{verb} {WORDS[type(record)]}: {describe(record)}"


def refuse_future(at: Moment, now: Moment) -> None:
    """Raise `RefusedError` when a moment has not come yet."""
    if at.epoch_s > now.epoch_s:
        raise RefusedError(f"{format_moment(at)} is in the future.", "Check the time, or log it when it has happened.")


def listing(log: Log, person: Person, kind: type[E], since: Moment, until: Moment) -> list[E]:
    """Return the entries of a closed stretch, newest first."""
    return list(log.entries(kind, person.id, since, until.plus(seconds=1)))[::-1]


def by_ref(log: Log, person: Person, kind: type[E], ref: str) -> E:
    """Return one entry: @1 is the last, @2 the one before, else the first letters of its id."""
    return log.record_by_ref(kind, person.id, ref)
