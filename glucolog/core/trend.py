"""How fast glucose is moving, from a sensor's raw readings of the last 20 minutes and none across a gap.

Two finger-sticks show a fall alone, and that only beyond meter error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from glucolog.core import evidence
from glucolog.core.change import combined_error_mg_dl
from glucolog.core.findings import Unassessed
from glucolog.core.moments import Moment
from glucolog.core.pairing import in_time_order
from glucolog.core.records import Reading
from glucolog.core.units import Source
from glucolog.core.wording import gate as words


class Arrow(StrEnum):
    """The trend arrow: flat under 1 mg/dL/min, slanted 1–2, straight 2–3, double from 3, up or down."""

    DOUBLE_UP = "double up"
    UP = "up"
    SLANTED_UP = "slanted up"
    FLAT = "flat"
    SLANTED_DOWN = "slanted down"
    DOWN = "down"
    DOUBLE_DOWN = "double down"


_STEPS = ((Arrow.FLAT, Arrow.FLAT), (Arrow.SLANTED_UP, Arrow.SLANTED_DOWN), (Arrow.UP, Arrow.DOWN))
_STEEPEST = Arrow.DOUBLE_UP, Arrow.DOUBLE_DOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A least-squares slope, negative when glucose falls, over `readings` sensor readings that span `minutes`."""

    rate_mg_dl_per_min: float
    readings: int
    minutes: float

    @property
    def arrow(self) -> Arrow:
        """The arrow of this rate."""
        down = self.rate_mg_dl_per_min < 0
        for edge, step in zip(evidence.ARROW_EDGES, _STEPS, strict=True):
            if abs(self.rate_mg_dl_per_min) < edge:
                return step[down]
        return _STEEPEST[down]


def trend(readings: Iterable[Reading], at: Moment) -> Trend | Unassessed:
    """Return the trend at `at` from sensor readings at or before it, in any order.

    The window is the 20 min up to the latest reading (closed), which must be at most 15 min old, span at least 10 min
    and hold no gap over 20 min and no LO or HI. Later readings change nothing.
    """
    past = in_time_order(r for r in readings if r.source is Source.CGM and r.at <= at)
    if not past:
        return Unassessed(words.NO_TREND_SENSOR)
    if at.minutes_since(past[-1].at) > evidence.STALE_CGM_MIN.value:
        return Unassessed(words.NO_TREND_STALE)
    return slope_at_end(past)


def fall_by_meter(readings: Iterable[Reading], at: Moment) -> Trend | None:
    """Return how fast glucose fell between two finger-sticks, where it is more than meter error; else None.

    The last at or before `at`, at most 30 min old, and the nearest that is 10 to 30 min before it (closed), neither LO
    nor HI. Two finger-sticks tell no trend but this one: what rises or holds by them counts as not known.
    """
    past = in_time_order(r for r in readings if r.source is Source.METER and r.at <= at and not r.glucose.censored)
    if not past or at.minutes_since(past[-1].at) > evidence.STALE_METER_MIN.value:
        return None
    last = past[-1]
    least, most = evidence.TREND_SPAN_MIN.value, evidence.PAIR_WINDOW_MIN.value
    earlier = next((r for r in reversed(past) if least <= last.at.minutes_since(r.at) <= most), None)
    if earlier is None:
        return None
    fall, minutes = earlier.glucose.mg_dl - last.glucose.mg_dl, last.at.minutes_since(earlier.at)
    if fall <= combined_error_mg_dl(earlier.glucose, last.glucose):
        return None
    return Trend(rate_mg_dl_per_min=-fall / minutes, readings=2, minutes=minutes)


def slope_at_end(past: Sequence[Reading]) -> Trend | Unassessed:
    """Return the trend at the last of these sensor readings, which are in time order and not empty."""
    last = past[-1].at
    window = [r for r in past if last.minutes_since(r.at) <= evidence.TREND_WINDOW_MIN.value]
    if any(reading.glucose.censored for reading in window):
        return Unassessed(words.NO_TREND_CENSORED)
    span = last.minutes_since(window[0].at)
    if span < evidence.TREND_SPAN_MIN.value:
        return Unassessed(words.NO_TREND_SHORT)
    minutes = [reading.at.minutes_since(last) for reading in window]
    return Trend(
        rate_mg_dl_per_min=_slope(minutes, [reading.glucose.mg_dl for reading in window]),
        readings=len(window),
        minutes=span,
    )


def _slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    mid_x, mid_y = sum(xs) / len(xs), sum(ys) / len(ys)
    across = sum((x - mid_x) * (y - mid_y) for x, y in zip(xs, ys, strict=True))
    return across / sum((x - mid_x) ** 2 for x in xs)
