"""What a log holds: frozen records, one class a thing. Ids are UUIDs in canonical text; instants are `Moment`s."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from glucolog.core.moments import Moment
from glucolog.core.units import Glucose, Source, Unit
from glucolog.core.vocabulary import BodyArea, Pressure, Side


class Therapy(StrEnum):
    """How a person takes insulin; every therapy but `NONE` makes the insulin rules speak."""

    NONE = "none"
    BASAL = "basal"
    MDI = "mdi"
    PUMP = "pump"


class InsulinKind(StrEnum):
    """How an insulin acts. `LONG` is context and never insulin on board; `UNKNOWN` counts on the careful side."""

    ULTRA_RAPID = "ultra-rapid"
    RAPID = "rapid"
    REGULAR = "regular"
    LONG = "long"
    MIXED = "mixed"
    UNKNOWN = "unknown"


class TargetSet(StrEnum):
    """Which consensus targets apply."""

    ADULT = "adult"
    OLDER = "older"
    PREGNANCY = "pregnancy"


class SiteKind(StrEnum):
    """A lasting place on the body that must not be massaged."""

    PUMP = "pump"
    SENSOR = "sensor"
    LIPOHYPERTROPHY = "lipohypertrophy"


class Phase(StrEnum):
    """When around a session something was noted."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"
    FOLLOWUP = "followup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Insulin:
    """An insulin a person uses: its name as they say it, and how it acts."""

    name: str
    kind: InsulinKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A pump or sensor site or a lipohypertrophy; `until` is None while it is there."""

    kind: SiteKind
    place: BodyArea
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whose log it is, with what the rules need to know.

    `target_low` and `target_high` are the team's own targets as typed, or None for the consensus ones.
    `protective_sensation_lost` is None when not known, which counts on the careful side for people with peripheral
    neuropathy. `severe_low_at` is the last low that needed help (level 3). `bedtime_minute` is the usual time of going
    to bed in minutes after local midnight, None where it was not said.
    """

    id: str
    name: str
    unit: Unit
    zone: str
    therapy: Therapy
    insulins: tuple[Insulin, ...] = ()
    sites: tuple[Site, ...] = ()
    neuropathies: tuple[str, ...] = ()
    protective_sensation_lost: bool | None = None
    sensation_checked_on: date | None = None
    impaired_awareness: bool | None = None
    severe_low_at: Moment | None = None
    target_set: TargetSet = TargetSet.ADULT
    target_low: Glucose | None = None
    target_high: Glucose | None = None
    birth_year: int | None = None
    low_plan: str | None = None
    bedtime_minute: int | None = None
    questions: tuple[str, ...] = ()
    research_consent: bool = False
    note: str | None = None

    @property
    def takes_insulin(self) -> bool:
        """Whether the insulin rules speak to this person."""
        return self.therapy is not Therapy.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One glucose reading. `batch_id` names the import it came with."""

    id: str
    person_id: str
    at: Moment
    glucose: Glucose
    source: Source
    device: str | None = None
    note: str | None = None
    batch_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """An insulin dose. `site` is None when it is not known, which counts on the careful side."""

    id: str
    person_id: str
    at: Moment
    units: float
    kind: InsulinKind
    name: str | None = None
    site: BodyArea | None = None
    by_pump: bool = False
    duration_min: float | None = None
    note: str | None = None
    batch_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carbs:
    """Carbohydrate eaten; `treatment` when it was to treat a low."""

    id: str
    person_id: str
    at: Moment
    grams: float
    treatment: bool = False
    note: str | None = None
    batch_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Exercise or another exertion (or a sauna: `kind` "sauna")."""

    id: str
    person_id: str
    at: Moment
    kind: str
    minutes: float | None = None
    intensity: str | None = None
    note: str | None = None
    batch_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Free text with a time."""

    id: str
    person_id: str
    at: Moment
    text: str
    batch_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """A symptom score, 0–10 (NRS), perhaps around a session. Open until `told_team_on` is set."""

    id: str
    person_id: str
    at: Moment
    symptom: str
    score: int
    place: BodyArea | None = None
    session_id: str | None = None
    phase: Phase | None = None
    new_or_worse: bool = False
    told_team_on: date | None = None
    note: str | None = None

    @property
    def is_untold(self) -> bool:
        """Whether it is new or worse and the team was not told."""
        return self.new_or_worse and self.told_team_on is None


@dataclass(frozen=True, slots=True, kw_only=True)
class FootFinding:
    """What was seen at one region of one foot."""

    side: Side
    region: str
    finding: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FootCheck:
    """A day's look at the feet; no findings means nothing was seen on the sides looked at."""

    id: str
    person_id: str
    at: Moment
    sides: tuple[Side, ...]
    findings: tuple[FootFinding, ...] = ()
    told_team_on: date | None = None
    note: str | None = None

    @property
    def is_untold(self) -> bool:
        """Whether something was seen and the team was not told."""
        return bool(self.findings) and self.told_team_on is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLink:
    """An explicit link of a session to one of its readings."""

    reading_id: str
    phase: Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A massage session; `end` is None while it runs. None anywhere means "not said".

    `length_assumed` marks a session whose length nobody said: no rate is computed from it.
    """

    id: str
    person_id: str
    start: Moment
    end: Moment | None = None
    length_assumed: bool = False
    areas: tuple[BodyArea, ...] = ()
    techniques: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    pressure: Pressure | None = None
    performer: str | None = None
    performer_name: str | None = None
    performer_trained: bool | None = None
    water_c: float | None = None
    lotion: bool | None = None
    lotion_between_toes: bool | None = None
    hands_washed: bool | None = None
    equipment_clean: bool | None = None
    position: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()
    links: tuple[ReadingLink, ...] = ()

    @property
    def minutes(self) -> float | None:
        """Length in elapsed minutes, None while it runs."""
        return None if self.end is None else self.end.minutes_since(self.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A person's own randomised trial as it was planned on `at`; the days follow from these fields alone.

    `weeks` of seven days from `start_day`, `per_week` of them with massage, drawn from `seed`. `planned_minute` is
    minutes after local midnight of `planned_zone` at which massage would take place. `stopped_on` is None
    unless given up.
    """

    id: str
    person_id: str
    at: Moment
    start_day: date
    weeks: int
    per_week: int
    seed: int
    planned_minute: int
    planned_zone: str
    stopped_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportBatch:
    """One import of one file: an undoable whole."""

    id: str
    person_id: str
    at: Moment
    file_name: str
    file_sha256: str
    format: str
    counts: dict[str, int]


Record = Reading | Dose | Carbs | Activity | Note | Symptom | FootCheck | Session | Trial | Person | ImportBatch
"""Everything that is stored under an id of its own."""
