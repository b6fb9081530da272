"""What is at work in the body at many instants at once: insulin, carbs, and exertion and heat that went before.

Each is a sum over what was taken or done at or before the instant; nothing after it enters. What was never logged has
no column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from glucolog.analysis.kinds import Floats, Ints
from glucolog.core.insulin import ExponentialModel, curve_of
from glucolog.core.records import Activity, Carbs, Dose, InsulinKind
from glucolog.core.vocabulary import HEAT_TOOLS

AHEAD_MIN = 120
"""Insulin and carbs to act within so many minutes after the instant, the span of the primary outcome."""
CARB_ABSORPTION_MIN = 180
"""Carbs are taken as absorbed evenly over 3 h, Loop's middle absorption time."""
SINCE_BOLUS_CAP_MIN = 360
"""A bolus longer ago than the insulin model lasts counts as so long ago."""
PULSE_MIN = 5
"""A dose delivered over time, or an activity, is cut into pulses of at most so many minutes."""
EXERTION_HALF_LIFE_MIN = 120
"""Minutes of exertion or heat count half so long after they were spent: muscles go on taking up glucose for hours."""
EXERTION_SPAN_MIN = 24 * 60
"""Exertion longer ago counts nothing."""
USUAL_ACTIVITY_MIN = 30
"""An activity whose length was not said counts as so long."""
INTENSITY_WEIGHTS: dict[str | None, float] = {"light": 0.5, None: 1.0, "moderate": 1.0, "hard": 2.0}
"""A minute of vigorous activity counts as two of moderate activity (WHO guidelines on physical activity, 2020)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulses:
    """Amounts at instants, sorted by `at_s` (seconds UTC)."""

    at_s: Floats
    amount: Floats

    def __len__(self) -> int:
        return self.at_s.size


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseColumns:
    """Pulses of one insulin curve, in units."""

    pulses: Pulses
    model: ExponentialModel


@dataclass(frozen=True, slots=True, kw_only=True)
class AtWork:
    """Doses by curve, boluses (seconds UTC, sorted), carbs in grams, exertion and heat in weighted minutes."""

    doses: tuple[DoseColumns, ...]
    bolus_s: Ints
    carbs: Pulses
    exertion: Pulses
    heat: Pulses


def at_work(doses: Sequence[Dose], carbs: Sequence[Carbs], activities: Sequence[Activity], *, child: bool) -> AtWork:
    """Turn records in any order into sorted pulses; long-acting insulin is context and left out."""
    boluses = sorted(dose.at.epoch_s for dose in doses if curve_of(dose.kind, child=child) and not dose.duration_min)
    return AtWork(
        doses=_dose_columns(doses, child=child),
        bolus_s=np.array(boluses, dtype=np.int64),
        carbs=_pulses((carb.at.epoch_s, carb.grams) for carb in carbs),
        exertion=_spent(each for each in activities if each.kind not in HEAT_TOOLS),
        heat=_spent(each for each in activities if each.kind in HEAT_TOOLS),
    )


def at_work_columns(at_s: Ints, known: AtWork) -> dict[str, Floats]:
    """Return the columns at each instant (int64 seconds UTC, any order).

    With insulin logged `iob_units`, `insulin_ahead_units`, `since_bolus_min`; with carbs logged `carbs_left_g`,
    `carbs_ahead_g`; with activities logged `exertion_min`, `heat_min`. "Ahead" is the part that acts within
    `AHEAD_MIN`.
    """
    found = _insulin_columns(at_s, known)
    if len(known.carbs):
        found["carbs_left_g"], found["carbs_ahead_g"] = carbs_at(at_s, known.carbs)
    if len(known.exertion):
        found["exertion_min"] = faded_at(at_s, known.exertion)
    if len(known.heat):
        found["heat_min"] = faded_at(at_s, known.heat)
    return found


def insulin_at(at_s: Ints, doses: DoseColumns) -> tuple[Floats, Floats]:
    """Return units on board at each instant, and the part of them that acts within `AHEAD_MIN` after it."""
    span_s = (doses.model.duration_min + doses.model.delay_min) * 60

    def shares(minutes: Floats) -> tuple[Floats, Floats]:
        now = iob_shares(minutes, doses.model)
        return now, now - iob_shares(minutes + AHEAD_MIN, doses.model)

    on_board, ahead = _summed(at_s, doses.pulses, span_s, shares)
    return on_board, ahead


def iob_shares(minutes: Floats, model: ExponentialModel) -> Floats:
    """`ExponentialModel.iob_share` for an array of minutes ≥ 0 since the dose (LoopKit, ExponentialInsulinModel)."""
    t = np.clip(minutes - model.delay_min, 0.0, model.duration_min)
    tau, a = model.tau_min, model.rise
    bracket = (t * t / (tau * model.duration_min * (1 - a)) - t / tau - 1) * np.exp(-t / tau) + 1
    return np.asarray(1 - model.scale * (1 - a) * bracket)


def carbs_at(at_s: Ints, carbs: Pulses) -> tuple[Floats, Floats]:
    """Return grams not yet absorbed at each instant, and the part of them absorbed within `AHEAD_MIN` after it."""

    def shares(minutes: Floats) -> tuple[Floats, Floats]:
        left = 1 - minutes / CARB_ABSORPTION_MIN
        return left, left - np.maximum(left - AHEAD_MIN / CARB_ABSORPTION_MIN, 0.0)

    still_left, ahead = _summed(at_s, carbs, CARB_ABSORPTION_MIN * 60, shares)
    return still_left, ahead


def faded_at(at_s: Ints, spent: Pulses) -> Floats:
    """Return the minutes spent before each instant, each halved for every `EXERTION_HALF_LIFE_MIN` since."""

    def shares(minutes: Floats) -> tuple[Floats]:
        return (np.exp2(-minutes / EXERTION_HALF_LIFE_MIN),)

    return _summed(at_s, spent, EXERTION_SPAN_MIN * 60, shares)[0]


def minutes_since_last(at_s: Ints, events_s: Ints) -> Floats:
    """Return minutes since the last event at or before each instant, at most `SINCE_BOLUS_CAP_MIN`."""
    last = np.searchsorted(events_s, at_s, side="right") - 1
    padded = np.append(events_s, np.int64(np.iinfo(np.int32).min))
    return np.asarray(np.minimum((at_s - padded[last]) / 60, SINCE_BOLUS_CAP_MIN), dtype=np.float64)


def totals(row: Ints, values: Floats, n: int) -> Floats:
    """Sum the values of each row."""
    return np.asarray(np.bincount(row, values, n), dtype=np.float64)


def pairs(first: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Return each row with each of its members, row i having those from first[i] on, counts[i] of them."""
    row = np.repeat(np.arange(counts.size), counts)
    before = np.cumsum(counts) - counts
    return row, np.arange(row.size) + np.repeat(first - before, counts)


