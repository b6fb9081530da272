"""Every session laid over its start, median and quartiles, with similar times without massage beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from glucolog.analysis.trace import GlucoseArrays, glucose_arrays
from glucolog.core.columns import Trace
from glucolog.core.records import Session
from glucolog.core.units import Source
from glucolog.core.wording import report as wording
from glucolog.plots import draw, theme, words
from glucolog.plots.draw import Figure, Piece
from glucolog.plots.lines import Column
from glucolog.plots.quartiles import STEP_MIN, Look, Quartiles, nearest, quartiles_of, spread
from glucolog.plots.table import Table, plain
from glucolog.plots.theme import Scale

TITLE = "All sessions from their start"
_TABLE_STEP_MIN = 30
_THREADS_APART, _PALEST = 90, 0.25
"""So many sessions can be told apart; a cloud of more gets paler, down to this opacity."""
_WITHOUT = Look(name="without massage", ink=theme.CONTROL, soft=theme.CONTROL_SOFT, dash="dash")
_AFTER = Look(name="after sessions", ink=theme.TRACE, soft=theme.TRACE_SOFT, dash="solid")
OFFSETS_MIN = tuple(float(each) for each in range(-60, 361, STEP_MIN))
"""Where quartiles are taken, in minutes from the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One session's sensor readings: minutes from its start, and mg/dL; None breaks the line."""

    label: str
    minutes: tuple[float, ...]
    mg_dl: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedData:
    """What the aligned figure shows. `massage` is None when there are no curves; `refused` says why no controls."""

    scale: Scale
    curves: tuple[Curve, ...] = ()
    massage: Quartiles | None = None
    control: Quartiles | None = None
    median_minutes: float | None = None
    refused: str | None = None


def from_traces(
    traces: Iterable[Trace], sessions: Iterable[Session], scale: Scale, control_starts_s: Sequence[int] = ()
) -> AlignedData:
    """Lay raw sensor readings from −60 to +360 min over each session's start, and quartiles every 15 min.

    A window gives its reading nearest to an offset, at most 7.5 min away, or none; quartiles (type 7) need two windows
    or more. `control_starts_s` are UTC seconds of matched times without massage.
    """
    worn = [trace for trace in traces if trace.source is Source.CGM and len(trace)]
    if not worn:
        return AlignedData(scale=scale)
    sensor = glucose_arrays(*worn)
    known = sorted(sessions, key=lambda session: session.start)
    drawn = [(session, _window(sensor, session.start.epoch_s)) for session in known]
    kept = [(session, minutes, mg_dl) for session, (minutes, mg_dl) in drawn if minutes.size]
    lengths = [session.minutes for session, *_ in kept if session.minutes is not None]
    return AlignedData(
        scale=scale,
        curves=tuple(
            Curve(label=words.when(session.start), minutes=tuple(minutes.tolist()), mg_dl=tuple(mg_dl.tolist()))
            for session, minutes, mg_dl in kept
        ),
        massage=quartiles_of([(minutes, mg_dl) for _, minutes, mg_dl in kept], OFFSETS_MIN),
        control=quartiles_of([_window(sensor, at) for at in control_starts_s], OFFSETS_MIN),
        median_minutes=median(lengths) if lengths else None,
    )


def _window(sensor: GlucoseArrays, start_s: int) -> tuple[Column, Column]:
    begin_s, end_s = (start_s + int(offset_min) * 60 for offset_min in (OFFSETS_MIN[0], OFFSETS_MIN[-1]))
    first = np.searchsorted(sensor.at_s, begin_s, side="left")  # whole seconds: a float would copy every reading
    last = np.searchsorted(sensor.at_s, end_s, side="right")
    minutes = np.asarray((sensor.at_s[first:last] - start_s) / 60, dtype=np.float64)
    return minutes, sensor.mg_dl[first:last]


