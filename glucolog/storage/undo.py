"""Undo and redo: the rows of a write set back to what they were, and forth again, byte for byte.

Undo takes back the latest write that stands; redo brings back what was undone last. An older write can be undone alone
while nothing builds on it. A row that is not as its write left it is never overwritten.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, select, union_all, update

from glucolog.core.codec import RECORD_KINDS, from_plain
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Reading, Record
from glucolog.errors import NotFoundError, RefusedError
from glucolog.storage import rows
from glucolog.storage.journal import (
    FOLLOWED,
    IMPORTED_TABLES,
    Action,
    Change,
    JournalEntry,
    State,
    changes,
    entries,
    image,
    of_person,
    open_entry,
    own_doing,
)
from glucolog.storage.tables import journal
from glucolog.storage.used import settle_used

Own = Sequence[ColumnElement[bool]]
"""What picks one's own entries of the journal."""
_AN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def undo(
    connection: Connection, n: int, *, person_id: str | None, uid: str, at: Moment, own: Own = ()
) -> tuple[JournalEntry, ...]:
    """Take back the `n` latest writes that stand, newest first, and return them; of those alone that are `own`.

    What a followed source brought is passed over.
    """
    standing = entries(
        connection,
        journal.c.action == Action.WRITE,
        journal.c.state == State.DONE,
        own_doing(),
        *of_person(person_id),
        *own,
        limit=n,
    )
    if not standing:
        raise NotFoundError("There is nothing to undo.", "See what happened with `glucolog history`.")
    return _take_back(connection, standing, uid=uid, at=at)


def undo_entry(connection: Connection, seq: int, *, uid: str, at: Moment) -> tuple[JournalEntry, ...]:
    """Take back one write by its number, wherever it stands; refuse when a later one builds on it."""
    chosen = entries(connection, journal.c.seq == seq, journal.c.action == Action.WRITE)
    if not chosen:
        raise NotFoundError(f"The history has no change {seq}.", "See the numbers with `glucolog history`.")
    if chosen[0].state is not State.DONE:
        raise RefusedError(f"Change {seq} is undone already.", "Nothing was changed.")
    return _take_back(connection, chosen, uid=uid, at=at)


def redo(
    connection: Connection, n: int, *, person_id: str | None, uid: str, at: Moment, own: Own = ()
) -> tuple[JournalEntry, ...]:
    """Bring back the `n` writes undone last, the last one first, and return them; of those whose undo is `own`."""
    undone = entries(
        connection, journal.c.state == State.UNDONE, *of_person(person_id), *own, limit=n, last_undone=True
    )
    if not undone:
        raise NotFoundError(
            "There is nothing to redo.", "A new change after an undo ends what can be redone; see `glucolog history`."
        )
    summary = _named("redo", undone)
    open_entry(connection, uid=uid, summary=summary, person_id=undone[0].person_id, at=at, action=Action.REDO)
    for entry in undone:
        _bring_back(connection, entry)
    return undone


def _take_back(
    connection: Connection, taken: Sequence[JournalEntry], *, uid: str, at: Moment
) -> tuple[JournalEntry, ...]:
    summary = _named("undo", taken)
    seq = open_entry(connection, uid=uid, summary=summary, person_id=taken[0].person_id, at=at, action=Action.UNDO)
    for entry in taken:
        _refuse_if_built_on(connection, entry)
        _set_back(connection, entry, _net(changes(connection, entry.seq)), at.epoch_s)
        _hide_batch(connection, entry, at.epoch_s)
        _mark(connection, entry, State.UNDONE, seq)
    return tuple(taken)


def _bring_back(connection: Connection, entry: JournalEntry) -> None:
    net = _net(changes(connection, entry.seq))
    forth = [Change(kind=c.kind, record_id=c.record_id, before=c.after, after=c.before) for c in net]
    _set_back(connection, entry, forth, entry.at.epoch_s)
    _hide_batch(connection, entry, None)
    _mark(connection, entry, State.DONE, None)


