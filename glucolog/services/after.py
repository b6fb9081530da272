"""After a session: which re-checks are done, due, missed or to come; and the low that stands, session or none."""

from __future__ import annotations

from dataclasses import dataclass

from glucolog.core.after import LowPlan, RecheckPlan, Status, low_plan, recheck_plan
from glucolog.core.moments import Moment
from glucolog.core.pairing import in_time_order
from glucolog.core.records import Person, Session
from glucolog.storage import Log

LOOK_BACK_MIN = 24 * 60
"""Sessions that ended longer ago have no check left to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPlan:
    """A session and its re-checks as they stand now."""

    session: Session
    plan: RecheckPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The plans of the last day's sessions, newest first.

    `low` is what to do while the last reading of the day is a low, whether a session ended before it, runs or is none.
    """

    person: Person
    now: Moment
    plans: tuple[SessionPlan, ...]
    running: Session | None
    low: LowPlan | None

    @property
    def is_due(self) -> bool:
        """Whether a check is due now, or a low is waiting for its re-check."""
        due = any(check.status is Status.DUE for item in self.plans for check in item.plan.checks)
        return due or self.low is not None


def due(log: Log, person: Person, now: Moment) -> Due:
    """Return how the re-checks of the last day's finished sessions stand, and the low that stands now."""
    since = now.plus(minutes=-LOOK_BACK_MIN)
    readings = log.readings(person.id, since.plus(minutes=-LOOK_BACK_MIN), now.plus(seconds=1))
    sessions = log.sessions(person.id, since.plus(minutes=-LOOK_BACK_MIN))
    plans = [
        SessionPlan(session=session, plan=recheck_plan(person, session, readings, now))
        for session in sessions
        if session.end is not None and session.end >= since
    ]
    past = [reading for reading in in_time_order(readings) if since <= reading.at <= now]
    return Due(
        person=person,
        now=now,
        plans=tuple(plans),
        running=next((session for session in sessions if session.end is None), None),
        low=low_plan(person, past, now, log.carbs(person.id, since, now.plus(seconds=1))),
    )
