"""Glooko: the zip of CSV files, or one of its files alone.

The members are told apart by their names (iricigor/Glooko, public parsers of the export): `cgm_data_N`, `bg_data_N`,
`bolus_data_N`, `basal_data_N`, `insulin_data_N`, `carbs`, `cgm_carbs`, `food`, `exercise`, `notes`, `alarms`,
`medication`, `manual_insulin`, some of them in folders. Line 1 is `Name:…,Date Range:a - b` (translated), line 2 the
header, both with comma, semicolon or tab; names are translated (en, de, nl, …), so columns are found by unit, by place
or by word.

- `cgm`: sensor, `bg`: meter. `1` and `2001` mg/dL (`0.1` and `111.1` mmol/L) are below and above the device's range.
- `bolus`: pump insulin, the delivered amount once (initial and extended delivery are its parts); its carbs are carbs;
  the glucose typed into the calculator is no reading of its own. `manual_insulin`: kind by its name and type.
- `insulin_data` holds **totals of a day**, not doses: skipped, as are basal rates, alarms and medication.
- Members overlap (several parts of one kind, carbs in `bolus`, `carbs`, `food` and `cgm_carbs`): a repeated row counts
  once, as do carbs that another kind of member has at that instant, in one row or together. `food` has a row for each
  thing that was eaten.
Stamps are local without a zone; the order of day and month is settled over all members. Problems name their member.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

from glucolog.core.records import InsulinKind
from glucolog.core.units import Censored, Source, Unit, censored_at
from glucolog.errors import RefusedError
from glucolog.importers import cells
from glucolog.importers.archive import open_archive
from glucolog.importers.base import Confidence, Imported, ImportedCarbs, Options
from glucolog.importers.cells import Amount
from glucolog.importers.dates import dated_rows
from glucolog.importers.day_order import settle_day_first
from glucolog.importers.insulins import kind_of, named
from glucolog.importers.parts import PartsGatherer
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import Table, read_table

NAME = "glooko"
LABEL = "Glooko"

_MEMBER = re.compile(
    r"(?P<kind>cgm_carbs|cgm|bg|bolus|basal|manual_insulin|insulin|carbs?|food|exercise|notes?|alarms?|medications?)"
    r"(?:_data)?(?:_\d+)?(?: ?\(\d+\))?\.csv",
    re.IGNORECASE,
)
_TITLE = re.compile(r"[^\W\d][^:]{1,40}:")
"""`Name:` and `Date Range:`, translated."""
_UNIT = re.compile(r"mg/dl|mmol/l", re.IGNORECASE)
_DELIVERED = re.compile(r"delivered|abgegeben|toegediend|délivré|administrad|erogat|levererad|afgivet", re.IGNORECASE)
_DOSE = re.compile(r"dose|dosis|value|wert|waarde|valeur|valor|units|einheit", re.IGNORECASE)
_CARBS = re.compile(
    r"^(?!.*(?:ratio|verhältnis|verhouding|rapport|kvot))"
    r".*(?:carb|kohlenhydrat|koolhydr|glucid|kolhydrat|kulhydrat|hidratos)",
    re.IGNORECASE,
)
"""A name of carbs that is none of a carbs ratio."""
_GRAMS = re.compile(r"\(g\)")
"""Where their name is shortened (`KH (g)`), carbs are the first column in grams, before fat and protein."""
_FROM_THE_SENSOR = "cgm_carbs"
_SERIAL = re.compile(r"serial|serien|série|serie|transmitter|meter", re.IGNORECASE)
_LENGTH = re.compile(r"duration|dauer|duur|durée|duraci|durata|\(min", re.IGNORECASE)
_INTENSITY = re.compile(r"intensit|intensid|intensität", re.IGNORECASE)
_BOLUS_COLUMNS = 9
_DELIVERED_AT, _CALCULATOR_AT, _CALCULATOR_CARBS_AT = 5, 2, 3
_CODES = {
    (Unit.MG_DL, 1.0): Censored.LOW,
    (Unit.MG_DL, 2001.0): Censored.HIGH,
    (Unit.MMOL_L, 0.1): Censored.LOW,
    (Unit.MMOL_L, 111.1): Censored.HIGH,
}
_SKIPPED = {
    "insulin": "daily totals",
    "basal": "basal rates",
    "alarm": "alarms",
    "alarms": "alarms",
    "medication": "medication",
    "medications": "medication",
}


class _Member(NamedTuple):
    name: str
    kind: str
    table: Table


class _Gatherer(PartsGatherer):
    """Knows the carbs (g) at each instant that members of other kinds hold, so that none counts twice."""

    _kind = ""
    elsewhere: Mapping[int, set[float]] = {}

    def begin(self, member: _Member) -> None:
        """Go on to a member; those of one kind follow each other."""
        self.part = member.name
        if member.kind != self._kind:
            self._kind, self.elsewhere = member.kind, _grams_at_instants(self.carbs)


def _grams_at_instants(carbs: Iterable[ImportedCarbs]) -> dict[int, set[float]]:
    grams: dict[int, list[float]] = defaultdict(list)
    for meal in carbs:
        grams[meal.at_s].append(meal.grams)
    return {at_s: {*some, round(sum(some), 2)} for at_s, some in grams.items()}


def sniff(head: Head) -> Confidence:
    """Sure by the members' names, or by a first line of name and date range over a header."""
    if head.kind == "zip":
        named = any(_kind(name) and "_data" in name.lower() for name in head.members)
        return Confidence.SURE if named else Confidence.NO
    if len(head.rows) < 2 or len(head.rows[0]) < 2:
        return Confidence.NO
    titled = all(_TITLE.match(cell) for cell in head.rows[0][:2]) and _is_header(head.rows[1])
    return Confidence.SURE if titled and (head.rows[0][0].startswith("Name:") or _kind(head.name)) else Confidence.NO


