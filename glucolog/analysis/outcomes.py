"""What happened to glucose after an instant: one outcome a window, the same for sessions and for control windows.

Sign: a positive drop means that glucose fell. An outcome that can't be read is marked so, never bridged.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from glucolog.analysis import clock
from glucolog.analysis.covariates import Background, last_reading
from glucolog.analysis.kinds import Flags, Floats, Ints
from glucolog.analysis.trace import GlucoseArrays
from glucolog.core.evidence import LEVEL_1

NADIR_MIN = 240
"""The nadir and the time below 70 are those of so many minutes after the start."""
NIGHT_MIN = 360
"""The night after is the next local 00:00 to 06:00."""


class Outcome(StrEnum):
    """An outcome by its stable name; `CHANGE_120` is the one primary outcome, the rest are secondary."""

    CHANGE_120 = "change_120"
    CHANGE_END = "change_end"
    CHANGE_60 = "change_60"
    CHANGE_240 = "change_240"
    NADIR = "nadir"
    BELOW_70 = "below_70"
    NIGHT_BELOW_70 = "night_below_70"


UNITS: dict[Outcome, str] = {
    Outcome.CHANGE_120: "mg/dL",
    Outcome.CHANGE_END: "mg/dL",
    Outcome.CHANGE_60: "mg/dL",
    Outcome.CHANGE_240: "mg/dL",
    Outcome.NADIR: "mg/dL",
    Outcome.BELOW_70: "min",
    Outcome.NIGHT_BELOW_70: "min",
}
GLUCOSE_OUTCOMES = tuple(outcome for outcome, unit in UNITS.items() if unit == "mg/dL")
"""Outcomes in mg/dL: drops. The others are minutes, where positive means more of them."""
FIXED_MIN = {Outcome.CHANGE_60: 60.0, Outcome.CHANGE_120: 120.0, Outcome.CHANGE_240: 240.0}
"""Drops read at a fixed time after the start, in minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """An outcome at n instants: `values` (0 where not `known`), and whether a LO or HI reading went into it."""

    values: Floats
    known: Flags
    censored: Flags


def observe(outcome: Outcome, at_s: Ints, start_mg_dl: Floats, length_min: float, known: Background) -> Observed:
    """Read `outcome` after each instant; `length_min`, for `CHANGE_END` alone, is 0 for a session that still runs."""
    if outcome is Outcome.CHANGE_END and not length_min:
        return _nothing(at_s.size)
    if outcome in FIXED_MIN or outcome is Outcome.CHANGE_END:
        return drop_after(at_s, start_mg_dl, FIXED_MIN.get(outcome, length_min), known)
    if not known.probe.has_trend:
        return _nothing(at_s.size)
    if outcome is Outcome.NADIR:
        return _nadir(at_s, start_mg_dl, known)
    if outcome is Outcome.BELOW_70:
        return _minutes_below_70(at_s, NADIR_MIN, known)
    return _minutes_below_70(next_midnight_s(at_s, known.zone), NIGHT_MIN, known)


