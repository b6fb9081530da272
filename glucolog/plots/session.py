"""One session from 2 h before its start to 6 h after: raw readings, the massage, insulin, carbs, IOB, findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from glucolog.core.change import SessionChange
from glucolog.core.columns import Trace
from glucolog.core.findings import Finding, Level
from glucolog.core.insulin import insulin_on_board
from glucolog.core.moments import Moment
from glucolog.core.pairing import PairedReadings
from glucolog.core.records import Carbs, Dose, Session
from glucolog.core.units import Source, format_glucose
from glucolog.core.wording import report as wording
from glucolog.plots import draw, lines, theme, words
from glucolog.plots.draw import Figure, Piece
from glucolog.plots.table import Table, joined, plain
from glucolog.plots.theme import Ink, Scale

TITLE = "One session"
BEFORE_MIN = -120.0
AFTER_MIN = 360.0
_SHOWN_MINUTES = 1.0
_IOB_STEP_MIN = 5
_STRIP_BOTTOM, _STRIP_TOP, _GLUCOSE_BOTTOM = 0.0, 0.17, 0.25
_MARGIN = "y3"
_MARGIN_AXIS = {
    "domain": [_GLUCOSE_BOTTOM, 1],
    "range": [0, 1],
    "overlaying": "y",
    "visible": False,
    "fixedrange": True,
}
_MARKS = {Level.INFO: "circle-open", Level.CAUTION: "diamond-open", Level.WARNING: "x", Level.URGENT: "star"}
_INKS = {Level.INFO: theme.QUIET, Level.CAUTION: theme.HIGH, Level.WARNING: theme.LOW, Level.URGENT: theme.VERY_LOW}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedFinding:
    """A finding and the instant it speaks of; None when it speaks of no one instant."""

    finding: Finding
    at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionData:
    """What the figure of one session shows.

    `traces` are stored readings by source around the session; readings outside −120…+360 min of its start are left
    out. `iob` is (instant, units), any step, by the model that `iob_model` names.
    """

    scale: Scale
    session: Session
    traces: tuple[Trace, ...]
    paired: PairedReadings
    change: SessionChange
    doses: tuple[Dose, ...] = ()
    carbs: tuple[Carbs, ...] = ()
    iob: tuple[tuple[Moment, float], ...] = ()
    iob_model: str = ""
    findings: tuple[PlacedFinding, ...] = ()


def placed(findings: Iterable[Finding], zone: str) -> tuple[PlacedFinding, ...]:
    """Place findings where the reading they speak of was taken; the rest have no instant."""
    return tuple(PlacedFinding(finding=finding, at=_instant(finding, zone)) for finding in findings)


def _instant(finding: Finding, zone: str) -> Moment | None:
    said = next(
        (value for key, value in finding.inputs.items() if key.endswith("_at") and isinstance(value, str)), None
    )
    return None if said is None else Moment.of(datetime.fromisoformat(said), zone)


def iob_strip(
    session: Session, doses: Iterable[Dose], *, child: bool = False
) -> tuple[tuple[tuple[Moment, float], ...], str]:
    """Return insulin on board every 5 min of the figure's span, and the names of the models behind it."""
    given = tuple(doses)
    moments = [
        session.start.plus(minutes=each) for each in np.arange(BEFORE_MIN, AFTER_MIN + 1, _IOB_STEP_MIN).tolist()
    ]
    onboard = [(at, insulin_on_board(given, at, child=child)) for at in moments]
    models = {model for _, each in onboard for model in each.models}
    strip = tuple((at, each.units) for at, each in onboard) if models else ()
    return strip, joined(sorted(models), "")


def figure(data: SessionData) -> Figure:
    """Return the session's figure; x is minutes from the start, ticked with local clock times."""
    traces = tuple(cut for cut in (_window(trace, data.session) for trace in data.traces) if len(cut))
    if not traces and data.paired.before is None and data.paired.after is None:
        return draw.empty(wording.NO_READINGS_AROUND)
    pieces = [piece for trace in traces for piece in _readings(trace, data)]
    pieces += [*_pair(data), *_doses(data), *_carbs(data), *_findings(data), *_iob(data)]
    shown = np.concatenate([lines.amounts(trace, data.scale.unit) for trace in traces]) if traces else np.array([])
    return draw.figure(
        pieces,
        x=_time_axis(data.session),
        y=draw.glucose_axis(
            data.scale, _highest(shown, data), float(shown.min()) if shown.size else None, domain=[_GLUCOSE_BOTTOM, 1]
        ),
        shapes=[*draw.glucose_bands(data.scale), _massage(data.session)],
        notes=[draw.note("massage", _middle(data.session), 1, theme.MASSAGE, yref="paper", yanchor="bottom")],
        height=560,
        more={"yaxis2": _strip_axis(data), "yaxis3": _MARGIN_AXIS},
    )


