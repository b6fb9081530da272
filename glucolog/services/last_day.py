"""The last day of a person's log for whoever looks on and on: read anew only when somebody changed the log."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from glucolog.core.moments import Moment
from glucolog.core.records import Carbs, Dose, Person, Reading, Session
from glucolog.storage import Log

DAY_MIN = 24 * 60
Watched = Reading | Dose | Carbs


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What was logged from 24 h before a moment to that moment, both inside, in time order.

    Food and insulin come before the reading of the same second, as the watch wants them. `latest_session` is the
    newest of all, however old.
    """

    records: Sequence[Watched]
    latest_session: Session | None

    @property
    def running_since(self) -> Moment | None:
        """When the running session began, None when the latest one is over."""
        latest = self.latest_session
        return latest.start if latest is not None and latest.end is None else None

    @property
    def readings(self) -> list[Reading]:
        """The readings among the records."""
        return [record for record in self.records if isinstance(record, Reading)]


class LastDay:
    """Keeps what was read until the log changes, a day has passed or the clock runs back."""

    def __init__(self, log: Log, person: Person) -> None:
        self._log, self._person = log, person
        self._read_at: Moment | None = None
        self._change: int | None = None
        self._day = Day(records=(), latest_session=None)

    def at(self, now: Moment) -> Day:
        """Return the day that ends at `now`."""
        change = self._log.latest_change()
        if change != self._change or self._read_at is None or not 0 <= now.minutes_since(self._read_at) <= DAY_MIN:
            self._day = self._read(now)
            self._change, self._read_at = change, now
        known = self._day.records
        first = bisect_left(known, now.plus(minutes=-DAY_MIN).epoch_s, key=_epoch_s)
        return replace(self._day, records=known[first : bisect_right(known, now.epoch_s, key=_epoch_s)])

    def _read(self, now: Moment) -> Day:
        """A day ahead as well: what is stamped so is shown when its time has come."""
        since, until = now.plus(minutes=-DAY_MIN), now.plus(minutes=DAY_MIN)
        latest = next(iter(self._log.sessions(self._person.id, limit=1)), None)
        return Day(
            records=watched(self._log, self._person, since, until),
            latest_session=latest,
        )


def watched(log: Log, person: Person, since: Moment, until: Moment) -> list[Watched]:
    """Return what the watch looks at, both ends inside, in time order."""
    found: list[Watched] = [*log.doses(person.id, since, until), *log.carbs(person.id, since, until)]
    return sorted([*found, *log.readings(person.id, since, until)], key=_epoch_s)


def _epoch_s(record: Watched) -> int:
    return record.at.epoch_s
