"""The risk of a low soon after a start, from what is known at the start: a probability, its interval and its skill.

A logistic model of level, rate and insulin on board, fitted on other people's exercise (core/evidence_risk). It is the
weak estimate that it is beyond an hour: checking again is what tells. Features come from the past alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from glucolog.core import evidence_risk as table
from glucolog.core.evidence import LEVEL_1
from glucolog.core.evidence_risk import RiskModel
from glucolog.core.findings import Unassessed
from glucolog.core.insulin import ExponentialModel, curve_of
from glucolog.core.units import format_amount, in_unit, round_half_up
from glucolog.core.watch.concerns import noise_sd_mg_dl
from glucolog.core.watch.events import DoseTaken, Event, GlucoseSeen, WatchFacts
from glucolog.core.watch.history import STALE_MIN, History
from glucolog.core.watch.trend import Point, trend_of
from glucolog.core.wording import risk as words


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFeatures:
    """What the model looks at. What was not known is said in `assumed` and counted on the careful side."""

    level_mg_dl: float
    rate_mg_dl_per_min: float
    iob_units: float
    assumed: tuple[str, ...]

    @property
    def vector(self) -> tuple[float, ...]:
        """The intercept's 1 and the features, in the order of `RISK_FEATURES`."""
        level = math.log(max(self.level_mg_dl, 1.0) / table.RISK_REFERENCE_MG_DL.value)
        return 1.0, level, self.rate_mg_dl_per_min, math.sqrt(max(self.iob_units, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class LowRisk:
    """Probability (0 to 1) of a low that begins within `horizon_min`, with its 95 % interval and known skill."""

    horizon_min: int
    probability: float
    low: float
    high: float
    auroc: float
    auroc_low: float
    auroc_high: float
    n_sessions: int
    n_people: int
    assumed: tuple[str, ...]
    message: str
    citation: str


def low_risk(events: Iterable[Event], at_min: float, facts: WatchFacts) -> dict[int, LowRisk | Unassessed]:
    """Return the risk at `at_min` by horizon in minutes (30, 60, 120). Events after `at_min` are not looked at."""
    features = features_at(events, at_min, facts)
    return {
        model.horizon_min: features if isinstance(features, Unassessed) else _risk(model, features)
        for model in table.RISK_MODELS
    }


def features_at(events: Iterable[Event], at_min: float, facts: WatchFacts) -> RiskFeatures | Unassessed:
    """Return the features at `at_min`, or why there are none: no recent reading, low already, no insulin taken."""
    if not facts.takes_insulin:
        return Unassessed(words.NO_INSULIN)
    history = _history(events, at_min)
    newest = history.newest
    if newest is None or at_min - newest.at_min > STALE_MIN[newest.source]:
        return Unassessed(words.NO_RECENT)
    if newest.glucose.is_below(LEVEL_1.pair):
        unit = newest.glucose.unit
        limit = f"{format_amount(in_unit(LEVEL_1.pair, unit), unit)} {unit}"
        return Unassessed(words.ALREADY_LOW.format(limit=limit))
    return _features(history, newest, at_min, facts)


def _history(events: Iterable[Event], at_min: float) -> History:
    history = History()
    for event in sorted((event for event in events if event.at_min <= at_min), key=lambda event: event.at_min):
        if isinstance(event, GlucoseSeen):
            history.add(event)
        elif isinstance(event, DoseTaken):
            history.add_dose(event)
    return history


def _features(history: History, newest: GlucoseSeen, at_min: float, facts: WatchFacts) -> RiskFeatures:
    trend = trend_of(
        [
            Point(seen.at_min, seen.glucose.mg_dl, noise_sd_mg_dl(seen.glucose, seen.source))
            for seen in history.readings(newest.source)
        ]
    )
    has_rate = trend.n_readings > 1
    assumed = [] if has_rate else [words.RATE_UNKNOWN]
    insulin_known = history.insulin_known(facts, at_min)
    if not insulin_known:
        assumed.append(words.INSULIN_UNKNOWN)
    iob = iob_units(history.doses, at_min, child=facts.child) if insulin_known else table.UNKNOWN_IOB_UNITS.value
    return RiskFeatures(
        level_mg_dl=trend.mg_dl,
        rate_mg_dl_per_min=trend.rate_mg_dl_per_min if has_rate else table.UNKNOWN_RATE.value,
        iob_units=iob,
        assumed=tuple(assumed),
    )


def iob_units(doses: Sequence[DoseTaken], at_min: float, *, child: bool) -> float:
    """Insulin on board in U from doses up to `at_min`, by the model of each dose's kind; long-acting never counts."""
    return math.fsum(_on_board(dose, at_min, child=child) for dose in doses if dose.at_min <= at_min)


def _on_board(dose: DoseTaken, at_min: float, *, child: bool) -> float:
    curve = curve_of(dose.kind, child=child)
    if curve is None:
        return 0.0
    return dose.units * ExponentialModel(curve.peak_min, curve.duration_min).iob_share(at_min - dose.at_min)


def _risk(model: RiskModel, features: RiskFeatures) -> LowRisk:
    vector = features.vector
    logit = math.fsum(c * x for c, x in zip(model.coefficients, vector, strict=True))
    reach = table.NORMAL_95.value * math.sqrt(max(_variance(model, vector), 0.0))
    probability, low, high = (_logistic(value) for value in (logit, logit - reach, logit + reach))
    return LowRisk(
        horizon_min=model.horizon_min,
        probability=probability,
        low=low,
        high=high,
        auroc=model.auroc,
        auroc_low=model.auroc_low,
        auroc_high=model.auroc_high,
        n_sessions=model.n_sessions,
        n_people=model.n_people,
        assumed=features.assumed,
        message=words.RISK.format(**_told(model, probability, low, high)),
        citation=table.RISK_CITATION,
    )


def _variance(model: RiskModel, vector: Sequence[float]) -> float:
    rows = zip(vector, model.covariance, strict=True)
    return math.fsum(x * math.fsum(c * y for c, y in zip(row, vector, strict=True)) for x, row in rows)


def risk_lines(risks: Sequence[LowRisk]) -> tuple[str, ...]:
    """Say the risks of all horizons together: where they come from once, then a line each; nothing where none is."""
    if not risks:
        return ()
    told = [_told(risk, risk.probability, risk.low, risk.high) for risk in risks]
    return words.TABLE_HEAD.format(**told[0]), *(words.TABLE_ROW.format(**row) for row in told)


def _told(model: RiskModel | LowRisk, probability: float, low: float, high: float) -> dict[str, object]:
    decimals = 1 if low < 0.01 else 0  # of all three alike, or 1 % stands as the bound of 1.0 %
    is_weak = model.auroc < table.WEAK_BELOW_AUROC.value
    return {
        "horizon": model.horizon_min,
        "probability": _percent(probability, decimals),
        "low": _percent(low, decimals),
        "high": _percent(high, decimals),
        "skill": words.SKILL_WEAK if is_weak else words.SKILL_GOOD,
        "n_sessions": model.n_sessions,
        "n_people": model.n_people,
    }


def _percent(share: float, decimals: int) -> str:
    return words.LEAST if share < 0.001 else f"{round_half_up(100 * share, decimals)} %"


def _logistic(logit: float) -> float:
    return 1 / (1 + math.exp(-logit)) if logit >= 0 else math.exp(logit) / (1 + math.exp(logit))
