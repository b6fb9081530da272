"""Stored readings as numpy columns in time order, with the local clock and the sensor's interval beside them.

Every statistic of this layer starts here. Readings enter in any order and with repeats; they leave sorted by the
instant, one an instant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from glucolog.analysis import clock
from glucolog.analysis.kinds import Flags, Floats, Ints, Sides
from glucolog.core.columns import Trace
from glucolog.core.evidence import Pair, Zone
from glucolog.core.units import MG_DL_PER_MMOL_L, Source

MAX_INTERVAL_MIN = 15
"""The slowest sensor in use; readings further apart leave time that nothing measured."""
MIN_STEPS_A_DAY = 12
"""With fewer steps a day says nothing of its own interval and takes that of the whole trace."""
GAP_INTERVALS = 2.5
"""A step longer than so many intervals is a gap: one lost reading is none, two are."""
EXTRA_READING = 0.75
"""A step shorter than this part of the interval leads to an extra reading, such as a scan between two others."""
AS_COMMON = 0.8
"""A step that occurs at least so often beside the commonest one of a day is as common."""

_Column = TypeVar("_Column", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True)
class GlucoseArrays:
    """Readings of one source as columns of length n, strictly increasing in `at_s`.

    `at_s` seconds UTC; `offset_s` what the local clock is ahead of UTC; `amount` as typed, in mmol/L where
    `is_mmol_l`, else mg/dL; `censored` −1 LO, 0 none, 1 HI, where `amount` is the device's limit; `mg_dl` canonical,
    unrounded; `interval_min` the minutes between readings of the sensor then in use (see `sensor_intervals_min`).
    """

    source: Source
    at_s: Ints
    offset_s: Ints
    amount: Floats
    is_mmol_l: Flags
    censored: Sides
    mg_dl: Floats
    interval_min: Ints

    def __len__(self) -> int:
        return self.at_s.size

    @property
    def local_s(self) -> Ints:
        """Seconds on the local clock, counted as if it were UTC; not increasing where clocks go back."""
        return self.at_s + self.offset_s

    @property
    def local_minute(self) -> Floats:
        """Minutes since local midnight, [0, 1440)."""
        return clock.minute_of_day(self.local_s)

    @property
    def local_day(self) -> Ints:
        """Local calendar day, counted from 1970-01-01."""
        return clock.day_index(self.local_s)

    @property
    def is_censored(self) -> Flags:
        """Whether the device showed LO or HI."""
        return np.not_equal(self.censored, 0)

    @property
    def grid_min(self) -> int:
        """The interval of most readings, in minutes; 15 for an empty trace."""
        return int(np.bincount(self.interval_min).argmax()) if len(self) else MAX_INTERVAL_MIN

    @property
    def weight(self) -> Floats:
        """What each reading counts in a share or a mean: the minutes it stands for, or 1 for a meter.

        The minutes are the sensor's interval, so that a 15-minute sensor weighs as much a day as a 1-minute one, and
        fewer before an extra reading. With one sensor in use that is the plain share or mean of readings.
        """
        if self.source is Source.METER:
            return np.ones(len(self))
        minutes = self.interval_min.astype(np.float64)
        step_min = np.diff(self.at_s) / 60.0
        np.copyto(minutes[:-1], step_min, where=step_min < EXTRA_READING * minutes[:-1])
        return minutes

    def within(self, zone: Zone) -> Flags:
        """Whether each reading is in the zone, judged in the unit it was typed in."""
        inside = np.ones(len(self), dtype=np.bool_)
        for bound, outside in ((zone.ge, self.below), (zone.le, self.above)):
            if bound is not None:
                inside &= ~outside(bound)
        for bound, inward in ((zone.lt, self.below), (zone.gt, self.above)):
            if bound is not None:
                inside &= inward(bound)
        return inside

    def below(self, pair: Pair) -> Flags:
        """Whether each reading is strictly under the published number of the unit it was typed in."""
        return self.amount < self._published(pair)

    def above(self, pair: Pair) -> Flags:
        """Whether each reading is strictly over the published number of the unit it was typed in."""
        return self.amount > self._published(pair)

    def gap_before(self) -> Flags:
        """Whether time that nothing measured lies before each reading; the first has it by definition."""
        gap = np.ones(len(self), dtype=np.bool_)
        longest_s = GAP_INTERVALS * 60.0 * np.maximum(self.interval_min[1:], self.interval_min[:-1])
        np.greater(np.diff(self.at_s), longest_s, out=gap[1:])
        return gap

    def select(self, keep: Flags) -> GlucoseArrays:
        """Return the readings where `keep`, each with the interval its sensor had in the whole trace."""
        columns = ("at_s", "offset_s", "amount", "is_mmol_l", "censored", "mg_dl", "interval_min")
        return GlucoseArrays(source=self.source, **{name: getattr(self, name)[keep] for name in columns})

    def between(self, since_s: int, until_s: int) -> GlucoseArrays:
        """Return the readings with since_s ≤ at_s < until_s."""
        return self.select((self.at_s >= since_s) & (self.at_s < until_s))

    def _published(self, pair: Pair) -> Floats | float:
        if not self.is_mmol_l.any():
            return pair.mg_dl
        return np.where(self.is_mmol_l, pair.mmol_l, pair.mg_dl)


def glucose_arrays(*traces: Trace) -> GlucoseArrays:
    """Join traces of one source, each on the clock of its own zone, into sorted columns without repeats.

    Of readings at one instant the lowest stays, whatever the order they came in. A single sorted trace is not copied.
    Raises `ValueError` without a trace or when the sources differ: meter and sensor never mix.
    """
    sources = {trace.source for trace in traces}
    if len(sources) != 1:
        raise ValueError("the traces of one statistic have one source")
    at_s = _joined([np.frombuffer(trace.at_s, dtype=np.int64) for trace in traces])
    amount = _joined([np.frombuffer(trace.amount, dtype=np.float64) for trace in traces])
    is_mmol_l = _joined([np.frombuffer(trace.is_mmol_l, dtype=np.int8).view(np.bool_) for trace in traces])
    censored = _joined([np.frombuffer(trace.censored, dtype=np.int8) for trace in traces])
    offset_s = _joined([clock.utc_offsets_s(np.frombuffer(trace.at_s, dtype=np.int64), trace.zone) for trace in traces])
    return from_columns(
        source=sources.pop(), at_s=at_s, offset_s=offset_s, amount=amount, is_mmol_l=is_mmol_l, censored=censored
    )


def from_columns(
    *, source: Source, at_s: Ints, offset_s: Ints, amount: Floats, is_mmol_l: Flags, censored: Sides
) -> GlucoseArrays:
    """Sort equally long columns by the instant and keep one reading an instant, the lowest."""
    mg_dl = np.where(is_mmol_l, amount * MG_DL_PER_MMOL_L, amount) if is_mmol_l.any() else amount
    if at_s.size > 1 and not np.all(at_s[1:] > at_s[:-1]):
        order = np.lexsort((offset_s, is_mmol_l, censored, mg_dl, at_s))
        kept = order[np.concatenate(([True], np.diff(at_s[order]) > 0))]
        at_s, offset_s, amount, is_mmol_l, censored, mg_dl = (
            at_s[kept], offset_s[kept], amount[kept], is_mmol_l[kept], censored[kept], mg_dl[kept],
        )  # fmt: skip
    return GlucoseArrays(
        source=source, at_s=at_s, offset_s=offset_s, amount=amount, is_mmol_l=is_mmol_l, censored=censored,
        mg_dl=mg_dl, interval_min=sensor_intervals_min(at_s),
    )  # fmt: skip


def sensor_intervals_min(at_s: Ints) -> Ints:
    """Return, for each of the sorted instants, the whole minutes between readings of the sensor then in use.

    That is the commonest step of the reading's UTC day, 1 to 15, which neither lost readings nor scans between two
    others disturb; a person may change from a 15-minute to a 1-minute sensor within a trace. Of steps about as common
    it is the longest: two sensors worn together read in turn, such as 2 and 3 min apart, and leave no time unread. A
    day with fewer than `MIN_STEPS_A_DAY` steps takes the commonest of all.
    """
    if at_s.size < 2:
        return np.full(at_s.shape, MAX_INTERVAL_MIN, dtype=np.int64)
    step_min = np.clip((np.diff(at_s) + 30) // 60, 1, MAX_INTERVAL_MIN)
    day = at_s // clock.SECONDS_A_DAY
    day_rank = np.concatenate(([0], np.cumsum(np.diff(day) > 0)))
    width = MAX_INTERVAL_MIN + 1
    counts = np.bincount(day_rank[1:] * width + step_min, minlength=(day_rank[-1] + 1) * width).reshape(-1, width)
    interval = _longest_common(counts)
    interval[counts.sum(axis=1) < MIN_STEPS_A_DAY] = _longest_common(counts.sum(axis=0)[None, :])[0]
    return np.asarray(interval[day_rank])


def _longest_common(counts: Ints) -> Ints:
    """Return, for each row of counts by step, the longest step about as common as its commonest one."""
    common = counts >= AS_COMMON * counts.max(axis=1, keepdims=True)
    return np.asarray(MAX_INTERVAL_MIN - common[:, ::-1].argmax(axis=1), dtype=np.int64)


def _joined(parts: Sequence[NDArray[_Column]]) -> NDArray[_Column]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
