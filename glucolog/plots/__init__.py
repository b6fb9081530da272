"""Results in, Plotly figures out: one figure a file, one theme.

Each kind is a module with a frozen `…Data`, `figure(data)` (a Plotly figure), `table(data)` (its text alternative)
and `summary(data)` (one plain sentence). `load` imports a kind when it is drawn and not before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from glucolog.core.vocabulary import unknown_word

if TYPE_CHECKING:
    from glucolog.plots.table import Table

PLOT_KINDS: dict[str, tuple[str, str]] = {
    "session": ("glucolog.plots.session", "one session, two hours before to six hours after"),
    "paired": ("glucolog.plots.paired", "before and after of every session, beside the meter's error"),
    "aligned": ("glucolog.plots.aligned", "all sessions laid over their start, beside similar times without"),
    "effect": ("glucolog.plots.effect", "differences to similar times without massage, with intervals and refusals"),
    "covariates": ("glucolog.plots.covariates", "the drop against start glucose, insulin, length and pressure"),
    "agp": ("glucolog.plots.agp", "the usual day, with the times of the massages"),
    "calendar": ("glucolog.plots.calendar", "days: time below range, sessions, lows after them"),
    "timeline": ("glucolog.plots.timeline", "every reading over days to a year"),
    "symptoms": ("glucolog.plots.symptoms", "pain, numbness, tingling and other scores over time"),
    "feet": ("glucolog.plots.feet", "a map of the feet, and what was found where and when"),
    "overnight": ("glucolog.plots.overnight", "nights after sessions beside other nights"),
    "trial": ("glucolog.plots.trial", "the days drawn by lot, with and without massage"),
}
"""Plot kind → its module and what it shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotKind:
    """One kind of plot, loaded: its title and its three functions."""

    name: str
    title: str
    figure: Callable[[Any], Any]
    table: Callable[[Any], Table]
    summary: Callable[[Any], str]


def load(kind: str) -> PlotKind:
    """Import the kind's module. Raises `UsageError` for an unknown kind, naming the nearest."""
    if kind not in PLOT_KINDS:
        raise unknown_word("plot", kind, PLOT_KINDS)
    module = import_module(PLOT_KINDS[kind][0])
    return PlotKind(name=kind, title=module.TITLE, figure=module.figure, table=module.table, summary=module.summary)
