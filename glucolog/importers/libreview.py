"""LibreView (FreeStyle Libre, Libre 2, 3 and Pro): the CSV of "Download glucose data", and the older exports.

One or two title lines, then the header. Its names are translated (some with commas in quotes), its order is fixed: the
columns are found around the two glucose columns that stand side by side. So the exports of the older PC software (with
an id before the time, without the servings) and the one with `Grams of Carbs per Serving` are read by the same rule.

Record types: 0 historic sensor, 1 scan, 2 strip (meter), 3 ketones, 4 insulin (rapid and long told apart only by
column), 5 food, 6 note.

- No LO or HI: the reader clamps to 40 (2.2) and 400 to 500 mg/dL; clamped values are kept as they are.
- Type 4 without rapid and long takes the sum of meal, correction and user change as rapid.
- Servings become grams only where the file says how many grams one has; otherwise the row is a problem.
- Skipped: ketones; reader events without a text; food and insulin logged without an amount (the "non-numeric" marks).

Dates are DD-MM-YYYY, in the United States MM-DD-YYYY with AM/PM; the title's date helps to tell. The file is ordered by
type within device, so each of these is its own sequence on the nights that the clocks change.
"""

from __future__ import annotations

from typing import NamedTuple

from glucolog.core.records import InsulinKind
from glucolog.core.units import Source, Unit
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.dates import place_stamps
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import Table, grouped, pick, read_table

NAME = "libreview"
LABEL = "LibreView"

KETONES, INSULIN, FOOD, NOTE = "3", "4", "5", "6"
_FIRST_GLUCOSE = 2, 3, 4
_COLUMNS_AFTER = 9


class Layout(NamedTuple):
    """Where the columns of one export stand."""

    kind: int
    rapid: int
    rapid_mark: int
    grams: int
    food_mark: int
    servings: tuple[int, ...]
    long: int
    long_mark: int
    note: int
    parts: tuple[int, ...]
    glucose: dict[str, int]
    units: dict[str, Unit]

    @property
    def stamp(self) -> int:
        """The column of the time, always just before the record type."""
        return self.kind - 1


def sniff(head: Head) -> Confidence:
    """Sure when one of the first rows has two glucose columns side by side behind time and record type."""
    return Confidence.SURE if any(_glucose_column(row) is not None for row in head.rows[:6]) else Confidence.NO


def _is_header(row: list[str]) -> bool:
    return _glucose_column(row) is not None


def _glucose_column(row: list[str]) -> int | None:
    for index in _FIRST_GLUCOSE:
        pair = row[index : index + 2]
        if len(row) > index + _COLUMNS_AFTER and len(pair) == 2 and all(cells.unit_in(cell) for cell in pair):
            return index
    return None


def _layout(header: list[str]) -> Layout:
    first = _glucose_column(header) or 0
    strips = [index for index in range(first + 2, len(header)) if cells.unit_in(header[index])]
    strip = strips[0] if strips and strips[0] >= first + 8 else len(header) - 1
    glucose = {"0": first, "1": first + 1, "2": strip}
    return Layout(
        kind=first - 1,
        rapid_mark=first + 2,
        rapid=first + 3,
        food_mark=first + 4,
        grams=first + 5,
        servings=tuple(range(first + 6, strip - 3)),
        long_mark=strip - 3,
        long=strip - 2,
        note=strip - 1,
        parts=tuple(index for index in range(strip + 2, strip + 5) if index < len(header)),
        glucose=glucose,
        units={kind: cells.unit_in(header[index]) or Unit.MG_DL for kind, index in glucose.items()},
    )


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file; see the module for what becomes of each type of row."""
    table = read_table(source.text(), _is_header, source.name)
    layout, gathered = _layout(table.header), Gatherer(NAME, options)
    gathered.cut_off(table.cut_line)
    columns = table.columns()
    kinds = [cell.strip() for cell in columns[layout.kind]]
    devices = list(columns[0]) if layout.stamp >= 2 else [""] * len(kinds)
    sequences = list(zip(columns[max(layout.stamp - 1, 0)] if layout.stamp >= 2 else devices, kinds, strict=True))
    titles = table.preamble[0] if table.preamble else []
    at = place_stamps(gathered, table.lines, columns[layout.stamp], sequences, titles)
    for (kind, device), chosen in grouped(zip(kinds, devices, strict=True)).items():
        lines, rows, times = pick(table.lines, chosen), pick(table.rows, chosen), pick(at, chosen)
        if kind in layout.glucose:
            texts = [row[layout.glucose[kind]] for row in rows]
            origin = Source.METER if kind == "2" else Source.CGM
            gathered.readings(lines, times, texts, origin, layout.units[kind], device)
        else:
            _take_others(kind, lines, rows, times, layout, table, gathered)
    return gathered.imported()


def _take_others(
    kind: str,
    lines: list[int],
    rows: list[list[str]],
    at: list[int | str],
    layout: Layout,
    table: Table,
    gathered: Gatherer,
) -> None:
    for line, row, at_s in gathered.with_a_place(lines, rows, at):
        if kind == KETONES:
            gathered.skip("ketones")
        elif kind == INSULIN:
            _take_insulin(line, row, at_s, layout, gathered)
        elif kind == FOOD:
            _take_food(line, row, at_s, layout, table, gathered)
        elif kind != NOTE:
            gathered.problem(line, f"“{cells.shown(kind)}” is not a record type of LibreView.")
            continue
        elif not row[layout.note].strip():
            gathered.skip("reader events without a text")
        gathered.note(at_s, row[layout.note])


def _take_insulin(line: int, row: list[str], at_s: int, layout: Layout, gathered: Gatherer) -> None:
    doses = [(row[layout.rapid], InsulinKind.RAPID), (row[layout.long], InsulinKind.LONG)]
    given = [(text, kind) for text, kind in doses if text.strip()]
    parts = [value for index in layout.parts if (value := cells.positive(row[index])) is not None]
    if not given and parts:
        given = [(f"{sum(parts):g}", InsulinKind.RAPID)]
    for text, kind in given:
        gathered.dose_cell(line, at_s, text, kind)
    if given:
        return
    if row[layout.rapid_mark].strip() or row[layout.long_mark].strip():
        gathered.skip("insulin without an amount")
    else:
        gathered.problem(line, "The insulin row has no amount.")


def _take_food(line: int, row: list[str], at_s: int, layout: Layout, table: Table, gathered: Gatherer) -> None:
    if row[layout.grams].strip():
        gathered.carbs_cell(line, at_s, row[layout.grams])
        return
    servings = [value for index in layout.servings if (value := cells.positive(row[index])) is not None]
    if len(servings) == 2:
        gathered.carbs_cell(line, at_s, f"{servings[0] * servings[1]:.6g}")
    elif servings:
        said = table.header[layout.servings[0]]
        gathered.problem(line, f"{servings[0]:g} in “{cells.shown(said)}” without the grams of one.")
    else:
        gathered.skip("food without an amount")
