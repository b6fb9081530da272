"""Coefficients of the risk at the start, with their provenance: data, no logic. tests/bench refits and prints them."""

from __future__ import annotations

from dataclasses import dataclass

from glucolog.core.evidence import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskModel:
    """Logistic model of a low (15 min below 70 mg/dL) that begins within `horizon_min` of the start.

    `coefficients` are the intercept and one a feature of `RISK_FEATURES`; `covariance` is theirs, from the bootstrap
    over people, row by row. `auroc` with its 95 % interval is the skill on people left out of the fit.
    """

    horizon_min: int
    coefficients: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    auroc: float
    auroc_low: float
    auroc_high: float
    n_sessions: int
    n_lows: int
    n_people: int


RISK_CITATION = "t1d-uom-2025"
RISK_PROTOCOL = (
    "exercise sessions of type 1 diabetes, start at 70 mg/dL or above, last reading at most 16 min old; logistic "
    "regression with a ridge, skill leaving one person out, intervals from a bootstrap over people"
)
RISK_FITTED_ON = "2026-11-23"
RISK_FEATURES = ("ln(level / 120 mg/dL)", "rate in mg/dL/min", "square root of insulin on board in U")
RISK_REFERENCE_MG_DL = Quantity("level at which the first feature is 0", 120, "mg/dL", "=", RISK_CITATION)
UNKNOWN_RATE = Quantity("rate taken where it is not known: the lower quartile", -0.4, "mg/dL/min", "=", RISK_CITATION)
UNKNOWN_IOB_UNITS = Quantity(
    "insulin on board taken where it is not known: the upper quartile", 1.8, "U", "=", RISK_CITATION
)
WEAK_BELOW_AUROC = Quantity("skill that is called weak", 0.7, "AUROC", "<", "watch-proposal")
NORMAL_95 = Quantity("two-sided 95 % of a normal", 1.96, "SD", "=", RISK_CITATION)

RISK_MODELS = (
    RiskModel(
        horizon_min=30,
        coefficients=(-4.342, -2.6019, -0.7163, 0.3846),
        covariance=(
            (0.0649, -0.0861, 0.0009, -0.0232),
            (-0.0861, 0.346, -0.0005, 0.0249),
            (0.0009, -0.0005, 0.0237, 0.0092),
            (-0.0232, 0.0249, 0.0092, 0.0338),
        ),
        auroc=0.86,
        auroc_low=0.79,
        auroc_high=0.93,
        n_sessions=960,
        n_lows=17,
        n_people=11,
    ),
    RiskModel(
        horizon_min=60,
        coefficients=(-3.3844, -2.0127, -0.3182, 0.6028),
        covariance=(
            (0.0586, -0.0278, 0.0067, -0.0019),
            (-0.0278, 0.143, -0.0073, -0.0109),
            (0.0067, -0.0073, 0.03, 0.0139),
            (-0.0019, -0.0109, 0.0139, 0.0221),
        ),
        auroc=0.74,
        auroc_low=0.66,
        auroc_high=0.82,
        n_sessions=960,
        n_lows=42,
        n_people=11,
    ),
    RiskModel(
        horizon_min=120,
        coefficients=(-2.5159, -1.2716, -0.2024, 0.6268),
        covariance=(
            (0.0417, -0.0398, 0.0142, 0.0117),
            (-0.0398, 0.2587, -0.0369, -0.0814),
            (0.0142, -0.0369, 0.0181, 0.0182),
            (0.0117, -0.0814, 0.0182, 0.0406),
        ),
        auroc=0.65,
        auroc_low=0.58,
        auroc_high=0.7,
        n_sessions=960,
        n_lows=96,
        n_people=11,
    ),
)
"""One model a horizon. The seventeen lows within 30 min are few: the interval says so."""
