"""What is wrong with this machine's log, in plain words, each with the one command that mends it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from shlex import join, quote

from glucolog.core.moments import Moment, format_moment, zone_info
from glucolog.core.records import Person
from glucolog.errors import DatabaseError, GlucologError, UsageError
from glucolog.services import sources
from glucolog.services.database import newest_sound
from glucolog.storage import Log, crypto, open_log
from glucolog.storage.check import PRIVATE_BITS, check
from glucolog.storage.engine import file_of, is_on_server
from glucolog.storage.problems import DamagedLogError, LostLinkError
from glucolog.storage.rolling import copies

LEAST_FREE_BYTES = 100 * 1024 * 1024
COPIES_OF_THE_LOG = 5
"""Room for an upgrade with its backup, an import and the day's copy."""
STALE_DAYS = 14
DAY_S = 86_400
CLOCK_SLACK_S = 300
OWNERS = 0o600
"""The bits that let the owner read and write."""
SOME_ZONE = "Europe/Berlin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `mend` is the one command that mends it, None where all is well or no command can."""

    about: str
    well: bool
    sentence: str
    mend: str | None = None


def examine(target: str, now: Moment, said: str | None = None) -> tuple[Finding, ...]:
    """Look at file, version, permissions, soundness, key, backups, sources, zone data, clock and disk; change nothing.

    `said` is the log as the call named it, so that the commands that mend it name the same one; an address of a server
    is named by none, for it may hold a password.
    """
    found = (*_of_target(target, now), _zones())
    return (
        found
        if said is None or is_on_server(target)
        else tuple(replace(item, mend=_naming(said, item.mend)) for item in found)
    )


def _naming(said: str, mend: str | None) -> str | None:
    own = "glucolog "
    return f"{own}--db {quote(said)} {mend.removeprefix(own)}" if mend and mend.startswith(own) else mend


def _of_target(target: str, now: Moment) -> Iterator[Finding]:
    if is_on_server(target):
        yield _of_server(target)
        return
    path = file_of(target)
    try:
        if path.is_symlink() and not path.exists():
            yield _ill("file", LostLinkError(path).problem, None)
        elif not path.is_file():
            yield _ill("file", f"There is no log at {path}.", "glucolog init")
        else:
            yield from _of_file(path, now)
            yield _disk(path)
    except PermissionError:
        yield _closed(path.parent)


def _of_server(target: str) -> Finding:
    from glucolog.storage.postgres_info import check_server

    try:
        report = check_server(target)
    except GlucologError as error:
        return _ill("server", error.problem, "glucolog help clinic")
    return _well("server", f"{report.path} answers, its tables are version {report.version}.")


def _of_file(path: Path, now: Moment) -> Iterator[Finding]:
    closed = [one for one in (path.parent, path) if not os.access(one, os.R_OK | os.W_OK)]
    if closed:
        yield _closed(closed[0])
        return
    locked = crypto.is_encrypted(path)
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


def _closed(path: Path) -> Finding:
    """Say what opens a file or a folder to its user: its mode where it is theirs, else its owner."""
    try:
        status = path.stat()
    except OSError:
        status = None
    is_own = status is not None and status.st_uid == os.getuid()
    if status is not None and is_own and status.st_mode & OWNERS == OWNERS:
        return _ill("file", f"{path} can't be written: its disk is read-only.", None)
    mend = ["chmod", "u+rwX", str(path)] if is_own else ["sudo", "chown", str(os.getuid()), str(path)]
    return _ill("file", f"You may not read and write {path}.", join(mend))


def _permissions(path: Path) -> Finding:
    open_ones = [str(file) for file in (path, *copies(path)) if file.stat().st_mode & PRIVATE_BITS]
    if open_ones:
        what = "the log" if open_ones[0] == str(path) else "backups of the log"
        return _ill("permissions", f"Others on this machine may read {what}.", join(["chmod", "600", *open_ones]))
    return _well("permissions", "Only you can read the log and its backups.")


def _key(path: Path) -> Finding:
    if find_spec("sqlcipher3") is None:
        return _ill("encryption", "What opens an encrypted log is missing.", _pip("glucolog[encrypt]"))
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
        return _ill("version", "The log was written by a newer glucolog.", _pip("--upgrade", "glucolog"))
    return _well("pages", f"The log is sound, its tables are version {report.version}.")


