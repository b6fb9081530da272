"""What can be wrong with a log on PostgreSQL, each with its sentence, and what the driver's errors mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from glucolog.errors import DatabaseError, GlucologError, RefusedError, UsageError
from glucolog.storage.problems import BrokenTextError
from glucolog.storage.schema import SCHEMA_VERSION

SECRETS = "password", "sslpassword"
"""What may stand in a URL's query and is nobody's to see."""
BACKUP_REMEDY = "Use PostgreSQL's own: pg_dump --format=custom --file=FILE, and pg_restore to bring it back."


class BadAddressError(UsageError):
    """The URL is none. It is not shown: nobody knows where in it the password is."""

    def __init__(self) -> None:
        super().__init__(
            "That is not the address of a log on PostgreSQL.",
            "Write postgresql+psycopg://ROLE@SERVER:PORT/DATABASE, an @, : or / in a password as %40, %3A or %2F.",
        )


class NoServerError(DatabaseError):
    """The server does not answer, or does not know the role or the database."""

    def __init__(self, url: URL, said: str) -> None:
        super().__init__(
            f"PostgreSQL at {shown(url)} can't be reached: {said}.",
            "Check the address, your role and its password (~/.pgpass and PGPASSWORD give it).",
        )


class LostServerError(DatabaseError):
    """The connection ended while it was in use."""

    def __init__(self, url: URL, said: str) -> None:
        super().__init__(
            f"The connection to {shown(url)} was lost: {said}.",
            "See with `glucolog history` what was stored, and do the rest again.",
        )


class NoServerLogError(DatabaseError):
    """The database holds no log."""

    def __init__(self, url: URL) -> None:
        super().__init__(f"There is no log in {shown(url)}.", "Its owner makes one with `glucolog init`.")


class OtherTablesError(DatabaseError):
    """The database holds something else."""

    def __init__(self, url: URL) -> None:
        super().__init__(f"{shown(url)} holds tables of another program.", "Name an empty database with --db.")


class NewerServerLogError(DatabaseError):
    """A newer glucolog has changed the tables."""

    def __init__(self, url: URL, version: int) -> None:
        super().__init__(
            f"{shown(url)} has the tables of a newer glucolog (version {version}, this one knows {SCHEMA_VERSION}).",
            "Update glucolog; nothing was changed.",
        )


class OlderServerLogError(DatabaseError):
    """The tables are of an older glucolog; many people share them, so nobody changes them by opening the log."""

    def __init__(self, url: URL, version: int) -> None:
        super().__init__(
            f"{shown(url)} has the tables of an older glucolog (version {version}, this one needs {SCHEMA_VERSION}).",
            "Its owner makes a dump with pg_dump and runs `glucolog db upgrade`.",
        )


class BusyServerError(DatabaseError):
    """Somebody else's write went on for longer than we wait; `holders` are the roles that keep others waiting."""

    def __init__(self, url: URL, holders: Sequence[str] = ()) -> None:
        who = " and ".join(f"“{role}”" for role in holders) or "Somebody else"
        super().__init__(
            f"{who} is writing to {shown(url)} and did not finish.",
            "Nothing was stored. Try again in a moment; the server's administrator can end a login that stays.",
        )


class ReadOnlyServerError(DatabaseError):
    """The server takes no writes: a standby, or one that was set so. Reading is noted, which is a write."""

    def __init__(self, url: URL) -> None:
        super().__init__(
            f"{shown(url)} takes no writes, and what is read of a person is noted there.",
            "Name the server that takes writes (the primary) with --db.",
        )


class NotYourOwnError(RefusedError):
    """The role may not see or change this."""

    def __init__(self) -> None:
        super().__init__(
            "Your role may not do this: the person is not assigned to you, or it is for the log's owner.",
            "Ask the owner of the log, to whom `glucolog clinic list` shows who is assigned to whom.",
        )


class NoServerBackupError(UsageError):
    """A server's log is backed up by the server's own tools."""

    def __init__(self) -> None:
        super().__init__("A log on PostgreSQL is not a file that glucolog could copy.", BACKUP_REMEDY)


def address(target: str) -> URL:
    """Return a --db as a URL. Raises `BadAddressError`, also for a password whose @ would be taken for its end."""
    try:
        url = make_url(target)
    except (ArgumentError, ValueError) as error:
        raise BadAddressError from error
    if "@" in (url.host or ""):
        raise BadAddressError
    return url


def shown(url: URL) -> str:
    """Return a URL without its password, wherever it stands."""
    return url.difference_update_query(SECRETS).render_as_string(hide_password=True)


def told(error: BaseException, url: URL, *, connected: bool = True) -> GlucologError | None:
    """Return the error to show for one of the driver's, or None when it is a defect of ours."""
    import psycopg

    if isinstance(error, GlucologError):
        return error
    known = psycopg.errors
    meanings: tuple[tuple[tuple[type[BaseException], ...], Callable[[], GlucologError]], ...] = (
        ((UnicodeEncodeError,), BrokenTextError),
        ((known.LockNotAvailable, known.DeadlockDetected), lambda: BusyServerError(url)),
        ((known.InsufficientPrivilege,), NotYourOwnError),
        ((psycopg.IntegrityError, psycopg.DataError), lambda: _refused(error)),
        (() if connected else (psycopg.Error,), lambda: NoServerError(url, _first_line(error))),
        ((known.ReadOnlySqlTransaction,), lambda: ReadOnlyServerError(url)),
        (
            (psycopg.OperationalError, psycopg.InterfaceError, known.IdleInTransactionSessionTimeout),
            lambda: LostServerError(url, _first_line(error)),
        ),
    )
    return next((meaning() for kinds, meaning in meanings if isinstance(error, kinds)), None)


def _refused(error: Any) -> RefusedError:
    import psycopg

    if isinstance(error, psycopg.errors.UniqueViolation):
        return RefusedError("A record with this id is in the log already.", "Change it with edit, or give a new id.")
    if isinstance(error, psycopg.errors.ForeignKeyViolation):
        return RefusedError("The record belongs to something that is not in the log.", "Store that first.")
    return RefusedError(f"The log does not take this value ({_first_line(error)}).", "Correct it; nothing was stored.")


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
