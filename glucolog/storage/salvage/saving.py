"""The records of a damaged log that can still be reached, saved into a new one.

First each table is read through its own tree of pages, then the pages that no tree leads to any more are read one by
one, then the journal fills in and has the last word. What belongs to nothing in the end, or can't be, is left out, and
all that was lost is said.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from glucolog.storage import crypto
from glucolog.storage.check import check, expected_images, left_otherwise
from glucolog.storage.engine import PRIVATE_FILE, connect, connect_new, file_problems, open_engine
from glucolog.storage.ids import to_text
from glucolog.storage.migrate import in_transaction
from glucolog.storage.problems import DamagedLogError, FileTakenError, NoLogError, OtherDatabaseError
from glucolog.storage.salvage.indexes import Known, known_of
from glucolog.storage.salvage.losses import sentences
from glucolog.storage.salvage.orphans import Probe, never_used, orphans, probe_of
from glucolog.storage.salvage.scratch import FILLER, scratch_of
from glucolog.storage.salvage.settling import (
    leave_out_orphans,
    leave_out_unreadable,
    settle,
    use_what_is_left,
    without_history,
)
from glucolog.storage.salvage.taking import take, take_if_its_own
from glucolog.storage.salvage.walking import Reader, Row, rows_of
from glucolog.storage.schema import APPLICATION_ID, SCHEMA_VERSION, ensure_schema
from glucolog.storage.tables import journal, journal_row, metadata, session_tag

_STAMPS = "application_id", "user_version"
_NO_LIST = "The list of tables could not be read: each row was told by what it holds, and more may be missing."


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """What came out of a damaged log: rows saved by table, and a sentence for each thing that was lost."""

    target: Path
    saved: dict[str, int]
    from_journal: int
    lost: tuple[str, ...]


@dataclass(slots=True)
class _Found:
    """What was told beside the rows while they were read."""

    known: dict[Table, Known | None] = field(default_factory=dict)
    """What an index knows of each table that has bad pages, None where none knows."""
    suspects: dict[str, set[str]] = field(default_factory=dict)
    """Ids, by kind, of the records that had rows on pages which nothing led to, or that have lost rows."""
    unread: set[tuple[str, str]] = field(default_factory=set)
    """Those that have lost rows, by kind and id."""
    refused: list[str] = field(default_factory=list)
    has_list: bool = True


def salvage(path: Path, target: Path) -> Salvaged:
    """Save what can be read of `path` into a new log under the same key. The damaged log is not touched.

    Raises `FileTakenError` rather than overwrite, `DamagedLogError` when nothing at all can be read.
    """
    if target.exists():
        raise FileTakenError(target)
    if not path.is_file():
        raise NoLogError(path)
    with file_problems(path):
        key = crypto.key_of(path)
    try:
        with file_problems(target):
            _new_log(target, key)
            found = _read(path, target, key)
        done = _settled(target, found)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    crypto.copy_envelope(path, target)
    return done


def _new_log(target: Path, key: crypto.Key | None) -> None:
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    if key is not None:
        with closing(connect_new(target, key)) as empty:
            empty.execute("VACUUM").close()
    engine = open_engine(target)
    ensure_schema(engine, target, create=True)
    engine.dispose()


def _read(path: Path, target: Path, key: crypto.Key | None) -> _Found:
    """Store what can be read in the new log. Raises `DamagedLogError` when that is nothing."""
    found = _Found()
    with scratch_of(path, target, key) as scratch, closing(connect(target)) as copy:
        copy.execute("BEGIN IMMEDIATE").close()
        with closing(scratch.open()) as connection:
            reader = Reader(connection)
            found.has_list = _has_list(reader, path)
            probes = _probes(reader if found.has_list else Reader(copy))
            if found.has_list:
                probes = [probe for probe in probes if not _through_its_tree(reader, copy, probe, found)]
            pages = (
                never_used(connection, [probe.table for probe in probes])
                if found.has_list and probes
                else range(2, scratch.pages + 1)
            )
        if probes:
            orphans(scratch, pages, probes, lambda probe, rows: _off_its_tree(copy, probe, rows, found))
        copy.execute("COMMIT").close()
        if not found.has_list and not any(_counts(copy).values()):
            raise DamagedLogError(path, "nothing in it can be read as a record")
    return found


def _has_list(reader: Reader, path: Path) -> bool:
    """Whether the damaged log says which tables it has, all of them. Raises `OtherDatabaseError` for another's file."""
    listed = reader.read("SELECT name FROM sqlite_schema WHERE type = 'table'")
    if listed is None:
        return False
    names = {row[0] for row in listed} - {FILLER}
    application_id, version = (reader.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _STAMPS)
    if names and names.isdisjoint(metadata.tables) and application_id != APPLICATION_ID:
        raise OtherDatabaseError(path)
    return 0 < version < SCHEMA_VERSION or names >= set(metadata.tables)