def _window(trace: Trace, session: Session) -> Trace:
    start = session.start.epoch_s
    inside = [
        index for index, at_s in enumerate(trace.at_s)
        if start + BEFORE_MIN * 60 <= at_s <= start + AFTER_MIN * 60
    ]  # fmt: skip
    first, stop = (inside[0], inside[-1] + 1) if inside else (0, 0)
    return Trace(
        source=trace.source, zone=trace.zone, at_s=trace.at_s[first:stop], amount=trace.amount[first:stop],
        is_mmol_l=trace.is_mmol_l[first:stop], censored=trace.censored[first:stop],
    )  # fmt: skip


def _minutes(at_s: lines.Column, session: Session) -> list[float]:
    return [float(each) for each in (at_s - session.start.epoch_s) / 60]


def _readings(trace: Trace, data: SessionData) -> list[Piece]:
    unit, session = data.scale.unit, data.session
    told = [_told(trace, index, data) for index in range(len(trace))]
    minutes = _minutes(np.array(trace.at_s, dtype=np.float64), session)
    symbols = ["triangle-down-open" if trace.censored[index] else None for index in range(len(trace))]
    meter = trace.source is Source.METER
    shape = "diamond" if meter else "circle"
    marks = draw.points(
        minutes, [float(each) for each in lines.amounts(trace, unit)], "meter" if meter else "sensor",
        theme.METER if meter else theme.TRACE, size=10 if meter else 5, text=told,
        marker={"symbol": [symbol or shape for symbol in symbols]},
    )  # fmt: skip
    if meter:
        return [marks]
    course = lines.line(trace, data.scale)
    y = [None if np.isnan(each) else float(each) for each in course.amount]
    under = draw.path(_minutes(course.at_s, session), y, "", theme.TRACE, 1.5, showlegend=False, hoverinfo="skip")
    return [under, marks]


def _told(trace: Trace, index: int, data: SessionData) -> str:
    at = trace.moment(index)
    offset = words.from_start(at.minutes_since(data.session.start))
    return f"{lines.reading_words(trace, index, data.scale.unit)}<br>{words.clock(at)}, {offset}"


def _pair(data: SessionData) -> list[Piece]:
    named = [
        (name, reading) for name, reading in (("before", data.paired.before), ("after", data.paired.after)) if reading
    ]
    if not named:
        return []
    return [
        draw.points(
            [reading.at.minutes_since(data.session.start) for _, reading in named],
            [data.scale.amount(reading.glucose) for _, reading in named],
            "before, after", theme.MASSAGE, "circle-open", 16, marker={"line": {"width": 2.5}},
            text=[f"{name}: {format_glucose(reading.glucose, data.scale.unit)}" for name, reading in named],
        )
    ]  # fmt: skip


def _within(at: Moment, session: Session) -> bool:
    return BEFORE_MIN <= at.minutes_since(session.start) <= AFTER_MIN


def _doses(data: SessionData) -> list[Piece]:
    doses = [dose for dose in data.doses if _within(dose.at, data.session)]
    told = [f"{plain(words.dose_words(dose))}<br>{words.clock(dose.at)}" for dose in doses]
    return _events([dose.at for dose in doses], told, "insulin", theme.INSULIN, "triangle-down", 0.03, data)


def _carbs(data: SessionData) -> list[Piece]:
    eaten = [carbs for carbs in data.carbs if _within(carbs.at, data.session)]
    told = [
        f"{carbs.grams:g} g carbohydrate{' for a low' if carbs.treatment else ''}<br>{words.clock(carbs.at)}"
        for carbs in eaten
    ]
    return _events([carbs.at for carbs in eaten], told, "carbohydrate", theme.CARBS, "square", 0.08, data)


def _events(
    moments: Iterable[Moment], told: list[str], name: str, ink: Ink, symbol: str, up: float, data: SessionData
) -> list[Piece]:
    x = [at.minutes_since(data.session.start) for at in moments]
    return [draw.points(x, [up] * len(x), name, ink, symbol, 12, text=told, yaxis=_MARGIN)] if x else []


