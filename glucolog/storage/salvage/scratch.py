"""A copy of a damaged log that may be written on: private, under the log's key, taken away afterwards.

Nothing is decided here about what a page holds. A page that SQLCipher's key does not answer for is blanked, because
SQLCipher does not go on after one; SQLite goes on after a page that makes no sense. And the copy can be given another
list of tables, whatever its own was.

Both take pages from a second file, the frame. What SQLCipher makes of a page depends on the key, the salt and the
page's number, and a log's salt is made from its key: so pages of two files under one key fit, number by number.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glucolog.storage import crypto
from glucolog.storage.backup import sweep
from glucolog.storage.engine import PRIVATE_FILE, connect_new
from glucolog.storage.problems import BusyLogError

PAGE_BYTES = 4096
"""Of every log: what SQLite and SQLCipher choose, and glucolog asks for nothing else."""
FILLER = "filler"
"""The one table of a frame that is not asked for: what it holds makes the file as long as the log."""
_FILLER_PAGES = 1000
_BLANK = b"\xff"
"""What a blank page is full of: it is no page of a tree, and a text that runs on to it is no text any more."""
_COPY_TRIES = 5


@dataclass(frozen=True, slots=True)
class Scratch:
    """The copy: where it lies, under which key, how many pages it has, and a name for the frame beside it."""

    path: Path
    key: crypto.Key | None
    pages: int
    frame: Path

    def open(self) -> Any:
        """Connect to the copy."""
        connection = connect_new(self.path, self.key)
        # A file may then be shorter than its header says, and its list of tables be changed like any table.
        for pragma in ("writable_schema = ON", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}").close()
        return connection

    def retable(self, tables: Sequence[str]) -> None:
        """Give the copy the tables that these statements make, instead of its own; its other pages stay."""
        with _frame(self, tables) as frame:
            _lay(frame, self.path, [1, *range(self.pages + 1, _pages_of(frame) + 1)])


@contextmanager
def scratch_of(path: Path, target: Path, key: crypto.Key | None) -> Iterator[Scratch]:
    """Give a copy of a damaged log, made beside `target`, whose every page can be asked for.

    Raises `BusyLogError` where somebody writes to the log all the time.
    """
    sweep(target.parent, f".{target.name}.")
    with _private(target, "scratch") as copy, _private(target, "frame") as frame:
        _copy(path, copy)
        scratch = Scratch(copy, key, _pages_of(copy), frame)
        if bad := _unanswered(scratch):
            with _frame(scratch, ()) as blank:
                _lay(blank, copy, bad)
        yield scratch


@contextmanager
def _private(target: Path, what: str) -> Iterator[Path]:
    part = target.with_name(f".{target.name}.{what}.{os.getpid()}.part")
    os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)
        _journal_of(part).unlink(missing_ok=True)


def _journal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def _copy(path: Path, copy: Path) -> None:
    """Copy a log, and the journal of a write that was cut short: SQLite takes that back in the copy, not in the log."""
    for _ in range(_COPY_TRIES):
        before = path.stat()
        shutil.copyfile(path, copy)
        if _journal_of(path).is_file():
            _journal_of(copy).touch(PRIVATE_FILE)
            shutil.copyfile(_journal_of(path), _journal_of(copy))
        after = path.stat()
        if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size):
            return
    raise BusyLogError(path)


def _pages_of(path: Path) -> int:
    return -(-path.stat().st_size // PAGE_BYTES)


def _unanswered(scratch: Scratch) -> list[int]:
    """Return the pages of an encrypted log that its key does not answer for."""
    if scratch.key is None:
        return []
    with closing(scratch.open()) as connection:
        said = connection.execute("PRAGMA cipher_integrity_check").fetchall()
    return [int(number) for (line,) in said for number in re.findall(r"page (\d+)", line)]


@contextmanager
def _frame(scratch: Scratch, tables: Sequence[str]) -> Iterator[Path]:
    """Give a file under the copy's key with at least its pages, all blank, and these tables behind them."""
    scratch.frame.write_bytes(b"")
    with closing(connect_new(scratch.frame, scratch.key)) as connection:
        do_not_sync(connection)
        connection.execute(f"CREATE TABLE {FILLER} (blank)").close()
        for done in range(0, scratch.pages, _FILLER_PAGES):
            blank = _BLANK * PAGE_BYTES * min(_FILLER_PAGES, scratch.pages - done)
            connection.execute(f"INSERT INTO {FILLER} VALUES (?)", (blank,)).close()  # noqa: S608 – our own name
        for statement in tables:
            connection.execute(statement).close()
    yield scratch.frame


def do_not_sync(connection: Any) -> None:
    """Let a file that nobody needs afterwards be written without care."""
    for pragma in ("journal_mode = OFF", "synchronous = OFF"):
        connection.execute(f"PRAGMA {pragma}").close()


def _lay(source: Path, target: Path, pages: Sequence[int]) -> None:
    """Put pages of one file into another, each in its place."""
    with source.open("rb") as given, target.open("r+b") as taken:
        for page in pages:
            given.seek((page - 1) * PAGE_BYTES)
            taken.seek((page - 1) * PAGE_BYTES)
            taken.write(given.read(PAGE_BYTES))
