"""A made-up body: how glucose answers carbohydrate, insulin and time, in five-minute steps.

It is no model of anyone; it only has to look like a sensor trace. Carbs raise and insulin lowers by fixed
sensitivities, glucose drifts back to a set point, and the sensor adds slow noise of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from glucolog.core.insulin import ExponentialModel

STEP_MIN = 5
CARB_SENSITIVITY_MG_DL_PER_G = 4.2
INSULIN_SENSITIVITY_MG_DL_PER_UNIT = 42.0
CARB_PEAK_MIN, CARB_END_MIN = 45, 180
SET_POINT_MG_DL = 140.0
PULL_PER_STEP = 0.012
NOISE_KEEP, NOISE_SD_MG_DL = 0.93, 2.0
RAPID = ExponentialModel(peak_min=75, duration_min=360)


@dataclass(frozen=True, slots=True)
class Push:
    """Something that moves glucose from `minute` on: grams of carbs, units of insulin, or a faster absorption.

    `speed` over `hold_min` multiplies insulin activity, as a massage of the site might.
    """

    minute: float
    grams: float = 0.0
    units: float = 0.0
    speed: float = 1.0
    hold_min: float = 0.0


def trace_mg_dl(pushes: Sequence[Push], steps: int, random: Random) -> list[float]:
    """Return `steps` sensor values five minutes apart."""
    carbs, activity, speed = _drives(pushes, steps)
    glucose, noise = SET_POINT_MG_DL, 0.0
    values = []
    for step in range(steps):
        rise = carbs[step] * CARB_SENSITIVITY_MG_DL_PER_G
        fall = activity[step] * speed[step] * INSULIN_SENSITIVITY_MG_DL_PER_UNIT
        glucose = max(30.0, glucose + rise - fall + PULL_PER_STEP * (SET_POINT_MG_DL - glucose))
        noise = NOISE_KEEP * noise + random.gauss(0, NOISE_SD_MG_DL)
        values.append(glucose + noise)
    return values


def _drives(pushes: Sequence[Push], steps: int) -> tuple[list[float], list[float], list[float]]:
    carbs, activity, speed = [0.0] * steps, [0.0] * steps, [1.0] * steps
    absorbed = [_absorption(minute) for minute in range(0, CARB_END_MIN, STEP_MIN)]
    acting = [RAPID.activity_share_per_min(minute) * STEP_MIN for minute in range(0, 360, STEP_MIN)]
    for push in pushes:
        first = round(push.minute / STEP_MIN)
        _spread(carbs, first, absorbed, push.grams)
        _spread(activity, first, acting, push.units)
        for step in range(first, min(steps, first + round(push.hold_min / STEP_MIN))):
            speed[step] = max(speed[step], push.speed)
    return carbs, activity, speed


def _spread(into: list[float], first: int, shape: Sequence[float], amount: float) -> None:
    if amount:
        for offset, share in enumerate(shape[: max(0, len(into) - first)]):
            into[first + offset] += amount * share


def _absorption(minute: float) -> float:
    """Share of a meal absorbed in the five minutes from `minute` on: a triangle of area 1."""
    height = 2 / CARB_END_MIN
    if minute < CARB_PEAK_MIN:
        return STEP_MIN * height * minute / CARB_PEAK_MIN
    return STEP_MIN * height * (CARB_END_MIN - minute) / (CARB_END_MIN - CARB_PEAK_MIN)
