"""The part of a report about glucose itself: data quality, the five numbers, the time-in-ranges bar."""

from __future__ import annotations

import math
from dataclasses import replace

from glucolog.analysis.metrics import ConsensusMetrics
from glucolog.analysis.summary import Shares
from glucolog.analysis.targets import TargetShare
from glucolog.core import evidence
from glucolog.core.evidence import Goal, Pair
from glucolog.core.findings import Unassessed
from glucolog.core.records import TargetSet
from glucolog.core.units import Source, Unit, format_amount, format_difference, in_unit, round_half_up
from glucolog.core.wording import metrics as metrics_wording
from glucolog.core.wording import report as wording
from glucolog.plots.theme import Scale
from glucolog.reports.model import KeyNumber, Quality, RangeShare

_MOST_DECIMALS = 5
_BEYOND = {"below_70": "below_54", "below_63": "below_54", "above_180": "above_250"}
_LOW_KEYS = {"adult": "below_70", "older": "below_70", "pregnancy": "below_63"}
_RANGE_KEYS = {"adult": "ge_70_le_180", "older": "ge_70_le_180", "pregnancy": "ge_63_le_140"}


def quality(sensor: ConsensusMetrics | None, meter: ConsensusMetrics | None) -> Quality:
    """Return how much there is of each source, in numbers and in words."""
    days = _number(sensor.days) if sensor else None
    active = _number(sensor.percent_active) if sensor else None
    flags = tuple(flag.message for flag in sensor.flags) if sensor else ()
    enough = (
        days is not None and days >= evidence.REPORT_DAYS.value
        and active is not None and active >= evidence.REPORT_ACTIVE_PERCENT.value
    )  # fmt: skip
    return Quality(
        n_sensor=sensor.n if sensor else 0,
        n_meter=meter.n if meter else 0,
        days=days,
        percent_active=active,
        enough=enough,
        words=(*_amount_words(sensor, meter, days, active), *flags, *((wording.ENOUGH,) if enough else ())),
    )


def _amount_words(
    sensor: ConsensusMetrics | None, meter: ConsensusMetrics | None, days: float | None, active: float | None
) -> tuple[str, ...]:
    told = []
    if sensor and sensor.n:
        told.append(wording.QUALITY_SENSOR.format(n=sensor.n, days=_days(days), active=_covered(active)))
    if meter and meter.n:
        told.append(wording.QUALITY_METER.format(n=meter.n))
    return tuple(told) or (wording.QUALITY_NONE,)


def _days(days: float | None) -> str:
    """Fewer than the recommended days are cut, never rounded up to them: 13.96 is not 14."""
    if days is None:
        return "?"
    return f"{round_half_up(days):,}" if days >= evidence.REPORT_DAYS.value else f"{math.floor(days * 10) / 10:g}"


def _covered(active: float | None) -> str:
    return "?" if active is None else percent_words(active).removesuffix(" %")


def _number(value: float | Unassessed) -> float | None:
    return None if isinstance(value, Unassessed) else value


def five_numbers(metrics: ConsensusMetrics | None, scale: Scale) -> tuple[KeyNumber, ...]:
    """Return mean, GMI, CV, time in range and time below, each with its target or the reason why it is not there."""
    if metrics is not None and metrics.n and metrics.source is Source.METER:
        return _of_finger_sticks(metrics, scale)
    if metrics is None or not metrics.n:
        nothing = Unassessed(wording.NO_READINGS_BRIEF)  # the sentence stands once, above the five
        metrics_of: dict[str, float | Unassessed] = dict.fromkeys(("mean", "gmi", "cv"), nothing)
        targets: tuple[TargetShare, ...] | Unassessed = nothing
        target_set = metrics.target_set if metrics else TargetSet.ADULT
    else:
        metrics_of = {"mean": metrics.mean_mg_dl, "gmi": metrics.gmi_percent, "cv": metrics.cv_percent}
        targets, target_set = metrics.targets, metrics.target_set
    return (
        _mean(metrics_of["mean"], scale),
        _percent_number("gmi", metrics_of["gmi"]),
        _cv(metrics_of["cv"]),
        _time_number("tir", _RANGE_KEYS[target_set], targets, scale),
        _time_number("below", _LOW_KEYS[target_set], targets, scale),
    )


def _of_finger_sticks(metrics: ConsensusMetrics, scale: Scale) -> tuple[KeyNumber, ...]:
    """Finger-sticks are taken when there is cause to, so their mean and CV are called theirs and have no target."""
    needed = Unassessed(wording.NEEDS_SENSOR)
    zones = ("tir", _RANGE_KEYS[metrics.target_set]), ("below", _LOW_KEYS[metrics.target_set])
    return (
        replace(_mean(metrics.mean_mg_dl, scale), label=wording.MEAN_OF_STICKS),
        _percent_number("gmi", needed),
        replace(_cv(metrics.cv_percent), label=wording.CV_OF_STICKS, target=None, met=None),
        *(_time_number(key, zone, needed, scale) for key, zone in zones),
    )


def _mean(mean: float | Unassessed, scale: Scale) -> KeyNumber:
    label = wording.NUMBER_LABELS["mean"]
    if isinstance(mean, Unassessed):
        return KeyNumber(key="mean", label=label, value=None, words=mean.reason)
    words = f"{format_difference(mean, scale.unit)} {scale.unit}"
    return KeyNumber(key="mean", label=label, value=mean, words=words)


