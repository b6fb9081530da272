"""Nightscout: entries and treatments as its API (v1, v3) and its users save them: JSON, headerless CSV, tabbed text.

The CSV has no header, or the five names in order. JSON may be a list, `{"result": [...]}` (v3), or an object that holds
both collections; `treatments` may come as JSON under the name .csv. Times are epoch milliseconds (`date`, trusted over
`dateString`) or ISO with Z (`created_at`).

- entries: `sgv` → sensor, always mg/dL; below 13 they are error codes of the sensor: skipped. `mbg` → meter. `cal` and
  other types: skipped by type.
- treatments: `insulin` above 0 → dose, `carbs` above 0 → carbs, whatever the event is called. A dose is rapid unless
  `insulinInjections`, `insulinType` or the notes name a long-acting insulin. `glucose` of a finger stick → meter in its
  `units`; without units it is a problem unless the caller names one. `Exercise` → activity; a massage in an event's
  notes is offered as a session. `notes` → note.
- Temporary basals, targets, site and sensor changes and the like: skipped by event type. Entries marked as deleted
  (`isValid` false) are skipped. The same `_id` (or else time, event and amounts) twice counts once.

Problems count the items of the list from 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple, cast

from glucolog.core.records import InsulinKind
from glucolog.core.units import Source, Unit
from glucolog.errors import RefusedError
from glucolog.importers import cells
from glucolog.importers.base import MAX_UNITS, Confidence, Gatherer, Imported, ImportedDose, Options
from glucolog.importers.dates import aware, instant
from glucolog.importers.documents import load_json
from glucolog.importers.insulins import kind_of, named
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import decode, delimiter_of, parse_rows, refuse_long_lines

NAME = "nightscout"
LABEL = "Nightscout"

LOWEST_SGV = 13
"""Smaller sgv values are error codes of the sensor (Dexcom: 0 to 12)."""
LATEST_MS = 10**15
"""No date in milliseconds is larger; JSON may hold integers that no float can."""
_ERROR_CODES = frozenset(map(str, range(LOWEST_SGV)))
_OUR_CODES = {"39": "LO", "401": "HI"}
"""What our own export says for LO and HI; from others they may as well be amounts."""
_CSV_KEYS = "dateString", "date", "sgv", "direction", "device"
_TELLING_KEYS = "created_at", "date", "type", "eventType", "sgv", "mbg", "insulin", "carbs", "glucose", "notes"
"""What tells entries without an id from each other."""
_CSV_ROW = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[^,\t]+[,\t]\"?[0-9]{12,13}\"?[,\t]")
_ENTRY = re.compile(r'"(sgv|mbg)"\s*:')
_TREATMENT = re.compile(r'"(eventType|created_at)"\s*:')

Item = Mapping[str, object]


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
    text = decode(source.data(), source.name)
    taker = Taker(Gatherer(NAME, options))
    if text.lstrip()[:1] in {"[", "{"}:
        for number, item in enumerate(_items(load_json(text, source.name), source.name), start=1):
            taker.take(number, item)
    else:
        _take_rows(text, source.name, taker)
    return taker.finish()


def _items(document: object, name: str) -> list[object]:
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        lists = [value for key in ("result", "entries", "treatments") if isinstance(value := document.get(key), list)]
        if lists:
            return [item for part in lists for item in part]
    raise RefusedError(f"{name} is JSON without entries or treatments.", "Export them from Nightscout again.")


def _take_rows(text: str, name: str, taker: Taker) -> None:
    refuse_long_lines(text, name)
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
        elif item.get("isValid") is False:
            self.gathered.skip("deleted entries")
        elif not self._is_new(item):
            self.gathered.skip("repeated entries")
        elif _is_entry(item):
            self.take_entry(number, item)
        else:
            _take_treatment(number, item, self.gathered)

    def take_entry(self, number: int, item: Item) -> None:
        """Take a sensor or meter entry."""
        kind = _text(item, "type") or ("mbg" if "mbg" in item else "sgv")
        text = _text(item, kind)
        if kind not in {"sgv", "mbg"}:
            self.gathered.skip(f"entries of type {cells.shown(kind)}")
        elif kind == "sgv" and text in _ERROR_CODES:
            self.gathered.skip("error codes of the sensor")
        else:
            key = kind, _text(item, "device")
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
        named_by = item.get("identifier") or item.get("_id")
        key = str(named_by) if named_by else tuple(str(item.get(name)) for name in _TELLING_KEYS)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True


def _is_entry(item: Item) -> bool:
    return "eventType" not in item and ("sgv" in item or "mbg" in item or _text(item, "type") in {"sgv", "mbg", "cal"})


def _text(item: Item, key: str) -> str:
    value = item.get(key)
    if type(value) is str:
        return value.strip()
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def _at(item: Item, options: Options) -> int | str:
    date = item.get("date")
    if type(date) is int and abs(date) < LATEST_MS and "eventType" not in item:
        return instant(date / 1000, options)
    return _stated_time(item, options)


def _stated_time(item: Item, options: Options) -> int | str:
    milliseconds = cells.number(_text(item, "date")) or cells.number(_text(item, "mills"))
    if milliseconds is not None and (_is_entry(item) or not _text(item, "created_at")):
        return instant(milliseconds / 1000, options)
    stamp = _text(item, "created_at") or _text(item, "dateString") or _text(item, "timestamp")
    return aware(stamp, options) if stamp else "The entry has no time."


def _take_treatment(number: int, item: Item, gathered: Gatherer) -> None:
    at_s = _at(item, gathered.options)
    if isinstance(at_s, str):
        gathered.problem(number, at_s)
        return
    kept = [
        _take_insulin(number, item, at_s, gathered),
        _take_carbs(number, item, at_s, gathered),
        _take_finger_stick(number, item, at_s, gathered),
        _take_words(item, at_s, gathered),
    ]
    if not any(kept):
        gathered.skip(cells.shown(_text(item, "eventType")) or "treatments without an event type")


def _is_empty(text: str) -> bool:
    return text == "" or cells.number(text) == 0


def _take_insulin(number: int, item: Item, at_s: int, gathered: Gatherer) -> bool:
    if injected := _own_dose(item, at_s, gathered.zone) or _injections(item, at_s, gathered.zone):
        gathered.doses += injected
        return True
    text = _text(item, "insulin")
    if _is_empty(text):
        return False
    name = named(_text(item, "insulinType"))
    gathered.dose_cell(number, at_s, text, _kind(item), name=name, by_pump=_is_automatic(item))
    return True


def _kind(item: Item) -> InsulinKind:
    words = next((text for key in ("insulinType", "notes") if named(text := _text(item, key))), "")
    return kind_of(words) if words else InsulinKind.RAPID


def _is_automatic(item: Item) -> bool:
    return _text(item, "eventType") == "SMB" or item.get("isSMB") is True or item.get("automatic") is True


def _own_dose(item: Item, at_s: int, zone: str) -> list[ImportedDose]:
    """Read what our own export says of a dose beside Nightscout's fields: units, how it acts, its name."""
    said = item.get("glucolog")
    if not isinstance(said, dict) or (kind := _text(said, "kind")) not in set(InsulinKind):
        return []
    units = cells.positive(_text(said, "units"))
    if units is None or units > MAX_UNITS:
        return []
    name, pump = _text(said, "name") or None, said.get("by_pump") is True
    return [ImportedDose(at_s, zone, units, InsulinKind(kind), name, by_pump=pump)]


