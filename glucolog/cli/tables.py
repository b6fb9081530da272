"""Metrics as a table for people: each value with its unit, or the reason why there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from glucolog.core.findings import Unassessed
from glucolog.core.moments import format_moment
from glucolog.core.records import TargetSet
from glucolog.core.units import Source, Unit, format_difference, round_half_up
from glucolog.core.wording.metrics import NO_READINGS
from glucolog.services.looking import Stats

if TYPE_CHECKING:
    from glucolog.analysis.episodes import Episodes
    from glucolog.analysis.metrics import ConsensusMetrics
    from glucolog.analysis.summary import Summary
    from glucolog.core.evidence import Pair, Zone

IMPORT_HINT = "Bring in what a meter, a sensor or an app has: glucolog import FILE"
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
TARGET_SETS = {TargetSet.ADULT: "adults", TargetSet.OLDER: "older adults", TargetSet.PREGNANCY: "pregnancy"}


def stats(found: Stats, *, by_day: bool = False) -> str:
    """Write the metrics of a range, then the night and the day, and each day where asked for."""
    metrics, unit = found.metrics, found.person.unit
    lines = [
        f"{found.person.name}, {metrics.source}: {metrics.n:,} readings",
        f"{format_moment(found.range.since)} to {format_moment(found.range.until)}",
        "",
    ]
    if not metrics.n:
        return "\n".join([*lines, NO_READINGS, IMPORT_HINT])
    lines += _rows(_values(metrics, unit))
    lines += [*_events(metrics.episodes, unit), *_targets(metrics, unit), *_parts(metrics, unit, by_day=by_day)]
    return "\n".join([*lines, "", *(f"! {flag.message}" for flag in metrics.flags)])


def _rows(values: Iterable[tuple[str, str | Unassessed]]) -> list[str]:
    """A line a value; those that can't be had stand together below, a line a reason."""
    lines, without = [], defaultdict(list)
    for label, value in values:
        if isinstance(value, Unassessed):
            without[value.reason].append(label)
        else:
            lines.append(_row(label, value))
    return [*lines, *(f"  {', '.join(labels)}: – ({reason})" for reason, labels in without.items())]


def _values(metrics: ConsensusMetrics, unit: Unit) -> Iterator[tuple[str, str | Unassessed]]:
    yield from _shares(metrics, unit)
    for label, name in AMOUNTS.items():
        yield label, _amount(getattr(metrics, name), unit)
    for label, (name, sign) in NUMBERS.items():
        yield label, _number(getattr(metrics, name), 1, sign)
    yield "Sensor active", _number(metrics.percent_active, 1, " %")


def _shares(metrics: ConsensusMetrics, unit: Unit) -> list[tuple[str, str | Unassessed]]:
    """Shares of sensor time; of finger-sticks those of readings, which say so."""
    labels = PERCENTS if unit is Unit.MG_DL else PERCENTS_MMOL
    readings = metrics.share_of_readings
    if metrics.source is Source.CGM or isinstance(readings, Unassessed):
        return [(label, _number(getattr(metrics, name), 1, " %")) for label, name in labels.items()]
    own = {"tir_70_180_percent": "ge_70_le_180_percent"}
    return [
        (label, _number(getattr(readings, own.get(name, name)), 1, " % of readings")) for label, name in labels.items()
    ]


def _events(episodes: Episodes | Unassessed, unit: Unit) -> list[str]:
    if isinstance(episodes, Unassessed):
        return []
    very_low, very_high = (54, 250) if unit is Unit.MG_DL else ("3.0", "13.9")
    lows, highs = len(episodes.hypo_level_1), len(episodes.hyper_level_1)
    return [
        _row(
            "Lows of 15 min or longer",
            f"{lows} ({len(episodes.hypo_level_2)} under {very_low}, {len(episodes.hypo_extended)} longer than 2 h)",
        ),
        _row(
            "Highs of 15 min or longer",
            f"{highs} ({len(episodes.hyper_level_2)} over {very_high}, {len(episodes.hyper_extended)} extended)",
        ),
    ]


def _targets(metrics: ConsensusMetrics, unit: Unit) -> list[str]:
    from glucolog.reports.glucose_part import percent_words

    if isinstance(metrics.targets, Unassessed):
        return []
    lines = ["", f"Consensus targets ({TARGET_SETS[metrics.target_set]})"]
    for share in metrics.targets:
        goal = share.goal
        verdict = "met" if share.met else "not met"
        told = f"{percent_words(share.percent, goal.percent, 1)} (target {goal.sense} {goal.percent:g} %: {verdict})"
        lines.append(_row(_zone(goal.zone, unit), told))
    return lines


def _zone(zone: Zone, unit: Unit) -> str:
    def typed(pair: Pair) -> str:
        return f"{pair.mg_dl:g}" if unit is Unit.MG_DL else f"{pair.mmol_l:.1f}"

    if zone.lt is not None:
        return f"Below {typed(zone.lt)}"
    if zone.gt is not None:
        return f"Above {typed(zone.gt)}"
    return "–".join(typed(edge) for edge in (zone.ge, zone.le) if edge is not None)


def _parts(metrics: ConsensusMetrics, unit: Unit, *, by_day: bool) -> list[str]:
    """The night and the day, then each local day, with mean and shares."""
    if not metrics.n:
        return []
    parts = [("Night 00:00–06:00", metrics.overnight), ("Day 06:00–24:00", metrics.daytime)]
    if by_day:
        parts += [(f"{each.day:%a %d %b %Y}", each.summary) for each in metrics.per_day]
    return ["", *(_row(label, _part(summary, unit)) for label, summary in parts)]


def _part(summary: Summary, unit: Unit) -> str:
    if isinstance(summary.shares, Unassessed):
        return "no readings"
    low, high = ("70", "180") if unit is Unit.MG_DL else ("3.9", "10.0")
    shares = summary.shares
    level = "" if isinstance(summary.mean_mg_dl, Unassessed) else f"mean {_amount(summary.mean_mg_dl, unit)}, "
    return (
        f"{level}in range {round_half_up(shares.ge_70_le_180_percent, 1)} %, "
        f"below {low} {round_half_up(shares.below_70_percent, 1)} %, "
        f"above {high} {round_half_up(shares.above_180_percent, 1)} %, {summary.n:,} readings"
    )


def _row(label: str, value: str) -> str:
    return f"  {label:<26} {value}"


def _number(value: float | Unassessed, decimals: int, sign: str) -> str | Unassessed:
    return value if isinstance(value, Unassessed) else f"{round_half_up(value, decimals)}{sign}"


def _amount(value: float | Unassessed, unit: Unit) -> str | Unassessed:
    return value if isinstance(value, Unassessed) else f"{format_difference(value, unit)} {unit}"
