"""A session with all that belongs to it, assessed: its readings paired, its change, its findings."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from glucolog.core import evidence
from glucolog.core.change import SessionChange, session_change
from glucolog.core.findings import Finding, Level
from glucolog.core.moments import Moment
from glucolog.core.pairing import PairedReadings, pair
from glucolog.core.records import Activity, Carbs, Dose, FootCheck, Person, Reading, Session, Symptom
from glucolog.core.rules import SessionFacts, session_findings
from glucolog.core.telling import telling_stretches
from glucolog.core.units import Source
from glucolog.storage import Log

LOOK_BACK_MIN = 24 * 60
"""Doses of a day back matter: a long-acting site is blocked for 24 h."""
LOOK_AHEAD_MIN = 24 * 60
"""Readings of a day ahead matter: the night after a session."""
R = TypeVar("R", Reading, Dose, Carbs, Activity, FootCheck)
LOUD = frozenset({Level.WARNING, Level.URGENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """One session, assessed. `number` counts back from the last session (@1)."""

    person: Person
    session: Session
    paired: PairedReadings
    change: SessionChange
    findings: tuple[Finding, ...]
    doses: tuple[Dose, ...] = ()
    carbs: tuple[Carbs, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    number: int | None = None

    @property
    def warns(self) -> bool:
        """Whether a finding is a warning or urgent."""
        return any(finding.level in LOUD for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The records around some sessions, read once, in time order."""

    readings: Sequence[Reading] = ()
    doses: Sequence[Dose] = ()
    carbs: Sequence[Carbs] = ()
    activities: Sequence[Activity] = ()
    symptoms: Sequence[Symptom] = ()
    foot_checks: Sequence[FootCheck] = ()


def views(log: Log, person: Person, sessions: Sequence[Session], now: Moment) -> list[SessionView]:
    """Assess sessions with what lies around them; one read of the log for all."""
    around = surroundings(log, person, sessions, now)
    return [view(person, session, around, now) for session in sessions]


def surroundings(log: Log, person: Person, sessions: Sequence[Session], now: Moment) -> Surroundings:
    """Read what lies around sessions; of the sensor, which has years of readings, only what can tell of them."""
    if not sessions:
        return Surroundings()
    since = min(session.start for session in sessions).plus(minutes=-LOOK_BACK_MIN)
    until = max(session.end or now for session in sessions).plus(minutes=LOOK_AHEAD_MIN)
    return Surroundings(
        readings=_readings(log, person, sessions, since, until, now),
        doses=log.doses(person.id, since, until),
        carbs=log.carbs(person.id, since, until),
        activities=log.activities(person.id, since, until),
        symptoms=log.symptoms(person.id, since, until),
        foot_checks=log.foot_checks(person.id, since, until),
    )


def _readings(
    log: Log, person: Person, sessions: Sequence[Session], since: Moment, until: Moment, now: Moment
) -> Sequence[Reading]:
    low_at_s = log.instants_below(person.id, Source.CGM, evidence.LEVEL_1.pair, since, until)
    linked = [link.reading_id for session in sessions for link in session.links]
    told = log.readings_in(person.id, Source.CGM, telling_stretches(sessions, low_at_s, now), linked)
    return sorted([*log.readings(person.id, since, until, Source.METER), *told], key=_epoch_s)


def view(person: Person, session: Session, around: Surroundings, now: Moment) -> SessionView:
    """Pair and assess one session."""
    facts = _facts(person, session, around, now)
    return SessionView(
        person=person,
        session=session,
        paired=facts.paired,
        change=facts.change,
        findings=session_findings(facts),
        doses=facts.doses,
        carbs=facts.carbs,
        symptoms=facts.symptoms,
    )


def _facts(person: Person, session: Session, around: Surroundings, now: Moment) -> SessionFacts:
    since = session.start.plus(minutes=-LOOK_BACK_MIN)
    until = (session.end or now).plus(minutes=LOOK_AHEAD_MIN)
    readings = within(around.readings, since, until)
    paired = pair(session, readings)
    return SessionFacts(
        person=person,
        session=session,
        paired=paired,
        change=session_change(session, paired),
        readings=tuple(readings),
        doses=tuple(within(around.doses, since, until)),
        carbs=tuple(within(around.carbs, since, until)),
        activities=tuple(within(around.activities, since, until)),
        symptoms=tuple(symptom for symptom in around.symptoms if symptom.session_id == session.id),
        foot_checks=tuple(within(around.foot_checks, since, until)),
    )


def within(records: Sequence[R], since: Moment, until: Moment) -> Sequence[R]:
    """Return the records of a closed stretch out of records in time order."""
    first = bisect_left(records, since.epoch_s, key=_epoch_s)
    return records[first : bisect_right(records, until.epoch_s, lo=first, key=_epoch_s)]


def _epoch_s(record: R) -> int:
    return record.at.epoch_s
