"""The page of a figure: self-contained, under a policy that lets nothing in or out, hostile words as words."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from html import unescape
from typing import Any

import pytest
from glucolog import plots
from glucolog.plots import page
from glucolog.plots.page import Panel
from glucolog.plots.table import Table

HOSTILE = "</script><script>alert(1)</script>\u202eevil \"quoted\" 'it' & 😀"


def panel(kind: str, full: dict[str, Any]) -> Panel:
    loaded = plots.load(kind)
    data = full[kind]
    return Panel(
        id="chart",
        title=loaded.title,
        figure=loaded.figure(data),
        summary=loaded.summary(data),
        table=loaded.table(data),
    )


@pytest.fixture
def html(full: dict[str, Any]) -> str:
    return page.figure_page(panel("paired", full), footer=[HOSTILE])


def scripts(html: str) -> list[tuple[str, str]]:
    return re.findall(r"<script([^>]*)>(.*?)</script>", html, re.DOTALL)


def hash_of(code: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}"


def test_only_two_scripts_may_run_and_nothing_may_load(html: str) -> None:
    policy = unescape(re.findall(r'Content-Security-Policy" content="([^"]+)"', html)[0])
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    runnable = [code for attributes, code in scripts(html) if "text/plain" not in attributes]
    packed = dict(re.findall(r'id="([\w-]+)">([^<]+)</script>', html))
    plotly = zlib.decompress(base64.b64decode(packed["plotly-js"])).decode()
    assert rules["default-src"] == "'none'"
    assert rules["script-src"].split() == [f"'{hash_of(runnable[0])}'", f"'{hash_of(plotly)}'"]
    assert len(runnable) == 1
    assert set(rules) == {"default-src", "script-src", "style-src", "base-uri", "form-action"}


def test_the_page_names_no_address(html: str) -> None:
    assert not re.search(r"""(?:src|href|url|action)\s*[=(]\s*["']?(?:https?:)?//""", html)


def test_a_persons_words_are_words(html: str) -> None:
    assert len(scripts(html)) == 3
    assert "<script>alert" not in html
    assert HOSTILE in unescape(html)


def test_a_table_stands_behind_each_chart_and_is_escaped() -> None:
    table = Table(caption="c", head=("a",), rows=((HOSTILE,), ("x" * 10_000,)))
    shown = page.table_html(table)
    assert shown.count("<td>") == 2
    assert "<script" not in shown
    assert f"<td><bdi>{'x' * 10_000}</bdi></td>" in shown


def test_language_title_and_keys_are_given(html: str) -> None:
    assert html.startswith('<!doctype html>\n<html lang="en">')
    assert "<title>Before and after</title>" in html
    assert 'role="group" aria-label="Before and after.' in html
    assert 'tabindex="0"' in html


def test_the_whole_page_is_under_two_and_a_half_megabytes(html: str) -> None:
    assert len(html) < 2_500_000
