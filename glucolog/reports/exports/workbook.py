"""An Excel workbook for people who live in one: a sheet a kind, real dates on the local clock, text that stays text.

Each row has its local time as a date and the same instant as ISO 8601 with offset beside it. What was typed by people
is written as text, never as a formula, a link or a number.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, count, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from glucolog.core.moments import Moment
from glucolog.core.records import Activity, Carbs, Dose, FootCheck, Note, Reading, Symptom
from glucolog.core.units import Glucose, Unit
from glucolog.reports.exports.records import ChangedSession, ExportRecords, changed_sessions
from glucolog.reports.exports.text import printable

if TYPE_CHECKING:
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

Row = Sequence[object]

LONGEST_CELL = 32_000
"""Excel takes 32,767 characters; what is longer is cut and says so."""
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
WHEN = "local time", "time (ISO)"
WIDTH, TIME_WIDTH = 16, 20
MOST_ROWS = 1_000_000
"""Excel takes 1,048,576 rows; what is more goes on in a further sheet."""


class Sheet(NamedTuple):
    """A sheet: its name, its columns and its rows."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Row]


def workbook(records: ExportRecords) -> Iterator[bytes]:
    """Yield the workbook as one chunk."""
    import xlsxwriter  # type: ignore[import-untyped]

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, OPTIONS) as book:
        book.set_properties({"title": "glucolog", "created": _naive(records.made_at)})
        formats = _Formats(book)
        for sheet in chain.from_iterable(map(_paged, _sheets(records))):
            _write(book.add_worksheet(sheet.name), sheet, formats)
    yield stream.getvalue()


def _paged(sheet: Sheet) -> Iterator[Sheet]:
    """Part a sheet into as many as its rows need."""
    rows = iter(sheet.rows)
    yield sheet._replace(rows=islice(rows, MOST_ROWS))
    for number in count(2):
        more = list(islice(rows, 1))
        if not more:
            return
        yield Sheet(f"{sheet.name} {number}", sheet.columns, chain(more, islice(rows, MOST_ROWS - 1)))


class _Formats:
    """The formats of a workbook."""

    def __init__(self, book: Any) -> None:
        self.head: Format = book.add_format({"bold": True, "bottom": 1})
        self.time: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.day: Format = book.add_format({"num_format": "yyyy-mm-dd"})


def _write(page: Worksheet, sheet: Sheet, formats: _Formats) -> None:
    page.set_column(0, len(sheet.columns) - 1, WIDTH)
    page.set_column(0, 1, TIME_WIDTH)
    page.freeze_panes(1, 0)
    for column, name in enumerate(sheet.columns):
        page.write_string(0, column, name, formats.head)
    for number, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            _write_cell(page, number, column, value, formats)


def _write_cell(page: Worksheet, row: int, column: int, value: object, formats: _Formats) -> None:
    if value is None:
        return
    if isinstance(value, Moment):
        page.write_datetime(row, column, _naive(value), formats.time)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, formats.day)
    elif isinstance(value, bool):
        page.write_string(row, column, "yes" if value else "no")
    elif isinstance(value, (int, float)):
        page.write_number(row, column, value)
    else:
        page.write_string(row, column, _cut(str(value)))


def _cut(text: str) -> str:
    kept = printable(text) or ""
    return kept if len(kept) <= LONGEST_CELL else f"{kept[:LONGEST_CELL]}… (cut)"


def _naive(at: Moment) -> datetime:
    return at.local.replace(tzinfo=None)


