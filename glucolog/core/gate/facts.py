"""What the gate looks at, cut off at the moment of asking, and what is worked out from it once for all rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from glucolog.core import evidence
from glucolog.core.findings import Unassessed
from glucolog.core.insulin import InsulinOnBoard, insulin_on_board, is_child
from glucolog.core.moments import Moment
from glucolog.core.pairing import in_time_order
from glucolog.core.records import (
    Activity,
    Carbs,
    Dose,
    FootCheck,
    InsulinKind,
    Person,
    Reading,
    Symptom,
    TargetSet,
    Therapy,
)
from glucolog.core.rules import body
from glucolog.core.rules.body import BodyCase
from glucolog.core.trend import Trend, fall_by_meter, trend
from glucolog.core.units import Glucose, Source, Unit
from glucolog.core.vocabulary import BodyArea, Pressure
from glucolog.core.wording import gate as words
from glucolog.core.wording import insulin as insulin_words

TYPED_ID = "typed"
"""The id of a reading that was typed with the question and is not in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """A person, a moment, a plan, and the last day of the log, in any order; whatever is later than `at` is ignored.

    `glucose` is a reading typed with the question, at `glucose_at` (None: at `at`). `readings` and `carbs` of the last
    hour and `doses` of the last 24 h are needed. `unwell_or_ketones` is the answer to whether the person feels unwell
    or has ketones, None when not asked. None anywhere means "not said" and counts on the careful side. `minutes` is
    the planned length.
    """

    person: Person
    at: Moment
    areas: tuple[BodyArea, ...] = ()
    glucose: Glucose | None = None
    glucose_at: Moment | None = None
    readings: tuple[Reading, ...] = ()
    doses: tuple[Dose, ...] = ()
    carbs: tuple[Carbs, ...] = ()
    activities: tuple[Activity, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    foot_checks: tuple[FootCheck, ...] = ()
    tools: tuple[str, ...] = ()
    pressure: Pressure | None = None
    water_c: float | None = None
    lotion_between_toes: bool | None = None
    hands_washed: bool | None = None
    equipment_clean: bool | None = None
    unwell_or_ketones: bool | None = None
    minutes: float = evidence.PLANNED_MIN.value


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCase:
    """The facts with what every rule would otherwise work out again; nothing in it is later than `facts.at`.

    `glucose` is the newest reading that is recent enough, `other` the newest of the other source. `on_board` is
    `Unassessed` when insulin is not known. `bolus_min` is minutes since the last delivery of any insulin but
    long-acting. `modifiers` are the reasons to be one step stricter.
    """

    facts: GateFacts
    body: BodyCase
    glucose: Reading | None
    other: Reading | None
    stale: Reading | None
    trend: Trend | Unassessed
    on_board: InsulinOnBoard | Unassessed
    bolus_min: float | None
    modifiers: tuple[str, ...]

    @property
    def unit(self) -> Unit:
        """The unit that this person thinks in: what is said to them is said in it."""
        return self.facts.person.unit


def gate_case(facts: GateFacts) -> GateCase:
    """Cut the facts off at `facts.at` and work out what the rules share."""
    at = facts.at
    readings = _past_readings(facts)
    fresh = [reading for reading in readings if _is_fresh(reading, at)]
    newest = _newest(fresh)
    return GateCase(
        facts=facts,
        body=_body(facts),
        glucose=newest,
        other=_newest([r for r in fresh if newest and r.source is not newest.source]),
        stale=_newest(readings) if newest is None else None,
        trend=_trend(readings, at),
        on_board=_on_board(facts),
        bolus_min=_minutes_since_bolus(facts),
        modifiers=_modifiers(facts),
    )


def _trend(readings: Sequence[Reading], at: Moment) -> Trend | Unassessed:
    by_sensor = trend(readings, at)
    return (isinstance(by_sensor, Unassessed) and fall_by_meter(readings, at)) or by_sensor


def _past_readings(facts: GateFacts) -> list[Reading]:
    typed = [] if facts.glucose is None else [_typed(facts, facts.glucose)]
    return in_time_order(reading for reading in (*facts.readings, *typed) if reading.at <= facts.at)


def _typed(facts: GateFacts, glucose: Glucose) -> Reading:
    at = facts.glucose_at or facts.at
    return Reading(id=TYPED_ID, person_id=facts.person.id, at=at, glucose=glucose, source=Source.METER)


def _is_fresh(reading: Reading, at: Moment) -> bool:
    limit = evidence.STALE_CGM_MIN if reading.source is Source.CGM else evidence.STALE_METER_MIN
    return at.minutes_since(reading.at) <= limit.value


def _newest(readings: Iterable[Reading]) -> Reading | None:
    """The latest reading; what was typed with the question wins, then the lower of two at one instant."""
    return max(readings, key=lambda r: (r.at.epoch_s, r.id == TYPED_ID, -r.glucose.mg_dl, r.id), default=None)


def _body(facts: GateFacts) -> BodyCase:
    at = facts.at
    return BodyCase(
        person=facts.person,
        start=at,
        end=at,
        areas=facts.areas,
        tools=facts.tools,
        pressure=facts.pressure,
        water_c=facts.water_c,
        lotion_between_toes=facts.lotion_between_toes,
        hands_washed=facts.hands_washed,
        equipment_clean=facts.equipment_clean,
        doses=tuple(dose for dose in facts.doses if dose.at <= at),
        foot_checks=tuple(check for check in facts.foot_checks if check.at <= at),
        is_ahead=True,
    )


def _on_board(facts: GateFacts) -> InsulinOnBoard | Unassessed:
    if not facts.person.takes_insulin:
        return Unassessed(words.NOT_APPLICABLE)
    hours = evidence.INSULIN_KNOWN_H.value
    recent = [d for d in facts.doses if 0 <= facts.at.minutes_since(d.at) <= hours * 60]
    told = facts.person.therapy is Therapy.BASAL or any(dose.kind is not InsulinKind.LONG for dose in recent)
    if not told:
        return Unassessed(insulin_words.NOT_KNOWN.format(hours=f"{hours:g}"))
    return insulin_on_board(recent, facts.at, child=is_child(facts.person, facts.at))


def _minutes_since_bolus(facts: GateFacts) -> float | None:
    meal = (d for d in facts.doses if d.at <= facts.at and d.kind is not InsulinKind.LONG)
    since = (facts.at.minutes_since(dose.at) - (dose.duration_min or 0) for dose in meal)
    return min((max(0.0, minutes) for minutes in since), default=None)


def _modifiers(facts: GateFacts) -> tuple[str, ...]:
    person, severe = facts.person, facts.person.severe_low_at
    recent = severe is not None and 0 <= facts.at.minutes_since(severe) <= evidence.SEVERE_LOW_H.value * 60
    age = facts.at.local.year - person.birth_year if person.birth_year is not None else 0
    older = person.target_set is TargetSet.OLDER or age >= evidence.OLDER_FROM_YEARS.value
    known = (
        (older and person.takes_insulin, words.MODIFIER_OLDER),
        (bool(person.impaired_awareness), words.MODIFIER_AWARENESS),
        (recent, words.MODIFIER_SEVERE),
    )
    return tuple(word for applies, word in known if applies)


def recent_site(case: GateCase) -> bool:
    """Whether insulin was injected, or may have been, in the areas to be massaged."""
    injected = {body.Conflict.BOLUS, body.Conflict.LONG, body.Conflict.PUMP}
    found = any(conflict.conflict in injected for conflict in body.site_conflicts(case.body))
    return found or body.site_unknown(case.body)
