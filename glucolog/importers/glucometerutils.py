"""glucometerutils: the output of its `dump`, five quoted cells a line and no header.

`"time","value","meal","method","comment"` (glucometers-tech/glucometerutils, `common.py`): local time to the second;
mg/dL unless it was run with `--unit mmol/L`, which the file doesn't say: `Options.unit` does. Method `CGM`, or a
comment with `(Scan)` or `(Sensor)`, is a sensor reading; `blood sample` is a meter's.

FreeStyle Libre readers put more into the comment, separated by `; ` (`support/freestyle_libre.py`): `Food (30 g)`,
`Rapid-acting insulin (4.0)`, `Long-acting insulin (12.0)`, `Sport`; what is left of it is a note. Skipped and counted:
ketone readings, changes of the meter's clock (method `time`), food and insulin logged without an amount, medication.
The file isn't in the order of time: the history comes first, then the scans and blood tests.
"""

from __future__ import annotations

import re

from glucolog.core.records import InsulinKind
from glucolog.core.units import Source, Unit
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.dates import dated_rows
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.stamps import day_parts, split_stamp
from glucolog.importers.text import padded, parse_rows

NAME = "glucometerutils"
LABEL = "glucometerutils dump"

STAMP, VALUE, MEAL, METHOD, COMMENT = range(5)
_METHODS = frozenset({"blood sample", "cgm", "time"})
_SOURCE_WORDS = frozenset({"(scan)", "(sensor)", "(blood)"})
_AMOUNT = re.compile(r"(Food|Rapid-acting insulin|Long-acting insulin)(?: \(([0-9.,]+)(?: g)?\))?")
_INSULIN = {"Rapid-acting insulin": InsulinKind.RAPID, "Long-acting insulin": InsulinKind.LONG}


def sniff(head: Head) -> Confidence:
    """Sure when every first row has five cells, the time first and a known method fourth."""
    rows = [row for row in head.rows[:20] if row]
    return Confidence.SURE if rows and all(_is_row(row) for row in rows) else Confidence.NO


def _is_row(row: list[str]) -> bool:
    return len(row) == 5 and row[METHOD].casefold() in _METHODS and day_parts(split_stamp(row[STAMP])[0]) is not None


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file; see the module for what becomes of a comment."""
    text = source.text()
    parsed, lines = parse_rows(text, ",", 1, source.name)
    kept = [(line, row) for line, row in zip(lines, padded(parsed, 5), strict=True) if any(row)]
    gathered = Gatherer(NAME, options)
    numbers, rows = [line for line, _ in kept], [row for _, row in kept]
    sequences = [row[METHOD] + row[COMMENT].partition(";")[0] for row in rows]
    for line, row, at_s in dated_rows(gathered, numbers, rows, [row[STAMP] for row in rows], sequences):
        _take(line, row, at_s, gathered)
    return gathered.imported()


def _take(line: int, row: list[str], at_s: int, gathered: Gatherer) -> None:
    method, parts = row[METHOD].strip().casefold(), [part.strip() for part in row[COMMENT].split(";")]
    words = {part.casefold() for part in parts}
    if method == "time":
        gathered.skip("changes of the clock")
        return
    if "(ketone)" in words:
        gathered.skip("ketone readings")
    else:
        source = Source.CGM if method == "cgm" or words & {"(scan)", "(sensor)"} else Source.METER
        unit = gathered.options.unit or Unit.MG_DL
        gathered.reading(line, at_s, cells.glucose(row[VALUE], unit, source), source, unit)
    rest = [part for part in parts if not _took(line, part, at_s, gathered)]
    gathered.note(at_s, "; ".join(rest))


def _took(line: int, part: str, at_s: int, gathered: Gatherer) -> bool:
    """Take one part of a comment and say whether it was more than words."""
    if not part or part.casefold() in _SOURCE_WORDS | {"(ketone)"}:
        return True
    if part == "Sport":
        gathered.activity(at_s, "sport", None, None)
    elif part == "Medication":
        gathered.skip("medication")
    elif match := _AMOUNT.fullmatch(part):
        _take_amount(line, match, at_s, gathered)
    else:
        return False
    return True


def _take_amount(line: int, match: re.Match[str], at_s: int, gathered: Gatherer) -> None:
    if match[2] is None:
        gathered.skip("food and insulin without an amount")
    elif match[1] == "Food":
        gathered.carbs_cell(line, at_s, match[2])
    else:
        gathered.dose_cell(line, at_s, match[2], _INSULIN[match[1]])
