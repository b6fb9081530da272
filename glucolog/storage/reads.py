"""What can be asked of an open log: its records, its history, and the record that somebody means by a few letters."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

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
from glucolog.errors import AmbiguousError, NotFoundError
from glucolog.storage import journal, rows, traces
from glucolog.storage.engine import reading
from glucolog.storage.ids import span_of_prefix
from glucolog.storage.journal import JournalEntry
from glucolog.storage.mapping import mapped
from glucolog.storage.tables import reading as reading_table
from glucolog.storage.windows import between, in_use

R = TypeVar("R", bound=Record)

_COUNTED = re.compile(r"@[1-9][0-9]{0,8}")
"""`@1`, `@2` …: more digits than any log has records would not fit the database's integers."""


class Reads(ABC):
    """The reads of a log, each in a transaction of its own that waits for nobody.

    Windows are closed: `since` and `until` are inside, None is no bound. Records come in the order of their time,
    sessions the latest first; removed ones never come.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def history(
        self, limit: int | None = 20, person_id: str | None = None, *, followed: bool = True
    ) -> tuple[JournalEntry, ...]:
        """Return the latest changes, undos and redos (of one person, or of all), newest first.

        `followed` says whether what followed sources brought is among them.
        """
        with self._reading() as connection:
            return journal.history(connection, limit, person_id, followed=followed)

    def latest_change(self) -> int:
        """Return the number of the latest change, 0 before any: as long as it stays, nobody changed the log."""
        with self._reading() as connection:
            return journal.latest(connection)

    def change_of(self, uid: str) -> JournalEntry | None:
        """Return the change that was made under a client's id, however long ago, or None."""
        with self._reading() as connection:
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
        with self._reading() as connection:
            return traces.instants_below(connection, person_id, source, pair, since, until)

    def readings_in(
        self, person_id: str, source: Source, stretches: Sequence[tuple[int, int]], ids: Sequence[str] = ()
    ) -> tuple[Reading, ...]:
        """Return the readings in use of closed stretches (seconds UTC), and those with these ids wherever they lie."""
        with self._reading() as connection:
            return traces.readings_in(connection, person_id, source, stretches, ids)

    def unused_readings(
        self, person_id: str, since: Moment | None = None, until: Moment | None = None
    ) -> tuple[Reading, ...]:
        """Return the imported readings that contradict an earlier one of the same instant and are not in use."""
        mine = reading_table.c.person_id == person_id, reading_table.c.used == False  # noqa: E712 – SQL
        return self._select(Reading, *mine, *between(Reading, since, until))

    def span(self, person_id: str) -> tuple[Moment, Moment] | None:
        """Return the first and the last moment of a person's readings and sessions, None where there are none."""
        with self._reading() as connection:
            return traces.span(connection, person_id)

    def trace(self, person_id: str, source: Source, since: Moment | None = None, until: Moment | None = None) -> Trace:
        """Return the readings in use of one source as columns.

        The zone is the latest reading's, or the person's where there is none.
        """
        with self._reading() as connection:
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

    def untold_symptoms(self, person_id: str, until: Moment | None = None) -> tuple[Symptom, ...]:
        """Return the new or worse scores that the team was not told, of years of scores."""
        columns = mapped(Symptom).table.c
        untold = columns.new_or_worse == True, columns.told_team_on.is_(None)  # noqa: E712 – SQL
        return self._select(Symptom, columns.person_id == person_id, *untold, *between(Symptom, None, until))

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
        with self._reading() as connection:
            found = rows.fetch(connection, record_type, record_id)
        if found is None:
            raise NotFoundError(f"The {_name(record_type)} {record_id} is not in the log.", "It may have been removed.")
        return found

    def session_of_write(self, uid: str) -> Session:
        """Return the session that the write made under `uid` touched. Raises `NotFoundError`."""
        with self._reading() as connection:
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

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with reading(self._engine) as connection:
            self._refuse_other_version(connection)
            yield connection

    @abstractmethod
    def _refuse_other_version(self, connection: Connection) -> None:
        """Refuse to go on where another glucolog has changed the tables since the log was opened."""

    def _select(self, record_type: type[R], *where: ColumnElement[bool], **how: Any) -> tuple[R, ...]:
        with self._reading() as connection:
            return rows.select_records(connection, record_type, *where, **how)


def _name(record_type: type[Any]) -> str:
    return kind_of(record_type).replace("_", " ")
