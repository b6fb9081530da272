"""The watch: raw readings, doses and carbs in, alarms out. No clock, no future, and no switch for an alarm."""

from __future__ import annotations

import math
from dataclasses import replace

from glucolog.core import evidence_watch as table
from glucolog.core.units import round_half_up
from glucolog.core.watch import concerns
from glucolog.core.watch.concerns import Situation
from glucolog.core.watch.events import Alarm, AlarmKind, DoseTaken, Event, GlucoseSeen, WatchFacts
from glucolog.core.watch.history import STALE_MIN, History
from glucolog.core.watch.memory import Memory
from glucolog.core.watch.trend import Point, trend_of
from glucolog.core.wording import watch as words


class Watch:
    """Feed it events as they come; each call gives the alarms it raises, at most one for a reading."""

    def __init__(self, facts: WatchFacts) -> None:
        self._facts = facts
        self._history = History()
        self._memory = Memory()
        self._now_min = -math.inf
        self._begun_min = facts.from_min
        self._silences_told = 0

    def feed(self, event: Event) -> tuple[Alarm, ...]:
        """Take one event in and return what it raises.

        A late reading (before the newest of its source, or stale by now) teaches the trend and raises nothing.
        """
        if isinstance(event, GlucoseSeen):
            return self._reading(event)
        if isinstance(event, DoseTaken):
            self._history.add_dose(event)
        elif event.grams > 0:
            self._memory.ate(event.at_min)
        return ()

    def advance(self, now_min: float) -> None:
        """Say what time it is before feeding what came in meanwhile, so that stale readings are known as such."""
        self._now_min = max(self._now_min, now_min)

    def relearn(self, from_min: float) -> None:
        """Forget what was fed, to be fed anew, and take what is before `from_min` as history; what was told stays."""
        self._history = History()
        self._facts = replace(self._facts, from_min=from_min)

    def in_session_from(self, start_min: float | None) -> None:
        """Say that a session began at `start_min`, or (None) that none runs; what was told and snoozed stays so."""
        self._facts = replace(self._facts, session_start_min=start_min)

    def tick(self, now_min: float) -> tuple[Alarm, ...]:
        """Say what time it is: raises `no_data` when it is due, once a silence and again each time it doubles."""
        if self._begun_min is None:
            self._begun_min = now_min
        self.advance(now_min)
        if not self._is_silent():
            return ()
        reason = self._silence_reason()
        while self._is_silent():
            self._silences_told += 1
        return (self._alarm(AlarmKind.NO_DATA, self._now_min, reason),)

    def snooze(self, kind: AlarmKind, at_min: float, minutes: float) -> None:
        """Keep one kind quiet for so long, unless it gets worse. Raises `RefusedError` for more than 60 min."""
        self._memory.snooze(kind, at_min, minutes)

    @property
    def no_data_due_min(self) -> float:
        """When the next `no_data` is due if nothing comes; infinity before the watch has begun."""
        if (since := self._silent_since_min) is None:
            return math.inf
        due = since + self._history.silence_limit_min * table.NO_DATA_BACKOFF.value**self._silences_told
        quiet_until = self._memory.snoozed_until_min(AlarmKind.NO_DATA)
        return max(due, quiet_until, -math.inf if self._facts.from_min is None else self._facts.from_min)

    @property
    def _silent_since_min(self) -> float | None:
        newest = self._history.newest
        return self._begun_min if newest is None else newest.at_min

    def _is_silent(self) -> bool:
        return self.no_data_due_min <= self._now_min

    def _silence_reason(self) -> str:
        since = self._silent_since_min
        minutes = round_half_up(0 if since is None else self._now_min - since)
        return (words.NO_DATA_YET if self._history.newest is None else words.NO_DATA).format(minutes=minutes)

    def _is_history(self, at_min: float) -> bool:
        return self._facts.from_min is not None and at_min < self._facts.from_min

    def _reading(self, seen: GlucoseSeen) -> tuple[Alarm, ...]:
        before = self._history.newest
        if not self._history.add(seen):
            return ()
        if before is None or seen.at_min > before.at_min:
            self._silences_told = 0
        self._now_min = max(self._now_min, seen.at_min)
        is_late = self._history.readings(seen.source)[-1] is not seen
        is_stale = self._now_min - seen.at_min > STALE_MIN[seen.source]
        if is_late or is_stale or self._is_history(seen.at_min):
            return ()
        return self._judge(self._situation(seen))

    def _situation(self, seen: GlucoseSeen) -> Situation:
        readings = self._history.readings(seen.source)
        points = [
            Point(one.at_min, one.glucose.mg_dl, concerns.noise_sd_mg_dl(one.glucose, one.source)) for one in readings
        ]
        return Situation(
            reading=seen,
            before=readings[-2] if len(readings) > 1 else None,
            trend=trend_of(points),
            insulin_units=self._insulin_units(seen.at_min),
            insulin_known=not self._facts.takes_insulin or self._history.insulin_known(self._facts, seen.at_min),
            session_fall_mg_dl=concerns.session_fall_mg_dl(self._facts, seen.at_min),
            unit=self._facts.unit or seen.glucose.unit,
        )

    def _insulin_units(self, at_min: float) -> float:
        if not self._facts.takes_insulin:
            return 0.0
        if not self._history.insulin_known(self._facts, at_min):
            return table.UNKNOWN_INSULIN_UNITS.value
        return concerns.insulin_units_soon(self._history.doses, at_min, child=self._facts.child)

    def _judge(self, now: Situation) -> tuple[Alarm, ...]:
        concern = concerns.loudest(now)
        self._memory.note(now, concern)
        if concern is None or not self._memory.may_tell(concern, now.reading.at_min):
            return ()
        self._memory.mark_told(concern, now)
        return (self._alarm(concern.kind, now.reading.at_min, concern.reason),)

    def _alarm(self, kind: AlarmKind, at_min: float, reason: str) -> Alarm:
        origin = self._facts.origin
        at = None if origin is None else origin.plus(minutes=at_min)
        return Alarm(kind=kind, at_min=at_min, reason=reason, at=at)
