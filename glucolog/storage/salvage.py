"""The records of a damaged log that can still be reached, saved into a new one.

Each table is read by ranges of its key. A range that meets a bad page is halved until what is bad stands alone, so that
one bad page of rows costs those rows and no others; a bad page that leads to others costs what only it leads to. A
record made by hand that is gone from its table is taken from its image in the journal. What belongs to nothing in the
end is left out, and all that was lost is said.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from json import loads
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete

from glucolog.core.codec import RECORD_KINDS, from_plain
from glucolog.core.records import Reading
from glucolog.core.units import Source
from glucolog.errors import GlucologError
from glucolog.storage import crypto, rows
from glucolog.storage.check import check, expected_images
from glucolog.storage.engine import (
    PRIVATE_FILE,
    connect,
    connect_new,
    driver_errors,
    file_problems,
    open_engine,
    writing,
)
from glucolog.storage.mapping import mapped_kind
from glucolog.storage.problems import DamagedLogError, FileTakenError
from glucolog.storage.schema import ensure_schema
from glucolog.storage.tables import metadata

_LAST_ROWID = 2**32
_FIRST_S, _LAST_S = -(2**32), 2**33
_HOPELESS, _MOST_FAILED = 1000, 20_000
"""Reads that fail before a table is given up: when none has worked, and when some have."""
_FINEST_S = 64
"""Readings closer together than this lie on one page, nearly always: finer would cost time and save nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """What came out of a damaged log: rows saved by table, and a sentence for each thing that was lost."""

    target: Path
    saved: dict[str, int]
    from_journal: int
    lost: tuple[str, ...]


