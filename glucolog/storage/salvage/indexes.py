"""What an index still knows of a table that has bad pages: the keys of all its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from glucolog.storage.salvage.walking import Reader, Row, has_rowid, is_number, key_of

Key = tuple[Any, ...]
_NUMBER = "row_number_"
_AS_TABLE = "index_of_"


@dataclass(frozen=True, slots=True)
class Known:
    """The entries of an index, by the keys of the rows they are of."""

    table: Table
    index: str
    columns: tuple[str, ...]
    entries: dict[Key, Row]
    is_whole: bool
    """Whether the index could be read from its beginning to its end."""

    def missing(self, copy: Any) -> list[Key]:
        """Return, in order, the keys that the new log has no row for."""
        there = copy.execute(f"SELECT {', '.join(key_of(self.table))} FROM {self.table.name}")  # noqa: S608 – our own
        return sorted(self.entries.keys() - set(there))

    def rows_at(self, reader: Reader, names: Iterable[str], keys: Iterable[Key]) -> Iterator[list[Row]]:
        """Yield the rows with these keys, each read for itself, by way of the index.

        That way alone SQLite asks for a row by its whole key, and stops at one that parts two pages, be they bad.
        """
        at = " AND ".join(f"{'rowid' if name == _NUMBER else name} = ?" for name in self.columns)
        query = f"SELECT {', '.join(names)} FROM {self.table.name} INDEXED BY {self.index} WHERE {at}"  # noqa: S608
        for key in keys:
            if found := reader.read(query, self.entries[key]):
                yield found


def known_of(reader: Reader, table: Table) -> Known | None:
    """Return what an index knows that has whole keys; None where a table has no such index."""
    for _, name, _, origin, partial, *_ in reader.read(f"PRAGMA index_list({table.name})") or []:
        if partial or (origin == "pk" and not has_rowid(table)):
            continue
        columns = tuple(row[2] or _NUMBER for row in reader.read(f"PRAGMA index_xinfo({name})") or [])
        key = [_NUMBER if is_number(table, one) else one for one in key_of(table)]
        if set(key) <= set(columns):
            places = [columns.index(one) for one in key]
            rows, is_whole = _entries(reader, name, columns)
            return Known(table, name, columns, {tuple(row[at] for at in places): row for row in rows}, is_whole)
    return None


def _entries(reader: Reader, index: str, columns: tuple[str, ...]) -> tuple[Collection[Row], bool]:
    """Read an index as the table that it is to SQLite: its own columns, and those that lead to the row.

    Return its entries, and whether those are all: a bad page is come upon from either end.
    """
    made = f"CREATE TABLE {_AS_TABLE} ({', '.join(columns)}, PRIMARY KEY ({columns[0]})) WITHOUT ROWID"
    added = reader.read(
        "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql)"
        " SELECT 'table', ?, ?, rootpage, ? FROM sqlite_schema WHERE name = ?",
        (_AS_TABLE, _AS_TABLE, made, index),
    )
    if added is None:
        return (), False
    renewed(reader.connection)
    onward, ended = reader.hear(columns, f"FROM {_AS_TABLE} ORDER BY {columns[0]}")
    back, _ = ([], True) if ended else reader.hear(columns, f"FROM {_AS_TABLE} ORDER BY {columns[0]} DESC")
    reader.read("DELETE FROM sqlite_schema WHERE name = ?", (_AS_TABLE,))
    renewed(reader.connection)
    return {*onward, *back}, ended


def renewed(connection: Any) -> None:
    """Let a connection read its list of tables anew, after that was changed like any table."""
    for now in ("RESET", "ON"):
        connection.execute(f"PRAGMA writable_schema = {now}").close()
