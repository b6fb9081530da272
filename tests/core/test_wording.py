"""Every sentence a person can read, against the words that are not allowed (clinical reference, section 8)."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import glucolog
import pytest
from glucolog.core import wording
from glucolog.core.citations import CITATIONS, Citation
from glucolog.core.gate import rule_table as gate_table
from glucolog.core.rules import rule_table as session_table

PACKAGE = Path(glucolog.__file__).parent
TECHNICAL = re.compile(r"'unsafe-inline'|\|safe\b")
"""Words of a content security policy and of the templates, which nobody is shown."""

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


def program_strings() -> Iterator[tuple[str, str]]:
    """Every string of the program that is no docstring, and the docstrings that are a command's help."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        quiet = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)} - _help_of_commands(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in quiet:
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", _text(node)


def _text(node: ast.expr) -> str:
    """A string as it stands in the program; what is filled in is a pair of braces."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _help_of_commands(tree: ast.Module) -> set[int]:
    decorated = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.decorator_list)
    return {id(first.value) for node in decorated if isinstance(first := node.body[0], ast.Expr)}


def page_lines() -> Iterator[tuple[str, str]]:
    """Every line of the pages, scripts and help topics."""
    for ending in ("html", "js", "md"):
        for path in sorted(PACKAGE.rglob(f"*.{ending}")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                yield f"{path.relative_to(PACKAGE)}:{number}", line


@pytest.mark.parametrize("read", [program_strings, page_lines])
def test_no_forbidden_word_anywhere_else(read: Callable[[], Iterator[tuple[str, str]]]) -> None:
    lines = [(where, TECHNICAL.sub("", line)) for where, line in read()]
    assert len(lines) > 1000
    assert [(where, found) for where, line in lines if (found := forbidden_in(line))] == []


def test_all_that_a_rule_can_say_is_among_what_was_read() -> None:
    spoken = {row.sentence for row in (*gate_table(), *session_table())}
    assert spoken <= {sentence for _, sentence in sentences()}


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