def _mend_of(path: Path) -> str:
    if newest_sound(path):
        return "glucolog db restore"
    return f"glucolog db salvage {quote(str(path.with_name(f'{path.stem}-saved.db')))}"


def _copies(path: Path, now: Moment, *, locked: bool) -> Iterator[Finding]:
    if locked and any(not crypto.is_encrypted(file) for file in copies(path)):
        yield _ill("encryption", "The log is encrypted, but a backup of it is not.", "glucolog db rekey")
    made = copies(path)
    if not made:
        yield _ill("backups", "There is no backup yet; one is made before the next change.", "glucolog db backup")
        return
    age_days = max(0.0, now.epoch_s - max(file.stat().st_mtime for file in made)) / DAY_S
    if age_days > STALE_DAYS:
        yield _ill("backups", f"The newest backup is {age_days:.0f} days old.", "glucolog db backup")
    else:
        yield _well("backups", f"Backups beside the log: {len(made)}, the newest {_age_words(age_days)}.")


def _age_words(days: float) -> str:
    return "less than a day old" if days < 1 else f"{days:.1f} days old"


def _of_content(log: Log, now: Moment) -> Iterator[Finding]:
    unknown = sorted({person.zone for person in log.people() if not _is_known(person.zone)})
    if unknown:
        yield _ill("zone data", f"This machine knows no zone {', '.join(unknown)}.", _pip("--upgrade", "tzdata"))
    last = log.history(1)
    if last and last[0].at.epoch_s > now.epoch_s + CLOCK_SLACK_S:
        said = format_moment(last[0].at)
        yield _ill("clock", f"The last change was made at {said}, which is yet to come.", "timedatectl set-ntp true")
    else:
        yield _well("clock", "The clock fits the last change.")
    yield from _sources(log)


def _sources(log: Log) -> Iterator[Finding]:
    """Look at what is remembered of live sources, and for what they need here. None of them is asked."""
    try:
        named = [(person, source) for person in log.people() for source in sources.remembered(person)]
    except UsageError as error:
        file = str(sources.settings_path())
        yield _ill("sources", error.problem, join(["mv", file, f"{file}.unreadable"]))
        return
    for person, source in named:
        yield _source(person, source)


def _source(person: Person, source: str) -> Finding:
    name = f"{sources.LABELS[source]} of {person.name}"
    package = sources.PACKAGES.get(source)
    if package is not None and find_spec(package) is None:
        return _ill("sources", f"What asks {name} is missing.", _pip("glucolog[live]"))
    settings = sources.settled(person, source, sources.SourceSettings())
    try:
        sources.feed_of(source, settings, sources.secret_of(person, source, settings))
    except GlucologError as error:
        if settings.secret_file is not None and Path(settings.secret_file).is_file():
            return _ill("sources", f"{name}: {error.problem}", join(["chmod", "600", settings.secret_file]))
        again = f"glucolog --person {quote(person.name)} sync {source} --remember --keep-secret"
        return _ill("sources", f"{name}: {error.problem}", again)
    return _well("sources", f"{name} is remembered, and what it needs is at hand.")


def _pip(*words: str) -> str:
    """Return the command that installs beside this very program."""
    return join([sys.executable, "-m", "pip", "install", *words])


def _zones() -> Finding:
    if _is_known(SOME_ZONE):
        return _well("zone data", f"Time zones are known; SQLite is {sqlite3.sqlite_version}.")
    return _ill("zone data", "This machine knows no time zones.", _pip("tzdata"))


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
    largest = f"du -xh {quote(str(path.parent))} | sort -h | tail"
    if free < wanted:
        return _ill("disk", f"The disk is nearly full: {room}. The command lists what takes the room.", largest)
    return _well("disk", f"There is room: {room}.")


def _well(about: str, sentence: str) -> Finding:
    return Finding(about=about, well=True, sentence=sentence)


def _ill(about: str, sentence: str, mend: str | None) -> Finding:
    return Finding(about=about, well=False, sentence=sentence, mend=mend)
