"""An entry in one line, for the journal and for the answers of the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glucolog.core.moments import format_moment
from glucolog.core.records import Activity, Carbs, Dose, FootCheck, Note, Reading, Symptom
from glucolog.core.units import format_both

Entry = Reading | Dose | Carbs | Activity | Note | Symptom | FootCheck


def describe(record: Entry) -> str:
    """Write what an entry says and when it was."""
    return f"{what(record)} · {format_moment(record.at)}"


def what(record: Entry) -> str:
    """Write what an entry says."""
    return _WORDS[type(record)](record)


def _reading(record: Reading) -> str:
    return f"{format_both(record.glucose)} · {record.source}"


def _dose(record: Dose) -> str:
    site = f", {record.site}" if record.site else ", site not said"
    over = f" over {record.duration_min:g} min" if record.duration_min else ""
    return f"{record.units:g} U {record.name or record.kind}{over}{site}"


def _carbs(record: Carbs) -> str:
    return f"{record.grams:g} g carbs{' to treat a low' if record.treatment else ''}"


def _activity(record: Activity) -> str:
    length = f" {record.minutes:g} min" if record.minutes else ""
    return f"{record.kind}{length}{f', {record.intensity}' if record.intensity else ''}"


def _symptom(record: Symptom) -> str:
    return f"{record.symptom} {record.score}/10{f', {record.place}' if record.place else ''}{_open(record)}"


def _foot_check(record: FootCheck) -> str:
    seen = ", ".join(f"{item.side} {item.region} {item.finding}" for item in record.findings)
    return f"foot check ({', '.join(record.sides)}): {seen or 'nothing seen'}{_open(record)}"


def _note(record: Note) -> str:
    return record.text


def _open(record: Symptom | FootCheck) -> str:
    if record.told_team_on:
        return f", told the team on {record.told_team_on}"
    return ", not yet told the team" if record.is_untold else ""


_WORDS: dict[type, Callable[[Any], str]] = {
    Reading: _reading,
    Dose: _dose,
    Carbs: _carbs,
    Activity: _activity,
    Symptom: _symptom,
    FootCheck: _foot_check,
    Note: _note,
}
