"""Charts of the printed page as SVG, in the geometry and colours of the Plotly theme. Lengths are in points.

Nothing is told by colour alone: lines differ by dash, ranges by hatching, so that greyscale says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from glucolog.core.units import format_amount
from glucolog.plots import theme
from glucolog.plots.agp import STARTS_HEIGHT, STARTS_MIN, AgpData, starts, stretches
from glucolog.plots.aligned import AlignedData, known_mg_dl, unbroken
from glucolog.plots.effect import EffectData, EffectRow, count_words
from glucolog.plots.quartiles import Quartiles
from glucolog.plots.table import label
from glucolog.plots.theme import Axis, Ink, Scale
from glucolog.reports.model import RangeShare

_FONT = 'font-family="Lato" font-size="7"'
_LETTER_PT = 3.9
_SWATCH = 6.0
_HATCH = {"below_54": "h0", "below_70": "h1", "below_63": "h1", "above_250": "h2"}
_FILL = {
    "below_54": "#8f2d00", "below_70": "#e8935a", "in_range": "#2f9e78", "above_180": "#f0c44c", "above_250": "#a06a00",
    "below_63": "#e8935a", "above_140": "#f0c44c",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where a chart draws: the plotting area inside the picture and its two axes."""

    left: float
    top: float
    width: float
    height: float
    x: Axis
    y: Axis

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the point of the picture at these values; values beyond an axis are held at its end."""
        return self.left + self.x.share(x) * self.width, self.top + (1 - self.y.share(y)) * self.height


def picture(width: float, height: float, parts: Iterable[str]) -> str:
    """Return a whole SVG document."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}pt" height="{height:g}pt" '
        f'viewBox="0 0 {width:g} {height:g}" {_FONT}>{"".join(parts)}</svg>'
    )


def words(x: float, y: float, text: str, anchor: str = "start", ink: Ink = theme.QUIET, weight: int = 400) -> str:
    """Return a text; whatever it says is shown as text."""
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}" font-weight="{weight}" fill="{ink.light}">'
        f"{escape(text)}</text>"
    )


def line(points: Sequence[tuple[float, float]], ink: Ink, width: float = 1, dash: str = "") -> str:
    """Return an open line through points."""
    if len(points) < 2:
        return ""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="M{_path(points)}" fill="none" stroke="{ink.light}" stroke-width="{width:g}" '
        f'stroke-linejoin="round"{dashes}/>'
    )


def area(points: Sequence[tuple[float, float]], ink: Ink) -> str:
    """Return a filled shape through points."""
    return f'<path d="M{_path(points)}Z" fill="{ink.light}"/>' if len(points) > 2 else ""


def box(x: float, y: float, width: float, height: float, fill: str) -> str:
    """Return a filled rectangle."""
    return f'<rect x="{x:.2f}" y="{y:.2f}" width="{max(width, 0):.2f}" height="{max(height, 0):.2f}" fill="{fill}"/>'


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "L".join(f"{x:.2f} {y:.2f}" for x, y in points)


def _glucose_frame(frame: Frame, scale: Scale, ticks: Sequence[tuple[float, str]]) -> Iterable[str]:
    for band in theme.glucose_bands(scale):
        left, top = frame.at(frame.x.low, band.high)
        bottom = frame.at(frame.x.low, band.low)[1]
        yield box(left, top, frame.width, bottom - top, band.ink.light)
    for value in frame.y.ticks:
        left, y = frame.at(frame.x.low, value)
        yield line([(left, y), (left + frame.width, y)], theme.GRID, 0.5)
        yield words(left - 3, y + 2.4, format_amount(value, scale.unit), "end")
    for value, text in ticks:
        x, bottom = frame.at(value, frame.y.low)
        yield line([(x, frame.top), (x, bottom)], theme.GRID, 0.5)
        yield words(x, bottom + 8.5, text, "middle")


def _band(frame: Frame, x: Sequence[float], low: Sequence[float], high: Sequence[float], ink: Ink) -> str:
    upper = [frame.at(*point) for point in zip(x, high, strict=True)]
    lower = [frame.at(*point) for point in zip(x, low, strict=True)]
    return area([*upper, *reversed(lower)], ink)


