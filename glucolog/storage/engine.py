"""A log's file: made private, opened with the settings that keep it whole, refused when it is something else.

`journal_mode=DELETE` with `synchronous=FULL`: SQLite before 3.51.3 can, rarely, corrupt a WAL database with two
writers. Temporary tables stay in memory, so nothing of the log reaches the disk outside its file and its journal,
which SQLite creates with the file's own mode.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError

from glucolog.errors import DatabaseError
from glucolog.storage import crypto
from glucolog.storage.problems import (
    DamagedLogError,
    DiskError,
    FileOnlyError,
    LostLinkError,
    NoLogError,
    NoPermissionError,
    NotALogError,
    ReadOnlyError,
    told,
)

BUSY_TIMEOUT_S = 15.0
"""How long a write waits for another one; an import of a year holds the log for about a second."""

SERVER_SCHEMES = "postgresql+psycopg://", "postgresql://", "postgres://"
"""What the URL of a log on PostgreSQL may begin with; psycopg drives each."""
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
_SQLITE_MAGIC = b"SQLite format 3"
_LEAST_BYTES = 512
"""SQLite's smallest page; a shorter file it takes for an empty one, and would write over it."""

WRITES, MAKES_TABLES = "glucolog_writes", "glucolog_makes_tables"
"""The execution options of a connection that begins as a writer, or as one that makes or migrates the tables."""


def is_on_server(target: str | Path) -> bool:
    """Whether a --db names a log on PostgreSQL."""
    return str(target).startswith(SERVER_SCHEMES)


def file_of(target: str | Path) -> Path:
    """Return the file that a --db names: a path, or a URL such as `sqlite:///log.db`.

    Raises `FileOnlyError` for a log on PostgreSQL, `DatabaseError` for the URL of any other database.
    """
    text = str(target)
    if is_on_server(target):
        raise FileOnlyError
    if text.startswith("sqlite:///"):
        return Path(text.removeprefix("sqlite:///")).expanduser()
    if "://" in text:
        raise DatabaseError(f"glucolog can't open {text.partition('://')[0]} databases.", "Name a file with --db.")
    if text == ":memory:":
        raise DatabaseError("“:memory:” is no file.", "Name a file with --db: what is logged must stay.")
    try:
        return Path(target).expanduser()
    except RuntimeError as error:
        raise DatabaseError(f"{text} begins with nobody's home.", "Name the whole path with --db.") from error


def prepare(path: Path, *, create: bool) -> None:
    """Make sure that `path` is a plain file we may write, a new, empty and private one where `create` asks for it.

    Raises the `DatabaseError` that says what stands in the way. The file is looked at and never opened: closing it
    would drop the locks that SQLite holds on it in this process (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    with file_problems(path):
        if path.is_symlink() and not path.exists():
            raise LostLinkError(path)
        if create and not path.exists():
            _make_private(path)
        if not path.exists():
            raise NoLogError(path)
        _refuse_other_files(path, create=create)
        _refuse_unwritable(path)


def open_engine(path: Path) -> Engine:
    """Return an engine on `path` whose errors are glucolog's own. Connections are made when they are needed."""
    engine = create_engine(URL.create("sqlite", database=str(path)), creator=lambda: _ready(path))
    event.listen(engine, "begin", _begin)
    _leave_replaced_files(engine, path)

    @event.listens_for(engine, "handle_error")
    def _say(context: ExceptionContext) -> None:
        said = told(context.original_exception, path)
        if said is not None:
            raise said from context.original_exception

    return engine


def connect(path: Path) -> Any:
    """Connect to a file, with its key where it is encrypted."""
    connection = _connected(path, crypto.key_of(path))
    if _is_readable(connection):
        return connection
    # What was known of the file may be of another one that had its place on the disk.
    connection.close()
    return _connected(path, crypto.key_of(path, anew=True))


def connect_new(path: Path, key: crypto.Key | None) -> Any:
    """Connect to an empty file that is to be under `key`, plain for None."""
    return connect(path) if key is None else crypto.connect(path, key)


def settle(connection: sqlite3.Connection) -> None:
    """Give a connection the settings every connection to a log has."""
    # What is deleted is written over, as some builds of SQLite do anyway: no page given up says what it held.
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=DELETE",
        "synchronous=FULL",
        "temp_store=MEMORY",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one state of the log from its first read to its end."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection that alone may write; what was written stays when the block ends without an exception."""
    with engine.connect() as connection, connection.execution_options(**{WRITES: True}).begin():
        yield connection


@contextmanager
def making_tables(engine: Engine) -> Iterator[Connection]:
    """Give a connection that alone may write, also where there are no tables yet."""
    with engine.connect() as connection, connection.execution_options(**{WRITES: True, MAKES_TABLES: True}).begin():
        yield connection


@contextmanager
def file_problems(path: Path) -> Iterator[None]:
    """Say what the operating system or the driver has against `path`."""
    try:
        yield
    except PermissionError as error:
        raise NoPermissionError(path) from error
    except OSError as error:
        raise DiskError(path, error.strerror or str(error)) from error
    except driver_errors() as error:
        said = told(error, path)
        if said is None:
            raise
        raise said from error


def driver_errors() -> tuple[type[Exception], ...]:
    """Return what the drivers in use raise; SQLCipher's has classes of its own.

    A message about damaged text is no text: the driver then fails to raise what it meant to.
    """
    cipher = sys.modules.get("sqlcipher3.dbapi2")
    own = sqlite3.Error, UnicodeDecodeError
    return own if cipher is None else (*own, cipher.Error)


def _ready(path: Path) -> Any:
    # SQLAlchemy translates the errors of one driver alone, and on connecting not SQLCipher's.
    with file_problems(path):
        connection = connect(path)
        settle(connection)
    return connection


def _connected(path: Path, key: crypto.Key | None) -> Any:
    if key is None:
        return sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    return crypto.connect(path, key, timeout=BUSY_TIMEOUT_S, check_same_thread=False)


def _is_readable(connection: Any) -> bool:
    try:
        connection.execute("PRAGMA schema_version").close()
    except driver_errors() as error:
        return getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_NOTADB
    return True


def _leave_replaced_files(engine: Engine, path: Path) -> None:
    """Connect anew where another file took the log's place: what a kept connection has open is then nobody's log."""

    @event.listens_for(engine, "connect")
    def _note(_: object, record: Any) -> None:
        record.info["file"] = _identity(path)

    @event.listens_for(engine, "checkout")
    def _compare(_: object, record: Any, __: object) -> None:
        if record.info["file"] != _identity(path):
            raise DisconnectionError


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _begin(connection: Connection) -> None:
    # BEGIN IMMEDIATE takes the write lock at once: a write never fails half-way for another writer.
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _make_private(path: Path) -> None:
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    except FileExistsError:
        return  # another process was faster; the file is as private


def _refuse_other_files(path: Path, *, create: bool) -> None:
    if path.is_dir():
        raise NotALogError(path, "a folder")
    if not path.is_file():
        raise NotALogError(path, "not a plain file")
    size = path.stat().st_size
    if not size and not create:
        raise NotALogError(path, "an empty file")
    if 0 < size < _LEAST_BYTES:
        begins_well = crypto.header(path).startswith((crypto.MAGIC, _SQLITE_MAGIC))
        raise DamagedLogError(path, "it is cut off") if begins_well else NotALogError(path, "another kind of file")


def _refuse_unwritable(path: Path) -> None:
    if not os.access(path, os.R_OK):
        raise NoPermissionError(path)
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK | os.X_OK):
        raise ReadOnlyError(path)
