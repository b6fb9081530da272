"""Which tables this glucolog knows, and the one number on the hot path that says which a file has.

A migration's revision is a number of four digits; a file on SQLite carries that number as `user_version`.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, text

from glucolog.storage.engine import reading, writing
from glucolog.storage.problems import ChangedUnderneathError, NewerLogError, NoLogError, OtherDatabaseError
from glucolog.storage.rolling import Reason, free_instant, now

SCHEMA_VERSION = 4
"""The head of the migrations; a test keeps the two equal."""

APPLICATION_ID = 0x676C7563
"""`gluc`, in the header of every log on SQLite: tells a log from any other database."""

ALEMBIC_VERSION = """CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)"""
"""Alembic's own table, as it makes it: a new log needs no migration, and no Alembic, to have it."""


def revision_of(version: int) -> str:
    """Return the name of the migration that leads to `version`."""
    return f"{version:04}"


def ensure_schema(engine: Engine, path: Path, *, create: bool) -> None:
    """Leave the log with this glucolog's tables: made in an empty file, migrated after a backup in an older one.

    Raises `OtherDatabaseError`, `NewerLogError`, or what the migration raises; the file is then as it was.
    """
    application_id, version, tables = _stamp(engine)
    if not application_id and not tables:
        if not create:
            raise NoLogError(path)
        _create(engine)
    elif application_id != APPLICATION_ID:
        raise OtherDatabaseError(path)
    elif version > SCHEMA_VERSION:
        raise NewerLogError(path, version, SCHEMA_VERSION)
    elif version < SCHEMA_VERSION:
        _upgrade(engine, path)


def refuse_other_version(connection: Connection, path: Path) -> None:
    """Refuse to go on where another glucolog has changed the tables since the log was opened."""
    if connection.exec_driver_sql("PRAGMA user_version").scalar_one() != SCHEMA_VERSION:
        raise ChangedUnderneathError(path)


def stamp(connection: Connection, version: int) -> None:
    """Mark the file as a log of `version`, in the transaction that makes it one."""
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {version}")


def _stamp(engine: Engine) -> tuple[int, int, int]:
    with reading(engine) as connection:
        application_id = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        tables = application_id or connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar_one()
        return application_id, version, tables


def _create(engine: Engine) -> None:
    from glucolog.storage.tables import complete

    with writing(engine) as connection:
        if connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar_one():
            return  # another process was faster
        complete().create_all(connection, checkfirst=False)
        connection.exec_driver_sql(ALEMBIC_VERSION)
        connection.execute(
            text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision_of(SCHEMA_VERSION)}
        )
        stamp(connection, SCHEMA_VERSION)


def _upgrade(engine: Engine, path: Path) -> None:
    from glucolog.storage.backup import keep
    from glucolog.storage.migrate import upgrade

    keep(path, Reason.UPGRADE, free_instant(path, Reason.UPGRADE, now()))
    upgrade(engine, path)
