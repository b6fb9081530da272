"""Excel files (.xlsx, .xls) as rows of text, by python-calamine (extra `formats`).

Cells become the text that a CSV of the same table would hold: whole numbers without a point, stamps in ISO form.
"""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from glucolog.errors import MissingExtraError, RefusedError
from glucolog.importers.archive import open_archive
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import MAX_COLUMNS, bare

HEAD_ROWS = 60
MAX_ROWS = 2_000_000


class Sheet(NamedTuple):
    """One sheet; rows from the first line of the sheet on, so that the row number is the index + 1."""

    name: str
    rows: list[list[str]]


def is_workbook(head: Head) -> bool:
    """Whether the file is an Excel workbook."""
    return head.kind == "ole" or "xl/workbook.xml" in head.members


def read_sheets(source: SourceFile) -> tuple[Sheet, ...]:
    """Read all sheets. Raises `MissingExtraError` without the extra and `RefusedError` for a damaged workbook."""
    if source.head().kind == "zip":
        with open_archive(source):
            pass
    try:
        import python_calamine as calamine
    except ImportError as error:
        raise MissingExtraError("Reading an Excel file", "formats") from error
    try:
        book = calamine.load_workbook(io.BytesIO(source.data()))
        return tuple(Sheet(name, _rows(book.get_sheet_by_name(name), source.name)) for name in book.sheet_names)
    except (calamine.CalamineError, ValueError, TypeError, OverflowError, OSError) as error:
        raise RefusedError(f"{source.name} is a damaged Excel file.", "Save it again, or export it as CSV.") from error


def peek_sheets(head: Head) -> tuple[Sheet, ...]:
    """Return the sheets for sniffing, header cells bare; none when they can't be read."""
    if not is_workbook(head):
        return ()
    try:
        sheets = read_sheets(head.source)
    except (MissingExtraError, RefusedError):
        return ()
    return tuple(Sheet(name, [[bare(cell) for cell in row] for row in rows[:HEAD_ROWS]]) for name, rows in sheets)


def _rows(sheet: object, name: str) -> list[list[str]]:
    rows: list[list[object]] = sheet.to_python(skip_empty_area=False)  # type: ignore[attr-defined]
    if len(rows) > MAX_ROWS or max(map(len, rows), default=0) > MAX_COLUMNS:
        raise RefusedError(f"{name} has a sheet with far too many rows or columns.", "Choose the export as saved.")
    return [[cell_text(cell) for cell in row] for row in rows]


def cell_text(cell: object) -> str:
    """Write one cell as the CSV of the same table would."""
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() else repr(round(cell, 10))
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    return "" if cell is None else str(cell)