def _mark(connection: Connection, entry: JournalEntry, state: State, undone_by: int | None) -> None:
    here = update(journal).where(journal.c.seq == entry.seq)
    connection.execute(here.values(state=state.value, undone_by=undone_by))


def _net(made: Iterable[Change]) -> list[Change]:
    """Return one change for each record: what it was before the first, what it is after the last."""
    net: dict[tuple[str, str], Change] = {}
    for change in made:
        first = net.get((change.kind, change.record_id), change)
        net[change.kind, change.record_id] = Change(
            kind=change.kind, record_id=change.record_id, before=first.before, after=change.after
        )
    return list(net.values())


def _set_back(connection: Connection, entry: JournalEntry, made: Sequence[Change], at_s: int) -> None:
    """Make each record what it was before its change; refuse when one is not what the change made it."""
    for kind in RECORD_KINDS:
        of_kind = [change for change in made if change.kind == kind]
        if of_kind:
            _set_back_kind(connection, entry, kind, of_kind, at_s)


def _set_back_kind(connection: Connection, entry: JournalEntry, kind: str, made: Sequence[Change], at_s: int) -> None:
    record_type = RECORD_KINDS[kind]
    ids = [change.record_id for change in made]
    stored = rows.fetch_all(connection, record_type, ids, hidden_too=True)
    live = rows.fetch_all(connection, record_type, ids)
    wanted = {c.record_id: from_plain(kind, json.loads(c.before)) for c in made if c.before is not None}
    # On a server, many write the journal: an entry about one person must not change another's records.
    strange = any(_person_of(one) != entry.person_id for one in (*stored.values(), *wanted.values()))
    if strange or any(image(live.get(change.record_id)) != change.after for change in made):
        raise RefusedError(
            f"A {kind.replace('_', ' ')} was changed since in a way the journal does not know.",
            "Run `glucolog db check`; nothing was changed.",
        )
    rows.hide(connection, record_type, [change.record_id for change in made if change.before is None], at_s)
    rows.hide(connection, record_type, [change.record_id for change in made if change.before is not None], None)
    for record_id, record in wanted.items():
        if stored[record_id] != record:
            rows.put(connection, record)
    settle_used(connection, (one for one in (*stored.values(), *wanted.values()) if isinstance(one, Reading)))


def _person_of(record: Record) -> str:
    return record.id if isinstance(record, Person) else record.person_id


def _hide_batch(connection: Connection, entry: JournalEntry, at_s: int | None) -> None:
    for table in IMPORTED_TABLES if entry.batch_id else ():
        brought = table.c.person_id == entry.person_id, table.c.batch_id == entry.batch_id
        connection.execute(update(table).where(*brought).values(deleted_at_s=at_s))


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
        is_import = row.batch_id and not row.summary.startswith(FOLLOWED)
        leaves_out = entry.batch_id and is_import and row.person_id == entry.person_id
        if leaves_out or _named_by(connection, row.seq) & _stored_by(connection, entry):
            return row.seq, row.summary
    return None


def _named_by(connection: Connection, seq: int) -> set[str]:
    """Return every id in the images of an entry: its records' own and those of what they belong to."""
    images = (text for change in changes(connection, seq) for text in (change.before, change.after) if text)
    return {found for text in images for found in _AN_ID.findall(text)}


def _stored_by(connection: Connection, entry: JournalEntry) -> set[str]:
    own = set(entry.record_ids)
    if entry.batch_id:
        batches = (
            select(table.c.id).where(table.c.person_id == entry.person_id, table.c.batch_id == entry.batch_id)
            for table in IMPORTED_TABLES
        )
        own.update(connection.execute(union_all(*batches)).scalars())
    return own


def _named(verb: str, named: Sequence[JournalEntry]) -> str:
    return f"{verb}: {'; '.join(entry.summary for entry in named)}"
