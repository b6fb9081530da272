"""Metrics as a table for people: each value with its unit, or the reason why there is none."""

from __future__ import annotations

from glucolog.core.moments import format_moment
from glucolog.core.records import Unassessed
from glucolog.core.units import Unit, format_difference, round_half_up
from glucolog.services.looking import Stats

PERCENTS = {
    "In range 70–180 mg/dL": "tir_70_180_percent",
    "Below 70": "below_70_percent",
    "Below 54": "below_54_percent",
    "Above 180": "above_180_percent",
    "Above 250": "above_250_percent",
}
PERCENTS_MMOL = {
    "In range 3.9–10.0 mmol/L": "tir_70_180_percent",
    "Below 3.9": "below_70_percent",
    "Below 3.0": "below_54_percent",
    "Above 10.0": "above_180_percent",
    "Above 13.9": "above_250_percent",
}
AMOUNTS = {
    "Mean": "mean_mg_dl",
    "SD": "sd_mg_dl",
    "MAGE": "mage_mg_dl",
    "MODD": "modd_mg_dl",
    "CONGA 24": "conga_24_mg_dl",
}
NUMBERS = {
    "CV": ("cv_percent", " %"),
    "GMI": ("gmi_percent", " %"),
    "eA1c": ("ea1c_percent", " %"),
    "GRI": ("gri", ""),
    "LBGI": ("lbgi", ""),
    "HBGI": ("hbgi", ""),
}


def stats(found: Stats) -> str:
    """Write the metrics of a range."""
    metrics, unit = found.metrics, found.person.unit
    lines = [
        f"{found.person.name}, {metrics.source}: {metrics.n:,} readings",
        f"{format_moment(found.range.since)} to {format_moment(found.range.until)}",
        "",
    ]
    percents = PERCENTS if unit is Unit.MG_DL else PERCENTS_MMOL
    lines += [_row(label, _number(getattr(metrics, name), 1, " %")) for label, name in percents.items()]
    lines += [_row(label, _amount(getattr(metrics, name), unit)) for label, name in AMOUNTS.items()]
    lines += [_row(label, _number(getattr(metrics, name), 1, sign)) for label, (name, sign) in NUMBERS.items()]
    lines.append(_row("Sensor active", _number(metrics.percent_active, 1, " %")))
    return "\n".join([*lines, "", *(f"! {flag.message}" for flag in metrics.flags)])


def _row(label: str, value: str) -> str:
    return f"  {label:<26} {value}"


def _number(value: float | Unassessed, decimals: int, sign: str) -> str:
    return f"– ({value.reason})" if isinstance(value, Unassessed) else f"{round_half_up(value, decimals)}{sign}"


def _amount(value: float | Unassessed, unit: Unit) -> str:
    return f"– ({value.reason})" if isinstance(value, Unassessed) else f"{format_difference(value, unit)} {unit}"
