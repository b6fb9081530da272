"""After a session: which re-checks are done, due, missed or to come."""

from __future__ import annotations

from dataclasses import dataclass

from glucolog.core.after import RecheckPlan, Status, recheck_plan
from glucolog.core.moments import Moment
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
    """The plans of the last day's sessions, newest first."""

    person: Person
    now: Moment
    plans: tuple[SessionPlan, ...]

    @property
    def is_due(self) -> bool:
        """Whether a check is due now, or a low is waiting for its re-check."""
        return any(
            item.plan.low is not None or any(check.status is Status.DUE for check in item.plan.checks)
            for item in self.plans
        )


def due(log: Log, person: Person, now: Moment) -> Due:
    """Return how the re-checks of the last day's finished sessions stand."""
    since = now.plus(minutes=-LOOK_BACK_MIN)
    readings = log.readings(person.id, since.plus(minutes=-LOOK_BACK_MIN), now.plus(seconds=1))
    plans = [
        SessionPlan(session=session, plan=recheck_plan(person, session, readings, now))
        for session in log.sessions(person.id, since.plus(minutes=-LOOK_BACK_MIN))
        if session.end is not None and session.end >= since
    ]
    return Due(person=person, now=now, plans=tuple(plans))
