"""Any CSV with named columns (comma, semicolon or tab): ours by name, others by `Options.mapping`.

Ours: `time` (ISO, or a local date and time; with `date`, the time of that day), `glucose_mg_dl`, `glucose_mmol_l`,
`glucose` (its unit stands in the file's own header, or `Options.unit` says), `source` (cgm or meter), `insulin_units`,
`insulin` (its name), `site`, `carbs_g`, `note`. A row may hold several of them.

- Without a `source` column the readings are a sensor's when half of the gaps between them are 15 minutes or less, else
  a meter's; a remark says which.
- Insulin without a name is of unknown kind, which counts on the careful side. A site that is no AREA word is left out,
  with a remark. Skipped: rows that hold a time alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from statistics import median_low

from glucolog.core.records import InsulinKind
from glucolog.core.units import Source, Unit
from glucolog.core.vocabulary import BodyArea, parse_areas
from glucolog.errors import RefusedError, UsageError
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.dates import place_stamps
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.insulins import kind_of
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import Table, bare, grouped, pick, read_table

NAME = "generic"
LABEL = "a CSV with named columns"

GLUCOSE_COLUMNS: dict[str, Unit | None] = {
    "glucose_mg_dl": Unit.MG_DL,
    "glucose_mmol_l": Unit.MMOL_L,
    "glucose": None,
}
COLUMNS = ("time", "date", *GLUCOSE_COLUMNS, "source", "insulin_units", "insulin", "site", "carbs_g", "note")
"""The names of our columns; `Options.mapping` maps a file's headers to these."""
SENSOR_GAP_S = 15 * 60
"""Sensors store a reading every 1, 5 or 15 minutes."""

_HOLDING = frozenset({*GLUCOSE_COLUMNS, "insulin_units", "carbs_g", "note"})
_SENSOR = re.compile(r"cgm|sensor|scan|egv|sgv", re.IGNORECASE)
_METER = re.compile(r"meter|finger|strip|smbg|bgm?\b|capillary|manual", re.IGNORECASE)


def sniff(head: Head) -> Confidence:
    """Likely when a first row names `time` and something that has one."""
    return Confidence.LIKELY if any(_is_header(row, {}) for row in head.rows[:5]) else Confidence.NO


def _is_header(row: list[str], mapping: Mapping[str, str]) -> bool:
    names = {_ours(cell, mapping) for cell in row}
    return "time" in names and not _HOLDING.isdisjoint(names)


