"""The published formulas that turn glucose, its mean or its shares into one number.

All glucose is in mg/dL. Worked values stand as doctests.
"""

from __future__ import annotations

import numpy as np

from glucolog.analysis.kinds import Floats
from glucolog.core.evidence import (
    EA1C_MG_DL,
    GMI_PERCENT,
    GRADE_CAP,
    GRADE_FACTOR,
    GRADE_MG_DL_PER_MMOL_L,
    GRADE_OFFSET,
    GRI_CAP,
    GRI_WEIGHTS,
    GRI_ZONE_WIDTH,
    GRI_ZONES,
    J_INDEX_FACTOR,
    M_VALUE_CENTRE_MG_DL,
    RISK_CENTRE,
    RISK_INDEX_FACTOR,
    RISK_POWER,
    RISK_SLOPE,
)


def gmi_percent(mean_mg_dl: float) -> float:
    """Return the glucose management indicator in % (Bergenstal 2018): 3.31 + 0.02392 · mean.

    >>> round(gmi_percent(154), 1), round(gmi_percent(183), 1)
    (7.0, 7.7)
    """
    intercept, slope = GMI_PERCENT
    return intercept + slope * mean_mg_dl


def ea1c_percent(mean_mg_dl: float) -> float:
    """Return the A1C in % that goes with a mean (Nathan 2008, solved for A1C): (46.7 + mean) / 28.7.

    The paper's table 2 gives 126 mg/dL for 6 % and 183 mg/dL for 8 %.

    >>> round(ea1c_percent(126), 1), round(ea1c_percent(183), 1)
    (6.0, 8.0)
    """
    offset, slope = EA1C_MG_DL
    return (offset + mean_mg_dl) / slope


def cv_percent(mean_mg_dl: float, sd_mg_dl: float) -> float:
    """Return the coefficient of variation in %: SD over mean; up to 36 % counts as stable (Battelino 2019).

    >>> cv_percent(150, 54)
    36.0
    """
    return 100.0 * sd_mg_dl / mean_mg_dl


def risk(mg_dl: Floats) -> Floats:
    """Return the risk of each amount, 0 to about 100 (Kovatchev 1997): 10 f², f = 1.509 · ((ln G)^1.084 − 5.381).

    >>> [float(round(value, 2)) for value in risk(np.array([40.0, 54, 70, 100, 180, 250, 400]))]
    [36.42, 18.46, 7.76, 0.48, 7.73, 22.44, 57.05]
    """
    return np.asarray(10.0 * (RISK_SLOPE * _symmetric(mg_dl)) ** 2)


def risk_indices(mg_dl: Floats, weight: Floats) -> tuple[float, float]:
    """Return the low and the high blood glucose index: weighted means of the risk below and above the centre.

    The mean runs over all readings; those on the other side count as zero. Published work and iglu round 10 · 1.509²
    to 22.77, and so does this, which makes it 0.004 % smaller than the mean of `risk`.

    >>> low, high = risk_indices(np.array([54.0, 100, 180, 250]), np.ones(4))
    >>> round(low, 2), round(high, 2)
    (4.74, 7.54)
    """
    side = _symmetric(mg_dl)
    squares = RISK_INDEX_FACTOR * side * side * weight
    is_low = side < 0
    low, total = float(np.sum(squares[is_low])), float(np.sum(squares))
    return low / float(weight.sum()), max(total - low, 0.0) / float(weight.sum())


def gri(lt_54: float, ge_54_lt_70: float, gt_250: float, gt_180_le_250: float) -> float:
    """Return the glycemia risk index, 0 to 100, from four disjoint percentages (Klonoff 2022).

    3.0 · very low + 2.4 · low + 1.6 · very high + 0.8 · high; more than 100 is 100.

    >>> round(gri(1, 2, 3, 10), 6), gri(0, 0, 80, 20)
    (20.6, 100.0)
    """
    shares = lt_54, ge_54_lt_70, gt_250, gt_180_le_250
    return min(GRI_CAP, sum(weight * share for weight, share in zip(GRI_WEIGHTS, shares, strict=True)))


def gri_zone(index: float) -> str:
    """Return the zone of a glycemia risk index: A to 20, B to 40, C to 60, D to 80, E above (Klonoff 2022).

    >>> gri_zone(20), gri_zone(20.1), gri_zone(100)
    ('A', 'B', 'E')
    """
    steps = int(np.ceil(index / GRI_ZONE_WIDTH)) - 1
    return GRI_ZONES[min(max(steps, 0), len(GRI_ZONES) - 1)]


def j_index(mean_mg_dl: float, sd_mg_dl: float) -> float:
    """Return the J-index (Wojcicki 1995): 0.001 · (mean + SD)².

    >>> j_index(120, 30)
    22.5
    """
    return J_INDEX_FACTOR * (mean_mg_dl + sd_mg_dl) ** 2


def m_value(mg_dl: Floats, weight: Floats) -> float:
    """Return the M-value (Schlichtkrull 1965) around 90 mg/dL: the mean of |10 · log10(G / 90)|³.

    >>> round(m_value(np.array([90.0, 180.0]), np.ones(2)), 3)
    13.64
    """
    return float(np.average(np.abs(10.0 * np.log10(_over_1(mg_dl) / M_VALUE_CENTRE_MG_DL)) ** 3, weights=weight))


def grade(mg_dl: Floats, weight: Floats) -> float:
    """Return the mean GRADE score, 0 to 50 (Hill 2007): 425 · (log10(log10(mmol/L)) + 0.16)², each at most 50.

    The paper's own division by 18 is kept, so that scores agree with its tools; 18 mmol/L scores 28.5.

    >>> round(grade(np.array([324.0]), np.ones(1)), 1), round(grade(np.array([18.0]), np.ones(1)), 1)
    (28.5, 50.0)
    """
    mmol_l = np.maximum(mg_dl / GRADE_MG_DL_PER_MMOL_L, np.nextafter(1.0, 2.0))
    scores = GRADE_FACTOR * (np.log10(np.log10(mmol_l)) + GRADE_OFFSET) ** 2
    return float(np.average(np.minimum(scores, GRADE_CAP), weights=weight))


def _symmetric(mg_dl: Floats) -> Floats:
    return np.asarray(np.log(_over_1(mg_dl)) ** RISK_POWER - RISK_CENTRE)


def _over_1(mg_dl: Floats) -> Floats:
    # no device reports less, and the logarithms have no value there
    return np.maximum(mg_dl, 1.0)
