"""The journal: what was changed, taking it back and bringing it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glucolog.core.records import Person
from glucolog.errors import NotFoundError
from glucolog.services.identity import Call
from glucolog.services.opening import whose
from glucolog.storage import JournalEntry, Log, State

PERSON = "person"
"""The journal's word for the record of a person."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose changes are meant, by id, and the zone to tell them in."""

    id: str | None
    zone: str


def owner(log: Log, name: str | None) -> Owner:
    """Return whose changes `name` means: one of the people, or the one whose adding was undone last.

    Without the second, undoing `init` could not be undone. Raises what `whose` raises.
    """
    try:
        person = whose(log, name)
    except NotFoundError:
        absent = _undone_person(log)
        if absent is None:
            raise
        return Owner(absent.person_id, absent.at.zone)
    return Owner(person.id, person.zone)


def undo(log: Log, person: Person | Owner, count: int, call: Call) -> Sequence[JournalEntry]:
    """Take back the last `count` changes of a person's log, newest first; not what a followed source brought."""
    return log.undo(count, uid=call.uid, at=call.now, person_id=person.id)


def undo_change(log: Log, person: Person | Owner, number: int, call: Call) -> Sequence[JournalEntry]:
    """Take back one change of a person's log by its number, whoever made it. Raises `NotFoundError` for another's."""
    if all(entry.seq != number for entry in log.history(None, person.id)):
        raise NotFoundError(f"The history has no change {number}.", "See the numbers with `glucolog history`.")
    return log.undo_entry(number, uid=call.uid, at=call.now)


def redo(log: Log, person: Person | Owner, count: int, call: Call) -> Sequence[JournalEntry]:
    """Bring back what `undo` took."""
    return log.redo(count, uid=call.uid, at=call.now, person_id=person.id)


def history(log: Log, person: Person | Owner, limit: int, *, followed: bool = False) -> Sequence[JournalEntry]:
    """Return what was changed, newest first; what followed sources brought every few minutes only when asked for."""
    return log.history(limit, person.id, followed=followed)


def _undone_person(log: Log) -> JournalEntry | None:
    """Return the latest entry that stands undone and had added somebody."""
    undone = (entry for entry in log.history(None) if entry.state is State.UNDONE)
    return next((entry for entry in undone if any(kind == PERSON for kind, _ in entry.records)), None)
