"""What else happened after sessions and after the times they are compared with: food, meal-time insulin, exertion.

Nothing after the start is matched on, for a session may itself lead to a snack or a walk. But whoever always has
massage just before a meal has a rise in the number that no matching on what went before takes out; so it is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glucolog.analysis.kinds import Flags, Floats, Ints
from glucolog.analysis.study import Matched, Study

WITHIN_MIN = 60
"""What follows later has hardly acted when the primary outcome is read."""
TELLING = 0.25
"""Shares of sessions and of similar times that lie so far apart are said (closed)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Afterwards:
    """Shares, 0 to 1, of sessions and of their similar times with `what` in the `WITHIN_MIN` after the start."""

    what: str
    of_sessions: float
    of_similar_times: float

    @property
    def differs(self) -> bool:
        """Whether the two are far enough apart to be said."""
        return abs(self.of_sessions - self.of_similar_times) >= TELLING


def afterwards(study: Study, matched: Matched) -> tuple[Afterwards, ...]:
    """Return the shares of what was logged at all, each session's similar times counting together as one."""
    work = study.known.at_work
    logged: dict[str, Floats | Ints] = {
        "food": work.carbs.at_s,
        "insulin": work.bolus_s,
        "exertion": work.exertion.at_s,
    }
    if not matched.rows.size:
        return ()
    return tuple(_shares(what, at_s, study, matched) for what, at_s in logged.items() if at_s.size)


def _shares(what: str, events_s: Floats | Ints, study: Study, matched: Matched) -> Afterwards:
    own = _followed(study.starts.at_s[matched.rows], events_s)
    theirs = _followed(study.controls.at_s, events_s)
    similar = [float(theirs[rows].mean()) for rows in matched.controls]
    return Afterwards(what=what, of_sessions=float(own.mean()), of_similar_times=float(np.mean(similar)))


def _followed(at_s: Ints, events_s: Floats | Ints) -> Flags:
    """Whether an event lies in (at, at + `WITHIN_MIN`] of each instant."""
    until = np.searchsorted(events_s, at_s + WITHIN_MIN * 60, side="right")
    return np.asarray(until > np.searchsorted(events_s, at_s, side="right"), dtype=np.bool_)
