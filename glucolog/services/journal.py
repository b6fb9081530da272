"""The journal: what was changed, taking it back and bringing it back."""

from __future__ import annotations

from collections.abc import Sequence

from glucolog.core.moments import Moment
from glucolog.core.records import Person
from glucolog.storage import JournalEntry, Log


def undo(log: Log, person: Person, count: int, *, now: Moment) -> Sequence[JournalEntry]:
    """Take back the last `count` changes of a person's log, newest first."""
    return log.undo(count, person_id=person.id, at=now)


def redo(log: Log, person: Person, count: int, *, now: Moment) -> Sequence[JournalEntry]:
    """Bring back what `undo` took."""
    return log.redo(count, person_id=person.id, at=now)


def history(log: Log, person: Person, limit: int) -> Sequence[JournalEntry]:
    """Return what was changed, newest first."""
    return log.history(limit, person_id=person.id)
