"""OneTouch Reveal: the CSV that the app and the web site export.

The first three columns are the kind, the time and the value: `Item Type`, `Date and Time`, `Value`; after them, in an
order that changed over the years, come the unit, `Manual`, `Additional Value` or `Additional Notes`, `Notes` and more.
The kind stands in every row: `Blood Glucose` or `Blood Sugar Reading` is a meter reading in the unit of its row,
`Insulin` (rapid or long in the kind or a word beside it), `Carbs` in grams, `Activity` in minutes.

Where the app speaks another language the names and the kinds are translated, and what a row is stands in its unit:
mg/dL or mmol/L, units of insulin, grams or exchanges, minutes. Such a file is known by its first rows alone, so a
remark says what it was taken for, and any format that is surer of it comes first.

The time is written `01/15/19, 7:05 AM`, `Aug 1, 2026, 9:04 PM`, `Aug 1, 2026 at 8:41 PM` or `15.01.2019, 07:05`; AM and
PM mean month first. A note that is only a meal tag (`Before Meal`, `Fasting` …) is left out; other notes are kept.
Local stamps without a zone, newest first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from glucolog.core.units import Source
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.dates import dated_rows
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.insulins import kind_of, named
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.stamps import day_parts, split_stamp
from glucolog.importers.text import Table, read_table, split_rows

NAME = "onetouch"
LABEL = "OneTouch Reveal"

KIND, STAMP, VALUE = 0, 1, 2
_NAMES = "item type", "date and time", "value"
_LOOKED_AT = 20
_GLUCOSE = re.compile(r"glucose|blood sugar|\bbg\b|reading", re.IGNORECASE)
_INSULIN = re.compile(r"insulin", re.IGNORECASE)
_CARBS = re.compile(r"carb|food|meal", re.IGNORECASE)
_ACTIVITY = re.compile(r"activity|exercise|workout", re.IGNORECASE)
_WORDS = re.compile(r"note|comment", re.IGNORECASE)
_NOTES = re.compile(r"not[ei]|bemerk|kommentar|comment|observa|opmerk|uwagi", re.IGNORECASE)
_INSULIN_UNIT = re.compile(
    r"u|ui|iu|ie|e|j|units?|einheit(en)?|unit[éaà]s?|unidad(es)?|eenheden|enheter|ед", re.IGNORECASE
)
_CARBS_UNIT = re.compile(r"g|gr|gram\w*|be|ke|khe", re.IGNORECASE)
_MINUTES = re.compile(r"min\w*", re.IGNORECASE)
_MEAL_TAG = re.compile(
    r"(?:before|after|pre|post)?[- ]?(?:meal|breakfast|lunch|dinner|snack)|fasting|bedtime|no tag|none|other|",
    re.IGNORECASE,
)


class _Item(NamedTuple):
    """A row: `beside` are the words in all its other columns, such as how an insulin acts."""

    kind: str
    value: str
    unit: str
    beside: str
    note: str


def sniff(head: Head) -> Confidence:
    """Sure by the English names; maybe where a kind, a whole time, a number and a unit stand in the first rows."""
    if any(_is_named(row) for row in head.rows[:_LOOKED_AT]):
        return Confidence.SURE
    return Confidence.MAYBE if _translated_header(head.rows) else Confidence.NO


def _is_named(row: list[str]) -> bool:
    return set(_NAMES) <= {cell.casefold() for cell in row}


def _translated_header(rows: Sequence[list[str]]) -> list[str] | None:
    """Return a header of translated names: one that stands over a row of a reading."""
    for header, first in pairwise(rows[:_LOOKED_AT]):
        if len(header) > VALUE + 1 and all(header[: VALUE + 1]) and _is_reading(first) and not _is_reading(header):
            return header
    return None


def _is_reading(row: list[str]) -> bool:
    if len(row) <= VALUE + 1 or not row[KIND] or re.search("[0-9]", row[KIND]):
        return False
    day, clock = split_stamp(row[STAMP])
    with_unit = any(cells.is_unit(cell) for cell in row[VALUE + 1 :])
    return bool(clock) and day_parts(day) is not None and cells.number(row[VALUE]) is not None and with_unit


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file; an item of a kind that isn't known is a problem."""
    text = source.text()
    translated = _translated_header(split_rows(text.split("\n", _LOOKED_AT)[:_LOOKED_AT]))
    table = read_table(text, lambda row: _is_named(row) or row == translated, source.name)
    gathered = Gatherer(NAME, options)
    gathered.cut_off(table.cut_line)
    if not _is_named(table.header):
        gathered.remark(None, f"The columns are not named in English; by their contents they were taken for {LABEL}'s.")
    stamp = _column(table, STAMP)
    items, stamps = _items(table, stamp), [row[stamp] for row in table.rows]
    for line, item, at_s in dated_rows(gathered, table.lines, items, stamps, [item.kind for item in items]):
        _take(line, item, at_s, gathered)
    return gathered.imported()