def figure(data: AlignedData) -> Figure:
    """Return thin curves of the sessions, their median and middle half, and the same of the control windows."""
    if not data.curves:
        return draw.empty(wording.NO_ALIGNED)
    pieces = [
        *_threads(data),
        *spread(data.control, _WITHOUT, data.scale, words.from_start),
        *spread(data.massage, _AFTER, data.scale, words.from_start),
    ]
    shown = [each for curve in data.curves for each in known_mg_dl(curve)]
    to_unit = data.scale.of_mg_dl
    band = [draw.strip(0, data.median_minutes, theme.MASSAGE_SOFT)] if data.median_minutes else []
    return draw.figure(
        pieces,
        x=_offset_axis(data),
        y=draw.glucose_axis(data.scale, to_unit(max(shown)), to_unit(min(shown))),
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
    """All curves as one piece, broken between sessions: a piece each would take a ten-year log minutes to draw.

    The more there are, the paler is their cloud as a whole, so that the medians stand out from it.
    """
    opacity = max(_PALEST, min(1.0, _THREADS_APART / len(data.curves)))
    ink, width = (theme.TRACE_THREAD, 1) if data.massage else (theme.TRACE, 2)
    x: list[float | None] = []
    y: list[float | None] = []
    told: list[str] = []
    for curve in data.curves:
        minutes, amounts = _broken(curve, data.scale)
        x += [*minutes, None]
        y += [*amounts, None]
        told += [plain(curve.label)] * (len(minutes) + 1)
    return [draw.path(x, y, "each session", ink, width, text=told, opacity=opacity)]


def known_mg_dl(curve: Curve) -> list[float]:
    """Return the readings of a curve without its breaks."""
    return [each for each in curve.mg_dl if each is not None]


def unbroken(curve: Curve, scale: Scale) -> Iterable[list[tuple[float, float]]]:
    """Yield the stretches of a curve without a gap, as (minutes, amount in the person's unit)."""
    stretch: list[tuple[float, float]] = []
    for at, amount in zip(*_broken(curve, scale), strict=True):
        if amount is None:
            yield stretch
            stretch = []
        else:
            stretch.append((at, amount))
    yield stretch


def _broken(curve: Curve, scale: Scale) -> tuple[list[float], list[float | None]]:
    steps = [later - earlier for earlier, later in pairwise(curve.minutes)]
    limit = theme.GAP_GRIDS * median(steps) if steps else 0.0
    x: list[float] = []
    y: list[float | None] = []
    for at, mg_dl in zip(curve.minutes, curve.mg_dl, strict=True):
        if x and at - x[-1] > limit:
            x.append(at)
            y.append(None)
        x.append(at)
        y.append(None if mg_dl is None else scale.of_mg_dl(mg_dl))
    return x, y


def table(data: AlignedData) -> Table:
    """Return the medians and middle halves every 30 minutes, with and without massage."""
    if data.massage is None and data.curves:
        return _readings_table(data)
    massage, control = _by_offset(data.massage, data.scale), _by_offset(data.control, data.scale)
    offsets = sorted(at for at in {*massage, *control} if at % _TABLE_STEP_MIN == 0)
    return Table(
        caption=TITLE,
        head=("time", "after sessions: median (middle half)", "without massage: median (middle half)"),
        rows=tuple((words.from_start(at), massage.get(at, "–"), control.get(at, "–")) for at in offsets),
        note=data.refused,
    )


def _readings_table(data: AlignedData) -> Table:
    """Return the reading nearest to each half hour of each session, where there is no median to tell."""
    offsets = tuple(at for at in OFFSETS_MIN if at % _TABLE_STEP_MIN == 0)
    near = [nearest(np.array(each.minutes), np.array(each.mg_dl, dtype=np.float64), offsets) for each in data.curves]
    return Table(
        caption=TITLE,
        head=("time", *(curve.label for curve in data.curves)),
        rows=tuple(
            (words.from_start(at), *(_told(float(column[row]), data.scale) for column in near))
            for row, at in enumerate(offsets)
        ),
        note=data.refused,
    )


def _told(mg_dl: float, scale: Scale) -> str:
    return "–" if np.isnan(mg_dl) else scale.words(scale.of_mg_dl(mg_dl))


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
    if not data.curves:
        return wording.NO_ALIGNED
    if data.massage is None:
        return words.counted(len(data.curves), wording.ALIGNED_FEW)
    beside = wording.ALIGNED_CONTROL.format(n=data.control.n) if data.control else data.refused or ""
    return f"{wording.ALIGNED_SUMMARY.format(n=data.massage.n)} {beside}".strip()