def agp_svg(data: AgpData, width: float, height: float) -> str:
    """Return the usual day: median, middle half, 5th to 95th percentile, and bars where massages began."""
    scale = data.scale
    if not data.minute_of_day:
        return _nothing(width)
    highest, lowest = scale.of_mg_dl(max(data.p95_mg_dl)), scale.of_mg_dl(min(data.p5_mg_dl))
    frame = _frame(width, height, Axis(low=0, high=1440, ticks=()), theme.glucose_axis(scale, highest, lowest))
    hours = [(hour * 60.0, f"{hour:02d}") for hour in range(0, 25, 4)]
    parts = [*_glucose_frame(frame, scale, hours)]
    for stretch in stretches(data.minute_of_day):
        parts += _percentiles(frame, data, stretch)
    return picture(width, height, [*parts, *_starts(frame, data)])


def _percentiles(frame: Frame, data: AgpData, stretch: slice) -> list[str]:
    x = data.minute_of_day[stretch]
    p5, p25, p50, p75, p95 = (
        [data.scale.of_mg_dl(each) for each in column[stretch]]
        for column in (data.p5_mg_dl, data.p25_mg_dl, data.p50_mg_dl, data.p75_mg_dl, data.p95_mg_dl)
    )
    middle = [frame.at(*point) for point in zip(x, p50, strict=True)]
    return [
        _band(frame, x, p5, p95, theme.TRACE_FAINT), _band(frame, x, p25, p75, theme.TRACE_SOFT),
        line(middle, theme.TRACE, 1.6),
    ]  # fmt: skip


def _starts(frame: Frame, data: AgpData) -> Iterable[str]:
    counted, bottom = starts(data), frame.top + frame.height
    most = max((count for _, count in counted), default=0)
    for minute, count in counted:
        left, right = (frame.at(at, frame.y.low)[0] for at in (minute, minute + STARTS_MIN))
        tall = frame.height * STARTS_HEIGHT * count / most
        yield box(left + 0.2, bottom - tall, right - left - 0.4, tall, theme.MASSAGE.light)


def aligned_svg(data: AlignedData, width: float, height: float) -> str:
    """Return sessions laid over their start: median and middle half, solid; without massage, dashed."""
    scale = data.scale
    if not data.curves:
        return _nothing(width)
    spreads = [each for each in (data.massage, data.control) if each is not None]
    tops = [max(each.p75_mg_dl) for each in spreads] or [max(known_mg_dl(curve)) for curve in data.curves]
    highest = scale.of_mg_dl(max(tops))
    x = Axis(low=-60, high=360, ticks=tuple(float(each) for each in range(-60, 361, 60)))
    frame = _frame(width, height, x, theme.glucose_axis(scale, highest))
    ticks = [(each, f"{each / 60:+g} h".replace("-", "−") if each else "start") for each in x.ticks]
    return picture(width, height, [*_glucose_frame(frame, scale, ticks), *_courses(frame, data)])


def _courses(frame: Frame, data: AlignedData) -> Iterable[str]:
    if data.median_minutes:
        (left, top), right = frame.at(0, frame.y.high), frame.at(data.median_minutes, 0)[0]
        yield box(left, top, right - left, frame.height, theme.MASSAGE_SOFT.light)
    if data.control:
        yield from _course(frame, data.control, data.scale, (theme.CONTROL, theme.CONTROL_SOFT, "4 2.5"))
    if data.massage:
        yield from _course(frame, data.massage, data.scale, (theme.TRACE, theme.TRACE_SOFT, ""))
        return
    for curve in data.curves:
        for stretch in unbroken(curve, data.scale):
            yield line([frame.at(*point) for point in stretch], theme.TRACE, 1.2)


def _course(frame: Frame, quartiles: Quartiles, scale: Scale, look: tuple[Ink, Ink, str]) -> Iterable[str]:
    low, middle, high = (
        [scale.of_mg_dl(each) for each in column]
        for column in (quartiles.p25_mg_dl, quartiles.p50_mg_dl, quartiles.p75_mg_dl)
    )
    ink, soft, dash = look
    yield _band(frame, quartiles.minutes, low, high, soft)
    yield line([frame.at(*point) for point in zip(quartiles.minutes, middle, strict=True)], ink, 1.6, dash)


