"""`db …` for a log on PostgreSQL: what it is, its version, and a clear sentence where the server has its own tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, func, select, text

from glucolog.storage.check import CheckReport, journal_problems, version_remarks
from glucolog.storage.engine import reading
from glucolog.storage.log import open_log
from glucolog.storage.postgres import server_engine, upgrade, version_of
from glucolog.storage.postgres_problems import NoServerLogError, shown
from glucolog.storage.schema import SCHEMA_VERSION
from glucolog.storage.tables import reading as reading_table
from glucolog.storage.tables import session as session_table

__all__ = ["check_server", "facts", "size_bytes", "upgrade"]


def facts(target: str) -> dict[str, Any]:
    """Return what `db info` says, of the people this role sees."""
    with open_log(target) as log:
        people = tuple(person.name for person in log.people())
    engine = server_engine(target)
    try:
        with reading(engine) as connection:
            counted = [
                connection.execute(
                    select(func.count()).select_from(table).where(table.c.deleted_at_s.is_(None))
                ).scalar_one()
                for table in (reading_table, session_table)
            ]
    finally:
        engine.dispose()
    return {"people": people, "readings": counted[0], "sessions": counted[1]}


def size_bytes(target: str) -> int:
    """Return how many bytes the database takes."""
    engine = server_engine(target)
    try:
        with reading(engine) as connection:
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    finally:
        engine.dispose()


def check_server(target: str, *, deep: bool = False) -> CheckReport:
    """Look at the tables' version; `deep` holds the journal against the rows that this role sees.

    Pages are the server's to check, and links are enforced with every write.
    """
    engine = server_engine(target)
    try:
        version = version_of(engine)
        if version is None:
            raise NoServerLogError(engine.url)
        damage = tuple(_damage(engine, version, deep=deep))
    finally:
        engine.dispose()
    return CheckReport(
        path=shown(engine.url),
        deep=deep,
        version=version,
        size_bytes=size_bytes(target),
        problems=(*damage, *version_remarks(version)),
        damage=damage,
    )


def _damage(engine: Engine, version: int, *, deep: bool) -> Iterator[str]:
    if deep and version == SCHEMA_VERSION:
        with reading(engine) as connection:
            yield from journal_problems(connection)
