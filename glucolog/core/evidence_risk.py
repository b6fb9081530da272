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
        coefficients=(-4.7199, -2.6394, -0.6957, 0.5703),
        covariance=(
            (0.2368, -0.166, -0.0017, -0.1493),
            (-0.166, 0.377, 0.0009, 0.0753),
            (-0.0017, 0.0009, 0.0229, 0.0099),
            (-0.1493, 0.0753, 0.0099, 0.1178),
        ),
        auroc=0.87,
        auroc_low=0.8,
        auroc_high=0.93,
        n_sessions=960,
        n_lows=17,
        n_people=11,
    ),
    RiskModel(
        horizon_min=60,
        coefficients=(-3.8689, -2.0506, -0.322, 0.797),
        covariance=(
            (0.1221, -0.0291, 0.0016, -0.0595),
            (-0.0291, 0.18, -0.0066, -0.0091),
            (0.0016, -0.0066, 0.0283, 0.0142),
            (-0.0595, -0.0091, 0.0142, 0.0597),
        ),
        auroc=0.77,
        auroc_low=0.69,
        auroc_high=0.84,
        n_sessions=960,
        n_lows=42,
        n_people=11,
    ),
    RiskModel(
        horizon_min=120,
        coefficients=(-2.9242, -1.2403, -0.2228, 0.755),
        covariance=(
            (0.0481, -0.0409, 0.0104, -0.0069),
            (-0.0409, 0.2758, -0.0315, -0.069),
            (0.0104, -0.0315, 0.0163, 0.0148),
            (-0.0069, -0.069, 0.0148, 0.0443),
        ),
        auroc=0.66,
        auroc_low=0.59,
        auroc_high=0.71,
        n_sessions=960,
        n_lows=96,
        n_people=11,
    ),
)
"""One model a horizon. The seventeen lows within 30 min are few: the interval says so."""
