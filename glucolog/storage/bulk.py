"""Imported readings in bulk: what the log has already is left out, what contradicts it is kept beside it.

Two readings of one person and source are one reading when they have the same instant and value. Vendors cut seconds
and shift stamps, so a reading with the same value from another device or another format is the same reading too when
it lies within half of a sensor's 5-minute grid (CGM) or a minute (meter). Another value at the same instant is a
conflict: both are kept, and the one stored first is in use. A reading that was removed by hand from an import that
stands is known and does not come back.

Those of a file whose clock stands off come in no more either (`storage.clock_shift`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from glucolog.core.columns import ReadingBlock
from glucolog.core.moments import Moment
from glucolog.core.units import Censored, Glucose, Source, Unit
from glucolog.storage.clock_shift import settle_shift
from glucolog.storage.counts import LISTED_CONFLICTS, BlockCounts, ReadingConflict
from glucolog.storage.engine import file_problems
from glucolog.storage.ids import new_ids
from glucolog.storage.incoming import CONFLICT, DUPLICATE, NEAR_S, NEW, incoming, same_value, shown
from glucolog.storage.tables import import_batch, reading
from glucolog.storage.types import Id

__all__ = ["BlockCounts", "Import", "ReadingConflict", "add_blocks"]


_FILL = "INSERT INTO incoming (at_s, n, id, amount, censored, fate) VALUES"
_ROW = "(?, ?, ?, ?, ?, 0)"
_ROWS_AT_ONCE = 50
"""Rows of one statement: a third less work than a statement for each."""
_TOLD_EVERY = 100
"""Statements between two words on how far it is."""
Taken = Callable[[int], None]
"""Told how many readings of a block have been taken up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """Where imported rows belong: the person, the batch, and the journal entry that stores them."""

    person_id: str
    batch_id: str
    entry_seq: int


def add_blocks(
    connection: Connection, to: Import, blocks: Iterable[ReadingBlock], taken: Taken = lambda _count: None
) -> BlockCounts:
    """Store the readings of all blocks that the log does not have; later blocks see the earlier ones."""
    incoming.create(connection, checkfirst=False)
    counts = BlockCounts()
    for block in blocks:
        if len(block):
            counts += _add_block(connection, to, block, taken)
    incoming.drop(connection, checkfirst=False)
    return counts


def _add_block(connection: Connection, to: Import, block: ReadingBlock, taken: Taken) -> BlockCounts:
    connection.execute(incoming.delete())
    _fill(connection, block, taken)
    stored = _stored(to.person_id, block.source)
    _mark(connection, DUPLICATE, or_(_earlier_in_file(block.unit), _is_stored(stored, block, _format_of(to.batch_id))))
    shift_s, shifted = settle_shift(connection, stored, block)
    _mark(connection, CONFLICT, or_(_earlier_at_instant(), _other_at_instant(to.person_id, block.source)))
    connection.execute(_insert_unknown(to, block))
    by_fate: dict[int, int] = dict(
        connection.execute(select(incoming.c.fate, func.count()).group_by(incoming.c.fate)).all()
    )
    return BlockCounts(
        new=by_fate.get(NEW, 0),
        duplicate=by_fate.get(DUPLICATE, 0),
        conflict=by_fate.get(CONFLICT, 0),
        shifted=shifted,
        shift_s=shift_s,
        conflicts=tuple(_conflicts(connection, to, block)) if CONFLICT in by_fate else (),
    )


