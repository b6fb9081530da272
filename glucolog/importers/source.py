"""A file to import: opened safely, its first bytes looked at, read whole only within named limits."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from glucolog.errors import NotFoundError, RefusedError
from glucolog.importers.text import decode, decode_head, refuse_long_lines, split_rows

if TYPE_CHECKING:
    from glucolog.importers.sheets import Sheet

MAX_BYTES = 256 * 2**20
"""A file that is read into memory as a whole is at most this long: ten years of every format known here."""
HEAD_BYTES = 64 * 2**10
"""Sniffing looks at so many bytes."""

_MAGIC = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"SQLite format 3\x00": "sqlite",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "ole",
    b"%PDF": "PDF",
    b"\x89PNG": "PNG image",
    b"\xff\xd8\xff": "JPEG image",
    b"GIF8": "GIF image",
    b"\x1f\x8b": "gzip archive",
    b"7z\xbc\xaf": "7-Zip archive",
    b"Rar!": "RAR archive",
    b"\x7fELF": "program",
    b"MZ\x90": "program",
}
_READABLE = frozenset({"zip", "sqlite", "ole", "text"})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file by `path`, or bytes already at hand (`path` is None)."""

    name: str
    path: Path | None = None
    content: bytes = b""

    @property
    def size(self) -> int:
        """Length in bytes."""
        if self.path is None:
            return len(self.content)
        try:
            return self.path.stat().st_size
        except OSError as error:
            raise _unreadable(self.name, error) from error

    def open(self) -> BinaryIO:
        """Open for reading; raises the named error when that can't be."""
        if self.path is None:
            return io.BytesIO(self.content)
        try:
            return self.path.open("rb")
        except OSError as error:
            raise _unreadable(self.name, error) from error

    def data(self) -> bytes:
        """Return the whole content; `RefusedError` above `MAX_BYTES`."""
        self._refuse_above_limit()
        with self.open() as stream:
            return stream.read(MAX_BYTES)

    def text(self) -> str:
        """Return the whole content as text; `RefusedError` for a table with an endless line before it is read.

        JSON may stand on one line, however long.
        """
        self._refuse_above_limit()
        if not self.head().is_json:
            with self.open() as stream:
                refuse_long_lines(stream, self.name)
        return decode(self.data(), self.name)

    def _refuse_above_limit(self) -> None:
        if self.size > MAX_BYTES:
            raise RefusedError(
                f"{self.name} is {self.size / 2**20:,.0f} MB long; at most {MAX_BYTES // 2**20} MB are read at once.",
                "Export a shorter range, or split the file.",
            )

    def head(self) -> Head:
        """Return the beginning, for sniffing; refuses an empty file and a file that holds no data for anybody."""
        with self.open() as stream:
            data = stream.read(HEAD_BYTES)
        if not data.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n"):
            raise RefusedError(f"{self.name} is empty.", "Export it again.")
        head = Head(self, data)
        if head.kind not in _READABLE:
            raise RefusedError(f"{self.name} is a {head.kind}, not an export of glucose data.", "Choose the export.")
        return head


@dataclass(frozen=True)
class Head:
    """The beginning of a file: raw, as text, as rows of cells; for an archive, the names of its members."""

    source: SourceFile
    data: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """The file's name, without folders."""
        return self.source.name

    @cached_property
    def kind(self) -> str:
        """`text`, `zip`, `sqlite`, `ole` (an old Excel file), or what else the first bytes say."""
        return next((kind for magic, kind in _MAGIC.items() if self.data.startswith(magic)), "text")

    @cached_property
    def text(self) -> str:
        """The beginning as text, cut at a line's end; empty for what is no text."""
        return decode_head(self.data) if self.kind == "text" else ""

    @property
    def is_json(self) -> bool:
        """Whether the text begins as JSON does."""
        return self.text.lstrip()[:1] in {"[", "{"}

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The first lines of the text."""
        return tuple(self.text.split("\n")[:400])

    @cached_property
    def rows(self) -> tuple[list[str], ...]:
        """The first rows, each split by its own likeliest delimiter, header cells bare of BOM and blanks."""
        return split_rows(self.lines)

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The names in a zip; empty when it is none or can't be opened."""
        from glucolog.importers.archive import member_names

        return member_names(self.source) if self.kind == "zip" else ()

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The beginnings of a workbook's sheets; empty when it is none or can't be read."""
        from glucolog.importers.sheets import first_rows

        return first_rows(self)


def source_file(path: Path) -> SourceFile:
    """Take a path; raises `NotFoundError` or `RefusedError` for what is missing, a folder or not readable."""
    try:
        if path.is_dir():
            raise RefusedError(f"{path.name or path} is a folder.", "Name the files in it.")
        if path.exists() and not path.is_file():
            raise RefusedError(f"{path.name} is not a file but a device or a pipe.", "Save the export as a file first.")
        with path.open("rb"):
            return SourceFile(path.name, path)
    except (OSError, ValueError) as error:
        raise _unreadable(path.name, error) from error


def _unreadable(name: str, error: Exception) -> NotFoundError | RefusedError:
    if isinstance(error, PermissionError):
        return RefusedError(f"You have no permission to read {name}.", "Change its permissions, or copy it.")
    if isinstance(error, (FileNotFoundError, NotADirectoryError, ValueError)):
        return NotFoundError(f"There is no file {name}.", "Check the name and the folder.")
    return RefusedError(f"{name} can't be read ({type(error).__name__}).", "Copy it to this disk and try again.")
