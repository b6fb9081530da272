"""Which showing of a clock time is meant in the night in which clocks go back and an hour comes twice.

Told by the order of a day's rows: they step back once (up or down), or, in a file sorted by the clock, each time of the
hour stands there twice, or a single pass through the hour joins one of its sides more closely. A device's own running
clock, which knows no change of the hour, puts the rows in order where there is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from glucolog.importers.cells import number

NEAR_S = 20 * 60
"""A pass through the hour joins the readings before or after it when they are so near."""


def in_order(indices: Sequence[int], clocks: Sequence[str]) -> Sequence[int]:
    """Return the rows in the order of their running clock; as they are where one of them has none."""
    told = {index: number(clocks[index]) for index in indices} if clocks else {}
    known = {index: seconds for index, seconds in told.items() if seconds is not None}
    return sorted(known, key=known.__getitem__) if known and len(known) == len(indices) else indices


def folds_of(naive: Sequence[int], twice: Sequence[bool], default: int) -> tuple[list[int], bool]:
    """Return each row's fold and whether the order of the rows told it (one day's rows, up or down)."""
    if not any(twice):
        return [0] * len(naive), True
    rises = sum(later > earlier for earlier, later in pairwise(naive))
    falls = sum(later < earlier for earlier, later in pairwise(naive))
    if falls > rises:
        folds, told = _ascending_folds(naive[::-1], twice[::-1], default)
        return folds[::-1], told
    return _ascending_folds(naive, twice, default)


def _ascending_folds(naive: Sequence[int], twice: Sequence[bool], default: int) -> tuple[list[int], bool]:
    steps = [i for i in range(1, len(naive)) if naive[i] < naive[i - 1] and twice[i - 1]]
    if not steps and _all_doubled(naive, twice):
        return [int(is_twice and naive[i] == naive[i - 1]) for i, is_twice in enumerate(twice)], True
    if len(steps) == 1:
        return [int(i >= steps[0]) for i in range(len(naive))], True
    if steps:
        return [default] * len(naive), False
    return _by_neighbours(naive, twice, default)


def _all_doubled(naive: Sequence[int], twice: Sequence[bool]) -> bool:
    """Whether the times of the hour alone stand there twice: a file that repeats its rows does so anywhere."""
    shown = Counter(zip(naive, twice, strict=True))
    inside, outside = ({count for (_, is_twice), count in shown.items() if is_twice is side} for side in (True, False))
    return inside == {2} and outside == {1}


def _by_neighbours(naive: Sequence[int], twice: Sequence[bool], default: int) -> tuple[list[int], bool]:
    """One pass through the hour: it belongs to the side that it joins more closely."""
    first, last = twice.index(True), len(twice) - 1 - twice[::-1].index(True)
    if first == 0 or last == len(naive) - 1:
        return [default] * len(naive), False
    before, after = naive[first] - naive[first - 1], naive[last + 1] - naive[last]
    if min(before, after) > NEAR_S or before == after:
        return [default] * len(naive), False
    return [int(after < before)] * len(naive), True
