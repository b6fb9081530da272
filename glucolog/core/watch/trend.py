"""Level and rate of glucose now, from the raw readings up to now: a Kalman filter of a locally straight line.

The model is the integrated random walk of Kalman-filter CGM prediction (Palerm & Bequette 2007, Diabetes Technol
Ther 9(5):438–450): the rate wanders, readings carry noise. It takes any spacing of readings as it comes. A reading far
off the line is held back until the next one agrees with it, so that one dip moves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from glucolog.core import evidence_watch as table


@dataclass(frozen=True, slots=True)
class Point:
    """One reading in mg/dL with the SD of its noise."""

    at_min: float
    mg_dl: float
    noise_sd_mg_dl: float = table.SENSOR_NOISE_MG_DL.value


@dataclass(frozen=True, slots=True)
class Trend:
    """Level and rate at the last reading. `held` when that reading is so odd that it waits for the next one."""

    at_min: float
    mg_dl: float
    rate_mg_dl_per_min: float
    held: bool
    n_readings: int

    def ahead_mg_dl(self, minutes: float) -> float:
        """Return glucose so many minutes from now: a rise goes on as a line, a fall slows in proportion to the level.

        What insulin and muscles take up falls with the level itself, and the body's answer to a fall sets in. So a
        fall keeps its share of the level a minute rather than its mg/dL: it bends, and never leads under nothing.
        """
        change = minutes * self.rate_mg_dl_per_min
        return self.mg_dl * math.exp(change / self.mg_dl) if change < 0 < self.mg_dl else self.mg_dl + change


@dataclass(frozen=True, slots=True)
class _Line:
    """State of the filter: level, rate and their covariance."""

    at_min: float
    level: float
    rate: float
    var_level: float
    cov: float
    var_rate: float
    n: int

    @classmethod
    def start(cls, point: Point) -> _Line:
        sd_level, sd_rate = table.START_LEVEL_SD_MG_DL.value, table.START_RATE_SD.value
        return cls(point.at_min, point.mg_dl, 0.0, sd_level**2, 0.0, sd_rate**2, 1)

    def at(self, minute: float) -> _Line:
        d, q = minute - self.at_min, table.RATE_WANDER.value
        return _Line(
            minute,
            self.level + d * self.rate,
            self.rate,
            self.var_level + 2 * d * self.cov + d * d * self.var_rate + q * d**3 / 3,
            self.cov + d * self.var_rate + q * d * d / 2,
            self.var_rate + q * d,
            self.n,
        )

    def off_by_sd(self, point: Point) -> float:
        ahead = self.at(point.at_min)
        return (point.mg_dl - ahead.level) / math.sqrt(ahead.var_level + point.noise_sd_mg_dl**2)

    def updated(self, point: Point) -> _Line:
        p = self.at(point.at_min)
        spread = p.var_level + point.noise_sd_mg_dl**2
        gain_level, gain_rate, off = p.var_level / spread, p.cov / spread, point.mg_dl - p.level
        return _Line(
            p.at_min,
            p.level + gain_level * off,
            p.rate + gain_rate * off,
            p.var_level * (1 - gain_level),
            p.cov * (1 - gain_level),
            p.var_rate - gain_rate * p.cov,
            p.n + 1,
        )


def trend_of(points: Sequence[Point]) -> Trend:
    """Return the trend at the last of `points` (at least one, in time order, one an instant).

    A gap of more than 30 min starts anew. A reading more than 3 SD off the line is held; if the next one is as far
    off on the same side, both count, else the held one is dropped.
    """
    line = _Line.start(points[0])
    held: Point | None = None
    for point in points[1:]:
        if point.at_min - (held or line).at_min > table.TREND_GAP_MIN.value:
            line, held = _Line.start(point), None
        else:
            line, held = _taken(line, held, point)
    now = line.at(held.at_min) if held else line
    return Trend(now.at_min, now.level, now.rate, held is not None, now.n)


def _taken(line: _Line, held: Point | None, point: Point) -> tuple[_Line, Point | None]:
    off = line.off_by_sd(point)
    if abs(off) <= table.ODD_READING_SD.value:
        return line.updated(point), None
    if held is not None and (line.off_by_sd(held) < 0) == (off < 0):
        return line.updated(held).updated(point), None
    return line, point