def _kind(path: str) -> str | None:
    match = _MEMBER.fullmatch(PurePosixPath(path).name)
    return match["kind"].lower() if match else None


def _is_header(row: list[str]) -> bool:
    """The header is the first row whose first cell holds neither the name nor a date."""
    return len(row) > 1 and row[0] != "" and not re.search(r"[:0-9]", row[0])


def read(source: SourceFile, options: Options) -> Imported:
    """Read the zip or one file of it; members of unknown names are counted as skipped."""
    members, others = _members(source)
    stamps = [row[0] for member in members for row in member.table.rows if row[0]]
    titles = [title for member in members for title in _titles(member.table)]
    gathered = _Gatherer(NAME, replace(options, day_first=settle_day_first(stamps, options, titles)))
    gathered.skip("other files", others)
    for member in sorted(members, key=lambda member: (member.kind == _FROM_THE_SENSOR, member.kind)):
        gathered.begin(member)
        _take_member(member, gathered)
    return gathered.imported()


def _members(source: SourceFile) -> tuple[list[_Member], int]:
    if source.head().kind != "zip":
        return [_member(source.name, _kind(source.name), source)], 0
    with open_archive(source) as archive:
        known = [(name, kind) for name in archive.names if (kind := _kind(name))]
        members = [_member(name, kind, archive.source(name)) for name, kind in known]
        return members, len(archive.names) - len(known)


def _member(name: str, kind: str | None, source: SourceFile) -> _Member:
    table = read_table(source.text(), _is_header, name)
    return _Member(name, kind or _kind_by_header(table, name), table)


def _kind_by_header(table: Table, name: str) -> str:
    if cells.unit_in(table.header[1]) is None:
        raise RefusedError(f"{name} doesn't say which of Glooko's files it is.", "Give it the name it had in the zip.")
    return "cgm" if "cgm" in table.header[1].casefold() else "bg"


def _titles(table: Table) -> list[str]:
    """The last day of the range in line 1."""
    cells_above = [cell for row in table.preamble for cell in row if ":" in cell]
    return [cell.partition(":")[2].rpartition(" - ")[2] for cell in cells_above[1:2]]


def _take_member(member: _Member, gathered: _Gatherer) -> None:
    table = member.table
    gathered.cut_off(table.cut_line)
    if member.kind in _SKIPPED:
        gathered.skip(_SKIPPED[member.kind], sum(any(row) for row in table.rows))
        return
    filled = [(line, row) for line, row in zip(table.lines, table.rows, strict=True) if any(row)]
    lines, rows = [line for line, _ in filled], [row for _, row in filled]
    take = _TAKERS[member.kind]
    for line, row, at_s in dated_rows(gathered, lines, rows, [row[0] for row in rows]):
        take(line, row, at_s, table, gathered)


def _column(table: Table, *patterns: re.Pattern[str]) -> int | None:
    """The first column, after the stamp, whose name fits the first pattern that fits any."""
    return _found(tuple(table.header), patterns)


@lru_cache(maxsize=256)
def _found(header: tuple[str, ...], patterns: tuple[re.Pattern[str], ...]) -> int | None:
    numbered = list(enumerate(header))[1:]
    fits = ((index for index, name in numbered if pattern.search(name)) for pattern in patterns)
    return next((index for indices in fits for index in indices), None)


def _cell(row: list[str], column: int | None) -> str:
    return "" if column is None else row[column].strip()


