"""The consensus metrics of a trace: everything a report or `stats` says about glucose itself.

One frozen input, `GlucoseArrays`; one frozen output, `ConsensusMetrics`, where each value is a number or the reason why
there is none. Too little data never hides a value: it is flagged beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from glucolog.analysis import indices
from glucolog.analysis.episodes import Episodes, episodes
from glucolog.analysis.grid import Grid, differences, even_step_min, resample
from glucolog.analysis.mage import mage_mg_dl
from glucolog.analysis.plain import metrics_json
from glucolog.analysis.summary import DaySummary, Shares, Summary, by_day, night_and_day, whole
from glucolog.analysis.targets import TargetShare, target_shares
from glucolog.analysis.trace import GlucoseArrays
from glucolog.analysis.variability import DAY_LAG_MIN, conga_mg_dl, modd_mg_dl
from glucolog.analysis.wear import Wear, wear
from glucolog.core.evidence import MAGE_STEP_MIN, REPORT_ACTIVE_PERCENT, REPORT_DAYS
from glucolog.core.findings import Unassessed
from glucolog.core.records import TargetSet
from glucolog.core.units import Source
from glucolog.core.wording import metrics as wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """What to keep in mind with the values: a stable name and a sentence."""

    name: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsensusMetrics:
    """The metrics of one person's readings of one source; names and units as in `stats --json`.

    Percentages are of sensor time; for finger-sticks they are `Unassessed` and `share_of_readings` has the shares of
    readings instead. `below_70` holds `below_54`, `above_180` holds `above_250`. LO and HI (`n_low`, `n_high`) are
    counted in every share; in means and spreads they stand at their limit, and `flags` says so.
    """

    source: Source
    n: int
    n_low: int
    n_high: int
    days: float | Unassessed
    percent_active: float | Unassessed
    mean_mg_dl: float | Unassessed
    sd_mg_dl: float | Unassessed
    cv_percent: float | Unassessed
    gmi_percent: float | Unassessed
    ea1c_percent: float | Unassessed
    tir_70_180_percent: float | Unassessed
    below_70_percent: float | Unassessed
    below_54_percent: float | Unassessed
    above_180_percent: float | Unassessed
    above_250_percent: float | Unassessed
    lbgi: float | Unassessed
    hbgi: float | Unassessed
    gri: float | Unassessed
    mage_mg_dl: float | Unassessed
    modd_mg_dl: float | Unassessed
    conga_24_mg_dl: float | Unassessed
    j_index: float | Unassessed
    grade: float | Unassessed
    m_value: float | Unassessed
    episodes: Episodes | Unassessed
    share_of_readings: Shares | Unassessed
    target_set: TargetSet
    targets: tuple[TargetShare, ...] | Unassessed
    overnight: Summary
    daytime: Summary
    per_day: tuple[DaySummary, ...]
    flags: tuple[Flag, ...]

    def as_json(self) -> dict[str, object]:
        """Return the contract's keys and ours as plain JSON values: null, never NaN, with reasons in `unassessed`."""
        return metrics_json(self)


def consensus_metrics(trace: GlucoseArrays, target_set: TargetSet = TargetSet.ADULT) -> ConsensusMetrics:
    """Return all metrics of one person's readings of one source.

    Works for any number of readings; what can't be had is `Unassessed`. Readings of several people are never mixed:
    call it once a person.
    """
    summary, worn = whole(trace), wear(trace)
    night, day = night_and_day(trace)
    targets = target_shares(trace, target_set)
    return ConsensusMetrics(
        source=trace.source,
        n=summary.n,
        n_low=summary.n_low,
        n_high=summary.n_high,
        days=worn.days,
        percent_active=worn.percent_active,
        mean_mg_dl=summary.mean_mg_dl,
        sd_mg_dl=summary.sd_mg_dl,
        cv_percent=summary.cv_percent,
        share_of_readings=summary.shares,
        target_set=target_set,
        targets=targets,
        overnight=night,
        daytime=day,
        per_day=by_day(trace),
        flags=_flags(trace.source, summary, worn, target_set),
        **_of_the_level(trace, summary),
        **_of_time(trace.source, summary),
        **_of_the_course(trace, summary),
        episodes=_of_sensors(trace.source, summary.n) or episodes(trace),
    )


