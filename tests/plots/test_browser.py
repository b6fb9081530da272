"""Every kind of plot in Chromium: no console error, no request, no accessibility fault; dark, phone, keys, a year."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from glucolog import plots
from glucolog.plots import page, theme
from glucolog.plots.page import Panel
from tests.chromium import AXE
from tests.conftest import need

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDE, PHONE = (1280, 900), (390, 844)


def panel(kind: str, data: Any, name: str = "chart") -> Panel:
    loaded = plots.load(kind)
    return Panel(
        id=name, title=loaded.title, figure=loaded.figure(data), summary=loaded.summary(data),
        table=loaded.table(data),
    )  # fmt: skip


def written(kind: str, data: Any, folder: Path) -> Path:
    path = folder / f"{kind}.html"
    path.write_text(page.figure_page(panel(kind, data)), encoding="utf-8")
    return path


def all_kinds(data: dict[str, Any], folder: Path) -> Path:
    """Write every kind on one page."""
    panels = [panel(kind, data[kind], f"chart-{kind}") for kind in plots.PLOT_KINDS]
    body = "<h1>All</h1>" + "".join(page.panel_html(each) for each in panels)
    path = folder / "all.html"
    path.write_text(page.document("All", body, {each.id: each.figure for each in panels}), encoding="utf-8")
    return path


def wait_until(shown: Page, condition: str) -> None:
    """Wait for a condition; the page's own policy forbids the browser's way of waiting for one."""
    until = time.monotonic() + 10
    while not shown.evaluate(condition):
        assert time.monotonic() < until, condition
        shown.wait_for_timeout(20)


def opened(
    browser: Browser, path: Path, size: tuple[int, int] = WIDE, *, dark: bool = False
) -> tuple[Page, list[str], list[str]]:
    """Open a page and wait until its charts are drawn; return it with what the console said and what it asked for."""
    width, height = size
    shown = browser.new_page(viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light")
    said: list[str] = []
    asked: list[str] = []
    shown.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    shown.on("pageerror", lambda error: said.append(str(error)))
    shown.on("request", lambda request: asked.append(request.url))
    shown.goto(path.as_uri())
    shown.wait_for_selector("html[data-ready]", state="attached")
    return shown, said, [url for url in asked if url != path.as_uri()]


@pytest.mark.parametrize(("size", "dark"), [(WIDE, False), (PHONE, True)])
def test_every_kind_draws_without_a_word_asks_for_nothing_and_has_no_fault_for_axe(
    size: tuple[int, int], full: dict[str, Any], browser: Browser, tmp_path: Path, *, dark: bool
) -> None:
    need(AXE.exists(), "axe-core (npm install axe-core)")
    shown, said, asked = opened(browser, all_kinds(full, tmp_path), size, dark=dark)
    assert said == []
    assert asked == []
    assert shown.locator(".chart:has(svg.main-svg)").count() == len(plots.PLOT_KINDS)
    assert shown.evaluate("document.documentElement.scrollWidth") <= size[0]
    shown.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    shown.evaluate(AXE.read_text("utf-8"))
    faults = shown.evaluate("axe.run().then((found) => found.violations.map((each) => each.id))")
    shown.close()
    assert faults == []


def test_no_data_is_a_page_too(nothing: dict[str, Any], browser: Browser, tmp_path: Path) -> None:
    shown, said, asked = opened(browser, all_kinds(nothing, tmp_path))
    assert said == asked == []
    shown.close()


def test_a_dark_system_gets_dark_paper_that_prints_in_light_ink_and_switches_while_open(
    full: dict[str, Any], browser: Browser, tmp_path: Path
) -> None:
    shown, _, _ = opened(browser, written("agp", full["agp"], tmp_path), dark=True)
    drawn = "document.querySelector('#chart .main-svg')"
    paper, wide = f"getComputedStyle({drawn}).backgroundColor", f"{drawn}.getBoundingClientRect().width"
    red, green, blue = (int(theme.PAPER.dark[at : at + 2], 16) for at in (1, 3, 5))
    assert shown.evaluate(paper) == f"rgb({red}, {green}, {blue})"
    shown.evaluate("dispatchEvent(new Event('beforeprint'))")
    wait_until(shown, f"{wide} === 660")
    assert shown.evaluate(paper) == "rgb(255, 255, 255)"
    shown.evaluate("dispatchEvent(new Event('afterprint'))")
    wait_until(shown, f"{wide} > 660")
    shown.emulate_media(color_scheme="light")
    wait_until(shown, f"{paper} === 'rgb(255, 255, 255)'")
    shown.close()


WINDOW_MS = "chart.layout.xaxis.range.map((v) => typeof v === 'number' ? v : Date.parse(v + 'Z'))"
WIDTH_MS = f"(([from, to]) => to - from)({WINDOW_MS})"
Y = "chart.data[0].y"


def test_the_keys_read_points_out_and_zoom(full: dict[str, Any], browser: Browser, tmp_path: Path) -> None:
    shown, _, _ = opened(browser, written("timeline", full["timeline"], tmp_path))
    shown.locator("#chart").focus()
    shown.keyboard.press("ArrowRight")
    wait_until(shown, "document.getElementById('chart-said').textContent.includes('mg/dL')")
    before = shown.evaluate(WIDTH_MS)
    shown.keyboard.press("+")
    wait_until(shown, f"Math.abs({WIDTH_MS} - {before / 2}) < 1000")
    shown.get_by_role("button", name="Show all").click()
    wait_until(shown, f"Math.abs({WIDTH_MS} - {before}) < 1000")
    shown.close()


def test_a_year_keeps_its_lowest_reading_and_shows_each_one_when_near(
    year: Any, browser: Browser, tmp_path: Path
) -> None:
    lowest = min(year.traces[0].amount)
    shown, said, _ = opened(browser, written("timeline", year, tmp_path))
    assert said == []
    assert shown.evaluate(f"Math.min(...{Y}.filter((each) => each !== null))") == lowest
    assert shown.evaluate(f"{Y}.length") < 20_000
    at_ms = shown.evaluate(f"chart.data[0].x[{Y}.indexOf({lowest})]")
    six_h_ms = 6 * 3_600_000
    shown.evaluate(f"Plotly.relayout(chart, {{'xaxis.range': [{at_ms - six_h_ms}, {at_ms + six_h_ms}]}})")
    wait_until(shown, "chart.data[0].mode === 'lines+markers'")
    assert shown.evaluate("chart._fullLayout.xaxis.type") == "date"
    assert shown.evaluate(WIDTH_MS) == pytest.approx(2 * six_h_ms)
    near = f"chart.data[0].x.filter((x, i) => Math.abs(x - {at_ms}) <= {six_h_ms} && {Y}[i] !== null).length"
    assert shown.evaluate(near) == 2 * 6 * 12 + 1
    shown.close()


@pytest.mark.slow
def test_a_year_draws_its_first_frame_and_zooms_in_time(year: Any, browser: Browser, tmp_path: Path) -> None:
    path = written("timeline", year, tmp_path)
    shown, said, _ = opened(browser, path)
    first_frame_ms = shown.evaluate("performance.getEntriesByName('first-frame')[0].startTime")
    zoom_ms = shown.evaluate(
        "new Promise((done) => { const begun = performance.now();"
        " chart.once('plotly_afterplot', () => done(performance.now() - begun));"
        " document.querySelector('[data-act=in]').click(); })"
    )
    shown.close()
    assert said == []
    assert first_frame_ms <= 1500
    assert zoom_ms <= 200
