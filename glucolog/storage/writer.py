"""One change of the log: records stored, changed and removed together with their journal entry, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from glucolog.core.codec import RECORD_KINDS, kind_of
from glucolog.core.columns import ReadingBlock
from glucolog.core.moments import Moment
from glucolog.core.records import ImportBatch, Reading, Record
from glucolog.errors import NotFoundError
from glucolog.storage import rows
from glucolog.storage.counts import BlockCounts
from glucolog.storage.journal import Action, Change, JournalEntry, entry_of, image, note_batch, note_changes, open_entry
from glucolog.storage.used import settle_used

if TYPE_CHECKING:
    from glucolog.storage.bulk import Import
    from glucolog.storage.events import Event


class Writer:
    """What `Log.write` gives: everything done through it is one journal entry in one transaction.

    `already_done` is true when a write with the same id was made before; `earlier` is then its entry, and nothing that
    is asked of this writer is done again.
    """

    def __init__(self, connection: Connection, *, uid: str, summary: str, person_id: str | None, at: Moment) -> None:
        self.uid, self.summary, self.person_id, self.at = uid, summary, person_id, at
        self._connection = connection
        self._seq: int | None = None
        self._touched: list[str] = []
        self._batch_id: str | None = None
        self._imported = 0
        self._ends_s: list[int] = []
        self.earlier: JournalEntry | None = entry_of(connection, uid)

    @property
    def already_done(self) -> bool:
        """Whether this write was made before, under the same id."""
        return self.earlier is not None

    @property
    def record_ids(self) -> tuple[str, ...]:
        """The ids of the records touched, in order: by the earlier write where this one was made before."""
        return self.earlier.record_ids if self.earlier else tuple(self._touched)

    def add(self, record: Record) -> None:
        """Store a new record. Raises `RefusedError` when the log can't hold it or has its id already."""
        if self.already_done:
            return
        seq = self._entry()
        more = {"entry_seq": seq, "used": True} if isinstance(record, Reading) else {}
        rows.store(self._connection, [record], **more)
        self._note(None, record)
        if isinstance(record, ImportBatch):
            self._batch_id = record.id
            note_batch(self._connection, seq, record.id)

    def replace(self, record: Record) -> None:
        """Store the record in place of the one with its id. Raises `NotFoundError` when there is none."""
        if self.already_done:
            return
        before = self._present(record)
        if before == record:
            return
        self._entry()
        rows.put(self._connection, record)
        self._settle(before, record)
        self._note(before, record)

    def remove(self, record: Record) -> None:
        """Remove the record with this one's id. Raises `NotFoundError` when there is none."""
        if self.already_done:
            return
        before = self._present(record)
        self._entry()
        rows.hide(self._connection, type(before), [before.id], self.at.epoch_s)
        self._settle(before)
        self._note(before, None)

    def add_missing(self, records: Iterable[Record]) -> BlockCounts:
        """Store the records, of any kinds, whose ids the log does not hold: those of an export of another log.

        A record that is there with other contents is a conflict and stays as it is. One that was removed comes back.
        """
        counts = BlockCounts()
        if self.already_done:
            return counts
        given = list(records)
        for kind, record_type in RECORD_KINDS.items():
            counts += self._add_missing({one.id: one for one in given if kind_of(one) == kind}, record_type)
        return counts

    def add_blocks(
        self,
        person_id: str,
        batch_id: str,
        blocks: Iterable[ReadingBlock],
        taken: Callable[[int], None] = lambda _count: None,
    ) -> BlockCounts:
        """Store the imported readings that the log does not have; see `storage.bulk` for what "has" means.

        The batch is added first, in this same write (`ValueError` otherwise). Undone with the write, set-wise. `taken`
        is told now and then how many readings of a block have been taken up.
        """
        from glucolog.storage.bulk import add_blocks

        if self.already_done:
            return BlockCounts()
        to = self._import(person_id, batch_id)
        return self._count(add_blocks(self._connection, to, self._measured(blocks), taken))

    def add_events(self, person_id: str, batch_id: str, events: Sequence[Event], *, shift_s: int = 0) -> BlockCounts:
        """Store the imported doses, carbs, activities and notes that the log does not have.

        See `storage.events` for what "has" means. As `add_blocks` otherwise.
        """
        from glucolog.storage.events import add_events

        if self.already_done:
            return BlockCounts()
        person_id = self._import(person_id, batch_id).person_id
        return self._count(add_events(self._connection, person_id, events, shift_s=shift_s))

    def renew_events(
        self, person_id: str, batch_id: str, record_type: type[Event], events: Sequence[Event], named: AbstractSet[str]
    ) -> tuple[Sequence[Event], BlockCounts]:
        """Bring events of one type, known by the name their source gives them, up to what it says of them now.

        Returns those that are new to the log, not stored yet, and counts the others; see `storage.renewing`.
        """
        from glucolog.storage.renewing import renew

        if self.already_done:
            return (), BlockCounts()
        renewed = renew(self._connection, self._import(person_id, batch_id).person_id, record_type, events, named)
        gone = [before.id for before, after in renewed.noted if before is not None and after is None]
        rows.hide(self._connection, record_type, gone, self.at.epoch_s)
        for before, after in renewed.noted:
            self._note(before, after)
        return renewed.unknown, self._count(renewed.counts)

    @property
    def changed_nothing(self) -> bool:
        """Whether the log would be the same without this write: an import that brought nothing counts as none."""
        return self._seq is None or (self._touched == [self._batch_id] and not self._imported)

    def finish(self) -> None:
        """Write what only the end of a change knows: the digest of what an import stored, in a file."""
        if self._imported and self._connection.dialect.name == "sqlite":
            from glucolog.storage.imported import note_digest

            assert self._batch_id is not None  # noqa: S101 – nothing is imported without its batch
            span_s = min(self._ends_s, default=0), max(self._ends_s, default=0)
            note_digest(self._connection, self._entry(), len(self._touched), self._batch_id, span_s)

    def _measured(self, blocks: Iterable[ReadingBlock]) -> Iterator[ReadingBlock]:
        for block in blocks:
            if len(block):
                self._ends_s += min(block.at_s), max(block.at_s)
            yield block

    def _add_missing(self, given: dict[str, Record], record_type: type[Any]) -> BlockCounts:
        live = rows.fetch_all(self._connection, record_type, list(given))
        hidden = rows.fetch_all(self._connection, record_type, list(given), hidden_too=True).keys() - live.keys()
        fresh = [one for one in given.values() if one.id not in live]
        if fresh:
            self._put_all([one for one in fresh if one.id not in hidden], [one for one in fresh if one.id in hidden])
        same = sum(live[record_id] == given[record_id] for record_id in live)
        return BlockCounts(new=len(fresh), duplicate=same, conflict=len(live) - same)

    def _put_all(self, unknown: Sequence[Record], hidden: Sequence[Record]) -> None:
        seq = self._entry()
        if unknown:
            more = {"entry_seq": seq, "used": True} if isinstance(unknown[0], Reading) else {}
            rows.store(self._connection, unknown, **more)
        for record in hidden:
            rows.put(self._connection, record)
        self._settle(*unknown, *hidden)
        both = (*unknown, *hidden)
        self._note_all([Change(kind=kind_of(one), record_id=one.id, before=None, after=image(one)) for one in both])

    def _import(self, person_id: str, batch_id: str) -> Import:
        from glucolog.storage.bulk import Import

        if batch_id != self._batch_id:
            raise ValueError("add the import's batch before its rows")
        return Import(person_id=person_id, batch_id=batch_id, entry_seq=self._entry())

    def _count(self, counts: BlockCounts) -> BlockCounts:
        self._imported += counts.stored
        return counts

    def _entry(self) -> int:
        if self._seq is None:
            self._seq = open_entry(
                self._connection,
                uid=self.uid,
                summary=self.summary,
                person_id=self.person_id,
                at=self.at,
                action=Action.WRITE,
            )
        return self._seq

    def _note(self, before: Record | None, after: Record | None) -> None:
        one = after or before
        assert one is not None  # noqa: S101 – a change has a record before it or after it
        self._note_all([Change(kind=kind_of(one), record_id=one.id, before=image(before), after=image(after))])

    def _note_all(self, made: Sequence[Change]) -> None:
        note_changes(self._connection, self._entry(), len(self._touched), made)
        self._touched += [change.record_id for change in made]

    def _present(self, record: Record) -> Record:
        present = rows.fetch(self._connection, type(record), record.id)
        if present is None:
            kind = kind_of(record).replace("_", " ")
            raise NotFoundError(
                f"The {kind} to change is not in the log.", "It may have been removed; list them again."
            )
        return present

    def _settle(self, *touched: Record) -> None:
        settle_used(self._connection, (record for record in touched if isinstance(record, Reading)))
