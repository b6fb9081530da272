"""Bytes to rows: encodings, delimiters, the header found by content, and limits that keep a hostile file harmless."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import BinaryIO, TypeVar

from glucolog.errors import RefusedError

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

MAX_LINE = 1_000_000
"""Bytes in one line of a table."""
MAX_COLUMNS = 500
"""Cells in one row of a table."""
HEADER_WITHIN = 60
"""The header stands within so many rows; CareLink and Tandem write preambles of a dozen."""

_CONTROLS = bytes({*range(32), 127} - {*b"\t\n\v\f\r\x1b"})
_UTF16_PROBE = 400
_PIECE = 2**20
_NOT_TEXT = "is not text: it holds bytes that no export writes.", "Choose the file that your device or app exported."


def decode(data: bytes, name: str = "The file") -> str:
    """Decode by BOM (UTF-16, UTF-8), else UTF-8, else cp1252; lines end in a line feed.

    Raises `RefusedError` for what is not text.
    """
    text = _decoded(data)
    if text is None or _holds_controls(data, text):
        raise RefusedError(f"{name} {_NOT_TEXT[0]}", _NOT_TEXT[1])
    return _one_line_end(text)


def _holds_controls(data: bytes, text: str) -> bool:
    seen = text.encode("utf-8", "surrogatepass") if _is_utf16(data) else data
    pieces = (seen[at : at + _PIECE] for at in range(0, len(seen), _PIECE))
    return any(len(piece.translate(None, _CONTROLS)) < len(piece) for piece in pieces)


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def decode_head(data: bytes) -> str:
    """Decode a file's beginning for a look; cut at the last line's end, empty when it is not text."""
    whole_lines = data[: data.rfind(b"\n") + 1] or data
    if _is_utf16(data):
        whole_lines = data[: len(data) // 2 * 2]
    return _one_line_end(_decoded(whole_lines) or data.decode("latin-1").replace("\x00", ""))


def _decoded(data: bytes) -> str | None:
    for encoding in ("utf-16",) if _is_utf16(data) else ("utf-8-sig", "cp1252"):
        try:
            return _with_byte_order(data).decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    return None


def _is_utf16(data: bytes) -> bool:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    probe = data[:_UTF16_PROBE]
    odd, even = probe[1::2].count(0), probe[::2].count(0)
    return max(odd, even) * 4 > len(probe) and min(odd, even) == 0


def _with_byte_order(data: bytes) -> bytes:
    if not _is_utf16(data) or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data
    return (codecs.BOM_UTF16_LE if data[1:2] == b"\x00" else codecs.BOM_UTF16_BE) + data


def bare(cell: str) -> str:
    """Strip a header cell of BOM (also a mangled one), quotes and blanks."""
    return cell.replace("\ufeff", "").replace("ï»¿", "").strip(" \"'\t\u00a0")


def delimiter_of(line: str) -> str:
    """Return the delimiter a header line uses: the most frequent of comma, semicolon and tab outside quotes."""
    outside = re.sub(r'"[^"]*"', "", line)
    return max(",;\t", key=outside.count)


def split_rows(lines: Sequence[str]) -> tuple[list[str], ...]:
    """Split lines for a look at them, each by its own delimiter; overlong ones are cut, cells are bare."""
    return tuple([bare(cell) for cell in _split(line[:20_000])] for line in lines)


def _split(line: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter_of(line)), [])
    except csv.Error:
        return []


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows under it. `lines` are the rows' numbers in the file, from 1.

    Empty lines are left out; every row is at least as long as the header. `cut_line` is the line of a last row that the
    file breaks off in: it is none of the rows, since nobody knows whether its last number is whole.
    """

    header: list[str]
    rows: list[list[str]]
    lines: Sequence[int]
    preamble: tuple[list[str], ...] = field(default=())
    delimiter: str = ","
    cut_line: int | None = None

    def columns(self) -> list[tuple[str, ...]]:
        """Return the columns, as many as the header has."""
        return list(zip(*self.rows, strict=False))[: len(self.header)] or [()] * len(self.header)

    def dated(self, stamp: int) -> Table:
        """Return the table of the rows whose `stamp` column is not empty."""
        stamps = [row[stamp] for row in self.rows]
        if all(stamps):
            return self
        return replace(self, rows=list(compress(self.rows, stamps)), lines=list(compress(self.lines, stamps)))

    def find(self, *names: str) -> int | None:
        """Return the first column whose header equals one of the names (case aside), or None."""
        wanted = {name.casefold() for name in names}
        return next((index for index, cell in enumerate(self.header) if cell.casefold() in wanted), None)

    def starting(self, *starts: str) -> int | None:
        """Return the first column whose header starts with one of the texts (case aside), or None."""
        lowered = tuple(start.casefold() for start in starts)
        return next((i for i, cell in enumerate(self.header) if cell.casefold().startswith(lowered)), None)


