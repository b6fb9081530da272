"""The log: open it, and change it under the journal; what can be asked of it is `reads`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, Engine

from glucolog.core.moments import Moment
from glucolog.errors import DatabaseError
from glucolog.storage import journal
from glucolog.storage.engine import file_of, is_on_server, open_engine, prepare, writing
from glucolog.storage.ids import new_id
from glucolog.storage.journal import JournalEntry
from glucolog.storage.problems import DamagedLogError
from glucolog.storage.reads import Reads
from glucolog.storage.rolling import Reason, daily_is_due, now
from glucolog.storage.schema import ensure_schema, refuse_other_version
from glucolog.storage.tables import journal as journal_table
from glucolog.storage.writer import Writer


def open_log(target: str | Path, create: bool = False) -> Log:
    """Open the log at a path, a `sqlite:///` or a `postgresql+psycopg://` URL; `create` makes it where there is none.

    An older log is migrated after a backup; on PostgreSQL, where many share it, by its owner alone. Raises a
    `DatabaseError` that says what stands in the way.
    """
    if is_on_server(target):
        from glucolog.storage.postgres import open_server_log

        return open_server_log(str(target), create=create)
    path = file_of(target)
    prepare(path, create=create)
    engine = open_engine(path)
    try:
        ensure_schema(engine, path, create=create)
    except BaseException:
        engine.dispose()
        raise
    return Log(path, engine)


class Log(Reads):
    """An open log. Usable from several threads; close it, or use it as a context manager."""

    def __init__(self, path: Path, engine: Engine) -> None:
        super().__init__(engine)
        self.path = path
        self.label = str(path)
        self.backup_problem: DatabaseError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back the file."""
        self._engine.dispose()

    @contextmanager
    def write(self, *, uid: str, summary: str, person_id: str | None, at: Moment) -> Iterator[Writer]:
        """Begin a change: everything done through the writer is stored when the block ends, or nothing.

        `uid` is the client's id for the change: a repeated one changes nothing (`Writer.already_done`). `summary` is
        what the history says. `at` is now. A block that changes nothing leaves no entry.
        """
        self._keep_daily()
        with self._writing() as connection:
            writer = Writer(connection, uid=uid, summary=summary, person_id=person_id, at=at)
            yield writer
            if writer.changed_nothing:
                connection.rollback()
            else:
                writer.finish()

    def backup(self, target: Path) -> Path:
        """Copy the log to a new, private, verified file. Raises `FileTakenError` rather than overwrite."""
        from glucolog.storage.backup import backup

        return backup(self.path, target)

    def refuse_damaged(self) -> None:
        """Look through the file's pages before much is read from it. Raises `DamagedLogError`."""
        if self._engine.dialect.name == "sqlite":
            from glucolog.storage.backup import verify

            verify(self.path)

    def keep_backup(self, reason: Reason, at: Moment) -> None:
        """Make an automatic backup beside the log (before an import, say); only so many of each reason are kept.

        What stands in the way is kept as `backup_problem` and stops nothing: the change that follows can be undone.
        A damaged log does stop: more of it would be lost with each write.
        """
        from glucolog.storage.backup import keep, keep_daily

        try:
            keep_daily(self.path, at) if reason is Reason.DAILY else keep(self.path, reason, at)
        except DamagedLogError:
            raise
        except DatabaseError as error:
            self.backup_problem = error

    def undo(
        self, n: int = 1, *, at: Moment, person_id: str | None = None, uid: str | None = None
    ) -> tuple[JournalEntry, ...]:
        """Take back the `n` latest writes that stand (of one person, or of all), newest first, and return them.

        With a `uid`, a retry changes nothing. Raises `NotFoundError` when nothing stands, `RefusedError` when a row is
        not as its write left it.
        """
        from glucolog.storage.undo import undo

        with self._once(uid) as (connection, done):
            if done is not None:
                return done
            own = self._own(journal_table.c.seq)
            return undo(connection, n, person_id=person_id, uid=uid or new_id(), at=at, own=own)

    def undo_entry(self, seq: int, *, at: Moment, uid: str | None = None) -> tuple[JournalEntry, ...]:
        """Take back one write by its number in the history. Raises `RefusedError` when a later one builds on it."""
        from glucolog.storage.undo import undo_entry

        with self._once(uid) as (connection, done):
            return done if done is not None else undo_entry(connection, seq, uid=uid or new_id(), at=at)

    def redo(
        self, n: int = 1, *, at: Moment, person_id: str | None = None, uid: str | None = None
    ) -> tuple[JournalEntry, ...]:
        """Bring back the `n` writes undone last, and return them. Raises `NotFoundError` when there are none."""
        from glucolog.storage.undo import redo

        with self._once(uid) as (connection, done):
            if done is not None:
                return done
            own = self._own(journal_table.c.undone_by)
            return redo(connection, n, person_id=person_id, uid=uid or new_id(), at=at, own=own)

    def _keep_daily(self) -> None:
        """Back up before the first write of a day; on every other write this only looks at the names of the copies."""
        at = now()
        if daily_is_due(self.path, at):
            self.keep_backup(Reason.DAILY, at)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with writing(self._engine) as connection:
            self._refuse_other_version(connection)
            yield connection

    def _refuse_other_version(self, connection: Connection) -> None:
        refuse_other_version(connection, self.path)

    def _own(self, seq: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:  # noqa: ARG002 – in a file, all are
        """Return what picks the entries that undo may take, by the number of the entry that was one's own."""
        return ()

    @contextmanager
    def _once(self, uid: str | None) -> Iterator[tuple[Connection, tuple[JournalEntry, ...] | None]]:
        """Begin a write; beside it, what was done under `uid` before, or None."""
        self._keep_daily()
        with self._writing() as connection:
            yield connection, journal.done_under(connection, uid) if uid else None
