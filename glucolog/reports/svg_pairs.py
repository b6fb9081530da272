"""The printed page's chart of before and after, for people without a sensor: each change beside its meter error."""

from __future__ import annotations

from collections.abc import Iterable

from glucolog.core.units import format_amount
from glucolog.plots import theme
from glucolog.plots.paired import FELL, ROSE, PairedData, SessionPair, Way, pairs, way_of
from glucolog.plots.theme import Axis
from glucolog.reports.svg import Frame, box, line, picture, words

_BAR_SHARE = 0.8
_MARK = 2.6


def pairs_svg(data: PairedData, width: float, height: float) -> str:
    """Return the change of each session in order, down where glucose fell, over a grey bar of its meter error."""
    known = [each for each, *_ in pairs(data) if each.change.drop_mg_dl is not None]
    sizes = [abs(size) for each in known for size in (each.change.drop_mg_dl, each.change.meter_error_mg_dl) if size]
    reach = data.scale.of_mg_dl(max(sizes, default=20.0))
    frame = Frame(
        left=26, top=4, width=width - 34, height=height - 8,
        x=Axis(low=0.4, high=len(known) + 0.6, ticks=()), y=theme.round_axis(-reach, reach, 4),
    )  # fmt: skip
    columns = [part for place, each in enumerate(known, start=1) for part in _column(frame, place, each, data)]
    return picture(width, height, [*_ticks(frame, data), *columns])


def _ticks(frame: Frame, data: PairedData) -> Iterable[str]:
    for value in frame.y.ticks:
        left, y = frame.at(frame.x.low, value)
        yield line([(left, y), (left + frame.width, y)], theme.GRID if value else theme.AXIS, 0.6)
        yield words(left - 3, y + 2.4, format_amount(value, data.scale.unit).replace("-", "−"), "end")


def _column(frame: Frame, place: int, each: SessionPair, data: PairedData) -> Iterable[str]:
    error = data.scale.of_mg_dl(each.change.meter_error_mg_dl or 0.0)
    (left, top), (right, bottom) = (
        frame.at(place - _BAR_SHARE / 2, error), frame.at(place + _BAR_SHARE / 2, -error),
    )  # fmt: skip
    yield box(left, top, right - left, bottom - top, theme.BAND_ERROR.light)
    x, y = frame.at(place, -data.scale.of_mg_dl(each.change.drop_mg_dl or 0.0))
    yield _mark(x, y, way_of(each))


def _mark(x: float, y: float, way: Way) -> str:
    point = {FELL: 1, ROSE: -1}.get(way)
    if point is None:
        return f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{_MARK - 0.6:g}" fill="none" stroke="{way.ink.light}"/>'
    corners = (x - _MARK, y - _MARK * point), (x + _MARK, y - _MARK * point), (x, y + _MARK * point)
    return f'<path d="M{"L".join(f"{a:.2f} {b:.2f}" for a, b in corners)}Z" fill="{way.ink.light}"/>'