def _frame(width: float, height: float, x: Axis, y: Axis) -> Frame:
    return Frame(left=22, top=4, width=width - 30, height=height - 16, x=x, y=y)


def _nothing(width: float) -> str:
    return picture(width, 3, [box(0, 0, width, 3, theme.BAND_ERROR.light)])


def forest_svg(data: EffectData, rows: Sequence[EffectRow], width: float) -> str:
    """Return the estimates with their intervals, one row 13 pt high each; a refused row says so."""
    height = 13.0 * len(rows) + 14
    ends = [
        data.scale.of_mg_dl(end) for row in rows for end in (row.ci_low_mg_dl, row.ci_high_mg_dl) if end is not None
    ]
    axis = theme.round_axis(min([0.0, *ends]), max([data.scale.of_mg_dl(20), *ends]), 4)
    left, right = 88, max(52.0, 5 + _LETTER_PT * max(len(count_words(row)) for row in rows))
    frame = Frame(
        left=left, top=2, width=width - left - right, height=height - 14, x=axis, y=Axis(low=0, high=1, ticks=())
    )
    parts: list[str] = []
    for tick in axis.ticks:
        x, bottom = frame.at(tick, 0)
        parts += [
            line([(x, frame.top), (x, bottom)], theme.GRID, 0.4),
            words(x, bottom + 9, f"{tick:g}".replace("-", "−"), "middle"),
        ]
    parts.append(line([frame.at(0, 0), frame.at(0, 1)], theme.AXIS, 0.9))
    for place, row in enumerate(rows):
        parts += _forest_row(frame, row, data.scale, frame.top + 13.0 * place + 6.5)
    return picture(width, height, parts)


def _forest_row(frame: Frame, row: EffectRow, scale: Scale, y: float) -> list[str]:
    name = words(frame.left - 5, y + 2.4, label(row.label, 24), "end", theme.TEXT)
    count = words(frame.left + frame.width + 5, y + 2.4, count_words(row))
    if row.estimate_mg_dl is None or row.ci_low_mg_dl is None or row.ci_high_mg_dl is None:
        return [name, count, words(frame.left + 3, y + 2.4, "no estimate")]
    low, middle, high = (
        frame.at(scale.of_mg_dl(each), 0)[0] for each in (row.ci_low_mg_dl, row.estimate_mg_dl, row.ci_high_mg_dl)
    )
    return [
        name,
        count,
        line([(low, y), (high, y)], theme.TRACE, 1.2),
        box(middle - 2.3, y - 2.3, 4.6, 4.6, theme.TRACE.light),
    ]


def ranges_svg(parts: Sequence[RangeShare], width: float, height: float) -> str:
    """Return the time-in-ranges bar; low and very high parts are hatched so that they differ without colour."""
    drawn, x = [_hatches()], 0.0
    for part in parts:
        wide = width * part.percent / 100
        drawn += _filled(part, x, wide, height)
        drawn.append(line([(x, 0), (x, height)], theme.PAPER, 0.7) if x else "")
        x += wide
    return picture(width, height, drawn)


def swatch_svg(part: RangeShare) -> str:
    """Return the small square that stands for a part of the bar beside its words."""
    return picture(_SWATCH, _SWATCH, [_hatches(), *_filled(part, 0, _SWATCH, _SWATCH)])


def _filled(part: RangeShare, x: float, width: float, height: float) -> list[str]:
    fills = [_FILL[part.key], *([f"url(#{_HATCH[part.key]})"] if part.key in _HATCH else [])]
    return [box(x, 0, width, height, fill) for fill in fills]


def _hatches() -> str:
    return "<defs>" + "".join(
        f'<pattern id="h{place}" width="{step}" height="{step}" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate({angle})"><rect width="{step / 3:.2f}" height="{step}" fill="#ffffff" '
        f'fill-opacity="0.65"/></pattern>'
        for place, (angle, step) in enumerate(((45, 2.5), (45, 5), (-45, 5)))
    ) + "</defs>"  # fmt: skip