def _of_the_level(trace: GlucoseArrays, summary: Summary) -> dict[str, float | Unassessed]:
    """Return what follows from each amount, its mean and its spread."""
    mean, sd = summary.mean_mg_dl, summary.sd_mg_dl
    if isinstance(mean, Unassessed):
        return dict.fromkeys(("gmi_percent", "ea1c_percent", "lbgi", "hbgi", "grade", "m_value", "j_index"), mean)
    is_meter = trace.source is Source.METER
    lbgi, hbgi = indices.risk_indices(trace.mg_dl, trace.weight)
    return {
        "gmi_percent": Unassessed(wording.FINGER_STICKS_NO_GMI) if is_meter else indices.gmi_percent(mean),
        "ea1c_percent": indices.ea1c_percent(mean),
        "lbgi": lbgi,
        "hbgi": hbgi,
        "grade": indices.grade(trace.mg_dl, trace.weight),
        "m_value": indices.m_value(trace.mg_dl, trace.weight),
        "j_index": sd if isinstance(sd, Unassessed) else indices.j_index(mean, sd),
    }


def _of_time(source: Source, summary: Summary) -> dict[str, float | Unassessed]:
    """Return the shares of time and the index made of them, for sensors only."""
    shares = _of_sensors(source, summary.n) or summary.shares
    if isinstance(shares, Unassessed):
        keys = "tir_70_180", "below_70", "below_54", "above_180", "above_250"
        return dict.fromkeys((*(f"{key}_percent" for key in keys), "gri"), shares)
    return {
        "tir_70_180_percent": shares.ge_70_le_180_percent,
        "below_70_percent": shares.below_70_percent,
        "below_54_percent": shares.below_54_percent,
        "above_180_percent": shares.above_180_percent,
        "above_250_percent": shares.above_250_percent,
        "gri": indices.gri(
            shares.below_54_percent,
            shares.below_70_percent - shares.below_54_percent,
            shares.above_250_percent,
            shares.above_180_percent - shares.above_250_percent,
        ),
    }


def _of_the_course(trace: GlucoseArrays, summary: Summary) -> dict[str, float | Unassessed]:
    """Return what follows from the order of readings in time, for sensors only."""
    refusal = _of_sensors(trace.source, summary.n)
    if refusal is None and isinstance(summary.mean_mg_dl, Unassessed):
        refusal = summary.mean_mg_dl
    if refusal is not None:
        return dict.fromkeys(("mage_mg_dl", "modd_mg_dl", "conga_24_mg_dl"), refusal)
    even = resample(trace, even_step_min(trace.grid_min))
    day_differences = differences(even, DAY_LAG_MIN)
    return {
        "mage_mg_dl": mage_mg_dl(_tuned_for_mage(trace, even)),
        "modd_mg_dl": modd_mg_dl(day_differences),
        "conga_24_mg_dl": conga_mg_dl(day_differences),
    }


def _tuned_for_mage(trace: GlucoseArrays, even: Grid) -> Grid:
    return even if even.step_min == MAGE_STEP_MIN else resample(trace, MAGE_STEP_MIN)


def _of_sensors(source: Source, n: int) -> Unassessed | None:
    """Return why nothing can be said about time, or None when it can."""
    if n == 0:
        return Unassessed(wording.NO_READINGS)
    return Unassessed(wording.FINGER_STICKS_NO_TIME) if source is Source.METER else None


def _flags(source: Source, summary: Summary, worn: Wear, target_set: TargetSet) -> tuple[Flag, ...]:
    found: list[Flag] = []
    if summary.n == 0:
        return ()
    if source is Source.METER:
        found.append(Flag(name="share_of_readings", message=wording.SHARE_OF_READINGS))
    else:
        found.extend(_flags_of_wear(worn))
    if summary.n_low or summary.n_high:
        message = wording.CENSORED_AT_LIMIT.format(low=summary.n_low, high=summary.n_high)
        found.append(Flag(name="censored_at_limit", message=message))
    if source is Source.CGM and target_set is TargetSet.PREGNANCY:
        found.append(Flag(name="gmi_in_pregnancy", message=wording.GMI_IN_PREGNANCY))
    return tuple(found)


def _flags_of_wear(worn: Wear) -> list[Flag]:
    needed_days, needed_percent = REPORT_DAYS.value, REPORT_ACTIVE_PERCENT.value
    days = 0.0 if isinstance(worn.days, Unassessed) else worn.days
    active = 0.0 if isinstance(worn.percent_active, Unassessed) else worn.percent_active
    found = []
    if days < needed_days:
        message = wording.TOO_FEW_DAYS.format(days=_cut(days), needed=f"{needed_days:g}")
        found.append(Flag(name="too_few_days", message=message))
    if active < needed_percent:
        message = wording.TOO_LITTLE_ACTIVE.format(percent=_cut(active), needed=f"{needed_percent:g}")
        found.append(Flag(name="too_little_active", message=message))
    return found


def _cut(value: float) -> str:
    """Cut to one decimal: a number under its limit is never written as the limit."""
    return f"{math.floor(value * 10) / 10:.1f}"
