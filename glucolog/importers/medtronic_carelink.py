"""Medtronic CareLink: personal export (v1), its newer form with sections (Guardian Connect, 670G, 780G), iPro2.

All begin with a preamble (it names the person: not stored). Then come one or more tables, each with a header that
starts with Index, date, time. Columns differ by device, shift within a file, and are translated, so they are found by
name in each section. iPro2 is UTF-16 with tabs; the European web export has `;` and decimal commas.

- Sensor Glucose → sensor. BG Reading → meter, once for each time and value: one stick comes as BGReceived,
  BGCapturedOnPump and CalBGForPH. Sensor Calibration BG is that stick again.
- Bolus Volume Delivered → rapid insulin by pump (dual boluses are two rows, both count; a 780G writes each bolus once
  more without a delivered volume: skipped). BWZ Carb Input → carbs, in grams, exchanges (15 g), BE (12 g) or KE (10 g).
- `CLOSED_LOOP_AUTO_INSULIN` is no dose but what the pump gave by itself in a whole day, at midnight, in the column of
  the boluses: skipped, as are micro boluses (a 670G's automatic basal, five minutes each), like all basal.
- Event Marker: `Insulin: 3,00` (kind unknown), `Meal: 45,00grams`, `Exercise`, other text → note. Guardian Connect
  writes many events twice: the same kind, time and value within the file counts once, the rest as repeated.
- Skipped and counted under their column's name or raw type: basal rates, alarms, primes, rewinds, ISIG alone, daily
  totals, settings, meal marks without an amount, the marks of a day's start and end.

The stamps are local to the device's clock, also where Raw-Values call them UTC.
"""

from __future__ import annotations

import re
from itertools import compress
from typing import NamedTuple

from glucolog.core.records import InsulinKind
from glucolog.core.units import Source
from glucolog.errors import RefusedError
from glucolog.importers import cells
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.carelink_columns import INDEX, Section, is_section_header, section_of
from glucolog.importers.dates import place_stamps
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.source import Head, SourceFile
from glucolog.importers.text import bare, delimiter_of, grouped, padded, parse_rows, pick, split_rows

NAME = "medtronic-carelink"
LABEL = "Medtronic CareLink"

