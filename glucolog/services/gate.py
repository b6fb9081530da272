"""Before a session: gather the last day of the log and ask the gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from glucolog.core.evidence import GATE_CAUTION, PLANNED_MIN
from glucolog.core.findings import Unassessed
from glucolog.core.gate import GateFacts, GateResult, assess_gate
from glucolog.core.moments import Moment
from glucolog.core.records import Person
from glucolog.core.risk import LowRisk
from glucolog.core.units import Glucose
from glucolog.core.vocabulary import BodyArea
from glucolog.services.entry import Details
from glucolog.services.watching import risk_at
from glucolog.storage import Log

DAY_MIN, HOUR_MIN = 24 * 60, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked: where, how, with which glucose, and when."""

    areas: tuple[BodyArea, ...] = ()
    details: Details = field(default_factory=Details)
    glucose: Glucose | None = None
    unwell_or_ketones: bool | None = None
    minutes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The gate's answer, and the risk of a low within 30, 60 and 120 min or why it can't be told."""

    result: GateResult
    low_risk: Mapping[int, LowRisk | Unassessed]

    @property
    def carbs_may_help(self) -> bool:
        """Whether glucose is where the gate becomes careful of a low, so that carbs may be what comes next."""
        reading = self.result.glucose
        return reading is not None and reading.glucose.is_below(GATE_CAUTION.pair)


def check(log: Log, person: Person, question: Question, at: Moment, now: Moment) -> Asked:
    """Answer whether `at` is a good moment to start; only what the log knew by then counts.

    Glucose that is typed is what the meter showed at `at`, but never later than `now`: it ages until a start to come.
    """
    result = _assess(log, person, question, at, min(at, now))
    typed = result.glucose if question.glucose is not None else None
    return Asked(result=result, low_risk=risk_at(log, person, at, typed))


def _assess(log: Log, person: Person, question: Question, at: Moment, glucose_at: Moment) -> GateResult:
    since, until = at.plus(minutes=-DAY_MIN), at.plus(seconds=1)
    said = question.details
    return assess_gate(
        GateFacts(
            person=person,
            at=at,
            areas=question.areas,
            glucose=question.glucose,
            glucose_at=glucose_at,
            readings=log.readings(person.id, since, until),
            doses=log.doses(person.id, since, until),
            carbs=log.carbs(person.id, at.plus(minutes=-HOUR_MIN), until),
            activities=log.activities(person.id, since, until),
            symptoms=log.untold_symptoms(person.id, until),
            foot_checks=log.foot_checks(person.id, since, until),
            tools=said.tools,
            pressure=said.pressure,
            water_c=said.water_c,
            lotion_between_toes=said.lotion_between_toes,
            hands_washed=said.hands_washed,
            equipment_clean=said.equipment_clean,
            unwell_or_ketones=question.unwell_or_ketones,
            minutes=question.minutes or PLANNED_MIN.value,
        )
    )
