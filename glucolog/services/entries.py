"""Single entries – readings, doses, carbs, activity, symptoms, foot checks, notes: add, list, edit, delete."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from glucolog.core.codec import kind_of
from glucolog.core.moments import Moment, format_moment
from glucolog.core.records import Activity, Carbs, Dose, FootCheck, Note, Person, Reading, Symptom
from glucolog.errors import NotFoundError, RefusedError, UsageError
from glucolog.services.identity import Call
from glucolog.services.summaries import Entry, describe
from glucolog.storage import Log, Writer

__all__ = ["WORDS", "Entry", "add", "by_ref", "delete", "edit", "last_untold", "listing", "refuse_future", "stored_id"]

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
BARE_CLOCK = "A bare clock time is today's; for the day before, type “yesterday 23:50”."
"""What helps after midnight."""


def add(log: Log, person: Person, record: E, call: Call) -> E:
    """Store one entry as one undoable change. Raises `RefusedError` for one in the future, and what contradicts itself.

    A repeat of a write that was done (same `uid`) stores nothing and returns what was stored then.
    """
    _refuse_impossible(record, call.now)
    with log.write(uid=call.uid, summary=_summary("add", record), person_id=person.id, at=call.now) as writer:
        if writer.already_done:
            return log.record(type(record), stored_id(writer, kind_of(record)))
        writer.add(record)
    return record


def edit(log: Log, person: Person, record: E, call: Call) -> E:
    """Put a changed entry in the place of the stored one, as one undoable change."""
    _refuse_impossible(record, call.now)
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


def _refuse_impossible(record: Entry, now: Moment) -> None:
    refuse_future(record.at, now)
    if isinstance(record, FootCheck) and (unseen := {item.side for item in record.findings} - set(record.sides)):
        raise RefusedError(
            f"There is a finding on the {unseen.pop()} foot, which was not looked at.",
            "Say --side both, or correct the finding.",
        )


def refuse_future(at: Moment, now: Moment) -> None:
    """Raise `RefusedError` when a moment has not come yet."""
    if at.epoch_s > now.epoch_s:
        raise RefusedError(
            f"{format_moment(at)} is in the future.", f"Check the time, or log it when it has happened. {BARE_CLOCK}"
        )


def listing(log: Log, person: Person, kind: type[E], since: Moment, until: Moment) -> list[E]:
    """Return the entries of a closed stretch, newest first."""
    return list(log.entries(kind, person.id, since, until.plus(seconds=1)))[::-1]


def by_ref(log: Log, person: Person, kind: type[E], ref: str) -> E:
    """Return one entry: @1 is the last, @2 the one before, else the first letters of its id."""
    return log.record_by_ref(kind, person.id, ref)


def last_untold(log: Log, person: Person, kind: type[Symptom] | type[FootCheck]) -> Symptom | FootCheck:
    """Return the latest entry of a kind that waits to be told to the team. Raises `NotFoundError` when none does."""
    found: Iterable[Symptom | FootCheck] = log.entries(kind, person.id)
    waiting = [record for record in found if record.is_untold]
    if not waiting:
        raise NotFoundError(
            f"No {WORDS[kind]} waits to be told to the team.", "Name one as @1 (the last), @2, or by its id."
        )
    return waiting[-1]


def untold(log: Log, person: Person) -> list[Symptom | FootCheck]:
    """Return the new or worse symptoms and the foot findings that the team was not told, newest first."""
    found: list[Symptom | FootCheck] = [*log.untold_symptoms(person.id), *log.foot_checks(person.id)]
    return sorted((one for one in found if one.is_untold), key=lambda one: one.at, reverse=True)
