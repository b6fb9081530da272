"""Before and after of every session as a slope, and below it each change beside what meter error alone would fill."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from glucolog.core.change import SessionChange
from glucolog.core.pairing import PairedReadings
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
_MOST_TICKS = 12
_LOWER: Piece = {"xaxis": "x2", "yaxis": "y2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPair:
    """One session with its readings and its change; the change says why when there is no pair."""

    session: Session
    paired: PairedReadings
    change: SessionChange

    @property
    def ends(self) -> tuple[Reading, Reading] | None:
        """The reading before and the one after, or None when they make no pair."""
        before, after = self.paired.before, self.paired.after
        return None if self.paired.unassessed or before is None or after is None else (before, after)

    @property
    def why_none(self) -> str:
        """Why there is no pair, in words; empty when there is one."""
        return self.paired.unassessed.reason if self.paired.unassessed else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedData:
    """What the paired figure shows: the sessions in time order, with or without a pair."""

    scale: Scale
    sessions: tuple[SessionPair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a pair went, how it is drawn, and what is said where it is the only one."""

    name: str
    ink: Ink
    symbol: str
    dash: str
    width: float
    of_one: str


FELL = Way(name="fell", ink=theme.TRACE, symbol="triangle-down", dash="solid", width=2, of_one=wording.PAIRED_ONE_FELL)
ROSE = Way(name="rose", ink=theme.CARBS, symbol="triangle-up", dash="dash", width=2, of_one=wording.PAIRED_ONE_ROSE)
WITHIN = Way(
    name="within meter error",
    ink=theme.CONTROL,
    symbol="circle-open",
    dash="dot",
    width=1.2,
    of_one=wording.PAIRED_ONE_WITHIN,
)
BEYOND_DEVICE = Way(
    name="LO or HI, size not known",
    ink=theme.METER,
    symbol="square-open",
    dash="dot",
    width=1.2,
    of_one=wording.PAIRED_ONE_BEYOND,
)
WAYS = (WITHIN, BEYOND_DEVICE, ROSE, FELL)


def way_of(pair: SessionPair) -> Way:
    """Return how a pair went: it fell or rose by more than meter error, stayed within it, or can't be told."""
    drop = pair.change.drop_mg_dl
    if drop is None:
        return BEYOND_DEVICE
    if pair.change.within_error:
        return WITHIN
    return FELL if drop > 0 else ROSE


def pairs(data: PairedData) -> list[tuple[SessionPair, Reading, Reading]]:
    """Return the sessions that have a pair, each with its two readings."""
    return [(each, *each.ends) for each in data.sessions if each.ends is not None]


def figure(data: PairedData) -> Figure:
    """Return slopes from before to after, grouped by whether the change is more than meter error."""
    paired = pairs(data)
    if not paired:
        return draw.empty(wording.NO_PAIRS)
    amounts = [data.scale.amount(reading.glucose) for _, *ends in paired for reading in ends]
    spec = theme.Axis(low=-0.18, high=1.18, ticks=(_LEFT, _RIGHT))
    return draw.figure(
        [*(piece for way in WAYS for piece in _slopes(way, data)), *_changes(data)],
        x=draw.numeric_axis("", spec, ("before", "after"), fixedrange=True, showgrid=False, anchor="y", side="top"),
        y=draw.glucose_axis(data.scale, max(amounts), min(amounts), domain=_SLOPES),
        shapes=draw.glucose_bands(data.scale),
        height=680,
        more={"xaxis2": _order_axis(len(paired)), "yaxis2": _change_axis(data)},
    )


def _slopes(way: Way, data: PairedData) -> Iterable[Piece]:
    members = [(each, before, after) for each, before, after in pairs(data) if way_of(each) is way]
    if not members:
        return
    lefts = [data.scale.amount(before.glucose) for _, before, _ in members]
    rights = [data.scale.amount(after.glucose) for *_, after in members]
    x: list[float | None] = [each for _ in members for each in (_LEFT, _RIGHT, None)]
    y: list[float | None] = [each for left, right in zip(lefts, rights, strict=True) for each in (left, right, None)]
    yield draw.path(x, y, "", way.ink, way.width, way.dash, hoverinfo="skip", showlegend=False)
    told = [_told(each, data.scale) for each, *_ in members]
    yield draw.points(
        [_LEFT] * len(members) + [_RIGHT] * len(members), lefts + rights, f"{way.name} ({len(members):,})", way.ink,
        way.symbol, 9, text=told * 2,
    )  # fmt: skip


