"""Every reading over days to a year, with the sessions. Nothing is thinned; the page draws what each pixel can show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from glucolog.core.columns import Trace
from glucolog.core.findings import Finding
from glucolog.core.moments import Moment
from glucolog.core.records import Session
from glucolog.core.units import Source, Unit, format_amount
from glucolog.core.wording import report as wording
from glucolog.plots import draw, lines, theme, words
from glucolog.plots.draw import Figure, Piece
from glucolog.plots.table import Table, plain
from glucolog.plots.theme import Scale

TITLE = "Every reading"
_DATE_HOVER = "%{x|%a %-d %b %Y %H:%M}"
_ROOM_MS = 3_600_000.0
_DAY_MS, _EPOCH = 86_400_000, date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineData:
    """What the timeline shows: traces by source on the wall clock of `zone`, sessions, and (instant, finding) pairs."""

    scale: Scale
    zone: str
    traces: tuple[Trace, ...] = ()
    sessions: tuple[Session, ...] = ()
    findings: tuple[tuple[Moment, Finding], ...] = ()


def figure(data: TimelineData) -> Figure:
    """Return the readings with a range slider; x is the wall clock, so an hour that repeats is drawn twice over."""
    traces = [trace for trace in data.traces if len(trace)]
    if not traces:
        return draw.empty(wording.NO_TIMELINE)
    pieces = [piece for trace in traces for piece in _readings(trace, data)]
    amounts = np.concatenate([lines.amounts(trace, data.scale.unit) for trace in traces])
    return draw.figure(
        [*pieces, *_sessions(data), *_findings(data)],
        x=_date_axis(traces, data.zone),
        y=draw.glucose_axis(data.scale, float(amounts.max()), float(amounts.min())),
        shapes=draw.glucose_bands(data.scale),
        height=520,
        zoomable=True,
        more={
            "yaxis2": {"range": [0, 1], "overlaying": "y", "visible": False, "fixedrange": True},
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "itemclick": False,
                       "itemdoubleclick": False},
        },
    )  # fmt: skip


def _date_axis(traces: list[Trace], zone: str) -> Piece:
    first = min(lines.clock_ms_of(trace.moment(0), zone) for trace in traces) - _ROOM_MS
    last = max(lines.clock_ms_of(trace.moment(len(trace) - 1), zone) for trace in traces) + _ROOM_MS
    return draw.date_axis(range=[first, last], rangeslider={"visible": True, "thickness": 0.1, "range": [first, last]})


def _readings(trace: Trace, data: TimelineData) -> Iterable[Piece]:
    yield _line(trace, data) if trace.source is Source.CGM else _meter(trace, data)
    if beyond := lines.censored_words(trace, data.scale.unit):
        which = [index for index, _ in beyond]
        x = lines.clock_ms(np.array(trace.at_s, dtype=np.float64)[which], data.zone)
        told = [f"{told}<br>{words.when(trace.moment(index))}" for index, told in beyond]
        y = lines.amounts(trace, data.scale.unit)[which]
        yield draw.points(x, y, "LO or HI", theme.LOW, "triangle-down-open", 9, text=told)


def _line(trace: Trace, data: TimelineData) -> Piece:
    raw = lines.line(trace, data.scale)
    hover = f"%{{y}} {data.scale.unit}<br>{_DATE_HOVER}<extra></extra>"
    return draw.dense(lines.clock_ms(raw.at_s, data.zone), raw.amount, "sensor", theme.TRACE, hover)


def _meter(trace: Trace, data: TimelineData) -> Piece:
    told = [
        f"{lines.reading_words(trace, index, data.scale.unit)}<br>{words.when(trace.moment(index))}"
        for index in range(len(trace))
    ]
    at = lines.clock_ms(np.array(trace.at_s, dtype=np.float64), data.zone)
    return draw.points(at, lines.amounts(trace, data.scale.unit), "meter", theme.METER, "diamond", 8, text=told)


def _sessions(data: TimelineData) -> list[Piece]:
    if not data.sessions:
        return []
    told = [f"massage, {words.areas_words(each)}<br>{words.when(each.start)}" for each in data.sessions]
    x = [lines.clock_ms_of(each.start, data.zone) for each in data.sessions]
    return [draw.points(x, [0.04] * len(x), "massage", theme.MASSAGE, "triangle-up", 12, text=told, yaxis="y2")]


def _findings(data: TimelineData) -> list[Piece]:
    if not data.findings:
        return []
    told = [f"{finding.level}: {plain(finding.message)}<br>{words.when(at)}" for at, finding in data.findings]
    x = [lines.clock_ms_of(at, data.zone) for at, _ in data.findings]
    return [draw.points(x, [0.94] * len(x), "findings", theme.LOW, "x", 11, text=told, yaxis="y2")]


def table(data: TimelineData) -> Table:
    """Return a row a local day and source: how many readings, lowest, mean and highest."""
    return Table(
        caption=f"{TITLE}, by day",
        head=("day", "source", "readings", "lowest", "mean", "highest"),
        rows=tuple(row for trace in data.traces for row in _days(trace, data)),
        note="LO and HI count with the limit of their device.",
    )


def _days(trace: Trace, data: TimelineData) -> Iterable[tuple[str, ...]]:
    unit = data.scale.unit
    clock = lines.clock_ms(np.array(trace.at_s, dtype=np.float64), data.zone)
    day_of = np.floor(clock / _DAY_MS).astype(int)
    order = np.argsort(day_of, kind="stable")
    days, begins, counts = np.unique(day_of[order], return_index=True, return_counts=True)
    amounts = lines.amounts(trace, unit)[order]
    lowest, total, highest = (ufunc.reduceat(amounts, begins) for ufunc in (np.minimum, np.add, np.maximum))
    columns = (each.tolist() for each in (days, counts, lowest, total / counts, highest))
    for day, count, *spread in zip(*columns, strict=True):
        label = words.day_words(_EPOCH + timedelta(days=day))
        yield label, str(trace.source), str(count), *(_amount(each, unit) for each in spread)


def _amount(amount: float, unit: Unit) -> str:
    return f"{format_amount(amount, unit)} {unit}"


def summary(data: TimelineData) -> str:
    """Return how many readings from when to when, and how many sessions."""
    traces = [trace for trace in data.traces if len(trace)]
    if not traces:
        return wording.NO_TIMELINE
    first = min(trace.moment(0) for trace in traces)
    last = max(trace.moment(len(trace) - 1) for trace in traces)
    return wording.TIMELINE_SUMMARY.format(
        n=sum(len(trace) for trace in traces), since=words.day_words(first.local_day),
        until=words.day_words(last.local_day), n_sessions=len(data.sessions),
    )  # fmt: skip
