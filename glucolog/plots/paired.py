"""Before and after of every session as a slope, beside the band that meter error alone would fill."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from glucolog.core.records import Reading, Session
from glucolog.core.units import format_glucose
from glucolog.core.wording import report as wording
from glucolog.plots import draw, theme, words
from glucolog.plots.draw import Figure, Piece
from glucolog.plots.table import Table
from glucolog.plots.theme import Ink, Scale

TITLE = "Before and after"
_LEFT, _RIGHT = 0.0, 1.0
_SLOPES, _CHANGES = (0.42, 1.0), (0.0, 0.3)
_LOWER: Piece = {"xaxis": "x2", "yaxis": "y2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPair:
    """One session's pair. `drop_mg_dl` is before minus after; `within_error` compares it with `meter_error_mg_dl`."""

    session: Session
    before: Reading
    after: Reading
    drop_mg_dl: float
    meter_error_mg_dl: float
    within_error: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpaired:
    """A session without a pair, and why."""

    session: Session
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedData:
    """What the paired figure shows: the pairs in time order, and the sessions that have none."""

    scale: Scale
    pairs: tuple[SessionPair, ...]
    unpaired: tuple[Unpaired, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    name: str
    ink: Ink
    symbol: str
    dash: str
    width: float


_FELL = _Group(name="fell", ink=theme.TRACE, symbol="triangle-down", dash="solid", width=2)
_ROSE = _Group(name="rose", ink=theme.CARBS, symbol="triangle-up", dash="dash", width=2)
_WITHIN = _Group(name="within meter error", ink=theme.CONTROL, symbol="circle-open", dash="dot", width=1.2)
_GROUPS = (_WITHIN, _ROSE, _FELL)


def figure(data: PairedData) -> Figure:
    """Return slopes from before to after, grouped by whether the change is more than meter error."""
    if not data.pairs:
        return draw.empty(wording.NO_PAIRS)
    highest = max(max(_ends(pair, data.scale)) for pair in data.pairs)
    lowest = min(min(_ends(pair, data.scale)) for pair in data.pairs)
    spec = theme.Axis(low=-0.18, high=1.18, ticks=(_LEFT, _RIGHT))
    return draw.figure(
        [*(piece for group in _GROUPS for piece in _slopes(group, data)), *_changes(data)],
        x=draw.numeric_axis("", spec, ("before", "after"), fixedrange=True, showgrid=False, anchor="y", side="top"),
        y=draw.glucose_axis(data.scale, highest, lowest, domain=_SLOPES),
        shapes=draw.glucose_bands(data.scale),
        height=680,
        more={"xaxis2": _order_axis(len(data.pairs)), "yaxis2": _change_axis(data)},
    )


def _ends(pair: SessionPair, scale: Scale) -> tuple[float, float]:
    return scale.amount(pair.before.glucose), scale.amount(pair.after.glucose)


def group_of(pair: SessionPair) -> _Group:
    """Return how a pair is drawn: fell, rose, or within meter error."""
    if pair.within_error:
        return _WITHIN
    return _FELL if pair.drop_mg_dl > 0 else _ROSE


def _slopes(group: _Group, data: PairedData) -> Iterable[Piece]:
    members = [pair for pair in data.pairs if group_of(pair) is group]
    if not members:
        return
    x: list[float | None] = []
    y: list[float | None] = []
    for pair in members:
        x += [_LEFT, _RIGHT, None]
        y += [*_ends(pair, data.scale), None]
    yield draw.path(x, y, "", group.ink, group.width, group.dash, hoverinfo="skip", showlegend=False)
    ends = [(place, index) for place in (_LEFT, _RIGHT) for index in range(len(members))]
    yield draw.points(
        [place for place, _ in ends],
        [_ends(members[index], data.scale)[int(place)] for place, index in ends],
        f"{group.name} ({len(members)})", group.ink, group.symbol, 9,
        text=[_told(members[index], data.scale) for _, index in ends],
    )  # fmt: skip


def _changes(data: PairedData) -> Iterable[Piece]:
    order = list(range(1, len(data.pairs) + 1))
    errors = [data.scale.of_mg_dl(pair.meter_error_mg_dl) for pair in data.pairs]
    yield {
        "type": "bar", "x": order, "y": [2 * error for error in errors], "base": [-error for error in errors],
        "name": "meter error", "marker": {"color": theme.BAND_ERROR.light, "line": {"width": 0}}, "width": 0.9,
        "hoverinfo": "skip", **_LOWER,
    }  # fmt: skip
    groups = [group_of(pair) for pair in data.pairs]
    yield draw.points(
        order, [-data.scale.of_mg_dl(pair.drop_mg_dl) for pair in data.pairs], "change", theme.TRACE,
        marker={"color": [group.ink.light for group in groups], "symbol": [group.symbol for group in groups]},
        text=[_told(pair, data.scale) for pair in data.pairs], showlegend=False, **_LOWER,
    )  # fmt: skip


def _order_axis(count: int) -> Piece:
    return draw.axis(
        "sessions in order", range=[0.4, count + 0.6], anchor="y2", fixedrange=True, showgrid=False, dtick=5, tick0=0
    )


def _change_axis(data: PairedData) -> Piece:
    reach = max(data.scale.of_mg_dl(max(abs(pair.drop_mg_dl), pair.meter_error_mg_dl)) for pair in data.pairs)
    spec = theme.round_axis(-reach, reach, 4)
    return draw.numeric_axis(
        f"change, {data.scale.unit}", spec, domain=_CHANGES, anchor="x2", fixedrange=True, zeroline=True,
        zerolinecolor=theme.AXIS.light,
    )  # fmt: skip


def _told(pair: SessionPair, scale: Scale) -> str:
    change = words.change_words(pair.before, pair.after, pair.drop_mg_dl, scale)
    error = words.error_words(pair.meter_error_mg_dl, within=pair.within_error, unit=scale.unit)
    return f"{words.when(pair.session.start)}<br>{change}<br>{error}"


def table(data: PairedData) -> Table:
    """Return a row a session: the pair and its change, or why there is none."""
    rows = [(pair.session, _pair_row(pair, data.scale)) for pair in data.pairs]
    rows += [
        (lone.session, (words.when(lone.session.start), "–", "–", "–", f"no pair: {lone.reason}"))
        for lone in data.unpaired
    ]
    return Table(
        caption=TITLE,
        head=("session", "before", "after", f"change, {data.scale.unit}", "meter error"),
        rows=tuple(row for _, row in sorted(rows, key=lambda each: each[0].start)),
        note=wording.METER_ERROR,
    )


def _pair_row(pair: SessionPair, scale: Scale) -> tuple[str, ...]:
    return (
        words.when(pair.session.start),
        format_glucose(pair.before.glucose, scale.unit),
        format_glucose(pair.after.glucose, scale.unit),
        words.signed_words(-pair.drop_mg_dl, scale.unit),
        words.error_words(pair.meter_error_mg_dl, within=pair.within_error, unit=scale.unit),
    )


def summary(data: PairedData) -> str:
    """Return how many sessions have a pair, and how the pairs went against meter error."""
    if not data.pairs:
        return wording.NO_PAIRS
    groups = [group_of(pair) for pair in data.pairs]
    return wording.PAIRED_SUMMARY.format(
        n_pairs=len(data.pairs), n_sessions=len(data.pairs) + len(data.unpaired), n_fell=groups.count(_FELL),
        n_rose=groups.count(_ROSE), n_within=groups.count(_WITHIN),
    )  # fmt: skip
