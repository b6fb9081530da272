"""One self-contained page: figures, their text tables, and a policy that lets nothing in or out.

Scripts run by hash alone. Plotly and the figures travel deflated in base64 and are unpacked by the page itself, so that
raw readings stay raw within a few megabytes. Every text is escaped here; callers pass plain words.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import Any

from glucolog.plots import PlotKind
from glucolog.plots.table import Table
from glucolog.plots.theme import dark_of

CHART_KEYS = "Arrow keys step through the points and read them out."
ZOOM_KEYS = "Plus and minus zoom, square brackets move, 0 shows the whole."
NO_SCRIPT = "The charts need JavaScript, which is off. The tables below hold the same."
_BUTTONS = (
    ("in", "Zoom in"), ("out", "Zoom out"), ("left", "Earlier"), ("right", "Later"), ("whole", "Show all"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A figure on a page: its id, a heading-like title, what it shows in one sentence, and its text table."""

    id: str
    title: str
    figure: Any
    summary: str
    table: Table


def panel_of(plot: PlotKind, data: object) -> Panel:
    """Draw the data of a plot; `data` is of the kind's own class."""
    return Panel(
        id=f"chart-{plot.name}",
        title=plot.title,
        figure=plot.figure(data),
        summary=plot.summary(data),
        table=plot.table(data),
    )


def text(words: str) -> str:
    """Return a person's words as HTML text, kept in their own direction."""
    return f"<bdi>{escape(words)}</bdi>"


def paragraph(words: str, kind: str = "") -> str:
    """Return a paragraph of plain words, with a CSS class if given."""
    return f'<p class="{escape(kind)}">{escape(words)}</p>' if kind else f"<p>{escape(words)}</p>"


def listing(lines: Iterable[str]) -> str:
    """Return a bulleted list of plain words; nothing for no lines."""
    items = "".join(f"<li>{text(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def table_html(table: Table) -> str:
    """Return a table that scrolls sideways on its own where the screen is narrow."""
    head = "".join(f'<th scope="col">{escape(word)}</th>' for word in table.head)
    rows = "".join(f"<tr>{''.join(f'<td>{text(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    note = paragraph(table.note, "quiet") if table.note else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(table.caption)}"><table>'
        f"<caption>{escape(table.caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{note}"
    )


def panel_html(panel: Panel) -> str:
    """Return a figure with its caption, buttons, the line read out, and its table behind a summary."""
    zoomable = bool((panel.figure.layout.meta or {}).get("zoomable"))
    keys = f"{CHART_KEYS} {ZOOM_KEYS}" if zoomable else CHART_KEYS
    label = escape(f"{panel.title}. {panel.summary} {keys}")
    height = int(panel.figure.layout.height)
    return (
        f'<figure><figcaption>{text(panel.summary)}</figcaption><div class="chart" id="{panel.id}" tabindex="0" '
        f'role="group" aria-label="{label}" style="min-height:{height}px"></div>{_tools(panel.id) if zoomable else ""}'
        f'<p class="said" id="{panel.id}-said" aria-live="polite"></p>'
        f"<details><summary>{escape(panel.title)} as a table</summary>{table_html(panel.table)}</details></figure>"
    )


def _tools(chart: str) -> str:
    buttons = "".join(
        f'<button type="button" data-chart="{chart}" data-act="{act}">{words}</button>' for act, words in _BUTTONS
    )
    return f'<div class="tools">{buttons}</div>'


def document(title: str, body: str, figures: Mapping[str, Any], lang: str = "en") -> str:
    """Return a whole page. `body` is HTML built by this module; `figures` maps the ids of its charts to figures."""
    scripts, allowed = _scripts(figures) if figures else ("", "")
    policy = f"default-src 'none'; style-src 'unsafe-inline'; {allowed}base-uri 'none'; form-action 'none'"
    return (
        f'<!doctype html>\n<html lang="{escape(lang)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{_asset('page.css')}</style></head>"
        f"<body><main>{body}</main>{scripts}</body></html>\n"
    )


def figure_page(panel: Panel, footer: Iterable[str] = (), made_up: str | None = None) -> str:
    """Return the page of one figure, with lines of small print below and a notice above when the data are made up."""
    notice = paragraph(made_up, "made-up") if made_up else ""
    small = "".join(paragraph(line) for line in footer)
    body = f"<h1>{text(panel.title)}</h1>{notice}{_no_script()}{panel_html(panel)}<footer>{small}</footer>"
    return document(panel.title, body, {panel.id: panel.figure})


def _no_script() -> str:
    return f"<noscript>{paragraph(NO_SCRIPT)}</noscript>"


def _scripts(figures: Mapping[str, Any]) -> tuple[str, str]:
    boot = _asset("page.js")
    allowed = f"script-src '{_hash(boot)}' '{_plotly_hash()}'; "
    payload = json.dumps({"figures": _as_json(figures), "dark": dark_of()}, ensure_ascii=True, separators=(",", ":"))
    return (
        f'<script type="text/plain" id="plotly-js">{_packed_plotly()}</script>'
        f'<script type="text/plain" id="figures">{_packed(payload, 9)}</script><script>{boot}</script>'
    ), allowed


def _as_json(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _bare(json.loads(figure.to_json())) for key, figure in figures.items()}


def _bare(figure: dict[str, Any]) -> dict[str, Any]:
    figure["layout"].pop("template", None)
    return figure


@lru_cache(maxsize=4)
def _asset(name: str) -> str:
    return (files("glucolog.plots") / "assets" / name).read_text("utf-8").replace("\r\n", "\n")


@lru_cache(maxsize=1)
def _plotly() -> str:
    return (files("plotly") / "package_data" / "plotly.min.js").read_text("utf-8")


@lru_cache(maxsize=1)
def _packed_plotly() -> str:
    return _packed(_plotly(), 9)


@lru_cache(maxsize=1)
def _plotly_hash() -> str:
    return _hash(_plotly())


def _packed(words: str, effort: int) -> str:
    return base64.b64encode(zlib.compress(words.encode(), effort)).decode("ascii")


def _hash(script: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode('ascii')}"
