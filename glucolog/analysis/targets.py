"""The shares of sensor time that a consensus target set asks for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glucolog.analysis.trace import GlucoseArrays
from glucolog.core.evidence import GOALS, Goal, Zone
from glucolog.core.findings import Unassessed
from glucolog.core.records import TargetSet
from glucolog.core.units import Source
from glucolog.core.wording import metrics as wording


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetShare:
    """One goal of a target set and the share the trace has; `met` by the goal's own strict sense."""

    goal: Goal
    percent: float
    met: bool


def target_shares(trace: GlucoseArrays, target_set: TargetSet) -> tuple[TargetShare, ...] | Unassessed:
    """Return each goal of the set (Battelino 2019) with the share of sensor time; never for finger-sticks."""
    refusal = _no_time(trace)
    if refusal is not None:
        return refusal
    weight = trace.weight
    total = float(weight.sum())
    return tuple(_held_against(goal, _percent(trace, goal.zone, weight, total)) for goal in GOALS[target_set])


def _no_time(trace: GlucoseArrays) -> Unassessed | None:
    if len(trace) == 0:
        return Unassessed(wording.NO_READINGS)
    return Unassessed(wording.FINGER_STICKS_NO_TIME) if trace.source is Source.METER else None


def _percent(trace: GlucoseArrays, zone: Zone, weight: np.ndarray, total: float) -> float:
    return 100.0 * float(weight[trace.within(zone)].sum()) / total


def _held_against(goal: Goal, percent: float) -> TargetShare:
    met = percent > goal.percent if goal.sense == ">" else percent < goal.percent
    return TargetShare(goal=goal, percent=percent, met=met)
