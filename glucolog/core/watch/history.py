"""The readings and doses the watch still needs, in time order whatever order they came in."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from statistics import median

from glucolog.core import evidence_watch as table
from glucolog.core.evidence import INSULIN_KNOWN_H, STALE_CGM_MIN, STALE_METER_MIN
from glucolog.core.records import InsulinKind
from glucolog.core.units import Source
from glucolog.core.watch.events import DoseTaken, GlucoseSeen, WatchFacts

STALE_MIN = {Source.CGM: STALE_CGM_MIN.value, Source.METER: STALE_METER_MIN.value}
_INSULIN_KNOWN_MIN = INSULIN_KNOWN_H.value * 60
_STEPS_COUNTED = 6


class History:
    """Three hours of readings a source, and a day of doses."""

    def __init__(self) -> None:
        self._readings: dict[Source, list[GlucoseSeen]] = {source: [] for source in Source}
        self._doses: list[DoseTaken] = []

    @property
    def newest(self) -> GlucoseSeen | None:
        """The newest reading of any source."""
        last = (readings[-1] for readings in self._readings.values() if readings)
        return max(last, key=lambda seen: seen.at_min, default=None)

    @property
    def doses(self) -> tuple[DoseTaken, ...]:
        """Doses, in the order they came."""
        return tuple(self._doses)

    @property
    def silence_limit_min(self) -> float:
        """How long after the newest reading a silence begins: one lost reading of a sensor is none yet."""
        newest = self.newest
        if newest is not None and newest.source is Source.METER:
            return STALE_MIN[Source.METER]
        times = [seen.at_min for seen in self._readings[Source.CGM][-_STEPS_COUNTED - 1 :]]
        step = median(later - earlier for earlier, later in pairwise(times)) if len(times) > 1 else 0.0
        return max(STALE_MIN[Source.CGM], (1 + table.LOST_READINGS.value) * step + table.LATE_READING_MIN.value)

    def insulin_known(self, facts: WatchFacts, at_min: float) -> bool:
        """Whether insulin but long-acting was taken in the 24 h up to `at_min`, or is never taken: else not known."""
        if facts.basal_only:
            return True
        since = at_min - _INSULIN_KNOWN_MIN
        return any(since <= dose.at_min <= at_min and dose.kind is not InsulinKind.LONG for dose in self._doses)

    def readings(self, source: Source) -> list[GlucoseSeen]:
        """Readings of one source in time order."""
        return self._readings[source]

    def add_dose(self, dose: DoseTaken) -> None:
        """Keep a dose."""
        self._doses.append(dose)

    def add(self, seen: GlucoseSeen) -> bool:
        """Sort a reading in; False if it adds nothing. Of two at one instant the lower stays: the careful side."""
        readings = self._readings[seen.source]
        place = bisect_left(readings, seen.at_min, key=lambda other: other.at_min)
        if place == len(readings) or readings[place].at_min != seen.at_min:
            readings.insert(place, seen)
        elif readings[place].glucose.mg_dl <= seen.glucose.mg_dl:
            return False
        else:
            readings[place] = seen
        self._forget(readings)
        return True

    def _forget(self, readings: list[GlucoseSeen]) -> None:
        newest_min = readings[-1].at_min
        oldest = bisect_left(readings, newest_min - table.TREND_MEMORY_MIN.value, key=lambda seen: seen.at_min)
        del readings[:oldest]
        self._doses = [dose for dose in self._doses if dose.at_min >= newest_min - _INSULIN_KNOWN_MIN]
