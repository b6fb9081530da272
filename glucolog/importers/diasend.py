"""diasend: the Excel file (.xls) of its export.

Sheets by what their header row holds (lee-b/Dia_Tide; tidepool-org/animas-diasend-data):

- `Name and glucose`: a few rows of the person, then `Time` and the unit as the names of two columns: meter readings.
- `CGM`: the same pair of columns: sensor readings.
- `Insulin use and carbs`: `Time,Basal Amount (U/h),Bolus Type,Bolus Volume (U),Immediate Volume (U),Extended Volume
  (U),Duration (min),Carbs(g),Notes`. The volume is what was given in all; with both parts there it is two doses, the
  extended one over its duration. A basal amount is a change of rate and no dose: skipped and counted.
- A note on a bolus (`Combination unknown`: the pump doesn't say how it was split) stays with the dose.
- Pump settings and other sheets are skipped; `Alarms and events` is counted.
Stamps are text (`DD/MM/YYYY HH:mm`, or month first in American exports) without a zone; the order is settled over all
sheets together. Problems name their sheet.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from glucolog.core.records import InsulinKind
from glucolog.core.units import Source
from glucolog.errors import RefusedError
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.dates import dated_rows
from glucolog.importers.day_order import settle_day_first
from glucolog.importers.parts import PartsGatherer
from glucolog.importers.sheets import Sheet, peek_sheets, read_sheets
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import Table, table_of

NAME = "diasend"
LABEL = "diasend"

_TIMES = frozenset({"time", "zeit", "tid", "tijd", "heure", "hora", "ora", "aika"})
_BOLUS_FIELDS = "volume", "immediate", "extended", "duration"
_INSULIN_FIELDS = {
    "basal": "basal amount",
    "volume": "bolus volume",
    "immediate": "immediate volume",
    "extended": "extended volume",
    "duration": "duration",
    "carbs": "carbs",
    "notes": "notes",
}
"""What the insulin sheet holds and how its column's name begins."""
_EVENTS = "alarms and events"


class _Section(NamedTuple):
    sheet: str
    table: Table
    is_insulin: bool


def sniff(head: Head) -> Confidence:
    """Sure when a sheet has a time and a bare unit as column names, or the columns of insulin use."""
    sheets = peek_sheets(head)
    return Confidence.SURE if any(_is_header(row) for sheet in sheets for row in sheet.rows) else Confidence.NO


def _is_header(row: list[str]) -> bool:
    return _is_glucose(row) or _is_insulin(row)


def _is_glucose(row: list[str]) -> bool:
    return len(row) > 1 and row[0].casefold() in _TIMES and row[1].casefold() in {"mg/dl", "mmol/l"}


def _is_insulin(row: list[str]) -> bool:
    return row[0:1] == ["Time"] and any(cell.startswith("Bolus Volume") for cell in row)


def read(source: SourceFile, options: Options) -> Imported:
    """Read every sheet that holds readings, insulin or carbs."""
    sheets = read_sheets(source)
    sections = [_section(sheet, source.name) for sheet in sheets if any(_is_header(row) for row in sheet.rows[:60])]
    if not sections:
        raise RefusedError(f"{source.name} has no sheet of glucose or insulin.", "Choose the export as it was saved.")
    stamps = [row[0] for section in sections for row in section.table.rows if row[0]]
    settled = replace(options, day_first=settle_day_first(stamps, options))
    gathered = PartsGatherer(NAME, settled)
    for section in sections:
        gathered.part = section.sheet
        _take_section(section, gathered)
    gathered.skip("alarms and events", sum(_events(sheet) for sheet in sheets))
    return gathered.imported()


def _section(sheet: Sheet, name: str) -> _Section:
    table = table_of(sheet.rows, _is_header, name)
    return _Section(sheet.name, table, _is_insulin(table.header))


def _events(sheet: Sheet) -> int:
    return sum(any(row) for row in sheet.rows[1:]) if sheet.name.casefold() == _EVENTS else 0


def _take_section(section: _Section, gathered: PartsGatherer) -> None:
    filled = [(line, row) for line, row in zip(section.table.lines, section.table.rows, strict=True) if any(row)]
    lines, rows = [line for line, _ in filled], [row for _, row in filled]
    for line, row, at_s in dated_rows(gathered, lines, rows, [row[0] for row in rows]):
        if section.is_insulin:
            _take_insulin_row(line, section.table, row, at_s, gathered)
        else:
            _take_reading(line, section, row, at_s, gathered)


def _take_reading(line: int, section: _Section, row: list[str], at_s: int, gathered: PartsGatherer) -> None:
    unit = cells.unit_in(section.table.header[1])
    source = Source.CGM if "cgm" in section.sheet.casefold() else Source.METER
    if unit is not None:
        gathered.reading(line, at_s, cells.glucose(row[1], unit, source), source, unit)


def _take_insulin_row(line: int, table: Table, row: list[str], at_s: int, gathered: PartsGatherer) -> None:
    use = {field: row[column].strip() for field, column in _insulin_columns(table) if column is not None}
    note = use.get("notes", "")
    if use.get("basal"):
        gathered.skip("basal rates")
    if any(use.get(field) for field in _BOLUS_FIELDS[:-1]):
        _take_bolus(line, at_s, [use.get(field, "") for field in _BOLUS_FIELDS], note or None, gathered)
        gathered.offer(at_s, note)
    else:
        gathered.note(at_s, note)
    if use.get("carbs"):
        gathered.carbs_cell(line, at_s, use["carbs"])
    if not any(row[1:]):
        gathered.problem(line, "The row has a time and nothing else.")


def _insulin_columns(table: Table) -> list[tuple[str, int | None]]:
    return [(field, table.starting(start)) for field, start in _INSULIN_FIELDS.items()]


def _take_bolus(line: int, at_s: int, bolus: list[str], note: str | None, gathered: PartsGatherer) -> None:
    volume, at_once, extended, duration = bolus
    minutes = cells.span_minutes(duration)
    if cells.positive(at_once) and cells.positive(extended):
        parts = [(at_once, None), (extended, minutes)]
    else:
        parts = [(volume or at_once or extended, minutes if cells.positive(extended) else None)]
    for text, length in parts:
        gathered.dose_cell(line, at_s, text, InsulinKind.RAPID, by_pump=True, duration_min=length, note=note)
