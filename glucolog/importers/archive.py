"""Zip archives, read in place: nothing is unpacked to disk, and a hostile one ends in one sentence.

Refused: a truncated or encrypted archive, a member whose path leaves the archive, more than `MAX_MEMBERS` members,
more than `MAX_TOTAL` bytes unpacked, a member that packs tighter than `MAX_RATIO` (a zip bomb; DEFLATE reaches 1032,
exports stay under 60).
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, BinaryIO, cast

from glucolog.errors import RefusedError
from glucolog.importers.source import MAX_BYTES, SourceFile

MAX_MEMBERS = 5_000
MAX_TOTAL = 4 * 2**30
MAX_RATIO = 200
SMALL = 2**20
"""Below this size a member's ratio doesn't matter."""

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    LookupError,
)


class Archive:
    """An open zip: its members' names, each readable once checked."""

    def __init__(self, opened: zipfile.ZipFile, name: str) -> None:
        self._zip = opened
        self._name = name
        _refuse_bomb(opened.infolist(), name)
        self.names = _data_names(opened)

    def read(self, member: str) -> bytes:
        """Return a member's content; `RefusedError` above `source.MAX_BYTES` and for a damaged one."""
        if self.size(member) > MAX_BYTES:
            raise RefusedError(f"{member} in {self._name} is too big to be read at once.", "Export a shorter range.")
        with self.open(member) as stream:
            return stream.read()

    def size(self, member: str) -> int:
        """Return the length that a member unpacks to, in bytes."""
        return self._zip.getinfo(member).file_size

    def source(self, member: str) -> SourceFile:
        """Return a member as a file of its own, named without folders."""
        return SourceFile(PurePosixPath(member).name, None, self.read(member))

    @contextmanager
    def open(self, member: str) -> Iterator[BinaryIO]:
        """Stream a member; what is damaged in it ends in `RefusedError`."""
        with _refusing_damage(self._name), self._zip.open(member) as stream:
            yield cast(BinaryIO, stream)


@contextmanager
def open_archive(source: SourceFile) -> Iterator[Archive]:
    """Open a zip; raises `RefusedError` for a damaged, encrypted or hostile one."""
    with source.open() as stream, _refusing_damage(source.name):
        opened = zipfile.ZipFile(cast(IO[bytes], stream))
        with opened:
            yield Archive(opened, source.name)


def member_names(source: SourceFile) -> tuple[str, ...]:
    """Return the members' names for sniffing, or none when the archive can't be opened."""
    try:
        with source.open() as stream, zipfile.ZipFile(stream) as opened:
            return _data_names(opened)
    except _BROKEN:
        return ()


def _data_names(opened: zipfile.ZipFile) -> tuple[str, ...]:
    names = (info.filename for info in opened.infolist() if not info.is_dir())
    return tuple(name for name in names if not name.startswith("__MACOSX/") and PurePosixPath(name).name[:1] != ".")


@contextmanager
def _refusing_damage(name: str) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise RefusedError(
            f"{name} is a damaged or encrypted zip archive.", "Download it again; unpack it first if it has a password."
        ) from error


def _refuse_bomb(infos: list[zipfile.ZipInfo], name: str) -> None:
    escaping = next((info.filename for info in infos if _escapes(info.filename)), None)
    if escaping is not None:
        raise RefusedError(f"{name} holds a path that leaves the archive.", "Don't use this file.")
    tight = any(info.file_size > max(SMALL, MAX_RATIO * info.compress_size) for info in infos)
    if len(infos) > MAX_MEMBERS or tight or sum(info.file_size for info in infos) > MAX_TOTAL:
        raise RefusedError(f"{name} unpacks to far more than any export.", "Don't use this file.")


def _escapes(member: str) -> bool:
    path = PurePosixPath(member.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or (path.parts[:1] != () and path.parts[0].endswith(":"))
