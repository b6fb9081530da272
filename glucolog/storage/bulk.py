"""Imported readings in bulk: what the log has already is left out, what contradicts it is kept beside it.

Two readings of one person and source are one reading when they have the same instant and value. Vendors cut seconds
and shift stamps, so a reading with the same value from another device or another format is the same reading too when
it lies within half of a sensor's 5-minute grid (CGM) or a minute (meter). Another value at the same instant is a
conflict: both are kept, and the one stored first is in use. A reading that was removed by hand from an import that
stands is known and does not come back.

A program that places old stamps by today's offset exports a summer an hour off in winter. Where that is plain – nearly
all of a file's unknown readings have their value exactly an hour away – they are the stored ones, and come in no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    and_,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.types import REAL, TypeEngine

from glucolog.core.moments import Moment
from glucolog.core.records import ReadingBlock
from glucolog.core.units import MG_DL_PER_MMOL_L, Censored, Glucose, Source, Unit
from glucolog.storage.counts import LISTED_CONFLICTS, BlockCounts, ReadingConflict
from glucolog.storage.engine import file_problems
from glucolog.storage.ids import new_ids
from glucolog.storage.tables import import_batch, reading
from glucolog.storage.types import Id, Instant, Number

__all__ = ["BlockCounts", "Import", "ReadingConflict", "add_blocks"]


NEAR_S = {Source.CGM: 149, Source.METER: 60}
"""How far apart (closed, in seconds) one reading's two stamps may lie: under half of 5 minutes; a cut minute."""

SHOWN_STEPS = {Unit.MG_DL: 1, Unit.MMOL_L: 10}
"""Shown steps in one unit: a value is the same when it is shown the same."""

SAME_ACROSS_UNITS_MG_DL = 0.5 / SHOWN_STEPS[Unit.MG_DL] + 0.5 * MG_DL_PER_MMOL_L / SHOWN_STEPS[Unit.MMOL_L]
"""One raw value, rounded to whole mg/dL here and to 0.1 mmol/L there, differs by at most half a step of each."""

NEW, DUPLICATE, CONFLICT = 0, 1, 2

CLOCK_CHANGES_S = 3_600, -3_600
LEAST_SHIFTED, LEAST_VALUES, SHIFTED_SHARE = 24, 6, 0.9
"""So many readings of so many values, and this share of the unknown ones, tell a changed clock from chance."""

