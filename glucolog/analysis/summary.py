"""Level, spread and shares of many groups of readings at once: the whole, each local day, the night and the day.

The groups are counted in one pass each, without a Python step a reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from glucolog.analysis.indices import cv_percent
from glucolog.analysis.kinds import Floats, Ints
from glucolog.analysis.trace import GlucoseArrays
from glucolog.core.evidence import ABOVE, LEVEL_1, LEVEL_2, NIGHT_HOURS, VERY_HIGH
from glucolog.core.findings import Unassessed
from glucolog.core.wording import metrics as wording

BANDS = 5
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Percentages of sensor time, or of finger-stick readings, with closed sides as published (Battelino 2019).

    `below_70` holds `below_54`, `above_180` holds `above_250`; `ge_70_le_180` is closed on both sides.
    """

    ge_70_le_180_percent: float
    below_70_percent: float
    below_54_percent: float
    above_180_percent: float
    above_250_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One group of readings. In means and spreads LO and HI stand at their limit; the counts say how many there are.

    `minutes` is the sensor time the readings stand for (for a meter, their number).
    """

    n: int
    n_low: int
    n_high: int
    minutes: float
    mean_mg_dl: float | Unassessed
    sd_mg_dl: float | Unassessed
    cv_percent: float | Unassessed
    shares: Shares | Unassessed


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySummary:
    """One local calendar day with readings. A day may have 23 or 25 hours, or be lived twice on a trip."""

    day: date
    summary: Summary


def whole(trace: GlucoseArrays) -> Summary:
    """Return the summary of all readings."""
    return summaries(trace, np.zeros(len(trace), dtype=np.int64), 1)[0]


def by_day(trace: GlucoseArrays) -> tuple[DaySummary, ...]:
    """Return one summary for each local day that has readings, in order."""
    if len(trace) == 0:
        return ()
    days, rank = ranked(trace.local_day)
    found = summaries(trace, rank, days.size)
    return tuple(
        DaySummary(day=EPOCH + timedelta(days=day), summary=summary)
        for day, summary in zip(days.tolist(), found, strict=True)
    )


def night_and_day(trace: GlucoseArrays) -> tuple[Summary, Summary]:
    """Return the summaries of 00:00 to before 06:00 and of 06:00 to 24:00 on the local clock."""
    first, end = (hour * 60 for hour in NIGHT_HOURS)
    minute = trace.local_minute
    is_day = ((minute < first) | (minute >= end)).astype(np.int64)
    night, day = summaries(trace, is_day, 2)
    return night, day


def ranked(values: Ints) -> tuple[Ints, Ints]:
    """Return the sorted distinct values and each entry's rank among them; fast for values in a narrow span."""
    lowest = values.min()
    present = np.bincount(values - lowest) > 0
    rank = np.cumsum(present) - 1
    return np.flatnonzero(present) + lowest, rank[values - lowest]


def summaries(trace: GlucoseArrays, group: Ints, groups: int) -> tuple[Summary, ...]:
    """Return a summary for each group 0 … groups − 1, given each reading's group; a group may be empty."""
    weight = trace.weight
    n = np.bincount(group, minlength=groups)
    n_low = np.bincount(group[trace.censored < 0], minlength=groups)
    n_high = np.bincount(group[trace.censored > 0], minlength=groups)
    bands = np.bincount(group * BANDS + band(trace), weights=weight, minlength=groups * BANDS).reshape(-1, BANDS)
    total = bands.sum(axis=1)
    mean, sd = _mean_and_sd(trace.mg_dl, weight, group, np.maximum(n, 1), np.where(n > 0, total, 1.0))
    return tuple(
        _summary(*row) for row in zip(*(a.tolist() for a in (n, n_low, n_high, total, mean, sd, bands)), strict=True)
    )


def band(trace: GlucoseArrays) -> Ints:
    """Return 0 below 54, 1 from 54 to below 70, 2 in 70–180, 3 above 180 to 250, 4 above 250, in the typed unit."""
    code = (~trace.below(LEVEL_2.pair)).astype(np.int64)
    code += ~trace.below(LEVEL_1.pair)
    code += trace.above(ABOVE.pair)
    code += trace.above(VERY_HIGH.pair)
    return code


def _mean_and_sd(mg_dl: Floats, weight: Floats, group: Ints, n: Ints, total: Floats) -> tuple[Floats, Floats]:
    """Return the weighted mean and sample SD a group; equal weights give the plain ones."""
    mean = np.bincount(group, weights=weight * mg_dl, minlength=n.size) / total
    deviation = mg_dl - mean[group]
    squares = np.bincount(group, weights=weight * deviation * deviation, minlength=n.size)
    return mean, np.sqrt(squares / total * n / np.maximum(n - 1, 1))


def _summary(n: int, n_low: int, n_high: int, total: float, mean: float, sd: float, bands: list[float]) -> Summary:
    level = _level(n, n_low + n_high, mean)
    spread = level if isinstance(level, Unassessed) else _spread(n, sd)
    return Summary(
        n=n,
        n_low=n_low,
        n_high=n_high,
        minutes=total,
        mean_mg_dl=level,
        sd_mg_dl=spread,
        cv_percent=spread if isinstance(spread, Unassessed) else cv_percent(mean, sd),
        shares=_shares(bands, total) if n else Unassessed(wording.NO_READINGS),
    )


def _level(n: int, n_censored: int, mean: float) -> float | Unassessed:
    if n == 0:
        return Unassessed(wording.NO_READINGS)
    return Unassessed(wording.ALL_CENSORED) if n_censored == n else mean


def _spread(n: int, sd: float) -> float | Unassessed:
    return Unassessed(wording.TOO_FEW_FOR_SPREAD) if n < 2 else sd


def _shares(bands: list[float], total: float) -> Shares:
    return Shares(
        ge_70_le_180_percent=100.0 * bands[2] / total,
        below_70_percent=100.0 * (bands[0] + bands[1]) / total,
        below_54_percent=100.0 * bands[0] / total,
        above_180_percent=100.0 * (bands[3] + bands[4]) / total,
        above_250_percent=100.0 * bands[4] / total,
    )
