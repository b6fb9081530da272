"""Nights after a session beside other nights: medians with the middle half, and which nights had a low."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from glucolog.core.wording import report as wording
from glucolog.plots import draw, theme, words
from glucolog.plots.aligned import Quartiles
from glucolog.plots.draw import Figure, Piece
from glucolog.plots.table import Table
from glucolog.plots.theme import Ink, Scale

TITLE = "Nights after sessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One night, named by the day it began. `lowest_mg_dl` is its lowest sensor reading; `low` when it had a low."""

    day: date
    after_session: bool
    lowest_mg_dl: float
    low: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OvernightData:
    """What the figure shows. The quartiles' minutes count from local midnight (negative: the evening before)."""

    scale: Scale
    nights: tuple[Night, ...] = ()
    after_sessions: Quartiles | None = None
    other: Quartiles | None = None
    unassessed: str | None = None


def figure(data: OvernightData) -> Figure:
    """Return both medians with their middle halves over the night, and below them each night's lowest reading."""
    spreads = [each for each in (data.other, data.after_sessions) if each is not None]
    if not spreads:
        return draw.empty(data.unassessed or wording.NO_OVERNIGHT)
    pieces = [
        *_spread(data.other, "other nights", theme.CONTROL, theme.CONTROL_SOFT, "dash", data.scale),
        *_spread(data.after_sessions, "after a session", theme.TRACE, theme.TRACE_SOFT, "solid", data.scale),
        *_lowest(data),
    ]
    highest = data.scale.of_mg_dl(max(max(each.p75_mg_dl) for each in spreads))
    return draw.figure(
        pieces,
        x=_clock_axis(spreads),
        y=draw.glucose_axis(data.scale, highest, domain=[0.4, 1]),
        shapes=draw.glucose_bands(data.scale),
        height=640,
        more={"xaxis2": draw.date_axis(anchor="y2", fixedrange=True), "yaxis2": _lowest_axis(data)},
    )


def _clock_axis(spreads: list[Quartiles]) -> Piece:
    low, high = min(each.minutes[0] for each in spreads), max(each.minutes[-1] for each in spreads)
    ticks = tuple(float(each) for each in range(int(low // 120 * 120), int(high) + 1, 120))
    labels = [_clock(each) for each in ticks]
    return draw.numeric_axis("", theme.Axis(low=low, high=high, ticks=ticks), labels, fixedrange=True)


def _clock(minutes: float) -> str:
    return f"{int(minutes // 60) % 24:02d}:{int(minutes % 60):02d}"


def _spread(quartiles: Quartiles | None, name: str, ink: Ink, soft: Ink, dash: str, scale: Scale) -> Iterable[Piece]:
    if quartiles is None:
        return
    low, middle, high = (
        [scale.of_mg_dl(each) for each in column]
        for column in (quartiles.p25_mg_dl, quartiles.p50_mg_dl, quartiles.p75_mg_dl)
    )
    yield from draw.ribbon(quartiles.minutes, low, high, name, soft, shown=False)
    told = [
        f"{name}, {_clock(at)}<br>median {scale.words(mid)}" for at, mid in zip(quartiles.minutes, middle, strict=True)
    ]
    yield draw.path(quartiles.minutes, middle, f"{name} (n={quartiles.n})", ink, 3, dash, text=told)


def _lowest(data: OvernightData) -> Iterable[Piece]:
    for after, name, ink, symbol in (
        (False, "lowest, other nights", theme.CONTROL, "circle-open"),
        (True, "lowest, after a session", theme.TRACE, "triangle-down"),
    ):
        nights = [each for each in data.nights if each.after_session is after]
        yield draw.points(
            [each.day.isoformat() for each in nights], [data.scale.of_mg_dl(each.lowest_mg_dl) for each in nights],
            name, ink, symbol, 8, text=[_told(each, data.scale) for each in nights], xaxis="x2", yaxis="y2",
        )  # fmt: skip


def _lowest_axis(data: OvernightData) -> Piece:
    highest = max((data.scale.of_mg_dl(each.lowest_mg_dl) for each in data.nights), default=None)
    return draw.glucose_axis(data.scale, highest, domain=[0, 0.28], anchor="x2", title="lowest of the night")


def _told(night: Night, scale: Scale) -> str:
    low = "with a low" if night.low else "no low"
    return f"night of {words.day_words(night.day)}<br>lowest {scale.words(scale.of_mg_dl(night.lowest_mg_dl))}, {low}"


def table(data: OvernightData) -> Table:
    """Return a row a night."""
    return Table(
        caption=TITLE,
        head=("night of", "after a session", "lowest", "low"),
        rows=tuple(
            (words.day_words(each.day), "yes" if each.after_session else "no",
             data.scale.words(data.scale.of_mg_dl(each.lowest_mg_dl)), "yes" if each.low else "no")
            for each in data.nights
        ),
        note=wording.ASSOCIATION,
    )  # fmt: skip


def summary(data: OvernightData) -> str:
    """Return how many nights of each kind, and how many had a low."""
    if data.after_sessions is None and data.other is None:
        return data.unassessed or wording.NO_OVERNIGHT
    after = [each for each in data.nights if each.after_session]
    other = [each for each in data.nights if not each.after_session]
    return wording.OVERNIGHT_SUMMARY.format(
        n_after=len(after), n_other=len(other), n_low_after=sum(each.low for each in after),
        n_low_other=sum(each.low for each in other),
    )  # fmt: skip
