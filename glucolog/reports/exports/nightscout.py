"""Nightscout's documents: `entries` (sensor) and `treatments` (all else), as real servers render them best.

A sensor reading is an `sgv` entry in whole mg/dL with `dateString`, `delta` and `direction`, without which known
clients crash; LO and HI are 39 and 401, as sensors send them. A meter reading is a `BG Check` in the unit that was
typed. A session is an `Exercise` with its length and our id in `identifier` and notes, so that it can be told from
others. Long-acting insulin goes as `insulinInjections`, so that no client counts it as insulin on board.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from glucolog.core import evidence
from glucolog.core.findings import Unassessed
from glucolog.core.moments import Moment
from glucolog.core.records import Activity, Carbs, Dose, FootCheck, InsulinKind, Note, Reading, Session, Symptom
from glucolog.core.trend import Arrow, slope_at_end
from glucolog.core.units import Censored, Source, Unit
from glucolog.reports.exports.records import ExportRecords
from glucolog.reports.exports.text import chunked, plain_number

Document = dict[str, Any]

APP = "glucolog"
SENSOR_CODES = {Censored.LOW: 39, Censored.HIGH: 401}
METER_WORDS = {Censored.LOW: "LO", Censored.HIGH: "HI"}
UNITS = {Unit.MG_DL: "mg/dl", Unit.MMOL_L: "mmol"}
DIRECTIONS = {
    Arrow.DOUBLE_UP: "DoubleUp",
    Arrow.UP: "SingleUp",
    Arrow.SLANTED_UP: "FortyFiveUp",
    Arrow.FLAT: "Flat",
    Arrow.SLANTED_DOWN: "FortyFiveDown",
    Arrow.DOWN: "SingleDown",
    Arrow.DOUBLE_DOWN: "DoubleDown",
}
NO_DIRECTION = "NOT COMPUTABLE"
NO_BOLUS = {InsulinKind.LONG, InsulinKind.MIXED, InsulinKind.UNKNOWN}
_REACH = 25
"""Readings that a trend may need: one a minute for 20 minutes, and some to spare."""


def nightscout_json(records: ExportRecords) -> Iterator[bytes]:
    """Yield one document with both collections; a server takes each under its own address."""
    return chunked(_pieces(records))


def entries(readings: Sequence[Reading]) -> Iterator[Document]:
    """Yield a document for each sensor reading; `readings` are in time order."""
    sensor = [reading for reading in readings if reading.source is Source.CGM]
    for number, reading in enumerate(sensor):
        yield _entry(reading, sensor[max(0, number - _REACH) : number + 1])


def treatments(records: ExportRecords) -> Iterator[Document]:
    """Yield a document for everything but sensor readings, kind by kind."""
    yield from (_finger_stick(one) for one in records.readings if one.source is Source.METER)
    yield from map(_session, records.sessions)
    yield from map(_dose, records.doses)
    yield from map(_carbs, records.carbs)
    yield from map(_activity, records.activities)
    yield from map(_note, records.notes)
    yield from map(_symptom, records.symptoms)
    yield from map(_foot_check, records.foot_checks)


def _pieces(records: ExportRecords) -> Iterator[str]:
    yield '{"entries":['
    yield from _listed(entries(records.readings))
    yield '\n],"treatments":['
    yield from _listed(treatments(records))
    yield "\n]}\n"


def _listed(documents: Iterator[Document]) -> Iterator[str]:
    for mark, document in zip(chain([""], iter(lambda: ",", None)), documents, strict=False):
        yield f"{mark}\n{json.dumps(document, ensure_ascii=False, separators=(',', ':'), allow_nan=False)}"


def _entry(reading: Reading, past: Sequence[Reading]) -> Document:
    trend = slope_at_end(past)
    stamp = _stamp(reading.at)
    return {
        "type": "sgv",
        "sgv": _sgv(reading),
        "date": reading.at.epoch_s * 1000,
        "dateString": stamp,
        "sysTime": stamp,
        "utcOffset": _offset_min(reading.at),
        "delta": _delta(past),
        "direction": NO_DIRECTION if isinstance(trend, Unassessed) else DIRECTIONS[trend.arrow],
        "device": reading.device or APP,
        "app": APP,
        "identifier": reading.id,
    }


def _sgv(reading: Reading) -> int:
    side = reading.glucose.censored
    return SENSOR_CODES[side] if side else round(reading.glucose.mg_dl)


def _delta(past: Sequence[Reading]) -> float:
    """Return the change since the reading before, in mg/dL over 5 minutes; 0 after a gap or beside LO and HI."""
    if len(past) < 2 or past[-1].glucose.censored or past[-2].glucose.censored:
        return 0.0
    minutes = past[-1].at.minutes_since(past[-2].at)
    if not 0 < minutes <= evidence.SENSOR_GAP_MIN.value:
        return 0.0
    change = past[-1].glucose.mg_dl - past[-2].glucose.mg_dl
    return round(change / minutes * evidence.SENSOR_STEP_MIN.value, 3)


def _finger_stick(reading: Reading) -> Document:
    glucose = reading.glucose
    said: Document = {
        "glucose": METER_WORDS[glucose.censored] if glucose.censored else plain_number(glucose.amount),
        "units": UNITS[glucose.unit],
        "glucoseType": "Finger",
    }
    return _treatment("BG Check", reading.id, reading.at, said | _notes(reading.note), reading.device)


def _session(session: Session) -> Document:
    parts = [
        f"Massage: {', '.join(str(area) for area in session.areas) or 'area not said'}",
        *session.techniques,
        f"pressure {session.pressure.value} of 5" if session.pressure else None,
        session.note,
        f"[{APP} {session.id}]",
    ]
    said = {"duration": plain_number(session.minutes or 0), "notes": "; ".join(part for part in parts if part)}
    return _treatment("Exercise", session.id, session.start, said)


def _dose(dose: Dose) -> Document:
    name = dose.name or dose.kind.value
    exact = {APP: {"units": dose.units, "kind": dose.kind.value, "name": dose.name, "by_pump": dose.by_pump}}
    if dose.kind in NO_BOLUS:
        injected = json.dumps([{"insulin": name, "units": dose.units}], ensure_ascii=False)
        return _treatment("Note", dose.id, dose.at, {"insulinInjections": injected} | exact | _notes(dose.note))
    said: Document = {"insulin": plain_number(dose.units), "insulinType": name, **exact}
    event = "Combo Bolus" if dose.duration_min else "Correction Bolus"
    length = {"duration": plain_number(dose.duration_min)} if dose.duration_min else {}
    return _treatment(event, dose.id, dose.at, said | length | _notes(dose.note))


def _carbs(eaten: Carbs) -> Document:
    return _treatment("Carb Correction", eaten.id, eaten.at, {"carbs": plain_number(eaten.grams)} | _notes(eaten.note))


def _activity(activity: Activity) -> Document:
    words = "; ".join(part for part in (activity.kind, activity.intensity, activity.note) if part)
    return _treatment("Exercise", activity.id, activity.at, {"duration": activity.minutes or 0, "notes": words})


def _note(note: Note) -> Document:
    return _treatment("Note", note.id, note.at, {"notes": note.text})


def _symptom(symptom: Symptom) -> Document:
    words = f"{symptom.symptom} {symptom.score} of 10"
    return _treatment("Note", symptom.id, symptom.at, {"notes": f"{words}; {symptom.note}" if symptom.note else words})


def _foot_check(check: FootCheck) -> Document:
    seen = "; ".join(f"{found.side} {found.region} {found.finding}" for found in check.findings)
    return _treatment("Note", check.id, check.at, {"notes": f"Foot check: {seen or 'nothing seen'}"})


def _treatment(event: str, record_id: str, at: Moment, said: Document, by: str | None = None) -> Document:
    return {
        "eventType": event,
        "created_at": _stamp(at),
        "utcOffset": _offset_min(at),
        "enteredBy": by or APP,
        "app": APP,
        "identifier": record_id,
        **said,
    }


def _notes(text: str | None) -> Document:
    return {"notes": text} if text else {}


def _stamp(at: Moment) -> str:
    return f"{datetime.fromtimestamp(at.epoch_s, UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def _offset_min(at: Moment) -> int:
    offset = at.local.utcoffset()
    return 0 if offset is None else round(offset.total_seconds() / 60)
