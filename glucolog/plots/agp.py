"""The usual day: percentiles of sensor glucose by time of day, with the times when massages began."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from glucolog.analysis.agp import AmbulatoryProfile
from glucolog.core.findings import Unassessed
from glucolog.core.moments import Moment
from glucolog.core.wording import report as wording
from glucolog.plots import draw, theme
from glucolog.plots.draw import Figure, Piece
from glucolog.plots.table import Table
from glucolog.plots.theme import Scale

TITLE = "The usual day (AGP)"
STARTS_MIN = 15
STARTS_HEIGHT = 0.06
"""The tallest bar at the foot, as a share of the chart's height."""
_DAY_MIN = 1440
_TABLE_STEP_MIN = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class AgpData:
    """Percentiles in mg/dL at each minute of the local day (ascending, 0 ≤ minute < 1440), over `n_days` days.

    `session_minutes` are the local minutes of the day at which massages began. `thin` is true when there are fewer
    than 14 days or less than 70 % of readings. Without readings the columns are empty and `unassessed` says why.
    """

    scale: Scale
    n_days: int = 0
    minute_of_day: tuple[float, ...] = ()
    p5_mg_dl: tuple[float, ...] = ()
    p25_mg_dl: tuple[float, ...] = ()
    p50_mg_dl: tuple[float, ...] = ()
    p75_mg_dl: tuple[float, ...] = ()
    p95_mg_dl: tuple[float, ...] = ()
    session_minutes: tuple[float, ...] = ()
    thin: bool = False
    unassessed: str | None = None


def from_profile(profile: AmbulatoryProfile | Unassessed, scale: Scale, starts: Iterable[Moment] = ()) -> AgpData:
    """Return the data of a computed profile; `starts` are the sessions' starts."""
    if isinstance(profile, Unassessed):
        return AgpData(scale=scale, unassessed=profile.reason)
    p5, p25, p50, p75, p95 = (tuple(row) for row in profile.mg_dl.tolist())
    return AgpData(
        scale=scale, n_days=profile.days, minute_of_day=tuple(profile.minute.tolist()), p5_mg_dl=p5, p25_mg_dl=p25,
        p50_mg_dl=p50, p75_mg_dl=p75, p95_mg_dl=p95, thin=profile.flag is not None,
        session_minutes=tuple(float(at.local.hour * 60 + at.local.minute) for at in starts),
    )  # fmt: skip


def figure(data: AgpData) -> Figure:
    """Return median, middle half and 5th to 95th percentile over the day, with ticks where massages began."""
    if not data.minute_of_day:
        return draw.empty(data.unassessed or wording.NO_AGP)
    scale = data.scale
    pieces = [piece for stretch in stretches(data.minute_of_day) for piece in _stretch(stretch, data)]
    return draw.figure(
        [*pieces, *_starts(data)],
        x=_clock_axis(),
        y=draw.glucose_axis(scale, scale.of_mg_dl(max(data.p95_mg_dl)), scale.of_mg_dl(min(data.p5_mg_dl))),
        shapes=draw.glucose_bands(data.scale),
        more={"yaxis2": {"range": [0, 1], "overlaying": "y", "visible": False, "fixedrange": True}},
    )


def stretches(minutes: tuple[float, ...]) -> list[slice]:
    """Return the slices without a hole: bins further apart than 1.5 of their usual step are never joined."""
    steps = [later - earlier for earlier, later in pairwise(minutes)]
    limit = theme.GAP_GRIDS * min(steps, default=0.0)
    edges = [0, *(index + 1 for index, step in enumerate(steps) if step > limit), len(minutes)]
    return [slice(first, stop) for first, stop in pairwise(edges)]


def _stretch(stretch: slice, data: AgpData) -> list[Piece]:
    minutes, first = data.minute_of_day[stretch], stretch.start == 0
    p5, p25, p50, p75, p95 = (_in_unit(column[stretch], data.scale) for column in _columns(data))
    return [
        *draw.ribbon(minutes, p5, p95, "5th to 95th percentile", theme.TRACE_FAINT, shown=first),
        *draw.ribbon(minutes, p25, p75, "middle half", theme.TRACE_SOFT, shown=first),
        draw.path(minutes, p50, "median", theme.TRACE, 3, text=_told(data)[stretch], showlegend=first),
    ]


def _columns(data: AgpData) -> tuple[tuple[float, ...], ...]:
    return data.p5_mg_dl, data.p25_mg_dl, data.p50_mg_dl, data.p75_mg_dl, data.p95_mg_dl


def _in_unit(column: tuple[float, ...], scale: Scale) -> list[float]:
    return [scale.of_mg_dl(each) for each in column]


def _clock_axis() -> Piece:
    ticks = tuple(float(each) for each in range(0, _DAY_MIN + 1, 240))
    labels = [_clock(each) for each in ticks]
    return draw.numeric_axis("time of day", theme.Axis(low=0, high=_DAY_MIN, ticks=ticks), labels, fixedrange=True)


def _clock(minute: float) -> str:
    return f"{int(minute) // 60:02d}:{int(minute) % 60:02d}"


def _told(data: AgpData) -> list[str]:
    columns = zip(data.minute_of_day, *_columns(data), strict=True)
    return [_hover(at, tuple(data.scale.of_mg_dl(each) for each in row), data.scale) for at, *row in columns]


def _hover(at: float, row: tuple[float, ...], scale: Scale) -> str:
    p5, p25, p50, p75, p95 = (scale.words(each) for each in row)
    return f"{_clock(at)}<br>median {p50}<br>middle half {p25} to {p75}<br>5th to 95th {p5} to {p95}"


def starts(data: AgpData) -> list[tuple[float, int]]:
    """Return each quarter of an hour in which massages began, by its first minute, and how many did."""
    counted = Counter(minute // STARTS_MIN * STARTS_MIN for minute in data.session_minutes)
    return sorted(counted.items())


def _starts(data: AgpData) -> list[Piece]:
    counted = starts(data)
    if not counted:
        return []
    most = max(count for _, count in counted)
    told = [f"{_clock(at)} to {_clock(at + STARTS_MIN)}<br>massages began: {count}" for at, count in counted]
    return [
        {
            "type": "bar", "x": [at + STARTS_MIN / 2 for at, _ in counted], "width": STARTS_MIN * 0.8,
            "y": [STARTS_HEIGHT * count / most for _, count in counted], "yaxis": "y2",
            "name": f"massages began ({len(data.session_minutes):,})", "text": told, "textposition": "none",
            "hovertemplate": draw.HOVER_ONLY, "marker": {"color": theme.MASSAGE.light, "line": {"width": 0}},
        }
    ]  # fmt: skip


def table(data: AgpData) -> Table:
    """Return the percentiles every two hours."""
    rows = zip(data.minute_of_day, *_columns(data), strict=True)
    return Table(
        caption=TITLE,
        head=("time", "5th percentile", "25th", "median", "75th", "95th"),
        rows=tuple(
            (_clock(at), *(data.scale.words(data.scale.of_mg_dl(each)) for each in row))
            for at, *row in rows
            if at % _TABLE_STEP_MIN == 0
        ),
        note=wording.AGP_THIN if data.thin else None,
    )


def summary(data: AgpData) -> str:
    """Return what the bands are and from how many days, with a warning when they are few."""
    if not data.minute_of_day:
        return data.unassessed or wording.NO_AGP
    thin = f" {wording.AGP_THIN}" if data.thin else ""
    return wording.AGP_SUMMARY.format(n_days=data.n_days) + thin
