"""The rows of a table whose tree of pages is bad in places, read around those.

A table is read in one go where it can be. Else it is read by ranges of its key: one that meets a bad page is halved
until what is bad stands alone. A row in between that no range leads to is asked for by its whole key, which an index
knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Integer, Table

from glucolog.core.units import Source
from glucolog.storage.engine import driver_errors

Row = tuple[Any, ...]
Key = tuple[Any, ...]

_LAST_ROWID = 2**32
_FIRST_S, _LAST_S = -(2**32), 2**33
_HOPELESS, _MOST_FAILED = 1000, 20_000
"""Reads that fail before a table is given up: when none has worked, and when some have."""
_MOST_BAD = 100
_FINEST_S = 64
"""Readings closer together than this lie on one page, nearly always; those that do not, an index leads to."""


class Reader:
    """Asks a damaged file; `failures` counts the questions that met something unreadable."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.failures = 0
        self.unread: list[tuple[str, bytes]] = []
        """Records, by kind and id, whose rows in a table of lists could not be read."""
        self._heard: list[Row] = []
        connection.create_function("hear", -1, self._take_down)

    def read(self, query: str, values: Sequence[object] = ()) -> list[Row] | None:
        """Return the rows of a query, None when it meets something unreadable."""
        try:
            return list(self.connection.execute(query, values))
        except driver_errors():
            self.failures += 1
            return None

    def hear(self, names: Sequence[str], rest: str, values: Sequence[object] = ()) -> tuple[list[Row], bool]:
        """Return the rows of a query up to where it breaks off, and whether it came to its end."""
        self._heard.clear()
        nulls = " + ".join(f"({name} IS NULL)" for name in names)
        ended = self.read(f"SELECT hear({', '.join(names)}, {nulls}) {rest}", values) is not None
        return list(self._heard), ended

    def _take_down(self, *row: Any) -> None:
        # A driver may hand on a text that is none as None.
        if row.count(None) != row[-1]:
            raise ValueError("a text is none any more")
        self._heard.append(row[:-1])


def has_rowid(table: Table) -> bool:
    """Whether SQLite keeps the rows of a table by number, not by their key."""
    return bool(table.dialect_options["sqlite"]["with_rowid"])


def key_of(table: Table) -> list[str]:
    """Return the columns of a table's primary key."""
    return [column.name for column in table.primary_key]


def is_number(table: Table, name: str) -> bool:
    """Whether a column is the number under which SQLite keeps a table's rows, and so is none of their values."""
    return key_of(table) == [name] and isinstance(table.c[name].type, Integer)


def rows_of(reader: Reader, table: Table, names: Sequence[str]) -> Iterator[list[Row]]:
    """Yield the rows of a table, these columns of each, in one piece or in many."""
    chosen = f"SELECT {', '.join(names)} FROM {table.name}"  # noqa: S608 – our own names, here and below
    whole = reader.read(f"{chosen} NOT INDEXED")
    if whole is None:
        whole = rows_but_bad(reader, table, names)
    if whole is None:
        yield from _pieces(reader, table, f"{chosen} WHERE")
    else:
        yield whole


def rows_but_bad(reader: Reader, table: Table, names: Sequence[str]) -> list[Row] | None:
    """Return the rows of a table all of whose own pages are whole, but for those that can't be read themselves.

    Such a one is bad, or runs on to a bad page. SQLite compares whole rows when it looks one up, so that the bad one
    would hide its neighbours: it is passed over in a walk along the table. None where a page is bad.
    """
    key = ["rowid"] if has_rowid(table) else key_of(table)
    along, ordered = f"FROM {table.name} NOT INDEXED", f"ORDER BY {', '.join(key)}"
    left = reader.read(f"SELECT {', '.join([*key, _in_no_index(table)])} {along} {ordered}")
    one = " AND ".join(f"{name} = ?" for name in key)
    bad: list[Key] = []
    while left is not None and len(bad) <= _MOST_BAD:
        but = " AND ".join([f"NOT ({one})"] * len(bad)) or "1"
        heard, ended = reader.hear(names, f"{along} WHERE {but} {ordered}", [value for one in bad for value in one])
        if ended:
            return heard
        bad.append(left.pop(len(heard))[:-1])
    return None


def _in_no_index(table: Table) -> str:
    """Return a column for whose sake SQLite has to walk along the table itself."""
    indexed = {column.name for index in table.indexes for column in index.columns}
    return next(c.name for c in table.columns if c.name not in {*key_of(table), *indexed})


def _pieces(reader: Reader, table: Table, chosen: str) -> Iterator[list[Row]]:
    if table.name == "reading":
        for person_id in _known_ids(reader, "person"):
            for kind in Source:
                owned = f"{chosen} person_id = ? AND source = ? AND at_s"
                yield from _ranges(reader, owned, (person_id, kind.value), _FIRST_S, _LAST_S, _FINEST_S)
    elif table.name == "journal_row":
        yield from _ranges(reader, f"{chosen} entry_seq", (), 0, _LAST_ROWID, 1)
    elif has_rowid(table):
        yield from _ranges(reader, f"{chosen} rowid", (), 0, _LAST_ROWID, 1)
    else:
        yield from _children(reader, table, chosen)


def _known_ids(reader: Reader, kind: str) -> list[bytes]:
    """Return ids of records: those whose rows can be read, and those that the journal speaks of."""
    own = _ranges(reader, f"SELECT id FROM {kind} WHERE rowid", (), 0, _LAST_ROWID, 1)  # noqa: S608
    noted = f"SELECT DISTINCT record_id FROM journal_row WHERE kind = '{kind}' AND entry_seq"  # noqa: S608
    told = _ranges(reader, noted, (), 0, _LAST_ROWID, 1)
    return sorted({row[0] for some in (*own, *told) for row in some})


def _children(reader: Reader, table: Table, chosen: str) -> Iterator[list[Row]]:
    owner = key_of(table)[0]
    kind = owner.removesuffix("_id")
    for owner_id in _known_ids(reader, kind):
        found = reader.read(f"{chosen} {owner} = ?", (owner_id,))
        if found is None:
            reader.unread.append((kind, owner_id))
        else:
            yield found


def _ranges(
    reader: Reader, query: str, values: tuple[object, ...], low: int, high: int, finest: int
) -> Iterator[list[Row]]:
    """Yield the rows whose key, the last word of `query`, lies in [low, high), piece by piece."""
    key = query.rpartition(" ")[2]
    waiting = [(low, high)]
    failed = read = 0
    while waiting and failed < (_MOST_FAILED if read else _HOPELESS):
        low, high = waiting.pop()
        found = reader.read(f"{query} >= ? AND {key} < ?", (*values, low, high))
        read, failed = read + (found is not None), failed + (found is None)
        if found is not None:
            yield found
        elif high - low > finest:
            middle = (low + high) // 2
            waiting += [(middle, high), (low, middle)]
