"""The log: open it, read records, write them under the journal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine

from glucolog.core.codec import kind_of
from glucolog.core.columns import Trace
from glucolog.core.evidence import Pair
from glucolog.core.moments import Moment
from glucolog.core.records import (
    Activity,
    Carbs,
    Dose,
    FootCheck,
    ImportBatch,
    Note,
    Person,
    Reading,
    Record,
    Session,
    Symptom,
)
from glucolog.core.units import Source
from glucolog.errors import AmbiguousError, DatabaseError, NotFoundError
from glucolog.storage import journal, rows, traces
from glucolog.storage.engine import file_of, is_on_server, open_engine, prepare, reading, writing
from glucolog.storage.ids import new_id, span_of_prefix
from glucolog.storage.journal import JournalEntry
from glucolog.storage.mapping import mapped
from glucolog.storage.problems import DamagedLogError
from glucolog.storage.rolling import Reason, daily_is_due, now
from glucolog.storage.schema import ensure_schema, refuse_other_version
from glucolog.storage.tables import journal as journal_table
from glucolog.storage.tables import reading as reading_table
from glucolog.storage.windows import between, in_use
from glucolog.storage.writer import Writer

R = TypeVar("R", bound=Record)

_COUNTED = re.compile(r"@[1-9][0-9]{0,8}")
"""`@1`, `@2` …: more digits than any log has records would not fit the database's integers."""


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