def drop_after(at_s: Ints, start_mg_dl: Floats, minutes: float, known: Background) -> Observed:
    """Glucose at the instant minus the reading nearest to so many minutes later, positive when it fell.

    The reading lies after the instant and within the probe's tolerance (closed) of the time; of two equally near the
    earlier counts. A LO or HI reading stands at the device's limit and is marked: the drop is at least, or at most, so
    large.
    """
    glucose = known.glucose
    if not len(glucose):
        return _nothing(at_s.size)
    due_s = at_s + round(minutes * 60)
    after = np.minimum(np.searchsorted(glucose.at_s, due_s, side="left"), len(glucose) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.abs(due_s - glucose.at_s[before]) <= np.abs(glucose.at_s[after] - due_s)
    chosen = np.where(nearer & (glucose.at_s[before] > at_s), before, after)
    away_s = np.abs(glucose.at_s[chosen] - due_s)
    read = (away_s <= known.probe.tolerance_min * 60) & (glucose.at_s[chosen] > at_s)
    return _observed(start_mg_dl - glucose.mg_dl[chosen], read, glucose.is_censored[chosen])


def over_s(outcome: Outcome, at_s: Ints, length_min: float, zone: str) -> Ints:
    """Return when `outcome` after each instant is over, in seconds UTC; `length_min` as for `observe`."""
    if outcome is Outcome.NIGHT_BELOW_70:
        return next_midnight_s(at_s, zone) + NIGHT_MIN * 60
    minutes = length_min if outcome is Outcome.CHANGE_END else FIXED_MIN.get(outcome, NADIR_MIN)
    return at_s + round(minutes * 60)


def next_midnight_s(at_s: Ints, zone: str) -> Ints:
    """Return the first local midnight after each instant, in seconds UTC, by the clock as it then stands."""
    offset_s = clock.utc_offsets_s(at_s, zone)
    midnight_local_s = (clock.day_index(at_s + offset_s) + 1) * clock.SECONDS_A_DAY
    return midnight_local_s - clock.utc_offsets_s(midnight_local_s - offset_s, zone)


def _nadir(at_s: Ints, start_mg_dl: Floats, known: Background) -> Observed:
    span = _Span(at_s, NADIR_MIN, known)
    return _observed(start_mg_dl - span.lowest(known.glucose), span.whole, span.censored(known.glucose))


def _minutes_below_70(at_s: Ints, minutes: float, known: Background) -> Observed:
    span = _Span(at_s, minutes, known)
    below_min = np.where(known.glucose.below(LEVEL_1.pair), known.glucose.interval_min, 0)
    total = np.concatenate(([0.0], np.cumsum(below_min, dtype=np.float64)))
    return _observed(total[span.last + 1] - total[span.first + 1], span.whole, np.zeros(at_s.size, dtype=np.bool_))


class _Span:
    """Readings in (at, at + minutes] of each instant; `whole` where no gap lies between its edges."""

    def __init__(self, at_s: Ints, minutes: float, known: Background) -> None:
        glucose, end_s = known.glucose, at_s + round(minutes * 60)
        self.first, self.last = last_reading(at_s, glucose), last_reading(end_s, glucose)
        self.whole = (self.last > self.first) & (self.first >= 0)
        for edge_s, index in ((at_s, self.first), (end_s, self.last)):
            self.whole &= _age_s(edge_s, index, glucose) <= known.probe.look_back_min * 60
        gaps = np.append(np.cumsum(glucose.gap_before()), 0)
        self.whole &= gaps[self.first] == gaps[self.last]

    def lowest(self, glucose: GlucoseArrays) -> Floats:
        """Lowest mg/dL of each span; 0 where the span is not whole."""
        padded = np.append(glucose.mg_dl, np.inf)
        return np.where(self.whole, self._lowest_of(padded), 0.0)

    def censored(self, glucose: GlucoseArrays) -> Flags:
        """Whether a LO reading lies in each span: the nadir is then at least so low."""
        total = np.concatenate(([0], np.cumsum(glucose.censored < 0)))
        return np.asarray(total[self.last + 1] > total[self.first + 1], dtype=np.bool_)

    def _lowest_of(self, padded: Floats) -> Floats:
        edges = np.stack([self.first + 1, self.last + 1], axis=1).ravel()
        return np.asarray(np.minimum.reduceat(padded, edges)[::2]) if edges.size else np.zeros(0)


def _age_s(at_s: Ints, index: Ints, glucose: GlucoseArrays) -> Ints:
    return np.asarray(at_s - np.append(glucose.at_s, 0)[index], dtype=np.int64)


def _observed(values: Floats, known: Flags, censored: Flags) -> Observed:
    return Observed(values=np.where(known, values, 0.0), known=known, censored=known & censored)


def _nothing(n: int) -> Observed:
    return _observed(np.zeros(n), np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_))
