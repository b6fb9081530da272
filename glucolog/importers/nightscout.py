"""Nightscout: entries and treatments as its API (v1, v3) and its users save them: JSON, headerless CSV, tabbed text.

The CSV has no header, or the five names in order. JSON may be a list, `{"result": [...]}` (v3), an object that holds
both collections, or one object after another (`mongoexport`); `treatments` may come as JSON under the name .csv. Times
are epoch milliseconds (`date`, trusted over `dateString`) or ISO with Z (`created_at`).

- entries: `sgv` → sensor, always mg/dL; below 13 they are error codes of the sensor: skipped. `mbg` → meter. `cal` and
  other types: skipped by type.
- treatments: `insulin` above 0 → dose, `carbs` above 0 → carbs, whatever the event is called. A dose is rapid unless
  `insulinInjections`, `insulinType` or the notes name a long-acting insulin. The part of a combo bolus that is given
  over time is a dose of its own; priming is none. `glucose` of a finger stick → meter in its `units`; without units it
  is a problem unless the caller names one. `Exercise` → activity; a massage in an event's notes is offered as a
  session. `notes` → note.
- Temporary basals, targets, site and sensor changes and the like: skipped by event type. Entries marked as deleted
  (`isValid` false) are skipped. The same `_id` (or else time, event and amounts) twice counts once; a treatment's rows
  keep it, so that one edited or deleted there is known again.

Problems count the items of the list from 1.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from glucolog.core.units import Source, Unit
from glucolog.errors import RefusedError
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.dates import aware, instant
from glucolog.importers.documents import load_documents
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.nightscout_treatments import Item, take_treatment, text_of
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import delimiter_of, parse_rows

NAME = "nightscout"
LABEL = "Nightscout"

LOWEST_SGV = 13
"""Smaller sgv values are error codes of the sensor (Dexcom: 0 to 12)."""
LATEST_MS = 10**15
"""No date in milliseconds is larger; JSON may hold integers that no float can."""
PARTS = 4
"""So many rows of one kind that a treatment gives are told apart by its name; others come with one at most."""
_ERROR_CODES = frozenset(map(str, range(LOWEST_SGV)))
_OUR_CODES = {"39": "LO", "401": "HI"}
"""What our own export says for LO and HI; from others they may as well be amounts."""
_CSV_KEYS = "dateString", "date", "sgv", "direction", "device"
_TELLING_KEYS = "created_at", "date", "type", "eventType", "sgv", "mbg", "insulin", "carbs", "glucose", "notes"
"""What tells entries without an id from each other."""
_CSV_ROW = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[^,\t]+[,\t]\"?[0-9]{12,13}\"?[,\t]")
_ENTRY = re.compile(r'"(sgv|mbg)"\s*:')
_TREATMENT = re.compile(r'"(eventType|created_at)"\s*:')


def sniff(head: Head) -> Confidence:
    """Sure by the keys of the first items, or by a first row of ISO stamp and epoch milliseconds."""
    text = head.text.lstrip()
    if text[:1] in "[{":
        return Confidence.SURE if text and (_is_entries(text) or _is_treatments(text)) else Confidence.NO
    first = text.split("\n", 2)[:2]
    return Confidence.SURE if any(_CSV_ROW.match(line.replace('"', "", 2)) for line in first) else Confidence.NO


def _is_entries(text: str) -> bool:
    return _ENTRY.search(text) is not None and '"date' in text


def _is_treatments(text: str) -> bool:
    return len({match[1] for match in _TREATMENT.finditer(text)}) == 2


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file; see the module for what becomes of each kind of entry."""
    text = source.text()
    taker = Taker(Gatherer(NAME, options))
    if source.head().is_json:
        items, cut_at = load_documents(text, source.name)
        for number, item in enumerate(_items(items, source.name), start=1):
            taker.take(number, item)
        taker.gathered.cut_off(cut_at)
    else:
        _take_rows(text, source.name, taker)
    return taker.finish()


def _items(documents: list[object], name: str) -> list[object]:
    if all(map(_is_item, documents)):
        return documents
    lists = [part for document in documents for part in _lists_in(document)]
    if lists:
        return [item for part in lists for item in part]
    raise RefusedError(f"{name} is JSON without entries or treatments.", "Export them from Nightscout again.")


def _is_item(document: object) -> bool:
    return isinstance(document, dict) and not _lists_in(document) and not document.keys().isdisjoint(_TELLING_KEYS)


def _lists_in(document: object) -> list[list[object]]:
    if isinstance(document, dict):
        return [part for key in ("result", "entries", "treatments") if isinstance(part := document.get(key), list)]
    return [document] if isinstance(document, list) else []


