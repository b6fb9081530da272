"""Eversense: the CSV of the data management system, one sensor reading a row.

Columns by name: `EventDateStr`, `EventTimeStr`, `Value`, `UnitMeasureVal`, `SensorID`. The unit stands in every row
and may change within a file. Local stamps without a zone.
"""

from __future__ import annotations

from glucolog.core.units import Source, Unit
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.dates import dated_rows
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import read_table

NAME = "eversense"
LABEL = "Eversense"

_DATE, _TIME, _VALUE, _UNIT, _SENSOR = "eventdatestr", "eventtimestr", "value", "unitmeasureval", "sensorid"


def sniff(head: Head) -> Confidence:
    """Sure when a first row names the event's date and time and the value."""
    return Confidence.SURE if any(_is_header(row) for row in head.rows[:10]) else Confidence.NO


def _is_header(row: list[str]) -> bool:
    return {_DATE, _TIME, _VALUE} <= {cell.casefold() for cell in row}


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file; a row without a unit takes the one of the options, or is a problem."""
    table = read_table(source.text(), _is_header, source.name)
    gathered = Gatherer(NAME, options)
    gathered.cut_off(table.cut_line)
    names = [name.casefold() for name in table.header]
    date, time, value = (names.index(name) for name in (_DATE, _TIME, _VALUE))
    unit, sensor = (names.index(name) if name in names else None for name in (_UNIT, _SENSOR))
    stamps = [f"{row[date].strip()} {row[time].strip()}" for row in table.rows]
    sensors = ["" if sensor is None else row[sensor].strip() for row in table.rows]
    wanted = [
        (row[value], "" if unit is None else row[unit], who) for row, who in zip(table.rows, sensors, strict=True)
    ]
    for line, (amount, unit_text, who), at_s in dated_rows(gathered, table.lines, wanted, stamps, sensors):
        measured_in = cells.unit_in(unit_text) or options.unit
        _take(line, at_s, amount, measured_in, who, gathered)
    return gathered.imported()


def _take(line: int, at_s: int, text: str, unit: Unit | None, sensor: str, gathered: Gatherer) -> None:
    if unit is None:
        gathered.problem(line, "The row names no unit.")
    else:
        gathered.reading(line, at_s, cells.glucose(text, unit, Source.CGM), Source.CGM, unit, sensor or None)
