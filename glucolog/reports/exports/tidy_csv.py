"""Tidy CSV: one row a record, ISO 8601 with offset, both units, an empty cell only where nothing is known.

A cell that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from glucolog.core.moments import Moment
from glucolog.core.records import Reading, Session
from glucolog.reports.exports.records import ExportRecords

COLUMNS = (
    "time", "zone", "kind", "mg_dl", "mmol_l", "entered", "entered_unit", "censored", "source", "device",
    "insulin_units", "insulin", "insulin_kind", "site", "carbs_g", "treatment", "minutes", "end", "areas",
    "techniques", "tools", "pressure", "what", "score", "note",
)  # fmt: skip
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

Row = dict[str, object]


def tidy_csv(records: ExportRecords) -> bytes:
    """Return all records of a person in time order under `COLUMNS`, UTF-8 with a BOM for spreadsheets."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, restval="")
    writer.writeheader()
    rows = sorted(_rows(records), key=lambda row: row[0].epoch_s)
    writer.writerows({name: cell(value) for name, value in row.items()} for _, row in rows)
    return stream.getvalue().encode("utf-8-sig")


def cell(value: object) -> str:
    """Write one cell: zero is not empty, None is, and text never begins a formula."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA_SIGNS) else text


def _rows(records: ExportRecords) -> Iterator[tuple[Moment, Row]]:
    for reading in records.readings:
        yield reading.at, _base(reading.at, "reading") | _reading(reading)
    for dose in records.doses:
        site = str(dose.site) if dose.site else None
        said = {"insulin_units": dose.units, "insulin": dose.name, "insulin_kind": dose.kind.value, "site": site}
        yield dose.at, _base(dose.at, "insulin", dose.note) | said
    for eaten in records.carbs:
        yield eaten.at, _base(eaten.at, "carbs", eaten.note) | {"carbs_g": eaten.grams, "treatment": eaten.treatment}
    for session in records.sessions:
        yield session.start, _base(session.start, "session", session.note) | _session(session)
    yield from _of_the_body(records)


def _of_the_body(records: ExportRecords) -> Iterator[tuple[Moment, Row]]:
    for activity in records.activities:
        yield (
            activity.at,
            _base(activity.at, "activity", activity.note)
            | {
                "what": activity.kind,
                "minutes": activity.minutes,
            },
        )
    for symptom in records.symptoms:
        areas = str(symptom.place) if symptom.place else None
        said = {"what": symptom.symptom, "score": symptom.score, "areas": areas}
        yield symptom.at, _base(symptom.at, "symptom", symptom.note) | said
    for check in records.foot_checks:
        seen = "; ".join(f"{found.side} {found.region} {found.finding}" for found in check.findings)
        yield check.at, _base(check.at, "foot_check", check.note) | {"what": seen, "areas": ", ".join(check.sides)}
    for note in records.notes:
        yield note.at, _base(note.at, "note", note.text)


def _base(at: Moment, kind: str, note: str | None = None) -> Row:
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
        "note": reading.note,
    }


def _session(session: Session) -> Row:
    return {
        "minutes": session.minutes,
        "end": session.end.iso() if session.end else None,
        "areas": ", ".join(str(area) for area in session.areas),
        "techniques": ", ".join(session.techniques),
        "tools": ", ".join(session.tools),
        "pressure": session.pressure,
    }
