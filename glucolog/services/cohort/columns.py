"""Records and traces as Parquet columns and back: what a shard holds of a person, and no more.

Free text, names, devices, sites, years of birth and stored ids are no columns, so they can't leave with a cohort.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from glucolog.analysis import clock
from glucolog.analysis.trace import GlucoseArrays, from_columns
from glucolog.core.columns import Trace
from glucolog.core.moments import Moment
from glucolog.core.records import Activity, Carbs, Dose, InsulinKind, Session
from glucolog.core.units import Source
from glucolog.core.vocabulary import HEAT_TOOLS, BodyArea, Side

Plain = dict[str, Any]
Table = Any
"""A `pyarrow.Table`; pyarrow ships no types."""

HEAT, EXERTION = "sauna", "exercise"
"""What an activity is called once its own words have stayed behind."""
TRACE_TYPES = {"at_s": np.int64, "amount": np.float64, "is_mmol_l": np.int8, "censored": np.int8}


def trace_table(label: str, trace: Trace, shift_s: int) -> Table:
    """Return the readings of one person and source; every row names both, so that a shard can be read by anything."""
    import pyarrow as pa  # type: ignore[import-untyped]

    columns = {name: np.frombuffer(getattr(trace, name), dtype=kind) for name, kind in TRACE_TYPES.items()}
    columns["at_s"] = columns["at_s"] + shift_s
    named = {name: _repeated(word, len(trace)) for name, word in (("person", label), ("source", trace.source.value))}
    return pa.table({**named, **{name: pa.array(values) for name, values in columns.items()}})


def glucose_of(table: Table, source: Source, zone: str) -> GlucoseArrays:
    """Return the readings of a table of `trace_table` on the clock of `zone`."""
    columns = {name: table.column(name).to_numpy() for name in TRACE_TYPES}
    return from_columns(
        source=source,
        at_s=columns["at_s"],
        offset_s=clock.utc_offsets_s(columns["at_s"], zone),
        amount=columns["amount"],
        is_mmol_l=columns["is_mmol_l"].view(np.bool_),
        censored=columns["censored"],
    )


def _repeated(word: str, n: int) -> Any:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, dtype=np.int32)), pa.array([word]))


def session_row(label: str, session: Session, shift_s: int) -> Plain:
    """Return a session as columns."""
    return {
        "person": label,
        "start_s": session.start.epoch_s + shift_s,
        "end_s": session.end and session.end.epoch_s + shift_s,
        "length_assumed": session.length_assumed,
        "areas": [f"{place.area}:{place.side}" for place in session.areas],
        "techniques": list(session.techniques),
        "tools": list(session.tools),
        "pressure": session.pressure and int(session.pressure),
        "performer": session.performer,
    }


def session_of(row: Mapping[str, Any], zone: str, number: int) -> Session:
    """Return the session of a row; its number within the person is its id."""
    return Session(
        id=str(number),
        person_id=row["person"],
        start=Moment(row["start_s"], zone),
        end=None if row["end_s"] is None else Moment(row["end_s"], zone),
        length_assumed=row["length_assumed"],
        areas=tuple(_place(text) for text in row["areas"]),
        techniques=tuple(row["techniques"]),
        tools=tuple(row["tools"]),
        pressure=row["pressure"],
        performer=row["performer"],
    )


def dose_row(label: str, dose: Dose, shift_s: int) -> Plain:
    """Return a dose as columns."""
    return {
        "person": label, "at_s": dose.at.epoch_s + shift_s, "units": dose.units, "kind": dose.kind.value,
        "by_pump": dose.by_pump, "duration_min": dose.duration_min,
    }  # fmt: skip


def dose_of(row: Mapping[str, Any], zone: str, number: int) -> Dose:
    """Return the dose of a row."""
    return Dose(
        id=str(number), person_id=row["person"], at=Moment(row["at_s"], zone), units=row["units"],
        kind=InsulinKind(row["kind"]), by_pump=row["by_pump"], duration_min=row["duration_min"],
    )  # fmt: skip


def carbs_row(label: str, eaten: Carbs, shift_s: int) -> Plain:
    """Return carbohydrate as columns."""
    return {"person": label, "at_s": eaten.at.epoch_s + shift_s, "grams": eaten.grams, "treatment": eaten.treatment}


def carbs_of(row: Mapping[str, Any], zone: str, number: int) -> Carbs:
    """Return the carbohydrate of a row."""
    at = Moment(row["at_s"], zone)
    return Carbs(id=str(number), person_id=row["person"], at=at, grams=row["grams"], treatment=row["treatment"])


def activity_row(label: str, activity: Activity, shift_s: int) -> Plain:
    """Return an activity as columns; its own words stay behind, only whether it was heat goes along."""
    return {
        "person": label, "at_s": activity.at.epoch_s + shift_s, "heat": activity.kind in HEAT_TOOLS,
        "minutes": activity.minutes, "intensity": activity.intensity,
    }  # fmt: skip


def activity_of(row: Mapping[str, Any], zone: str, number: int) -> Activity:
    """Return the activity of a row."""
    return Activity(
        id=str(number), person_id=row["person"], at=Moment(row["at_s"], zone), kind=HEAT if row["heat"] else EXERTION,
        minutes=row["minutes"], intensity=row["intensity"],
    )  # fmt: skip


def table_of(rows: Sequence[Plain], kind: str) -> Table:
    """Return rows as a table of one of `SCHEMAS`, empty ones too."""
    import pyarrow as pa

    return pa.Table.from_pylist(list(rows), schema=pa.schema(_fields(kind)))


def by_person(rows: Iterable[Plain]) -> dict[str, list[Plain]]:
    """Group rows by the label they carry, in their order."""
    found: dict[str, list[Plain]] = {}
    for row in rows:
        found.setdefault(row["person"], []).append(row)
    return found


SCHEMAS: dict[str, dict[str, str]] = {
    "people": {
        "person": "string", "zone": "string", "cgm_zone": "string", "meter_zone": "string", "target_set": "string",
        "child": "bool", "research_consent": "bool", "cgm_group": "int32", "meter_group": "int32",
    },
    "sessions": {
        "person": "string", "start_s": "int64", "end_s": "int64", "length_assumed": "bool", "areas": "strings",
        "techniques": "strings", "tools": "strings", "pressure": "int8", "performer": "string",
    },
    "doses": {
        "person": "string", "at_s": "int64", "units": "double", "kind": "string", "by_pump": "bool",
        "duration_min": "double",
    },
    "carbs": {"person": "string", "at_s": "int64", "grams": "double", "treatment": "bool"},
    "activities": {
        "person": "string", "at_s": "int64", "heat": "bool", "minutes": "double", "intensity": "string",
    },
}  # fmt: skip
"""The small tables of a shard: column and type."""


def _fields(kind: str) -> list[tuple[str, Any]]:
    import pyarrow as pa

    types: dict[str, Callable[[], Any]] = {
        "string": pa.string, "bool": pa.bool_, "int8": pa.int8, "int32": pa.int32, "int64": pa.int64,
        "double": pa.float64, "strings": lambda: pa.list_(pa.string()),
    }  # fmt: skip
    return [(name, types[word]()) for name, word in SCHEMAS[kind].items()]


def _place(text: str) -> BodyArea:
    area, _, side = text.partition(":")
    return BodyArea(area, Side(side))
