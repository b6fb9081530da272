"""Tidepool's items, as its own tools read them: glucose in mmol/L, times in UTC with the local clock beside them.

A mg/dL amount is divided by 18.01559 and not rounded, as Tidepool itself does, so that it can be had back. LO and HI
carry the annotation `bg/out-of-range`. Insulin by pump is a bolus, any other an `insulin` item; a session is physical
activity. Symptoms, foot checks and notes have no place among Tidepool's device data and are left out.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from glucolog.core.moments import Moment
from glucolog.core.records import Activity, Carbs, Dose, InsulinKind, Reading, Session
from glucolog.core.units import MG_DL_PER_MMOL_L, Source, Unit
from glucolog.reports.exports.records import ExportRecords
from glucolog.reports.exports.text import chunked

Item = dict[str, Any]

APP = "glucolog"
TYPES = {Source.CGM: "cbg", Source.METER: "smbg"}
ACTING = {
    InsulinKind.ULTRA_RAPID: "rapid",
    InsulinKind.RAPID: "rapid",
    InsulinKind.REGULAR: "short",
    InsulinKind.LONG: "long",
}
INTENSITIES = {"light": "low", "moderate": "medium", "hard": "high"}
MS_PER_MIN = 60_000


def tidepool_json(records: ExportRecords) -> Iterator[bytes]:
    """Yield a list of items: the upload they belong to, then kind by kind."""
    return chunked(_pieces(records))


def _pieces(records: ExportRecords) -> Iterator[str]:
    upload = _upload(records)
    yield f"[\n{_json(upload)}"
    items = chain(
        map(_reading, records.readings),
        chain.from_iterable(map(_dose, records.doses)),
        map(_carbs, records.carbs),
        map(_activity, records.activities),
        map(_session, records.sessions),
    )
    yield from (f",\n{_json(item | {'uploadId': upload['uploadId']})}" for item in items)
    yield "\n]\n"


def _json(item: Item) -> str:
    return json.dumps(item, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _upload(records: ExportRecords) -> Item:
    named = str(uuid.uuid5(uuid.UUID(records.person.id), f"upload:{records.made_at.epoch_s}"))
    return _item("upload", named, records.made_at, APP) | {
        "uploadId": named,
        "deviceManufacturers": [APP],
        "deviceModel": APP,
        "deviceTags": ["bgm", "cgm"],
        "timezone": records.person.zone,
        "version": APP,
    }


def _reading(reading: Reading) -> Item:
    glucose = reading.glucose
    value = glucose.amount if glucose.unit is Unit.MMOL_L else glucose.amount / MG_DL_PER_MMOL_L
    item = _item(TYPES[reading.source], reading.id, reading.at, reading.device)
    beyond = glucose.censored and {"code": "bg/out-of-range", "value": glucose.censored.value, "threshold": value}
    return item | {"units": "mmol/L", "value": value} | ({"annotations": [beyond]} if beyond else {})


def _dose(dose: Dose) -> Iterator[Item]:
    if not dose.by_pump:
        yield _item("insulin", dose.id, dose.at, APP) | _injected(dose)
    elif dose.duration_min:
        length = {"duration": round(dose.duration_min * MS_PER_MIN), "extended": dose.units}
        yield _item("bolus", dose.id, dose.at, APP) | {"subType": "square"} | length
    else:
        yield _item("bolus", dose.id, dose.at, APP) | {"subType": "normal", "normal": dose.units}


def _injected(dose: Dose) -> Item:
    simple = {"actingType": ACTING[dose.kind]} if dose.kind in ACTING else {}
    brand = {"brand": dose.name} if dose.name else {}
    return {"dose": {"total": dose.units, "units": "Units"}, "formulation": {"simple": simple | brand}}


def _carbs(eaten: Carbs) -> Item:
    nutrition = {"carbohydrate": {"net": eaten.grams, "units": "grams"}}
    return _item("food", eaten.id, eaten.at, APP) | {"nutrition": nutrition}


def _activity(activity: Activity) -> Item:
    effort = INTENSITIES.get(activity.intensity or "")
    item = _active(activity.id, activity.at, activity.kind, activity.minutes)
    return item | ({"reportedIntensity": effort} if effort else {})


def _session(session: Session) -> Item:
    areas = ", ".join(str(area) for area in session.areas)
    return _active(session.id, session.start, f"Massage: {areas}" if areas else "Massage", session.minutes)


def _active(record_id: str, at: Moment, name: str, minutes: float | None) -> Item:
    item = _item("physicalActivity", record_id, at, APP) | {"name": name}
    return item | ({"duration": {"units": "minutes", "value": minutes}} if minutes else {})


def _item(kind: str, record_id: str, at: Moment, device: str | None) -> Item:
    local = at.local
    offset = local.utcoffset()
    return {
        "type": kind,
        "id": record_id.replace("-", ""),
        "guid": record_id,
        "time": f"{datetime.fromtimestamp(at.epoch_s, UTC):%Y-%m-%dT%H:%M:%S}.000Z",
        "deviceTime": f"{local:%Y-%m-%dT%H:%M:%S}",
        "timezoneOffset": 0 if offset is None else round(offset.total_seconds() / 60),
        "conversionOffset": 0,
        "clockDriftOffset": 0,
        "deviceId": device or APP,
    }
