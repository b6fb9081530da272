"""Quartiles of glucose over windows laid over each other, and how they are drawn: a median with its middle half."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from glucolog.plots import draw
from glucolog.plots.draw import Piece
from glucolog.plots.lines import Column
from glucolog.plots.theme import Ink, Scale

STEP_MIN = 15
_FEWEST_WINDOWS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Quartiles:
    """Quartiles of glucose in mg/dL at each offset in minutes, over `n` sessions or windows."""

    n: int
    minutes: tuple[float, ...]
    p25_mg_dl: tuple[float, ...]
    p50_mg_dl: tuple[float, ...]
    p75_mg_dl: tuple[float, ...]


def quartiles_of(windows: Sequence[tuple[Column, Column]], offsets_min: Sequence[float]) -> Quartiles | None:
    """Return quartiles over windows of (minutes, mg/dL) at each offset that two windows or more have a reading near."""
    filled = [window for window in windows if window[0].size]
    table = np.array([nearest(minutes, mg_dl, offsets_min) for minutes, mg_dl in filled])
    if table.size == 0:
        return None
    enough = np.count_nonzero(np.isfinite(table), axis=0) >= _FEWEST_WINDOWS
    if not enough.any():
        return None
    low, middle, high = np.nanpercentile(table[:, enough], (25, 50, 75), axis=0).tolist()
    return Quartiles(
        n=len(filled), minutes=tuple(np.asarray(offsets_min, dtype=np.float64)[enough].tolist()),
        p25_mg_dl=tuple(low), p50_mg_dl=tuple(middle), p75_mg_dl=tuple(high),
    )  # fmt: skip


def nearest(minutes: Column, mg_dl: Column, offsets_min: Sequence[float]) -> Column:
    wanted = np.asarray(offsets_min, dtype=np.float64)
    after = np.clip(np.searchsorted(minutes, wanted), 0, minutes.size - 1)
    before = np.maximum(after - 1, 0)
    chosen = np.where(wanted - minutes[before] <= np.abs(minutes[after] - wanted), before, after)
    near = np.abs(minutes[chosen] - wanted) <= STEP_MIN / 2
    return np.where(near, mg_dl[chosen], np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a median and its middle half are drawn, and what they are of."""

    name: str
    ink: Ink
    soft: Ink
    dash: str


def spread(quartiles: Quartiles | None, look: Look, scale: Scale, when: Callable[[float], str]) -> Iterable[Piece]:
    """Yield the middle half and, over it, the median; `when` writes an offset for the hover. Nothing for None."""
    if quartiles is None:
        return
    low, middle, high = (
        [scale.of_mg_dl(each) for each in column]
        for column in (quartiles.p25_mg_dl, quartiles.p50_mg_dl, quartiles.p75_mg_dl)
    )
    yield from draw.ribbon(quartiles.minutes, low, high, look.name, look.soft, shown=False)
    told = [
        f"{look.name}, {when(at)}<br>median {scale.words(mid)}<br>middle half {scale.words(below)} to "
        f"{scale.words(above)}"
        for at, below, mid, above in zip(quartiles.minutes, low, middle, high, strict=True)
    ]
    yield draw.path(
        quartiles.minutes, middle, f"median {look.name} (n={quartiles.n:,})", look.ink, 3, look.dash, text=told
    )
