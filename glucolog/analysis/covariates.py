"""What is known of a person at many instants at once, from what was logged at or before each of them.

These are the columns that sessions and control windows are matched on. Nothing after the instant enters, no gap is
bridged, and a reading of LO or HI is never taken for a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from glucolog.analysis import clock
from glucolog.analysis.at_work import AtWork, at_work_columns, pairs, totals
from glucolog.analysis.kinds import Flags, Floats, Ints
from glucolog.analysis.trace import GlucoseArrays

TREND_MIN = 30
"""The trend comes from the readings of so many minutes up to the instant, closed on both sides."""
TREND_SPAN_MIN = 10
"""Readings of a trend span at least so many minutes."""
EARLIER_MIN = 60, 30
"""The earlier level is the mean of the readings from 60 to 30 min before the instant, closed on both sides."""
DECIMALS = 6
"""Columns are rounded so far, so that the unit a reading was typed in never decides a caliper."""


class Problem(IntEnum):
    """Why an instant has no columns; `NONE` when it has."""

    NONE = 0
    NO_READING = 1
    CENSORED = 2
    NO_TREND = 3
    NO_FOLLOW_UP = 4
    NO_CONTROL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """How glucose at an instant is read: the last reading within `look_back_min` before it, for later instants the
    nearest within `tolerance_min` (both closed), and whether a trend can be had at all.
    """

    look_back_min: float
    tolerance_min: float
    has_trend: bool


SENSOR = Probe(look_back_min=15, tolerance_min=10, has_trend=True)
METER = Probe(look_back_min=30, tolerance_min=30, has_trend=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """All that columns are made of: readings of one source, how they are read, what is at work, the zone."""

    glucose: GlucoseArrays
    probe: Probe
    at_work: AtWork
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariates:
    """Columns at n instants. `columns` by name, each of length n; rows whose `problem` is not `NONE` hold zeros.

    `start_mg_dl` glucose at the instant, known without a trend too; `clock_min` minutes since local midnight;
    `local_day` counted from 1970.
    """

    at_s: Ints
    clock_min: Floats
    local_day: Ints
    start_mg_dl: Floats
    columns: dict[str, Floats]
    problem: Ints

    def __len__(self) -> int:
        return self.at_s.size

    def select(self, rows: Flags | Ints) -> Covariates:
        """Return the chosen rows."""
        return Covariates(
            at_s=self.at_s[rows],
            clock_min=self.clock_min[rows],
            local_day=self.local_day[rows],
            start_mg_dl=self.start_mg_dl[rows],
            columns={name: values[rows] for name, values in self.columns.items()},
            problem=self.problem[rows],
        )


def covariates_at(at_s: Ints, known: Background) -> Covariates:
    """Return the columns at each instant of `at_s` (int64 seconds UTC, any order).

    `glucose_mg_dl`; with a trend also `slope_mg_dl_per_min`, `kink_mg_dl` (last reading minus the trend line) and
    `earlier_mg_dl`; then those of `at_work_columns`.
    """
    local_s = at_s + clock.utc_offsets_s(at_s, known.zone)
    level, problem = _level(at_s, known)
    columns = {"glucose_mg_dl": level}
    if known.probe.has_trend:
        trend, has_trend = _trend(at_s, known.glucose)
        problem = np.where((problem == Problem.NONE) & ~has_trend, Problem.NO_TREND, problem)
        columns |= trend
    columns |= at_work_columns(at_s, known.at_work)
    whole = problem == Problem.NONE
    rounded = {name: np.where(whole, np.round(values, DECIMALS), np.float64(0)) for name, values in columns.items()}
    return Covariates(
        at_s=at_s,
        clock_min=clock.minute_of_day(local_s),
        local_day=clock.day_index(local_s),
        start_mg_dl=np.where(whole | (problem == Problem.NO_TREND), level, 0.0),
        columns=rounded,
        problem=problem,
    )


def last_reading(at_s: Ints, glucose: GlucoseArrays) -> Ints:
    """Return the index of the last reading at or before each instant; −1 where there is none."""
    return np.asarray(np.searchsorted(glucose.at_s, at_s, side="right") - 1, dtype=np.int64)


def _level(at_s: Ints, known: Background) -> tuple[Floats, Ints]:
    glucose = known.glucose
    if not len(glucose):
        return np.zeros(at_s.size), np.full(at_s.size, Problem.NO_READING, dtype=np.int64)
    last = np.maximum(last_reading(at_s, glucose), 0)
    age_s = at_s - glucose.at_s[last]
    absent = (age_s < 0) | (age_s > known.probe.look_back_min * 60)
    problem = np.select([absent, glucose.is_censored[last]], [Problem.NO_READING, Problem.CENSORED], Problem.NONE)
    return glucose.mg_dl[last], problem.astype(np.int64)


def _trend(at_s: Ints, glucose: GlucoseArrays) -> tuple[dict[str, Floats], Flags]:
    """Fit the least-squares line of the last `TREND_MIN` and take the level before it; the flags say where both are."""
    line = _Windows(glucose, at_s - TREND_MIN * 60, at_s)
    slope, at_last, has_line = line.line()
    earlier = _Windows(glucose, at_s - EARLIER_MIN[0] * 60, at_s - EARLIER_MIN[1] * 60)
    columns = {
        "slope_mg_dl_per_min": slope,
        "kink_mg_dl": line.last(glucose.mg_dl) - at_last,
        "earlier_mg_dl": earlier.mean(),
    }
    return columns, has_line & (earlier.count > 0) & line.uncensored() & earlier.uncensored()


class _Windows:
    """Readings from `since_s` to `until_s`, both closed, for many windows at once, timed from the window's end."""

    def __init__(self, glucose: GlucoseArrays, since_s: Ints, until_s: Ints) -> None:
        self._first = np.searchsorted(glucose.at_s, since_s, side="left")
        self.count = np.searchsorted(glucose.at_s, until_s, side="right") - self._first
        self._window, self._reading = pairs(self._first, self.count)
        self._n = np.maximum(self.count, 1)
        self._glucose = glucose
        self._minutes = (glucose.at_s[self._reading] - until_s[self._window]) / 60

    def mean(self) -> Floats:
        """Mean mg/dL; 0 for an empty window."""
        return self._mean(self._glucose.mg_dl[self._reading])

    def last(self, values: Floats) -> Floats:
        """The value of the last reading of each window, of `values` of all readings; 0 for an empty window."""
        return np.where(self.count > 0, np.append(values, 0.0)[self._first + self.count - 1], 0.0)

    def uncensored(self) -> Flags:
        """Whether no reading is LO or HI."""
        share = self._mean(self._glucose.is_censored[self._reading].astype(np.float64))
        return np.asarray(share == 0, dtype=np.bool_)

    def line(self) -> tuple[Floats, Floats, Flags]:
        """Slope in mg/dL/min, the line at the last reading, and whether it stands: span, and no gap inside."""
        centre, level = self._mean(self._minutes), self.mean()
        off_centre = self._minutes - centre[self._window]
        spread = self._mean(off_centre**2)
        product = self._mean(off_centre * self._glucose.mg_dl[self._reading])
        youngest, oldest = self._edges()
        stands = (youngest - oldest >= TREND_SPAN_MIN) & self._without_gap()
        slope = np.where(stands, product / np.where(spread > 0, spread, 1.0), 0.0)
        return slope, level + slope * (youngest - centre), stands

    def _edges(self) -> tuple[Floats, Floats]:
        """Minutes of the last and of the first reading of each window, 0 where empty."""
        ends = np.cumsum(self.count)
        padded = np.append(self._minutes, 0.0)
        return np.where(self.count > 0, padded[ends - 1], 0.0), np.where(self.count > 0, padded[ends - self.count], 0.0)

    def _without_gap(self) -> Flags:
        gaps = np.append(np.cumsum(self._glucose.gap_before()), 0)
        same = gaps[self._first] == gaps[self._first + self.count - 1]
        return np.asarray(same & (self.count > 1), dtype=np.bool_)

    def _mean(self, values: Floats) -> Floats:
        return np.asarray(totals(self._window, values, self.count.size) / self._n, dtype=np.float64)
