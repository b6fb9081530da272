"""Every sentence a person can read, against the words that are not allowed (clinical reference, section 8)."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module

import pytest
from glucolog.core import wording
from glucolog.core.citations import CITATIONS, Citation

FORBIDDEN = {
    "cause": r"\bcaus(e|es|ed|ing)\b",
    "lowers": r"\blowers\b",
    "works": r"\bworks\b",
    "safe": r"\b(un)?safe(ly|r|st)?\b",
    "proves": r"\bprove[sdn]?\b|\bproof\b",
    "a change of insulin": (
        r"\b(reduce|increase|lower|raise|skip|halve|double|cut|adjust|change|suspend|delay)(ing)?\s+"
        r"(your|the|his|her|their|a|any)?\s*(next\s+)?(dose|bolus|basal|insulin|units?)\b"
    ),
    "a dose to take": (
        r"\b(take|give|inject|deliver|correct with|bolus)\s+(about\s+)?(\d|\{)[^.]{0,12}\b(u|units?|iu)\b"
    ),
}


def strings(value: object, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, f"{where}[{key!r}]")
    elif isinstance(value, list | tuple | set | frozenset):
        for index, item in enumerate(value):
            yield from strings(item, f"{where}[{index}]")


def sentences() -> Iterator[tuple[str, str]]:
    for module in pkgutil.iter_modules(wording.__path__):
        names = vars(import_module(f"{wording.__name__}.{module.name}"))
        for name, value in names.items():
            if not name.startswith("_") and name != "annotations":
                yield from strings(value, f"{module.name}.{name}")


def forbidden_in(sentence: str) -> list[str]:
    return [name for name, pattern in FORBIDDEN.items() if re.search(pattern, sentence, re.IGNORECASE)]


def test_there_are_sentences() -> None:
    assert {where.split(".")[0] for where, _ in sentences()} >= {"after", "gate", "insulin", "session"}


@pytest.mark.parametrize(("where", "sentence"), list(sentences()), ids=lambda value: value[:40])
def test_no_forbidden_word(where: str, sentence: str) -> None:
    assert forbidden_in(sentence) == [], where


@pytest.mark.parametrize("citation", CITATIONS.values(), ids=lambda citation: citation.label)
def test_no_forbidden_word_in_a_citation(citation: Citation) -> None:
    assert forbidden_in(f"{citation.label}. {citation.says}") == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Massage causes lows.", "This lowers glucose.", "It works.", "You are safe.", "This proves it.",
        "Reduce your dose.",        "Lower the basal tonight.", "Take 4 units now.", "Inject {units} U.",
    ],
)  # fmt: skip
def test_the_net_catches_what_it_should(sentence: str) -> None:
    assert forbidden_in(sentence)


@pytest.mark.parametrize(
    "sentence", ["Because glucose fell.", "A lower reading.", "About 3.1 U of insulin on board.", "Its network is up."]
)
def test_the_net_lets_plain_words_through(sentence: str) -> None:
    assert forbidden_in(sentence) == []
