"""What is known of a person at many instants at once, from readings, doses and carbs at or before each of them.

These are the columns that sessions and control windows are matched on. Nothing after the instant enters, no gap is
bridged, and a reading of LO or HI is never taken for a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from glucolog.analysis import clock
from glucolog.analysis.kinds import Flags, Floats, Ints
from glucolog.analysis.trace import GlucoseArrays
from glucolog.core.insulin import ExponentialModel, curve_of
from glucolog.core.records import Carbs, Dose, InsulinKind

AHEAD_MIN = 120
"""Insulin and carbs to act within so many minutes after the instant, the span of the primary outcome."""
CARB_ABSORPTION_MIN = 180
"""Carbs are taken as absorbed evenly over 3 h, Loop's middle absorption time."""
SINCE_BOLUS_CAP_MIN = 360
"""A bolus longer ago than the insulin model lasts counts as so long ago."""
PULSE_MIN = 5
"""A dose delivered over time is cut into pulses of at most so many minutes."""
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
class DoseColumns:
    """Pulses of one insulin curve as columns sorted by `at_s`."""

    at_s: Floats
    units: Floats
    model: ExponentialModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """All that columns are made of: readings of one source, how they are read, doses by curve, carbs, the zone."""

    glucose: GlucoseArrays
    probe: Probe
    doses: tuple[DoseColumns, ...]
    bolus_s: Ints
    carbs_s: Floats
    carbs_g: Floats
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


def background(
    glucose: GlucoseArrays, probe: Probe, doses: Sequence[Dose], carbs: Sequence[Carbs], zone: str, *, child: bool
) -> Background:
    """Turn records in any order into sorted columns; long-acting insulin is context and left out."""
    eaten = sorted((carb.at.epoch_s, carb.grams) for carb in carbs)
    boluses = sorted(dose.at.epoch_s for dose in doses if curve_of(dose.kind, child=child) and not dose.duration_min)
    return Background(
        glucose=glucose,
        probe=probe,
        doses=_dose_columns(doses, child=child),
        bolus_s=np.array(boluses, dtype=np.int64),
        carbs_s=np.array([at_s for at_s, _ in eaten], dtype=np.float64),
        carbs_g=np.array([grams for _, grams in eaten], dtype=np.float64),
        zone=zone,
    )


def covariates_at(at_s: Ints, known: Background) -> Covariates:
    """Return the columns at each instant of `at_s` (int64 seconds UTC, any order).

    `glucose_mg_dl`; with a trend also `slope_mg_dl_per_min`, `kink_mg_dl` (last reading minus the trend line) and
    `earlier_mg_dl`; with insulin logged `iob_units`, `insulin_ahead_units`, `since_bolus_min`; with carbs logged
    `carbs_left_g`, `carbs_ahead_g`. "Ahead" is the part that acts within `AHEAD_MIN`.
    """
    local_s = at_s + clock.utc_offsets_s(at_s, known.zone)
    level, problem = _level(at_s, known)
    columns = {"glucose_mg_dl": level}
    if known.probe.has_trend:
        trend, has_trend = _trend(at_s, known.glucose)
        problem = np.where((problem == Problem.NONE) & ~has_trend, Problem.NO_TREND, problem)
        columns |= trend
    columns |= _insulin_columns(at_s, known) | _carb_columns(at_s, known)
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


def insulin_at(at_s: Ints, doses: DoseColumns) -> tuple[Floats, Floats]:
    """Return units on board at each instant, and the part of them that acts within `AHEAD_MIN` after it."""
    span_s = (doses.model.duration_min + doses.model.delay_min) * 60

    def shares(minutes: Floats) -> tuple[Floats, Floats]:
        now = iob_shares(minutes, doses.model)
        return now, now - iob_shares(minutes + AHEAD_MIN, doses.model)

    return _summed(at_s, doses.at_s, doses.units, span_s, shares)


def iob_shares(minutes: Floats, model: ExponentialModel) -> Floats:
    """`ExponentialModel.iob_share` for an array of minutes ≥ 0 since the dose (LoopKit, ExponentialInsulinModel)."""
    t = np.clip(minutes - model.delay_min, 0.0, model.duration_min)
    tau, a = model.tau_min, model.rise
    bracket = (t * t / (tau * model.duration_min * (1 - a)) - t / tau - 1) * np.exp(-t / tau) + 1
    return np.asarray(1 - model.scale * (1 - a) * bracket)


