"""The journal: what was changed, taking it back and bringing it back."""

from __future__ import annotations

from collections.abc import Sequence

from glucolog.services.identity import Call
from glucolog.storage import JournalEntry, Log


def undo(log: Log, count: int, call: Call) -> Sequence[JournalEntry]:
    """Take back the last `count` changes, newest first."""
    return log.undo(count, uid=call.uid, at=call.now)


def redo(log: Log, count: int, call: Call) -> Sequence[JournalEntry]:
    """Bring back what `undo` took."""
    return log.redo(count, uid=call.uid, at=call.now)


def history(log: Log, limit: int) -> Sequence[JournalEntry]:
    """Return what was changed, newest first."""
    return log.history(limit)
