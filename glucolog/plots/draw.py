"""The few Plotly pieces the figures are made of. The only module that imports Plotly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from plotly import graph_objects as go  # type: ignore[import-untyped]

from glucolog.plots import theme
from glucolog.plots.lines import Column
from glucolog.plots.theme import Axis, Ink, Scale

Figure: TypeAlias = Any
"""A `plotly.graph_objects.Figure`; Plotly ships no types."""
Piece = dict[str, Any]
HEIGHT = 460
_EMPTY_LETTERS = 30
"""Of a line that fits a phone: the size of the letters is fixed, the width of the picture is not."""
HOVER_ONLY = "%{text}<extra></extra>"


def figure(
    pieces: Iterable[Piece],
    *,
    x: Piece,
    y: Piece,
    shapes: Iterable[Piece] = (),
    notes: Iterable[Piece] = (),
    height: int = HEIGHT,
    zoomable: bool = False,
    more: Piece | None = None,
) -> Figure:
    """Return a Plotly figure of trace pieces in the theme. `zoomable` gives the page's zoom buttons their x axis."""
    layout = {
        "font": {"family": theme.FONT_STACK, "size": 14, "color": theme.TEXT.light},
        "paper_bgcolor": theme.PAPER.light,
        "plot_bgcolor": theme.CLEAR.light,
        "height": height,
        "margin": {"l": 56, "r": 26, "t": 28, "b": 48},
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": theme.PAPER.light, "bordercolor": theme.AXIS.light, "align": "left"},
        "legend": {"orientation": "h", "x": 0, "y": -0.18, "yanchor": "top", "itemclick": False,
                   "itemdoubleclick": False},
        "dragmode": "zoom" if zoomable else False,
        "meta": {"zoomable": zoomable},
        "xaxis": x,
        "yaxis": y,
        "shapes": list(shapes),
        "annotations": list(notes),
    }  # fmt: skip
    return go.Figure(data=[dict(piece) for piece in pieces], layout={**layout, **(more or {})})


def empty(message: str) -> Figure:
    """Return a figure that says in words why there is nothing to draw."""
    note = {"text": wrapped(message, _EMPTY_LETTERS), "x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper",
            "showarrow": False, "font": {"size": 16, "color": theme.QUIET.light}}  # fmt: skip
    hidden = {"visible": False, "range": [0, 1]}
    return figure([], x=hidden, y=hidden, notes=[note], height=180)


def wrapped(message: str, width: int = 42) -> str:
    """Break words over lines of about `width` letters, as Plotly writes line breaks."""
    lines = [""]
    for word in message.split():
        lines[-1:] = [f"{lines[-1]} {word}".strip()] if len(lines[-1]) + len(word) < width else [lines[-1], word]
    return "<br>".join(lines)


def axis(title: str, **more: Any) -> Piece:
    """Return an axis in the theme."""
    return {
        "title": {"text": title, "font": {"size": 14, "color": theme.QUIET.light}, "standoff": 8},
        "gridcolor": theme.GRID.light,
        "linecolor": theme.AXIS.light,
        "tickcolor": theme.AXIS.light,
        "tickfont": {"size": 13, "color": theme.QUIET.light},
        "zeroline": False,
        "automargin": True,
        **more,
    }


def numeric_axis(title: str, spec: Axis, labels: Sequence[str] | None = None, **more: Any) -> Piece:
    """Return an axis over a fixed span with its ticks where `spec` says."""
    ticks = {"tickmode": "array", "tickvals": list(spec.ticks)}
    words = {"ticktext": list(labels)} if labels is not None else {}
    return axis(title, range=[spec.low, spec.high], **ticks, **words, **more)


def date_axis(**more: Any) -> Piece:
    """Return a time axis in wall-clock milliseconds or ISO days, its labels day before month, clock times by 24 h."""
    stops = (([None, 43_200_000], "%H:%M\n%-d %b"), ([43_200_000, "M1"], "%-d %b\n%Y"), (["M1", None], "%b\n%Y"))
    formats = [{"dtickrange": span, "value": pattern} for span, pattern in stops]
    return axis("", type="date", tickformatstops=formats, **more)


