"""Tidy CSV: one row a record, ISO 8601 with offset, both units, an empty cell only where nothing is known.

A cell that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from heapq import merge

from glucolog.core.moments import Moment
from glucolog.core.records import Activity, Carbs, Dose, FootCheck, Note, Reading, Session, Symptom
from glucolog.reports.exports.records import ExportRecords
from glucolog.reports.exports.text import chunked, defused

COLUMNS = (
    "time", "zone", "kind", "mg_dl", "mmol_l", "entered", "entered_unit", "censored", "source", "device",
    "insulin_units", "insulin", "insulin_kind", "site", "carbs_g", "treatment", "minutes", "end", "areas",
    "techniques", "tools", "pressure", "what", "score", "note",
)  # fmt: skip
BOM = "\ufeff"
"""Tells spreadsheets that the file is UTF-8."""

Row = dict[str, object]


def tidy_csv(records: ExportRecords) -> Iterator[bytes]:
    """Yield all records of a person in time order under `COLUMNS`, UTF-8 with a BOM for spreadsheets."""
    return chunked(_lines(records))


def cell(value: object) -> str:
    """Write one cell: zero is not empty, None is, and text never begins a formula."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    return defused(value) if isinstance(value, str) else str(value)


def _lines(records: ExportRecords) -> Iterator[str]:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    yield BOM
    for _, row in merge(*_rows(records), key=lambda placed: placed[0].epoch_s):
        writer.writerow([cell(row.get(name)) for name in COLUMNS])
        yield stream.getvalue()
        stream.seek(0)
        stream.truncate()
    yield stream.getvalue()


def _rows(records: ExportRecords) -> Iterator[Iterable[tuple[Moment, Row]]]:
    yield ((one.at, _base(one.at, "reading", one.note) | _reading(one)) for one in records.readings)
    yield ((one.at, _base(one.at, "insulin", one.note) | _dose(one)) for one in records.doses)
    yield ((one.at, _base(one.at, "carbs", one.note) | _carbs(one)) for one in records.carbs)
    yield ((one.start, _base(one.start, "session", one.note) | _session(one)) for one in records.sessions)
    yield ((one.at, _base(one.at, "activity", one.note) | _activity(one)) for one in records.activities)
    yield ((one.at, _base(one.at, "symptom", one.note) | _symptom(one)) for one in records.symptoms)
    yield ((one.at, _base(one.at, "foot_check", one.note) | _foot_check(one)) for one in records.foot_checks)
    yield ((one.at, _note(one)) for one in records.notes)


def _base(at: Moment, kind: str, note: str | None) -> Row:
    return {"time": at.iso(), "zone": at.zone, "kind": kind, "note": note}


def _reading(reading: Reading) -> Row:
    glucose = reading.glucose
    return {
        "mg_dl": glucose.mg_dl,
        "mmol_l": glucose.mmol_l,
        "entered": glucose.amount,
        "entered_unit": glucose.unit.value,
        "censored": glucose.censored.value if glucose.censored else None,
        "source": reading.source.value,
        "device": reading.device,
    }


def _dose(dose: Dose) -> Row:
    return {
        "insulin_units": dose.units,
        "insulin": dose.name,
        "insulin_kind": dose.kind.value,
        "site": str(dose.site) if dose.site else None,
        "minutes": dose.duration_min,
    }


def _carbs(carbs: Carbs) -> Row:
    return {"carbs_g": carbs.grams, "treatment": "yes" if carbs.treatment else "no"}


def _session(session: Session) -> Row:
    return {
        "minutes": session.minutes,
        "end": session.end.iso() if session.end else None,
        "areas": ", ".join(str(area) for area in session.areas),
        "techniques": ", ".join(session.techniques),
        "tools": ", ".join(session.tools),
        "pressure": session.pressure,
    }


def _activity(activity: Activity) -> Row:
    return {"what": activity.kind, "minutes": activity.minutes}


def _symptom(symptom: Symptom) -> Row:
    areas = str(symptom.place) if symptom.place else None
    return {"what": symptom.symptom, "score": symptom.score, "areas": areas}


def _foot_check(check: FootCheck) -> Row:
    seen = "; ".join(f"{found.side} {found.region} {found.finding}" for found in check.findings)
    return {"what": seen, "areas": ", ".join(check.sides)}


def _note(note: Note) -> Row:
    return _base(note.at, "note", note.text)
