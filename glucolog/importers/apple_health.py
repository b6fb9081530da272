"""Apple Health: `export.zip`, or the `export.xml` in it, read as a stream. Stamps carry their offset.

- `BloodGlucose`: mg/dL or `mmol<180.1558800000541>/L`; Health converts to the unit its owner likes, which is undone
  where it shows. Typed by hand or with a meal time it is a meter's; else the source decides: by its name where that is
  a sensor's or a meter's, else a source whose readings mostly follow each other within 20 minutes is a sensor.
- The same reading from several sources (time and value) counts once, for the source that wrote it first.
- `InsulinDelivery`: `HKInsulinDeliveryReason` 2 is a bolus; 1 is basal: an injection (no length) is a long dose, a
  delivery over time is a pump's basal rate and skipped; without a reason it is unknown how it acts.
- `DietaryCarbohydrates` in g, `Workout` as exercise.
- Children of a `Correlation` repeat records that stand alone: skipped. Everything else (heart rate, steps …) is
  skipped and counted by its type.
Problems count the elements under the root, not the lines.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from glucolog.core.records import InsulinKind
from glucolog.core.units import MG_DL_PER_MMOL_L, Source, Unit, to_mg_dl
from glucolog.importers import cells
from glucolog.importers.apple_health_stream import Element, elements, member_of, opened
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.cells import Amount
from glucolog.importers.dates import aware, instant
from glucolog.importers.parts import PartsGatherer
from glucolog.importers.restored import as_shown
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.stamps import DAY_S

NAME = "apple-health"
LABEL = "Apple Health"

_PREFIX = re.compile(r"^HK(?:Quantity|Category|Data|Correlation)Type(?:Identifier)?")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MOLAR_MASS = re.compile(r"mmol<([0-9]{3}(?:\.[0-9]+)?)>/L")
_SENSOR_NAME = re.compile(
    r"dexcom|libre|cgm|xdrip|loop|trio|iaps|guardian|carelink|minimed|eversense|sugarmate|nightscout|nightguard|spike"
    r"|tomato|diabox|glucose ?direct|gluroo|stelo|lingo|sibionics|juggluco|shuggah|levels|nutrisense|supersapiens",
    re.IGNORECASE,
)
_METER_NAME = re.compile(r"meter|contour|one ?touch|accu-?chek|mysugr|dario|fingerstick", re.IGNORECASE)
_SENSOR_GAP_S = 20 * 60
_SAME_MG_DL = 0.5
_MINUTES_PER = {"min": 1.0, "s": 1 / 60, "hr": 60.0}
_GRAMS_PER = {"g": 1.0, "mg": 0.001, "kg": 1000.0}


class _Key(NamedTuple):
    """What readings of one column have in common."""

    source_name: str
    unit: Unit
    by_hand: bool


def sniff(head: Head) -> Confidence:
    """Sure when the XML has the root's name, or the archive the export's folder or file."""
    if head.kind == "zip":
        return Confidence.SURE if member_of(head.members) else Confidence.NO
    rooted = "<HealthData" in head.text or "<!DOCTYPE HealthData" in head.text
    return Confidence.SURE if rooted and head.text.lstrip().startswith("<") else Confidence.NO


def read(source: SourceFile, options: Options) -> Imported:
    """Stream the file; memory grows by the readings kept, not by the length of the file."""
    gathered = PartsGatherer(NAME, options)
    readings = _Readings()
    with opened(source, options.watch) as stream:
        for element in elements(stream, source.name):
            _take(element, readings, gathered)
    readings.hand_over(gathered)
    return gathered.imported()


def _take(element: Element, readings: _Readings, gathered: PartsGatherer) -> None:
    kind = _kind(element.get("type")) if element.tag == "Record" else element.tag
    if kind == "Correlation":
        gathered.skip("records repeated in a correlation", element.n_records)
    if kind in {"ExportDate", "Me", "Correlation"}:
        return
    taker = _TAKERS.get(kind)
    if kind != "BloodGlucose" and taker is None:
        gathered.skip(cells.shown(kind) or "records without a type")
        return
    at_s = _instant(element.get("startDate"), gathered.options)
    if isinstance(at_s, str):
        gathered.problem(element.number, at_s)
    elif taker is None:
        readings.take(element, at_s, gathered)
    else:
        taker(element, at_s, gathered)


@lru_cache(maxsize=1024)
def _kind(record_type: str) -> str:
    return _PREFIX.sub("", record_type)


def _instant(stamp: str, options: Options) -> int | str:
    if len(stamp) == len("2024-01-31 08:00:00 +0100") and stamp[19] == " ":
        try:
            return instant(datetime.fromisoformat(stamp[:19] + stamp[20:]).timestamp(), options)
        except ValueError:
            return f"“{cells.shown(stamp)}” is not a time."
    return aware(stamp, options)


class _Readings:
    """Glucose, packed by day (time, value, number of its key), so that a file in any order is settled day by day."""

    def __init__(self) -> None:
        self._keys: dict[_Key, int] = {}
        self._days: dict[int, array[float]] = {}

    def take(self, element: Element, at_s: int, gathered: PartsGatherer) -> None:
        """Keep one reading, or reject it."""
        amount = _amount(element.get("value"), element.get("unit"))
        if isinstance(amount, str):
            gathered.problem(element.number, amount)
            return
        key = _Key(element.get("sourceName"), amount[1], _is_by_hand(element.metadata))
        number = self._keys.setdefault(key, len(self._keys))
        self._days.setdefault(at_s // DAY_S, array("d")).extend((at_s, amount[0], number))

    def hand_over(self, gathered: PartsGatherer) -> None:
        """Give the readings to the gatherer in the order of time, each once."""
        keys = list(self._keys)
        sources = self._sources(keys)
        for day in sorted(self._days):
            for at_s, value, number in self._once(day, keys, gathered):
                key = keys[number]
                columns = gathered.columns(sources[number], key.unit, key.source_name)
                columns.add(at_s, Amount(value))

    def _once(self, day: int, keys: list[_Key], gathered: PartsGatherer) -> Iterator[tuple[int, float, int]]:
        kept: list[float] = []
        last_s = None
        for at_s, value, number in _triples(self._days.pop(day)):
            mg_dl = to_mg_dl(value, keys[number].unit)
            kept = kept if at_s == last_s else []
            last_s = at_s
            if any(abs(mg_dl - other) <= _SAME_MG_DL for other in kept):
                gathered.skip("readings repeated by another source")
            else:
                kept.append(mg_dl)
                yield at_s, value, number

    def _sources(self, keys: list[_Key]) -> list[Source]:
        close, apart = [0] * len(keys), [0] * len(keys)
        for day in self._days.values():
            latest: dict[int, int] = {}
            for at_s, _, number in _triples(day):
                if number in latest:
                    near = at_s - latest[number] <= _SENSOR_GAP_S
                    close[number], apart[number] = close[number] + near, apart[number] + (not near)
                latest[number] = at_s
        return [_source_of(key, close[number], apart[number]) for number, key in enumerate(keys)]


def _triples(packed: array[float]) -> list[tuple[int, float, int]]:
    cells_of = iter(packed)
    triples = zip(cells_of, cells_of, cells_of, strict=True)
    return sorted(((int(at_s), value, int(number)) for at_s, value, number in triples), key=_time_and_key)


def _time_and_key(triple: tuple[int, float, int]) -> tuple[int, int]:
    return triple[0], triple[2]


def _source_of(key: _Key, close: int, apart: int) -> Source:
    if key.by_hand:
        return Source.METER
    if _SENSOR_NAME.search(key.source_name):
        return Source.CGM
    if _METER_NAME.search(key.source_name):
        return Source.METER
    return Source.CGM if close > apart and close > 1 else Source.METER


@lru_cache(maxsize=16_384)
def _amount(value_text: str, unit_text: str) -> tuple[float, Unit] | str:
    """Read value and unit, as the device showed them; the reason why not where that can't be."""
    mass = _MOLAR_MASS.search(unit_text)
    unit, value = cells.unit_in("mmol/L" if mass else unit_text), cells.number(value_text)
    if unit is None or value is None:
        return "The reading has no value in mg/dL or mmol/L."
    value, unit = as_shown(value, unit, float(mass[1]) / 10 if mass else MG_DL_PER_MMOL_L)
    amount = cells.amount(value, unit)
    return amount if isinstance(amount, str) else (value, unit)


