"""Tidepool: the JSON export, the flat CSV dump of the same items, and the workbook of the web export.

An item has a `type` and a `time` in UTC (`deviceTime` is the local clock and only taken where `time` is missing); in
the workbook each type has a sheet, and `Zulu Time` is a bare stamp in UTC. Developer documents of tidepool.org and
tidepool-org/uploader.

- `cbg` sensor, `smbg` meter (`deviceEvent` `calibration` too): `value` in `units`, mmol/L where none are named.
  Tidepool divides what a mg/dL device showed by 18.01559, so 70 mg/dL reads 3.88552 mmol/L and would pass for a low:
  a value of more than one decimal that is a whole number of mg/dL is taken as that. The annotation
  `bg/out-of-range` is the device's Low or High.
- `bolus`: `normal` and `extended` (over `duration`) are two doses when both are there; automated ones are boluses
  too. `insulin` is a dose by pen. `basal` is a rate: skipped.
- `wizard`: the carbs are carbs; its insulin is the bolus it points to, counted once, also where the bolus stands
  inside it; its glucose is a copy of a reading. `food` is carbs, `physicalActivity` exercise.
- Skipped and counted by their type: settings, uploads, other device events, ketones; items superseded (`_active`
  false) or repeated under the same id.
Problems count the items (JSON), the lines (CSV) or the rows of the sheet they name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple

from glucolog.core.records import InsulinKind
from glucolog.core.units import MG_DL_PER_MMOL_L, Censored, Source, Unit, censored_at
from glucolog.errors import RefusedError
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.cells import Amount
from glucolog.importers.dates import Calendar, aware, instant
from glucolog.importers.documents import load_json
from glucolog.importers.insulins import kind_of
from glucolog.importers.parts import PartsGatherer
from glucolog.importers.restored import as_shown
from glucolog.importers.sheets import Sheet, is_workbook, peek_sheets, read_sheets
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import read_table

NAME = "tidepool"
LABEL = "Tidepool"

_Item = Mapping[str, object]

_TYPE = re.compile(r'"type"\s*:\s*"(?:cbg|smbg|bolus|basal|wizard|upload|pumpSettings|cgmSettings|deviceEvent|food)"')
_KEY = re.compile(r'"(?:uploadId|deviceTime|timezoneOffset|clockDriftOffset|conversionOffset)"\s*:')
_FLAT = frozenset({"type", "time", "deviceTime"})
_SHEET = frozenset({"Zulu Time", "Device Time"})
_SHEET_KEYS = {"zuluTime": "time", "tidepoolDataType": "type", "subtype": "subType"}
_SHEET_TYPES = {
    "cgm": "cbg",
    "fingerstick": "smbg",
    "boluscalculator": "wizard",
    "physicalactivity": "physicalActivity",
    "deviceeventandsuspend": "deviceEvent",
    "deviceevent": "deviceEvent",
}
_SIDE = re.compile(r"""['"]value['"]\s*:\s*['"](low|high)['"]""")
_NET = re.compile(r"""['"]net['"]\s*:\s*([0-9]+(?:\.[0-9]+)?)""")
_MS_PER_MIN = 60_000
_MIN_PER = {"seconds": 1 / 60, "minutes": 1.0, "hours": 60.0}
_ACTING = {"rapid": InsulinKind.RAPID, "short": InsulinKind.REGULAR, "long": InsulinKind.LONG}


class _Numbered(NamedTuple):
    part: str
    line: int
    item: object


def sniff(head: Head) -> Confidence:
    """Sure by the keys of the items, the columns of the dump, or the columns of the workbook's sheets."""
    if head.kind != "text":
        sheets = peek_sheets(head)
        return Confidence.SURE if any(_is_sheet(sheet.rows) for sheet in sheets) else Confidence.NO
    if head.text.lstrip()[:1] == "[":
        known = _TYPE.search(head.text) and _KEY.search(head.text)
        return Confidence.SURE if known else Confidence.NO
    return Confidence.SURE if any(_is_flat(row) for row in head.rows[:3]) else Confidence.NO


def _is_sheet(rows: list[list[str]]) -> bool:
    return bool(rows) and set(rows[0]) >= _SHEET


def _is_flat(row: list[str]) -> bool:
    return set(row) >= _FLAT


def read(source: SourceFile, options: Options) -> Imported:
    """Read any of the three; a workbook of headers alone holds nothing."""
    gathered = PartsGatherer(NAME, options)
    inside: list[tuple[int, int, _Item]] = []
    for part, line, item in _items(source):
        gathered.part = part
        if not isinstance(item, dict):
            gathered.problem(line, "The item is no object.")
        else:
            _place(line, item, inside, gathered)
    for line, at_s, bolus in inside:
        _take_once("bolus", line, at_s, bolus, gathered)
    return gathered.imported()


def _items(source: SourceFile) -> Iterator[_Numbered]:
    if is_workbook(source.head()):
        return chain.from_iterable(_sheet_items(sheet) for sheet in read_sheets(source))
    text = source.text()
    if source.head().is_json:
        return _json_items(load_json(text, source.name), source.name)
    return _flat_items(text, source.name)


def _json_items(document: object, name: str) -> Iterator[_Numbered]:
    if not isinstance(document, list):
        raise RefusedError(f"{name} is no list of Tidepool's items.", "Choose the export as it was saved.")
    return (_Numbered("", number, item) for number, item in enumerate(document, start=1))


def _flat_items(text: str, name: str) -> Iterator[_Numbered]:
    table = read_table(text, _is_flat, name)
    for line, row in zip(table.lines, table.rows, strict=True):
        yield _Numbered("", line, {key: cell for key, cell in zip(table.header, row, strict=False) if cell})


def _sheet_items(sheet: Sheet) -> Iterator[_Numbered]:
    if not _is_sheet(sheet.rows):
        return
    keys = [_key(name) for name in sheet.rows[0]]
    kind = _sheet_type(sheet.name)
    for number, row in enumerate(sheet.rows[1:], start=2):
        item = {key: cell for key, cell in zip(keys, row, strict=False) if cell}
        if item:
            yield _Numbered(sheet.name, number, {"type": kind} | item | {"time": _utc(item.get("time", ""))})


def _key(header: str) -> str:
    """`Carb Input` is `carbInput`, `Duration (mins)` is `durationMins`, `Zulu Time` is `time`."""
    words = re.findall(r"[A-Za-z0-9]+", header)
    joined = "".join(words[:1]).lower() + "".join(word.capitalize() for word in words[1:])
    return _SHEET_KEYS.get(joined, joined)


def _sheet_type(name: str) -> str:
    plain = name.replace(" ", "").casefold()
    return _SHEET_TYPES.get(plain, plain)


def _utc(stamp: str) -> str:
    return f"{stamp}Z" if re.fullmatch(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?", stamp) else stamp


def _place(line: int, item: _Item, inside: list[tuple[int, int, _Item]], gathered: PartsGatherer) -> None:
    kind = str(item.get("type", ""))
    if str(item.get("_active", "")).casefold() == "false":
        gathered.skip("superseded items")
    elif kind not in _TAKERS and not _is_calibration(item):
        gathered.skip(cells.shown(kind) or "items without a type")
    elif isinstance(at_s := _instant(item, gathered.options), str):
        gathered.problem(line, at_s)
    else:
        if isinstance(bolus := item.get("bolus"), dict):
            inside.append((line, at_s, bolus))
        _take_once(kind, line, at_s, item, gathered)


def _is_calibration(item: _Item) -> bool:
    return item.get("type") == "deviceEvent" and item.get("subType") == "calibration"


def _instant(item: _Item, options: Options) -> int | str:
    time, local = item.get("time"), item.get("deviceTime")
    if isinstance(time, dict):
        time = time.get("$date")
    if isinstance(time, str) and time:
        return aware(time, options)
    if (milliseconds := _number(time)) is not None:
        return instant(milliseconds / 1000, options)
    if isinstance(local, str) and local:
        return Calendar(options).place_one(local)
    return "The item has no time."


def _take_once(kind: str, line: int, at_s: int, item: _Item, gathered: PartsGatherer) -> None:
    name = item.get("id") or item.get("guid")
    if not isinstance(name, str) or gathered.is_first((kind, name)):
        _TAKERS.get(kind, _take_smbg)(line, at_s, item, gathered)


def _take_cbg(line: int, at_s: int, item: _Item, gathered: PartsGatherer) -> None:
    _take_reading(line, at_s, item, Source.CGM, gathered)


def _take_smbg(line: int, at_s: int, item: _Item, gathered: PartsGatherer) -> None:
    _take_reading(line, at_s, item, Source.METER, gathered)


def _take_reading(line: int, at_s: int, item: _Item, source: Source, gathered: PartsGatherer) -> None:
    value = _number(item.get("value"))
    unit = cells.unit_in(str(item.get("units", ""))) or Unit.MMOL_L
    annotations = str(item.get("annotations", ""))
    side = _SIDE.search(annotations) if "out-of-range" in annotations else None
    device = item.get("deviceId")
    if side is not None:
        beyond = Censored(side[1])
        amount: Amount | str = Amount(censored_at(beyond, unit, source).amount, beyond)
    elif value is None:
        amount = f"“{cells.shown(str(item.get('value', '')))}” is not a glucose value."
    else:
        shown, unit = as_shown(value, unit, MG_DL_PER_MMOL_L)
        amount = cells.amount(shown, unit)
    gathered.reading(line, at_s, amount, source, unit, device if isinstance(device, str) else None)


def _number(value: object) -> float | None:
    if isinstance(value, str):
        return cells.number(value)
    return float(value) if isinstance(value, (int, float)) and abs(value) < 1e15 else None


def _take_bolus(line: int, at_s: int, item: _Item, gathered: PartsGatherer) -> None:
    normal, extended = _number(item.get("normal")), _number(item.get("extended"))
    if normal is None and extended is None:
        gathered.problem(line, "The bolus says no amount.")
        return
    if normal or not extended:
        gathered.dose_cell(line, at_s, f"{normal or 0}", InsulinKind.RAPID, by_pump=True)
    if extended:
        length = _number(item.get("duration"))
        minutes = length / _MS_PER_MIN if length else _number(item.get("durationMins"))
        gathered.dose_cell(line, at_s, f"{extended}", InsulinKind.RAPID, by_pump=True, duration_min=minutes)


def _take_insulin(line: int, at_s: int, item: _Item, gathered: PartsGatherer) -> None:
    dose, formulation = _object(item.get("dose")), _object(item.get("formulation"))
    simple = _object(formulation.get("simple"))
    name = formulation.get("name") or simple.get("brand")
    kind = _ACTING.get(str(simple.get("actingType")), kind_of(str(name or "")))
    units = _number(dose.get("total"))
    shown = "" if units is None else f"{units}"
    gathered.dose_cell(line, at_s, shown, kind, name=name if isinstance(name, str) else None)


def _object(value: object) -> _Item:
    return value if isinstance(value, dict) else {}


def _take_wizard(line: int, at_s: int, item: _Item, gathered: PartsGatherer) -> None:
    carbs = item.get("carbInput")
    if _number(carbs) is None:
        gathered.skip("wizard without carbs")
    elif "exchange" in str(item.get("carbUnits", "")).casefold():
        gathered.problem(line, "The carbs are in exchanges; the file doesn't say of how many grams.")
    else:
        gathered.carbs_cell(line, at_s, str(carbs))


def _take_food(line: int, at_s: int, item: _Item, gathered: PartsGatherer) -> None:
    carbohydrate = next((value for key, value in item.items() if "carbohydrate" in key.casefold()), None)
    net = _NET.search(str(item.get("nutrition", "")))
    name = item.get("name")
    grams = net[1] if net else f"{_number(carbohydrate) or ''}"
    if not grams:
        gathered.skip("food without carbs")
    else:
        gathered.carbs_cell(line, at_s, grams, note=name if isinstance(name, str) else None)


def _take_activity(_line: int, at_s: int, item: _Item, gathered: PartsGatherer) -> None:
    duration, name = _object(item.get("duration")), item.get("name")
    length = _number(duration.get("value"))
    per_unit = _MIN_PER.get(str(duration.get("units")))
    minutes = length * per_unit if length and per_unit else None
    effort = cells.intensity(str(item.get("reportedIntensity") or ""))
    gathered.activity(at_s, name if isinstance(name, str) and name else "exercise", minutes, effort)


def _take_basal(_line: int, _at_s: int, _item: _Item, gathered: PartsGatherer) -> None:
    gathered.skip("basal rates")


_TAKERS: dict[str, Callable[[int, int, _Item, PartsGatherer], None]] = {
    "cbg": _take_cbg,
    "smbg": _take_smbg,
    "bolus": _take_bolus,
    "insulin": _take_insulin,
    "wizard": _take_wizard,
    "food": _take_food,
    "physicalActivity": _take_activity,
    "basal": _take_basal,
}
