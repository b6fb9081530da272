"""The log's file: what it is, whether it is sound, copies of it and bringing one back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from glucolog.core.moments import Moment, format_moment
from glucolog.core.units import Source
from glucolog.errors import DatabaseError, NotFoundError
from glucolog.services.opening import opened
from glucolog.storage import backup as backups
from glucolog.storage import crypto
from glucolog.storage.check import CheckReport, check
from glucolog.storage.engine import file_of, file_problems, is_on_server
from glucolog.storage.rolling import copies, dated
from glucolog.storage.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from glucolog.storage.copying import Copied
    from glucolog.storage.salvage import Salvaged

__all__ = [
    "CheckReport",
    "Info",
    "RestorePlan",
    "Upgraded",
    "back_up",
    "check_file",
    "copy",
    "info",
    "plan_restore",
    "restore",
    "salvage",
    "upgrade",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What a log is, `path` a file or a URL. `backups` are the automatic ones, the newest first."""

    path: Path | str
    version: int
    size_bytes: int
    people: tuple[str, ...]
    readings: int
    sessions: int
    backups: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """The tables' version before and after, and the backup made between."""

    path: Path | str
    before: int | None
    after: int
    backup: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorePlan:
    """Which backup would take the place of which log."""

    path: Path
    file: Path


def info(target: str) -> Info:
    """Return what the log is and holds."""
    if is_on_server(target):
        return _server_info(target)
    path = file_of(target)
    with opened(target) as log:
        people = log.people()
        return Info(
            path=path,
            version=SCHEMA_VERSION,
            size_bytes=path.stat().st_size,
            people=tuple(person.name for person in people),
            readings=sum(len(log.trace(person.id, source)) for person in people for source in Source),
            sessions=sum(len(log.sessions(person.id)) for person in people),
            backups=backups.automatic(path),
        )


def _server_info(target: str) -> Info:
    from glucolog.storage import postgres_info as server

    found = server.check_server(target)
    return Info(
        path=found.path, version=SCHEMA_VERSION, size_bytes=found.size_bytes, backups=(), **server.facts(target)
    )


def copy(source: str, target: str, progress: Callable[[int, int], None]) -> Copied:
    """Copy a whole log into a new one, from a file to PostgreSQL or back."""
    from glucolog.storage.copying import copy_log

    return copy_log(source, target, progress)


def upgrade(target: str) -> Upgraded:
    """Bring the log to this program's tables, after a backup. Does nothing where that is not needed.

    A log on PostgreSQL is backed up by its owner, with pg_dump.
    """
    if is_on_server(target):
        from glucolog.storage import postgres_info as server

        came_from, after = server.upgrade(target)
        return Upgraded(path=server.check_server(target).path, before=came_from, after=after, backup=None)
    path = file_of(target)
    before = check_file(target, deep=False).version
    with opened(target):
        pass
    made = backups.automatic(path, backups.Reason.UPGRADE) if before != SCHEMA_VERSION else ()
    return Upgraded(path=path, before=before, after=SCHEMA_VERSION, backup=made[0] if made else None)


def check_file(target: str, *, deep: bool) -> CheckReport:
    """Look through the log; nothing is changed."""
    if is_on_server(target):
        from glucolog.storage.postgres_info import check_server

        return check_server(target, deep=deep)
    return check(file_of(target), deep=deep)


def back_up(target: str, output: str | None, now: Moment) -> Path:
    """Write a verified copy: to `output`, or beside the log under its date."""
    _refuse_server(target)
    path = file_of(target)
    with opened(target):
        pass
    return backups.backup(path, Path(output) if output else dated(path, now))


def plan_restore(target: str, file: str | None) -> RestorePlan:
    """Choose what to restore: `file`, or the newest backup beside the log that is sound. Changes nothing."""
    _refuse_server(target)
    path = file_of(target)
    if file is not None:
        backups.verify(_existing(Path(file)))
        return RestorePlan(path=path, file=Path(file))
    _refuse_locked(path)
    newest = newest_sound(path)
    if newest is None:
        raise NotFoundError(
            f"There is no sound backup beside {path}.", "Name a backup file, or try `glucolog db salvage OUT`."
        )
    return RestorePlan(path=path, file=newest)


def _refuse_locked(path: Path) -> None:
    """Raise `LockedLogError` or `WrongKeyError` where the key of a log can't be had: nothing need be wrong with it."""
    if path.is_file():
        with file_problems(path):
            crypto.key_of(path)


def newest_sound(path: Path) -> Path | None:
    """Return the newest copy beside a log that is sound, of an older version too; what is none is passed over."""
    return next((file for file in copies(path) if _is_sound(file)), None)


def _is_sound(file: Path) -> bool:
    try:
        found = check(file, deep=False)
    except DatabaseError:
        return False
    return not (found.damage or found.is_newer)


def restore(plan: RestorePlan, now: Moment) -> backups.Restored:
    """Carry out a restore; the present log is kept aside."""
    return backups.restore(plan.path, plan.file, now)


def salvage(target: str, output: str) -> Salvaged:
    """Save every record of a damaged log that can be read into a new log at `output`."""
    from glucolog.storage.salvage import salvage as save

    return save(file_of(target), Path(output))


def sentence(plan: RestorePlan) -> str:
    """Say what a restore would do."""
    written = Moment(int(plan.file.stat().st_mtime), "UTC")
    return f"{plan.file} of {format_moment(written)} would take the place of {plan.path}, which is kept aside."


def _refuse_server(target: str) -> None:
    if is_on_server(target):
        from glucolog.storage.postgres_problems import NoServerBackupError

        raise NoServerBackupError


def _existing(file: Path) -> Path:
    if not file.is_file():
        raise NotFoundError(f"There is no backup at {file}.", "`glucolog db info` lists the automatic ones.")
    return file
