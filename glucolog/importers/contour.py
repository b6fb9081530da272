"""Contour (Ascensia) app: the CSV of "Share report", also saved again by Excel.

Ten columns in a fixed order: `#`, date and time, `BGValue[mmol/L]` (newer and German: `Readings [mg/dL]`), meal mark,
data source, notes, activity, `Meal[g]` or `Meal[BE]` (12 g), medication, location. UTF-8 with BOM.

- Glucose → meter, measured or typed in by hand; a row may have none.
- Medication holds one or several doses, `Fast-acting Insulin (Bolus): 2 U,Long-acting Insulin (Basal): 17 U`:
  rapid, long, and unknown for medium-acting. What is no insulin becomes a note.
- Activity → activity, with the minutes it names. Notes → note. Meal marks are skipped; a row with nothing else counts
  as skipped.
"""

from __future__ import annotations

import re

from glucolog.core.units import Source, Unit
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.dates import dated_rows
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.insulins import kind_of, named
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import Table, read_table

NAME = "contour"
LABEL = "Contour"

NUMBER, STAMP, GLUCOSE, MARK, ORIGIN, NOTES, ACTIVITY, CARBS, MEDICATION, PLACE = range(10)
_DOSE = re.compile(
    r"\s*(?P<name>[^:;]{1,80}?)\s*:\s*(?P<units>[0-9]{1,4}(?:[.,][0-9]{1,3})?)\s*(?:U|IU|IE|I\.E\.|UI|E|j|ED|units?|Einheit(?:en)?|unités?|unidad(?:es)?|unità|eenhe(?:id|den))\b\.?[,;]?"
)
_MINUTES = re.compile(r"([0-9]{1,4})\s*(?:min|m\b|$)", re.IGNORECASE)


def sniff(head: Head) -> Confidence:
    """Sure when a first row starts with `#` and names a unit in column 3."""
    return Confidence.SURE if any(_is_header(row) for row in head.rows[:5]) else Confidence.NO


def _is_header(row: list[str]) -> bool:
    return len(row) > MEDICATION and row[NUMBER] == "#" and cells.unit_in(row[GLUCOSE]) is not None


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file; see the module for what becomes of each column."""
    table = read_table(source.text(), _is_header, source.name)
    gathered = Gatherer(NAME, options)
    gathered.cut_off(table.cut_line)
    stamps = [row[STAMP] for row in table.rows]
    for line, row, at_s in dated_rows(gathered, table.lines, table.rows, stamps):
        _take(line, row, at_s, table, gathered)
    return gathered.imported()


def _take(line: int, row: list[str], at_s: int, table: Table, gathered: Gatherer) -> None:
    if row[GLUCOSE].strip():
        unit = cells.unit_in(table.header[GLUCOSE]) or Unit.MG_DL
        gathered.reading(line, at_s, cells.glucose(row[GLUCOSE], unit, Source.METER), Source.METER, unit, LABEL)
    if row[CARBS].strip():
        gathered.carbs_cell(line, at_s, row[CARBS], cells.grams_per(table.header[CARBS]))
    _take_medication(line, row[MEDICATION], at_s, gathered)
    if activity := row[ACTIVITY].strip():
        found = _MINUTES.search(activity)
        minutes = cells.positive(found[1]) if found else None
        gathered.activity(at_s, activity, minutes, cells.intensity(re.sub(r"[0-9]", "", activity)))
    gathered.note(at_s, row[NOTES])
    if not any(row[column].strip() for column in (GLUCOSE, NOTES, ACTIVITY, CARBS, MEDICATION)):
        gathered.skip("rows without a value")


def _take_medication(line: int, text: str, at_s: int, gathered: Gatherer) -> None:
    end = 0
    for dose in _DOSE.finditer(text):
        name = dose["name"].strip(" ,")
        gathered.dose_cell(line, at_s, dose["units"], kind_of(name), name=named(name))
        gathered.note(at_s, text[end : dose.start()].strip(" ,;"))
        end = dose.end()
    gathered.note(at_s, text[end:].strip(" ,;"))