def _changes(data: PairedData) -> Iterable[Piece]:
    known = [(at, each) for at, (each, *_) in enumerate(pairs(data), start=1) if each.change.drop_mg_dl is not None]
    if not known:
        return
    order = [at for at, _ in known]
    errors = [data.scale.of_mg_dl(each.change.meter_error_mg_dl or 0.0) for _, each in known]
    yield {
        "type": "bar", "x": order, "y": [2 * error for error in errors], "base": [-error for error in errors],
        "name": "meter error", "marker": {"color": theme.BAND_ERROR.light, "line": {"width": 0}}, "width": 0.9,
        "hoverinfo": "skip", **_LOWER,
    }  # fmt: skip
    ways = [way_of(each) for _, each in known]
    yield draw.points(
        order, [-data.scale.of_mg_dl(each.change.drop_mg_dl or 0.0) for _, each in known], "change", theme.TRACE,
        marker={"color": [way.ink.light for way in ways], "symbol": [way.symbol for way in ways]},
        text=[_told(each, data.scale) for _, each in known], showlegend=False, **_LOWER,
    )  # fmt: skip


def _order_axis(count: int) -> Piece:
    return draw.axis(
        "sessions in order", range=[0.4, count + 0.6], anchor="y2", fixedrange=True, showgrid=False,
        dtick=theme.round_step(count / _MOST_TICKS, least=5), tick0=0,
    )  # fmt: skip


def _change_axis(data: PairedData) -> Piece:
    changes = [each.change for each, *_ in pairs(data)]
    sizes = [abs(size) for each in changes for size in (each.drop_mg_dl, each.meter_error_mg_dl) if size is not None]
    reach = data.scale.of_mg_dl(max(sizes))
    return draw.numeric_axis(
        f"change, {data.scale.unit}", theme.round_axis(-reach, reach, 4), domain=_CHANGES, anchor="x2",
        fixedrange=True, zeroline=True, zerolinecolor=theme.AXIS.light,
    )  # fmt: skip


def _told(pair: SessionPair, scale: Scale) -> str:
    error = words.error_words(pair.change, scale.unit)
    lines = (words.when(pair.session.start), words.change_words(pair.paired, pair.change, scale), error)
    return "<br>".join(line for line in lines if line)


def table(data: PairedData) -> Table:
    """Return a row a session: the pair and its change, or why there is none."""
    return Table(
        caption=TITLE,
        head=("session", "before", "after", f"change, {data.scale.unit}", "meter error"),
        rows=tuple(_row(each, data.scale) for each in data.sessions),
        note=wording.METER_ERROR,
    )


def _row(pair: SessionPair, scale: Scale) -> tuple[str, ...]:
    at = words.when(pair.session.start)
    if pair.ends is None:
        return at, "–", "–", "–", pair.why_none
    before, after = (format_glucose(reading.glucose, scale.unit) for reading in pair.ends)
    if pair.change.drop_mg_dl is None:
        return at, before, after, "–", pair.change.unassessed.reason if pair.change.unassessed else "–"
    change = words.signed_words(-pair.change.drop_mg_dl, scale.unit)
    return at, before, after, change, words.error_words(pair.change, scale.unit)


def summary(data: PairedData) -> str:
    """Return how many sessions have a pair, and how the pairs went against meter error."""
    ways = [way_of(each) for each, *_ in pairs(data)]
    if not ways:
        return wording.NO_PAIRS
    if len(data.sessions) == 1:
        return ways[0].of_one
    told = wording.PAIRED_SUMMARY.format(
        n_pairs=len(ways), n_sessions=len(data.sessions), n_fell=ways.count(FELL), n_rose=ways.count(ROSE),
        n_within=ways.count(WITHIN),
    )  # fmt: skip
    unknown = ways.count(BEYOND_DEVICE)
    return f"{told} {wording.PAIRED_BEYOND_DEVICE.format(n=unknown)}" if unknown else told