_TITLE = re.compile(r"carelink|medtronic.*ipro", re.IGNORECASE)
_MARKED = re.compile(
    r"\s*(?:(?P<insulin>insulina?e?)|(?P<carbs>meal|mahlzeit|repas|comida|pasto|maaltijd|måltid)"
    r"|(?P<exercise>exercise|sport|bewegung|exercice|ejercicio|esercizio|beweging|motion))"
    r"\s*:?\s*(?P<amount>[0-9]+(?:[.,][0-9]+)?)?\s*(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_DAILY_TOTALS = "daily totals of automatic insulin"
_AUTOMATIC = {
    "CLOSED_LOOP_AUTO_INSULIN": _DAILY_TOTALS,
    "CLOSED_LOOP_MICRO_BOLUS": "automatic basal",
    "CL_MICRO_BOLUS": "automatic basal",
}
"""Codes of the pump in the row of a bolus (not translated), and as what such a row is skipped."""
_DAILY_SECTION = re.compile(r"aggregat", re.IGNORECASE)
_DAY_MARK = re.compile(r"(start|end) of the day", re.IGNORECASE)
_HOUSEKEEPING = re.compile(r"^(raw-|roh-|source$|excluded|used in|linked|id des|timestamp|zeitstempel)", re.IGNORECASE)


class _Row(NamedTuple):
    section: Section
    cells: list[str]


def sniff(head: Head) -> Confidence:
    """Sure by the title, a section line of dashes, or a header with an index and the sensor's ISIG."""
    if not head.rows:
        return Confidence.NO
    titled = _TITLE.search(" ".join(head.rows[0])) is not None
    sectioned = any(row[:1] == ["-------"] for row in head.rows[:12])
    return Confidence.SURE if titled or sectioned or any(map(_is_header, head.rows[:40])) else Confidence.NO


def _is_header(row: list[str]) -> bool:
    if len(row) < 5 or row[0].casefold() not in INDEX:
        return False
    return any("isig" in cell.casefold() or "new device time" in cell.casefold() for cell in row)


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file; see the module for what becomes of each kind of row."""
    text = source.text()
    looked_at = split_rows(text.split("\n", 400)[:400])
    at = next((index for index, row in enumerate(looked_at) if is_section_header(row)), None)
    if at is None:
        raise RefusedError(f"{source.name} has no table of CareLink in it.", "Choose the export as it was saved.")
    delimiter = delimiter_of(text.split("\n", at + 1)[at])
    rows, lines = parse_rows(text, delimiter, 1, source.name)
    taken = _Taker(Gatherer(NAME, options))
    taken.take(rows, list(lines), titles=[cell for row in looked_at[:at] for cell in row])
    return taken.gathered.imported()


class _Taker:
    """Walks the rows of all sections and remembers what it has already seen."""

    def __init__(self, gathered: Gatherer) -> None:
        self.gathered = gathered
        self._seen: set[tuple[object, ...]] = set()

    def take(self, rows: list[list[str]], lines: list[int], titles: list[str]) -> None:
        """Take all rows of all sections; `titles` are the cells of the preamble."""
        found, numbers = _rows_of_sections(rows, lines)
        stamps = [f"{row.cells[1].strip()} {row.cells[2].strip()}" for row in found]
        kinds = [row.section if _is_plain(row) else None for row in found]
        groups = [(row.section.number, kind is None) for row, kind in zip(found, kinds, strict=True)]
        at = place_stamps(self.gathered, numbers, stamps, groups, titles)
        for section, chosen in grouped(kinds).items():
            chosen_rows, chosen_lines, times = pick(found, chosen), pick(numbers, chosen), pick(at, chosen)
            if section is None:
                self._take_rows(chosen_lines, chosen_rows, times)
            else:
                self._take_sensor(section, chosen_lines, chosen_rows, times)

    def _take_sensor(self, section: Section, lines: list[int], rows: list[_Row], at: list[int | str]) -> None:
        texts = [row.cells[section.sensor or 0].strip() for row in rows]
        new = [self._is_new(Source.CGM, at_s, text) for at_s, text in zip(at, texts, strict=True)]
        lines, at, texts = list(compress(lines, new)), list(compress(at, new)), list(compress(texts, new))
        self.gathered.readings(lines, at, texts, Source.CGM, section.unit, LABEL)

    def _take_rows(self, lines: list[int], rows: list[_Row], at: list[int | str]) -> None:
        for line, row, at_s in self.gathered.with_a_place(lines, rows, at):
            if not self._take_row(line, row, at_s):
                self.gathered.skip(_kind(row))

    def _take_row(self, line: int, row: _Row, at_s: int) -> bool:
        """Take all that a row holds; whether it held anything that is kept."""
        section = row.section
        taken = [
            self._take_glucose(line, row, at_s, section.sensor, Source.CGM),
            self._take_glucose(line, row, at_s, section.meter, Source.METER),
            self._take_bolus(line, row, at_s),
            self._take_carbs(line, row, at_s),
            self._take_marker(line, self._cell(row, section.marker), at_s),
            self._take_logbook(row, at_s),
        ]
        return any(taken)

    @staticmethod
    def _cell(row: _Row, column: int | None) -> str:
        return row.cells[column].strip() if column is not None else ""

    def _is_new(self, *what: object) -> bool:
        if what in self._seen:
            self.gathered.skip("repeated events")
            return False
        self._seen.add(what)
        return True

    def _take_glucose(self, line: int, row: _Row, at_s: int, column: int | None, source: Source) -> bool:
        text = self._cell(row, column)
        if not text or (source is Source.CGM and cells.number(text) == 0):
            return False
        if self._is_new(source, at_s, text):
            amount = cells.glucose(text, row.section.unit, source)
            self.gathered.reading(line, at_s, amount, source, row.section.unit, LABEL)
        return True

    def _take_bolus(self, line: int, row: _Row, at_s: int) -> bool:
        text = self._cell(row, row.section.bolus)
        if text and (kind := _automatic(row)):
            self.gathered.skip(kind)
        elif text and self._is_new("bolus", at_s, text, self._cell(row, row.section.bolus_type)):
            minutes = cells.span_minutes(self._cell(row, row.section.duration))
            self.gathered.dose_cell(line, at_s, text, InsulinKind.RAPID, by_pump=True, duration_min=minutes)
        return bool(text)

    def _take_carbs(self, line: int, row: _Row, at_s: int) -> bool:
        text = self._cell(row, row.section.carbs)
        if cells.number(text) == 0:
            return False
        if text and self._is_new("carbs", at_s, text):
            self.gathered.carbs_cell(line, at_s, text, row.section.grams_each)
        return bool(text)

    def _take_marker(self, line: int, text: str, at_s: int) -> bool:
        if not text or _DAY_MARK.fullmatch(text):
            return False
        if not self._is_new("marker", at_s, text):
            return True
        match = _MARKED.match(text)
        if match and match["insulin"] and match["amount"]:
            self.gathered.dose_cell(line, at_s, match["amount"], InsulinKind.UNKNOWN)
        elif match and match["carbs"] and match["amount"]:
            self.gathered.carbs_cell(line, at_s, match["amount"], cells.grams_per(match["rest"]))
        elif match and match["exercise"]:
            self.gathered.activity(at_s, text, cells.positive(match["amount"] or ""), cells.intensity(match["rest"]))
        else:
            self.gathered.note(at_s, text)
        return True

    def _take_logbook(self, row: _Row, at_s: int) -> bool:
        exercise = self._cell(row, row.section.exercise)
        if exercise:
            self.gathered.activity(at_s, exercise.lower(), None, None)
        texts = [(row.section.header[column], self._cell(row, column)) for column in row.section.logbook]
        said = [text for header, text in texts if text and text.casefold() != header.casefold()]
        for text in said:
            self.gathered.note(at_s, text)
        return bool(exercise or said)


def _automatic(row: _Row) -> str | None:
    """Name what a bolus is counted as that is none: nobody gave it at this instant."""
    code = next((cell.strip() for cell in row.cells if cell.strip() in _AUTOMATIC), None)
    return _AUTOMATIC[code] if code else _DAILY_TOTALS if row.section.is_daily else None


def _is_plain(row: _Row) -> bool:
    """Whether the row holds a sensor's value and nothing else that is kept."""
    cells_ = row.cells
    sensor = row.section.sensor
    if sensor is None or cells_[sensor] in {"", "0"}:
        return False
    return not any(cells_[column] for column in row.section.others)


def _rows_of_sections(rows: list[list[str]], lines: list[int]) -> tuple[list[_Row], list[int]]:
    section: Section | None = None
    found, numbers = [], []
    is_daily = False
    for line, row in zip(lines, rows, strict=True):
        header = [bare(cell) for cell in row]
        if is_section_header(header):
            section = section_of(section.number + 1 if section else 0, header, is_daily=is_daily)
        elif header[:1] and header[0].startswith("----"):
            is_daily = any(_DAILY_SECTION.search(cell) for cell in header)
        elif section is not None and any(header):
            found.append(_Row(section, padded([row], len(section.header))[0]))
            numbers.append(line)
    return found, numbers


def _kind(row: _Row) -> str:
    """Name what a row is about: its raw type, or its first column that is filled."""
    section = row.section
    if section.raw_type is not None and (raw := row.cells[section.raw_type].strip()):
        return raw
    filled = (
        name for name, cell in zip(section.header[3:], row.cells[3:], strict=False)
        if cell.strip() and not _HOUSEKEEPING.match(name)
    )  # fmt: skip
    return next(filled, "rows without a value")
