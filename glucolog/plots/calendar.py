"""Days as a calendar: time below the range by shade, sessions by a mark, lows after them by another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from glucolog.analysis.summary import DaySummary, Summary
from glucolog.core import evidence
from glucolog.core.findings import Unassessed
from glucolog.core.records import Session
from glucolog.core.units import format_amount, in_unit, round_half_up
from glucolog.core.wording import report as wording
from glucolog.plots import draw, theme, words
from glucolog.plots.draw import Figure, Piece
from glucolog.plots.table import Table
from glucolog.plots.theme import Ink, Scale

TITLE = "Days"
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ROW_PX = 40
_MOST_WEEKS = 53
"""A longer time is drawn with its last weeks alone; the table has every day."""
_ASIDE = 0.17


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """One local day. `percent_below_70` is the share of its sensor readings below range, None without readings."""

    day: date
    percent_below_70: float | None = None
    n_readings: int = 0
    n_sessions: int = 0
    n_lows_after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarData:
    """What the calendar shows: its days, ascending; days that are left out are drawn as days without readings."""

    scale: Scale
    days: tuple[CalendarDay, ...] = ()


def from_days(
    per_day: Iterable[DaySummary], sessions: Iterable[Session], low_after: Iterable[Session], scale: Scale
) -> CalendarData:
    """Return the days of computed metrics and of sessions; `low_after` are the sessions with a low within 6 h."""
    shares = {each.day: each.summary for each in per_day}
    held = Counter(session.start.local_day for session in sessions)
    lows = Counter(session.start.local_day for session in low_after)
    known = sorted({*shares, *held})
    days = [known[0] + timedelta(days=each) for each in range((known[-1] - known[0]).days + 1)] if known else []
    return CalendarData(scale=scale, days=tuple(_day(day, shares.get(day), held[day], lows[day]) for day in days))


def _day(day: date, summary: Summary | None, sessions: int, lows: int) -> CalendarDay:
    shares = None if summary is None or isinstance(summary.shares, Unassessed) else summary.shares
    return CalendarDay(
        day=day, percent_below_70=shares.below_70_percent if shares else None, n_readings=summary.n if summary else 0,
        n_sessions=sessions, n_lows_after=lows,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shade:
    name: str
    ink: Ink
    symbol: str
    low: float
    high: float


_SHADES = (
    _Shade(name="none below {limit}", ink=theme.IN_RANGE, symbol="square-open", low=-1, high=0),
    _Shade(name="under 4 % of the day", ink=theme.SHADE_SOME, symbol="square", low=0, high=4),
    _Shade(name="4 % or more of the day", ink=theme.SHADE_MUCH, symbol="square", low=4, high=101),
)


def figure(data: CalendarData) -> Figure:
    """Return a row a week and a column a weekday; each day a square, with marks for sessions and lows after them."""
    if not data.days:
        return draw.empty(wording.NO_CALENDAR)
    drawn = CalendarData(scale=data.scale, days=_drawn_days(data))
    first = _monday(drawn.days[0].day)
    weeks = (drawn.days[-1].day - first).days // 7 + 1
    pieces = [_squares(shade, drawn, first) for shade in _SHADES]
    pieces += [_unread(drawn, first), *_marks(drawn, first)]
    return draw.figure(
        [piece for piece in pieces if piece["x"]],
        x=draw.numeric_axis("", theme.Axis(low=-0.6, high=6.6, ticks=tuple(range(7))), _WEEKDAYS, side="top",
                            showgrid=False, fixedrange=True),
        y=_weeks_axis(first, weeks),
        height=150 + _ROW_PX * weeks,
    )  # fmt: skip


def _drawn_days(data: CalendarData) -> tuple[CalendarDay, ...]:
    earliest = _monday(data.days[-1].day) - timedelta(weeks=_MOST_WEEKS - 1)
    return tuple(each for each in data.days if each.day >= earliest)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _place(day: date, first: date) -> tuple[int, int]:
    return day.weekday(), (day - first).days // 7


def _weeks_axis(first: date, weeks: int) -> Piece:
    mondays = [first + timedelta(weeks=week) for week in range(weeks)]
    labels = [f"{monday.day} {monday:%b}{_year_words(monday, week)}" for week, monday in enumerate(mondays)]
    return draw.axis(
        "", range=[weeks - 0.4, -0.6], tickmode="array", tickvals=list(range(weeks)), ticktext=labels, showgrid=False,
        fixedrange=True,
    )  # fmt: skip


def _year_words(monday: date, week: int) -> str:
    """The year stands where it begins: at the first week of the picture and the first of each January."""
    return f" {monday.year}" if week == 0 or (monday.month, monday.day) <= (1, 7) else ""


def _squares(shade: _Shade, data: CalendarData, first: date) -> Piece:
    days = [
        each for each in data.days
        if each.percent_below_70 is not None and shade.low < _share(each) <= shade.high - _edge(shade)
    ]  # fmt: skip
    return _day_points(days, first, shade.name.format(limit=_limit(data.scale)), shade.ink, shade.symbol, 26, data)


def _share(day: CalendarDay) -> float:
    return day.percent_below_70 if day.percent_below_70 is not None else -1.0


def _edge(shade: _Shade) -> float:
    return 1e-9 if shade.high else 0.0


def _unread(data: CalendarData, first: date) -> Piece:
    days = [each for each in data.days if each.percent_below_70 is None]
    return _day_points(days, first, "no sensor readings", theme.CONTROL, "x-thin-open", 10, data)


def _marks(data: CalendarData, first: date) -> list[Piece]:
    sessions = [each for each in data.days if each.n_sessions]
    lows = [each for each in data.days if each.n_lows_after]
    return [
        _day_points(sessions, first, "session", theme.MASSAGE, "circle", 9, data, -_ASIDE),
        _day_points(lows, first, "low within 6 h after", theme.TEXT, "x", 9, data, _ASIDE),
    ]


def _day_points(
    days: list[CalendarDay],
    first: date,
    name: str,
    ink: Ink,
    symbol: str,
    size: int,
    data: CalendarData,
    aside: float = 0.0,
) -> Piece:
    places = [_place(each.day, first) for each in days]
    return draw.points(
        [x + aside for x, _ in places], [y for _, y in places], name, ink, symbol, size,
        text=[f"{words.day_words(each.day)}<br>{'<br>'.join(_told(each, data.scale))}" for each in days],
        marker={"line": {"width": 2 if symbol.endswith("open") else 0}},
    )  # fmt: skip


def _told(day: CalendarDay, scale: Scale) -> list[str]:
    return [
        _below_words(day, scale),
        f"{day.n_sessions} session{'' if day.n_sessions == 1 else 's'}",
        f"{day.n_lows_after} with a low within 6 h",
    ]


def _below_words(day: CalendarDay, scale: Scale) -> str:
    if day.percent_below_70 is None:
        return "no sensor readings"
    return f"{percent(day.percent_below_70)} of {day.n_readings} readings below {_limit(scale)}"


def percent(share: float) -> str:
    """Write a share in percent; what is not zero is never written as 0 %, and what is not all never as 100 %."""
    rounded = float(round_half_up(share))
    if rounded == 0 and share > 0:
        return "under 1 %"
    if rounded == 100 and share < 100:
        return "over 99 %"
    return f"{rounded:.0f} %"


def _limit(scale: Scale) -> str:
    return f"{format_amount(in_unit(evidence.LEVEL_1.pair, scale.unit), scale.unit)} {scale.unit}"


def table(data: CalendarData) -> Table:
    """Return a row a day."""
    return Table(
        caption=TITLE,
        head=("day", "below range", "sessions", "lows within 6 h after"),
        rows=tuple(
            (words.day_words(each.day), _below_words(each, data.scale), str(each.n_sessions), str(each.n_lows_after))
            for each in data.days
        ),
    )


def summary(data: CalendarData) -> str:
    """Return the counts of days, days with lows, sessions and lows after them."""
    if not data.days:
        return wording.NO_CALENDAR
    told = wording.CALENDAR_SUMMARY.format(
        n_days=sum(each.percent_below_70 is not None for each in data.days),
        n_low_days=sum((each.percent_below_70 or 0) > 0 for each in data.days),
        limit=_limit(data.scale), n_sessions=sum(each.n_sessions for each in data.days),
        n_lows_after=sum(each.n_lows_after for each in data.days),
    )  # fmt: skip
    cut = len(_drawn_days(data)) < len(data.days)
    return f"{told} {wording.CALENDAR_LAST_WEEKS.format(n=_MOST_WEEKS)}" if cut else told
