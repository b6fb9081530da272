"""OneTouch Reveal: the CSV that the app and the web site export.

Columns by name: `Item Type`, `Date and Time`, `Value`, `Unit`, `Manual`, `Additional Notes`, and others that are not
looked at. The kind stands in every row: `Blood Glucose` or `Blood Sugar Reading` is a meter reading in the unit of its
row, `Insulin` (rapid or long in the type or the note), `Carbs` in grams, `Activity` in minutes.

The time is written `01/15/19, 7:05 AM`, `Aug 1, 2026, 9:04 PM` or `Aug 1, 2026 at 8:41 PM`; AM and PM mean month
first. A note that is only a meal tag (`Before Meal`, `Fasting` …) is left out; other notes are kept.
Local stamps without a zone, newest first.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from glucolog.core.units import Source
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Gatherer, Imported, Options
from glucolog.importers.dates import dated_rows
from glucolog.importers.insulins import kind_of, named
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import Table, decode, read_table

NAME = "onetouch"
LABEL = "OneTouch Reveal"

_TYPE, _STAMP = "item type", "date and time"
_GLUCOSE = re.compile(r"glucose|blood sugar|\bbg\b|reading", re.IGNORECASE)
_CARBS = re.compile(r"carb|food|meal", re.IGNORECASE)
_ACTIVITY = re.compile(r"activity|exercise|workout", re.IGNORECASE)
_MEAL_TAG = re.compile(
    r"(?:before|after|pre|post)?[- ]?(?:meal|breakfast|lunch|dinner|snack)|fasting|bedtime|no tag|none|other|",
    re.IGNORECASE,
)


class _Item(NamedTuple):
    kind: str
    value: str
    unit: str
    note: str


def sniff(head: Head) -> Confidence:
    """Sure when a first row names the item's type and its date and time."""
    return Confidence.SURE if any(_is_header(row) for row in head.rows[:20]) else Confidence.NO


def _is_header(row: list[str]) -> bool:
    return {_TYPE, _STAMP, "value"} <= {cell.casefold() for cell in row}


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file; an item of a kind that isn't known is a problem."""
    table = read_table(decode(source.data(), source.name), _is_header, source.name)
    gathered = Gatherer(NAME, options)
    gathered.cut_off(table.cut_line)
    stamps = _cells(table, _STAMP)
    columns = (
        _cells(table, *names) for names in ((_TYPE,), ("value",), ("unit", "units"), ("additional notes", "notes"))
    )
    items = [_Item(*(cell.strip() for cell in item)) for item in zip(*columns, strict=True)]
    for line, item, at_s in dated_rows(gathered, table.lines, items, stamps, [item.kind for item in items]):
        _take(line, item, at_s, gathered)
    return gathered.imported()


def _cells(table: Table, *names: str) -> list[str]:
    column = table.find(*names)
    return [""] * len(table.rows) if column is None else [row[column] for row in table.rows]


def _take(line: int, item: _Item, at_s: int, gathered: Gatherer) -> None:
    note = "" if _MEAL_TAG.fullmatch(item.note) else item.note
    if re.search("insulin", item.kind, re.IGNORECASE):
        words = f"{item.kind} {item.note}"
        gathered.dose_cell(line, at_s, item.value, kind_of(words), name=named(item.note), note=note or None)
        gathered.offer(at_s, note)
    elif _GLUCOSE.search(item.kind):
        _take_glucose(line, item, at_s, gathered)
        gathered.note(at_s, note)
    elif _CARBS.search(item.kind):
        gathered.carbs_cell(line, at_s, item.value, cells.grams_per(item.unit), note=note or None)
        gathered.offer(at_s, note)
    else:
        _take_event(line, item, at_s, note, gathered)


def _take_event(line: int, item: _Item, at_s: int, note: str, gathered: Gatherer) -> None:
    if _ACTIVITY.search(item.kind):
        gathered.activity(at_s, item.kind, cells.span_minutes(item.value), cells.intensity(item.note), note)
    elif re.search("note|comment", item.kind, re.IGNORECASE):
        gathered.note(at_s, f"{item.value} {note}")
    else:
        gathered.problem(line, f"“{cells.shown(item.kind)}” is a kind of item that isn't known.")


def _take_glucose(line: int, item: _Item, at_s: int, gathered: Gatherer) -> None:
    unit = cells.unit_in(item.unit) or gathered.options.unit
    if unit is None:
        gathered.problem(line, "The reading has no unit.")
    else:
        gathered.reading(line, at_s, cells.glucose(item.value, unit, Source.METER), Source.METER, unit)
