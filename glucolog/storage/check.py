"""Whether a log is sound: its pages, its links, its journal against its rows. All is said, nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from glucolog.core.codec import RECORD_KINDS
from glucolog.errors import GlucologError
from glucolog.storage import rows, tables
from glucolog.storage.engine import open_engine, prepare, reading
from glucolog.storage.imported import import_problems
from glucolog.storage.journal import IMPORTED_ROWS, IMPORTED_TABLES, Action, State, image
from glucolog.storage.mapping import mapped_kind
from glucolog.storage.problems import DamagedLogError, NotALogError
from glucolog.storage.schema import APPLICATION_ID, SCHEMA_VERSION, revision_of
from glucolog.storage.tables import journal, journal_row

PRIVATE_BITS = 0o077
"""The permissions nobody but the owner should have."""
OPEN_TO_OTHERS = "Others on this machine may read the file."


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What a check found. `path` is a file's, or a URL; `version` is the tables', None when it could not be read.

    `problems` are all that is not as it should be; `damage` are those of them that only another copy can mend, and
    `private` says whether nobody else on the machine may read the file.
    """

    path: Path | str
    deep: bool
    version: int | None
    size_bytes: int
    problems: tuple[str, ...]
    damage: tuple[str, ...]
    private: bool = True

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    @property
    def is_older(self) -> bool:
        """Whether an older glucolog made its tables."""
        return self.version is not None and self.version < SCHEMA_VERSION

    @property
    def is_newer(self) -> bool:
        """Whether a newer glucolog made its tables."""
        return self.version is not None and self.version > SCHEMA_VERSION


def check(path: Path, *, deep: bool) -> CheckReport:
    """Look through a log: pages and foreign keys; `deep` also every index entry and the journal against the rows.

    Of a log of another version, that is the pages and the links. Raises a `DatabaseError` when there is no file to look
    at, or it can't be looked at: locked, held, closed to us.
    """
    prepare(path, create=False)
    engine = open_engine(path)
    try:
        with reading(engine) as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            damage = tuple(_damage(connection, version, deep=deep))
    except (DamagedLogError, NotALogError) as error:
        version, damage = None, (error.problem,)
    finally:
        engine.dispose()
    status = path.stat()
    private = not status.st_mode & PRIVATE_BITS
    return CheckReport(
        path=path,
        deep=deep,
        version=version,
        size_bytes=status.st_size,
        problems=(*damage, *version_remarks(version), *(() if private else (OPEN_TO_OTHERS,))),
        damage=damage,
        private=private,
    )


def version_remarks(version: int | None) -> Iterator[str]:
    """Say that the tables are another glucolog's: no damage."""
    if version not in {None, SCHEMA_VERSION}:
        yield f"Its tables are version {version}; this glucolog knows {SCHEMA_VERSION}."


def _damage(connection: Connection, version: int, *, deep: bool) -> Iterator[str]:
    if _pragma(connection, "application_id")[0][0] != APPLICATION_ID:
        yield "The file does not say that it is a log."
        return
    stamped = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if stamped != revision_of(version):
        yield f"The migrations say {stamped}, the file says {revision_of(version)}."
    yield from (f"Pages: {row[0]}." for row in _pragma(connection, "cipher_integrity_check"))
    looked = _pragma(connection, "integrity_check" if deep else "quick_check")
    yield from (f"Pages: {row[0]}." for row in looked if row[0] != "ok")
    yield from (
        f"A row of {row[0]} belongs to a {row[2]} that is not there."
        for row in _pragma(connection, "foreign_key_check")
    )
    if deep and version == SCHEMA_VERSION:
        yield from _told(journal_problems(connection))
        yield from _told(import_problems(connection))
        yield from _computed_problems(connection)


def _told(problems: Iterator[str]) -> Iterator[str]:
    """Yield problems; what is too damaged to be a record, or to be looked at, is one."""
    try:
        yield from problems
    except (ValueError, LookupError, TypeError, GlucologError) as error:
        yield f"A record can't be read as one ({error})."


def _pragma(connection: Connection, name: str) -> Any:
    found = connection.exec_driver_sql(f"PRAGMA {name}")
    return found.all() if found.returns_rows else []  # a driver without SQLCipher does not know its pragmas


def journal_problems(connection: Connection) -> Iterator[str]:
    """Hold the rows against the journal: what stands in it is what is stored."""
    expected = expected_images(connection)
    yield from (left_otherwise(kind, record_id) for kind, record_id in unlike_journal(connection, expected))
    yield from _batch_problems(connection, expected)


def left_otherwise(kind: str, record_id: str) -> str:
    """Say that a record is not what the journal says."""
    return f"The {kind.replace('_', ' ')} {record_id} is not as the journal left it."


def unlike_journal(connection: Connection, expected: Mapping[tuple[str, str], str | None]) -> Iterator[tuple[str, str]]:
    """Yield the kind and the id of each record that is not what the journal says."""
    undone = set(connection.execute(undone_batches()).scalars())
    for kind in RECORD_KINDS:
        lies = mapped_kind(kind)
        named = select(journal_row.c.record_id).where(journal_row.c.kind == kind)
        by_hand = [lies.table.c.id.in_(named)]
        if "batch_id" in lies.table.c:
            by_hand.append(lies.table.c.batch_id.is_(None))
        else:
            by_hand.append(lies.table.c.id.is_not(None))
        found = rows.select_records(connection, lies.shape.of, or_(*by_hand))  # type: ignore[arg-type]
        # Where every edit of an imported row was undone, its import answers for it, as long as that stands.
        own = [one for one in found if (kind, one.id) in expected or getattr(one, "batch_id", None) in {None, *undone}]
        present = {record.id: image(record) for record in own}
        wanted = {record_id: text for (of, record_id), text in expected.items() if of == kind and text is not None}
        for record_id in sorted(present.keys() | wanted.keys()):
            if present.get(record_id) != wanted.get(record_id):
                yield kind, record_id


def expected_images(connection: Connection) -> dict[tuple[str, str], str | None]:
    """Replay the writes that stand: the last image of every record they touched."""
    query = (
        select(journal_row.c.kind, journal_row.c.record_id, journal_row.c.after)
        .join(journal, journal.c.seq == journal_row.c.entry_seq)
        .where(journal.c.action == Action.WRITE, journal.c.state == State.DONE)
        .where(journal_row.c.kind != IMPORTED_ROWS)
        .order_by(journal_row.c.entry_seq, journal_row.c.position)
    )
    return {(kind, record_id): after for kind, record_id, after in connection.execute(query)}


def undone_batches() -> Select[tuple[str]]:
    return select(journal.c.batch_id).where(journal.c.batch_id.is_not(None), journal.c.state != State.DONE)


def _batch_problems(connection: Connection, expected: Mapping[tuple[str, str], str | None]) -> Iterator[str]:
    """Find the rows of undone imports that are shown, but for those that a write which stands brought back."""
    for table in IMPORTED_TABLES:
        live = table.c.batch_id.in_(undone_batches()), table.c.deleted_at_s.is_(None)
        shown = connection.execute(select(table.c.id).where(*live)).scalars()
        count = sum(expected.get((table.name, record_id)) is None for record_id in shown)
        if count:
            yield f"{count} rows of {table.name} belong to an import that was undone."


def _computed_problems(connection: Connection) -> Iterator[str]:
    computed: Any = tables.reading.c.mg_dl.computed
    count = connection.execute(
        select(func.count()).where(tables.reading.c.mg_dl.is_distinct_from(computed.sqltext))
    ).scalar_one()
    if count:
        yield f"{count} readings in mg/dL are not what their amounts say."
