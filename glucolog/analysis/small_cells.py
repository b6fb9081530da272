"""Numbers about groups of people that point at nobody.

No number about 1 to 10 people is shown, nor one from which such a number follows by subtraction: steps of a funnel are
held against the step before, and bars of a distribution are joined until each is about enough people
(`cms-small-cells` in core/evidence).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

import numpy as np

from glucolog.core.evidence import SMALL_CELL_PEOPLE

QUARTILES = 25.0, 50.0, 75.0
MOST_BARS = 12
LEAST_WIDTH = 0.1
"""No bar is narrower than what a value is shown with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """How many people have a value in [low, high), the last bar's high included."""

    low: float
    high: float
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One value over people: how many have it, quartiles and bars; None and empty when they are too few to show."""

    name: str
    people: int | None
    quartiles: tuple[float, float, float] | None
    mean: float | None
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a funnel; `people` is None where the number is withheld."""

    name: str
    people: int | None


def may_show(people: int) -> bool:
    """Whether a number about so many people points at nobody."""
    return people == 0 or people >= SMALL_CELL_PEOPLE


def funnel(steps: Sequence[tuple[str, int]]) -> tuple[Step, ...]:
    """Guard counts of which each is part of the one before: a step is shown with what it leaves behind, or withheld.

    >>> [step.people for step in funnel([("all", 100), ("some", 60), ("most of them", 55), ("few", 3)])]
    [100, 60, None, None]
    """
    shown: list[Step] = []
    last = None
    for name, people in steps:
        fine = may_show(people) and (last is None or may_show(last - people))
        shown.append(Step(name=name, people=people if fine else None))
        last = people if fine else last
    return tuple(shown)


def distribution(name: str, values: Sequence[float | None], total: int) -> Distribution:
    """Guard the distribution of the values that are known among `total` people."""
    known = np.array([value for value in values if value is not None], dtype=np.float64)
    if known.size < SMALL_CELL_PEOPLE or not may_show(total - known.size):
        return Distribution(name=name, people=None, quartiles=None, mean=None, bars=())
    low, middle, high = np.percentile(known, QUARTILES).tolist()
    return Distribution(
        name=name, people=known.size, quartiles=(low, middle, high), mean=float(known.mean()), bars=_bars(known)
    )


def _edges(known: np.ndarray) -> np.ndarray:
    """Return round edges around all values: the lowest and the highest value are somebody's, and not shown."""
    lowest, highest = float(known.min()), float(known.max())
    wanted = min(MOST_BARS, max(known.size // SMALL_CELL_PEOPLE, 1))
    rough = max((highest - lowest) / wanted, LEAST_WIDTH)
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= rough)
    return np.arange(floor(lowest / step), floor(highest / step) + 2) * step


def _bars(known: np.ndarray) -> tuple[Bar, ...]:
    counts, edges = np.histogram(known, bins=_edges(known))
    bars: list[Bar] = []
    low, people = float(edges[0]), 0
    for count, high in zip(counts.tolist(), edges[1:].tolist(), strict=True):
        people += count
        if people >= SMALL_CELL_PEOPLE:
            bars.append(Bar(low=low, high=high, people=people))
            low, people = high, 0
    if people or low < float(edges[-1]):
        last = bars.pop()
        bars.append(Bar(low=last.low, high=float(edges[-1]), people=last.people + people))
    return tuple(bars)
