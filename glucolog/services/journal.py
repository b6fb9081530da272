"""The journal: what was changed, taking it back and bringing it back."""

from __future__ import annotations

from collections.abc import Sequence

from glucolog.core.records import Person
from glucolog.services.identity import Call
from glucolog.storage import JournalEntry, Log


def undo(log: Log, person: Person, count: int, call: Call) -> Sequence[JournalEntry]:
    """Take back the last `count` changes of a person's log, newest first."""
    return log.undo(count, uid=call.uid, at=call.now, person_id=person.id)


def redo(log: Log, person: Person, count: int, call: Call) -> Sequence[JournalEntry]:
    """Bring back what `undo` took."""
    return log.redo(count, uid=call.uid, at=call.now, person_id=person.id)


def history(log: Log, person: Person, limit: int) -> Sequence[JournalEntry]:
    """Return what was changed, newest first."""
    return log.history(limit, person.id)
