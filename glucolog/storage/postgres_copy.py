"""Rows into PostgreSQL by COPY, in the transaction of the connection at hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from glucolog.core.columns import ReadingBlock
from glucolog.storage.ids import new_ids
from glucolog.storage.postgres_problems import told

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_INCOMING = (("at_s", ">i8"), ("n", ">i4"), ("id", "V16"), ("amount", ">f8"), ("censored", ">i4"), ("fate", ">i4"))
"""The columns of a block on its way in, as PostgreSQL writes them down (`COPY`, binary format)."""


def copy_rows(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Copy rows, in the order of `columns`, into a table. Raises what the driver says in glucolog's own words."""
    with _copying(connection, f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def copy_block(connection: Connection, table: str, block: ReadingBlock) -> None:
    """Copy the readings of a block, each under a new id, into a table with the columns of `storage.bulk.incoming`.

    The bytes are laid out by numpy: a year of readings never becomes a Python object a row.
    """
    names = ", ".join(name for name, _ in _INCOMING)
    with _copying(connection, f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(_HEADER + _laid_out(block) + _TRAILER)
    # Without counts of what is in it the planner takes the table for a small one, and loops.
    connection.exec_driver_sql(f"ANALYZE {table}")


def _laid_out(block: ReadingBlock) -> bytes:
    import numpy as np

    lengths = [(f"length of {name}", ">i4") for name, _ in _INCOMING]
    fields = [part for pair in zip(lengths, _INCOMING, strict=True) for part in pair]
    rows = np.zeros(len(block), dtype=[("fields", ">i2"), *fields])
    rows["fields"] = len(_INCOMING)
    for name, kind in _INCOMING:
        rows[f"length of {name}"] = np.dtype(kind).itemsize
    rows["n"] = np.arange(len(block))
    rows["id"] = np.frombuffer(b"".join(islice(new_ids(), len(block))), dtype="V16")
    for name in ("at_s", "amount", "censored"):
        rows[name] = getattr(block, name)
    return rows.tobytes()


@contextmanager
def _copying(connection: Connection, statement: str) -> Iterator[Any]:
    import psycopg

    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            yield copy
    except psycopg.Error as error:
        said = told(error, connection.engine.url)
        if said is None:
            raise
        raise said from error
