"""Glucose as it comes in, for whoever looks on: the newest reading, its trend and age, and the alarms raised."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from glucolog.core.evidence import LEVEL_1, RECHECK_MIN
from glucolog.core.findings import Unassessed
from glucolog.core.lows import window_of
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Reading, Session
from glucolog.core.trend import Trend, trend
from glucolog.core.units import Source
from glucolog.core.watch import Alarm, AlarmKind
from glucolog.services.last_day import Day
from glucolog.services.watching import Following, follow, was_set_back
from glucolog.storage import Log

KEPT_ALARMS = 50
STANDS_MIN = 30
"""A warning of what may come is over after so long."""
LOWS = frozenset({AlarmKind.LOW, AlarmKind.URGENT_LOW})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alarm, the moment it was raised, and until when somebody wants it quiet."""

    alarm: Alarm
    at: Moment
    quiet_until: Moment | None = None

    @property
    def id(self) -> str:
        """Tells it from every other of the person's."""
        return f"{self.alarm.kind}-{self.at.epoch_s}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView:
    """What there is to see at `now`. `reading` is None when there is none of the last 24 h.

    `alarms` are those that still stand and no louder one has outdone, the loudest first.
    """

    now: Moment
    reading: Reading | None
    age_min: float | None
    trend: Trend | Unassessed
    alarms: tuple[Told, ...]


@dataclass(slots=True)
class _Followed:
    following: Following
    told: list[Told] = field(default_factory=list)
    quiet: dict[AlarmKind, tuple[Moment, Moment]] = field(default_factory=dict)

    def forget_what_is_to_come(self, now: Moment) -> None:
        """Let go of what was told and snoozed by a clock that was set back since."""
        self.told = [told for told in self.told if not was_set_back(told.at, now)]
        self.quiet = {kind: span for kind, span in self.quiet.items() if not was_set_back(span[0], now)}

    def latest(self, now: Moment) -> list[Told]:
        """The latest alarm of each kind, the loudest first."""
        by_kind = {told.alarm.kind: replace(told, quiet_until=self._quiet(told, now)) for told in self.told}
        return [by_kind[kind] for kind in AlarmKind if kind in by_kind]

    def _quiet(self, told: Told, now: Moment) -> Moment | None:
        """One that was raised while its kind was to be quiet got worse, and is heard."""
        since, until = self.quiet.get(told.alarm.kind, (None, None))
        return until if since is not None and until is not None and told.at <= since and now < until else None


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

    def look(self, person: Person, now: Moment) -> LiveView:
        """Return what is to be seen now."""
        with self._lock:
            followed = self._of(person, now)
            followed.forget_what_is_to_come(now)
            followed.told += [Told(alarm=alarm, at=now) for alarm in followed.following.poll(now)]
            del followed.told[:-KEPT_ALARMS]
            return _view(now, followed.following.day.at(now), followed.latest(now))

    def snooze(self, person: Person, kind: AlarmKind, now: Moment, minutes: float) -> None:
        """Keep one kind of alarm quiet for so long, unless it gets worse. Raises `RefusedError` for too long."""
        with self._lock:
            followed = self._of(person, now)
            followed.following.snooze(kind, now, minutes)
            followed.quiet[kind] = now, now.plus(minutes=minutes)

    def _of(self, person: Person, now: Moment) -> _Followed:
        found = self._followed.get(person.id)
        if found is None or found.following.person != person:
            told, quiet = (found.told, found.quiet) if found else ([], {})
            found = self._followed[person.id] = _Followed(follow(self._log, person, now), told, quiet)
        return found


def _view(now: Moment, day: Day, told: Sequence[Told]) -> LiveView:
    readings = day.readings
    newest = max(readings, key=lambda reading: reading.at.epoch_s, default=None)
    return LiveView(
        now=now,
        reading=newest,
        age_min=now.minutes_since(newest.at) if newest else None,
        trend=trend(readings, now),
        alarms=tuple(
            one for one in told if stands(one, newest, now) and not is_outdone(one, told) and _concerns(one, day, now)
        ),
    )


def _concerns(told: Told, day: Day, now: Moment) -> bool:
    """Whether an alarm is of any concern: silence is, where a sensor is worn or a session may still bring a low.

    Between finger-sticks of a day without a session it is how things are, and an alarm that always stands is not read.
    """
    if told.alarm.kind is not AlarmKind.NO_DATA or any(reading.source is Source.CGM for reading in day.readings):
        return True
    if day.running_since is not None:
        return True
    return day.latest_session is not None and window_of(day.latest_session, now) is not None


def is_outdone(one: Told, told: Sequence[Told]) -> bool:
    """Whether a louder alarm came with it or after it: what it warned of has come, and two would be read as two."""
    louder = list(AlarmKind)[: list(AlarmKind).index(one.alarm.kind)]
    return one.alarm.kind is not AlarmKind.NO_DATA and any(
        other.alarm.kind in louder and other.at >= one.at for other in told
    )


def stands(told: Told, newest: Reading | None, now: Moment) -> bool:
    """Whether an alarm still says how things are.

    No data: until a reading newer than it. A low: while the newest reading is below 70 mg/dL. Others: for half an hour.
    """
    if told.alarm.kind is AlarmKind.NO_DATA:
        return newest is None or newest.at < told.at
    if told.alarm.kind in LOWS:
        return newest is not None and newest.glucose.is_below(LEVEL_1.pair)
    return now.minutes_since(told.at) < STANDS_MIN
