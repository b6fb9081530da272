"""What is wrong with this machine's log, in plain words, each with the one command that mends it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from glucolog.core.moments import Moment, format_moment, zone_info
from glucolog.errors import DatabaseError, GlucologError, UsageError
from glucolog.services.database import newest_sound
from glucolog.storage import Log, crypto, open_log
from glucolog.storage.check import PRIVATE_BITS, check
from glucolog.storage.engine import file_of, is_on_server
from glucolog.storage.problems import DamagedLogError, LostLinkError
from glucolog.storage.rolling import automatic, copies

LEAST_FREE_BYTES = 100 * 1024 * 1024
COPIES_OF_THE_LOG = 5
"""Room for an upgrade with its backup, an import and the day's copy."""
STALE_DAYS = 14
DAY_S = 86_400
CLOCK_SLACK_S = 300
SOME_ZONE = "Europe/Berlin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `mend` is the one command that mends it, None where all is well or no command can."""

    about: str
    well: bool
    sentence: str
    mend: str | None = None


def examine(target: str, now: Moment) -> tuple[Finding, ...]:
    """Look at file, version, permissions, soundness, encryption, backups, zone data, clock and disk; change nothing."""
    if is_on_server(target):
        return (_of_server(target), _zones())
    path = file_of(target)
    if path.is_symlink() and not path.exists():
        return (_ill("file", LostLinkError(path).problem, None), _zones())
    if not path.is_file():
        return (_ill("file", f"There is no log at {path}.", "glucolog init"), _zones())
    return (*_of_file(path, now), _zones(), _disk(path))


def _of_server(target: str) -> Finding:
    from glucolog.storage.postgres_info import check_server

    try:
        report = check_server(target)
    except GlucologError as error:
        return _ill("server", error.problem, "glucolog help clinic")
    return _well("server", f"{report.path} answers, its tables are version {report.version}.")


def _of_file(path: Path, now: Moment) -> Iterator[Finding]:
    try:
        locked = crypto.is_encrypted(path)
    except PermissionError:
        yield _ill("file", f"{path} belongs to someone else or is closed to you.", f"sudo chown $USER '{path}'")
        return
    yield _well("file", f"{path}, {path.stat().st_size / 1024 / 1024:.1f} MB.")
    yield _permissions(path)
    if locked:
        key = _key(path)
        yield key
        if not key.well:
            return
    sound = _soundness(path)
    yield sound
    yield from _copies(path, now, locked=locked)
    if sound.well:
        with open_log(path) as log:
            yield from _of_content(log, now)


def _permissions(path: Path) -> Finding:
    if path.stat().st_mode & PRIVATE_BITS:
        return _ill("permissions", "Others on this machine may read the log.", f"chmod 600 '{path}'")
    return _well("permissions", "Only you can read the log.")


def _key(path: Path) -> Finding:
    if find_spec("sqlcipher3") is None:
        return _ill("encryption", "What opens an encrypted log is missing.", "pip install 'glucolog[encrypt]'")
    try:
        crypto.key_of(path)
    except GlucologError as error:
        return _ill("encryption", str(error), "glucolog db rekey --passphrase-file FILE")
    return _well("encryption", "The log is encrypted, and its key is at hand.")


def _soundness(path: Path) -> Finding:
    try:
        report = check(path, deep=False)
    except DamagedLogError as error:
        return _ill("pages", str(error), _mend_of(path))
    except DatabaseError as error:  # closed to us, held, on a read-only disk: it may well be sound
        return _ill("file", str(error), None)
    if report.damage:
        return _ill("pages", f"The log is damaged: {report.damage[0]}", _mend_of(path))
    if report.is_older:
        return _ill("version", "The log was written by an older glucolog.", "glucolog db upgrade")
    if report.is_newer:
        return _ill("version", "The log was written by a newer glucolog.", "pip install --upgrade glucolog")
    return _well("pages", f"The log is sound, its tables are version {report.version}.")


def _mend_of(path: Path) -> str:
    if newest_sound(path):
        return "glucolog db restore"
    return f"glucolog db salvage '{path.with_name(f'{path.stem}-saved.db')}'"


def _copies(path: Path, now: Moment, *, locked: bool) -> Iterator[Finding]:
    if locked and any(not crypto.is_encrypted(file) for file in copies(path)):
        yield _ill("encryption", "The log is encrypted, but a backup of it is not.", "glucolog db rekey")
    made = automatic(path)
    if not made:
        yield _ill("backups", "There is no backup yet; one is made before the next change.", "glucolog db backup")
        return
    age_days = max(0.0, now.epoch_s - made[0].stat().st_mtime) / DAY_S
    if age_days > STALE_DAYS:
        yield _ill("backups", f"The newest backup is {age_days:.0f} days old.", "glucolog db backup")
    else:
        yield _well("backups", f"Automatic backups: {len(made)}, the newest {_age_words(age_days)}.")


def _age_words(days: float) -> str:
    return "less than a day old" if days < 1 else f"{days:.1f} days old"


def _of_content(log: Log, now: Moment) -> Iterator[Finding]:
    unknown = sorted({person.zone for person in log.people() if not _is_known(person.zone)})
    if unknown:
        yield _ill("zone data", f"This machine knows no zone {', '.join(unknown)}.", "pip install --upgrade tzdata")
    last = log.history(1)
    if last and last[0].at.epoch_s > now.epoch_s + CLOCK_SLACK_S:
        said = format_moment(last[0].at)
        yield _ill("clock", f"The last change was made at {said}, which is yet to come.", "timedatectl set-ntp true")
    else:
        yield _well("clock", "The clock fits the last change.")


def _zones() -> Finding:
    if _is_known(SOME_ZONE):
        return _well("zone data", f"Time zones are known; SQLite is {sqlite3.sqlite_version}.")
    return _ill("zone data", "This machine knows no time zones.", "pip install tzdata")


def _is_known(zone: str) -> bool:
    try:
        zone_info(zone)
    except UsageError:
        return False
    return True


def _disk(path: Path) -> Finding:
    free = shutil.disk_usage(path.parent).free
    wanted = max(LEAST_FREE_BYTES, COPIES_OF_THE_LOG * path.stat().st_size)
    room = f"{free / 1024 / 1024:,.0f} MB free"
    if free < wanted:
        return _ill("disk", f"The disk is nearly full: {room}.", f"du -xh '{path.parent}' | sort -h | tail")
    return _well("disk", f"There is room: {room}.")


def _well(about: str, sentence: str) -> Finding:
    return Finding(about=about, well=True, sentence=sentence)


def _ill(about: str, sentence: str, mend: str | None) -> Finding:
    return Finding(about=about, well=False, sentence=sentence, mend=mend)
