"""What an import stored, held by a digest: its rows have no images in the journal, and a byte could change unseen.

The digest stands in the journal beside the import. Rows that say the same but for their instant and numbers are
counted together; their instants are added up, and their numbers, in thousandths, each weighed by its instant. So the
order of the rows, and whether they are shown, make no difference, and the database adds up a year in a fifth of a
second. What was changed since counts as it was before. Files alone have it: a server's pages have checksums of their
own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, Table, cast, func, select

from glucolog.core.codec import RECORD_KINDS, from_plain
from glucolog.core.records import Record
from glucolog.storage import rows
from glucolog.storage.journal import IMPORTED_ROWS, IMPORTED_TABLES, Action, Change, State, note_changes
from glucolog.storage.mapping import Mapped, mapped_kind
from glucolog.storage.table_parts import EARLIEST_S
from glucolog.storage.tables import import_batch, journal, journal_row, reading
from glucolog.storage.types import Number

_WEIGHTS = 8191
"""A prime: readings five minutes apart have different weights for four weeks."""
_ROW = "id", "batch_id", "at_s"
_Kind = tuple[Any, ...]
"""A table's name and what the rows say that are counted together."""


@dataclass(slots=True)
class _Sums:
    """The sums of an import: by kind of row, how many, of their instants, of each of their weighed numbers."""

    of: dict[_Kind, tuple[int, ...]] = field(default_factory=dict)

    def add(self, kind: _Kind, sums: Sequence[int], times: int = 1) -> None:
        """Count rows in, or out with -1."""
        known = self.of.get(kind, (0,) * len(sums))
        self.of[kind] = tuple(one + times * more for one, more in zip(known, sums, strict=True))

    @property
    def digest(self) -> str:
        """The text that tells these sums from others."""
        lines = sorted(json.dumps([kind, sums]) for kind, sums in self.of.items() if any(sums))
        return sha256("\n".join(lines).encode()).hexdigest()


def note_digest(connection: Connection, seq: int, position: int, batch_id: str, span_s: tuple[int, int]) -> None:
    """Write into the journal what an import stored; its readings lie within `span_s`, closed."""
    sums = _Sums()
    for table in IMPORTED_TABLES:
        near = [table.c.at_s.between(*span_s)] if table is reading else []
        for _, kind, added in _added_up(connection, table, table.c.batch_id == batch_id, *near):
            sums.add(kind, added)
    image = json.dumps({"sha256": sums.digest})
    note_changes(connection, seq, position, [Change(kind=IMPORTED_ROWS, record_id=batch_id, before=None, after=image)])


def import_problems(connection: Connection) -> Iterator[str]:
    """Hold the rows of the imports that stand against their digests in the journal."""
    held = connection.execute(_digests()).all()
    if not held:
        return
    sums = {one.batch_id: _Sums() for one in held}
    for table in IMPORTED_TABLES:
        for batch_id, kind, added in _added_up(connection, table, table.c.batch_id.is_not(None)):
            sums.setdefault(batch_id, _Sums()).add(kind, added)
    _take_back_edits(connection, sums, {one.batch_id: one.seq for one in held})
    for one in held:
        if sums[one.batch_id].digest != json.loads(one.after)["sha256"]:
            yield f"What was imported from {one.file_name} is not as it was stored."


def _digests() -> Select[Any]:
    return (
        select(journal.c.seq, journal.c.batch_id, journal_row.c.after, import_batch.c.file_name)
        .join(journal_row, journal_row.c.entry_seq == journal.c.seq)
        .join(import_batch, import_batch.c.id == journal.c.batch_id)
        .where(journal_row.c.kind == IMPORTED_ROWS, journal.c.state == State.DONE)
        .order_by(journal.c.seq)
    )


def _added_up(
    connection: Connection, table: Table, *where: ColumnElement[bool]
) -> Iterator[tuple[str, _Kind, Sequence[int]]]:
    """Yield sums by import and kind of row."""
    said, numbers = _columns(table)
    weight = (table.c.at_s - EARLIEST_S) % _WEIGHTS + 1
    weighed = [func.sum(weight * func.coalesce(cast(table.c[name] * 1000 + 0.5, Integer), -1)) for name in numbers]
    kinds = [table.c.batch_id, *(table.c[name] for name in said)]
    query = select(*kinds, func.count(), func.sum(table.c.at_s), *weighed).where(*where).group_by(*kinds)
    for batch_id, *row in connection.execute(query):
        yield batch_id, (table.name, *row[: len(said)]), row[len(said) :]


def _take_back_edits(connection: Connection, sums: Mapping[str, _Sums], seqs: Mapping[str, int]) -> None:
    """Count each row that a later write has changed as it was before the first that stands."""
    for table in IMPORTED_TABLES:
        lies = _mapped(table)
        edits = _edits(connection, lies.kind)
        for record_id, now in rows.fetch_all(connection, lies.shape.of, list(edits), hidden_too=True).items():  # type: ignore[arg-type]
            batch_id = now.batch_id
            before = next((image for seq, image in edits[record_id] if seq > seqs.get(batch_id, seq)), None)
            if before is not None:
                sums[batch_id].add(*_of_row(lies, now), -1)
                sums[batch_id].add(*_of_row(lies, from_plain(lies.kind, json.loads(before))))


def _edits(connection: Connection, kind: str) -> Mapping[str, Sequence[tuple[int, str]]]:
    """Return the writes that stand and changed a record, by its id: their numbers and its image before."""
    query = (
        select(journal_row.c.record_id, journal_row.c.entry_seq, journal_row.c.before)
        .join(journal, journal.c.seq == journal_row.c.entry_seq)
        .where(journal_row.c.kind == kind, journal_row.c.before.is_not(None))
        .where(journal.c.action == Action.WRITE, journal.c.state == State.DONE)
        .order_by(journal_row.c.entry_seq, journal_row.c.position)
    )
    edits: dict[str, list[tuple[int, str]]] = {}
    for record_id, seq, before in connection.execute(query):
        edits.setdefault(record_id, []).append((seq, before))
    return edits


def _of_row(lies: Mapped, record: Record) -> tuple[_Kind, Sequence[int]]:
    """Return the kind and the sums of one row."""
    said, numbers = _columns(lies.table)
    values = lies.shape.to_columns(record)
    at_s = values["at_s"]
    weight = (at_s - EARLIEST_S) % _WEIGHTS + 1
    weighed = (weight * _thousandths(values[name]) for name in numbers)
    return (lies.table.name, *(_plain(values[name]) for name in said)), (1, at_s, *weighed)


def _thousandths(number: float | None) -> int:
    return -1 if number is None else int(number * 1000 + 0.5)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _columns(table: Table) -> tuple[Sequence[str], Sequence[str]]:
    """Return the columns that say what a row is, and those that hold its numbers, of all that an import fills."""
    own = [name for name in _mapped(table).shape.columns if name not in _ROW]
    numbers = [name for name in own if table.c[name].type is Number]
    return [name for name in own if name not in numbers], numbers


def _mapped(table: Table) -> Mapped:
    return next(lies for lies in map(mapped_kind, RECORD_KINDS) if lies.table is table)
