"""A log that many share on PostgreSQL: the same tables, records and journal as in a file.

Writers take their turn by a lock on one empty table, held to the end of the transaction, so that a write sees all
earlier ones and never fails half-way, as on SQLite; a login that was assigned nobody can't hold it. Readers wait for
nobody and see one state of the log. Who sees whom is the database's to enforce: see `postgres_roles`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sqlalchemy import URL, ColumnElement, Connection, Engine, create_engine, event, inspect, select, text
from sqlalchemy.engine import ExceptionContext

from glucolog.core.codec import kind_of
from glucolog.core.moments import Moment
from glucolog.core.records import Person
from glucolog.errors import MissingExtraError, NotFoundError
from glucolog.storage.engine import BUSY_TIMEOUT_S, MAKES_TABLES, WRITES, making_tables, reading
from glucolog.storage.log import Log
from glucolog.storage.postgres_problems import (
    BusyServerError,
    NewerServerLogError,
    NoServerBackupError,
    NoServerLogError,
    OlderServerLogError,
    OtherTablesError,
    address,
    shown,
    told,
)
from glucolog.storage.postgres_roles import MINE, TAKE_TURN, install, note_read
from glucolog.storage.problems import ChangedUnderneathError
from glucolog.storage.rolling import Reason
from glucolog.storage.schema import ALEMBIC_VERSION, SCHEMA_VERSION, revision_of
from glucolog.storage.tables import person

DRIVER = "postgresql+psycopg"
_VERSION = text("SELECT version_num FROM alembic_version")
TABLES_LOCK = 0x676C7563
"""`gluc`: the advisory lock of whoever makes or migrates the tables; there may be none yet to lock."""
TURNS_SINCE = 4
"""The version from which writers lock a table; those of older ones took the lock above."""
OPTIONS = "-c jit=off -c timezone=UTC -c temp_buffers=64MB -c work_mem=64MB"
"""Compiling a statement takes longer than any of ours runs; a year of readings on its way in stays in memory."""
CONNECT_S = 10
SILENT_S = 30
"""How long a line may be dead before it counts as lost: without a bound, a network that went away is waited for."""
LINE = {
    "connect_timeout": CONNECT_S, "keepalives_idle": SILENT_S, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": SILENT_S * 1000,
}  # fmt: skip
IDLE_WRITER_S = 60
"""How long a writer may do nothing before the server lets the next one in: its machine may be asleep."""


def open_server_log(target: str, *, create: bool = False) -> ServerLog:
    """Open the log in a database; `create` makes its tables where there are none.

    Raises a `DatabaseError` that says what stands in the way, `OlderServerLogError` rather than migrate.
    """
    engine = server_engine(target)
    try:
        version = version_of(engine)
        if version is None and create:
            _create(engine)
        else:
            _refuse(engine.url, version)
    except BaseException:
        engine.dispose()
        raise
    return ServerLog(engine)


@contextmanager
def serving(target: str) -> Iterator[Engine]:
    """Give an engine on the server and let go of it."""
    engine = server_engine(target)
    try:
        yield engine
    finally:
        engine.dispose()


def server_engine(target: str) -> Engine:
    """Return an engine whose errors are our own. Raises `BadAddressError`, `MissingExtraError` without psycopg."""
    url = address(target).set(drivername=DRIVER)
    try:
        engine = create_engine(url, connect_args=_connecting(url))
    except ImportError as error:
        raise MissingExtraError("A log on PostgreSQL", "clinic") from error
    logging.getLogger("psycopg").addHandler(logging.NullHandler())  # what it would print is raised, and told once
    event.listen(engine, "begin", _begin)

    @event.listens_for(engine, "handle_error")
    def _say(context: ExceptionContext) -> None:
        said = told(context.original_exception, url, connected=context.connection is not None)
        if isinstance(said, BusyServerError):
            said = BusyServerError(url, _holders(engine))
        if said is not None:
            raise said from context.original_exception

    return engine


def version_of(engine: Engine) -> int | None:
    """Return the version of the tables, None for an empty database. Raises `OtherTablesError`."""
    with reading(engine) as connection:
        names = inspect(connection).get_table_names()
        if not names:
            return None
        if "alembic_version" not in names or "journal" not in names:
            raise OtherTablesError(engine.url)
        return int(connection.execute(_VERSION).scalar_one())


def upgrade(target: str) -> tuple[int, int]:
    """Migrate a log to this glucolog's tables, whole or not at all; return the versions before and after.

    Raises `NewerServerLogError`, or `NotYourOwnError` for a role that does not own the tables.
    """
    from alembic import command

    from glucolog.storage.migrate import alembic_config

    engine = server_engine(target)
    try:
        before = version_of(engine)
        if before is None or before > SCHEMA_VERSION:
            _refuse(engine.url, before)
        config = alembic_config()
        with making_tables(engine) as connection:
            if (before or 0) >= TURNS_SINCE:
                connection.exec_driver_sql(TAKE_TURN)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            install(connection)
    finally:
        engine.dispose()
    return before or 0, SCHEMA_VERSION


class ServerLog(Log):
    """A log on PostgreSQL. Its backups are the server's; what is read of a person is noted."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(Path(), engine)
        self.label = shown(engine.url)
        self._noted: set[tuple[str, str]] = set()

    def backup(self, target: Path) -> Path:  # noqa: ARG002 – the signature of every log
        """Refuse: raises `NoServerBackupError`, which names the server's own tools."""
        raise NoServerBackupError

    def keep_backup(self, reason: Reason, at: Moment) -> None:
        """Do nothing: the server's own backups are the clinic's, and an import can be undone."""

    def trace(self, person_id: str, *given: Any, **named: Any) -> Any:
        """Return the readings in use as columns, noted as read."""
        self._note("reading", {person_id})
        return super().trace(person_id, *given, **named)

    def record(self, record_type: type[Any], record_id: str) -> Any:
        """Return the record with this id, noted as read."""
        return self._noting(record_type, (super().record(record_type, record_id),))[0]

    def person(self, name: str) -> Person:
        """Return the person of that name, case aside where that is clear; nobody else is read to find them.

        Raises `NotFoundError`, which names those that look like it, not everybody.
        """
        with self._reading() as connection:
            names = connection.execute(select(person.c.name).where(person.c.deleted_at_s.is_(None))).scalars().all()
        alike = [one for one in names if one.casefold() == name.casefold()]
        wanted = [one for one in alike if one == name] or alike or get_close_matches(name, names)
        people: Sequence[Person] = self._select(Person, person.c.name.in_(wanted))
        if alike and len(people) == 1:
            return people[0]
        near = ", ".join(one.name for one in people)
        offer = f"It knows: {near}." if alike else f"Did you mean {near}?"
        hint = offer if near else "`glucolog person list` shows whom you see."
        raise NotFoundError(f"The log has no person “{name}”.", hint)

    def history(self, *given: Any, **named: Any) -> Any:
        """Return the latest changes, noted as read."""
        found = super().history(*given, **named)
        self._note("history", {entry.person_id for entry in found if entry.person_id})
        return found

    def _own(self, seq: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:
        return (seq.in_(select(MINE.c.entry_seq)),)

    def _keep_daily(self) -> None:
        """Leave backups to the server."""

    def _select(self, record_type: type[Any], *where: Any, **how: Any) -> Any:
        return self._noting(record_type, super()._select(record_type, *where, **how))

    def _refuse_other_version(self, connection: Connection) -> None:
        if connection.execute(_VERSION).scalar_one() != revision_of(SCHEMA_VERSION):
            raise ChangedUnderneathError(self.label)

    def _noting(self, record_type: type[Any], found: Sequence[Any]) -> Sequence[Any]:
        people = {getattr(record, "person_id", None) or record.id for record in found}
        self._note(kind_of(record_type), people)
        return found

    def _note(self, kind: str, people: set[str]) -> None:
        """Note what is read of whom, once for as long as the log is open."""
        fresh = {(kind, person_id) for person_id in people} - self._noted
        if fresh:
            with reading(self._engine) as connection:
                note_read(connection, fresh)
            self._noted |= fresh


def _connecting(url: URL) -> dict[str, object]:
    line = {name: value for name, value in LINE.items() if name not in url.query}
    return {"options": f"{OPTIONS} -c lock_timeout={BUSY_TIMEOUT_S}s", **line}


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get(MAKES_TABLES):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TABLES_LOCK})")
    elif options.get(WRITES):
        connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_WRITER_S}s'; {TAKE_TURN}")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


_HOLDERS = """
SELECT DISTINCT usename FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE granted AND locktype = 'relation' AND mode IN ('ExclusiveLock', 'AccessExclusiveLock')
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def _holders(engine: Engine) -> tuple[str, ...]:
    """Return the roles that keep others waiting now."""
    with reading(engine) as connection:
        return tuple(sorted(connection.exec_driver_sql(_HOLDERS).scalars()))


def _create(engine: Engine) -> None:
    from glucolog.storage.tables import complete

    with making_tables(engine) as connection:
        if inspect(connection).get_table_names():
            return  # another process was faster
        complete().create_all(connection, checkfirst=False)
        connection.exec_driver_sql(ALEMBIC_VERSION)
        connection.execute(
            text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision_of(SCHEMA_VERSION)}
        )
        install(connection)


def _refuse(url: URL, version: int | None) -> None:
    if version is None:
        raise NoServerLogError(url)
    if version > SCHEMA_VERSION:
        raise NewerServerLogError(url, version)
    if version < SCHEMA_VERSION:
        raise OlderServerLogError(url, version)
