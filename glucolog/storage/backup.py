"""Copies of the log: made by SQLite's online backup, private, and verified by opening them.

Automatic ones lie in a folder beside the log, named for the instant and the reason, so many of each reason kept. A
restore writes into the log's own file in one transaction: whoever has it open sees the old log or the new one.
"""

from __future__ import annotations

import glob
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from glucolog.core.moments import Moment
from glucolog.storage import crypto, engine
from glucolog.storage.engine import PRIVATE_FILE, PRIVATE_FOLDER, connect, connect_new, file_problems
from glucolog.storage.problems import (
    BusyLogError,
    DamagedLogError,
    FileTakenError,
    NewerLogError,
    NoLogError,
    NotALogError,
    OtherDatabaseError,
    RestoredFromItselfError,
)
from glucolog.storage.rolling import KEPT, Reason, automatic, daily_is_due, free_instant, name_of
from glucolog.storage.schema import APPLICATION_ID, SCHEMA_VERSION

__all__ = ["NewerChange", "Reason", "Restored", "automatic", "backup", "keep", "keep_daily", "restore", "verify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewerChange:
    """A change that the log held and the backup does not."""

    at: Moment
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did.

    `kept_aside` is where the log that was there lies now, None when there was none. `newer` is what it held beyond the
    backup, the latest first; None when it was too damaged to tell.
    """

    kept_aside: Path | None
    newer: tuple[NewerChange, ...] | None


def backup(path: Path, target: Path) -> Path:
    """Copy the log to a new private file and verify it.

    Raises `FileTakenError` rather than overwrite, `DamagedLogError` when the copy, and so the log, is not sound.
    """
    if target.exists():
        raise FileTakenError(target)
    with file_problems(target), new_file(target) as part:
        _fill(part, path)
    crypto.copy_envelope(path, target)
    return target


def verify(file: Path, named: Path | None = None) -> None:
    """Open a file as a log and look through it. Raises a `DatabaseError` about it, or about the file it stands for."""
    about = named or file
    with file_problems(about), closing(connect(file)) as connection:
        _refuse_other(connection, about)
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise DamagedLogError(about, found.splitlines()[-1])


def keep(path: Path, reason: Reason, at: Moment) -> Path:
    """Make an automatic backup, and let go of the oldest beyond the kept number."""
    target = name_of(path, reason, at)
    with file_problems(target):
        target.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    sweep(target.parent, f".{path.stem}-")
    sweep(path.parent, f".{path.name}.")
    if not target.exists():
        backup(path, target)
    # After a clock was set back the copy just made sorts as the oldest; it is the last one to let go of.
    others = [file for file in automatic(path, reason) if file != target]
    for old in others[KEPT[reason] - 1 :]:
        old.unlink(missing_ok=True)
    return target


def keep_daily(path: Path, at: Moment) -> Path | None:
    """Make the day's backup unless it was made, or nothing was ever written."""
    if not daily_is_due(path, at):
        return None
    with file_problems(path), closing(connect(path)) as connection:
        if not connection.execute("SELECT count(*) FROM journal").fetchone()[0]:
            return None
    return keep(path, Reason.DAILY, at)


def restore(path: Path, file: Path, at: Moment) -> Restored:
    """Put a backup in the place of the log, which is kept aside.

    The backup is verified first; nothing is touched when it is not sound, not a log, or of a newer glucolog. `at` is
    now and names the copy that is kept aside.
    """
    if not file.is_file():
        raise NoLogError(file)
    if path.exists() and path.samefile(file):
        raise RestoredFromItselfError(path)
    verify(file)
    if not path.exists() or not path.stat().st_size:
        with file_problems(path), new_file(path) as part:
            _fill(part, file)
        crypto.copy_envelope(file, path)
        return Restored(kept_aside=None, newer=())
    try:
        aside = keep(path, Reason.RESTORE, free_instant(path, Reason.RESTORE, at))
    except OtherDatabaseError:
        raise
    except (DamagedLogError, NotALogError):
        return Restored(kept_aside=_swap(path, file, at), newer=None)
    newer = _newer(path, file)
    with file_problems(path), _under_key_of(path, file) as same, closing(connect(same)) as source:
        _copy_into(path, source)
    verify(path)
    return Restored(kept_aside=aside, newer=newer)


@contextmanager
def _under_key_of(path: Path, file: Path) -> Iterator[Path]:
    """Give a backup as a file under the log's own key; pages under two keys can't be copied one by one."""
    key = crypto.key_of(path)
    if key == crypto.key_of(file):
        yield file
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    try:
        crypto.export(file, part, key)
        yield part
    finally:
        part.unlink(missing_ok=True)


def _fill(part: Path, path: Path) -> None:
    with file_problems(path), closing(connect(path)) as source, closing(connect_new(part, crypto.key_of(path))) as copy:
        _copy(source, copy, path)
    verify(part, path)


def _fill_under(part: Path, file: Path, key: crypto.Key | None) -> None:
    if key == crypto.key_of(file):
        _fill(part, file)
    else:
        crypto.export(file, part, key)
        verify(part, file)


def _copy_into(path: Path, source: Any) -> None:
    with closing(connect(path)) as copy:
        _copy(source, copy, path)


def _copy(source: Any, copy: Any, log: Path) -> None:
    """Copy every page. Raises `BusyLogError` where somebody holds `log` for longer than we wait."""
    # The read lock first: it waits for a writer no longer than the timeout.
    source.execute("BEGIN").close()
    source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    source.backup(copy, progress=_impatient(log))
    source.execute("COMMIT").close()


def _impatient(log: Path) -> Callable[[int, int, int], None]:
    """Return what ends a backup that waits for a lock: by itself it would try again for ever."""
    ends_s = monotonic() + engine.BUSY_TIMEOUT_S

    def look(status: int, _remaining: int, _total: int) -> None:
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} and monotonic() >= ends_s:
            raise BusyLogError(log)

    return look


