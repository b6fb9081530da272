"""Dexcom Clarity: the CSV of its "Export", and the same table saved as XLSX.

The 14 columns (13 in files before the transmitter's id) are always in the same order and their names are translated,
so they are taken by position: 2 time stamp, 3 event, 4 subtype, 5 patient info, 7 device, 8 glucose, 9 insulin (u),
10 carbs (g), 11 duration. The unit stands in the header of column 8. Seen: a BOM, a BOM mangled into the first name,
`;` between the columns, a decimal comma in quotes, a blank for the T of the time stamp.

- A glucose value alone is a sensor reading, whatever the event is called; `Low` and `High` are below 40 and above
  400 mg/dL (2.2 and 22.2 mmol/L). A `Calibration` is a meter reading.
- Insulin is rapid or long by its subtype. Exercise has a duration. `Notes` and `Health` are notes.
- Rows without a time stamp hold the person, the device and the alert thresholds (in the glucose column!): skipped.
  Dated alert rows are skipped too.

The stamps are local to the receiver's clock; the file names no zone. Rows are sorted by that clock, so that in the
night in which clocks go back the two showings of the hour are mixed; column 13 counts the transmitter's own seconds
(empty for what is typed), column 14 names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from glucolog.core.units import Source, Unit
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.dates import place_stamps
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.insulins import kind_of
from glucolog.importers.sheets import is_workbook, peek_sheets, read_sheets
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import Table, grouped, pick, read_table, table_of

NAME = "dexcom-clarity"
LABEL = "Dexcom Clarity"

STAMP, EVENT, SUBTYPE, INFO, DEVICE, GLUCOSE, INSULIN, CARBS, DURATION = 1, 2, 3, 4, 6, 7, 8, 9, 10
TRANSMITTER_S, TRANSMITTER = 12, 13
_COLUMNS = 12, 16
_TIME_PATTERN = re.compile(r"\w\w:\w\w:\w\w\)?$")
_CALIBRATION = re.compile(r"[ck]alibr|étalon", re.IGNORECASE)
_ALERT = re.compile(r"alert|alarm|warn|avvis|waarsch|varning|advars", re.IGNORECASE)


def sniff(head: Head) -> Confidence:
    """Sure when a first row has a time's pattern in columns 2 and 11 and the unit in column 8."""
    sheets = peek_sheets(head)
    rows = sheets[0].rows if sheets else list(head.rows)
    return Confidence.SURE if any(_is_header(row) for row in rows[:5]) else Confidence.NO


def _is_header(row: list[str]) -> bool:
    if not _COLUMNS[0] <= len(row) <= _COLUMNS[1] or cells.unit_in(row[GLUCOSE]) is None:
        return False
    return all(_TIME_PATTERN.search(row[column]) for column in (STAMP, DURATION))


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file; see the module for what becomes of each kind of row."""
    table = _table(source)
    unit = cells.unit_in(table.header[GLUCOSE]) or Unit.MG_DL
    gathered = Gatherer(NAME, options)
    gathered.cut_off(table.cut_line)
    dated = table.dated(STAMP)
    gathered.skip("settings rows", len(table.rows) - len(dated.rows))
    columns = dated.columns()
    at = _placed(gathered, dated, columns)
    for kind, chosen in grouped(_kinds(columns)).items():
        lines, rows, times = pick(dated.lines, chosen), pick(dated.rows, chosen), pick(at, chosen)
        if kind is None:
            _take_others(lines, rows, times, gathered)
        else:
            _take_glucose(kind, lines, rows, times, unit, gathered)
    return gathered.imported()


def _placed(gathered: Gatherer, dated: Table, columns: list[tuple[str, ...]]) -> list[int | str]:
    """Place the rows; a transmitter counts its own seconds, in the night in which an hour comes twice as well."""
    if len(columns) <= TRANSMITTER:
        return place_stamps(gathered, dated.lines, columns[STAMP], columns[EVENT])
    sequences = list(zip(columns[EVENT], columns[TRANSMITTER], strict=True))
    return place_stamps(gathered, dated.lines, columns[STAMP], sequences, clocks=columns[TRANSMITTER_S])


def _kinds(columns: list[tuple[str, ...]]) -> Iterator[tuple[str, str] | None]:
    """Give the event and the device of each row that is a glucose value and nothing else, None for the others."""
    for event, device, glucose, insulin, carbs in zip(
        *(columns[index] for index in (EVENT, DEVICE, GLUCOSE, INSULIN, CARBS)), strict=True
    ):
        yield (event, device) if glucose and not insulin and not carbs else None


def _table(source: SourceFile) -> Table:
    if is_workbook(source.head()):
        return table_of(read_sheets(source)[0].rows, _is_header, source.name)
    return read_table(source.text(), _is_header, source.name)


def _take_glucose(
    kind: tuple[str, str],
    lines: list[int],
    rows: list[list[str]],
    at: list[int | str],
    unit: Unit,
    gathered: Gatherer,
) -> None:
    event, device = kind
    if _ALERT.match(event):
        gathered.skip("alerts", len(rows))
        return
    source = Source.METER if _CALIBRATION.search(event) else Source.CGM
    gathered.readings(lines, at, [row[GLUCOSE] for row in rows], source, unit, device)


def _take_others(lines: list[int], rows: list[list[str]], at: list[int | str], gathered: Gatherer) -> None:
    for line, row, at_s in gathered.with_a_place(lines, rows, at):
        if row[INSULIN] or row[CARBS]:
            _take_amounts(line, row, at_s, gathered)
        elif _ALERT.match(row[EVENT]):
            gathered.skip("alerts")
        elif (minutes := cells.span_minutes(row[DURATION])) is not None:
            gathered.activity(at_s, row[EVENT].strip() or "exercise", minutes, cells.intensity(row[SUBTYPE]))
        elif text := _words(row):
            gathered.note(at_s, text)
        else:
            gathered.problem(line, "The row has a date and nothing else.")


def _take_amounts(line: int, row: list[str], at_s: int, gathered: Gatherer) -> None:
    if row[INSULIN]:
        gathered.dose_cell(line, at_s, row[INSULIN], kind_of(row[SUBTYPE]))
    if row[CARBS]:
        gathered.carbs_cell(line, at_s, row[CARBS])
    if row[GLUCOSE]:
        gathered.remark(line, "The glucose typed beside the insulin or carbs was left out.")


def _words(row: list[str]) -> str:
    said = ": ".join(dict.fromkeys(part for part in (row[SUBTYPE].strip(), row[INFO].strip()) if part))
    return said if not row[EVENT].strip() or said else row[EVENT].strip()
