"""Foreign SQLite files, read without trusting them: a private copy in memory, plain tables only, SELECT only.

The copy leaves the file and its journals alone. Views, virtual tables, triggers and computed columns are never touched,
functions are denied, and a value or a table without end is refused.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from glucolog.core.letters import mended
from glucolog.errors import RefusedError
from glucolog.importers.source import SourceFile

MAX_ROWS = 5_000_000
"""Ten years of one-minute readings; a damaged tree can pretend to hold any number."""
MAX_VALUE = 1_000_000
_WAL_VERSIONS = slice(18, 20)
_LEGACY = b"\x01\x01"
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})


class Tables:
    """The plain tables of an open database."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._columns = {table: _column_names(connection, table) for table in _plain_tables(connection)}
        connection.set_authorizer(_authorize)

    def __contains__(self, table: str) -> bool:
        return table in self._columns

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a table, None for a column that it doesn't have; nothing when there is no such table.

        The names are the caller's own constants, never the file's.
        """
        if table not in self._columns:
            return
        wanted = ", ".join(f'"{name}"' if name in self._columns[table] else "NULL" for name in columns)
        for number, row in enumerate(self._connection.execute(f'SELECT {wanted} FROM "{table}"')):  # noqa: S608
            if number >= MAX_ROWS:
                raise RefusedError(f"{self._name} has a table without end.", "Export it again.")
            yield row


@contextmanager
def open_tables(source: SourceFile) -> Iterator[Tables]:
    """Open a database from a private copy. Raises `RefusedError` for a damaged or hostile one."""
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.deserialize(_out_of_wal(source.data()))
            connection.text_factory = _lenient
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
            yield Tables(connection, source.name)
    except (sqlite3.Error, UnicodeDecodeError) as error:  # SQLite's own message can quote bytes of the damage
        raise RefusedError(f"{source.name} is a damaged SQLite file.", "Export the database again.") from error


def _out_of_wal(data: bytes) -> bytes:
    """A database in WAL mode can't be opened in memory; the copy is told that it is in none."""
    return data[: _WAL_VERSIONS.start] + _LEGACY + data[_WAL_VERSIONS.stop :]


def _lenient(text: bytes) -> str:
    return mended(text.decode("utf-8", "replace"))


def _plain_tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 LIMIT 1000")
    return [name for (name,) in rows if isinstance(name, str)]


def _column_names(connection: sqlite3.Connection, table: str) -> frozenset[str]:
    return frozenset(str(row[0]) for row in connection.execute("SELECT name FROM pragma_table_info(?)", (table,)))


def _authorize(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