def _percent_number(key: str, value: float | Unassessed) -> KeyNumber:
    label = wording.NUMBER_LABELS[key]
    if isinstance(value, Unassessed):
        return KeyNumber(key=key, label=label, value=None, words=value.reason)
    return KeyNumber(key=key, label=label, value=value, words=f"{round_half_up(value, 1)} %")


def _cv(value: float | Unassessed) -> KeyNumber:
    limit = evidence.STABLE_CV_PERCENT.value
    label, target = wording.NUMBER_LABELS["cv"], wording.TARGET_CV.format(percent=f"{limit:g}")
    if isinstance(value, Unassessed):
        return KeyNumber(key="cv", label=label, value=None, words=value.reason, target=target)
    return KeyNumber(
        key="cv", label=label, value=value, words=percent_words(value, limit), target=target, met=value <= limit
    )


def _time_number(key: str, zone: str, targets: tuple[TargetShare, ...] | Unassessed, scale: Scale) -> KeyNumber:
    goal = next(each for goals in evidence.GOALS.values() for each in goals if each.zone.key == zone)
    label = wording.NUMBER_LABELS[key].format(**_edges(goal, scale.unit))
    if isinstance(targets, Unassessed):
        return KeyNumber(key=key, label=label, value=None, words=targets.reason)
    share = next(each for each in targets if each.goal.zone.key == zone)
    return KeyNumber(
        key=key, label=label, value=share.percent, words=percent_words(share.percent, share.goal.percent, decimals=1),
        target=wording.TARGET_WORDS.format(sense=share.goal.sense, percent=f"{share.goal.percent:g}"), met=share.met,
    )  # fmt: skip


def _edges(goal: Goal, unit: Unit) -> dict[str, str]:
    zone = goal.zone
    if zone.lt is not None:
        return {"limit": _typed(zone.lt, unit)}
    if zone.ge is None or zone.le is None:
        return {}
    low, high = (format_amount(in_unit(each, unit), unit) for each in (zone.ge, zone.le))
    return {"range": f"{low}–{high} {unit}"}


def _typed(pair: Pair, unit: Unit) -> str:
    return f"{format_amount(in_unit(pair, unit), unit)} {unit}"


def percent_words(percent: float, limit: float | None = None, decimals: int = 0) -> str:
    """Write a percentage so that it never contradicts its badge: more decimals until it lies on its own side.

    What is above zero is never written as 0 %, and what is not all never as 100 %.
    """
    if percent in (0, 100):
        return f"{percent:.0f} %"
    edges = [0.0, 100.0, *([limit] if limit is not None else [])]
    for places in range(decimals, _MOST_DECIMALS):
        shown = float(round_half_up(percent, places))
        if all(shown != edge or percent == edge for edge in edges):
            return f"{round_half_up(percent, places)} %"
    return f"{percent!r} %"


def range_shares(metrics: ConsensusMetrics | None, scale: Scale) -> tuple[tuple[RangeShare, ...], str]:
    """Return the parts of the bar from very low up, and a note: what they are shares of, or why there is none.

    Five consensus parts, or for pregnancy four about its own range, 63–140 mg/dL.
    """
    if metrics is None or isinstance(metrics.share_of_readings, Unassessed):
        return (), metrics_wording.NO_READINGS
    parts = _apart(metrics.share_of_readings)
    pregnant = metrics.target_set is TargetSet.PREGNANCY
    if pregnant:
        if isinstance(metrics.targets, Unassessed):
            return (), metrics.targets.reason
        parts = _apart_in_pregnancy(metrics.targets)
    edges = _bar_edges(scale.unit, pregnant=pregnant)
    bar = tuple(
        RangeShare(
            key=key,
            label=wording.RANGE_LABELS[key].format(**edges),
            percent=share,
            words=_part_words(key, parts),
        )
        for key, share in parts.items()
    )
    return bar, metrics_wording.SHARE_OF_READINGS if metrics.source is Source.METER else ""


def _part_words(key: str, parts: dict[str, float]) -> str:
    """Write a part so that it and what lies beyond it add up, as written, to the share written for both."""
    beyond = _BEYOND.get(key)
    if beyond not in parts:
        return percent_words(parts[key], decimals=1)
    both, outer = (round_half_up(share, 1) for share in (parts[key] + parts[beyond], parts[beyond]))
    return f"{both - outer} %" if both > outer > 0 else percent_words(parts[key], decimals=1)


def _apart(shares: Shares) -> dict[str, float]:
    return {
        "below_54": shares.below_54_percent,
        "below_70": shares.below_70_percent - shares.below_54_percent,
        "in_range": shares.ge_70_le_180_percent,
        "above_180": shares.above_180_percent - shares.above_250_percent,
        "above_250": shares.above_250_percent,
    }


def _apart_in_pregnancy(targets: tuple[TargetShare, ...]) -> dict[str, float]:
    percent = {each.goal.zone.key: each.percent for each in targets}
    return {
        "below_54": percent["below_54"],
        "below_63": percent["below_63"] - percent["below_54"],
        "in_range": percent["ge_63_le_140"],
        "above_140": percent["above_140"],
    }


def _bar_edges(unit: Unit, *, pregnant: bool) -> dict[str, str]:
    low, high = evidence.LEVEL_1, evidence.RANGE_HIGH
    if pregnant:
        low, high = evidence.PREGNANCY_LOW, evidence.PREGNANCY_HIGH
    pairs = {
        "very_low": evidence.LEVEL_2.pair, "low": low.pair, "high": high.pair, "very_high": evidence.VERY_HIGH.pair,
    }  # fmt: skip
    return {name: format_amount(in_unit(each, unit), unit) for name, each in pairs.items()}
