"""The drop of each session against start glucose, insulin on board, minutes since bolus, length and pressure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import linear_regression

from glucolog.analysis.effect import EffectResult
from glucolog.analysis.grades import MIN_SESSIONS
from glucolog.core.insulin import iob_units
from glucolog.core.records import Dose, InsulinKind, Session
from glucolog.core.wording import report as wording
from glucolog.plots import draw, theme, words
from glucolog.plots.draw import Figure, Piece
from glucolog.plots.table import Table, plain
from glucolog.plots.theme import Scale

TITLE = "The drop and what else was going on"
_PANEL_PX = 250
_ROOM = 0.35
_RECENT_MIN = 480
_FEWEST_FOR_LINE = MIN_SESSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariate:
    """One session: its drop (before minus after, mg/dL) and what was known at its start; None where not known."""

    label: str
    drop_mg_dl: float
    start_mg_dl: float | None = None
    iob_units: float | None = None
    since_bolus_min: float | None = None
    length_min: float | None = None
    pressure: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanReturn:
    """What happens without massage: drop_mg_dl = `intercept_mg_dl` + `slope` × start_mg_dl over `n` control windows."""

    intercept_mg_dl: float
    slope: float
    n: int

    def drop_mg_dl(self, start_mg_dl: float) -> float:
        """Return the drop that a start at this glucose is followed by without massage."""
        return self.intercept_mg_dl + self.slope * start_mg_dl


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariatesData:
    """What the figure shows: a panel a covariate, and the regression-to-the-mean line or None when it can't be had."""

    scale: Scale
    sessions: tuple[Covariate, ...] = ()
    without: MeanReturn | None = None


def from_result(
    result: EffectResult, sessions: Iterable[Session], doses: Sequence[Dose], scale: Scale, *, child: bool = False
) -> CovariatesData:
    """Return the sessions that have a drop, and the line through what their matched times without massage did.

    `doses` are in time order.
    """
    known = {session.id: session for session in sessions}
    shown = [(window, known[window.session_id], window.observed) for window in result.windows]
    return CovariatesData(
        scale=scale,
        sessions=tuple(
            _covariate(session, drop, window.start_mg_dl, doses, child=child)
            for window, session, drop in shown
            if drop is not None
        ),
        without=_mean_return(result),
    )


def _covariate(
    session: Session, drop_mg_dl: float, start_mg_dl: float | None, doses: Sequence[Dose], *, child: bool
) -> Covariate:
    recent = _recent(session, doses)
    last = max((dose.at for dose in recent if dose.kind is not InsulinKind.LONG), default=None)
    return Covariate(
        label=words.when(session.start), drop_mg_dl=drop_mg_dl, start_mg_dl=start_mg_dl,
        iob_units=iob_units(recent, session.start, child=child) if doses else None,
        since_bolus_min=None if last is None else session.start.minutes_since(last), length_min=session.minutes,
        pressure=None if session.pressure is None else int(session.pressure),
    )  # fmt: skip


def _recent(session: Session, doses: Sequence[Dose]) -> Sequence[Dose]:
    """Return the doses of the 8 h up to the start, both ends closed, out of doses in time order."""
    start_s = session.start.epoch_s
    first = bisect_left(doses, start_s - _RECENT_MIN * 60, key=_epoch_s)
    return doses[first : bisect_right(doses, start_s, lo=first, key=_epoch_s)]


def _epoch_s(dose: Dose) -> int:
    return dose.at.epoch_s


def _mean_return(result: EffectResult) -> MeanReturn | None:
    points = [(each.start_mg_dl, each.expected) for each in result.windows]
    known = [(start, expected) for start, expected in points if start is not None and expected is not None]
    if len(known) < _FEWEST_FOR_LINE or len({start for start, _ in known}) == 1:
        return None
    slope, intercept = linear_regression([start for start, _ in known], [expected for _, expected in known])
    return MeanReturn(intercept_mg_dl=intercept, slope=slope, n=result.n_controls)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    title: str
    value: Callable[[Covariate, Scale], float | None]
    symbol: str
    whole: bool = False
    """Whether only whole numbers have a meaning."""


def _start(session: Covariate, scale: Scale) -> float | None:
    return None if session.start_mg_dl is None else scale.of_mg_dl(session.start_mg_dl)


_PANELS = (
    _Panel(title="glucose at the start", value=_start, symbol="circle"),
    _Panel(title="insulin on board, U", value=lambda each, _: each.iob_units, symbol="triangle-down"),
    _Panel(title="minutes since the last bolus", value=lambda each, _: each.since_bolus_min, symbol="square"),
    _Panel(title="length, min", value=lambda each, _: each.length_min, symbol="diamond"),
    _Panel(title="pressure, 1 to 5", value=lambda each, _: each.pressure, symbol="cross", whole=True),
)


