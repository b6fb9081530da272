"""Numbers about groups of people that point at nobody.

No number about 1 to 10 people is shown, nor one from which such a number follows by subtraction: each group that is
counted is held against every other that was, and bars of a distribution are joined until each is about enough people
(`cms-small-cells` in core/evidence). A guard that has counted the groups of an earlier answer about the same people
holds the next answer against them too; answers about other cohorts can be held against each other by whoever has both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

import numpy as np
from numpy.typing import NDArray

from glucolog.core.evidence import SMALL_CELL_PEOPLE

Group = NDArray[np.bool_]
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
    """One value over people: how many have it, quartiles and bars; None and empty when they are too few to show.

    Where the number alone must not be known, for who has no value would follow from it, the quartiles are there.
    """

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


class Guard:
    """Counts groups of the same people; a count is None where it, or its difference from another one, is small."""

    def __init__(self, everyone: int) -> None:
        self._counted = [np.ones(everyone, dtype=np.bool_)]

    def count(self, group: Group) -> int | None:
        """Return how many of everyone are in a group, given as one flag a person in their order.

        >>> guard = Guard(100)
        >>> [guard.count(np.arange(100) < people) for people in (60, 55, 30, 3)]
        [60, None, 30, None]
        """
        people = int(group.sum())
        apart = (int(part.sum()) for one in self._counted for part in (group & ~one, one & ~group))
        if not all(map(may_show, (people, *apart))):
            return None
        self._counted.append(group)
        return people


def funnel(steps: Sequence[tuple[str, Group]], guard: Guard) -> tuple[Step, ...]:
    """Count groups of which each is part of the one before."""
    return tuple(Step(name=name, people=guard.count(group)) for name, group in steps)


def distribution(name: str, values: Sequence[float | None], guard: Guard) -> Distribution:
    """Describe the values that are known, one place for each of the guard's people."""
    has_one = np.array([value is not None for value in values], dtype=np.bool_)
    known = np.array([value for value in values if value is not None], dtype=np.float64)
    if known.size < SMALL_CELL_PEOPLE:
        return Distribution(name=name, people=None, quartiles=None, mean=None, bars=())
    people = guard.count(has_one)
    low, middle, high = np.percentile(known, QUARTILES).tolist()
    return Distribution(
        name=name,
        people=people,
        quartiles=(low, middle, high),
        mean=float(known.mean()),
        bars=() if people is None else _bars(known),
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
