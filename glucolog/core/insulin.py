"""Insulin on board and insulin activity by LoopKit's exponential model, and what massage of the site may add.

Every figure is an estimate under its model's name. Basal (long-acting) insulin is context and never counted. A kind
that is mixed or not known takes the longest curve, which leaves the most on board: the careful side.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from glucolog.core import evidence
from glucolog.core.evidence import InsulinCurve
from glucolog.core.moments import Moment
from glucolog.core.records import Dose, InsulinKind, Person


@dataclass(frozen=True, slots=True)
class ExponentialModel:
    """The exponential curve of one insulin (LoopKit, ExponentialInsulinModel): the share of a unit, by minutes.

    `peak_min` is the time of highest activity and `duration_min` (more than twice the peak) the end of it, both
    counted after `delay_min`.
    """

    peak_min: float
    duration_min: float
    delay_min: float = 0.0

    @property
    def tau_min(self) -> float:
        """Time constant of the decay."""
        return self.peak_min * (1 - self.peak_min / self.duration_min) / (1 - 2 * self.peak_min / self.duration_min)

    @property
    def rise(self) -> float:
        """The rise-time factor, `a` in the source."""
        return 2 * self.tau_min / self.duration_min

    @property
    def scale(self) -> float:
        """The auxiliary scale factor, `S` in the source."""
        return 1 / (1 - self.rise + (1 + self.rise) * math.exp(-self.duration_min / self.tau_min))

    def iob_share(self, minutes: float) -> float:
        """Share still on board so many minutes after the dose: 1 before it acts, 0 from the end of the duration."""
        t = minutes - self.delay_min
        if t <= 0:
            return 1.0
        if t >= self.duration_min:
            return 0.0
        tau, a = self.tau_min, self.rise
        bracket = (t * t / (tau * self.duration_min * (1 - a)) - t / tau - 1) * math.exp(-t / tau) + 1
        return 1 - self.scale * (1 - a) * bracket

    def activity_share_per_min(self, minutes: float) -> float:
        """Share acting per minute: the exact negative derivative of `iob_share`."""
        t = minutes - self.delay_min
        if not 0 < t < self.duration_min:
            return 0.0
        tau = self.tau_min
        return self.scale / (tau * tau) * t * (1 - t / self.duration_min) * math.exp(-t / tau)

    def iob_integral_min(self, minutes: float) -> float:
        """Integral of `iob_share` from the dose to so many minutes later, in minutes; 0 before the dose."""
        waited = min(max(minutes, 0.0), self.delay_min)
        t = min(max(minutes - self.delay_min, 0.0), self.duration_min)
        tau, a = self.tau_min, self.rise
        curve = 1 / (tau * self.duration_min * (1 - a))

        def inner(u: float) -> float:
            return math.exp(-u / tau) * (u + 2 * tau - curve * tau * (u * u + 2 * tau * u + 2 * tau * tau))

        return waited + t - self.scale * (1 - a) * (inner(t) - inner(0) + t)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseOnBoard:
    """What one dose contributes at an instant; `kind_assumed` when its kind is mixed or not known."""

    dose: Dose
    units: float
    activity_units_per_min: float
    model: ExponentialModel
    model_name: str
    kind_assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InsulinOnBoard:
    """Insulin on board at an instant, an estimate: the sum, the doses it comes from, and the models' names."""

    units: float
    activity_units_per_min: float
    parts: tuple[DoseOnBoard, ...]
    models: tuple[str, ...]
    kind_assumed: bool


@dataclass(frozen=True, slots=True)
class SpeedUp:
    """How many units could act during a session at so many times the usual absorption rate."""

    factor: float
    units: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceleratedBand:
    """An estimate of what massage or heat at the site may bring forward: never a prediction, never a dose.

    Of `remaining_units` at the start, `speed_ups` says how many could act within `minutes`, from the usual rate up to
    the highest of the cited studies. `site_assumed` when a dose with no known site was counted as one at the site.
    """

    minutes: float
    remaining_units: float
    speed_ups: tuple[SpeedUp, ...]
    models: tuple[str, ...]
    site_assumed: bool
    citations: tuple[str, ...]


def is_child(person: Person, at: Moment) -> bool:
    """Whether the child's curve applies: under 18 by the year of birth; an unknown year counts as adult."""
    return person.birth_year is not None and at.local.year - person.birth_year < evidence.CHILD_UNDER_YEARS


