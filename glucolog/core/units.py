"""Glucose amounts: what was typed, its canonical mg/dL, and the one formatter.

Compare in the unit that was typed against that unit's own published number; never convert a threshold.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from glucolog.core.evidence import CGM_BOUNDS, METER_BOUNDS, THRESHOLDS, Pair
from glucolog.errors import AmbiguousError, RefusedError, SlipError

MG_DL_PER_MMOL_L = 18.01559
"""mg/dL in one mmol/L: the molar mass of glucose, 180.1559 g/mol; the constant of Nightscout and Tidepool."""


class Unit(StrEnum):
    """The unit a glucose amount was typed in."""

    MG_DL = "mg/dL"
    MMOL_L = "mmol/L"

    @property
    def other(self) -> Unit:
        """The unit this one is mistaken for."""
        return Unit.MMOL_L if self is Unit.MG_DL else Unit.MG_DL


class Source(StrEnum):
    """What measured: a finger-stick meter or a continuous sensor. The two are never paired with each other."""

    METER = "meter"
    CGM = "cgm"


class Censored(StrEnum):
    """The device showed LO or HI: the true value lies beyond its limit."""

    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Glucose:
    """An amount as typed. When `censored`, `amount` is the limit of the device that showed LO or HI."""

    amount: float
    unit: Unit
    censored: Censored | None = None

    @property
    def mg_dl(self) -> float:
        """Canonical mg/dL, unrounded."""
        return to_mg_dl(self.amount, self.unit)

    @property
    def mmol_l(self) -> float:
        """mmol/L, unrounded."""
        return self.amount if self.unit is Unit.MMOL_L else self.amount / MG_DL_PER_MMOL_L

    def is_below(self, pair: Pair) -> bool:
        """Whether the amount is strictly under the published number of its own unit."""
        return self.amount < in_unit(pair, self.unit)

    def is_above(self, pair: Pair) -> bool:
        """Whether the amount is strictly over the published number of its own unit."""
        return self.amount > in_unit(pair, self.unit)


_VALUE = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>mg/dl|mgdl|mg|mmol/l|mmoll|mmol)?", re.IGNORECASE)


def in_unit(pair: Pair, unit: Unit) -> float:
    """Return the published number of `pair` for `unit`."""
    return pair.mg_dl if unit is Unit.MG_DL else pair.mmol_l


_SENSES = ("<", ">="), (">", "<=")
"""Limits that are reached by an amount equal to them, and limits that are not exceeded by it."""
_DECIMALS = {Unit.MG_DL: 0, Unit.MMOL_L: 1}
_MORE_DECIMALS = 3
_LIMITS = {
    unit: tuple(sorted(in_unit(each.pair, unit) for each in THRESHOLDS if each.sense in senses) for senses in _SENSES)
    for unit in Unit
}
_EDGES = {unit: frozenset(in_unit(threshold.pair, unit) for threshold in THRESHOLDS) for unit in Unit}


def to_mg_dl(amount: float, unit: Unit) -> float:
    """Convert `amount` in `unit` to mg/dL, unrounded."""
    return amount if unit is Unit.MG_DL else amount * MG_DL_PER_MMOL_L


def bounds(source: Source) -> tuple[Pair, Pair]:
    """Return the lowest and the highest amount that a device of this source reports."""
    return CGM_BOUNDS if source is Source.CGM else METER_BOUNDS


def censored_at(side: Censored, unit: Unit, source: Source) -> Glucose:
    """Return the reading a device shows as LO or HI: its limit in `unit`, marked as censored."""
    low, high = bounds(source)
    limit = low if side is Censored.LOW else high
    return Glucose(in_unit(limit, unit), unit, side)


def round_half_up(value: float, decimals: int = 0) -> Decimal:
    """Round for display: halves go up, as on a meter, and binary noise does not decide them."""
    step = Decimal(1).scaleb(-decimals)
    return Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP)


def format_difference(mg_dl: float, unit: Unit, more_decimals: int = 0) -> str:
    """Write a change of glucose, given in mg/dL, for people: whole mg/dL or one decimal of mmol/L, or more of them."""
    decimals = _DECIMALS[unit] + more_decimals
    return f"{round_half_up(mg_dl if unit is Unit.MG_DL else mg_dl / MG_DL_PER_MMOL_L, decimals)}"


def format_amount(amount: float, unit: Unit) -> str:
    """Write an amount in its own unit without its name: whole mg/dL, one decimal of mmol/L, halves up.

    A value that would round onto a published threshold it does not equal gets one more decimal, so that the number
    never contradicts the level beside it: 3.86 mmol/L is low and is not shown as 3.9.
    """
    decimals = _DECIMALS[unit]
    rounded = round_half_up(amount, decimals)
    if float(rounded) != amount and float(rounded) in _EDGES[unit]:
        rounded = round_half_up(amount, decimals + 1)
        if float(rounded) in _EDGES[unit]:
            rounded = Decimal(repr(float(amount)))
    return f"{rounded}"


def format_apart(one_mg_dl: float, other_mg_dl: float, unit: Unit) -> tuple[str, str]:
    """Write two amounts or changes, given in mg/dL, that are read against each other: alike only where they are."""
    one, other = (each if unit is Unit.MG_DL else each / MG_DL_PER_MMOL_L for each in (one_mg_dl, other_mg_dl))
    usual = _DECIMALS[unit]
    for decimals in range(usual, usual + _MORE_DECIMALS):
        shown = round_half_up(one, decimals), round_half_up(other, decimals)
        if shown[0] != shown[1]:
            return f"{shown[0]}", f"{shown[1]}"
    return f"{round_half_up(one, usual)}", f"{round_half_up(other, usual)}"


def faithful_unit(glucose: Glucose, unit: Unit) -> Unit:
    """Return the unit to speak of a reading in to somebody who thinks in `unit`.

    That is theirs, but for the few readings whose converted amount lies across a threshold however it is rounded:
    3.89 mmol/L is low, its 70.1 mg/dL would not be. These are told, and held against the limit, as they were typed.
    """
    return glucose.unit if _converted(glucose, unit) is None else unit


def told_glucose(glucose: Glucose, unit: Unit) -> str:
    """Write a reading for somebody who thinks in `unit`, with what was typed where that was the other unit.

    `3.6 mmol/L (65 mg/dL)`, `LO (below 2.2 mmol/L, 40 mg/dL)`; what can't be converted faithfully stands as typed.
    """
    shown = format_glucose(glucose, unit)
    if glucose.unit is faithful_unit(glucose, unit):
        return shown
    typed = f"{format_amount(glucose.amount, glucose.unit)} {glucose.unit}"
    return f"{shown[:-1]}, {typed})" if glucose.censored else f"{shown} ({typed})"


def format_glucose(glucose: Glucose, unit: Unit | None = None) -> str:
    """Write a reading with its unit: `142 mg/dL`, `7.9 mmol/L`, `LO (below 40 mg/dL)`; `unit` defaults to the typed.

    A converted amount never contradicts what the typed one means: see `faithful_unit`.
    """
    shown = faithful_unit(glucose, unit or glucose.unit)
    number = _converted(glucose, shown)
    if glucose.censored is Censored.LOW:
        return f"LO (below {number} {shown})"
    if glucose.censored is Censored.HIGH:
        return f"HI (above {number} {shown})"
    return f"{number} {shown}"


def format_both(glucose: Glucose) -> str:
    """Write a reading in both units, the typed one first: `142 mg/dL (7.9 mmol/L)`."""
    other = glucose.unit.other
    typed, converted = format_glucose(glucose), f"{_converted(glucose, other) or _rounded(glucose, other)} {other}"
    return f"{typed[:-1]}, {converted})" if glucose.censored else f"{typed} ({converted})"


def parse_glucose(text: str, default: Unit, source: Source = Source.METER) -> Glucose:
    """Read a VALUE: `142`, `142mg/dL`, `7.9mmol`, `7,9`, `LO`, `HI`.

    A bare number is in `default`, the person's unit. Raises `RefusedError` when the number is out of the bounds of
    `source` or can only be the other unit, and `AmbiguousError` when a bare number fits both; the unit is never
    guessed by magnitude.
    """
    word = text.strip()
    if word.upper() in {"LO", "LOW", "HI", "HIGH"}:
        return censored_at(Censored.LOW if word.upper().startswith("L") else Censored.HIGH, default, source)
    match = _VALUE.fullmatch(word)
    if match is None:
        raise RefusedError(
            f"“{text}” is not a glucose value.", "Type a number such as 142, 142mg/dL, 7.9mmol, or LO or HI."
        )
    amount = float(match["number"].replace(",", "."))
    if match["unit"] is None:
        _refuse_doubtful_unit(amount, match["number"], default, source)
        return checked(amount, default, source)
    return checked(amount, Unit.MG_DL if match["unit"].lower().startswith("mg") else Unit.MMOL_L, source)


def checked(amount: float, unit: Unit, source: Source) -> Glucose:
    """Return the amount as glucose, or raise `RefusedError` when no such device reports it."""
    if not _is_reported(amount, unit, source):
        low, high = (in_unit(pair, unit) for pair in bounds(source))
        kind = "sensor" if source is Source.CGM else "meter"
        raise RefusedError(
            f"{amount:g} {unit} is outside what a {kind} reports ({low:g} to {high:g} {unit}).",
            "Check the number; type LO or HI if the device showed that.",
        )
    return Glucose(amount, unit)


def _is_reported(amount: float, unit: Unit, source: Source) -> bool:
    low, high = (in_unit(pair, unit) for pair in bounds(source))
    return low <= amount <= high


def _refuse_doubtful_unit(amount: float, typed: str, unit: Unit, source: Source) -> None:
    both = f"{typed}mg/dL", f"{typed}mmol"
    ours, others = (_is_reported(amount, either, source) for either in (unit, unit.other))
    if ours and others:
        raise AmbiguousError(f"{typed} could be mg/dL or mmol/L.", f"Type {both[0]} or {both[1]}.", choices=both)
    if others:
        meant = both[1] if unit is Unit.MG_DL else both[0]
        raise SlipError(
            f"{typed} {unit} is not possible; {typed} {unit.other} would be.",
            f"If you meant {unit.other}, type {meant}; otherwise check the number.",
            meant,
        )


def _converted(glucose: Glucose, unit: Unit) -> str | None:
    """Return the amount in `unit` in as few decimals as mean what the typed one means, or None."""
    if unit is glucose.unit:
        return format_amount(glucose.amount, unit)
    meant = _meaning(glucose.amount, glucose.unit)
    for more in range(_MORE_DECIMALS):
        shown = _rounded(glucose, unit, more)
        if _meaning(float(shown), unit) == meant:
            return f"{shown}"
    return None


def _rounded(glucose: Glucose, unit: Unit, more: int = 0) -> Decimal:
    return round_half_up(glucose.mg_dl if unit is Unit.MG_DL else glucose.mmol_l, _DECIMALS[unit] + more)


def _meaning(amount: float, unit: Unit) -> tuple[int, int]:
    """Return how many of the published limits in `unit` the amount reaches, and how many it exceeds."""
    reached, exceeded = _LIMITS[unit]
    return bisect_right(reached, amount), bisect_left(exceeded, amount)