def _take_rows(text: str, name: str, taker: Taker) -> None:
    rows, lines = parse_rows(text, delimiter_of(text.split("\n", 1)[0]), 1, name)
    for line, row in zip(lines, rows, strict=True):
        if line == 1 and "date" in row:
            continue
        if len(row) >= len(_CSV_KEYS) - 2:
            taker.take_entry(line, dict(zip(_CSV_KEYS, row, strict=False)))
        elif row:
            taker.gathered.problem(line, "The row is cut short.")


class _Column(NamedTuple):
    """Entries of one kind and device, as columns."""

    lines: list[int]
    at: list[int | str]
    texts: list[str]


class Taker:
    """Takes entries and treatments one by one and remembers which it has seen; a live source uses it as well."""

    def __init__(self, gathered: Gatherer) -> None:
        self.gathered = gathered
        self._seen: set[object] = set()
        self._columns: dict[tuple[str, str], _Column] = {}

    def take(self, number: int, item: object) -> None:
        """Take one item of a list; `number` is what a problem calls its line."""
        if not isinstance(item, dict):
            self.gathered.problem(number, "The item is not an object.")
        elif not self._is_new(item):
            self.gathered.skip("repeated entries")
        elif item.get("isValid") is False:
            self.gathered.skip("deleted entries")
            self._name(item)
        elif _is_entry(item):
            self.take_entry(number, item)
        else:
            self._take_treatment(number, item)

    def _take_treatment(self, number: int, item: Item) -> None:
        """Take a treatment, its rows under its name; one that is no longer readable says nothing of what it was."""
        gathered = self.gathered
        lists: tuple[list[Any], ...] = (gathered.doses, gathered.carbs, gathered.activities, gathered.notes)
        before, problems = [len(rows) for rows in lists], len(gathered.problems)
        at_s = _at(item, gathered.options)
        if isinstance(at_s, str):
            gathered.problem(number, at_s)
        else:
            take_treatment(number, item, at_s, gathered)
        name = self._name(item) if len(gathered.problems) == problems else None
        for rows, start in zip(lists, before, strict=True) if name else ():
            for part, index in enumerate(range(start, min(len(rows), start + PARTS))):
                rows[index] = rows[index]._replace(remote=f"{name}/{part}")

    def _name(self, item: Item) -> str | None:
        """Return the name that the site knows an item by; that it was spoken of is kept."""
        name = _name_of(item)
        if name is not None:
            self.gathered.named.append(name)
        return name

    def take_entry(self, number: int, item: Item) -> None:
        """Take a sensor or meter entry."""
        kind = text_of(item, "type") or ("mbg" if "mbg" in item else "sgv")
        text = text_of(item, kind)
        if kind not in {"sgv", "mbg"}:
            self.gathered.skip(f"entries of type {cells.shown(kind)}")
        elif kind == "sgv" and text in _ERROR_CODES:
            self.gathered.skip("error codes of the sensor")
        else:
            key = kind, text_of(item, "device")
            column = self._columns.get(key) or self._columns.setdefault(key, _Column([], [], []))
            column.lines.append(number)
            column.at.append(_at(item, self.gathered.options))
            column.texts.append(_OUR_CODES.get(text, text) if item.get("app") == "glucolog" else text)

    def finish(self) -> Imported:
        """Return all that was taken."""
        for (kind, device), column in self._columns.items():
            source = Source.CGM if kind == "sgv" else Source.METER
            self.gathered.readings(column.lines, column.at, column.texts, source, Unit.MG_DL, device)
        self._columns.clear()
        return self.gathered.imported()

    def _is_new(self, item: Item) -> bool:
        key = _name_of(item) or tuple(str(item.get(name)) for name in _TELLING_KEYS)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True


def _name_of(item: Item) -> str | None:
    """An entry's `identifier`, else its `_id`, which is what API v3 calls the identifier of an entry without one."""
    name = item.get("identifier") or item.get("_id")
    return str(name) if name else None


def _is_entry(item: Item) -> bool:
    return "eventType" not in item and (
        "sgv" in item or "mbg" in item or text_of(item, "type") in {"sgv", "mbg", "cal"}
    )


def _at(item: Item, options: Options) -> int | str:
    date = item.get("date")
    if type(date) is int and abs(date) < LATEST_MS and "eventType" not in item:
        return instant(date / 1000, options)
    return _stated_time(item, options)


def _stated_time(item: Item, options: Options) -> int | str:
    milliseconds = cells.number(text_of(item, "date")) or cells.number(text_of(item, "mills"))
    if milliseconds is not None and (_is_entry(item) or not text_of(item, "created_at")):
        return instant(milliseconds / 1000, options)
    stamp = text_of(item, "created_at") or text_of(item, "dateString") or text_of(item, "timestamp")
    return aware(stamp, options) if stamp else "The entry has no time."