def curve_of(kind: InsulinKind, *, child: bool = False) -> InsulinCurve | None:
    """Return the curve of a kind of insulin, None for long-acting; a mixed or unknown kind takes the longest."""
    if kind is InsulinKind.LONG:
        return None
    if kind in {InsulinKind.MIXED, InsulinKind.UNKNOWN}:
        return max(evidence.INSULIN_CURVES.values(), key=lambda curve: (curve.duration_min, curve.peak_min))
    return evidence.INSULIN_CURVES["rapid-child" if child and kind is InsulinKind.RAPID else kind.value]


def insulin_on_board(
    doses: Iterable[Dose], at: Moment, *, child: bool = False, delay_min: float = 0.0
) -> InsulinOnBoard:
    """Estimate insulin on board at `at` from doses at or before it; later and long-acting ones are left out.

    A dose with `duration_min` is delivered evenly over that time, and only what was delivered by `at` counts.
    `delay_min` shifts the curve as Loop does (`evidence.INSULIN_DELAY_MIN`); the published check values have none.
    """
    given = sorted((dose for dose in doses if dose.at <= at), key=lambda dose: (dose.at.epoch_s, dose.id))
    parts = tuple(part for dose in given if (part := _part(dose, at, child=child, delay_min=delay_min)))
    return InsulinOnBoard(
        units=math.fsum(part.units for part in parts),
        activity_units_per_min=math.fsum(part.activity_units_per_min for part in parts),
        parts=parts,
        models=tuple(sorted({part.model_name for part in parts})),
        kind_assumed=any(part.kind_assumed for part in parts),
    )


def iob_units(doses: Iterable[Dose], at: Moment, *, child: bool = False, delay_min: float = 0.0) -> float:
    """Units on board at `at`; see `insulin_on_board`."""
    return insulin_on_board(doses, at, child=child, delay_min=delay_min).units


def activity_units_per_min(doses: Iterable[Dose], at: Moment, *, child: bool = False, delay_min: float = 0.0) -> float:
    """Units acting per minute at `at`; see `insulin_on_board`."""
    return insulin_on_board(doses, at, child=child, delay_min=delay_min).activity_units_per_min


def accelerated_band(
    doses: Iterable[Dose],
    at: Moment,
    minutes: float,
    *,
    factors: tuple[float, ...] = evidence.MASSAGE_SPEED_UP,
    citations: tuple[str, ...] = ("linde-1986", "linde-1989"),
    child: bool = False,
    delay_min: float = 0.0,
) -> AcceleratedBand:
    """Estimate how much of what the doses at the site have left could act within `minutes` from `at`.

    The model's clock runs `factor` times as fast during the session. The studies measured how fast insulin left the
    site in healthy volunteers, so this is a band to be careful by. `doses` are those at the massaged site (or all, for
    a sauna); one with no known site marks the band `site_assumed`.
    """
    given = [dose for dose in doses if dose.at <= at]
    now = insulin_on_board(given, at, child=child, delay_min=delay_min)
    return AcceleratedBand(
        minutes=minutes,
        remaining_units=now.units,
        speed_ups=tuple(SpeedUp(factor, _acting(now, at, minutes * factor)) for factor in factors),
        models=now.models,
        site_assumed=any(part.dose.site is None for part in now.parts if part.units > 0),
        citations=citations,
    )


def _part(dose: Dose, at: Moment, *, child: bool, delay_min: float) -> DoseOnBoard | None:
    curve = curve_of(dose.kind, child=child)
    if curve is None:
        return None
    model = ExponentialModel(curve.peak_min, curve.duration_min, delay_min)
    return DoseOnBoard(
        dose=dose,
        units=dose.units * _share(model, dose, at),
        activity_units_per_min=dose.units * _activity(model, dose, at),
        model=model,
        model_name=curve.name,
        kind_assumed=dose.kind in {InsulinKind.MIXED, InsulinKind.UNKNOWN},
    )


def _share(model: ExponentialModel, dose: Dose, at: Moment, ahead_min: float = 0.0) -> float:
    """Share of the dose delivered by `at` that is still on board `ahead_min` later."""
    t, spread = at.minutes_since(dose.at), dose.duration_min
    if not spread:
        return model.iob_share(t + ahead_min)
    later = t + ahead_min
    return (model.iob_integral_min(later) - model.iob_integral_min(later - min(t, spread))) / spread


def _activity(model: ExponentialModel, dose: Dose, at: Moment) -> float:
    t, spread = at.minutes_since(dose.at), dose.duration_min
    if not spread:
        return model.activity_share_per_min(t)
    return (model.iob_share(t - min(t, spread)) - model.iob_share(t)) / spread


def _acting(now: InsulinOnBoard, at: Moment, ahead_min: float) -> float:
    later = (part.dose.units * _share(part.model, part.dose, at, ahead_min) for part in now.parts)
    return max(0.0, now.units - math.fsum(later))
