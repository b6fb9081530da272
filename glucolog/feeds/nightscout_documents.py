"""A session as Nightscout shows it best: an `Exercise` with length and notes, its finger sticks as `BG Check`.

Glucose keeps the amount and the unit it was typed in. Free notes, names and tags stay here: a site is often open to
more people than the log. The record's own UUID is the `identifier`, and stands in the notes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from glucolog.core.moments import Moment
from glucolog.core.records import Phase, Reading, Session
from glucolog.core.units import Source, Unit, format_glucose
from glucolog.core.wording import feeds as words
from glucolog.feeds.nightscout_api import AUTHOR, iso

EXERCISE = "Exercise"
BG_CHECK = "BG Check"
UNITS = {Unit.MG_DL: "mg/dl", Unit.MMOL_L: "mmol"}
SAID = frozenset({Phase.BEFORE, Phase.AFTER})
"""What the note of a session names; it stands in one line across the chart."""

Document = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedReading:
    """A reading and when around the session it was taken."""

    phase: Phase
    reading: Reading


def documents(session: Session, readings: Iterable[PairedReading]) -> list[Document]:
    """Return the treatments that show a finished session, its `Exercise` first.

    Sent as `BG Check` are the finger sticks entered here: what came with an import has a home of its own, and LO or HI
    is no number that a site could draw.
    """
    paired = list(readings)
    return [_exercise(session, paired), *(_bg_check(one, session) for one in paired if _is_sent(one.reading))]


def is_same(document: Mapping[str, object], there: Mapping[str, object]) -> bool:
    """Whether a treatment says already what the document says; what the site added does not count."""
    return all(_value(name, document[name]) == _value(name, there.get(name)) for name in document)


def slot(item: Mapping[str, object]) -> tuple[float | str, str]:
    """Return what a site holds one treatment of: an instant and an event type."""
    created_at = _value("created_at", item.get("created_at"))
    return created_at if isinstance(created_at, float) else str(created_at), str(item.get("eventType"))


def _is_sent(reading: Reading) -> bool:
    return reading.source is Source.METER and reading.batch_id is None and reading.glucose.censored is None


def _exercise(session: Session, readings: list[PairedReading]) -> Document:
    return {
        **_head(session.id, session.start, EXERCISE),
        "duration": round(session.minutes or 0),
        "notes": words.EXERCISE_NOTE.format(
            what=_what(session),
            readings="".join(_said(one) for one in readings if one.phase in SAID),
            length=words.LENGTH_ASSUMED if session.length_assumed else "",
            id=session.id,
        ),
    }


def _bg_check(one: PairedReading, session: Session) -> Document:
    reading = one.reading
    return {
        **_head(reading.id, reading.at, BG_CHECK),
        "glucose": reading.glucose.amount,
        "glucoseType": "Finger",
        "units": UNITS[reading.glucose.unit],
        "notes": words.BG_CHECK_NOTE.format(phase=words.PHASES[one.phase], id=session.id),
    }


def _head(identifier: str, at: Moment, event: str) -> Document:
    return {
        "identifier": identifier,
        "eventType": event,
        "created_at": iso(at.epoch_s),
        "date": at.epoch_s * 1000,
        "enteredBy": AUTHOR,
        "app": AUTHOR,
    }


def _what(session: Session) -> str:
    parts = [*map(str, session.areas), *session.techniques, *session.tools]
    pressure = [f"pressure {int(session.pressure)}"] if session.pressure else []
    said = ", ".join([*parts, *pressure])
    return f": {said}" if said else ""


def _said(one: PairedReading) -> str:
    reading = one.reading
    phase, source = words.PHASES[one.phase], reading.source.value
    return words.READING_NOTE.format(phase=phase, glucose=format_glucose(reading.glucose), source=source)


def _value(name: str, value: object) -> object:
    if name != "created_at" or not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        return value