def _sheets(records: ExportRecords) -> Iterator[Sheet]:
    glucose = "mg/dL", "mmol/L", "entered", "unit", "LO or HI"
    yield Sheet("Sessions", _SESSION_COLUMNS, map(_session, changed_sessions(records)))
    yield Sheet("Readings", (*WHEN, *glucose, "source", "device", "note"), map(_reading, records.readings))
    insulin = "units", "insulin", "acts as", "site", "by pump", "over minutes", "note"
    yield Sheet("Insulin", (*WHEN, *insulin), map(_dose, records.doses))
    yield Sheet("Carbs", (*WHEN, "grams", "to treat a low", "note"), map(_carbs, records.carbs))
    yield Sheet("Activity", (*WHEN, "what", "minutes", "intensity", "note"), map(_activity, records.activities))
    symptom = "symptom", "score (0–10)", "place", "phase", "new or worse", "team told on", "note"
    yield Sheet("Symptoms", (*WHEN, *symptom), map(_symptom, records.symptoms))
    feet = "sides", "side", "region", "finding", "team told on", "note"
    yield Sheet("Feet", (*WHEN, *feet), (row for check in records.foot_checks for row in _foot_rows(check)))
    yield Sheet("Notes", (*WHEN, "note"), map(_note, records.notes))


_SESSION_COLUMNS = (
    *WHEN, "end (ISO)", "minutes", "areas", "techniques", "tools", "pressure (1–5)",
    "before mg/dL", "before mmol/L", "after mg/dL", "after mmol/L",
    "drop mg/dL", "drop mmol/L", "drop mg/dL per min", "meter error mg/dL", "within meter error", "why no drop",
    "lowest after mg/dL", "by", "water °C", "tags", "note", "id",
)  # fmt: skip


def _session(changed: ChangedSession) -> Row:
    session, paired, change = changed
    before, after = paired.before, paired.after
    lowest = getattr(paired.nadir, "reading", None)
    return (
        session.start, session.start.iso(), session.end.iso() if session.end else None, session.minutes,
        ", ".join(map(str, session.areas)), ", ".join(session.techniques), ", ".join(session.tools),
        session.pressure.value if session.pressure else None,
        *_both(before.glucose if before else None), *_both(after.glucose if after else None),
        change.drop_mg_dl, None if change.drop_mg_dl is None else Glucose(change.drop_mg_dl, Unit.MG_DL).mmol_l,
        change.rate_mg_dl_per_min, change.meter_error_mg_dl, change.within_error,
        change.unassessed.reason if change.unassessed else None,
        lowest.glucose.mg_dl if lowest else None, session.performer, session.water_c, ", ".join(session.tags),
        session.note, session.id,
    )  # fmt: skip


def _both(glucose: Glucose | None) -> tuple[float | None, float | None]:
    return (None, None) if glucose is None else (round(glucose.mg_dl, 2), round(glucose.mmol_l, 3))


def _reading(reading: Reading) -> Row:
    glucose = reading.glucose
    shown = glucose.censored.value if glucose.censored else None
    return (
        reading.at, reading.at.iso(), *_both(glucose), glucose.amount, glucose.unit.value, shown,
        reading.source.value, reading.device, reading.note,
    )  # fmt: skip


def _dose(dose: Dose) -> Row:
    site = str(dose.site) if dose.site else None
    said = dose.units, dose.name, dose.kind.value, site, dose.by_pump, dose.duration_min, dose.note
    return (dose.at, dose.at.iso(), *said)


def _carbs(eaten: Carbs) -> Row:
    return eaten.at, eaten.at.iso(), eaten.grams, eaten.treatment, eaten.note


def _activity(activity: Activity) -> Row:
    return activity.at, activity.at.iso(), activity.kind, activity.minutes, activity.intensity, activity.note


def _symptom(symptom: Symptom) -> Row:
    place, phase = (str(part) if part else None for part in (symptom.place, symptom.phase))
    said = symptom.symptom, symptom.score, place, phase, symptom.new_or_worse, symptom.told_team_on, symptom.note
    return (symptom.at, symptom.at.iso(), *said)


def _foot_rows(check: FootCheck) -> Iterator[Row]:
    start = check.at, check.at.iso(), ", ".join(check.sides)
    if not check.findings:
        yield (*start, None, None, "nothing seen", check.told_team_on, check.note)
    for found in check.findings:
        note = "; ".join(text for text in (found.note, check.note) if text)
        yield (*start, found.side.value, found.region, found.finding, check.told_team_on, note)


def _note(note: Note) -> Row:
    return note.at, note.at.iso(), note.text
