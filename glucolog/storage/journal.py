"""The journal: every change with what it changed, in the transaction of the change; undo and redo.

An entry holds, for each record it touched, the record before and after as plain JSON. An import's rows have no images:
they carry the batch's id and are hidden and shown again set-wise. Undo takes back the latest entry that stands; redo
brings back what was undone last; a new write ends what could be redone. The history keeps all of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, insert, select, union_all, update

from glucolog.core.codec import from_plain, to_plain
from glucolog.core.moments import Moment
from glucolog.core.records import Reading, Record
from glucolog.errors import NotFoundError, RefusedError
from glucolog.storage import rows
from glucolog.storage.mapping import mapped_kind
from glucolog.storage.tables import activity, carbs, dose, journal, journal_row, note, reading
from glucolog.storage.used import settle_used

_AN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

IMPORTED_TABLES = (reading, dose, carbs, activity, note)
"""The tables whose rows may come with an import."""


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
    if action is Action.WRITE:
        redoable = journal.c.state == State.UNDONE, journal.c.person_id.is_not_distinct_from(person_id)
        connection.execute(update(journal).where(*redoable).values(state=State.DROPPED.value))
    values = {
        "uid": uid, "summary": summary, "person_id": person_id, "at_s": at.epoch_s, "zone": at.zone,
        "action": action.value, "state": State.DONE.value,
    }  # fmt: skip
    result = connection.execute(insert(journal), values)
    seq: int = result.inserted_primary_key[0]  # type: ignore[index]
    return seq


def note_change(connection: Connection, seq: int, position: int, change: Change) -> None:
    """Write what an entry did to one record, as its `position`-th change."""
    values = {
        "entry_seq": seq, "position": position, "kind": change.kind, "record_id": change.record_id,
        "before": change.before, "after": change.after,
    }  # fmt: skip
    connection.execute(insert(journal_row), values)


def note_batch(connection: Connection, seq: int, batch_id: str) -> None:
    """Say that an entry is the import of a batch."""
    connection.execute(update(journal).where(journal.c.seq == seq).values(batch_id=batch_id))


def entry_of(connection: Connection, uid: str) -> JournalEntry | None:
    """Return the entry that was made under a client's id, or None."""
    found = _entries(connection, journal.c.uid == uid)
    return found[0] if found else None


def history(connection: Connection, limit: int | None, person_id: str | None) -> tuple[JournalEntry, ...]:
    """Return the latest entries, newest first."""
    return _entries(connection, *_of_person(person_id), limit=limit)


def undo(connection: Connection, n: int, *, person_id: str | None, uid: str, at: Moment) -> tuple[JournalEntry, ...]:
    """Take back the `n` latest writes that stand, newest first, and return them."""
    standing = _entries(
        connection,
        journal.c.action == Action.WRITE,
        journal.c.state == State.DONE,
        *_of_person(person_id),
        limit=n,
    )
    if not standing:
        raise NotFoundError("There is nothing to undo.", "See what happened with `glucolog history`.")
    return _take_back(connection, standing, uid=uid, at=at)


def undo_entry(connection: Connection, seq: int, *, uid: str, at: Moment) -> tuple[JournalEntry, ...]:
    """Take back one write by its number, wherever it stands; refuse when a later one builds on it."""
    chosen = _entries(connection, journal.c.seq == seq, journal.c.action == Action.WRITE)
    if not chosen:
        raise NotFoundError(f"The history has no change {seq}.", "See the numbers with `glucolog history`.")
    if chosen[0].state is not State.DONE:
        raise RefusedError(f"Change {seq} is undone already.", "Nothing was changed.")
    return _take_back(connection, chosen, uid=uid, at=at)


def redo(connection: Connection, n: int, *, person_id: str | None, uid: str, at: Moment) -> tuple[JournalEntry, ...]:
    """Bring back the `n` writes undone last, the last one first, and return them."""
    undone = _entries(connection, journal.c.state == State.UNDONE, *_of_person(person_id), limit=n, last_undone=True)
    if not undone:
        raise NotFoundError(
            "There is nothing to redo.", "A new change after an undo ends what can be redone; see `glucolog history`."
        )
    summary = _named("redo", undone)
    open_entry(connection, uid=uid, summary=summary, person_id=undone[0].person_id, at=at, action=Action.REDO)
    for entry in undone:
        _bring_back(connection, entry)
    return undone


def done_under(connection: Connection, uid: str) -> tuple[JournalEntry, ...] | None:
    """Return the writes that an undo made under `uid` took back and that are still undone; None when it is new."""
    entry = entry_of(connection, uid)
    return None if entry is None else _entries(connection, journal.c.undone_by == entry.seq)