def _is_by_hand(metadata: dict[str, str]) -> bool:
    return metadata.get("HKWasUserEntered") == "1" or "HKBloodGlucoseMealTime" in metadata


def _take_insulin(element: Element, at_s: int, gathered: PartsGatherer) -> None:
    reason, text = element.metadata.get("HKInsulinDeliveryReason"), element.get("value")
    end_s = _instant(element.get("endDate"), gathered.options)
    minutes = (end_s - at_s) / 60 if isinstance(end_s, int) and end_s > at_s else None
    if reason == "1" and minutes is not None:
        gathered.skip("basal rates")
    elif gathered.is_first(("insulin", at_s, text, reason)):
        kind = {"1": InsulinKind.LONG, "2": InsulinKind.RAPID}.get(reason or "", InsulinKind.UNKNOWN)
        gathered.dose_cell(element.number, at_s, text, kind, duration_min=minutes)


def _take_carbs(element: Element, at_s: int, gathered: PartsGatherer) -> None:
    grams_each = _GRAMS_PER.get(element.get("unit"))
    if grams_each is None:
        gathered.problem(element.number, f"“{cells.shown(element.get('unit'))}” is no unit of carbs that is known.")
    elif gathered.is_first(("carbs", at_s, element.get("value"))):
        gathered.carbs_cell(element.number, at_s, element.get("value"), grams_each)


def _take_workout(element: Element, at_s: int, gathered: PartsGatherer) -> None:
    kind = _CAMEL.sub(" ", element.get("workoutActivityType").removeprefix("HKWorkoutActivityType")).lower()
    length, per_unit = cells.positive(element.get("duration")), _MINUTES_PER.get(element.get("durationUnit"), 1.0)
    minutes = round(length * per_unit, 2) if length else None
    if gathered.is_first(("workout", at_s, kind)):
        gathered.activity(at_s, kind or "exercise", minutes, None, element.metadata.get("HKWorkoutBrandName", ""))


_TAKERS: dict[str, Callable[[Element, int, PartsGatherer], None]] = {
    "InsulinDelivery": _take_insulin,
    "DietaryCarbohydrates": _take_carbs,
    "Workout": _take_workout,
}