def _column(table: Table, place: int) -> int:
    found = table.find(_NAMES[place])
    return place if found is None else found


def _items(table: Table, stamp: int) -> list[_Item]:
    kind, value, unit = _column(table, KIND), _column(table, VALUE), _unit_column(table)
    others = [index for index in range(len(table.header)) if index not in {kind, stamp, value, unit}]
    notes = [index for index in others if _NOTES.search(table.header[index])]
    return [
        _Item(
            row[kind].strip(),
            row[value].strip(),
            "" if unit is None else row[unit].strip(),
            _joined(row, others),
            _joined(row, notes),
        )
        for row in table.rows
    ]


def _joined(row: list[str], columns: Sequence[int]) -> str:
    return " ".join(text for index in columns if (text := row[index].strip()))


def _unit_column(table: Table) -> int | None:
    named_so = table.find("unit", "units")
    if named_so is not None:
        return named_so
    columns = table.columns()
    return next((i for i in range(VALUE + 1, len(columns)) if any(map(cells.is_unit, columns[i]))), None)


def _take(line: int, item: _Item, at_s: int, gathered: Gatherer) -> None:
    note = "" if _MEAL_TAG.fullmatch(item.note) else item.note
    if _is(_INSULIN, item, _INSULIN_UNIT):
        words = f"{item.kind} {item.beside}"
        gathered.dose_cell(line, at_s, item.value, kind_of(words), name=named(item.note), note=note or None)
        gathered.offer(at_s, note)
    elif cells.is_unit(item.unit) or _GLUCOSE.search(item.kind):
        _take_glucose(line, item, at_s, gathered)
        gathered.note(at_s, note)
    elif _is(_CARBS, item, _CARBS_UNIT):
        gathered.carbs_cell(line, at_s, item.value, cells.grams_per(item.unit), note=note or None)
        gathered.offer(at_s, note)
    elif _is(_ACTIVITY, item, _MINUTES):
        gathered.activity(at_s, item.kind, cells.span_minutes(item.value), cells.intensity(item.beside), note)
    elif _WORDS.search(item.kind):
        gathered.note(at_s, f"{item.value} {note}")
    else:
        gathered.problem(line, f"“{cells.shown(item.kind)}” is a kind of item that isn't known.")


def _is(kind: re.Pattern[str], item: _Item, unit: re.Pattern[str]) -> bool:
    return kind.search(item.kind) is not None or unit.fullmatch(item.unit) is not None


def _take_glucose(line: int, item: _Item, at_s: int, gathered: Gatherer) -> None:
    unit = cells.unit_in(item.unit) or gathered.options.unit
    if unit is None:
        gathered.problem(line, "The reading has no unit.")
    else:
        gathered.reading(line, at_s, cells.glucose(item.value, unit, Source.METER), Source.METER, unit)
