"""A log and the copies beside it put under another key: whole or not at all, whoever has the log open."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Any

from glucolog.errors import DatabaseError
from glucolog.storage import crypto
from glucolog.storage.backup import new_file, verify
from glucolog.storage.crypto import Key
from glucolog.storage.engine import BUSY_TIMEOUT_S, file_problems
from glucolog.storage.rolling import as_old_as_it_is, copies

_WIPED_AT_ONCE = 1024 * 1024


def convert(path: Path, key: Key | None) -> None:
    """Put a verified copy of the log under `key` (None: plain) in its place.

    Nobody writes meanwhile. A process that has the old file open finds out at its next write, which SQLite refuses,
    and connects to the new one. A plain file is written over before it is let go; that reaches the disk's own copies
    of it (snapshots, worn-out cells) no more than any program can.
    """
    verify(path)
    was_plain = crypto.key_of(path) is None
    old = os.open(path, os.O_RDWR)
    try:
        with file_problems(path), closing(_guarding(path)) as guard, new_file(path) as part:
            guard.execute("BEGIN IMMEDIATE").close()
            crypto.export(path, part, key)
            verify(part, path)
        if was_plain and key is not None:
            _wipe(old)
    finally:
        os.close(old)


def convert_backups(path: Path, key: Key | None) -> tuple[Path, ...]:
    """Put the copies beside the log under `key`; return those that could not be: damaged, or under a lost key."""
    left = []
    for file in copies(path):
        try:
            if crypto.key_of(file) != key:
                with as_old_as_it_is(file):
                    convert(file, key)
        except DatabaseError:
            left.append(file)
    return tuple(left)


def _guarding(path: Path) -> Any:
    # By SQLCipher even where the log is plain: SQLite's locks hold among the connections of one library, and another
    # library that closes the file in the same process drops them (https://www.sqlite.org/howtocorrupt.html, 2.2.1).
    return crypto.connect(path, crypto.key_of(path), timeout=BUSY_TIMEOUT_S)


def _wipe(opened: int) -> None:
    rest = os.fstat(opened).st_size
    os.lseek(opened, 0, os.SEEK_SET)
    while rest > 0:
        rest -= os.write(opened, bytes(min(rest, _WIPED_AT_ONCE)))
    os.fsync(opened)