def _refuse_other(connection: Any, path: Path) -> None:
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application_id != APPLICATION_ID:
        raise OtherDatabaseError(path)
    if version > SCHEMA_VERSION:
        raise NewerLogError(path, version, SCHEMA_VERSION)


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """Give a private file that becomes `target` when the block ends well, and is gone otherwise."""
    sweep(target.parent, f".{target.name}.")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    try:
        yield part
        part.replace(target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Let the disk know of the files that came and went in a folder."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def sweep(folder: Path, start: str) -> None:
    """Take away what killed processes left half made."""
    for part in folder.glob(f"{glob.escape(start)}*.part*"):
        owner = part.name.rpartition(".part")[0].rpartition(".")[2]
        if owner.isdigit() and int(owner) != os.getpid() and not is_alive(int(owner)):
            part.unlink(missing_ok=True)


def is_alive(process: int) -> bool:
    """Whether a process of this machine runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _newer(path: Path, file: Path) -> tuple[NewerChange, ...]:
    query = "SELECT uid, at_s, zone, summary FROM journal ORDER BY seq DESC"
    with file_problems(file), closing(connect(file)) as connection:
        known = {row[0] for row in connection.execute(query)}
    with file_problems(path), closing(connect(path)) as connection:
        rows = connection.execute(query).fetchall()
    return tuple(
        NewerChange(at=Moment(at_s, zone), summary=summary) for uid, at_s, zone, summary in rows if uid not in known
    )


def _swap(path: Path, file: Path, at: Moment) -> Path:
    """Take the place of a log that can't be read; it and its rollback journal go aside as they are.

    A log that was encrypted stays so: a plain backup is put under its key.
    """
    aside = name_of(path, Reason.DAMAGED, free_instant(path, Reason.DAMAGED, at))
    journal = path.with_name(f"{path.name}-journal")
    with file_problems(path):
        aside.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        with new_file(path) as part:
            _fill_under(part, file, crypto.key_of(path) or crypto.key_of(file))
            _keep_as_it_is(path, aside)
            if journal.exists():
                journal.replace(aside.with_name(f"{aside.name}-journal"))
    return aside


def _keep_as_it_is(path: Path, aside: Path) -> None:
    try:
        os.link(path, aside)
    except OSError:  # a file system without links
        shutil.copyfile(path, aside)
    aside.chmod(PRIVATE_FILE)
