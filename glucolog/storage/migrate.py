"""Older logs to the tables of this glucolog. Alembic is imported here and nowhere else, and only when it is needed.

The migrations lie at the top of the repository and, in an installed glucolog, inside the package: `scripts_folder`
finds them in either place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine

from glucolog.storage.engine import WRITES, making_tables
from glucolog.storage.problems import DamagedLogError

if TYPE_CHECKING:
    from alembic.config import Config

_PACKAGE = Path(__file__).parents[1]


def scripts_folder() -> Path:
    """Return the folder of the migrations, wherever glucolog runs from."""
    installed = _PACKAGE / "_migrations"
    return installed if installed.is_dir() else _PACKAGE.parent / "migrations"


def alembic_config(folder: Path | None = None) -> Config:
    """Return Alembic's configuration for the migrations in `folder`, ours by default."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder or scripts_folder()).replace("%", "%%"))
    return config


def upgrade(engine: Engine, path: Path) -> None:
    """Migrate the log to the head, whole or not at all.

    Raises `DamagedLogError` when rows point to rows that are not there, before or after.
    """
    from alembic import command

    config = alembic_config()
    with in_transaction(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        _refuse_broken_links(connection, path)


@contextmanager
def in_transaction(engine: Engine) -> Iterator[Connection]:
    """Give a connection that alone may write, in one transaction, without foreign keys.

    SQLite alters a table by making it anew: with foreign keys on, dropping the old one would delete its children. The
    setting does nothing inside a transaction, so it comes first; the connection is then thrown away. PostgreSQL alters
    tables in place, and keeps its foreign keys.
    """
    if engine.dialect.name != "sqlite":
        with making_tables(engine) as connection:
            yield connection
        return
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        connection.detach()
        driver.execute("PRAGMA foreign_keys=OFF").close()
        with connection.execution_options(**{WRITES: True}).begin():
            yield connection


def _refuse_broken_links(connection: Connection, path: Path) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        tables = ", ".join(sorted({row[0] for row in broken}))
        raise DamagedLogError(path, f"rows of {tables} belong to nothing")