@dataclass(slots=True)
class _Source:
    """The damaged file; an encrypted one is opened anew after a failed read, for SQLCipher does not go on after one."""

    path: Path
    connection: Any = None
    lost: list[str] = field(default_factory=list)

    def read(self, query: str, values: Sequence[object] = ()) -> list[Any] | None:
        """Return the rows of a query, None when it meets something unreadable."""
        try:
            if self.connection is None:
                self.connection = connect(self.path)
                # SQLite then reads a file that is shorter than its header says.
                self.connection.execute("PRAGMA writable_schema = ON").close()
                self.connection.execute("PRAGMA query_only = ON").close()
            return list(self.connection.execute(query, values))
        except driver_errors():
            if crypto.is_encrypted(self.path):
                self.close()
            return None

    def close(self) -> None:
        """Give the file back."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def salvage(path: Path, target: Path) -> Salvaged:
    """Save what can be read of `path` into a new log under the same key. The damaged log is not touched.

    Raises `FileTakenError` rather than overwrite, `DamagedLogError` when not even the list of tables can be read.
    """
    if target.exists():
        raise FileTakenError(target)
    source = _Source(path)
    try:
        with file_problems(target):
            _new_log(target, crypto.key_of(path))
            with closing(source), closing(connect(target)) as copy:
                if not source.read("SELECT count(*) FROM sqlite_schema"):
                    raise DamagedLogError(path, "not even its list of tables can be read")
                saved = _save_tables(source, copy)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    crypto.copy_envelope(path, target)
    from_journal = _save_from_journal(target)
    orphans = _leave_out_orphans(target)
    left = check(target, deep=True).problems
    return Salvaged(target=target, saved=saved, from_journal=from_journal, lost=(*source.lost, *orphans, *left))


def _new_log(target: Path, key: crypto.Key | None) -> None:
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    if key is not None:
        with closing(connect_new(target, key)) as empty:
            empty.execute("VACUUM").close()
    engine = open_engine(target)
    ensure_schema(engine, target, create=True)
    engine.dispose()


def _save_tables(source: _Source, copy: Any) -> dict[str, int]:
    saved = {}
    copy.execute("BEGIN IMMEDIATE").close()
    for table in metadata.sorted_tables:
        names = _columns(source, table)
        if names:
            saved[table.name] = sum(_insert(source, copy, table.name, names, some) for some in _walk(source, table))
    copy.execute("COMMIT").close()
    return saved


def _columns(source: _Source, table: Table) -> list[str]:
    """Return the stored columns that the damaged log and this glucolog both know."""
    found = source.read(f"PRAGMA table_info({table.name})") or []
    return [row[1] for row in found if row[1] in table.c]


def _walk(source: _Source, table: Table) -> Iterator[list[Any]]:
    """Yield the readable rows of a table, piece by piece."""
    chosen = f"SELECT {', '.join(_columns(source, table))} FROM {table.name} WHERE"  # noqa: S608 – our own names
    key = [column.name for column in table.primary_key]
    if table.name == "reading":
        for person_id in _known_ids(source, "person"):
            for kind in Source:
                owned = f"{chosen} person_id = ? AND source = ? AND at_s"
                yield from _ranges(
                    source, owned, (person_id, kind.value), _FIRST_S, _LAST_S, _FINEST_S, _readings_of(kind)
                )
    elif table.name in {"session_area", "session_technique", "session_tool", "session_tag", "session_link"}:
        yield from _children(source, f"{chosen} session_id = ?", "session")
    elif table.name == "foot_finding":
        yield from _children(source, f"{chosen} foot_check_id = ?", "foot_check")
    else:
        along = key[0] if table.name in {"journal", "journal_row"} else "rowid"
        yield from _ranges(source, f"{chosen} {along}", (), 0, _LAST_ROWID, 1, _rows_of(table.name))


def _known_ids(source: _Source, table: str) -> list[bytes]:
    """Return ids of a table: its own that can be read, and those that the journal speaks of."""
    own = (some for some in _ranges(source, f"SELECT id FROM {table} WHERE rowid", (), 0, _LAST_ROWID, 1, None))  # noqa: S608
    noted = f"SELECT DISTINCT record_id FROM journal_row WHERE kind = '{table}' AND entry_seq"  # noqa: S608
    told = _ranges(source, noted, (), 0, _LAST_ROWID, 1, None)
    return sorted({row[0] for some in (*own, *told) for row in some})


def _children(source: _Source, query: str, owner: str) -> Iterator[list[Any]]:
    for owner_id in _known_ids(source, owner):
        found = source.read(query, (owner_id,))
        if found is None:
            source.lost.append(f"What belongs to a {owner.replace('_', ' ')} ({owner_id.hex()}) could not be read.")
        else:
            yield found


_Say = Callable[[int, int], str]


def _rows_of(table: str) -> _Say:
    def say(low: int, high: int) -> str:
        which = "" if (low, high) == (0, _LAST_ROWID) else f" (numbers {low} to {high})"
        return f"Rows of {table.replace('_', ' ')} could not be read{which}."

    return say


def _readings_of(kind: Source) -> _Say:
    def say(low: int, high: int) -> str:
        since = "" if low == _FIRST_S else f" from {_day(low)}"
        until = "" if high == _LAST_S else f" to {_day(high)}"
        return f"Readings{since}{until} could not be read ({kind})."

    return say


def _day(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _ranges(
    source: _Source, query: str, values: tuple[object, ...], low: int, high: int, finest: int, say: _Say | None
) -> Iterator[list[Any]]:
    """Yield the rows whose key lies in [low, high), in pieces; bad pieces next to each other are said as one."""
    waiting, bad = [(low, high)], []
    failed = read = 0
    while waiting:
        low, high = waiting.pop()
        if failed >= (_MOST_FAILED if read else _HOPELESS):
            bad.append((low, high))
            continue
        found = source.read(f"{query} >= ? AND {query.rpartition(' ')[2]} < ?", (*values, low, high))
        read, failed = read + (found is not None), failed + (found is None)
        if found is not None:
            yield found
        elif high - low <= finest:
            bad.append((low, high))
        else:
            middle = (low + high) // 2
            waiting += [(middle, high), (low, middle)]
    if say is not None:
        source.lost += [say(first, last) for first, last in _joined(bad)]


def _joined(pieces: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for low, high in pieces:
        if joined and joined[-1][1] == low:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined


def _insert(source: _Source, copy: Any, table: str, names: Sequence[str], found: Sequence[Any]) -> int:
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
    kept = 0
    for row in found:
        try:
            copy.execute(statement, row).close()
            kept += 1
        except driver_errors() as error:
            source.lost.append(f"A row of {table.replace('_', ' ')} holds what can't be ({error}).")
    return kept


def _save_from_journal(target: Path) -> int:
    """Store the records that the journal knows and their tables have lost; return how many."""
    engine = open_engine(target)
    saved = 0
    try:
        with writing(engine) as connection:
            images = expected_images(connection)
            for kind, record_type in RECORD_KINDS.items():
                wanted = {one: text for (of, one), text in images.items() if of == kind and text is not None}
                there = rows.fetch_all(connection, record_type, list(wanted), hidden_too=True)
                lost = [from_plain(kind, loads(text)) for one, text in wanted.items() if one not in there]
                more = {"entry_seq": 0, "used": True} if record_type is Reading else {}
                if lost:
                    _drop_children(connection, kind, [one.id for one in lost])
                    rows.store(connection, lost, **more)
                saved += len(lost)
    except GlucologError:
        return 0
    finally:
        engine.dispose()
    return saved


def _drop_children(connection: Connection, kind: str, owners: Sequence[str]) -> None:
    for child in mapped_kind(kind).children:
        connection.execute(delete(child.table).where(child.table.c[child.owner].in_(owners)))


def _leave_out_orphans(target: Path) -> tuple[str, ...]:
    """Take away rows that belong to what was lost, until none does."""
    said = []
    with closing(connect(target)) as copy:
        while orphans := copy.execute("PRAGMA foreign_key_check").fetchall():
            for table in sorted({row[0] for row in orphans}):
                said.append(_delete_orphans(copy, table))
    return tuple(said)


def _delete_orphans(copy: Any, table: str) -> str:
    gone = 0
    for _, _, parent, own, theirs, *_ in copy.execute(f"PRAGMA foreign_key_list({table})").fetchall():
        query = f"DELETE FROM {table} WHERE {own} IS NOT NULL AND {own} NOT IN (SELECT {theirs} FROM {parent})"  # noqa: S608
        gone += copy.execute(query).rowcount
    return f"{gone} rows of {table.replace('_', ' ')} belonged to what was lost."
