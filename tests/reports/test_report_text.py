"""The report as text: the model's words, at most 80 columns, nothing that moves a terminal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from glucolog.reports.build import report_model
from glucolog.reports.facts import ReportFacts
from glucolog.reports.text import report_text

MakeFacts = Callable[[str], ReportFacts]
CASES = ("nothing", "one-session", "all-refused", "many", "mmol", "lows", "hostile", "crowded")


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("case", CASES)
def test_lines_fit_a_terminal_and_hold_no_control(case: str, make_facts: MakeFacts) -> None:
    text = report_text(report_model(make_facts(case)))
    assert max(map(len, text.splitlines())) <= 80
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_every_sentence_of_the_model_is_there(make_facts: MakeFacts) -> None:
    model = report_model(make_facts("many"))
    text = flat(report_text(model))
    for line in (*model.summary, *model.effect_sentences, *model.missing, *model.method, model.disclaimer):
        assert flat(line) in text
    assert "blister" in text
    assert "burning 6 of 10" in text


def test_ten_thousand_letters_are_all_there(make_facts: MakeFacts) -> None:
    text = report_text(report_model(make_facts("hostile")))
    assert "".join(text.split()).count("x" * 10_000) == 1