def _take_back(
    connection: Connection, entries: Sequence[JournalEntry], *, uid: str, at: Moment
) -> tuple[JournalEntry, ...]:
    summary = _named("undo", entries)
    seq = open_entry(connection, uid=uid, summary=summary, person_id=entries[0].person_id, at=at, action=Action.UNDO)
    for entry in entries:
        _refuse_if_built_on(connection, entry)
        for change in reversed(_changes(connection, entry.seq)):
            _set(connection, change, change.after, change.before, at.epoch_s)
        if entry.batch_id:
            _hide_batch(connection, entry.batch_id, at.epoch_s)
        connection.execute(
            update(journal).where(journal.c.seq == entry.seq).values(state=State.UNDONE.value, undone_by=seq)
        )
    return tuple(entries)


def _bring_back(connection: Connection, entry: JournalEntry) -> None:
    for change in _changes(connection, entry.seq):
        _set(connection, change, change.before, change.after, entry.at.epoch_s)
    if entry.batch_id:
        _hide_batch(connection, entry.batch_id, None)
    connection.execute(update(journal).where(journal.c.seq == entry.seq).values(state=State.DONE.value, undone_by=None))


def _set(connection: Connection, change: Change, old: str | None, new: str | None, at_s: int) -> None:
    record_type = mapped_kind(change.kind).shape.of
    present = rows.fetch(connection, record_type, change.record_id)  # type: ignore[arg-type]
    if image(present) != old:
        raise RefusedError(
            f"The {change.kind.replace('_', ' ')} was changed since in a way the journal does not know.",
            "Run `glucolog db check`; nothing was changed.",
        )
    target = present if new is None else from_plain(change.kind, json.loads(new))
    assert target is not None  # noqa: S101 – a change has a record before it or after it
    if new is None:
        rows.hide(connection, target, at_s)
    else:
        rows.put(connection, target)
    for touched in (present, target):
        if isinstance(touched, Reading):
            settle_used(connection, touched)


def _hide_batch(connection: Connection, batch_id: str, at_s: int | None) -> None:
    for table in IMPORTED_TABLES:
        connection.execute(update(table).where(table.c.batch_id == batch_id).values(deleted_at_s=at_s))


def _refuse_if_built_on(connection: Connection, entry: JournalEntry) -> None:
    later = _later(connection, entry)
    if later is not None:
        raise RefusedError(
            f"“{entry.summary}” can't be undone alone: “{later[1]}” (change {later[0]}) builds on it.",
            f"Undo change {later[0]} first.",
        )


def _later(connection: Connection, entry: JournalEntry) -> tuple[int, str] | None:
    """Return the latest standing write that touches, names or leaves out what `entry` stored."""
    query = (
        select(journal.c.seq, journal.c.summary, journal.c.batch_id, journal.c.person_id)
        .where(journal.c.seq > entry.seq, journal.c.action == Action.WRITE, journal.c.state == State.DONE)
        .order_by(journal.c.seq.desc())
    )
    for row in connection.execute(query).all():
        # A later import of the same person left out what this one had brought already.
        leaves_out = entry.batch_id and row.batch_id and row.person_id == entry.person_id
        if leaves_out or _named_by(connection, row.seq) & _stored_by(connection, entry):
            return row.seq, row.summary
    return None


def _named_by(connection: Connection, seq: int) -> set[str]:
    """Return every id in the images of an entry: its records' own and those of what they belong to."""
    images = (text for change in _changes(connection, seq) for text in (change.before, change.after) if text)
    return {found for text in images for found in _AN_ID.findall(text)}


def _stored_by(connection: Connection, entry: JournalEntry) -> set[str]:
    own = set(entry.record_ids)
    if entry.batch_id:
        batches = (select(table.c.id).where(table.c.batch_id == entry.batch_id) for table in IMPORTED_TABLES)
        own.update(connection.execute(union_all(*batches)).scalars())
    return own


def _of_person(person_id: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if person_id is None else (journal.c.person_id == person_id,)


def _named(verb: str, entries: Sequence[JournalEntry]) -> str:
    return f"{verb}: {'; '.join(entry.summary for entry in entries)}"


def _entries(
    connection: Connection, *where: ColumnElement[bool], limit: int | None = None, last_undone: bool = False
) -> tuple[JournalEntry, ...]:
    newest = journal.c.seq.desc()
    order = (journal.c.undone_by.desc(), journal.c.seq) if last_undone else (newest,)
    found = connection.execute(select(journal).where(*where).order_by(*order).limit(limit)).all()
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
            records=_touched(connection, row.seq),
        )
        for row in found
    )


def _touched(connection: Connection, seq: int) -> tuple[tuple[str, str], ...]:
    query = (
        select(journal_row.c.kind, journal_row.c.record_id)
        .where(journal_row.c.entry_seq == seq)
        .order_by(journal_row.c.position)
    )
    return tuple((row.kind, row.record_id) for row in connection.execute(query))


def _changes(connection: Connection, seq: int) -> tuple[Change, ...]:
    query = select(journal_row).where(journal_row.c.entry_seq == seq).order_by(journal_row.c.position)
    return tuple(
        Change(kind=row.kind, record_id=row.record_id, before=row.before, after=row.after)
        for row in connection.execute(query)
    )
