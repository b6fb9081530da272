"""Control windows: times of the same person without a session that looked like the start of one.

The self-matched design of the clinical reference, section 6: session-free time, clock ±90 min, matched within calipers
on glucose, trend, insulin, carbs, exertion and heat; at most one window of a day for each session, so that one odd day
can't stand for many. Free of sessions means 6 h from the end of the last one and none until the outcome is read. To ask
for 6 h without one afterwards too would choose windows by their future: whoever has massage when glucose stays high
leaves only windows in which it came down (Hernán et al. 2016, J Clin Epidemiol 79:70–75). What still differs within a
match is taken out by a model fitted on control windows alone (Abadie & Imbens 2011, J Bus Econ Stat 29(1):1–11).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glucolog.analysis.clock import MINUTES_A_DAY, SECONDS_A_DAY
from glucolog.analysis.covariates import Background, Covariates, Problem, covariates_at
from glucolog.analysis.kinds import Flags, Floats, Ints

FREE_H = 6
"""A control window begins so long after the end of every earlier session (closed)."""
GRID_MIN = 15
"""Control windows are looked for every so many minutes where there is a sensor."""
NEAR_DAYS = 84
"""Control windows lie within so many days of their session: habits, seasons and doses drift."""
CONTROLS = 10
"""The nearest windows of so many different days stand for a session's "without"."""
MIN_CONTROL_DAYS = 3
"""A session with similar windows on fewer days is unmatched."""
CLOCK_CALIPER_MIN = 90
"""A window's local time of day differs by at most so much, across midnight too."""

FIXED_CALIPERS: dict[str, float] = {
    "glucose_mg_dl": 20,
    "slope_mg_dl_per_min": 1.0,
    "since_bolus_min": 45,
    "exertion_min": 20,
    "heat_min": 20,
}
"""How far a control may be from its session, closed, in the column's unit; 20 mg/dL is a sensor's own error."""
SPREAD_CALIPERS: dict[str, float] = {"iob_units": 1.25, "insulin_ahead_units": 1.25, "carbs_left_g": 1.25}
"""The same in standard deviations of the person's control windows: doses and meals differ between people."""
CLOCK_SCALE_MIN = 20
"""Minutes of clock that count one in the distance: meals tie glucose to the hour, and with massage always at four
o'clock a window half an hour nearer to dinner is another time. Longer, and such people come out 4 mg/dL off."""
FIXED_SCALES: dict[str, float] = {
    "glucose_mg_dl": 10,
    "slope_mg_dl_per_min": 0.4,
    "earlier_mg_dl": 15,
    "since_bolus_min": 30,
    "exertion_min": 10,
    "heat_min": 10,
}
"""A difference so large counts one in the distance."""
SPREAD_SCALES: dict[str, float] = {
    "iob_units": 0.5,
    "insulin_ahead_units": 0.5,
    "carbs_left_g": 0.5,
    "carbs_ahead_g": 0.5,
}
"""The same in standard deviations of the person's control windows."""
RIDGE = 10.0
"""Penalty on standardised columns of the outcome model; estimates hardly move between 1 and 300."""
BOLUS_FADES_MIN = 45.0
"""Time since a bolus enters the outcome model also as exp(−t / 45 min): what a bolus changes, it changes early."""
WINDOWS_A_TERM = 10
"""Squares and products enter the outcome model when there are so many control windows for each term."""


