"""The report as a page: self-contained and small, hostile words as words, quiet and faultless in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from glucolog.core.moments import Moment
from glucolog.reports.build import report_model
from glucolog.reports.facts import ReportFacts
from glucolog.reports.html import report_html
from tests.chromium import AXE
from tests.conftest import need

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MakeFacts = Callable[[str], ReportFacts]


def opened(browser: Browser, html: str, folder: Path, width: int = 1280) -> tuple[Page, list[str]]:
    """Open the page; return it with what the console said and what it asked for."""
    path = folder / "report.html"
    path.write_text(html, encoding="utf-8")
    shown = browser.new_page(viewport={"width": width, "height": 900})
    heard: list[str] = []
    shown.on("console", lambda message: heard.append(message.text))
    shown.on("pageerror", lambda error: heard.append(str(error)))
    shown.on("dialog", lambda dialog: heard.append(dialog.message))
    shown.on("request", lambda request: heard.append(request.url) if request.url != path.as_uri() else None)
    shown.goto(path.as_uri())
    shown.wait_for_selector("html[data-ready]", state="attached")
    return shown, heard


def at_ease(browser: Browser, facts: ReportFacts, folder: Path) -> Page:
    """Open the report on a phone; nothing is said on the console, asked for, or wider than the screen."""
    shown, heard = opened(browser, report_html(report_model(facts)), folder, width=390)
    assert heard == []
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390
    return shown


@pytest.mark.parametrize("case", ["nothing", "hostile"])
def test_the_page_is_quiet_asks_for_nothing_and_fits_a_phone(
    case: str, make_facts: MakeFacts, browser: Browser, tmp_path: Path
) -> None:
    at_ease(browser, make_facts(case), tmp_path).close()


def test_axe_finds_no_fault_on_a_full_page(make_facts: MakeFacts, browser: Browser, tmp_path: Path) -> None:
    need(AXE.exists(), "axe-core (npm install axe-core)")
    shown = at_ease(browser, make_facts("many"), tmp_path)
    shown.evaluate(AXE.read_text("utf-8"))
    faults = shown.evaluate("axe.run().then((found) => found.violations.map((each) => each.id))")
    shown.close()
    assert faults == []


def test_ninety_days_are_under_three_megabytes(ninety_days: ReportFacts) -> None:
    assert len(report_html(report_model(ninety_days)).encode()) <= 3_000_000


def test_hostile_words_are_words(make_facts: MakeFacts) -> None:
    facts = make_facts("hostile")
    html = report_html(report_model(facts))
    assert html.count("<script") == html.count("</script>") == 3
    assert "<b>x</b>" not in html
    assert facts.person.name in unescape(html)
    assert "x" * 10_000 in html


def test_the_page_says_what_the_model_says_in_order(make_facts: MakeFacts) -> None:
    model = report_model(make_facts("many"))
    text = unescape(re.sub(r"<[^>]+>", "", report_html(model)))
    lines = (*model.summary, *model.effect_sentences, *model.open_items, *model.missing, model.disclaimer)
    at = 0
    for line in lines:
        at = text.index(line, at)
    assert all(f"{number.words}" in text for number in model.numbers)


def test_sessions_of_years_stand_a_year_each_and_every_one_is_there(make_facts: MakeFacts) -> None:
    model = report_model(make_facts("many"))
    row, new_year = model.sessions[0], Moment(1_767_222_000, "Europe/Berlin")  # 2026-01-01 00:00
    starts = [new_year.plus(minutes=1440 * day) for day in range(-40, 41)]
    long = replace(model, sessions=tuple(replace(row, start=start, when=start.iso()) for start in starts))
    page = report_html(long)
    assert re.findall(r'<details class="year"( open)?><summary>(20.*?)<span class="printed">', page) == [
        (" open", "2026: 41 sessions"), ("", "2025: 40 sessions"),
    ]  # fmt: skip
    assert all(page.count(f"<b>{start.iso()}</b>") == 1 for start in starts)