def _fill(connection: Connection, block: ReadingBlock, taken: Taken) -> None:
    if connection.dialect.name == "postgresql":
        from glucolog.storage.postgres_copy import copy_block

        copy_block(connection, incoming.name, block)
        return
    # The driver itself: SQLAlchemy would build a mapping for each of a year's 105 120 rows.
    driver: Any = connection.connection.driver_connection
    rows = zip(block.at_s, count(), new_ids(), block.amount, block.censored)
    with file_problems(Path(connection.engine.url.database or "")):
        for number in count():
            values = tuple(chain.from_iterable(islice(rows, _ROWS_AT_ONCE)))
            if not values:
                return
            driver.execute(_filling(len(values) // _ROW.count("?")), values)
            if number % _TOLD_EVERY == 0:
                taken(number * _ROWS_AT_ONCE)


@cache
def _filling(rows: int) -> str:
    return f"{_FILL} {', '.join([_ROW] * rows)}"


def _mark(connection: Connection, fate: int, rule: ColumnElement[bool]) -> None:
    connection.execute(update(incoming).where(incoming.c.fate == NEW, rule).values(fate=fate))


def _earlier_in_file(unit: Unit) -> ColumnElement[bool]:
    first = incoming.alias("first")
    same_value = and_(
        first.c.censored == incoming.c.censored,
        or_(incoming.c.censored != 0, shown(first.c.amount, unit) == shown(incoming.c.amount, unit)),
    )
    return exists().where(first.c.at_s == incoming.c.at_s, first.c.n < incoming.c.n, same_value)


def _earlier_at_instant() -> ColumnElement[bool]:
    first = incoming.alias("first")
    return exists().where(first.c.at_s == incoming.c.at_s, first.c.n < incoming.c.n, first.c.fate != DUPLICATE)


def _other_at_instant(person_id: str, source: Source) -> ColumnElement[bool]:
    return exists().where(
        reading.c.person_id == person_id,
        reading.c.source == source.value,
        reading.c.at_s == incoming.c.at_s,
        reading.c.deleted_at_s.is_(None),
    )


def _stored(person_id: str, source: Source) -> FromClause:
    """Return the readings that count as known, with the format they came in."""
    joined = reading.outerjoin(import_batch, import_batch.c.id == reading.c.batch_id)
    known = or_(
        reading.c.deleted_at_s.is_(None), and_(import_batch.c.id.is_not(None), import_batch.c.deleted_at_s.is_(None))
    )
    columns = (reading.c[name] for name in ("at_s", "amount", "unit", "censored", "mg_dl", "device"))
    return (
        select(*columns, import_batch.c.format)
        .select_from(joined)
        .where(reading.c.person_id == person_id, reading.c.source == source.value, known)
        .subquery("stored")
    )


def _is_stored(stored: FromClause, block: ReadingBlock, file_format: Any) -> ColumnElement[bool]:
    near_s = NEAR_S[block.source]
    near = stored.c.at_s.between(incoming.c.at_s - near_s, incoming.c.at_s + near_s)
    elsewhere = or_(
        stored.c.device.is_distinct_from(block.device),
        stored.c.format.is_distinct_from(file_format),
    )
    here = or_(stored.c.at_s == incoming.c.at_s, elsewhere)
    return exists().where(near, here, same_value(stored, block.unit))


def _format_of(batch_id: str) -> Any:
    return select(import_batch.c.format).where(import_batch.c.id == batch_id).scalar_subquery()


def _insert_unknown(to: Import, block: ReadingBlock) -> Any:
    columns = incoming.c
    mark = case((columns.censored == -1, Censored.LOW.value), (columns.censored == 1, Censored.HIGH.value))
    values: dict[str, Any] = {
        "id": columns.id,
        "person_id": literal(to.person_id, Id),
        "at_s": columns.at_s,
        "zone": literal(block.zone),
        "amount": columns.amount,
        "unit": literal(block.unit.value),
        "censored": mark,
        "source": literal(block.source.value),
        "device": null() if block.device is None else literal(block.device),
        "batch_id": literal(to.batch_id, Id),
        "entry_seq": literal(to.entry_seq),
        "used": columns.fate == NEW,
    }
    chosen = select(*values.values()).where(columns.fate != DUPLICATE).order_by(columns.at_s, columns.n)
    return insert(reading).from_select(list(values), chosen)


def _conflicts(connection: Connection, to: Import, block: ReadingBlock) -> Iterator[ReadingConflict]:
    columns = incoming.c
    at_instant = and_(
        reading.c.person_id == to.person_id,
        reading.c.source == block.source.value,
        reading.c.at_s == columns.at_s,
        reading.c.used == literal(True),
        reading.c.deleted_at_s.is_(None),
    )
    query = (
        select(columns.at_s, columns.amount, columns.censored, reading.c.amount, reading.c.unit, reading.c.censored)
        .join(reading, at_instant)
        .where(columns.fate == CONFLICT)
        .order_by(columns.at_s, columns.n)
        .limit(LISTED_CONFLICTS)
    )
    for at_s, amount, mark, used_amount, used_unit, used_mark in connection.execute(query):
        yield ReadingConflict(
            at=Moment(at_s, block.zone),
            source=block.source,
            in_use=Glucose(used_amount, Unit(used_unit), used_mark and Censored(used_mark)),
            offered=Glucose(amount, block.unit, (None, Censored.HIGH, Censored.LOW)[mark]),
            device=block.device,
        )