GRAM_ROWS = 64
"""Rows a slice when the outcome model is fitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """Sessions as merged spans in time order, from start to end, in seconds UTC."""

    starts_s: Ints
    ends_s: Ints

    def is_over(self, at_s: Ints) -> Flags:
        """Whether every session begun at or before each instant ended `FREE_H` or more before it."""
        begun = np.searchsorted(self.starts_s, at_s, side="right")
        latest_end = np.concatenate(([-np.inf], np.maximum.accumulate(self.ends_s)))
        return np.asarray(at_s - latest_end[begun] >= FREE_H * 3600, dtype=np.bool_)

    def is_quiet(self, at_s: Ints, until_s: Ints) -> Flags:
        """Whether no session starts after each instant and before the one of `until_s`."""
        next_start = np.append(self.starts_s.astype(np.float64), np.inf)
        return np.asarray(next_start[np.searchsorted(self.starts_s, at_s, side="right")] >= until_s, dtype=np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """For each session the rows of all controls within its calipers, nearest first."""

    rows: tuple[Ints, ...]
    control_day: Ints

    def nearest(self, session: int, usable: Flags) -> Ints:
        """Return the nearest usable control of each of the `CONTROLS` nearest days; empty below `MIN_CONTROL_DAYS`."""
        rows = self.rows[session]
        rows = rows[usable[rows]]
        _, first = np.unique(self.control_day[rows], return_index=True)
        chosen = rows[np.sort(first)[:CONTROLS]]
        return chosen if chosen.size >= MIN_CONTROL_DAYS else chosen[:0]


def busy_time(starts_s: Ints, ends_s: Ints) -> Busy:
    """Sort sessions, given in any order, for `Busy`."""
    order = np.lexsort((ends_s, starts_s))
    return Busy(starts_s=starts_s[order], ends_s=ends_s[order])


def control_windows(known: Background, busy: Busy) -> Covariates:
    """Return the columns at every instant long enough after a session that has them all.

    With a sensor the instants are every `GRID_MIN` of the UTC clock; with finger-sticks each reading is one.
    """
    glucose = known.glucose
    if not len(glucose):
        return covariates_at(glucose.at_s, known)
    at_s = _grid(int(glucose.at_s[0]), int(glucose.at_s[-1])) if known.probe.has_trend else glucose.at_s
    windows = covariates_at(at_s[busy.is_over(at_s)], known)
    return windows.select(windows.problem == Problem.NONE)


def rank_controls(sessions: Covariates, controls: Covariates) -> Ranked:
    """Order, for each session, the controls within its calipers by distance; ties by time."""
    spread = {name: float(values.std()) if len(controls) else 0.0 for name, values in controls.columns.items()}
    calipers = _in_units(FIXED_CALIPERS, SPREAD_CALIPERS, spread)
    scales = _in_units(FIXED_SCALES, SPREAD_SCALES, spread)
    order = np.argsort(controls.at_s, kind="stable")
    by_time = controls.select(order)
    rows = tuple(order[_near(sessions, row, by_time, calipers, scales)] for row in range(len(sessions)))
    return Ranked(rows=rows, control_day=controls.local_day)


def outcome_model(controls: Covariates, outcome: Floats, weights: Floats) -> Callable[[Covariates], Floats]:
    """Fit weighted ridge regression of an outcome on the columns of at least one control window; return its prediction.

    Terms: the columns, the clock's first two harmonics and, with enough windows, all squares and products.
    """
    size = terms(controls.select(np.arange(1)), products=True).shape[1]
    products = len(controls) >= WINDOWS_A_TERM * size
    matrix = terms(controls, products=products)
    centre, spread = np.average(matrix, axis=0, weights=weights), matrix.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    standard = (matrix - centre) / spread
    share = weights / weights.mean()
    level = float((share * outcome).mean())
    penalty = RIDGE * np.eye(standard.shape[1])
    weighed = gram(standard * np.sqrt(share)[:, None])
    slopes = np.linalg.solve(weighed + penalty, standard.T @ (share * (outcome - level)))

    def predict(windows: Covariates) -> Floats:
        standard = (terms(windows, products=products) - centre) / spread
        return np.asarray(level + standard @ slopes, dtype=np.float64)

    return predict


def gram(rows: Floats) -> Floats:
    """Return rowsᵀ·rows in slices too small for the linear algebra library to start threads.

    On a busy machine threads for a matrix of this size wait for each other six times as long as they compute.
    """
    slices = np.array_split(rows, max(rows.shape[0] // GRAM_ROWS, 1))
    return np.asarray(sum(part.T @ part for part in slices), dtype=np.float64)


def terms(windows: Covariates, *, products: bool) -> Floats:
    """Return the model's terms, one row a window."""
    columns = list(windows.columns.values())
    if "since_bolus_min" in windows.columns:
        columns.append(np.exp(-windows.columns["since_bolus_min"] / BOLUS_FADES_MIN))
    angle = windows.clock_min * (2 * np.pi / MINUTES_A_DAY)
    clock = [np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)]
    every = [*columns, *(_products(columns) if products else []), *clock]
    return np.stack(every).T  # columns turned after stacking take a third of the time


def _products(columns: list[Floats]) -> list[Floats]:
    return [one * other for at, one in enumerate(columns) for other in columns[at:]]


def _grid(first_s: int, last_s: int) -> Ints:
    step_s = GRID_MIN * 60
    return np.arange(-(-first_s // step_s) * step_s, last_s + 1, step_s, dtype=np.int64)


def _in_units(fixed: dict[str, float], in_spreads: dict[str, float], spread: dict[str, float]) -> dict[str, float]:
    """Return each number in the unit of its column, for the columns there are and that vary."""
    own = {name: value * spread[name] for name, value in in_spreads.items() if spread.get(name, 0.0) > 0}
    return {name: value for name, value in fixed.items() if name in spread} | own


def _near(
    sessions: Covariates, row: int, controls: Covariates, calipers: dict[str, float], scales: dict[str, float]
) -> Ints:
    """Return the controls within the calipers of one session, nearest first; `controls` in time order."""
    at_s = sessions.at_s[row]
    low, high = np.searchsorted(controls.at_s, [at_s - NEAR_DAYS * SECONDS_A_DAY, at_s + NEAR_DAYS * SECONDS_A_DAY])
    clock_away = np.abs(controls.clock_min[low:high] - sessions.clock_min[row])
    clock_away = np.minimum(clock_away, MINUTES_A_DAY - clock_away)
    kept = low + np.flatnonzero(clock_away <= CLOCK_CALIPER_MIN)
    for name, caliper in calipers.items():
        kept = kept[np.abs(controls.columns[name][kept] - sessions.columns[name][row]) <= caliper]
    distance = (clock_away[kept - low] / CLOCK_SCALE_MIN) ** 2
    for name, scale in scales.items():
        distance += ((controls.columns[name][kept] - sessions.columns[name][row]) / scale) ** 2
    return np.asarray(kept[np.argsort(np.round(distance, 6), kind="stable")], dtype=np.int64)
