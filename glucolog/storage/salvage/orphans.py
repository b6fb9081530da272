"""Rows on pages that no table leads to any more, because a page above them is bad.

SQLite says which pages are never used: they are in no tree that can be walked and on no list of free pages. Each is
made the root of its table for a moment, so that SQLite reads the page, and the pages below it, as that table. Whether
it was that table's is told by its rows: as many values as the table has columns, each of its column's type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from glucolog.storage.salvage.indexes import renewed
from glucolog.storage.salvage.scratch import FILLER, Scratch, do_not_sync
from glucolog.storage.salvage.settling import ID_BYTES
from glucolog.storage.salvage.walking import Reader, Row, has_rowid, is_number, key_of, rows_but_bad

_NOTHING = b""
"""What a probe says of a column that a row has no value for; no column holds it, for every BLOB is an id."""
_BEYOND = "beyond"
_LAST_AT_FIRST = "deleted_at_s"
"""The last column of a record's table as it was first made: what migrations added stands behind it."""
_PYTHON: dict[str, tuple[type, ...]] = {
    "INTEGER": (int,), "REAL": (float, int), "TEXT": (str,), "BLOB": (bytes,),
}  # fmt: skip
_MOST_SAID = 2**30


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table in a file."""

    name: str
    type: str
    is_taken: bool
    may_lack: bool
    """Whether the new log takes it; whether a row from before a migration has no value for it."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A table as a page may hold it: its columns in the file's order, none of its rules."""

    table: Table
    columns: tuple[Column, ...]

    @property
    def taken(self) -> list[Column]:
        """The columns that the new log takes."""
        return [one for one in self.columns if one.is_taken]

    @property
    def names(self) -> list[str]:
        """The names of those."""
        return [one.name for one in self.taken]

    @property
    def record(self) -> tuple[str, str] | None:
        """The kind of record that a row is, or is part of, and the column with its id."""
        if "id" in self.table.c:
            return self.table.name, "id"
        owner = key_of(self.table)[0]
        return (owner.removesuffix("_id"), owner) if owner.endswith("_id") else None

    @property
    def statement(self) -> str:
        """What makes the table, with a column more than it has: a row that is its own has nothing there."""
        parts = [*map(self._definition, self.columns), f"{_BEYOND} DEFAULT x''"]
        if has_rowid(self.table):
            return f"CREATE TABLE {self.table.name} ({', '.join(parts)})"
        key = ", ".join(key_of(self.table))
        return f"CREATE TABLE {self.table.name} ({', '.join(parts)}, PRIMARY KEY ({key})) WITHOUT ROWID"

    def fitting(self, rows: Iterable[Row]) -> list[Row]:
        """Return those rows, each read with the column beyond, that are this table's, as the new log takes them."""
        taken = self.taken
        found = []
        for *values, beyond in rows:
            row = tuple(None if c.may_lack and v == _NOTHING else v for v, c in zip(values, taken, strict=True))
            if beyond == _NOTHING and all(_is_of(value, one.type) for value, one in zip(row, taken, strict=True)):
                found.append(row)
        return found

    def _definition(self, column: Column) -> str:
        numbered = column.is_taken and is_number(self.table, column.name)
        kind = "INTEGER PRIMARY KEY" if numbered else f"{column.type} DEFAULT x''"
        return f"{column.name} {kind}"


def probe_of(table: Table, described: Sequence[Row]) -> Probe:
    """Return the probe for a table that `PRAGMA table_xinfo` describes."""
    names = [row[1] for row in described]
    first = names.index(_LAST_AT_FIRST) + 1 if _LAST_AT_FIRST in names else len(names)
    return Probe(
        table,
        tuple(
            Column(name, kind, is_taken=name in table.c and not hidden, may_lack=place >= first)
            for place, (_, name, kind, _, _, _, hidden) in enumerate(described)
        ),
    )


def _is_of(value: object, kind: str) -> bool:
    return value is None or (isinstance(value, _PYTHON[kind]) and (kind != "BLOB" or len(value) == ID_BYTES))  # type: ignore[arg-type]


def never_used(connection: Any, broken: Sequence[Table]) -> list[int]:
    """Return the pages that are part of nothing, as far as SQLite can walk, and those of the broken tables.

    Those are made to have no tree of their own first: a page that makes half sense still counts what is below it as
    used, and does not lead there. SQLite says what is never used before it looks at the rows, where a bad page ends the
    answer with an error: so each line is taken as it comes.
    """
    for table in broken:
        connection.execute("UPDATE sqlite_schema SET rootpage = 1 WHERE name = ?", (table.name,)).close()
    renewed(connection)
    said: list[bytes] = []
    connection.text_factory = said.append
    try:
        Reader(connection).read(f"PRAGMA quick_check({_MOST_SAID})")
    finally:
        connection.text_factory = str
    return [int(number) for text in said for number in re.findall(rb"Page (\d+)(?: is|:) never used", text)]


def orphans(
    scratch: Scratch, pages: Sequence[int], probes: Sequence[Probe], take: Callable[[Probe, Sequence[Row]], bool]
) -> None:
    """Offer `take` the rows that a page holds as each of these tables, until it says that they are the table's.

    The copy has the tables of the probes afterwards, and no others.
    """
    scratch.retable([probe.statement for probe in probes])
    with closing(scratch.open()) as connection:
        do_not_sync(connection)
        reader = Reader(connection)
        for page in pages:
            _point(connection, page)
            other_kinds = set()
            for probe in probes:
                kind = has_rowid(probe.table)
                rows = None if kind in other_kinds else _rows_on(reader, probe)
                if rows is None:
                    other_kinds.add(kind)
                elif (found := probe.fitting(rows)) and take(probe, found):
                    break


def _point(connection: Any, page: int) -> None:
    connection.execute("UPDATE sqlite_schema SET rootpage = ? WHERE name <> ?", (page, FILLER)).close()
    renewed(connection)


def _rows_on(reader: Reader, probe: Probe) -> Sequence[Row] | None:
    """Return the rows of a page and of those below it, none where it is another table's.

    None is returned for a page of another kind, of no tree at all, or between two bad ones.
    """
    table = probe.table
    names = [*probe.names, _BEYOND]
    key = ["rowid"] if has_rowid(table) else key_of(table)
    ways = [", ".join(f"{name} {way}" for name in key) for way in ("ASC", "DESC")]
    said = f"FROM {table.name} ORDER BY"
    ends = [reader.read(f"SELECT {', '.join(names)} {said} {way} LIMIT 1") for way in ways]
    if not any(end is not None for end in ends):
        return None
    if not any(end and probe.fitting(end) for end in ends):
        return ()
    whole = reader.read(f"SELECT {', '.join(names)} FROM {table.name}")  # noqa: S608
    if whole is None:
        whole = rows_but_bad(reader, table, names)
    if whole is None:  # a page below is bad: what comes before it and after it is heard until the reading breaks off
        whole = [row for way in ways for row in reader.hear(names, f"{said} {way}")[0]]
    return whole