def _injections(item: Item, at_s: int, zone: str) -> list[ImportedDose]:
    """Read xDrip's `insulinInjections`: JSON text of `[{"insulin": "Lantus", "units": 12}]`."""
    value = item.get("insulinInjections")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    doses = []
    for injection in value if isinstance(value, list) else []:
        units = cells.positive(str(injection.get("units", ""))) if isinstance(injection, dict) else None
        if units is not None:
            name = str(cast(Item, injection).get("insulin", ""))
            kind = kind_of(name) if named(name) else InsulinKind.UNKNOWN
            doses.append(ImportedDose(at_s, zone, units, kind, name=name or None))
    return doses


def _take_carbs(number: int, item: Item, at_s: int, gathered: Gatherer) -> bool:
    text = _text(item, "carbs")
    if _is_empty(text):
        return False
    gathered.carbs_cell(number, at_s, text, note=_text(item, "foodType") or None)
    return True


def _take_finger_stick(number: int, item: Item, at_s: int, gathered: Gatherer) -> bool:
    text = _text(item, "glucose")
    if _is_empty(text) or not _text(item, "glucoseType").casefold().startswith("finger"):
        return False
    units = _text(item, "units").casefold()
    stated = Unit.MMOL_L if units.startswith("mmol") else Unit.MG_DL if units.startswith("mg") else None
    unit = stated or gathered.options.unit
    if unit is None:
        gathered.problem(number, "The finger stick names no unit.")
    else:
        device = _text(item, "enteredBy") or None
        gathered.reading(number, at_s, cells.glucose(text, unit, Source.METER), Source.METER, unit, device)
    return True


def _take_words(item: Item, at_s: int, gathered: Gatherer) -> bool:
    event, notes = _text(item, "eventType"), _text(item, "notes")
    minutes = cells.positive(_text(item, "duration"))
    if event.casefold() == "exercise":
        gathered.activity(at_s, "exercise", minutes, None, notes)
    elif notes:
        gathered.note(at_s, notes, minutes)
    return bool(notes) or event.casefold() == "exercise"
