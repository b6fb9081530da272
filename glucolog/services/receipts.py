"""What one write stored, found again by the write's own id, and taking back just that write."""

from __future__ import annotations

from dataclasses import dataclass

from glucolog.core.codec import RECORD_KINDS
from glucolog.core.records import Person, Record
from glucolog.errors import NotFoundError
from glucolog.services.identity import Call
from glucolog.storage import JournalEntry, Log, State

LOOKED_THROUGH = 200
"""An import's receipt is asked for right after it; so many changes of the person are looked through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A write and the records that stand because of it; `records` is empty when it was taken back."""

    entry: JournalEntry
    records: tuple[Record, ...]

    @property
    def stands(self) -> bool:
        """Whether the write was not taken back."""
        return self.entry.state is State.DONE


def find(log: Log, person: Person, uid: str) -> Receipt | None:
    """Return what a person's write of this id stored, or None when there was no such write."""
    entry = log.change_of(uid)
    if entry is None or entry.person_id != person.id:
        return None
    return Receipt(entry=entry, records=_records(log, entry))


def of_batch(log: Log, person: Person, batch_id: str) -> Receipt | None:
    """Return the receipt of an import, or None when there was no such import."""
    for entry in log.history(LOOKED_THROUGH, person.id):
        if entry.batch_id == batch_id:
            return Receipt(entry=entry, records=_records(log, entry))
    return None


def take_back(log: Log, person: Person, uid: str, call: Call) -> Receipt:
    """Take back just this write. Raises `RefusedError` when a later one builds on it; a repeat changes nothing."""
    receipt = find(log, person, uid)
    if receipt is None:
        raise NotFoundError("That change is not in the history.", "See the history for what can be taken back.")
    if receipt.stands:
        log.undo_entry(receipt.entry.seq, uid=call.uid, at=call.now)
    return receipt


def _records(log: Log, entry: JournalEntry) -> tuple[Record, ...]:
    found = []
    for kind, record_id in entry.records:
        try:
            found.append(log.record(RECORD_KINDS[kind], record_id))
        except NotFoundError:
            continue  # removed since, or by this very write
    return tuple(found)
