"""The report as plain text for a terminal or a mail: the same words in the same order, at most 80 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from glucolog.core.wording import report as wording
from glucolog.plots.table import BIDI_CONTROLS
from glucolog.plots.words import when
from glucolog.reports.model import FindingLine, KeyNumber, ReportModel, SessionRow, lows_title

WIDTH = 80


def report_text(model: ReportModel) -> str:
    """Return the report as text, one newline at its end. Control and direction marks in people's words are dropped."""
    blocks = [_head(model), *(_section(title, lines) for title, lines in _sections(model) if lines)]
    return "\n\n".join(blocks) + "\n"


def _head(model: ReportModel) -> str:
    notices = [each for each in (model.made_up, model.deidentified) if each]
    lines = [model.title, "=" * min(WIDTH, len(model.title)), model.period.words, *notices]
    return "\n".join(line for each in lines for line in _wrapped(each))


def _sections(model: ReportModel) -> Iterable[tuple[str, list[str]]]:
    yield "Who", [f"{fact.label}: {fact.words}" for fact in model.who]
    yield "In short", list(model.summary)
    yield "Glucose data", list(model.quality.words)
    yield "Five numbers", [number_words(number) for number in model.numbers]
    yield "Ranges", [*(f"{part.label}: {part.words}" for part in model.ranges), *filter(None, [model.ranges_note])]
    yield wording.EFFECT_HEADING, list(model.effect_sentences)
    yield lows_title(model), list(model.lows) or [model.no_lows]
    yield wording.OPEN_HEADING, list(model.open_items) or [wording.NO_OPEN]
    yield "Questions", list(model.questions) or [wording.NO_QUESTIONS]
    yield f"Sessions ({len(model.sessions)})", [line for row in model.sessions for line in _session_lines(row)]
    yield wording.MISSING_HEADING, list(model.missing)
    yield "Method", list(model.method)
    versions = ", ".join(f"{each.part} {each.version}" for each in model.versions)
    yield "Please note", [model.disclaimer, f"Made {when(model.made_at)}. {versions}".strip()]


def number_words(number: KeyNumber) -> str:
    """Write one of the five numbers with its target and whether it is met."""
    verdict = "" if number.met is None else ", met" if number.met else ", not met"
    target = f" ({number.target}{verdict})" if number.target else ""
    return f"{number.label}: {number.words}{target}"


def _session_lines(row: SessionRow) -> list[str]:
    minutes = "" if row.minutes is None else f", {row.minutes:.0f} min"
    error = f", {row.error}" if row.error else ""
    return [f"{row.when}{minutes}; {row.how}; {row.change}{error}", *(_finding(each) for each in row.findings)]


def _finding(line: FindingLine) -> str:
    return f"  {line.level}: {line.message} [{line.citation}]"


def _section(title: str, lines: list[str]) -> str:
    body = [wrapped for line in lines for wrapped in _wrapped(line, "- ")]
    return "\n".join([title, "-" * len(title), *body])


def _wrapped(line: str, mark: str = "") -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()))
    clean = "".join(each for each in " ".join(line.translate(BIDI_CONTROLS).split()) if each.isprintable())
    lead = indent + mark
    return textwrap.wrap(clean, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead)) or [lead]
