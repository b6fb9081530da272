"""The report model as JSON: every field under its name, instants in ISO 8601 with offset, readings in both units."""

from __future__ import annotations

import json
from array import array
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum

from glucolog.core.columns import Trace
from glucolog.core.moments import Moment
from glucolog.core.records import Reading
from glucolog.core.units import Glucose, format_both, round_half_up
from glucolog.core.vocabulary import BodyArea
from glucolog.reports.model import ReportModel


def report_json(model: ReportModel) -> str:
    """Return the model as one JSON document on one line, without NaN."""
    return json.dumps(as_plain(model), ensure_ascii=False, allow_nan=False) + "\n"


def as_plain(value: object) -> object:
    """Return the value as JSON-able data. Raises `TypeError` for what has no plain form."""
    if isinstance(value, Reading):
        return _reading(value)
    if isinstance(value, Trace):
        return _trace(value)
    if isinstance(value, Moment):
        return value.iso()
    if isinstance(value, Glucose | BodyArea):
        return format_both(value) if isinstance(value, Glucose) else str(value)
    if is_dataclass(value):
        return {field.name: as_plain(getattr(value, field.name)) for field in fields(value)}
    return _simple(value)


def _simple(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list | array):
        return [as_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): as_plain(each) for key, each in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"{type(value).__name__} has no plain form")


def _reading(reading: Reading) -> dict[str, object]:
    glucose = reading.glucose
    return {
        "id": reading.id,
        "at": reading.at.iso(),
        "mg_dl": glucose.mg_dl,
        "mmol_l": float(round_half_up(glucose.mmol_l, 2)),
        "entered": f"{glucose.amount:g} {glucose.unit}",
        "source": reading.source.value,
        "censored": glucose.censored.value if glucose.censored else None,
    }


def _trace(trace: Trace) -> dict[str, object]:
    return {
        "source": trace.source.value,
        "zone": trace.zone,
        "at_s": list(trace.at_s),
        "amount": list(trace.amount),
        "is_mmol_l": list(trace.is_mmol_l),
        "censored": list(trace.censored),
    }