def glucose_axis(scale: Scale, highest: float | None, lowest: float | None = None, **more: Any) -> Piece:
    """Return the glucose axis in the person's unit, its ticks on the published thresholds."""
    spec = theme.glucose_axis(scale, highest, lowest)
    title = more.pop("title", f"glucose, {scale.unit}")
    return numeric_axis(title, spec, **{"fixedrange": True, **more})


def points(x: Any, y: Any, name: str, ink: Ink, symbol: str = "circle", size: int = 8, **more: Any) -> Piece:
    """Return markers; pass `text` for the words of each and the hover shows just them."""
    hover = {"hovertemplate": HOVER_ONLY} if "text" in more else {}
    marker = {"color": ink.light, "symbol": symbol, "size": size, "opacity": 1, **more.pop("marker", {})}
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "name": name, "marker": marker, **hover, **more}


def path(x: Any, y: Any, name: str, ink: Ink, width: float = 2.0, dash: str = "solid", **more: Any) -> Piece:
    """Return a line that breaks at missing values and never bridges them."""
    hover = {"hovertemplate": HOVER_ONLY} if "text" in more else {}
    return {
        "type": "scatter", "mode": "lines", "x": x, "y": y, "name": name, "connectgaps": False,
        "line": {"color": ink.light, "width": width, "dash": dash}, **hover, **more,
    }  # fmt: skip


def dense(x: Column, y: Column, name: str, ink: Ink, hover: str, **more: Any) -> Piece:
    """Return a long line of raw readings: the page draws of it what each pixel can show and keeps every reading."""
    return path(
        np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64), name, ink, 1.6,
        hovertemplate=hover, meta={"dense": True}, **more,
    )  # fmt: skip


def ribbon(x: Any, low: Any, high: Any, name: str, ink: Ink, *, shown: bool = True, **more: Any) -> list[Piece]:
    """Return the two pieces of a filled band between `low` and `high`; it tells nothing on hover by itself."""
    edge = {"mode": "lines", "line": {"width": 0, "color": ink.light}, "hoverinfo": "skip", "type": "scatter", **more}
    return [
        {**edge, "x": x, "y": low, "showlegend": False},
        {**edge, "x": x, "y": high, "name": name, "fill": "tonexty", "fillcolor": ink.light, "showlegend": shown},
    ]


def glucose_bands(scale: Scale, yref: str = "y") -> list[Piece]:
    """Return the low, very low and target strips behind everything, across the whole width."""
    return [
        {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "yref": yref, "y0": band.low, "y1": band.high,
         "fillcolor": band.ink.light, "line": {"width": 0}, "layer": "below"}
        for band in theme.glucose_bands(scale)
    ]  # fmt: skip


def upright(x: float, ink: Ink, dash: str = "dot", yref: str = "paper") -> Piece:
    """Return an upright line across the whole height at `x`."""
    return {"type": "line", "x0": x, "x1": x, "yref": yref, "y0": 0, "y1": 1,
            "line": {"color": ink.light, "width": 1.5, "dash": dash}}  # fmt: skip


def level(y: float, ink: Ink, dash: str = "dot", yref: str = "y") -> Piece:
    """Return a level line across the whole width at `y`."""
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": yref, "y0": y, "y1": y,
            "line": {"color": ink.light, "width": 1.5, "dash": dash}}  # fmt: skip


def strip(x0: float, x1: float, ink: Ink, y0: float = 0, y1: float = 1) -> Piece:
    """Return an upright strip from `x0` to `x1`, such as a massage."""
    return {"type": "rect", "x0": x0, "x1": x1, "yref": "paper", "y0": y0, "y1": y1,
            "fillcolor": ink.light, "line": {"width": 0}, "layer": "below"}  # fmt: skip


def note(text: str, x: Any, y: Any, ink: Ink = theme.QUIET, **more: Any) -> Piece:
    """Return a small label in the chart; `text` is Plotly markup, so pass a person's words through `plain`."""
    return {"text": text, "x": x, "y": y, "showarrow": False, "font": {"size": 13, "color": ink.light}, **more}
