"""What can be wrong with the log's file, each with its sentence, and what the driver's errors mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from glucolog.errors import DatabaseError, GlucologError, RefusedError, UsageError
from glucolog.storage.crypto import is_encrypted


class NoLogError(DatabaseError):
    """There is no log where one was looked for."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"There is no log at {path}.", "Make one with `glucolog init`, or name another with --db.")


class LostLinkError(DatabaseError):
    """The log's name is a link, and what it leads to is not there: a disk that is not mounted, a file moved away."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is a link to {path.readlink()}, and there is nothing.",
            "Bring back what it leads to (is its disk mounted?), or name another log with --db.",
        )


class NotALogError(DatabaseError):
    """The file holds something else."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path} is {what}, not a glucolog log.", "Name the log's own file with --db.")


class OtherDatabaseError(NotALogError):
    """The file is a sound database of another program."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "another program's database")


class NewerLogError(DatabaseError):
    """A newer glucolog has written the log."""

    def __init__(self, path: Path, version: int, known: int) -> None:
        super().__init__(
            f"{path} was written by a newer glucolog (its tables are version {version}, this one knows {known}).",
            "Update glucolog; nothing was changed.",
        )


class ChangedUnderneathError(DatabaseError):
    """Another process has put other tables, or another file, in the place of the log that is open."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(
            f"{path} was upgraded, restored or encrypted by another glucolog while this one had it open.",
            "Nothing was stored. Start this one again.",
        )


class NoPermissionError(DatabaseError):
    """The file or its folder may not be read or written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"glucolog may not read and write {path}.",
            "Change the permissions of the file and its folder, or name another place with --db.",
        )


class ReadOnlyError(DatabaseError):
    """The folder or the disk does not take writes; SQLite needs both the file and its folder."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} can't be written: the file, its folder or the disk is read-only.",
            "Move the log to a folder you may write to, or name another with --db.",
        )


class BusyLogError(DatabaseError):
    """Another program held the log for longer than we wait."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Another program is writing to {path} and did not finish.",
            "Nothing was stored. Try again in a moment; close other programs that have the log open.",
        )


class RestoredFromItselfError(RefusedError):
    """The backup that was named is the log."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is the log itself, no backup of it.", "`glucolog db info` lists the automatic ones.")


class DiskFullError(DatabaseError):
    """There is no room for the write."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"The disk that holds {path} is full.", "Nothing was stored. Make room and try again.")


class DamagedLogError(DatabaseError):
    """The file is a log, but its pages contradict each other."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            f"{path} is damaged{f' ({detail})' if detail else ''}.",
            "See `glucolog db check`, and bring back a backup with `glucolog db restore`.",
        )


class DiskError(DatabaseError):
    """The disk or the operating system refused a read or a write."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(f"{path} could not be read or written: {detail}.", "Check the disk and try again.")


class FileOnlyError(UsageError):
    """What was asked is for a log in a file."""

    def __init__(
        self,
        problem: str = "That is for a log in a file; this one is on PostgreSQL.",
        remedy: str = "`glucolog help clinic` says what the server does instead.",
    ) -> None:
        super().__init__(problem, remedy)


class ServerForgetError(FileOnlyError):
    """Rows taken out of a server stay in its pages, its write-ahead log and its dumps, where nobody here can look."""

    def __init__(self) -> None:
        super().__init__(
            "glucolog forgets people only in logs that are files; this one is on PostgreSQL.",
            "`glucolog db copy URL log.db`, forget them in log.db, copy it into a new database, drop the old one.",
        )


class ServerEncryptionError(FileOnlyError):
    """A server encrypts its own disk and its own lines."""

    def __init__(self) -> None:
        super().__init__(
            "glucolog encrypts logs that are files; this one is on PostgreSQL.",
            "Keep the server's data and dumps on an encrypted disk, and end the URL in ?sslmode=verify-full.",
        )


class BrokenTextError(RefusedError):
    """Bytes that are no text came in, from a terminal of another encoding, say."""

    def __init__(self) -> None:
        super().__init__("A text holds characters that are broken.", "Type it again; nothing was stored.")


class FileTakenError(DatabaseError):
    """A backup never overwrites a file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already.", "Name a file that does not exist yet.")