def _ours(cell: str, mapping: Mapping[str, str]) -> str:
    return mapping.get(cell.casefold(), cell.casefold())


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file. Raises `UsageError` for a mapping to no column of ours, `RefusedError` where a unit is missing."""
    mapping = _mapping(options)
    table = read_table(source.text(), lambda row: _is_header(row, mapping), source.name)
    columns = dict(zip((_ours(cell, mapping) for cell in table.header), table.columns(), strict=True))
    gathered = Gatherer(NAME, options)
    gathered.cut_off(table.cut_line)
    days = columns.get("date")
    stamps = columns["time"] if days is None else [" ".join(both) for both in zip(days, columns["time"], strict=True)]
    at = place_stamps(gathered, table.lines, stamps)
    _take_glucose(table, columns, at, mapping, gathered)
    _take_others(table, columns, at, gathered)
    return gathered.imported()


def _mapping(options: Options) -> dict[str, str]:
    wrong = [name for name in options.mapping.values() if name not in COLUMNS]
    if wrong:
        raise UsageError(f"“{wrong[0]}” is no column glucolog knows.", f"Known: {', '.join(COLUMNS)}.")
    return {bare(header).casefold(): name for header, name in options.mapping.items()}


def _unit(name: str, table: Table, mapping: Mapping[str, str], options: Options) -> Unit:
    header = next(cell for cell in table.header if _ours(cell, mapping) == name)
    unit = GLUCOSE_COLUMNS[name] or cells.unit_in(header) or options.unit
    if unit is None:
        raise RefusedError(
            f"The column “{cells.shown(header)}” names no unit.", "Say --unit mg/dL or --unit mmol/L; it isn't guessed."
        )
    return unit


def _take_glucose(
    table: Table,
    columns: Mapping[str, tuple[str, ...]],
    at: list[int | str],
    mapping: Mapping[str, str],
    gathered: Gatherer,
) -> None:
    for name in GLUCOSE_COLUMNS:
        texts = columns.get(name, ())
        filled = [index for index, text in enumerate(texts) if text and not text.isspace()]
        if not filled:
            continue
        unit = _unit(name, table, mapping, gathered.options)
        words = columns.get("source") or [_usual_source(pick(at, filled), gathered)] * len(texts)
        for word, chosen in grouped(pick(words, filled)).items():
            rows = pick(filled, chosen)
            _take_readings(word, pick(table.lines, rows), pick(at, rows), pick(texts, rows), unit, gathered)


def _take_readings(
    word: str, lines: list[int], at: list[int | str], texts: list[str], unit: Unit, gathered: Gatherer
) -> None:
    sources = [found for found, pattern in ((Source.CGM, _SENSOR), (Source.METER, _METER)) if pattern.search(word)]
    if sources:
        gathered.readings(lines, at, texts, sources[0], unit)
        return
    for line in lines:
        gathered.problem(line, f"“{cells.shown(word)}” is no source: write cgm or meter.")


def _usual_source(at: list[int | str], gathered: Gatherer) -> Source:
    times = sorted({second for second in at if isinstance(second, int)})
    gaps = [later - earlier for earlier, later in pairwise(times)]
    source = Source.CGM if gaps and median_low(gaps) <= SENSOR_GAP_S else Source.METER
    kind = "a sensor's" if source is Source.CGM else "a meter's"
    gathered.remark(None, f"The file names no source; by their spacing the readings were taken as {kind}.")
    return source


def _take_others(table: Table, columns: Mapping[str, tuple[str, ...]], at: list[int | str], gathered: Gatherer) -> None:
    blank = ("",) * len(at)
    parts = [columns.get(name, blank) for name in ("insulin_units", "insulin", "site", "carbs_g", "note")]
    has_glucose = [any(cells_) for cells_ in zip(*(columns.get(name, blank) for name in GLUCOSE_COLUMNS), strict=True)]
    for line, at_s, glucose, *row in zip(table.lines, at, has_glucose, *parts, strict=True):
        if not any(row):
            if not glucose:
                _count_bare(line, at_s, gathered)
        elif isinstance(at_s, int):
            _take_row(line, at_s, row, gathered)
        elif not glucose:
            gathered.problem(line, at_s)


def _count_bare(line: int, at_s: int | str, gathered: Gatherer) -> None:
    if isinstance(at_s, str):
        gathered.problem(line, at_s)
    else:
        gathered.skip("rows with a time alone")


def _take_row(line: int, at_s: int, row: list[str], gathered: Gatherer) -> None:
    units, insulin, site, grams, note = (cell.strip() for cell in row)
    if units:
        kind = kind_of(insulin) if insulin else InsulinKind.UNKNOWN
        place = _place(line, site, gathered) if site else None
        gathered.dose_cell(line, at_s, units, kind, name=insulin or None, site=place)
    elif insulin or site:
        gathered.problem(line, "The insulin has no units.")
    if grams:
        gathered.carbs_cell(line, at_s, grams)
    gathered.note(at_s, note)


def _place(line: int, site: str, gathered: Gatherer) -> BodyArea | None:
    try:
        places = parse_areas(site)
    except UsageError:
        places = ()
    if len(places) == 1:
        return places[0]
    gathered.remark(line, f"“{cells.shown(site)}” is not one site; the dose was kept without it.")
    return None
