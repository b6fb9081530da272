"""A log wherever it is, in a file or on PostgreSQL, looked at past the log itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from glucolog.services.database import check_file
from glucolog.storage.engine import is_on_server, open_engine, writing
from glucolog.storage.tables import metadata
from sqlalchemy import Connection, select

MakeTarget = Callable[[], str]
"""Gives a place for another log, as often as it is asked."""
Rows = list[tuple[object, ...]]


def contents(target: str) -> dict[str, Rows]:
    """Return every row of a log but the journal's own."""
    tables = [table for name, table in metadata.tables.items() if not name.startswith("journal")]
    with _connected(target) as connection:
        return {table.name: sorted(map(tuple, connection.execute(select(table))), key=repr) for table in tables}


def ask(target: str, query: str) -> Rows:
    """Ask with plain SQL."""
    with _connected(target) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def change(target: str, statement: str) -> None:
    """Change rows as another program would."""
    with _connected(target) as connection:
        connection.exec_driver_sql(statement)


def problems(target: str) -> tuple[str, ...]:
    """Return what a deep check finds."""
    return check_file(target, deep=True).problems


@contextmanager
def _connected(target: str) -> Iterator[Connection]:
    if is_on_server(target):
        from glucolog.storage.postgres import server_engine

        engine = server_engine(target)
    else:
        engine = open_engine(Path(target))
    try:
        with writing(engine) as connection:
            yield connection
    finally:
        engine.dispose()