def _insulin_columns(at_s: Ints, known: AtWork) -> dict[str, Floats]:
    if not known.doses:
        return {}
    parts = [insulin_at(at_s, doses) for doses in known.doses]
    return {
        "iob_units": np.asarray(np.sum([on_board for on_board, _ in parts], axis=0)),
        "insulin_ahead_units": np.asarray(np.sum([ahead for _, ahead in parts], axis=0)),
        "since_bolus_min": minutes_since_last(at_s, known.bolus_s),
    }


def _dose_columns(doses: Sequence[Dose], *, child: bool) -> tuple[DoseColumns, ...]:
    parts: dict[ExponentialModel, list[tuple[float, float]]] = {}
    for dose in doses:
        curve = curve_of(_likely_kind(dose), child=child)
        if curve is not None:
            given = parts.setdefault(ExponentialModel(curve.peak_min, curve.duration_min), [])
            given += _spread(dose.at.epoch_s, dose.duration_min or 0.0, dose.units)
    return tuple(
        DoseColumns(pulses=_pulses(given), model=model)
        for model, given in sorted(parts.items(), key=lambda item: (item[0].peak_min, item[0].duration_min))
    )


def _likely_kind(dose: Dose) -> InsulinKind:
    """Take an unknown kind as rapid: matching wants the likeliest curve, where the gate wants the careful one."""
    return InsulinKind.RAPID if dose.kind is InsulinKind.UNKNOWN else dose.kind


def _spent(activities: Iterable[Activity]) -> Pulses:
    parts: list[tuple[float, float]] = []
    for each in activities:
        minutes = USUAL_ACTIVITY_MIN if each.minutes is None else each.minutes
        parts += _spread(each.at.epoch_s, minutes, minutes * INTENSITY_WEIGHTS[each.intensity])
    return _pulses(parts)


def _spread(start_s: int, minutes: float, amount: float) -> list[tuple[float, float]]:
    """Cut an amount into equal pulses in the middle of equal parts of its minutes; a moment is one pulse."""
    n = max(int(np.ceil(minutes / PULSE_MIN)), 1)
    return [(start_s + (part + 0.5) * minutes * 60 / n, amount / n) for part in range(n)]


def _pulses(parts: Iterable[tuple[float, float]]) -> Pulses:
    ordered = np.array(sorted(parts), dtype=np.float64).reshape(-1, 2)
    return Pulses(at_s=ordered[:, 0].copy(), amount=ordered[:, 1].copy())


def _summed(
    at_s: Ints, pulses: Pulses, span_s: float, shares: Callable[[Floats], tuple[Floats, ...]]
) -> tuple[Floats, ...]:
    """Sum each share × amount over the pulses in (at − span, at] of each instant."""
    first = np.searchsorted(pulses.at_s, at_s - span_s, side="right")
    instant, pulse = pairs(first, np.searchsorted(pulses.at_s, at_s, side="right") - first)
    found = shares((at_s[instant] - pulses.at_s[pulse]) / 60)
    return tuple(totals(instant, share * pulses.amount[pulse], at_s.size) for share in found)
