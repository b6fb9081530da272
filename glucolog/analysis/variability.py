"""How much glucose differs from one day to the next: MODD and CONGA-24.

Both take the differences over 24 elapsed hours from `grid.differences`, so a clock that drifts by seconds, a lost
reading or unsorted rows change nothing. iglu lays the same grid (its 45-minute rule) from local midnight; ours starts
at 1970 UTC, the same marks in every zone whose offset is a multiple of the interval, and there both agree.
"""

from __future__ import annotations

import numpy as np

from glucolog.analysis.clock import MINUTES_A_DAY
from glucolog.analysis.kinds import Floats
from glucolog.core.findings import Unassessed
from glucolog.core.wording import metrics as wording

DAY_LAG_MIN = MINUTES_A_DAY


def modd_mg_dl(day_differences: Floats) -> float | Unassessed:
    """Return the mean of daily differences, mean |G(t) − G(t − 24 h)| (Molnar 1972).

    >>> modd_mg_dl(np.array([10.0, -20.0, 30.0]))
    20.0
    """
    if day_differences.size == 0:
        return Unassessed(wording.NO_DAY_APART)
    return float(np.mean(np.abs(day_differences)))


def conga_mg_dl(lag_differences: Floats) -> float | Unassessed:
    """Return CONGA: the sample SD of G(t) − G(t − n h) (McDonnell 2005).

    >>> round(conga_mg_dl(np.array([10.0, -20.0, 30.0])), 4)
    25.1661
    """
    if lag_differences.size == 0:
        return Unassessed(wording.NO_DAY_APART)
    if lag_differences.size == 1:
        return Unassessed(wording.TOO_FEW_DAY_APART)
    return float(np.std(lag_differences, ddof=1))
