"""A plot on a page: the figure as data for the charts' own script, its words and table as HTML."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from glucolog.plots import load
from glucolog.plots.page import Panel, panel_html, panel_of
from glucolog.plots.theme import dark_of
from glucolog.services.figures import data_of
from glucolog.services.looking import Range
from glucolog.web.desk import Desk
from glucolog.web.setup import house


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn plot."""

    panel: Panel

    @property
    def html(self) -> Markup:
        """Its caption, its place, its buttons and its table; every text in it is escaped by the plots' page."""
        return Markup(panel_html(self.panel))  # noqa: S704


def chart(desk: Desk, kind: str, span: Range, ref: str = "@1", suffix: str = "") -> Chart:
    """Draw one plot of a person. Raises for an unknown kind."""
    plot = load(kind)
    panel = panel_of(plot, data_of(desk.log, desk.person, kind, span, ref, desk.now, house().charts.of))
    return Chart(replace(panel, id=panel.id + suffix))


def packed_figures(charts: list[Chart]) -> str:
    """Return the figures in the form that the charts' script unpacks."""
    figures = {drawn.panel.id: _bare(drawn.panel.figure) for drawn in charts}
    return packed(json.dumps({"figures": figures, "dark": dark_of()}, ensure_ascii=True, separators=(",", ":")))


def packed(words: str) -> str:
    """Return words deflated, in base64."""
    return base64.b64encode(zlib.compress(words.encode(), 6)).decode("ascii")


def _bare(figure: Any) -> Any:
    plain = json.loads(figure.to_json())
    plain["layout"].pop("template", None)
    return plain