class Log:
    """An open log. Usable from several threads; close it, or use it as a context manager.

    Windows of the reads are closed: `since` and `until` are inside, None is no bound. Records come in the order of
    their time, sessions the latest first; removed ones never come.
    """

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self.label = str(path)
        self._engine = engine
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

    # Writes

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

    # Reads

    def history(
        self, limit: int | None = 20, person_id: str | None = None, *, followed: bool = True
    ) -> tuple[JournalEntry, ...]:
        """Return the latest changes, undos and redos (of one person, or of all), newest first.

        `followed` says whether what followed sources brought is among them.
        """
        with reading(self._engine) as connection:
            return journal.history(connection, limit, person_id, followed=followed)

    def latest_change(self) -> int:
        """Return the number of the latest change, 0 before any: as long as it stays, nobody changed the log."""
        with reading(self._engine) as connection:
            return journal.latest(connection)

    def change_of(self, uid: str) -> JournalEntry | None:
        """Return the change that was made under a client's id, however long ago, or None."""
        with reading(self._engine) as connection:
            return journal.entry_of(connection, uid)

    def people(self) -> tuple[Person, ...]:
        """Return everyone, by name."""
        return self._select(Person)

    def person(self, name: str) -> Person:
        """Return the person of that name, case aside where that is clear; raise `NotFoundError` naming who is known."""
        people = self.people()
        exact = [person for person in people if person.name == name]
        alike = [person for person in people if person.name.casefold() == name.casefold()]
        for found in (exact, alike):
            if len(found) == 1:
                return found[0]
        known = ", ".join(person.name for person in people) or "no one yet"
        raise NotFoundError(f"The log has no person “{name}”.", f"It knows: {known}.")

    def readings(
        self, person_id: str, since: Moment | None = None, until: Moment | None = None, source: Source | None = None
    ) -> tuple[Reading, ...]:
        """Return the readings in use, of one source or of both."""
        return self._select(Reading, *in_use(person_id, source), *between(Reading, since, until))

    def instants_below(self, person_id: str, source: Source, pair: Pair, since: Moment, until: Moment) -> list[int]:
        """Return when readings in use lie under the published number of the unit they were typed in, in seconds UTC."""
        with reading(self._engine) as connection:
            return traces.instants_below(connection, person_id, source, pair, since, until)

    def readings_in(
        self, person_id: str, source: Source, stretches: Sequence[tuple[int, int]], ids: Sequence[str] = ()
    ) -> tuple[Reading, ...]:
        """Return the readings in use of closed stretches (seconds UTC), and those with these ids wherever they lie."""
        with reading(self._engine) as connection:
            return traces.readings_in(connection, person_id, source, stretches, ids)

    def unused_readings(
        self, person_id: str, since: Moment | None = None, until: Moment | None = None
    ) -> tuple[Reading, ...]:
        """Return the imported readings that contradict an earlier one of the same instant and are not in use."""
        mine = reading_table.c.person_id == person_id, reading_table.c.used == False  # noqa: E712 – SQL
        return self._select(Reading, *mine, *between(Reading, since, until))

    def span(self, person_id: str) -> tuple[Moment, Moment] | None:
        """Return the first and the last moment of a person's readings and sessions, None where there are none."""
        with reading(self._engine) as connection:
            return traces.span(connection, person_id)

    def trace(self, person_id: str, source: Source, since: Moment | None = None, until: Moment | None = None) -> Trace:
        """Return the readings in use of one source as columns.

        The zone is the latest reading's, or the person's where there is none.
        """
        with reading(self._engine) as connection:
            return traces.trace(connection, person_id, source, since, until)

    def doses(self, person_id: str, since: Moment | None = None, until: Moment | None = None) -> tuple[Dose, ...]:
        """Return insulin doses."""
        return self.entries(Dose, person_id, since, until)

    def carbs(self, person_id: str, since: Moment | None = None, until: Moment | None = None) -> tuple[Carbs, ...]:
        """Return carbohydrate eaten."""
        return self.entries(Carbs, person_id, since, until)

    def activities(
        self, person_id: str, since: Moment | None = None, until: Moment | None = None
    ) -> tuple[Activity, ...]:
        """Return exercise and other exertions."""
        return self.entries(Activity, person_id, since, until)

    def notes(self, person_id: str, since: Moment | None = None, until: Moment | None = None) -> tuple[Note, ...]:
        """Return free notes."""
        return self.entries(Note, person_id, since, until)

    def symptoms(self, person_id: str, since: Moment | None = None, until: Moment | None = None) -> tuple[Symptom, ...]:
        """Return symptom scores."""
        return self.entries(Symptom, person_id, since, until)

    def foot_checks(
        self, person_id: str, since: Moment | None = None, until: Moment | None = None
    ) -> tuple[FootCheck, ...]:
        """Return foot checks."""
        return self.entries(FootCheck, person_id, since, until)

    def sessions(
        self,
        person_id: str,
        since: Moment | None = None,
        until: Moment | None = None,
        limit: int | None = None,
    ) -> tuple[Session, ...]:
        """Return the sessions that start in the window, the latest first, `limit` of them at most."""
        mine = mapped(Session).table.c.person_id == person_id
        return self._select(Session, mine, *between(Session, since, until), newest_first=True, limit=limit)

    def imports(
        self, person_id: str, since: Moment | None = None, until: Moment | None = None
    ) -> tuple[ImportBatch, ...]:
        """Return the imports that stand."""
        return self.entries(ImportBatch, person_id, since, until)

    def entries(
        self, record_type: type[R], person_id: str, since: Moment | None = None, until: Moment | None = None
    ) -> tuple[R, ...]:
        """Return a person's records of one kind, the earliest first."""
        mine = mapped(record_type).table.c.person_id == person_id
        return self._select(record_type, mine, *between(record_type, since, until))

    def record(self, record_type: type[R], record_id: str) -> R:
        """Return the record with this id. Raises `NotFoundError` when it was never there or was removed."""
        with reading(self._engine) as connection:
            found = rows.fetch(connection, record_type, record_id)
        if found is None:
            raise NotFoundError(f"The {_name(record_type)} {record_id} is not in the log.", "It may have been removed.")
        return found

    def session_of_write(self, uid: str) -> Session:
        """Return the session that the write made under `uid` touched. Raises `NotFoundError`."""
        with reading(self._engine) as connection:
            entry = journal.entry_of(connection, uid)
        for kind, record_id in entry.records if entry else ():
            if kind == kind_of(Session):
                return self.record(Session, record_id)
        raise NotFoundError("That change touched no session.", "See it with `glucolog history`.")

    def session_by_ref(self, person_id: str, ref: str) -> Session:
        """Return a session by `@1` (the last), `@2` …, or the first letters of its id."""
        return self.record_by_ref(Session, person_id, ref)

    def record_by_ref(self, record_type: type[R], person_id: str, ref: str) -> R:
        """Return a record of a person by `@1` (the latest), `@2` …, or the first letters of its id.

        Raises `NotFoundError` when there is none, `AmbiguousError` when the letters fit several.
        """
        mine = mapped(record_type).table.c.person_id == person_id
        find = self._latest if ref.startswith("@") else self._by_prefix
        found = find(record_type, mine, ref)
        if not found:
            raise NotFoundError(
                f"There is no {_name(record_type)} “{ref}”.", "Name one as @1 (the last), @2, or by its id."
            )
        if len(found) > 1:
            raise AmbiguousError(
                f"“{ref}” fits {len(found)} records.", "Type more of the id.", tuple(record.id for record in found)
            )
        return found[0]

    def _latest(self, record_type: type[R], mine: ColumnElement[bool], ref: str) -> tuple[R, ...]:
        if not _COUNTED.fullmatch(ref):
            return ()
        back = int(ref[1:])
        return self._select(record_type, mine, newest_first=True, limit=back)[back - 1 :]

    def _by_prefix(self, record_type: type[R], mine: ColumnElement[bool], ref: str) -> tuple[R, ...]:
        span = span_of_prefix(ref)
        if span is None:
            return ()
        return self._select(record_type, mine, mapped(record_type).table.c.id.between(*span))

    def _keep_daily(self) -> None:
        """Back up before the first write of a day; on every other write this only looks at the names of the copies."""
        at = now()
        if daily_is_due(self.path, at):
            self.keep_backup(Reason.DAILY, at)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with writing(self._engine) as connection:
            refuse_other_version(connection, self.path)
            yield connection

    def _own(self, seq: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:  # noqa: ARG002 – in a file, all are
        """Return what picks the entries that undo may take, by the number of the entry that was one's own."""
        return ()

    @contextmanager
    def _once(self, uid: str | None) -> Iterator[tuple[Connection, tuple[JournalEntry, ...] | None]]:
        """Begin a write; beside it, what was done under `uid` before, or None."""
        self._keep_daily()
        with self._writing() as connection:
            yield connection, journal.done_under(connection, uid) if uid else None

    def _select(self, record_type: type[R], *where: ColumnElement[bool], **how: Any) -> tuple[R, ...]:
        with reading(self._engine) as connection:
            return rows.select_records(connection, record_type, *where, **how)


def _name(record_type: type[Any]) -> str:
    return kind_of(record_type).replace("_", " ")
