"""The journal: every change with what it changed, in the transaction of the change.

An entry holds, for each record it touched, the record before and after as plain JSON. An import's rows have no images:
they carry the batch's id, are hidden and shown again set-wise, and in a file a digest says what they are. A new write
ends what could be redone; the history keeps all of it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from glucolog.core.codec import to_plain
from glucolog.core.moments import Moment
from glucolog.core.records import Record
from glucolog.storage.chunks import chunked
from glucolog.storage.tables import UNDONE, activity, carbs, dose, journal, journal_row, note, reading

IMPORTED_TABLES = (reading, dose, carbs, activity, note)
"""The tables whose rows may come with an import."""

IMPORTED_ROWS = "imported_rows"
"""The kind under which an import's entry holds the digest of its rows: no record, and none that an entry touched."""


FOLLOWED = "follow "
"""How the summary begins of what a source brought while it was followed: nobody's own doing, and many a day.

It is not what undo takes when no change is named, it ends nothing that could be redone, and it keeps no earlier import
from being undone: what it left out because of that one, the source is asked for again.
"""


class Action(StrEnum):
    """What an entry did."""

    WRITE = "write"
    UNDO = "undo"
    REDO = "redo"


class State(StrEnum):
    """Whether a write stands, is undone, or is undone and past redoing."""

    DONE = "done"
    UNDONE = "undone"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One entry of the history. `records` are the kinds and ids it touched; an import's rows are under `batch_id`."""

    seq: int
    uid: str
    person_id: str | None
    at: Moment
    summary: str
    action: Action
    state: State
    batch_id: str | None
    records: tuple[tuple[str, str], ...]

    @property
    def record_ids(self) -> tuple[str, ...]:
        """The ids it touched, in order."""
        return tuple(record_id for _, record_id in self.records)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an entry did to one record: its image before and after, None where it was not there."""

    kind: str
    record_id: str
    before: str | None
    after: str | None


def image(record: Record | None) -> str | None:
    """Return the text under which the journal keeps a record."""
    return None if record is None else json.dumps(to_plain(record), ensure_ascii=False, sort_keys=True)


def open_entry(
    connection: Connection, *, uid: str, summary: str, person_id: str | None, at: Moment, action: Action
) -> int:
    """Begin an entry and return its number; a write ends what could be redone for its person."""
    if action is Action.WRITE and not summary.startswith(FOLLOWED):
        redoable = UNDONE, journal.c.person_id.is_not_distinct_from(person_id)
        connection.execute(update(journal).where(*redoable).values(state=State.DROPPED.value))
    values = {
        "uid": uid, "summary": summary, "person_id": person_id, "at_s": at.epoch_s, "zone": at.zone,
        "action": action.value, "state": State.DONE.value,
    }  # fmt: skip
    result = connection.execute(insert(journal), values)
    seq: int = result.inserted_primary_key[0]  # type: ignore[index]
    return seq


def note_changes(connection: Connection, seq: int, position: int, made: Sequence[Change]) -> None:
    """Write what an entry did to some records, from its `position`-th change on."""
    images = [
        {
            "entry_seq": seq, "position": position + offset, "kind": change.kind, "record_id": change.record_id,
            "before": change.before, "after": change.after,
        }
        for offset, change in enumerate(made)
    ]  # fmt: skip
    connection.execute(insert(journal_row), images)


def note_batch(connection: Connection, seq: int, batch_id: str) -> None:
    """Say that an entry is the import of a batch."""
    connection.execute(update(journal).where(journal.c.seq == seq).values(batch_id=batch_id))


def entry_of(connection: Connection, uid: str) -> JournalEntry | None:
    """Return the entry that was made under a client's id, or None."""
    found = entries(connection, journal.c.uid == uid)
    return found[0] if found else None


def history(
    connection: Connection, limit: int | None, person_id: str | None, *, followed: bool = True
) -> tuple[JournalEntry, ...]:
    """Return the latest entries, newest first, with or without what followed sources brought."""
    return entries(connection, *of_person(person_id), *(() if followed else (own_doing(),)), limit=limit)


def own_doing() -> ColumnElement[bool]:
    """Return what picks the entries that no followed source made."""
    return ~journal.c.summary.startswith(FOLLOWED)


def latest(connection: Connection) -> int:
    """Return the number of the latest entry, 0 before any."""
    return connection.execute(select(func.max(journal.c.seq))).scalar() or 0


def done_under(connection: Connection, uid: str) -> tuple[JournalEntry, ...] | None:
    """Return the writes that an undo made under `uid` took back and that are still undone; None when it is new."""
    entry = entry_of(connection, uid)
    return None if entry is None else entries(connection, journal.c.undone_by == entry.seq)


def of_person(person_id: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if person_id is None else (journal.c.person_id == person_id,)


def entries(
    connection: Connection, *where: ColumnElement[bool], limit: int | None = None, last_undone: bool = False
) -> tuple[JournalEntry, ...]:
    newest = journal.c.seq.desc()
    order = (journal.c.undone_by.desc(), journal.c.seq) if last_undone else (newest,)
    found = connection.execute(select(journal).where(*where).order_by(*order).limit(limit)).all()
    touched = _touched(connection, [row.seq for row in found])
    return tuple(
        JournalEntry(
            seq=row.seq,
            uid=row.uid,
            person_id=row.person_id,
            at=Moment(row.at_s, row.zone),
            summary=row.summary,
            action=Action(row.action),
            state=State(row.state),
            batch_id=row.batch_id,
            records=tuple(touched[row.seq]),
        )
        for row in found
    )


def _touched(connection: Connection, seqs: Sequence[int]) -> Mapping[int, list[tuple[str, str]]]:
    """Return the kinds and ids of the records that each entry touched, in order."""
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for some in chunked(seqs):
        query = (
            select(journal_row.c.entry_seq, journal_row.c.kind, journal_row.c.record_id)
            .where(journal_row.c.entry_seq.in_(some), journal_row.c.kind != IMPORTED_ROWS)
            .order_by(journal_row.c.entry_seq, journal_row.c.position)
        )
        for row in connection.execute(query):
            found[row.entry_seq].append((row.kind, row.record_id))
    return found


def changes(connection: Connection, seq: int) -> tuple[Change, ...]:
    query = select(journal_row).where(journal_row.c.entry_seq == seq).order_by(journal_row.c.position)
    return tuple(
        Change(kind=row.kind, record_id=row.record_id, before=row.before, after=row.after)
        for row in connection.execute(query)
    )
