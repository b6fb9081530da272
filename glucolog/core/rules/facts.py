"""What the session rules look at: one frozen input, and what is worked out from it once for all rules."""

from __future__ import annotations

from dataclasses import dataclass

from glucolog.core import evidence
from glucolog.core.change import SessionChange
from glucolog.core.lows import AttributedLow, attributed_lows
from glucolog.core.pairing import PairedReadings, in_time_order
from glucolog.core.records import Activity, Carbs, Dose, FootCheck, Person, Reading, Session, Symptom
from glucolog.core.rules.body import BodyCase
from glucolog.core.trend import Trend, slope_at_end
from glucolog.core.units import Source, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """One session and what lies around it, in any order.

    `readings` and `foot_checks` from 24 h before the start to 24 h after the end (the night that follows), `doses`
    from 24 h before; more does no harm. `paired` and `change` are those of `pair` and `session_change`. `symptoms` are
    those of this session.
    """

    person: Person
    session: Session
    paired: PairedReadings
    change: SessionChange
    readings: tuple[Reading, ...] = ()
    doses: tuple[Dose, ...] = ()
    carbs: tuple[Carbs, ...] = ()
    activities: tuple[Activity, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    foot_checks: tuple[FootCheck, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCase:
    """The facts with what every rule would otherwise work out again."""

    facts: SessionFacts
    body: BodyCase
    lows: tuple[AttributedLow, ...]
    steepest: tuple[Reading, Trend] | None

    @property
    def unit(self) -> Unit:
        """The unit that this person thinks in: what is said to them is said in it."""
        return self.facts.person.unit


def session_case(facts: SessionFacts) -> SessionCase:
    """Work out lows and the steepest fall once."""
    return SessionCase(
        facts=facts,
        body=_body(facts),
        lows=attributed_lows(facts.session, facts.readings),
        steepest=_steepest_fall(facts),
    )


def _body(facts: SessionFacts) -> BodyCase:
    said = facts.session
    return BodyCase(
        person=facts.person,
        start=said.start,
        end=said.end or said.start,
        areas=said.areas,
        tools=said.tools,
        pressure=said.pressure,
        water_c=said.water_c,
        lotion_between_toes=said.lotion_between_toes,
        hands_washed=said.hands_washed,
        equipment_clean=said.equipment_clean,
        doses=facts.doses,
        foot_checks=facts.foot_checks,
    )


def _steepest_fall(facts: SessionFacts) -> tuple[Reading, Trend] | None:
    start = facts.session.start
    since = start.plus(minutes=-evidence.TREND_WINDOW_MIN.value)
    until = (facts.session.end or start).plus(minutes=evidence.EARLY_LOW_MIN.value)
    sensor = in_time_order(r for r in facts.readings if r.source is Source.CGM and since <= r.at <= until)
    slopes = (
        (reading, slope_at_end(sensor[: index + 1])) for index, reading in enumerate(sensor) if reading.at >= start
    )
    found = [(reading, slope) for reading, slope in slopes if isinstance(slope, Trend)]
    return min(found, key=lambda pair: pair[1].rate_mg_dl_per_min, default=None)