def figure(data: CovariatesData) -> Figure:
    """Return one panel a covariate below the other, all with the drop as their height."""
    shown = [panel for panel in _PANELS if any(panel.value(each, data.scale) is not None for each in data.sessions)]
    if not shown:
        return draw.empty(wording.NO_COVARIATES)
    axes = [_axes(panel, place, len(shown), data) for place, panel in enumerate(shown)]
    pieces = [piece for place, panel in enumerate(shown) for piece in _points(panel, place, data)]
    merged = {name: axis for pair in axes for name, axis in pair.items()}
    return draw.figure(
        [*pieces, *_return_line(data, shown[0])],
        x=merged.pop("xaxis"), y=merged.pop("yaxis"), height=_PANEL_PX * len(shown),
        more={**merged, "showlegend": False},
    )  # fmt: skip


def _suffix(place: int) -> str:
    return "" if place == 0 else str(place + 1)


def _axes(panel: _Panel, place: int, count: int, data: CovariatesData) -> dict[str, Piece]:
    tall = 1 / (count + _ROOM / (1 - _ROOM) * (count - 1))
    top = 1 - place * tall / (1 - _ROOM)
    bottom = max(0.0, top - tall)
    drops = [data.scale.of_mg_dl(session.drop_mg_dl) for session in data.sessions]
    spec = theme.round_axis(min([0.0, *drops]), max([0.0, *drops]), 4)
    title = f"{panel.title}, {data.scale.unit}" if panel.value is _start else panel.title
    suffix, steps = _suffix(place), {"dtick": 1} if panel.whole else {}
    return {
        f"xaxis{suffix}": draw.axis(title, anchor=f"y{suffix}", fixedrange=True, **steps),
        f"yaxis{suffix}": draw.numeric_axis(
            f"drop, {data.scale.unit}", spec, domain=[bottom, top], anchor=f"x{suffix}", fixedrange=True,
            zeroline=True, zerolinecolor=theme.AXIS.light,
        ),
    }  # fmt: skip


def _points(panel: _Panel, place: int, data: CovariatesData) -> list[Piece]:
    known = [(panel.value(each, data.scale), each) for each in data.sessions]
    kept = [(value, each) for value, each in known if value is not None]
    told = [f"{plain(each.label)}<br>{panel.title} {value:.3g}<br>{_drop(each, data.scale)}" for value, each in kept]
    suffix = _suffix(place)
    return [
        draw.points(
            [value for value, _ in kept], [data.scale.of_mg_dl(each.drop_mg_dl) for _, each in kept], panel.title,
            theme.TRACE, panel.symbol, 9, text=told, xaxis=f"x{suffix}", yaxis=f"y{suffix}",
        )
    ]  # fmt: skip


def _drop(session: Covariate, scale: Scale) -> str:
    side = "lower" if session.drop_mg_dl > 0 else "higher"
    return f"{words.difference_words(session.drop_mg_dl, scale.unit)} {scale.unit} {side}"


def _return_line(data: CovariatesData, first: _Panel) -> list[Piece]:
    starts = [each.start_mg_dl for each in data.sessions if each.start_mg_dl is not None]
    if data.without is None or first.value is not _start or not starts:
        return []
    ends = (min(starts), max(starts))
    x = [data.scale.of_mg_dl(each) for each in ends]
    y = [data.scale.of_mg_dl(data.without.drop_mg_dl(each)) for each in ends]
    told = [f"without massage, {data.without.n} times"] * 2
    return [draw.path(x, y, "without massage", theme.CONTROL, 2.5, "dash", text=told)]


def table(data: CovariatesData) -> Table:
    """Return a row a session with its drop and every covariate."""
    unit = data.scale.unit
    return Table(
        caption=TITLE,
        head=("session", f"drop, {unit}", *(panel.title for panel in _PANELS)),
        rows=tuple(
            (each.label, words.signed_words(each.drop_mg_dl, unit), *(_cell(panel, each, data) for panel in _PANELS))
            for each in data.sessions
        ),
        note=wording.COVARIATES_TREND.format(n=data.without.n) if data.without else wording.BEFORE_AFTER_CAVEAT,
    )


def _cell(panel: _Panel, session: Covariate, data: CovariatesData) -> str:
    value = panel.value(session, data.scale)
    if value is None:
        return "–"
    return data.scale.words(value) if panel.value is _start else f"{value:.3g}"


def summary(data: CovariatesData) -> str:
    """Return how many sessions are drawn, and what the grey line or its absence means."""
    if not data.sessions:
        return wording.NO_COVARIATES
    trend = wording.COVARIATES_TREND.format(n=data.without.n) if data.without else wording.BEFORE_AFTER_CAVEAT
    return f"{wording.COVARIATES_SUMMARY.format(n=len(data.sessions))} {trend}"
