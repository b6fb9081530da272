"""The ambulatory glucose profile (AGP): percentiles by the time of day on the person's own clock.

Each local day gives one value to each time of day (the mean of its readings there), so that a day counts once however
often its sensor reads, and the hour that a clock change repeats counts once too. Percentiles across days are linear
between order statistics (type 7, the default of numpy and R). LO and HI enter at their limit. Nothing is smoothed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glucolog.analysis.clock import MINUTES_A_DAY
from glucolog.analysis.kinds import Floats, Ints
from glucolog.analysis.summary import ranked
from glucolog.analysis.trace import GlucoseArrays
from glucolog.core.evidence import MAGE_STEP_MIN, REPORT_DAYS
from glucolog.core.findings import Unassessed
from glucolog.core.units import Source
from glucolog.core.wording import metrics as wording

PERCENTS = 5, 25, 50, 75, 95


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbulatoryProfile:
    """Percentiles of glucose by time of day; times without a reading on any day are left out.

    `minute` (bins) where each bin of `bin_min` minutes begins after local midnight, closed there and open at its end;
    `n_days` (bins) days that have a value in it; `mg_dl` (5, bins) the percentiles `PERCENTS`; `days` distinct local
    days; `flag` a sentence when those are fewer than the recommended 14.
    """

    bin_min: int
    minute: Ints
    n_days: Ints
    mg_dl: Floats
    days: int
    flag: str | None


def ambulatory_profile(trace: GlucoseArrays, bin_min: int | None = None) -> AmbulatoryProfile | Unassessed:
    """Return the profile of a sensor trace, or why there is none (no readings; finger-sticks).

    `bin_min` defaults to the sensor's interval, at least 5; raises `ValueError` when it does not divide the day.
    """
    if trace.source is Source.METER:
        return Unassessed(wording.FINGER_STICKS_NO_TIME)
    if len(trace) == 0:
        return Unassessed(wording.NO_READINGS)
    width = bin_min or _default_bin_min(trace)
    if MINUTES_A_DAY % width:
        raise ValueError("the bins of a profile divide the day")
    table, days = _day_table(trace, width)
    n_days = np.count_nonzero(np.isfinite(table), axis=1)
    filled = n_days > 0
    return AmbulatoryProfile(
        bin_min=width,
        minute=np.flatnonzero(filled) * width,
        n_days=n_days[filled],
        mg_dl=_percentiles(table[filled], n_days[filled]),
        days=days,
        flag=_flag(days),
    )


def _default_bin_min(trace: GlucoseArrays) -> int:
    at_least = max(trace.grid_min, MAGE_STEP_MIN)
    return next(width for width in range(at_least, MINUTES_A_DAY + 1) if MINUTES_A_DAY % width == 0)


def _day_table(trace: GlucoseArrays, width: int) -> tuple[Floats, int]:
    """Return the mean glucose a (bin, day), infinite where there is none, and the number of days."""
    local_s = trace.local_s
    days, rank = ranked(trace.local_day)
    cell = (local_s % (MINUTES_A_DAY * 60)) // (width * 60) * days.size + rank
    size = MINUTES_A_DAY // width * days.size
    n = np.bincount(cell, minlength=size)
    sums = np.bincount(cell, weights=trace.mg_dl, minlength=size)
    table = np.full(size, np.inf)
    np.divide(sums, n, out=table, where=n > 0)
    return table.reshape(-1, days.size), days.size


def _percentiles(table: Floats, n: Ints) -> Floats:
    """Return (5, bins) percentiles of each row's first `n` values in order; infinity sorts behind them."""
    ordered = np.sort(table, axis=1)
    place = np.outer(np.array(PERCENTS) / 100.0, n - 1)
    under = place.astype(np.int64)
    over = np.minimum(under + 1, n - 1)
    row = np.arange(n.size)
    low, high = ordered[row, under], ordered[row, over]
    return np.asarray(low + (high - low) * (place - under))


def _flag(days: int) -> str | None:
    if days >= REPORT_DAYS.value:
        return None
    return wording.TOO_FEW_DAYS.format(days=days, needed=f"{REPORT_DAYS.value:g}")
