"""How glucolog's charts look: colours, shapes, bands and axes, shared by the Plotly figures and the printed page.

Colours are Okabe and Ito's (Color Universal Design, 2008), which people with any colour vision can tell apart; every
colour goes with a shape or a dash, so that greyscale says the same. Nothing here imports Plotly.
"""

from __future__ import annotations

from dataclasses import dataclass

from glucolog.core import evidence
from glucolog.core.records import Person, TargetSet
from glucolog.core.units import MG_DL_PER_MMOL_L, Glucose, Unit, format_amount, in_unit

FONT_STACK = "Lato, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
GAP_GRIDS = 1.5
"""A line breaks where two readings lie further apart than this many of the sensor's own steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """One colour by its role, on light and on dark paper. Each `light` string is used for one role only."""

    light: str
    dark: str


PAPER = Ink(light="#ffffff", dark="#14181d")
TEXT = Ink(light="#1b1f24", dark="#e9edf1")
QUIET = Ink(light="#59636e", dark="#a9b3bd")
GRID = Ink(light="#e3e7eb", dark="#2c333b")
AXIS = Ink(light="#8c959f", dark="#6b7681")
TRACE = Ink(light="#0072b2", dark="#56b4e9")
TRACE_SOFT = Ink(light="rgba(0,114,178,0.22)", dark="rgba(86,180,233,0.26)")
TRACE_FAINT = Ink(light="rgba(0,114,178,0.10)", dark="rgba(86,180,233,0.13)")
TRACE_THREAD = Ink(light="rgba(0,114,178,0.30)", dark="rgba(86,180,233,0.34)")
METER = Ink(light="#1b1f25", dark="#e9edf2")
CONTROL = Ink(light="#6b7280", dark="#9aa4af")
CONTROL_SOFT = Ink(light="rgba(107,114,128,0.20)", dark="rgba(154,164,175,0.22)")
MASSAGE = Ink(light="#a8477d", dark="#e29ac3")
MASSAGE_SOFT = Ink(light="rgba(204,121,167,0.28)", dark="rgba(204,121,167,0.34)")
INSULIN = Ink(light="#007a59", dark="#2cc79b")
INSULIN_SOFT = Ink(light="rgba(0,158,115,0.25)", dark="rgba(44,199,155,0.28)")
CARBS = Ink(light="#a06a00", dark="#e69f00")
LOW = Ink(light="#c24a00", dark="#ff9a5c")
VERY_LOW = Ink(light="#8f2d00", dark="#ff7a3d")
HIGH = Ink(light="#b98500", dark="#e6b800")
VERY_HIGH = Ink(light="#7d5a00", dark="#c99a1a")
IN_RANGE = Ink(light="#00805d", dark="#2fb890")
BAND_TARGET = Ink(light="rgba(0,158,115,0.10)", dark="rgba(0,158,115,0.17)")
BAND_LOW = Ink(light="rgba(213,94,0,0.09)", dark="rgba(213,94,0,0.18)")
BAND_VERY_LOW = Ink(light="rgba(213,94,0,0.19)", dark="rgba(213,94,0,0.32)")
BAND_ERROR = Ink(light="rgba(107,114,128,0.14)", dark="rgba(154,164,175,0.17)")
SHADE_SOME = Ink(light="#f6d3b8", dark="#6b3a17")
SHADE_MUCH = Ink(light="#e8935a", dark="#b85a1c")
CLEAR = Ink(light="rgba(0,0,0,0)", dark="rgba(0,0,0,0)")

INKS = (
    PAPER, TEXT, QUIET, GRID, AXIS, TRACE, TRACE_SOFT, TRACE_FAINT, TRACE_THREAD, METER, CONTROL, CONTROL_SOFT,
    MASSAGE, MASSAGE_SOFT, INSULIN, INSULIN_SOFT, CARBS, LOW, VERY_LOW, HIGH, VERY_HIGH, IN_RANGE, BAND_TARGET,
    BAND_LOW, BAND_VERY_LOW, BAND_ERROR, SHADE_SOME, SHADE_MUCH, CLEAR,
)  # fmt: skip
"""Every colour in use; the page swaps each light string for its dark one when the reader's system is dark."""


