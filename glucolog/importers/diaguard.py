"""Diaguard: the CSV of the app's backup.

Semicolons, every cell in quotes, the kind of the line first (Faltenreich/Diaguard, `CsvExport.java`,
`CsvImport.java`): `"meta";version`, `"tag";name`, `"food";name;brand;ingredients;carbs per 100 g`, then
`"entry";YYYY-MM-DD HH:MM:SS;note`, and under each entry its `"measurement";category;values…`, `"foodEaten";name;grams`
and `"entryTag";name`. Before version 2 a measurement had its value before its category.

- `bloodsugar` is a meter reading, always in mg/dL. `insulin` is bolus, correction, basal: the first two are one
  injection and one dose; a component of 0.0 is none. `meal` is grams of carbs, to which the food eaten under it adds.
  `activity` is minutes.
- The note and the tags of an entry go with its activity, else they are a note.
- Other categories (weight, pulse, pressure, HbA1c, oxygen saturation) are skipped and counted by name.
Local stamps without a zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from glucolog.core.records import InsulinKind
from glucolog.core.units import Source, Unit
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.dates import dated_rows
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import padded, parse_rows

NAME = "diaguard"
LABEL = "Diaguard"

CATEGORIES = frozenset(
    {"bloodsugar", "insulin", "meal", "activity", "hba1c", "weight", "pulse", "pressure", "oxygensaturation"}
)
_COMPONENTS = 3
_CELLS = 5

_Line = tuple[int, list[str]]


@dataclass(slots=True)
class _Entry:
    line: int
    stamp: str
    note: str
    lines: list[_Line] = field(default_factory=list)


def sniff(head: Head) -> Confidence:
    """Sure when it begins with the version, or with an entry and a measurement under it."""
    kinds = [row[0] for row in head.rows[:20] if row]
    if kinds[:1] == ["meta"] and len(head.rows[0]) == 2:
        return Confidence.SURE
    return Confidence.SURE if kinds[:1] == ["entry"] and "measurement" in kinds else Confidence.NO


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file; what stands under an entry without a time is a problem line by line."""
    text = source.text()
    rows, lines = parse_rows(text, ";", 1, source.name)
    gathered = Gatherer(NAME, options)
    entries, carbs_per_100_g = _entries(list(zip(lines, padded(rows, _CELLS), strict=True)), gathered)
    numbers, stamps = [entry.line for entry in entries], [entry.stamp for entry in entries]
    placed = set()
    for line, entry, at_s in dated_rows(gathered, numbers, entries, stamps):
        placed.add(line)
        _take(entry, at_s, carbs_per_100_g, gathered)
    for entry in entries:
        if entry.line not in placed:
            _reject(entry.lines, "Its entry has no time.", gathered)
    return gathered.imported()


def _entries(lines: list[_Line], gathered: Gatherer) -> tuple[list[_Entry], dict[str, float]]:
    entries: list[_Entry] = []
    foods: dict[str, float] = {}
    for line, row in lines:
        kind = row[0].strip().casefold()
        if kind == "entry":
            entries.append(_Entry(line, row[1], row[2]))
        elif kind in {"measurement", "foodeaten", "entrytag"} and entries:
            entries[-1].lines.append((line, row))
        elif kind == "food":
            foods[row[1]] = cells.positive(row[4]) or 0.0
        elif kind in {"meta", "tag", ""}:
            continue
        else:
            gathered.problem(line, f"“{cells.shown(row[0])}” is no kind of line that is known here.")
    return entries, foods


def _reject(lines: list[_Line], reason: str, gathered: Gatherer) -> None:
    for line, _ in lines:
        gathered.problem(line, reason)


def _take(entry: _Entry, at_s: int, foods: dict[str, float], gathered: Gatherer) -> None:
    words = _words(entry)
    measured = [(line, *_category(row)) for line, row in entry.lines if row[0].casefold() == "measurement"]
    for line, category, values in measured:
        if category == "activity":
            gathered.activity(at_s, "exercise", cells.positive(values[0]), None, words)
        else:
            _take_measurement(line, category, values, at_s, gathered)
    _take_carbs(entry, at_s, foods, gathered)
    if all(category != "activity" for _, category, _ in measured):
        gathered.note(at_s, words)


def _words(entry: _Entry) -> str:
    tags = [row[1].strip() for _, row in entry.lines if row[0].casefold() == "entrytag" and row[1].strip()]
    return "; ".join(part for part in (entry.note.strip(), ", ".join(tags)) if part)


def _category(row: list[str]) -> tuple[str, list[str]]:
    first, second = (cell.strip().casefold().replace("_", "") for cell in row[1:3])
    if first not in CATEGORIES and second in CATEGORIES:
        return second, [row[1]]
    return first, row[2:]


def _take_measurement(line: int, category: str, values: list[str], at_s: int, gathered: Gatherer) -> None:
    if category == "bloodsugar":
        amount = cells.glucose(values[0], Unit.MG_DL, Source.METER)
        gathered.reading(line, at_s, amount, Source.METER, Unit.MG_DL)
    elif category == "insulin":
        _take_insulin(line, values, at_s, gathered)
    elif category in CATEGORIES - {"meal", "activity"}:
        gathered.skip(category)
    elif category != "meal":
        gathered.problem(line, f"“{cells.shown(category)}” is a category that isn't known.")


def _take_insulin(line: int, values: list[str], at_s: int, gathered: Gatherer) -> None:
    given = [text.strip() or "0" for text in values[:_COMPONENTS]]
    units = [cells.number(text) for text in given]
    if None in units:
        unread = given[units.index(None)]
        gathered.problem(line, f"“{cells.shown(unread)}” is not an amount of insulin.")
        return
    bolus, correction, basal = (*(number or 0.0 for number in units), *[0.0] * (_COMPONENTS - len(units)))
    parts = [(bolus + correction, InsulinKind.RAPID), (basal, InsulinKind.LONG)]
    for total, kind in parts:
        if total:
            gathered.dose_cell(line, at_s, f"{total:.4f}", kind)
    if not any(total for total, _ in parts):
        gathered.skip("doses of zero")


def _take_carbs(entry: _Entry, at_s: int, foods: dict[str, float], gathered: Gatherer) -> None:
    """Each meal with the food that stands under it."""
    meals: list[tuple[int, list[float], list[str]]] = []
    for line, row in entry.lines:
        category, values = _category(row)
        if row[0].casefold() == "measurement":
            if category == "meal":
                meals.append((line, [_grams(line, values[0], gathered)], []))
        elif row[0].casefold() == "foodeaten" and meals:
            meals[-1][1].append(foods.get(row[1], 0.0) * (cells.positive(row[2]) or 0.0) / 100)
            meals[-1][2].append(row[1])
    for line, grams, names in meals:
        gathered.carbs_cell(line, at_s, f"{sum(grams):.6f}", note=", ".join(names) or None)


def _grams(line: int, text: str, gathered: Gatherer) -> float:
    grams = cells.number(text)
    if grams is None:
        gathered.problem(line, f"“{cells.shown(text)}” is not an amount of carbs.")
    return grams or 0.0
