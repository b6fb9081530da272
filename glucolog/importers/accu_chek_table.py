"""The CSV of an Accu-Chek that shows itself as a drive (Mobile: `Reports/*.csv`).

Names and values of the meter and the download (`U1;08.12.2025;17:04`), a header, the readings. The names are in the
meter's language, so all is known by its place: date, time, result, unit, and marks: temperature warning, out of target,
other, before a meal, after one, control test (columns as in zoetrope69/drac).

- The result is a meter reading in the unit of its row, `LO` and `HI` beyond the meter's range. A temperature warning is
  remarked. With the mark of a control test it is control solution: skipped.
- The other marks are not kept. Local stamps to the minute without a zone, newest first.
"""

from __future__ import annotations

from collections.abc import Sequence

from glucolog.core.units import Source
from glucolog.importers import cells
from glucolog.importers.dates import dated_rows
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.stamps import day_parts, parse_clock
from glucolog.importers.text import read_table, split_rows

DATE, TIME, RESULT, UNIT, WARNING, CONTROL = 0, 1, 2, 3, 4, 9
SERIAL = 0
_LOOKED_AT = 12


def header_of(rows: Sequence[list[str]]) -> list[str] | None:
    """Return the header: the row between a download's line and the first reading; None where there is no such."""
    for download, header, first in zip(rows[:_LOOKED_AT], rows[1:], rows[2:], strict=False):
        if _is_stamped(download, DATE + 1) and len(header) > WARNING and _is_reading(first):
            return header
    return None


def _is_stamped(row: list[str], date: int) -> bool:
    if len(row) < date + 2:
        return False
    return day_parts(row[date]) is not None and parse_clock(row[date + 1]) is not None


def _is_reading(row: list[str]) -> bool:
    return len(row) > UNIT and _is_stamped(row, DATE) and cells.unit_in(row[UNIT]) is not None


def take_table(text: str, name: str, gathered: Gatherer) -> None:
    """Take all readings; raises as `read_table` where there is no header."""
    header = header_of(split_rows(text.split("\n", _LOOKED_AT + 2)[: _LOOKED_AT + 2]))
    table = read_table(text, lambda row: row == header, name)
    gathered.cut_off(table.cut_line)
    download = table.preamble[-1] if table.preamble else [""] * 3
    stamps = [f"{row[DATE].strip()} {row[TIME].strip()}" for row in table.rows]
    titles = [" ".join(download[DATE + 1 : TIME + 2])]
    for line, row, at_s in dated_rows(gathered, table.lines, table.rows, stamps, titles=titles):
        _take(line, row, at_s, download[SERIAL], gathered)


def _take(line: int, row: list[str], at_s: int, serial: str, gathered: Gatherer) -> None:
    unit = cells.unit_in(row[UNIT]) or gathered.options.unit
    if len(row) > CONTROL and row[CONTROL].strip():
        gathered.skip("control solution")
    elif unit is None:
        gathered.problem(line, "The reading has no unit.")
    else:
        amount = cells.glucose(row[RESULT], unit, Source.METER)
        gathered.reading(line, at_s, amount, Source.METER, unit, serial or None)
        if row[WARNING].strip() and not isinstance(amount, str):
            gathered.remark(line, "The meter warned of the temperature when it measured this.")
