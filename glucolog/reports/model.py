"""The report as data: what every renderer shows, in words and numbers that no renderer changes.

Glucose numbers are mg/dL under names that say so; every `words` field is already in the person's unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from glucolog.core.findings import Level
from glucolog.core.moments import Moment
from glucolog.core.records import Reading
from glucolog.plots.agp import AgpData
from glucolog.plots.aligned import AlignedData
from glucolog.plots.calendar import CalendarData
from glucolog.plots.effect import EffectData
from glucolog.plots.feet import FeetData
from glucolog.plots.overnight import OvernightData
from glucolog.plots.paired import PairedData
from glucolog.plots.symptoms import SymptomsData
from glucolog.plots.theme import Scale
from glucolog.plots.timeline import TimelineData

SCHEMA = 1
"""The version of the model's JSON form; it grows by one when a field changes its meaning or goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A label and its words."""

    label: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The local days of the report, both included."""

    since: date
    until: date
    days: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How much glucose data there is. `enough` follows the consensus: 14 days and 70 % of the time."""

    n_sensor: int
    n_meter: int
    days: float | None
    percent_active: float | None
    enough: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyNumber:
    """One of the five numbers. Without a `value`, `words` says why; `met` is None where there is no target."""

    key: str
    label: str
    value: float | None
    words: str
    target: str | None = None
    met: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeShare:
    """One part of the time-in-ranges bar; the parts are apart from each other and sum to 100 %."""

    key: str
    label: str
    percent: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """A finding as a report shows it."""

    rule: str
    level: Level
    message: str
    citation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One session of the table."""

    start: Moment
    when: str
    minutes: float | None
    how: str
    before: Reading | None
    after: Reading | None
    drop_mg_dl: float | None
    change: str
    error: str
    findings: tuple[FindingLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A part and its version."""

    part: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """What the charts of a report show."""

    paired: PairedData
    aligned: AlignedData
    agp: AgpData
    effect: EffectData
    calendar: CalendarData
    timeline: TimelineData
    symptoms: SymptomsData
    feet: FeetData
    overnight: OvernightData


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportModel:
    """Everything a report says. Empty tuples mean that there is nothing to list; `missing` says what is not there."""

    schema: int = SCHEMA
    title: str
    made_up: str | None
    deidentified: str | None
    made_at: Moment
    scale: Scale
    who: tuple[Fact, ...]
    period: Period
    quality: Quality
    summary: tuple[str, ...]
    numbers: tuple[KeyNumber, ...]
    ranges: tuple[RangeShare, ...]
    ranges_note: str
    sessions: tuple[SessionRow, ...]
    lows: tuple[str, ...]
    no_lows: str
    effect_sentences: tuple[str, ...]
    open_items: tuple[str, ...]
    questions: tuple[str, ...]
    missing: tuple[str, ...]
    method: tuple[str, ...]
    disclaimer: str
    versions: tuple[Version, ...]
    charts: Charts


def lows_title(model: ReportModel) -> str:
    """Return the heading of the lows: their number only where there are some, for none seen may mean not known."""
    title = "Lows within 6 h of a session"
    return f"{title} ({len(model.lows)})" if model.lows else title
