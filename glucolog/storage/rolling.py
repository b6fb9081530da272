"""Where automatic backups lie, what they are called, and when the day's one is due. Cheap enough for every write."""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from glucolog.core.moments import Moment


class Reason(StrEnum):
    """Why a copy was made by itself; a damaged log is put aside as it is, and never thrown away."""

    DAILY = "daily"
    IMPORT = "import"
    UPGRADE = "upgrade"
    RESTORE = "restore"
    DAMAGED = "damaged"


KEPT = {Reason.DAILY: 7, Reason.IMPORT: 5, Reason.UPGRADE: 5, Reason.RESTORE: 5}
"""How many automatic backups of each reason are kept."""
_DAY_S = 86_400


def folder_of(path: Path) -> Path:
    """Return where the automatic backups of a log lie."""
    return path.with_name(f"{path.stem}-backups")


def automatic(path: Path, reason: Reason | None = None) -> tuple[Path, ...]:
    """Return the automatic backups, of one reason or of all, the newest first."""
    pattern = f"{glob.escape(path.stem)}-*-{reason or '*'}.db"
    named = {file: file.name.removeprefix(f"{path.stem}-") for file in folder_of(path).glob(pattern) if file.is_file()}
    return _newest_first(named)


def dated(path: Path, at: Moment) -> Path:
    """Return what a copy beside the log is called that somebody asked for without a name, at a local time."""
    return path.with_name(f"{path.stem}-{at.local:%Y%m%d-%H%M%S}.db")


def copies(path: Path) -> tuple[Path, ...]:
    """Return every copy of a log that lies beside it under a name of ours, automatic or dated, the newest first.

    The name of a dated one is a local time, of no zone that could be told: it goes by when its file was written.
    """
    pattern = f"{glob.escape(path.stem)}-{'[0-9]' * 8}-{'[0-9]' * 6}.db"
    asked_for = {
        file: f"{_stamp(int(file.stat().st_mtime))}.db" for file in path.parent.glob(pattern) if file.is_file()
    }
    return _newest_first({file: file.name.removeprefix(f"{path.stem}-") for file in automatic(path)} | asked_for)


@contextmanager
def as_old_as_it_is(file: Path) -> Iterator[None]:
    """Let a copy be written anew, under a key or without a person, and be of the same time afterwards."""
    written = file.stat()
    try:
        yield
    finally:
        os.utime(file, ns=(written.st_atime_ns, written.st_mtime_ns))


def _newest_first(stamps: Mapping[Path, str]) -> tuple[Path, ...]:
    """Sort files by when they say they were made.

    What says that it is more than a day yet to come was named by a wrong clock, and comes last: it would else be taken
    for the newest, and kept for ever in the place of newer ones.
    """
    ahead = _stamp(now().epoch_s + _DAY_S)
    return tuple(sorted(stamps, key=lambda file: (stamps[file] < ahead, stamps[file]), reverse=True))


def remains(path: Path) -> tuple[Path, ...]:
    """Return what may hold pages of a log beside it and its backups: journals, of a damaged log kept aside too, and
    what killed processes left half made.
    """
    folder, name, stem = folder_of(path), glob.escape(path.name), glob.escape(path.stem)
    beside = (path.parent.glob(f"{name}-{kind}") for kind in ("journal", "wal"))
    kept = (folder.glob(f"{stem}-*.db-{kind}") for kind in ("journal", "wal"))
    halves = path.parent.glob(f".{name}.*.part*"), folder.glob(f".{stem}-*.part*")
    return tuple(sorted(file for files in (*beside, *kept, *halves) for file in files if file.is_file()))


def name_of(path: Path, reason: Reason, at: Moment) -> Path:
    """Return the file of the backup of an instant."""
    return folder_of(path) / f"{path.stem}-{_stamp(at.epoch_s)}-{reason}.db"


def free_instant(path: Path, reason: Reason, at: Moment) -> Moment:
    """Return the first second from `at` on whose backup is not there yet: two may be made within one second."""
    while name_of(path, reason, at).exists():
        at = Moment(at.epoch_s + 1, at.zone)
    return at


def daily_is_due(path: Path, at: Moment) -> bool:
    """Whether the day's backup (a day of UTC) is still to be made.

    The day's own is looked for, not the newest: a clock that was set back would else make one for every write.
    """
    today = datetime.fromtimestamp(at.epoch_s, UTC).strftime("%Y%m%d")
    return not any(folder_of(path).glob(f"{glob.escape(path.stem)}-{today}T*-{Reason.DAILY}.db"))


def _stamp(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y%m%dT%H%M%SZ")


def now() -> Moment:
    """Return the machine's own time: backups follow it, whatever time a change is said to be made at."""
    return Moment(int(time.time()), "UTC")