def _probes(reader: Reader) -> list[Probe]:
    described = [(table, reader.read(f"PRAGMA table_xinfo({table.name})")) for table in metadata.sorted_tables]
    # Any word may be a tag: what may be something else is tried first.
    return sorted(
        (probe_of(table, columns) for table, columns in described if columns), key=lambda p: p.table is session_tag
    )


def _through_its_tree(reader: Reader, copy: Any, probe: Probe, found: _Found) -> bool:
    """Store the rows of a table that its own tree of pages leads to; return whether those are all it has."""
    table, names, before = probe.table, probe.names, reader.failures
    stored = 0
    for rows in rows_of(reader, table, names):
        found.refused += take(copy, probe, rows)
        stored += len(rows)
    if reader.failures == before:
        return True
    for kind, owner_id in reader.unread:
        found.unread.add((kind, to_text(owner_id)))
        found.suspects.setdefault(kind, set()).add(to_text(owner_id))
    known = found.known[table] = known_of(reader, table)
    if stored and known:
        for rows in known.rows_at(reader, names, known.missing(copy)):
            found.refused += take(copy, probe, rows)
    return False


def _off_its_tree(copy: Any, probe: Probe, rows: Sequence[Row], found: _Found) -> bool:
    if not take_if_its_own(copy, probe, rows):
        return False
    if probe.record:
        kind, name = probe.record
        place = probe.names.index(name)
        found.suspects.setdefault(kind, set()).update(to_text(row[place]) for row in rows)
    return True


def _settled(target: Path, found: _Found) -> Salvaged:
    """Hold what was read against the journal and the rules, and say what is not there in the end."""
    engine = open_engine(target)
    try:
        with in_transaction(engine) as connection:
            lost = [*found.refused, *leave_out_unreadable(connection)]
            images = expected_images(connection)
            new = connection.connection.dbapi_connection
            has_journal = all(_is_whole(new, found, table) for table in (journal, journal_row))
            restored = settle(connection, found.suspects, images, journal_is_whole=has_journal)
            lost += [_unread(*record) for record in sorted(found.unread) if record not in images]
            lost += leave_out_orphans(connection)
            use_what_is_left(connection)
            lost += _missing(new, found)
            told = {left_otherwise(*one) for one in without_history(connection)}
            saved = _counts(new)
    finally:
        engine.dispose()
    lost += [problem for problem in check(target, deep=True).problems if problem not in told]
    if told:
        of = "a record that is" if len(told) == 1 else f"{len(told):,} records that are"
        lost.append(f"The journal's entries of {of} saved.")
    return Salvaged(target=target, saved=saved, from_journal=restored, lost=tuple(lost))


def _unread(kind: str, record_id: str) -> str:
    return f"What belongs to the {kind.replace('_', ' ')} {record_id} could not be read."


def _is_whole(copy: Any, found: _Found, table: Table) -> bool:
    """Whether no row of a table is missing."""
    known = found.known.get(table)
    sound = found.has_list and table not in found.known
    return sound or (known is not None and known.is_whole and not known.missing(copy))


def _missing(copy: Any, found: _Found) -> Iterator[str]:
    if not found.has_list:
        yield _NO_LIST
    for table, known in found.known.items():
        if known is not None:
            yield from sentences(table, known.missing(copy), all_told=known.is_whole)


def _counts(copy: Any) -> dict[str, int]:
    """Return how many rows each table has, of those that have any."""
    counted = (
        (table.name, copy.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0])  # noqa: S608 – our own names
        for table in metadata.sorted_tables
    )
    return {name: count for name, count in counted if count}
