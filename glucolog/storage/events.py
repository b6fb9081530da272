"""Imported doses, carbs, activities and notes: which of them the log has already.

Rows of one file that are alike in every field are one event; equal doses that differ in a note or a length (meal and
correction, the halves of a dual bolus) are two. Against the log, each stored event stands for one imported event of the
same instant and amount whose kind and name do not contradict it: a file that does not name the insulin, or does not say
how it acts, speaks of the same dose as one that does. In a file whose readings stand an hour off (`storage.bulk`), so
do its events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, and_, insert, or_, select

from glucolog.core.codec import kind_of
from glucolog.core.records import Activity, Carbs, Dose, InsulinKind, Note
from glucolog.storage.counts import BlockCounts
from glucolog.storage.mapping import mapped_kind
from glucolog.storage.tables import import_batch

Event = Dose | Carbs | Activity | Note
Row = dict[str, Any]

OWN = frozenset({"id", "batch_id"})
"""Columns that tell records apart, not events."""
SAYS_NOTHING = frozenset({None, InsulinKind.UNKNOWN.value})
"""What a file says when it does not know: it contradicts nothing."""


@dataclass(frozen=True, slots=True)
class _Identity:
    """Columns that must be equal, and columns that may be unsaid on one side."""

    exact: tuple[str, ...]
    loose: tuple[str, ...] = ()

    def key(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in self.exact)

    def is_same(self, stored: Row, offered: Row) -> bool:
        return all(_agree(stored[name], offered[name]) for name in self.loose)


_IDENTITIES = {
    "dose": _Identity(exact=("at_s", "units"), loose=("kind", "name")),
    "carbs": _Identity(exact=("at_s", "grams")),
    "activity": _Identity(exact=("at_s", "kind", "minutes")),
    "note": _Identity(exact=("at_s", "text")),
}


def add_events(connection: Connection, person_id: str, events: Iterable[Event], *, shift_s: int = 0) -> BlockCounts:
    """Store the events that the log does not have, and count the rest as duplicates.

    `shift_s` is how much later than in the file its readings stand in the log.
    """
    by_kind: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_kind[kind_of(event)].append(event)
    counts = (_add_kind(connection, person_id, kind, some, shift_s) for kind, some in by_kind.items())
    return sum(counts, start=BlockCounts())


def _add_kind(connection: Connection, person_id: str, kind: str, events: Sequence[Event], shift_s: int) -> BlockCounts:
    lies, identity = mapped_kind(kind), _IDENTITIES[kind]
    offered = _distinct(map(lies.shape.to_columns, events))
    instants = [row["at_s"] + shift for row in offered for shift in {0, shift_s}]
    stored = _stored(connection, lies.table, identity, person_id, instants)
    new = _unknown(identity, stored, offered, shift_s)
    if new:
        connection.execute(insert(lies.table), new)
    return BlockCounts(new=len(new), duplicate=len(events) - len(new))


def _distinct(rows: Iterable[Row]) -> list[Row]:
    by_contents = {tuple(value for name, value in row.items() if name not in OWN): row for row in rows}
    return list(by_contents.values())


def _unknown(identity: _Identity, stored: Iterable[Row], offered: Iterable[Row], shift_s: int) -> list[Row]:
    """Pair each stored event off with one offered event, the fully alike first; return those left over."""
    waiting: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in stored:
        waiting[identity.key(row)].append(row)
    left = [row for row in offered if not _paired(waiting[identity.key(row)], row, identity, alike=True)]
    left = [row for row in left if not _paired(waiting[identity.key(row)], row, identity, alike=False)]
    if not shift_s:
        return left
    moved = [{**row, "at_s": row["at_s"] + shift_s} for row in left]
    keys = map(identity.key, moved)
    return [row for row, key in zip(left, keys, strict=True) if not _paired(waiting[key], row, identity, alike=False)]


def _paired(waiting: list[Row], offered: Row, identity: _Identity, *, alike: bool) -> bool:
    for place, row in enumerate(waiting):
        if _alike(row, offered, identity) if alike else identity.is_same(row, offered):
            del waiting[place]
            return True
    return False


def _alike(stored: Row, offered: Row, identity: _Identity) -> bool:
    return all(stored[name] == offered[name] for name in identity.loose)


def _agree(stored: str | None, offered: str | None) -> bool:
    if stored in SAYS_NOTHING or offered in SAYS_NOTHING:
        return True
    return str(stored).casefold() == str(offered).casefold()


def _stored(
    connection: Connection, table: Table, identity: _Identity, person_id: str, at_s: Sequence[int]
) -> list[Row]:
    """Return what counts as known: what is there, and what was removed by hand from an import that stands."""
    batch_stands = and_(import_batch.c.id.is_not(None), import_batch.c.deleted_at_s.is_(None))
    query = (
        select(*(table.c[name] for name in (*identity.exact, *identity.loose)))
        .select_from(table.outerjoin(import_batch, import_batch.c.id == table.c.batch_id))
        .where(
            table.c.person_id == person_id,
            table.c.at_s.between(min(at_s), max(at_s)),
            or_(table.c.deleted_at_s.is_(None), batch_stands),
        )
        .order_by(table.c.at_s, table.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
