"""A whole log from one place to another, SQLite or PostgreSQL, without loss: every row, hidden ones and history too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Engine, Table, func, insert, select, text

from glucolog.errors import DatabaseError, RefusedError
from glucolog.storage import crypto
from glucolog.storage.engine import (
    connect_new,
    file_of,
    file_problems,
    is_on_server,
    open_engine,
    prepare,
    reading,
    writing,
)
from glucolog.storage.log import open_log
from glucolog.storage.tables import journal, metadata, person

Progress = Callable[[int, int], None]
CHUNK = 5_000
NO_APPLICATION = 0
"""What an empty database says of whose it is; to write it makes the first page, which says under which key it is."""


class FullLogError(RefusedError):
    """The target holds something: a copy never mixes two logs."""

    def __init__(self, label: str) -> None:
        super().__init__(f"The log at {label} is not empty.", "Name a place where there is no log yet.")


class IncompleteCopyError(DatabaseError):
    """The copy does not have the rows of the log; it was taken back."""

    def __init__(self, table: str, had: int, has: int) -> None:
        super().__init__(f"The copy has {has} rows of {table}, the log {had}.", "Nothing was stored. Try again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """How many rows of each table were copied."""

    rows: dict[str, int]


def copy_log(source: str, target: str, progress: Progress) -> Copied:
    """Copy the log at `source` into a new one at `target`, in one transaction; `source` is only read.

    The copy of an encrypted file is under the same key; a server has its own ways (see `ServerEncryptionError`).

    Raises `FullLogError` rather than mix, `IncompleteCopyError` when rows are lost on the way (a role that does not
    see everyone copies what it sees), and what opening either raises.
    """
    open_log(source).close()
    with _gone_after_failure(target):
        _stay_encrypted(source, target)
        return _copy(source, target, progress)


def _copy(source: str, target: str, progress: Progress) -> Copied:
    with open_log(target, create=True) as log:
        label = log.label
    with _engine(source) as here, _engine(target) as there, reading(here) as given, writing(there) as taken:
        if any(_count(taken, table) for table in (person, journal)):
            raise FullLogError(label)
        _note(given, source)
        total = sum(_count(given, table) for table in metadata.sorted_tables)
        return Copied(rows=dict(_copied(given, taken, lambda done: progress(done, total))))


@contextmanager
def _gone_after_failure(target: str) -> Iterator[None]:
    """Leave no half-begun file where there was none."""
    made = not is_on_server(target) and not file_of(target).exists()
    try:
        yield
    except BaseException:
        if made:
            file_of(target).unlink(missing_ok=True)
        raise


def _stay_encrypted(source: str, target: str) -> None:
    """Begin a file that is to be the copy of an encrypted one under the same key."""
    if is_on_server(source) or is_on_server(target):
        return
    log, copy = file_of(source), file_of(target)
    prepare(copy, create=True)
    if crypto.is_encrypted(log) and not copy.stat().st_size:
        with file_problems(copy), closing(connect_new(copy, crypto.key_of(log))) as made:
            made.execute(f"PRAGMA application_id = {NO_APPLICATION}").close()
        crypto.copy_envelope(log, copy)


def _copied(given: Connection, taken: Connection, progress: Callable[[int], None]) -> Iterator[tuple[str, int]]:
    done = 0
    for table in metadata.sorted_tables:
        for rows in _chunks(given, table):
            _store(taken, table, rows)
            done += len(rows)
            progress(done)
        had, has = _count(given, table), _count(taken, table)
        if had != has:
            raise IncompleteCopyError(table.name, had, has)
        yield table.name, has
    if taken.dialect.name == "postgresql":
        _continue_numbers(taken)


def _chunks(given: Connection, table: Table) -> Iterator[Sequence[dict[str, Any]]]:
    columns = _stored(table)
    streamed = given.execution_options(stream_results=True).execute(select(*columns))
    for rows in streamed.partitions(CHUNK):
        yield [{column.name: _value(column, value) for column, value in zip(columns, row, strict=True)} for row in rows]


def _store(taken: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if taken.dialect.name == "postgresql":
        from glucolog.storage.postgres_copy import copy_rows

        names = [column.name for column in _stored(table)]
        copy_rows(taken, table.name, names, (tuple(row.values()) for row in rows))
    else:
        taken.execute(insert(table), list(rows))


def _stored(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.computed is None]


def _value(column: Column[Any], value: Any) -> Any:
    """Return a value as either database takes it: SQLite has 0 and 1 where PostgreSQL has a type."""
    return bool(value) if isinstance(column.type, Boolean) and value is not None else value


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _continue_numbers(taken: Connection) -> None:
    taken.execute(
        text(
            "SELECT setval(pg_get_serial_sequence('journal', 'seq'), greatest(1, max(seq)), count(*) > 0) FROM journal"
        )
    )


def _note(given: Connection, source: str) -> None:
    if is_on_server(source):
        from glucolog.storage.postgres_roles import note_read

        note_read(given, {("copy", found) for found in given.execute(select(person.c.id)).scalars()})


@contextmanager
def _engine(target: str) -> Iterator[Engine]:
    if is_on_server(target):
        from glucolog.storage.postgres import server_engine

        engine = server_engine(target)
    else:
        engine = open_engine(file_of(target))
    try:
        yield engine
    finally:
        engine.dispose()
