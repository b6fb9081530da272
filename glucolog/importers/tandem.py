"""Tandem t:connect and its successor Tandem Source: the CSV "Therapy Timeline Data Export".

A preamble with the person's name, then sections, each with a header of its own and told apart by it
(jwoglom/tconnectsync, `api/ws2.py`):

- `DeviceType,SerialNumber,Description,EventDateTime,Readings (CGM / BGM)` (also `Readings (mg/dL)`, or `BG (mg/dL)`
  with `Note`): `EGV` is a sensor reading, anything else a meter's. Rows end in a comma, one cell more than names. A
  header without a unit is mg/dL, as in the United States; `Options.unit` goes before that.
- `Type,Description,BG,…,InsulinDelivered,…`: a bolus at its `EventDateTime`; Tandem Source has `Type,BolusType,…` and
  the `CompletionDateTime` alone, minutes later. `InsulinDelivered` is what was given at once, `BolexInsulinDelivered`
  what was given over `Duration` minutes; `CarbSize` is grams. In the older export one cell without a name follows
  `IsQuickBolus`, so the columns after it are shifted by one. `BG` is what the calculator was given (often the sensor's
  value), no reading of its own.
- Insulin on board, basal rates, alarms and other sections are skipped and counted by their type.
Local stamps of the pump without a zone.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from glucolog.core.records import InsulinKind
from glucolog.core.units import Source, Unit
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.dates import dated_rows
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import bare, parse_rows

NAME = "tandem"
LABEL = "Tandem t:connect"

_STAMPS = "EventDateTime", "CompletionDateTime"
_SHIFT_AFTER = "IsQuickBolus"


class _Row(NamedTuple):
    """A row under the header of its section, by the header's names."""

    section: str
    cells: dict[str, str]
    unit: Unit | None

    def get(self, name: str) -> str:
        """Return the cell under a name, which may be followed by its unit in brackets."""
        found = self.cells.get(name)
        if found is None:
            found = next((cell for key, cell in self.cells.items() if key.startswith(f"{name} (")), "")
        return found.strip()


def sniff(head: Head) -> Confidence:
    """Sure when the export names itself or a first row is the header of a section."""
    named = any(line.startswith("t:connect ") for line in head.lines[:5])
    return Confidence.SURE if any(_is_header(row) for row in head.rows) or named else Confidence.NO


def _is_header(row: list[str]) -> bool:
    return not set(_STAMPS).isdisjoint(row) and row[0] in {"DeviceType", "Type"}


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file; rows before the first header are the preamble."""
    text = source.text()
    parsed, numbers = parse_rows(text, ",", 1, source.name)
    gathered = Gatherer(NAME, options)
    lines, rows = _sectioned(list(zip(numbers, parsed, strict=True)))
    stamps = [next(filter(None, map(row.get, _STAMPS)), "") for row in rows]
    sections = [row.section for row in rows]
    for line, row, at_s in dated_rows(gathered, lines, rows, stamps, sections):
        _take(line, row, at_s, gathered)
    return gathered.imported()


def _sectioned(numbered: list[tuple[int, list[str]]]) -> tuple[list[int], list[_Row]]:
    header: list[str] = []
    lines: list[int] = []
    rows: list[_Row] = []
    for line, row in numbered:
        names = [bare(cell) for cell in row]
        if _is_header(names or [""]):
            header = names
        elif header and any(names):
            lines.append(line)
            rows.append(_row(header, row))
    return lines, rows


def _row(header: list[str], row: list[str]) -> _Row:
    at = header.index(_SHIFT_AFTER) + 1 if _SHIFT_AFTER in header else len(row)
    shifted = row[:at] + row[at + 1 :] if len(row) > len(header) else row
    unit = next((unit for name in header if (unit := cells.unit_in(name))), None)
    by_name = dict(zip(header, shifted, strict=False))
    section = by_name.get("Type", "") if header[0] == "Type" else "reading"
    return _Row(section.strip() or "other", by_name, unit)


def _take(line: int, row: _Row, at_s: int, gathered: Gatherer) -> None:
    if row.section == "reading":
        _take_reading(line, row, at_s, gathered)
    elif "InsulinDelivered" in row.cells:
        _take_bolus(line, row, at_s, gathered)
    else:
        gathered.skip(cells.shown(row.section))
    gathered.note(at_s, row.get("Note"))


def _take_reading(line: int, row: _Row, at_s: int, gathered: Gatherer) -> None:
    source = Source.CGM if re.search("egv|cgm", row.get("Description"), re.IGNORECASE) else Source.METER
    unit = row.unit or gathered.options.unit or Unit.MG_DL
    text = row.get("Readings") or row.get("BG")
    gathered.reading(line, at_s, cells.glucose(text, unit, source), source, unit, row.get("DeviceType") or None)


def _take_bolus(line: int, row: _Row, at_s: int, gathered: Gatherer) -> None:
    extended = cells.positive(row.get("BolexInsulinDelivered"))
    if at_once := row.get("InsulinDelivered"):
        gathered.dose_cell(line, at_s, at_once, InsulinKind.RAPID, by_pump=True)
    if extended is not None:
        minutes = cells.positive(row.get("Duration"))
        text = row.get("BolexInsulinDelivered")
        gathered.dose_cell(line, at_s, text, InsulinKind.RAPID, by_pump=True, duration_min=minutes)
    if not at_once and extended is None:
        gathered.skip("boluses not delivered")
    if row.get("CarbSize") and cells.number(row.get("CarbSize")) != 0:
        gathered.carbs_cell(line, at_s, row.get("CarbSize"))
