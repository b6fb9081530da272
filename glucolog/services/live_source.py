"""A source that is asked again and again while somebody watches: it may go away, and comes back by itself."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from glucolog.core.moments import Moment
from glucolog.core.records import Person
from glucolog.errors import DatabaseError, GlucologError, SourceError
from glucolog.feeds.base import Feed
from glucolog.services.identity import Call, new_id
from glucolog.services.syncing import SyncOutcome, sync
from glucolog.storage import FOLLOWED, Log

EVERY_S = 60
"""How often a source that answers is asked: a sensor gives a reading every one to five minutes."""
LONGEST_PAUSE_S = 300
OVERLAP_MIN = 60
LOOK_BACK_EVERY_MIN = 60
"""How often a whole day is asked for again, so that a gap that was filled late comes in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What one look did: nothing when it was not yet due. `trouble` is said once, when it begins; `is_back` once."""

    outcome: SyncOutcome | None = None
    trouble: GlucologError | None = None
    is_back: bool = False


class LiveSource:
    """Brings a source into the log as its readings come. What it can't reach is tried again after growing pauses.

    A source that is down raises nothing: no reading comes, and the watch says `no_data` when that is due. What a
    person has to mend (a missing extra, a wrong region) is raised.
    """

    def __init__(self, log: Log, person: Person, feed: Feed, jitter: Callable[[], float] = random.random) -> None:
        self._log, self._person, self._feed, self._jitter = log, person, feed, jitter
        self._asked: Moment | None = None
        self._pause_s = 0.0
        self._failures = 0
        self._looked_back: Moment | None = None

    @property
    def name(self) -> str:
        """The source for people."""
        return self._feed.name

    def poll(self, now: Moment) -> Pulled:
        """Ask the source when it is time to, and store what is new."""
        if not self._is_due(now):
            return Pulled()
        self._asked = now
        try:
            call = Call(now=now, uid=new_id())
            outcome = sync(self._log, self._person, self._feed, call, self._since(now), verb=FOLLOWED)
        except (SourceError, DatabaseError) as error:
            return Pulled(trouble=self._failed(error))
        if outcome.trouble is not None:
            return Pulled(outcome=outcome, trouble=self._failed(outcome.trouble))
        return Pulled(outcome=outcome, is_back=self._answered(now))

    def _is_due(self, now: Moment) -> bool:
        """A clock that was set back makes it due as well."""
        return self._asked is None or not 0 <= now.epoch_s - self._asked.epoch_s < self._pause_s

    def _since(self, now: Moment) -> Moment | None:
        """None asks for all since the last stored instant, with a day's overlap."""
        if self._looked_back is None or now.minutes_since(self._looked_back) >= LOOK_BACK_EVERY_MIN:
            return None
        return now.plus(minutes=-OVERLAP_MIN)

    def _failed(self, error: GlucologError) -> GlucologError | None:
        self._failures += 1
        self._looked_back = None
        longest = min(EVERY_S * 2.0 ** (self._failures - 1), LONGEST_PAUSE_S)
        self._pause_s = longest * (1 + self._jitter()) / 2
        return error if self._failures == 1 else None

    def _answered(self, now: Moment) -> bool:
        was_down = self._failures > 0
        if self._looked_back is None or now.minutes_since(self._looked_back) >= LOOK_BACK_EVERY_MIN:
            self._looked_back = now
        self._failures, self._pause_s = 0, EVERY_S
        return was_down