def _findings(data: SessionData) -> list[Piece]:
    placed = [(each.finding, each.at) for each in data.findings if each.at and _within(each.at, data.session)]
    if not placed:
        return []
    marker = {
        "symbol": [_MARKS[finding.level] for finding, _ in placed],
        "color": [_INKS[finding.level].light for finding, _ in placed],
        "line": {"width": 2, "color": [_INKS[finding.level].light for finding, _ in placed]},
    }
    told = [f"{finding.level}: {plain(finding.message)}" for finding, _ in placed]
    x = [at.minutes_since(data.session.start) for _, at in placed]
    return [draw.points(x, [0.9] * len(x), "findings", theme.LOW, size=13, text=told, marker=marker, yaxis=_MARGIN)]


def _iob(data: SessionData) -> list[Piece]:
    if not data.iob:
        return []
    x = [at.minutes_since(data.session.start) for at, _ in data.iob]
    units = [float(units) for _, units in data.iob]
    told = [f"{amount:.1f} U on board (estimate)<br>{words.clock(at)}" for at, amount in data.iob]
    return [
        draw.path(x, units, "insulin on board", theme.INSULIN, text=told, yaxis="y2", fill="tozeroy",
                  fillcolor=theme.INSULIN_SOFT.light)
    ]  # fmt: skip


def _strip_axis(data: SessionData) -> Piece:
    top = max((units for _, units in data.iob), default=1.0)
    return draw.numeric_axis(
        "IOB, U", theme.round_axis(0, max(top, 1.0), 2), domain=[_STRIP_BOTTOM, _STRIP_TOP], fixedrange=True,
        visible=bool(data.iob), anchor="x",
    )  # fmt: skip


def _time_axis(session: Session) -> Piece:
    ticks = [float(each) for each in range(int(BEFORE_MIN), int(AFTER_MIN) + 1, 120)]
    labels = [f"{_hours(each)}<br>{words.clock(session.start.plus(minutes=each))}" for each in ticks]
    spec = theme.Axis(low=BEFORE_MIN - 5, high=AFTER_MIN + 5, ticks=tuple(ticks))
    return draw.numeric_axis("", spec, labels, anchor="y2", fixedrange=True)


def _hours(minutes: float) -> str:
    hours = round(minutes / 60)
    return "start" if hours == 0 else f"{'+' if hours > 0 else '−'}{abs(hours)} h"


def _length(session: Session) -> float:
    return max(session.minutes if session.minutes is not None else 0.0, _SHOWN_MINUTES)


def _middle(session: Session) -> float:
    return _length(session) / 2


def _massage(session: Session) -> Piece:
    return draw.strip(0, _length(session), theme.MASSAGE_SOFT)


def _highest(shown: lines.Column, data: SessionData) -> float | None:
    paired = [data.scale.amount(reading.glucose) for reading in (data.paired.before, data.paired.after) if reading]
    return max([*paired, *([float(shown.max())] if shown.size else [])], default=None)


def table(data: SessionData) -> Table:
    """Return everything the figure shows as rows in time order: when, what, and in which words."""
    rows = sorted([*_reading_rows(data), *_event_rows(data)], key=lambda row: row[0])
    return Table(
        caption=f"{TITLE}, {words.when(data.session.start)}",
        head=("time", "what", "value"),
        rows=tuple((words.clock(at), what, value) for at, what, value in rows),
        note=wording.IOB_CAVEAT.format(model=data.iob_model) if data.iob else None,
    )


def _reading_rows(data: SessionData) -> Iterable[tuple[Moment, str, str]]:
    for trace in data.traces:
        cut = _window(trace, data.session)
        for index in range(len(cut)):
            yield cut.moment(index), str(cut.source), lines.reading_words(cut, index, data.scale.unit)


def _event_rows(data: SessionData) -> Iterable[tuple[Moment, str, str]]:
    session = data.session
    yield session.start, "massage", "start"
    if session.end is not None:
        yield session.end, "massage", "end"
    yield from ((dose.at, "insulin", words.dose_words(dose)) for dose in data.doses if _within(dose.at, session))
    yield from ((eaten.at, "carbohydrate", f"{eaten.grams:g} g") for eaten in data.carbs if _within(eaten.at, session))
    for each in data.findings:
        yield each.at or session.start, f"finding, {each.finding.level}", each.finding.message


def summary(data: SessionData) -> str:
    """Return the session in one sentence: when, how long, where, and the pair or why there is none."""
    minutes = data.session.minutes
    return wording.SESSION_SUMMARY.format(
        when=words.when(data.session.start), minutes="?" if minutes is None else f"{minutes:.0f}",
        areas=words.areas_words(data.session), change=words.change_words(data.paired, data.change, data.scale),
    )  # fmt: skip
