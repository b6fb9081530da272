"""What the watch is fed, and what it gives back. Times are minutes on one axis, by custom from the session's start."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from glucolog.core.moments import Moment
from glucolog.core.records import Carbs, Dose, InsulinKind, Reading
from glucolog.core.units import Glucose, Source, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class GlucoseSeen:
    """A reading at `at_min`, as typed or as the device showed it."""

    at_min: float
    glucose: Glucose
    source: Source = Source.CGM


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseTaken:
    """Insulin at `at_min`; long-acting insulin is fed too and never counts as acting soon."""

    at_min: float
    units: float
    kind: InsulinKind = InsulinKind.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbsEaten:
    """Carbohydrate at `at_min`."""

    at_min: float
    grams: float


Event = GlucoseSeen | DoseTaken | CarbsEaten


class AlarmKind(StrEnum):
    """What an alarm says; the loudest first."""

    URGENT_LOW = "urgent_low"
    LOW = "low"
    LOW_SOON = "low_soon"
    FALLING_FAST = "falling_fast"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm with its reason in one sentence. `at` is None where the minutes have no place on the calendar."""

    kind: AlarmKind
    at_min: float
    reason: str
    at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchFacts:
    """What the watch knows beside the events. Nothing in here switches an alarm off.

    `session_start_min` is None when no session runs. Events before `from_min` are history: they teach the trend and
    raise nothing. `origin` is the moment of minute 0, `unit` what an alarm is told in (None: the unit of its
    reading). Whether doses are known is seen from what was fed so far, never told in advance: none but long-acting ones
    in 24 h counts as not known, and as some acting; for somebody on `basal_only` insulin there are no others to know.
    """

    takes_insulin: bool = True
    basal_only: bool = False
    child: bool = False
    session_start_min: float | None = None
    from_min: float | None = None
    origin: Moment | None = None
    unit: Unit | None = None


def event_of(record: Reading | Dose | Carbs, origin: Moment) -> Event:
    """Place a record on the minutes from `origin`."""
    at_min = record.at.minutes_since(origin)
    if isinstance(record, Reading):
        return GlucoseSeen(at_min=at_min, glucose=record.glucose, source=record.source)
    if isinstance(record, Dose):
        return DoseTaken(at_min=at_min, units=record.units, kind=record.kind)
    return CarbsEaten(at_min=at_min, grams=record.grams)
