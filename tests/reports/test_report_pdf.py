"""The printed page: one page whatever is in it, tagged, fonts embedded, small, its words in reading order."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from glucolog.core.wording import session as session_wording
from glucolog.errors import UsageError
from glucolog.plots.agp import AgpData
from glucolog.plots.aligned import AlignedData
from glucolog.reports.build import report_model
from glucolog.reports.facts import ReportFacts
from glucolog.reports.pdf import finding_lines, printable, report_pdf
from tests.conftest import need
from tests.reports.conftest import finding

MakeFacts = Callable[[str], ReportFacts]
CASES = ("nothing", "one-session", "all-refused", "many", "mmol", "lows", "hostile", "crowded")
SIZES = {"a4": "595.276 x 841.89", "letter": "612 x 792"}


def asked(tool: str, *arguments: str) -> str:
    """Run one of poppler's tools and return what it prints."""
    need(shutil.which(tool), "poppler-utils")
    return subprocess.run([tool, *arguments], capture_output=True, text=True, check=True).stdout


def written(facts: ReportFacts, folder: Path, paper: str = "a4") -> Path:
    path = folder / "report.pdf"
    path.write_bytes(report_pdf(report_model(facts), paper))
    return path


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("case", CASES)
def test_it_is_one_tagged_page_under_300_kb(case: str, paper: str, make_facts: MakeFacts, tmp_path: Path) -> None:
    path = written(make_facts(case), tmp_path, paper)
    told = dict(line.split(":", 1) for line in asked("pdfinfo", str(path)).splitlines() if ":" in line)
    assert told["Pages"].strip() == "1"
    assert told["Tagged"].strip() == "yes"
    assert SIZES[paper] in told["Page size"]
    assert path.stat().st_size < 300_000


@pytest.mark.parametrize("case", ["nothing", "many", "hostile"])
def test_every_font_is_embedded(case: str, make_facts: MakeFacts, tmp_path: Path) -> None:
    rows = asked("pdffonts", str(written(make_facts(case), tmp_path))).splitlines()[2:]
    embedded = [row.split()[-5] for row in rows]
    assert rows
    assert set(embedded) == {"yes"}


def test_words_can_be_selected_in_reading_order(make_facts: MakeFacts, tmp_path: Path) -> None:
    text = asked("pdftotext", str(written(make_facts("many"), tmp_path)), "-")
    order = (
        "Massage and glucose: Ada", "Mean glucose", "In range, 70 to 180", "The usual day",
        "All sessions from their start", "Sessions beside similar times", "Sessions with findings",
        "Lows within 6 h", "Not yet told", "My questions", "What is missing", "no medical device",
    )  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_what_does_not_fit_is_counted_not_cut(make_facts: MakeFacts, tmp_path: Path) -> None:
    text = asked("pdftotext", str(written(make_facts("crowded"), tmp_path)), "-")
    assert text.count("more lines in the full report") == 3
    assert "no medical device" in " ".join(text.split())


def test_what_was_found_in_many_sessions_is_said_once(make_facts: MakeFacts) -> None:
    facts = make_facts("many")
    same = tuple(replace(each, findings=(finding("Look at the skin."),)) for each in facts.sessions[:4])
    lone = replace(facts.sessions[4], findings=(finding("Once."),))
    latest = report_model(replace(facts, sessions=(*same, lone)))
    whens = [row.when for row in latest.sessions]
    assert finding_lines(latest) == [
        f"{whens[4]}: warning. Once.",
        f"{whens[3]}, {whens[2]} and 2 more: warning. Look at the skin.",
    ]


def test_that_it_is_an_association_is_said_once_below_what_was_found(make_facts: MakeFacts, tmp_path: Path) -> None:
    facts = make_facts("many")
    caveats = session_wording.ASSOCIATION, session_wording.ASSOCIATION_WITHOUT_INSULIN
    low = [replace(each, findings=(finding(f"Low {n}. {caveats[n % 2]}"),)) for n, each in enumerate(facts.sessions)]
    path = written(replace(facts, sessions=tuple(low)), tmp_path)
    text = " ".join(asked("pdftotext", str(path), "-").split())
    found = text[text.index("Sessions with findings") : text.index("Lows within 6 h")]
    assert {"Low 18.", "Low 17."} <= set(re.findall(r"Low \d+\.", found))
    assert found.count("association") == 1


def test_without_a_sensor_the_page_draws_before_and_after(make_facts: MakeFacts, tmp_path: Path) -> None:
    facts = make_facts("many")
    model = report_model(facts)
    charts = replace(model.charts, agp=AgpData(scale=model.scale), aligned=AlignedData(scale=model.scale))
    path = tmp_path / "report.pdf"
    path.write_bytes(report_pdf(replace(model, charts=charts)))
    text = asked("pdftotext", str(path), "-")
    assert "Before and after, mg/dL" in text
    assert "The usual day" not in text


def test_hostile_words_are_words(make_facts: MakeFacts, tmp_path: Path) -> None:
    text = " ".join(asked("pdftotext", str(written(make_facts("hostile"), tmp_path)), "-").split())
    assert "</script><b>x</b> #let y = sys.inputs; $1/2$ @ref *bold*" in text
    assert "[grinning face]" in text
    assert "שלום" in text or "םולש" in text


@pytest.mark.parametrize(
    ("typed", "printed"), [("😀", "[grinning face]"), ("a\u200db", "ab"), ("Zoë – 5 °C ≥ 3", "Zoë – 5 °C ≥ 3")]
)
def test_pictures_are_printed_by_name(typed: str, printed: str) -> None:
    assert printable(typed) == printed


def test_the_same_model_gives_the_same_bytes(make_facts: MakeFacts) -> None:
    model = report_model(make_facts("many"))
    assert report_pdf(model) == report_pdf(model)


def test_another_paper_is_refused(make_facts: MakeFacts) -> None:
    with pytest.raises(UsageError, match="a3"):
        report_pdf(report_model(make_facts("nothing")), "a3")