def read_table(text: str, is_header: Callable[[list[str]], bool], name: str = "The file") -> Table:
    """Find the header row by content and read the table under it, with the delimiter of the header's line.

    Raises `RefusedError` without a header, and over `MAX_COLUMNS`.
    """
    *lines, rest = text.split("\n", HEADER_WITHIN)
    lines = lines if len(lines) == HEADER_WITHIN else [*lines, rest]
    looked_at = split_rows(lines)
    at = next((index for index, row in enumerate(looked_at) if is_header(row)), None)
    if at is None:
        raise RefusedError(f"{name} has no row of column names that is known.", "Choose the export as it was saved.")
    delimiter = delimiter_of(lines[at])
    return under_header(text.split("\n", at)[at], at + 1, delimiter, looked_at[:at], name)


def table_of(rows: list[list[str]], is_header: Callable[[list[str]], bool], name: str) -> Table:
    """Find the header among the rows of a sheet and return the table under it; errors as `read_table`."""
    looked_at = [[bare(cell) for cell in row] for row in rows[:HEADER_WITHIN]]
    at = next((index for index, row in enumerate(looked_at) if is_header(row)), None)
    if at is None:
        raise RefusedError(f"{name} has no row of column names that is known.", "Choose the export as it was saved.")
    return _table(looked_at[at], rows[at + 1 :], range(at + 2, len(rows) + 1), tuple(looked_at[:at]))


def under_header(text: str, line: int, delimiter: str, preamble: tuple[list[str], ...], name: str) -> Table:
    """Read a table whose header is the first row of `text`, at `line` of the file."""
    rows, lines = parse_rows(text, delimiter, line, name)
    header, rows, lines = [bare(cell) for cell in rows[0]], rows[1:], lines[1:]
    if not text.endswith("\n") and _breaks_off(rows, len(header)):
        return replace(_table(header, rows[:-1], lines[:-1], preamble, delimiter), cut_line=lines[-1])
    return _table(header, rows, lines, preamble, delimiter)


def _breaks_off(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether the last row alone, out of several, has fewer cells than the header."""
    others = [len(row) for row in rows[:-1] if row]
    return bool(others) and len(rows[-1]) < width <= min(others)


def _table(
    header: list[str],
    rows: list[list[str]],
    lines: Sequence[int],
    preamble: tuple[list[str], ...],
    delimiter: str = ",",
) -> Table:
    if [] in rows:
        lines = [line for line, row in zip(lines, rows, strict=True) if row]
        rows = [row for row in rows if row]
    return Table(header, padded(rows, len(header)), lines, preamble, delimiter)


def parse_rows(text: str, delimiter: str, first_line: int, name: str) -> tuple[list[list[str]], Sequence[int]]:
    """Split into rows and their line numbers; a quoted cell may hold line breaks. Empty rows stay (as `[]`)."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = list(reader)
        lines: Sequence[int] = range(first_line, first_line + len(rows))
        if reader.line_num != len(rows):
            lines = _line_numbers(text, delimiter, first_line)
    except csv.Error as error:
        raise RefusedError(f"{name} is not a readable table.", "Export it again.") from error
    if max(map(len, rows), default=0) > MAX_COLUMNS:
        raise RefusedError(f"{name} has more than {MAX_COLUMNS} columns.", "Choose the export as it was saved.")
    return rows, lines


def _line_numbers(text: str, delimiter: str, first_line: int) -> list[int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    starts, before = [], 0
    for _ in reader:
        starts.append(first_line + before)
        before = reader.line_num
    return starts


def padded(rows: list[list[str]], width: int) -> list[list[str]]:
    """Give each row at least `width` cells, so that a file cut in the middle of a row can't break a look-up."""
    if min(map(len, rows), default=width) >= width:
        return rows
    for row in rows:
        if len(row) < width:
            row.extend([""] * (width - len(row)))
    return rows


def grouped(keys: Iterable[K]) -> dict[K, list[int]]:
    """Return the indices of each key, keys in the order of their first coming."""
    groups: dict[K, list[int]] = {}
    for index, key in enumerate(keys):
        try:
            groups[key].append(index)
        except KeyError:
            groups[key] = [index]
    return groups


def pick(column: Sequence[T], indices: Iterable[int]) -> list[T]:
    """Return the items at the indices."""
    return [column[index] for index in indices]


def refuse_long_lines(stream: BinaryIO, name: str) -> None:
    """Raise `RefusedError` when a line is longer than `MAX_LINE` bytes (or half of it, by where it lies)."""
    window = MAX_LINE // 2
    while len(piece := stream.read(window)) == window:
        if b"\n" not in piece and b"\r" not in piece:
            raise RefusedError(
                f"{name} has a line of more than {window:,} characters.", "Choose the export as it was saved."
            )
