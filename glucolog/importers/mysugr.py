"""mySugr: its CSV export, and the same table as XLSX.

25 quoted columns in a fixed order with translated names: 1 date, 2 time, 3 Tags, 4 glucose with its unit, 5 insulin by
pen, 6 basal injection, 7 insulin by pump, 8 meal part, 9 correction part, 10–11 temporary basal, 12 carbs with a factor
to grams (`Broteinheiten, Faktor 12`), 13 meal, 14 activity minutes, 15 intensity 1–3, 16 activity, 17 steps, 18 note.
In the XLSX both date and time cells hold the whole stamp. Newest first.

- Glucose → meter. Meal and correction are two rapid doses (noted as such); the pen and pump columns are their totals
  and are taken only where both are empty. Basal injection → long. Carbs keep the meal's words.
- Skipped, counted by column: temporary basals, steps, place, blood pressure, weight, HbA1c, ketones, food type,
  medication; and entries that hold tags alone.
"""

from __future__ import annotations

from glucolog.core.records import InsulinKind
from glucolog.core.units import Source, Unit
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.dates import dated_rows
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.sheets import is_workbook, peek_sheets, read_sheets
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import Table, read_table, table_of

NAME = "mysugr"
LABEL = "mySugr"

DATE, TIME, TAGS, GLUCOSE, PEN, BASAL, PUMP, MEAL, CORRECTION = range(9)
CARBS, MEAL_WORDS, MINUTES, INTENSITY, ACTIVITY = 11, 12, 13, 14, 15
NOTE = 17
_OTHERS = 9, 16, 18, 19, 20, 21, 22, 23, 24
_LEAST_COLUMNS = 18


def sniff(head: Head) -> Confidence:
    """Sure when a wide first row names a unit in column 4, and Tags in column 3 or an HbA1c."""
    sheets = peek_sheets(head)
    rows = sheets[0].rows if sheets else list(head.rows)
    return Confidence.SURE if any(_is_header(row) for row in rows[:5]) else Confidence.NO


def _is_header(row: list[str]) -> bool:
    if len(row) < _LEAST_COLUMNS or cells.unit_in(row[GLUCOSE]) is None:
        return False
    return row[TAGS].casefold() in {"tags", "tag", "etiquetas"} or any("hba1c" in cell.casefold() for cell in row)


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file; see the module for what becomes of each column."""
    table = _table(source)
    gathered = Gatherer(NAME, options)
    gathered.cut_off(table.cut_line)
    stamps = [row[DATE] if ":" in row[DATE] else f"{row[DATE]} {row[TIME]}" for row in table.rows]
    for line, row, at_s in dated_rows(gathered, table.lines, table.rows, stamps):
        _take(line, row, at_s, table, gathered)
    return gathered.imported()


def _table(source: SourceFile) -> Table:
    if is_workbook(source.head()):
        return table_of(read_sheets(source)[0].rows, _is_header, source.name)
    return read_table(source.text(), _is_header, source.name)


def _take(line: int, row: list[str], at_s: int, table: Table, gathered: Gatherer) -> None:
    if row[GLUCOSE].strip():
        unit = cells.unit_in(table.header[GLUCOSE]) or Unit.MG_DL
        gathered.reading(line, at_s, cells.glucose(row[GLUCOSE], unit, Source.METER), Source.METER, unit, LABEL)
    _take_insulin(line, row, at_s, gathered)
    if row[CARBS].strip():
        words = row[MEAL_WORDS].strip() or None
        gathered.carbs_cell(line, at_s, row[CARBS], cells.grams_per(table.header[CARBS]), words)
    elif row[MEAL_WORDS].strip():
        gathered.note(at_s, row[MEAL_WORDS])
    if (minutes := cells.span_minutes(row[MINUTES])) is not None or row[ACTIVITY].strip():
        gathered.activity(at_s, row[ACTIVITY].strip() or "activity", minutes, cells.intensity(row[INTENSITY]))
    gathered.note(at_s, row[NOTE])
    gathered.offer(at_s, row[TAGS])
    _count_others(row, table, gathered)


def _take_insulin(line: int, row: list[str], at_s: int, gathered: Gatherer) -> None:
    parts = [(column, part) for column, part in ((MEAL, "meal"), (CORRECTION, "correction")) if row[column].strip()]
    for column, part in parts:
        gathered.dose_cell(line, at_s, row[column], InsulinKind.RAPID, note=part, by_pump=bool(row[PUMP].strip()))
    for column in (PEN, PUMP) if not parts else ():
        if row[column].strip():
            gathered.dose_cell(line, at_s, row[column], InsulinKind.RAPID, by_pump=column == PUMP)
    if row[BASAL].strip():
        gathered.dose_cell(line, at_s, row[BASAL], InsulinKind.LONG)


def _count_others(row: list[str], table: Table, gathered: Gatherer) -> None:
    for column in _OTHERS:
        if column < len(table.header) and row[column].strip():
            gathered.skip(table.header[column])
    if not any(cell.strip() for cell in row[GLUCOSE:]):
        gathered.skip("entries with tags alone")
