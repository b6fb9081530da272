"""Every session laid over its start, median and quartiles, with similar times without massage beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from glucolog.core.wording import report as wording
from glucolog.plots import draw, theme, words
from glucolog.plots.draw import Figure, Piece
from glucolog.plots.table import Table, plain
from glucolog.plots.theme import Ink, Scale

TITLE = "All sessions from their start"
_TABLE_STEP_MIN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One session's sensor readings: minutes from its start, and mg/dL; None breaks the line."""

    label: str
    minutes: tuple[float, ...]
    mg_dl: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quartiles:
    """Quartiles of glucose in mg/dL at each offset in minutes, over `n` sessions or windows."""

    n: int
    minutes: tuple[float, ...]
    p25_mg_dl: tuple[float, ...]
    p50_mg_dl: tuple[float, ...]
    p75_mg_dl: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedData:
    """What the aligned figure shows. `massage` is None when there are no curves; `refused` says why no controls."""

    scale: Scale
    curves: tuple[Curve, ...] = ()
    massage: Quartiles | None = None
    control: Quartiles | None = None
    median_minutes: float | None = None
    refused: str | None = None


def figure(data: AlignedData) -> Figure:
    """Return thin curves of the sessions, their median and middle half, and the same of the control windows."""
    if data.massage is None or not data.curves:
        return draw.empty(wording.NO_ALIGNED)
    pieces = [
        *_threads(data),
        *_spread(data, data.control, "without massage", theme.CONTROL, theme.CONTROL_SOFT, "dash"),
    ]
    pieces += _spread(data, data.massage, "after sessions", theme.TRACE, theme.TRACE_SOFT, "solid")
    highest = max(each for curve in data.curves for each in curve.mg_dl if each is not None)
    lowest = min(each for curve in data.curves for each in curve.mg_dl if each is not None)
    to_unit = data.scale.of_mg_dl
    band = [draw.strip(0, data.median_minutes, theme.MASSAGE_SOFT)] if data.median_minutes else []
    return draw.figure(
        pieces,
        x=_offset_axis(data),
        y=draw.glucose_axis(data.scale, to_unit(highest), to_unit(lowest)),
        shapes=[*draw.glucose_bands(data.scale), *band, draw.upright(0, theme.MASSAGE)],
    )


def _offset_axis(data: AlignedData) -> Piece:
    curves = [curve for curve in data.curves if curve.minutes]
    first = min(curve.minutes[0] for curve in curves) // 60 * 60
    last = -(-max(curve.minutes[-1] for curve in curves) // 60) * 60
    ticks = tuple(float(each) for each in range(int(first), int(last) + 1, 60))
    labels = [f"{'+' if each > 0 else '−' if each < 0 else ''}{abs(each) / 60:g}" for each in ticks]
    return draw.numeric_axis(
        "hours from the start", theme.Axis(low=first, high=last, ticks=ticks), labels, fixedrange=True
    )


def _threads(data: AlignedData) -> list[Piece]:
    return [
        draw.path(
            *_broken(curve, data.scale),
            "each session", theme.TRACE_THREAD, 1, hoverinfo="text", text=plain(curve.label),
            hovertemplate="%{text}<extra></extra>", legendgroup="threads", showlegend=index == 0,
        )
        for index, curve in enumerate(data.curves)
    ]  # fmt: skip


def _broken(curve: Curve, scale: Scale) -> tuple[list[float], list[float | None]]:
    steps = [later - earlier for earlier, later in pairwise(curve.minutes)]
    limit = theme.GAP_GRIDS * median(steps) if steps else 0.0
    x: list[float] = []
    y: list[float | None] = []
    for at, mg_dl in zip(curve.minutes, curve.mg_dl, strict=True):
        if x and at - x[-1] > limit:
            x, y = [*x, at], [*y, None]
        x, y = [*x, at], [*y, None if mg_dl is None else scale.of_mg_dl(mg_dl)]
    return x, y


def _spread(
    data: AlignedData, quartiles: Quartiles | None, name: str, ink: Ink, soft: Ink, dash: str
) -> Iterable[Piece]:
    if quartiles is None:
        return
    low, middle, high = (
        [data.scale.of_mg_dl(each) for each in column]
        for column in (quartiles.p25_mg_dl, quartiles.p50_mg_dl, quartiles.p75_mg_dl)
    )
    yield from draw.ribbon(quartiles.minutes, low, high, name, soft, shown=False)
    told = [
        f"{name}, {words.from_start(at)}<br>median {data.scale.words(mid)}<br>middle half {data.scale.words(below)} to "
        f"{data.scale.words(above)}"
        for at, below, mid, above in zip(quartiles.minutes, low, middle, high, strict=True)
    ]
    yield draw.path(quartiles.minutes, middle, f"median {name} (n={quartiles.n})", ink, 3, dash, text=told)


def table(data: AlignedData) -> Table:
    """Return the medians and middle halves every 30 minutes, with and without massage."""
    massage, control = _by_offset(data.massage, data.scale), _by_offset(data.control, data.scale)
    offsets = sorted(at for at in {*massage, *control} if at % _TABLE_STEP_MIN == 0)
    return Table(
        caption=TITLE,
        head=("time", "after sessions: median (middle half)", "without massage: median (middle half)"),
        rows=tuple((words.from_start(at), massage.get(at, "–"), control.get(at, "–")) for at in offsets),
        note=data.refused,
    )


def _by_offset(quartiles: Quartiles | None, scale: Scale) -> dict[float, str]:
    if quartiles is None:
        return {}
    columns = (quartiles.minutes, quartiles.p25_mg_dl, quartiles.p50_mg_dl, quartiles.p75_mg_dl)
    return {
        at: f"{scale.words(scale.of_mg_dl(mid))} ({scale.words(scale.of_mg_dl(low))} to "
        f"{scale.words(scale.of_mg_dl(high))})"
        for at, low, mid, high in zip(*columns, strict=True)
    }


def summary(data: AlignedData) -> str:
    """Return what is laid over what, and how many control windows stand beside it or why none."""
    if data.massage is None or not data.curves:
        return wording.NO_ALIGNED
    beside = wording.ALIGNED_CONTROL.format(n=data.control.n) if data.control else data.refused or ""
    return f"{wording.ALIGNED_SUMMARY.format(n=data.massage.n)} {beside}".strip()
