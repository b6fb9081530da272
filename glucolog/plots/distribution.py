"""One value over many people: bars that are each about enough people to point at nobody."""

from __future__ import annotations

from glucolog.analysis.small_cells import Bar, Distribution
from glucolog.core.units import round_half_up
from glucolog.core.wording import cohort as words
from glucolog.plots import draw, theme
from glucolog.plots.draw import Figure
from glucolog.plots.page import Panel
from glucolog.plots.table import Table

DECIMALS = 1
HEIGHT = 320


def panel(data: Distribution, total: int) -> Panel:
    """Return the bars of a distribution among `total` people with its quartiles in words and the bars as a table."""
    title = words.MEASURES[data.name]
    rows = tuple((f"{_n(bar.low)} to {_n(bar.high)}", str(bar.people)) for bar in data.bars)
    return Panel(
        id=f"cohort-{data.name.replace('_', '-')}",
        title=title,
        figure=figure(data),
        summary=summary(data, total),
        table=Table(caption=title, head=(title, "people"), rows=rows),
    )


def summary(data: Distribution, total: int) -> str:
    """Say the quartiles, and how many people have none; or that there are too few."""
    name = words.MEASURES[data.name]
    if data.quartiles is None:
        return f"{name}: {words.WITHHELD}."
    low, middle, high = (_n(value) for value in data.quartiles)
    if data.people is None:
        return words.HALF_UNCOUNTED.format(name=name, low=low, high=high, middle=middle)
    missing = words.NOT_ASSESSED.format(n=total - data.people, people=total)
    said = words.HALF.format(name=name, people=data.people, low=low, high=high, middle=middle)
    return said if total == data.people else f"{said} {missing}"


def figure(data: Distribution) -> Figure:
    """Return bars whose areas are people: joined bars are as wide as what they join."""
    if not data.bars:
        return draw.empty(words.WITHHELD)
    bar = {
        "type": "bar",
        "x": [(bar.low + bar.high) / 2 for bar in data.bars],
        "y": [_density(bar) for bar in data.bars],
        "width": [_width(bar) for bar in data.bars],
        "text": [f"{_n(bar.low)} to {_n(bar.high)}: {bar.people} people" for bar in data.bars],
        "hovertemplate": draw.HOVER_ONLY,
        "textposition": "none",
        "name": "people",
        "marker": {"color": theme.TRACE.light, "line": {"width": 1, "color": theme.PAPER.light}},
    }
    return draw.figure(
        [bar],
        x=draw.axis(words.MEASURES[data.name], fixedrange=True),
        y=draw.axis("people for each 1 of it", rangemode="tozero", fixedrange=True),
        height=HEIGHT,
        more={"showlegend": False, "bargap": 0},
    )


def _width(bar: Bar) -> float:
    return (bar.high - bar.low) or 1.0


def _density(bar: Bar) -> float:
    return bar.people / _width(bar)


def _n(value: float) -> str:
    return f"{round_half_up(value, DECIMALS)}"
