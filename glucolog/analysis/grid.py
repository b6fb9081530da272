"""A trace on an even grid, for statistics that compare readings a fixed time apart.

Sensor clocks drift by seconds and lose single readings. Linear interpolation between readings at most 45 min apart
(the rule of iglu) puts them on common marks; nothing is ever laid over a longer gap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glucolog.analysis.kinds import Floats, Ints
from glucolog.analysis.trace import GlucoseArrays
from glucolog.core.evidence import INTERPOLATION_MAX_MIN

HOUR_MIN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Glucose at marks `slot` · `step_min` minutes after 1970 UTC; slots increase and skip the gaps."""

    step_min: int
    slot: Ints
    mg_dl: Floats

    def __len__(self) -> int:
        return self.slot.size


def even_step_min(interval_min: int) -> int:
    """Return the longest step that divides the hour and is no longer than the sensor's interval.

    >>> [even_step_min(interval) for interval in (1, 5, 7, 15)]
    [1, 5, 6, 15]
    """
    return next(step for step in range(interval_min, 0, -1) if HOUR_MIN % step == 0)


def resample(trace: GlucoseArrays, step_min: int) -> Grid:
    """Interpolate a trace linearly at whole steps; LO and HI enter at their limit.

    A reading alone between two gaps shows up only when it falls on a mark.
    """
    step_s = step_min * 60
    if len(trace) == 0:
        return Grid(step_min=step_min, slot=trace.at_s, mg_dl=trace.mg_dl)
    breaks = np.flatnonzero(np.diff(trace.at_s) > INTERPOLATION_MAX_MIN.value * 60)
    starts = trace.at_s[np.concatenate(([0], breaks + 1))]
    ends = trace.at_s[np.concatenate((breaks, [len(trace) - 1]))]
    slot = _slots(-(-starts // step_s), ends // step_s)
    return Grid(step_min=step_min, slot=slot, mg_dl=np.interp(slot * step_s, trace.at_s, trace.mg_dl))


def differences(grid: Grid, lag_min: int) -> Floats:
    """Return G(t) − G(t − lag) for every mark where both are known."""
    if len(grid) == 0:
        return np.zeros(0)
    earlier = grid.slot - lag_min // grid.step_min
    found = np.searchsorted(grid.slot, earlier)
    known = grid.slot[found] == earlier
    return np.asarray(grid.mg_dl[known] - grid.mg_dl[found[known]])


def _slots(first: Ints, last: Ints) -> Ints:
    """Join the ranges first…last, both closed; a range may be empty."""
    counts = np.maximum(last - first + 1, 0)
    before = np.cumsum(counts) - counts
    return np.repeat(first - before, counts) + np.arange(int(counts.sum()))