def carbs_at(at_s: Ints, carbs_s: Floats, carbs_g: Floats) -> tuple[Floats, Floats]:
    """Return grams not yet absorbed at each instant, and the part of them absorbed within `AHEAD_MIN` after it."""

    def shares(minutes: Floats) -> tuple[Floats, Floats]:
        left = 1 - minutes / CARB_ABSORPTION_MIN
        return left, left - np.maximum(left - AHEAD_MIN / CARB_ABSORPTION_MIN, 0.0)

    return _summed(at_s, carbs_s, carbs_g, CARB_ABSORPTION_MIN * 60, shares)


def minutes_since_last(at_s: Ints, events_s: Ints) -> Floats:
    """Return minutes since the last event at or before each instant, at most `SINCE_BOLUS_CAP_MIN`."""
    last = np.searchsorted(events_s, at_s, side="right") - 1
    padded = np.append(events_s, np.int64(np.iinfo(np.int32).min))
    return np.asarray(np.minimum((at_s - padded[last]) / 60, SINCE_BOLUS_CAP_MIN), dtype=np.float64)


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
        self._window, self._reading = _pairs(self._first, self.count)
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
        return np.asarray(_totals(self._window, values, self.count.size) / self._n, dtype=np.float64)


def _insulin_columns(at_s: Ints, known: Background) -> dict[str, Floats]:
    if not known.doses:
        return {}
    parts = [insulin_at(at_s, doses) for doses in known.doses]
    return {
        "iob_units": np.sum([on_board for on_board, _ in parts], axis=0),
        "insulin_ahead_units": np.sum([ahead for _, ahead in parts], axis=0),
        "since_bolus_min": minutes_since_last(at_s, known.bolus_s),
    }


def _carb_columns(at_s: Ints, known: Background) -> dict[str, Floats]:
    if not known.carbs_s.size:
        return {}
    left, ahead = carbs_at(at_s, known.carbs_s, known.carbs_g)
    return {"carbs_left_g": left, "carbs_ahead_g": ahead}


def _dose_columns(doses: Sequence[Dose], *, child: bool) -> tuple[DoseColumns, ...]:
    pulses: dict[ExponentialModel, list[tuple[float, float]]] = {}
    for dose in doses:
        curve = curve_of(_likely_kind(dose), child=child)
        if curve is not None:
            pulses.setdefault(ExponentialModel(curve.peak_min, curve.duration_min), []).extend(_pulses(dose))
    return tuple(
        DoseColumns(
            at_s=np.array([at_s for at_s, _ in sorted(given)]),
            units=np.array([units for _, units in sorted(given)]),
            model=model,
        )
        for model, given in sorted(pulses.items(), key=lambda item: (item[0].peak_min, item[0].duration_min))
    )


def _likely_kind(dose: Dose) -> InsulinKind:
    """Take an unknown kind as rapid: matching wants the likeliest curve, where the gate wants the careful one."""
    return InsulinKind.RAPID if dose.kind is InsulinKind.UNKNOWN else dose.kind


def _pulses(dose: Dose) -> list[tuple[float, float]]:
    """Cut a dose into equal pulses in the middle of equal parts of its delivery; a plain bolus is one."""
    minutes = dose.duration_min or 0.0
    n = max(int(np.ceil(minutes / PULSE_MIN)), 1)
    return [(dose.at.epoch_s + (part + 0.5) * minutes * 60 / n, dose.units / n) for part in range(n)]


def _summed(
    at_s: Ints,
    events_s: Floats,
    amounts: Floats,
    span_s: float,
    shares: Callable[[Floats], tuple[Floats, Floats]],
) -> tuple[Floats, Floats]:
    """Sum both shares × amount over the events in (at − span, at] of each instant."""
    first = np.searchsorted(events_s, at_s - span_s, side="right")
    instant, event = _pairs(first, np.searchsorted(events_s, at_s, side="right") - first)
    one, other = shares((at_s[instant] - events_s[event]) / 60)
    return _totals(instant, one * amounts[event], at_s.size), _totals(instant, other * amounts[event], at_s.size)


def _totals(row: Ints, values: Floats, n: int) -> Floats:
    return np.asarray(np.bincount(row, values, n), dtype=np.float64)


def _pairs(first: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Return each row with each of its members, row i having those from first[i] on, counts[i] of them."""
    row = np.repeat(np.arange(counts.size), counts)
    before = np.cumsum(counts) - counts
    return row, np.arange(row.size) + np.repeat(first - before, counts)