_MEANINGS: dict[int, Callable[[Path], DatabaseError]] = {
    sqlite3.SQLITE_BUSY: BusyLogError,
    sqlite3.SQLITE_LOCKED: BusyLogError,
    sqlite3.SQLITE_FULL: DiskFullError,
    sqlite3.SQLITE_READONLY: ReadOnlyError,
    sqlite3.SQLITE_READONLY_DBMOVED: ChangedUnderneathError,
    sqlite3.SQLITE_PERM: NoPermissionError,
    sqlite3.SQLITE_AUTH: NoPermissionError,
    sqlite3.SQLITE_CANTOPEN: ReadOnlyError,
    sqlite3.SQLITE_CORRUPT: DamagedLogError,
    sqlite3.SQLITE_NOTADB: lambda path: NotALogError(path, "another kind of file, or damaged"),
}
_NOT_TEXT = "Could not decode to UTF-8"
"""What the driver says of a damaged value; of a damaged name in a message of SQLite's it raises UnicodeDecodeError."""
_NO_SUCH = "no such "
"""Begins what SQLite says of a table or column whose name was damaged."""
_IN_WORDS = {
    "database or disk is full": sqlite3.SQLITE_FULL,
    "disk I/O error": sqlite3.SQLITE_IOERR,
    "database is locked": sqlite3.SQLITE_BUSY,
    "attempt to write a readonly database": sqlite3.SQLITE_READONLY,
    "unable to open database file": sqlite3.SQLITE_CANTOPEN,
    "database disk image is malformed": sqlite3.SQLITE_CORRUPT,
    "file is not a database": sqlite3.SQLITE_NOTADB,
}
"""What stops SQLCipher's export comes as an error of SQL, and what stops its backup without a code: in words alone."""
_PRIMARY = 0xFF
"""SQLite's extended result codes keep the primary one in their low byte."""


def told(error: BaseException, path: Path) -> GlucologError | None:
    """Return the error to show for one of the driver's, or None when it is a defect of ours."""
    if isinstance(error, GlucologError | UnicodeEncodeError):
        return error if isinstance(error, GlucologError) else BrokenTextError()
    if isinstance(error, UnicodeDecodeError) or _NOT_TEXT in str(error):
        return DamagedLogError(path, "a text in it is none any more")
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code in {None, sqlite3.SQLITE_ERROR}:
        code = _IN_WORDS.get(str(error), code)
    return None if code is None else _of_code(code, error, path)


def _of_code(code: int, error: BaseException, path: Path) -> GlucologError | None:
    if code & _PRIMARY == sqlite3.SQLITE_CONSTRAINT:
        return _refused(str(error))
    if code & _PRIMARY == sqlite3.SQLITE_IOERR:
        return DiskError(path, str(error))
    if code == sqlite3.SQLITE_ERROR and _NO_SUCH in str(error):
        return DamagedLogError(path, f"its tables are not those of its version: {error}")
    if code == sqlite3.SQLITE_NOTADB and is_encrypted(path):
        return DamagedLogError(path, "it does not fit its own key")
    meaning = _MEANINGS.get(code) or _MEANINGS.get(code & _PRIMARY)
    return meaning(path) if meaning else None


def _refused(text: str) -> RefusedError:
    if "UNIQUE" in text:
        return RefusedError("A record with this id is in the log already.", "Change it with edit, or give a new id.")
    if "FOREIGN KEY" in text:
        return RefusedError("The record belongs to something that is not in the log.", "Store that first.")
    return RefusedError(f"The log does not take this value ({text}).", "Correct it; nothing was stored.")
