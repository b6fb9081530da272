"""Reads an Excel file from standard input and writes its sheets as JSON; run as a process of its own.

python-calamine lays a sheet out as wide and as long as its outermost cells, and aborts the whole process when that
doesn't fit: a file of one kilobyte can ask for terabytes. Here it ends this process and nothing else. Run by path with
`-I`, so it knows the standard library and python-calamine alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO

TOO_BIG = 3
"""Exit code: a sheet has more rows or columns than the first two arguments allow. Any other but 0: it can't be read.

The third argument is how many rows of each sheet are wanted, 0 for all.
"""
MEMORY_BYTES = 3 * 2**30


def main() -> int:
    """Read, check, write; returns the exit code."""
    _limit_memory()
    import python_calamine as calamine

    max_rows, max_columns, wanted = map(int, sys.argv[1:])
    book = calamine.load_workbook(BytesIO(sys.stdin.buffer.read()))
    sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
    if any(row >= max_rows or column >= max_columns for row, column in (sheet.end or (0, 0) for sheet in sheets)):
        return TOO_BIG
    texts = [(sheet.name, _texts(sheet.to_python(skip_empty_area=False, nrows=wanted or None))) for sheet in sheets]
    sys.stdout.buffer.write(json.dumps(texts, ensure_ascii=False).encode())
    return 0


def _texts(rows: Iterable[Sequence[object]]) -> list[list[str]]:
    return [[cell_text(cell) for cell in row] for row in rows]


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; the abort stays in this process all the same
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


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


if __name__ == "__main__":
    sys.exit(main())
