"""glucolog's own JSON export (`export json`), as `core.exchange` describes it: whole records with their ids.

An item that is no such record, or lies outside what a device or a meal can give, is a problem with its list and place
(1 for the first); the same id twice counts once. Nothing is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any

from glucolog.core.codec import from_plain
from glucolog.core.exchange import LISTS, MARK, MARK_KEY, VERSION, VERSION_KEY
from glucolog.core.moments import Moment
from glucolog.core.records import Carbs, Dose, Record, Session
from glucolog.core.units import Glucose
from glucolog.errors import GlucologError, RefusedError
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options, Problem
from glucolog.importers.dates import instant
from glucolog.importers.documents import load_json
from glucolog.importers.gatherer import MAX_GRAMS, MAX_UNITS, Gatherer
from glucolog.importers.source import Head, SourceFile

NAME = "glucolog"
LABEL = "glucolog's own export"

_YEARS = range(1900, 2101)
_PLAIN = frozenset({str, int, float, bool, type(None)})
_MARKED = re.compile(rf'\{{.{{0,2000}}?"{MARK_KEY}"\s*:\s*"{MARK}"', re.DOTALL)


def sniff(head: Head) -> Confidence:
    """Sure by the file's own mark."""
    return Confidence.SURE if _MARKED.match(head.text.lstrip()) else Confidence.NO


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file. Raises `RefusedError` for another kind of JSON and for a version newer than this program."""
    document = load_json(source.text(), source.name)
    if not isinstance(document, dict) or document.get(MARK_KEY) != MARK:
        raise RefusedError(f"{source.name} is not an export of glucolog.", "Choose a file that `export json` wrote.")
    version = document.get(VERSION_KEY)
    if not isinstance(version, int) or not 1 <= version <= VERSION:
        raise RefusedError(f"{source.name} was written by another version of glucolog.", "Update glucolog.")
    gathered = Gatherer(NAME, options)
    records = {record.id: record for record in _records(document, gathered)}
    return gathered.imported(tuple(records.values()))


def _records(document: dict[str, object], gathered: Gatherer) -> Iterator[Record]:
    seen: set[str] = set()
    for name, kind in LISTS.items():
        items = document.get(name, [])
        if not isinstance(items, list):
            raise RefusedError(f"“{name}” is not a list.", "Export the log again.")
        for number, item in enumerate(items, start=1):
            record = _record(name, kind, number, item, gathered)
            if record is not None and record.id in seen:
                gathered.skip("repeated records")
            elif record is not None:
                seen.add(record.id)
                yield record
    unknown = document.keys() - LISTS.keys() - {MARK_KEY, VERSION_KEY}
    for name in sorted(key for key in unknown if isinstance(document[key], list)):
        gathered.problems.append(Problem(None, f"“{cells.shown(name)}” is no list that glucolog knows."))


def _record(name: str, kind: str, number: int, item: object, gathered: Gatherer) -> Record | None:
    if not isinstance(item, dict):
        gathered.problem(number, f"{name}: the item is not an object.")
        return None
    try:
        record = from_plain(kind, item)
    except GlucologError as error:
        gathered.problem(number, f"{name}: {error.problem}")
        return None
    if (wrong := _implausible(record, gathered.options)) is not None:
        gathered.problem(number, f"{name}: {wrong}")
        return None
    return record


def _implausible(record: Record, options: Options) -> str | None:
    if (wrong := _impossible(record, options)) is not None:
        return wrong
    if isinstance(record, Dose) and not 0 < record.units <= MAX_UNITS:
        return f"{record.units:g} units is not a dose."
    if isinstance(record, Carbs) and not 0 < record.grams <= MAX_GRAMS:
        return f"{record.grams:g} g of carbs is not a meal."
    if isinstance(record, Session) and record.end is not None and record.end.epoch_s < record.start.epoch_s:
        return "The session ends before it starts."
    return None


def _impossible(value: object, options: Options) -> str | None:
    """Return why a time, a day or a glucose can't be, wherever in a record it stands."""
    if isinstance(value, Moment):
        placed = instant(value.epoch_s, options)
        return placed if isinstance(placed, str) else None
    if isinstance(value, date):
        return None if value.year in _YEARS else f"{value} is not a day of anybody's log."
    if isinstance(value, Glucose):
        amount = cells.amount(value.amount, value.unit)
        return amount if isinstance(amount, str) else None
    kind: Any = type(value)
    parts = value if isinstance(value, tuple) else [getattr(value, name) for name in _held(kind)]
    return next(filter(None, (_impossible(part, options) for part in parts if type(part) not in _PLAIN)), None)


@cache
def _held(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
