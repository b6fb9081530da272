"""Glucose as it comes in, for whoever looks on: the newest reading, its trend and age, and the alarms raised."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from glucolog.core.evidence import RECHECK_MIN
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Reading, Session, Unassessed
from glucolog.core.trend import Trend, trend
from glucolog.core.watch import Alarm, AlarmKind
from glucolog.services.watching import Following, follow
from glucolog.storage import Log

SHOWN_MIN = 24 * 60
"""A reading older than this is not shown as the newest."""
KEPT_ALARMS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alarm with its number, which grows, and the moment it was raised."""

    number: int
    alarm: Alarm
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView:
    """What there is to see at `now`. `reading` is None when there is none of the last day."""

    now: Moment
    reading: Reading | None
    age_min: float | None
    trend: Trend | Unassessed
    alarms: tuple[Told, ...]


@dataclass(slots=True)
class _Followed:
    following: Following
    told: list[Told] = field(default_factory=list)


def next_look(session: Session, now: Moment) -> Moment:
    """Return when glucose is to be looked at next while a session runs: every quarter of an hour from its start."""
    step = RECHECK_MIN.value
    return session.start.plus(minutes=step * (now.minutes_since(session.start) // step + 1))


class LiveDesk:
    """Follows each person's log once, however many look on. Safe to use from several threads."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._followed: dict[str, _Followed] = {}
        self._lock = threading.Lock()

    def look(self, person: Person, now: Moment, after: int = 0) -> LiveView:
        """Return what is to be seen now, with the alarms numbered above `after`."""
        with self._lock:
            followed = self._of(person, now)
            first = followed.told[-1].number + 1 if followed.told else 1
            raised = followed.following.poll(now)
            followed.told += [Told(number=first + i, alarm=alarm, at=now) for i, alarm in enumerate(raised)]
            del followed.told[:-KEPT_ALARMS]
            alarms = tuple(told for told in followed.told if told.number > after)
        return self._view(person, now, alarms)

    def snooze(self, person: Person, kind: AlarmKind, now: Moment, minutes: float) -> None:
        """Keep one kind of alarm quiet for so long, unless it gets worse. Raises `RefusedError` for too long."""
        with self._lock:
            self._of(person, now).following.snooze(kind, now, minutes)

    def _of(self, person: Person, now: Moment) -> _Followed:
        found = self._followed.get(person.id)
        if found is None or found.following.person != person:
            told = found.told if found else []
            found = self._followed[person.id] = _Followed(follow(self._log, person, now), told)
        return found

    def _view(self, person: Person, now: Moment, alarms: tuple[Told, ...]) -> LiveView:
        readings = self._log.readings(person.id, now.plus(minutes=-SHOWN_MIN), now)
        newest = max(readings, key=lambda reading: reading.at.epoch_s, default=None)
        return LiveView(
            now=now,
            reading=newest,
            age_min=now.minutes_since(newest.at) if newest else None,
            trend=trend(readings, now),
            alarms=alarms,
        )