def dark_of() -> dict[str, str]:
    """Return the dark colour of each light one: what the page swaps by."""
    return {ink.light: ink.dark for ink in INKS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How one person sees glucose: their unit and their target range, both ends inclusive.

    `low` and `high` are in `unit`; `own` is true when the care team set them, false for the consensus range.
    """

    unit: Unit
    low: float
    high: float
    own: bool = False

    @classmethod
    def of(cls, person: Person) -> Scale:
        """Return the person's scale: the team's targets where set, else the consensus range of their target set."""
        pregnant = person.target_set is TargetSet.PREGNANCY
        low = evidence.PREGNANCY_LOW if pregnant else evidence.RANGE_LOW
        high = evidence.PREGNANCY_HIGH if pregnant else evidence.RANGE_HIGH
        unit = person.unit
        return cls(
            unit=unit,
            low=_typed(person.target_low, unit) or in_unit(low.pair, unit),
            high=_typed(person.target_high, unit) or in_unit(high.pair, unit),
            own=person.target_low is not None or person.target_high is not None,
        )

    def amount(self, glucose: Glucose) -> float:
        """Return a reading as this person sees it, unrounded where the unit is converted."""
        return glucose.mg_dl if self.unit is Unit.MG_DL else glucose.mmol_l

    def of_mg_dl(self, mg_dl: float) -> float:
        """Return an amount or a difference given in mg/dL in this person's unit, unrounded."""
        return mg_dl if self.unit is Unit.MG_DL else mg_dl / MG_DL_PER_MMOL_L

    def words(self, amount: float) -> str:
        """Write an amount of this scale with its unit, never rounded across a published threshold."""
        return f"{format_amount(amount, self.unit)} {self.unit}"

    def range_words(self) -> str:
        """Write the target range: `70–180 mg/dL`."""
        return f"{format_amount(self.low, self.unit)}–{format_amount(self.high, self.unit)} {self.unit}"


def _typed(glucose: Glucose | None, unit: Unit) -> float | None:
    if glucose is None:
        return None
    return glucose.mg_dl if unit is Unit.MG_DL else glucose.mmol_l


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A strip of the glucose axis from `low` to `high` in the person's unit."""

    name: str
    low: float
    high: float
    ink: Ink


def glucose_bands(scale: Scale) -> tuple[Band, ...]:
    """Return very low, low and target as strips in the person's unit, from the published pairs."""
    level_2 = in_unit(evidence.LEVEL_2.pair, scale.unit)
    return (
        Band(name="very low", low=0, high=level_2, ink=BAND_VERY_LOW),
        Band(name="low", low=level_2, high=_low_edge(scale), ink=BAND_LOW),
        Band(name="target", low=scale.low, high=scale.high, ink=BAND_TARGET),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A numeric axis: its span and where its ticks stand."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """Return where `value` lies, 0 at `low` and 1 at `high`, held inside."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


_GLUCOSE_TICKS = {
    Unit.MG_DL: (54.0, 120.0, 180.0, 250.0, 320.0, 400.0, 500.0, 600.0),
    Unit.MMOL_L: (3.0, 7.0, 10.0, 13.9, 18.0, 22.0, 28.0, 33.3),
}
_GLUCOSE_TOPS = {Unit.MG_DL: (200.0, 260.0, 330.0, 410.0, 610.0), Unit.MMOL_L: (11.0, 14.5, 18.5, 23.0, 34.0)}
_TICK_ROOM = {Unit.MG_DL: 11.0, Unit.MMOL_L: 0.61}
"""The least distance at which two labels of the axis can be told apart."""
_GLUCOSE_FLOOR = {Unit.MG_DL: 35.0, Unit.MMOL_L: 2.0}


def glucose_axis(scale: Scale, highest: float | None = None, lowest: float | None = None) -> Axis:
    """Return a glucose axis in the person's unit that always shows the low end and reaches over `highest`.

    Ticks stand on the published thresholds and on the ends of the target range, so that a line can be read against
    them. A `lowest` under the usual floor pulls the axis down to zero.
    """
    unit = scale.unit
    tops = _GLUCOSE_TOPS[unit]
    top = next((each for each in tops if highest is None or highest <= each), tops[-1])
    floor = _GLUCOSE_FLOOR[unit]
    low = 0.0 if lowest is not None and lowest < floor else floor
    return Axis(low=low, high=top, ticks=tuple(tick for tick in _glucose_ticks(scale) if tick <= top))


def _glucose_ticks(scale: Scale) -> list[float]:
    ticks = {*_GLUCOSE_TICKS[scale.unit], _low_edge(scale)}
    for end in (scale.low, scale.high):
        if all(abs(end - tick) >= _TICK_ROOM[scale.unit] for tick in ticks):
            ticks.add(end)
    return sorted(ticks)


def _low_edge(scale: Scale) -> float:
    """Return where low ends: at the published number, or at the foot of a range that reaches below it (pregnancy)."""
    return min(in_unit(evidence.LEVEL_1.pair, scale.unit), scale.low)


def round_axis(low: float, high: float, about: int = 5) -> Axis:
    """Return an axis over `low`…`high` with about so many ticks at 1, 2, 2.5 or 5 times a power of ten."""
    step = round_step(((high - low) or 1.0) / about)
    first, last = _floor(low / step), -_floor(-high / step)
    ticks = tuple(round(step * index, 10) for index in range(first, last + 1))
    return Axis(low=ticks[0], high=ticks[-1], ticks=ticks)


def round_step(rough: float, least: float = 0.0) -> float:
    """Return the step between ticks at or above `rough` and `least`: 1, 2, 2.5 or 5 times a power of ten."""
    wanted = max(rough, least)
    power = 10.0 ** _floor_log10(wanted)
    return next(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= wanted * 0.999)


def _floor_log10(value: float) -> int:
    return int(f"{value:e}".split("e")[1])


def _floor(value: float) -> int:
    return int(value // 1)
