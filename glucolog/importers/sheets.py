"""Excel files (.xlsx, .xls) as rows of text, by python-calamine (extra `formats`) in a process of its own.

Cells become the text that a CSV of the same table would hold: whole numbers without a point, stamps in ISO form.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, cast

from glucolog.errors import MissingExtraError, RefusedError
from glucolog.importers.archive import open_archive
from glucolog.importers.documents import load_json
from glucolog.importers.sheet_child import TOO_BIG
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import MAX_COLUMNS, bare

HEAD_ROWS = 60
MAX_ROWS = 2**20
"""Rows of one sheet: as many as Excel itself allows."""
PATIENCE_S = 300
_CHILD = Path(__file__).with_name("sheet_child.py")


class Sheet(NamedTuple):
    """One sheet; rows from the first line of the sheet on, so that the row number is the index + 1."""

    name: str
    rows: list[list[str]]


def is_workbook(head: Head) -> bool:
    """Whether the file is an Excel workbook."""
    return head.kind == "ole" or "xl/workbook.xml" in head.members


def read_sheets(source: SourceFile, first: int = 0) -> tuple[Sheet, ...]:
    """Read all sheets, of each the `first` rows (0: all).

    Raises `MissingExtraError` without the extra and `RefusedError` for a damaged workbook.
    """
    if source.head().kind == "zip":
        with open_archive(source):
            pass
    if find_spec("python_calamine") is None:
        raise MissingExtraError("Reading an Excel file", "formats")
    read = cast("list[tuple[str, list[list[str]]]]", load_json(_read_apart(source, first).decode(), source.name))
    return tuple(Sheet(name, rows) for name, rows in read)


def _read_apart(source: SourceFile, first: int) -> bytes:
    command = [sys.executable, "-I", str(_CHILD), str(MAX_ROWS), str(MAX_COLUMNS), str(first)]
    try:
        run = subprocess.run(command, input=source.data(), capture_output=True, timeout=PATIENCE_S, check=False)
    except (subprocess.TimeoutExpired, OSError) as error:
        raise _damaged(source.name) from error
    if run.returncode == TOO_BIG:
        raise RefusedError(
            f"{source.name} has a sheet with far too many rows or columns.", "Choose the export as saved."
        )
    if run.returncode != 0:
        raise _damaged(source.name)
    return run.stdout


def _damaged(name: str) -> RefusedError:
    return RefusedError(f"{name} is a damaged Excel file.", "Save it again, or export it as CSV.")


def peek_sheets(head: Head) -> tuple[Sheet, ...]:
    """Return the sheets for sniffing, header cells bare; none when they can't be read."""
    return head.sheets


def first_rows(head: Head) -> tuple[Sheet, ...]:
    """Read the rows of each sheet among which a header stands; what `Head.sheets` holds."""
    if not is_workbook(head):
        return ()
    try:
        sheets = read_sheets(head.source, HEAD_ROWS)
    except (MissingExtraError, RefusedError):
        return ()
    return tuple(Sheet(name, [[bare(cell) for cell in row] for row in rows]) for name, rows in sheets)
