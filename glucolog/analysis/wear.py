"""How long a sensor was worn and how much of that time it read."""

from __future__ import annotations

from dataclasses import dataclass

from glucolog.analysis.clock import MINUTES_A_DAY
from glucolog.analysis.trace import GlucoseArrays
from glucolog.core.findings import Unassessed
from glucolog.core.units import Source
from glucolog.core.wording import metrics as wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Wear:
    """`days` from the first to the last reading, the last interval included; `percent_active` of that time, ≤ 100."""

    days: float | Unassessed
    percent_active: float | Unassessed


def wear(trace: GlucoseArrays) -> Wear:
    """Return the days and the share of them with readings (Battelino 2019), in whole sensor intervals.

    Agrees with iglu's `active_percent` for one sensor: readings over the marks between the first and the last. A
    meter has days and no active time.
    """
    if len(trace) < 2:
        none = Unassessed(wording.ONE_READING if len(trace) else wording.NO_READINGS)
        return Wear(days=none, percent_active=none)
    span_min = _whole_intervals_min(trace)
    if trace.source is Source.METER:
        return Wear(days=span_min / MINUTES_A_DAY, percent_active=Unassessed(wording.FINGER_STICKS_NO_TIME))
    covered = 100.0 * float(trace.weight.sum()) / span_min
    return Wear(days=span_min / MINUTES_A_DAY, percent_active=min(covered, 100.0))


def _whole_intervals_min(trace: GlucoseArrays) -> int:
    elapsed_s = int(trace.at_s[-1] - trace.at_s[0])
    return (round(elapsed_s / 60 / trace.grid_min) + 1) * trace.grid_min