def _take_cgm(line: int, row: list[str], at_s: int, table: Table, gathered: _Gatherer) -> None:
    _take_reading(line, row, at_s, Source.CGM, table, gathered)


def _take_bg(line: int, row: list[str], at_s: int, table: Table, gathered: _Gatherer) -> None:
    _take_reading(line, row, at_s, Source.METER, table, gathered)


def _take_reading(line: int, row: list[str], at_s: int, source: Source, table: Table, gathered: _Gatherer) -> None:
    column = _column(table, _UNIT) or 1
    unit = cells.unit_in(table.header[column]) or gathered.options.unit
    if unit is None:
        gathered.problem(line, "The column of glucose names no unit.")
    elif gathered.is_first((source, at_s, row[column])):
        device = _cell(row, _column(table, _SERIAL)) or None
        gathered.reading(line, at_s, _amount(row[column], unit, source), source, unit, device)


def _amount(text: str, unit: Unit, source: Source) -> Amount | str:
    side = _CODES.get((unit, cells.number(text) or 0.0))
    if side is not None:
        return Amount(censored_at(side, unit, source).amount, side)
    return cells.glucose(text, unit, source)


def _take_bolus(line: int, row: list[str], at_s: int, table: Table, gathered: _Gatherer) -> None:
    whole = len(table.header) >= _BOLUS_COLUMNS and cells.unit_in(table.header[_CALCULATOR_AT]) is not None
    units = _cell(row, _DELIVERED_AT if whole else _column(table, _DELIVERED, _DOSE))
    carbs = _cell(row, _CALCULATOR_CARBS_AT if whole else _column(table, _CARBS))
    if not gathered.is_first(("bolus", at_s, units, carbs)):
        return
    if units:
        kind = kind_of(row[1]) if named(row[1]) else InsulinKind.RAPID
        gathered.dose_cell(line, at_s, units, kind, name=named(row[1]), by_pump=True)
    if carbs and cells.number(carbs) != 0:
        _take_grams(line, at_s, carbs, None, gathered)
    if not units and not carbs:
        gathered.skip("boluses not delivered")


def _take_manual_insulin(line: int, row: list[str], at_s: int, table: Table, gathered: _Gatherer) -> None:
    column = _column(table, _DOSE)
    units = _cell(row, column)
    words = " ".join(cell for index, cell in enumerate(row) if index not in {0, column})
    if gathered.is_first(("insulin", at_s, units, words)):
        name = next((cell.strip() for cell in row[1:] if named(cell)), None)
        gathered.dose_cell(line, at_s, units, kind_of(words), name=name)


def _take_carbs(line: int, row: list[str], at_s: int, table: Table, gathered: _Gatherer) -> None:
    column = _column(table, _CARBS, _GRAMS)
    words = [cell.strip() for index, cell in enumerate(row) if index not in {0, column} and not cells.number(cell)]
    _take_grams(line, at_s, _cell(row, column), ", ".join(filter(None, words)) or None, gathered)


def _take_grams(line: int, at_s: int, grams: str, note: str | None, gathered: _Gatherer) -> None:
    amount = cells.number(grams)
    if amount in gathered.elsewhere.get(at_s, ()):
        gathered.skip("repeated rows")
    elif gathered.is_first(("carbs", at_s, amount, note)):
        gathered.carbs_cell(line, at_s, grams, note=note)


def _take_exercise(line: int, row: list[str], at_s: int, table: Table, gathered: _Gatherer) -> None:
    if not any(row[1:]):
        gathered.problem(line, "The row has a time and nothing else.")
    elif gathered.is_first(("exercise", at_s, *row[1:])):
        kind = row[1].strip() or "exercise"
        minutes = cells.span_minutes(_cell(row, _column(table, _LENGTH)))
        gathered.activity(at_s, kind, minutes, cells.intensity(_cell(row, _column(table, _INTENSITY))))


def _take_note(line: int, row: list[str], at_s: int, table: Table, gathered: _Gatherer) -> None:
    text = " ".join(cell.strip() for cell in row[1:] if cell.strip())
    if not text:
        gathered.problem(line, f"Nothing stands under {cells.shown(table.header[1])}.")
    elif gathered.is_first(("note", at_s, text)):
        gathered.note(at_s, text)


_TAKERS: dict[str, Callable[[int, list[str], int, Table, _Gatherer], None]] = {
    "cgm": _take_cgm,
    "bg": _take_bg,
    "bolus": _take_bolus,
    "manual_insulin": _take_manual_insulin,
    "carb": _take_carbs,
    "carbs": _take_carbs,
    _FROM_THE_SENSOR: _take_carbs,
    "food": _take_carbs,
    "exercise": _take_exercise,
    "note": _take_note,
    "notes": _take_note,
}