_incoming = Table(
    "incoming",
    MetaData(),
    Column("at_s", Instant, nullable=False),
    Column("n", Integer, nullable=False),
    Column("id", Id, nullable=False),
    Column("amount", Number, nullable=False),
    Column("censored", Integer, nullable=False),
    Column("fate", Integer, nullable=False),
    PrimaryKeyConstraint("at_s", "n"),
    prefixes=["TEMPORARY"],
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
# PostgreSQL rounds halves of a double to the even side, and those of a numeric away from zero, as SQLite does.
_ROUNDED_AWAY: TypeEngine[Any] = Numeric().with_variant(REAL(), "sqlite")
_FILL = "INSERT INTO incoming (at_s, n, id, amount, censored, fate) VALUES (?, ?, ?, ?, ?, 0)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """Where imported rows belong: the person, the batch, and the journal entry that stores them."""

    person_id: str
    batch_id: str
    entry_seq: int


def add_blocks(connection: Connection, to: Import, blocks: Iterable[ReadingBlock]) -> BlockCounts:
    """Store the readings of all blocks that the log does not have; later blocks see the earlier ones."""
    _incoming.create(connection, checkfirst=False)
    counts = BlockCounts()
    for block in blocks:
        if len(block):
            counts += _add_block(connection, to, block)
    _incoming.drop(connection, checkfirst=False)
    return counts


def _add_block(connection: Connection, to: Import, block: ReadingBlock) -> BlockCounts:
    connection.execute(_incoming.delete())
    _fill(connection, block)
    stored = _stored(to.person_id, block.source)
    _mark(connection, DUPLICATE, or_(_earlier_in_file(block.unit), _is_stored(stored, block, _format_of(to.batch_id))))
    shift_s, shifted = _settle_shift(connection, stored, block)
    _mark(connection, CONFLICT, or_(_earlier_at_instant(), _other_at_instant(to.person_id, block.source)))
    connection.execute(_insert_unknown(to, block))
    by_fate: dict[int, int] = dict(
        connection.execute(select(_incoming.c.fate, func.count()).group_by(_incoming.c.fate)).all()
    )
    return BlockCounts(
        new=by_fate.get(NEW, 0),
        duplicate=by_fate.get(DUPLICATE, 0),
        conflict=by_fate.get(CONFLICT, 0),
        shifted=shifted,
        shift_s=shift_s,
        conflicts=tuple(_conflicts(connection, to, block)) if CONFLICT in by_fate else (),
    )


def _fill(connection: Connection, block: ReadingBlock) -> None:
    if connection.dialect.name == "postgresql":
        from glucolog.storage.postgres_copy import copy_block

        copy_block(connection, _incoming.name, block)
        return
    # The driver's own executemany: SQLAlchemy would build a mapping for each of a year's 105 120 rows.
    driver: Any = connection.connection.driver_connection
    with file_problems(Path(connection.engine.url.database or "")):
        driver.executemany(_FILL, zip(block.at_s, count(), new_ids(), block.amount, block.censored))


def _mark(connection: Connection, fate: int, rule: ColumnElement[bool]) -> None:
    connection.execute(update(_incoming).where(_incoming.c.fate == NEW, rule).values(fate=fate))


def _settle_shift(connection: Connection, stored: FromClause, block: ReadingBlock) -> tuple[int, int]:
    """Mark the readings whose clock was changed as known; return by how much, and how many there were."""
    first, last = connection.execute(select(func.min(stored.c.at_s), func.max(stored.c.at_s))).one()
    reach_s = max(CLOCK_CHANGES_S) + NEAR_S[block.source]
    if first is None or last + reach_s < min(block.at_s) or first - reach_s > max(block.at_s):
        return 0, 0
    unknown = and_(_incoming.c.fate == NEW, _incoming.c.at_s.between(first - reach_s, last + reach_s))
    for shift_s in CLOCK_CHANGES_S:
        shifted = _is_shifted(stored, block, shift_s)
        if _is_plain(connection, unknown, shifted):
            marked = connection.execute(update(_incoming).where(unknown, shifted).values(fate=DUPLICATE))
            return shift_s, marked.rowcount
    return 0, 0


def _is_plain(connection: Connection, unknown: ColumnElement[bool], shifted: ColumnElement[bool]) -> bool:
    """Whether a shift is beyond chance: a flat night, or hours of LO, look alike an hour later too."""
    value = case((shifted, _incoming.c.amount))
    counted = select(func.count(), func.count(value), func.count(value.distinct()))
    total, found, values = connection.execute(counted.where(unknown, _incoming.c.censored == 0)).one()
    return found >= max(LEAST_SHIFTED, SHIFTED_SHARE * total) and values >= LEAST_VALUES


def _is_shifted(stored: FromClause, block: ReadingBlock, shift_s: int) -> ColumnElement[bool]:
    near_s = NEAR_S[block.source]
    at_s = _incoming.c.at_s + shift_s
    return exists().where(stored.c.at_s.between(at_s - near_s, at_s + near_s), _same_value(stored, block.unit))


def _earlier_in_file(unit: Unit) -> ColumnElement[bool]:
    first = _incoming.alias("first")
    same_value = and_(
        first.c.censored == _incoming.c.censored,
        or_(_incoming.c.censored != 0, _shown(first.c.amount, unit) == _shown(_incoming.c.amount, unit)),
    )
    return exists().where(first.c.at_s == _incoming.c.at_s, first.c.n < _incoming.c.n, same_value)


def _earlier_at_instant() -> ColumnElement[bool]:
    first = _incoming.alias("first")
    return exists().where(first.c.at_s == _incoming.c.at_s, first.c.n < _incoming.c.n, first.c.fate != DUPLICATE)


def _other_at_instant(person_id: str, source: Source) -> ColumnElement[bool]:
    return exists().where(
        reading.c.person_id == person_id,
        reading.c.source == source.value,
        reading.c.at_s == _incoming.c.at_s,
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
    near = stored.c.at_s.between(_incoming.c.at_s - near_s, _incoming.c.at_s + near_s)
    elsewhere = or_(
        stored.c.device.is_distinct_from(block.device),
        stored.c.format.is_distinct_from(file_format),
    )
    here = or_(stored.c.at_s == _incoming.c.at_s, elsewhere)
    return exists().where(near, here, _same_value(stored, block.unit))


def _same_value(stored: FromClause, unit: Unit) -> ColumnElement[bool]:
    mark = case((stored.c.censored == Censored.LOW.value, -1), (stored.c.censored == Censored.HIGH.value, 1), else_=0)
    mg_dl = _incoming.c.amount * (MG_DL_PER_MMOL_L if unit is Unit.MMOL_L else 1.0)
    same_unit = and_(stored.c.unit == unit.value, _shown(stored.c.amount, unit) == _shown(_incoming.c.amount, unit))
    other_unit = and_(stored.c.unit != unit.value, func.abs(stored.c.mg_dl - mg_dl) <= SAME_ACROSS_UNITS_MG_DL)
    return and_(mark == _incoming.c.censored, or_(mark != 0, same_unit, other_unit))


def _shown(amount: ColumnElement[Any], unit: Unit) -> ColumnElement[float]:
    return func.round(cast(amount * SHOWN_STEPS[unit], _ROUNDED_AWAY))


def _format_of(batch_id: str) -> Any:
    return select(import_batch.c.format).where(import_batch.c.id == batch_id).scalar_subquery()


def _insert_unknown(to: Import, block: ReadingBlock) -> Any:
    columns = _incoming.c
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
    columns = _incoming.c
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
