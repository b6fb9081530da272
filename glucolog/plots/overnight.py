"""Nights after a session beside other nights: medians with the middle half, and which nights had a low."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from glucolog.analysis.trace import glucose_arrays
from glucolog.core.columns import Trace
from glucolog.core.evidence import EVENT_MIN, LEVEL_1, NIGHT_HOURS, REPORT_ACTIVE_PERCENT
from glucolog.core.lows import night_after
from glucolog.core.records import Session
from glucolog.core.units import Source
from glucolog.core.wording import report as wording
from glucolog.plots import draw, theme, words
from glucolog.plots.draw import Figure, Piece
from glucolog.plots.lines import Column
from glucolog.plots.quartiles import Look, Quartiles, quartiles_of, spread
from glucolog.plots.table import Table
from glucolog.plots.theme import Scale

TITLE = "Nights after sessions"
_OTHER = Look(name="other nights", ink=theme.CONTROL, soft=theme.CONTROL_SOFT, dash="dash")
_AFTER = Look(name="after a session", ink=theme.TRACE, soft=theme.TRACE_SOFT, dash="solid")
_NIGHT_MIN = (NIGHT_HOURS[1] - NIGHT_HOURS[0]) * 60
OFFSETS_MIN = tuple(float(each) for each in range(0, _NIGHT_MIN + 1, 15))
"""Where the quartiles of the nights are taken, in minutes from local midnight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One night, named by the day whose first hours it is: its lowest sensor reading, and whether it had a low."""

    day: date
    after_session: bool
    lowest_mg_dl: float
    low: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OvernightData:
    """What the figure shows. The quartiles' minutes count from local midnight."""

    scale: Scale
    nights: tuple[Night, ...] = ()
    after_sessions: Quartiles | None = None
    other: Quartiles | None = None
    unassessed: str | None = None


def from_traces(traces: Iterable[Trace], sessions: Iterable[Session], scale: Scale) -> OvernightData:
    """Return the nights (local 00:00 to 06:00) of sensor readings, those after a session beside the others.

    A night counts when 70 % of its time has readings; it has a low when 15 min or more of them are below 70 mg/dL.
    """
    after = {night_after(session.end or session.start)[0].local_day for session in sessions}
    worn = [trace for trace in traces if trace.source is Source.CGM and len(trace)]
    ordered = list(_nights(worn, after)) if worn else []
    curves = {flag: [each[1] for each in ordered if each[0].after_session is flag] for flag in (True, False)}
    return OvernightData(
        scale=scale, nights=tuple(night for night, _ in ordered),
        after_sessions=quartiles_of(curves[True], OFFSETS_MIN), other=quartiles_of(curves[False], OFFSETS_MIN),
    )  # fmt: skip


def _nights(worn: Sequence[Trace], after: set[date]) -> Iterable[tuple[Night, tuple[Column, Column]]]:
    glucose = glucose_arrays(*worn)
    minute, below = glucose.local_minute, glucose.below(LEVEL_1.pair)
    asleep = np.flatnonzero(minute < _NIGHT_MIN)
    asleep = asleep[np.argsort(glucose.local_day[asleep], kind="stable")]
    days, begins = np.unique(glucose.local_day[asleep], return_index=True)
    for number, mine in zip(days.tolist(), np.split(asleep, begins)[1:], strict=True):
        if float(glucose.interval_min[mine].sum()) < REPORT_ACTIVE_PERCENT.value / 100 * _NIGHT_MIN:
            continue
        day = date(1970, 1, 1) + timedelta(days=number)
        night = Night(
            day=day, after_session=day in after, lowest_mg_dl=float(glucose.mg_dl[mine].min()),
            low=float(glucose.interval_min[mine][below[mine]].sum()) >= EVENT_MIN.value,
        )  # fmt: skip
        yield night, (minute[mine], glucose.mg_dl[mine])


def figure(data: OvernightData) -> Figure:
    """Return both medians with their middle halves over the night, and below them each night's lowest reading."""
    spreads = [each for each in (data.other, data.after_sessions) if each is not None]
    if not spreads:
        return draw.empty(data.unassessed or wording.NO_OVERNIGHT)
    pieces = [
        *spread(data.other, _OTHER, data.scale, _clock),
        *spread(data.after_sessions, _AFTER, data.scale, _clock),
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
