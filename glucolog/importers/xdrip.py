"""xDrip+: the CSV for SiDiary (alone or in its zip), and the app's SQLite database.

Facts from NightscoutFoundation/xDrip, `DatabaseUtil.java` and the models `BgReading`, `Calibration`, `BloodTest`,
`Treatments`. All glucose is in mg/dL.

CSV: `DAY;TIME;UDT_CGMS;BG_LEVEL;CH_GR;BOLUS;REMARK`, `dd.MM.yyyy` and `HH:mm` local, never quoted, so the remark (with
`||` for a line's end) is all after the sixth semicolon. `UDT_CGMS` is the sensor, `BG_LEVEL` a meter. `BOLUS` holds
basal insulin too: an insulin named in the remark tells how it acts, else that is unknown. Three blocks (sensor, meter,
treatments) follow each other, each in the order of time.

SQLite: stamps are milliseconds of Unix time. `BgReadings.calculated_value` is the sensor; up to 13 it is an error code
(skipped), from there to 20 xDrip shows LOW. `Calibration.bg` and `BloodTest.mgdl` are a meter's, once where both have
the same. `Treatments`: `insulinJSON` names each insulin and its units, `insulin` is their sum; `carbs` grams; `notes`.
Problems there count the rows of the table they name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from glucolog.core.records import InsulinKind
from glucolog.core.units import Censored, Source, Unit, censored_at
from glucolog.errors import RefusedError
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.cells import Amount
from glucolog.importers.dates import dated_rows, instant
from glucolog.importers.documents import load_json
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.insulins import kind_of, named
from glucolog.importers.parts import PartsGatherer
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.sqlite_tables import Tables, open_tables

NAME = "xdrip"
LABEL = "xDrip+"

_HEADER = ["DAY", "TIME", "UDT_CGMS", "BG_LEVEL", "CH_GR", "BOLUS", "REMARK"]
_ERROR_CODES_UP_TO = 13
_READABLE_FROM = 20
_LARGEST = 1e15
"""JSON may hold whole numbers of any length; from here on they are none of glucose, insulin or carbs."""
_NO_EVENT = frozenset({"", "<none>"})
_PROBE = b"BgReadings"


def sniff(head: Head) -> Confidence:
    """Sure when the columns are SiDiary's, or the database has xDrip's table of readings."""
    if head.kind == "sqlite":
        return Confidence.SURE if _PROBE in head.data or _has_readings(head) else Confidence.NO
    return Confidence.SURE if any(row == _HEADER for row in head.rows[:3]) else Confidence.NO


def _has_readings(head: Head) -> bool:
    try:
        with open_tables(head.source) as tables:
            return "BgReadings" in tables
    except RefusedError:
        return False


def read(source: SourceFile, options: Options) -> Imported:
    """Read the CSV or the database."""
    if source.head().kind == "sqlite":
        return _read_database(source, options)
    return _read_csv(source, options)


class _Row(NamedTuple):
    sensor: str
    meter: str
    carbs: str
    insulin: str
    remark: str


def _read_csv(source: SourceFile, options: Options) -> Imported:
    text = source.text()
    gathered = Gatherer(NAME, options)
    lines, stamps, rows = [], [], []
    for line, content in enumerate(text.split("\n"), start=1):
        parts = [part.strip() for part in content.split(";", len(_HEADER) - 1)]
        if content.strip() and parts != _HEADER:
            parts += [""] * (len(_HEADER) - len(parts))
            lines.append(line)
            stamps.append(" ".join(parts[:2]))
            rows.append(_Row(*parts[2:]))
    blocks = [bool(row.sensor) - bool(row.meter) for row in rows]
    for line, row, at_s in dated_rows(gathered, lines, rows, stamps, blocks):
        _take_row(line, row, at_s, gathered)
    return gathered.imported()


def _take_row(line: int, row: _Row, at_s: int, gathered: Gatherer) -> None:
    note = row.remark.replace("||", "\n").strip()
    if row.sensor:
        value = cells.number(row.sensor)
        _take_sensor(line, at_s, row.sensor if value is None else value, gathered)
    if row.meter:
        amount = cells.glucose(row.meter, Unit.MG_DL, Source.METER)
        gathered.reading(line, at_s, amount, Source.METER, Unit.MG_DL)
    if row.carbs:
        gathered.carbs_cell(line, at_s, row.carbs)
    if row.insulin:
        name = named(note)
        kind = kind_of(note) if name else InsulinKind.UNKNOWN
        gathered.dose_cell(line, at_s, row.insulin, kind, name=name)
    gathered.note(at_s, note)
    if not any(row):
        gathered.problem(line, "The row has a time and nothing else.")


def _take_sensor(line: int, at_s: int, value: object, gathered: Gatherer) -> None:
    if not isinstance(value, (int, float)):
        gathered.problem(line, f"“{cells.shown(str(value))}” is not a glucose value.")
    elif value <= _ERROR_CODES_UP_TO:
        gathered.skip("error codes of the sensor")
    else:
        gathered.reading(line, at_s, _sensor_amount(float(value)), Source.CGM, Unit.MG_DL)


def _sensor_amount(value: float) -> Amount | str:
    if value < _READABLE_FROM:
        return Amount(censored_at(Censored.LOW, Unit.MG_DL, Source.CGM).amount, Censored.LOW)
    return cells.amount(value, Unit.MG_DL)


def _read_database(source: SourceFile, options: Options) -> Imported:
    gathered = PartsGatherer(NAME, options)
    with open_tables(source) as tables:
        _each(tables, "BgReadings", ("timestamp", "calculated_value"), _take_bg_reading, gathered)
        _each(tables, "BloodTest", ("timestamp", "mgdl"), _take_blood, gathered)
        _each(tables, "Calibration", ("timestamp", "bg"), _take_blood, gathered)
        wanted = "timestamp", "carbs", "insulin", "insulinJSON", "notes", "eventType"
        _each(tables, "Treatments", wanted, _take_treatment, gathered)
    return gathered.imported()


_Take = Callable[[int, int, tuple[object, ...], PartsGatherer], None]


def _each(tables: Tables, table: str, columns: tuple[str, ...], take: _Take, gathered: PartsGatherer) -> None:
    gathered.part = table
    for number, (stamp, *values) in enumerate(tables.rows(table, columns), start=1):
        at_s = instant(stamp / 1000, gathered.options) if isinstance(stamp, (int, float)) else "The row has no time."
        if isinstance(at_s, str):
            gathered.problem(number, at_s)
        else:
            take(number, at_s, tuple(values), gathered)


def _take_bg_reading(line: int, at_s: int, values: tuple[object, ...], gathered: PartsGatherer) -> None:
    _take_sensor(line, at_s, values[0] if values[0] is not None else 0, gathered)


def _take_blood(line: int, at_s: int, values: tuple[object, ...], gathered: PartsGatherer) -> None:
    value = _number(values[0])
    if value is None:
        gathered.problem(line, "The row has no glucose value.")
    elif gathered.is_first((at_s, value)):
        gathered.reading(line, at_s, cells.amount(value, Unit.MG_DL), Source.METER, Unit.MG_DL)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and abs(value) < _LARGEST else None


def _take_treatment(line: int, at_s: int, values: tuple[object, ...], gathered: PartsGatherer) -> None:
    carbs, insulin, by_name, notes, event = values
    note = notes.strip() if isinstance(notes, str) else ""
    if carbs:
        gathered.carbs_cell(line, at_s, str(carbs))
    if insulin or by_name not in {None, "", "[]"}:
        _take_insulin(line, at_s, insulin, by_name, note, gathered)
    if not note and not carbs and not insulin and isinstance(event, str) and event not in _NO_EVENT:
        note = event
    gathered.note(at_s, note)
    if not (carbs or insulin or note):
        gathered.skip("empty treatments")


def _take_insulin(line: int, at_s: int, total: object, by_name: object, note: str, gathered: PartsGatherer) -> None:
    doses = _named_doses(by_name)
    if doses and (not total or abs(sum(units for _, units in doses) - (_number(total) or 0)) < 0.005):
        for insulin, units in doses:
            gathered.dose_cell(line, at_s, f"{units}", kind_of(insulin), name=insulin or None)
        return
    name = named(note)
    kind = kind_of(note) if name else InsulinKind.UNKNOWN
    gathered.dose_cell(line, at_s, str(total), kind, name=name)


def _named_doses(text: object) -> list[tuple[str, float]]:
    """What `insulinJSON` says, or nothing where it isn't whole."""
    if not isinstance(text, str):
        return []
    try:
        items = load_json(text, "insulinJSON")
    except RefusedError:
        return []
    found = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    pairs = [(str(item.get("insulin") or ""), _number(item.get("units"))) for item in found]
    return [(name, units) for name, units in pairs if units]
