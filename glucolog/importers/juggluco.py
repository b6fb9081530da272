"""Juggluco: the tab-separated exports "History", "Stream" and "Scans" of the app and of its web server.

Columns by name (j-kaltes/Juggluco issues 12, 14, 185, 340; JugglucoNG pull request 144): `Sensorid`, `nr`, `UnixTime`
(seconds), the local time (`YYYY-mm-dd-HH:MM:SS`, newer `YYYY-mm-ddTHH:MM:SS`), `TZ`, `Min`, the value under its unit
(`mg/dL` or `mmol/L`), and in a stream also `Rate` and `ChangeLabel`.

`UnixTime` alone places a reading; the local time and `TZ` (whole hours, wrong for half-hour zones) are not looked at.
Every row is a sensor reading. A stream mixes the sensors that were worn, so it is not in the order of time.
"""

from __future__ import annotations

from glucolog.core.units import Source, Unit
from glucolog.errors import RefusedError
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.dates import instant
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import read_table

NAME = "juggluco"
LABEL = "Juggluco"

SENSOR, SECONDS = "sensorid", "unixtime"


def sniff(head: Head) -> Confidence:
    """Sure when a first row names the sensor's id and the Unix time."""
    return Confidence.SURE if any(_is_header(row) for row in head.rows[:3]) else Confidence.NO


def _is_header(row: list[str]) -> bool:
    return {SENSOR, SECONDS} <= {cell.casefold() for cell in row}


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file; `RefusedError` where no column is named after a glucose unit."""
    table = read_table(source.text(), _is_header, source.name)
    gathered = Gatherer(NAME, options)
    gathered.cut_off(table.cut_line)
    names = [name.casefold() for name in table.header]
    sensor, seconds = names.index(SENSOR), names.index(SECONDS)
    value, unit = _value_column(table.header, source.name)
    for line, row in zip(table.lines, table.rows, strict=True):
        at_s = _placed(row[seconds], options)
        if isinstance(at_s, str):
            gathered.problem(line, at_s)
        else:
            amount = cells.glucose(row[value], unit, Source.CGM)
            gathered.reading(line, at_s, amount, Source.CGM, unit, row[sensor].strip() or None)
    return gathered.imported()


def _value_column(header: list[str], name: str) -> tuple[int, Unit]:
    units = [(index, cells.unit_in(cell)) for index, cell in enumerate(header)]
    named = next(((index, unit) for index, unit in units if unit is not None), None)
    if named is None:
        raise RefusedError(f"{name} has no column of mg/dL or mmol/L.", "Export it again with all of its columns.")
    return named


def _placed(text: str, options: Options) -> int | str:
    seconds = cells.number(text)
    return f"“{cells.shown(text)}” is not a Unix time." if seconds is None else instant(seconds, options)
