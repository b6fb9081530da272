"""Metrics as plain JSON values: numbers, null with a reason, lists and dicts; never NaN or infinity."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from glucolog.analysis.indices import gri_zone
from glucolog.analysis.summary import DaySummary, Shares, Summary
from glucolog.core.findings import Unassessed

if TYPE_CHECKING:
    from glucolog.analysis.episodes import Episodes
    from glucolog.analysis.metrics import ConsensusMetrics
    from glucolog.analysis.targets import TargetShare

SCALARS = (
    "days", "percent_active", "mean_mg_dl", "sd_mg_dl", "cv_percent", "gmi_percent", "ea1c_percent",
    "tir_70_180_percent", "below_70_percent", "below_54_percent", "above_180_percent", "above_250_percent", "lbgi",
    "hbgi", "gri", "mage_mg_dl", "modd_mg_dl", "conga_24_mg_dl", "j_index", "grade", "m_value",
)  # fmt: skip


def metrics_json(metrics: ConsensusMetrics) -> dict[str, object]:
    """Return every key of the contract's `stats`, then ours; `unassessed` maps the null keys to their reasons."""
    values = {name: getattr(metrics, name) for name in SCALARS}
    parts = {
        "episodes": metrics.episodes, "share_of_readings": metrics.share_of_readings, "targets": metrics.targets,
    }  # fmt: skip
    missing = {**values, **parts}
    return {
        "source": str(metrics.source),
        "n": metrics.n,
        "censored": {"low": metrics.n_low, "high": metrics.n_high},
        **{name: _number(value) for name, value in values.items()},
        "gri_zone": None if isinstance(metrics.gri, Unassessed) else gri_zone(metrics.gri),
        "episodes": None if isinstance(metrics.episodes, Unassessed) else episodes_json(metrics.episodes),
        "share_of_readings": _shares_json(metrics.share_of_readings),
        "target_set": str(metrics.target_set),
        "targets": None if isinstance(metrics.targets, Unassessed) else [_target_json(t) for t in metrics.targets],
        "overnight": summary_json(metrics.overnight),
        "daytime": summary_json(metrics.daytime),
        "per_day": [day_json(day) for day in metrics.per_day],
        "flags": [{"flag": flag.name, "message": flag.message} for flag in metrics.flags],
        "unassessed": {key: value.reason for key, value in missing.items() if isinstance(value, Unassessed)},
    }


def episodes_json(found: Episodes) -> dict[str, object]:
    """Return the counts of hypo events, and those of hyper events under `hyper`."""
    return {
        "level_1": len(found.hypo_level_1),
        "level_2": len(found.hypo_level_2),
        "extended": len(found.hypo_extended),
        "hyper": {
            "level_1": len(found.hyper_level_1),
            "level_2": len(found.hyper_level_2),
            "extended": len(found.hyper_extended),
        },
    }


def summary_json(summary: Summary) -> dict[str, object]:
    """Return one group's numbers; null where there is none."""
    return {
        "n": summary.n,
        "censored": {"low": summary.n_low, "high": summary.n_high},
        "mean_mg_dl": _number(summary.mean_mg_dl),
        "sd_mg_dl": _number(summary.sd_mg_dl),
        "cv_percent": _number(summary.cv_percent),
        "shares": _shares_json(summary.shares),
    }


def day_json(day: DaySummary) -> dict[str, object]:
    """Return one local day's numbers under its ISO date."""
    return {"day": day.day.isoformat(), **summary_json(day.summary)}


def _target_json(target: TargetShare) -> dict[str, object]:
    goal = target.goal
    return {
        "zone": goal.zone.key, "sense": goal.sense, "goal_percent": goal.percent, "percent": target.percent,
        "met": target.met, "citation": goal.citation,
    }  # fmt: skip


def _shares_json(shares: Shares | Unassessed) -> dict[str, float] | None:
    if isinstance(shares, Unassessed):
        return None
    return {field.name: getattr(shares, field.name) for field in fields(shares)}


def _number(value: float | Unassessed) -> float | None:
    return None if isinstance(value, Unassessed) else value
