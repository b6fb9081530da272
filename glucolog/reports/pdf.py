"""The report as one page for the file: A4 or Letter, by typst, tagged, fonts embedded.

What a person wrote reaches typst as JSON and is set as text; nothing is ever put into the template's own words.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final, Literal

from glucolog.core.findings import Level
from glucolog.core.moments import Moment
from glucolog.core.wording import report as wording
from glucolog.core.wording import session as session_wording
from glucolog.errors import UsageError
from glucolog.plots import agp, aligned, paired
from glucolog.plots.table import label
from glucolog.plots.words import when
from glucolog.reports import svg, svg_pairs
from glucolog.reports.model import KeyNumber, ReportModel, lows_title

PAPERS = {"a4": "a4", "letter": "us-letter"}
_TEXT_WIDTH = {"a4": 527.0, "letter": 544.0}
_LINE_LENGTH = 260
_LOUDEST = (Level.URGENT, Level.WARNING, Level.CAUTION, Level.INFO)
_FOREST_ROWS = 5
_LONGEST_WORD = 24
_REASON_LENGTH = 96
_EFFECT_LENGTH = 760
_CHART_HEIGHT = {"a4": 165.0, "letter": 138.0}
_NAMED_SESSIONS = 2
_GUTTER = 8.0
_ACCESSIBLE: Final = "ua-1"
_NO_GLYPH = "could not be displayed"
"""What typst says when no font has a letter; PDF/UA forbids it, a plain tagged page shows a box for it."""
_PICTURES = re.compile("[\u200c-\U0010ffff]")
_NAMED = ("So", "Sk", "Cn", "Co", "Cs")
_UNPRINTED = (*_NAMED, "Cf", "Mn")
_PLAIN_LETTERS = 0x0530
"""Latin, Greek and Cyrillic end here; beyond it the machine's fonts may have to help."""


def report_pdf(model: ReportModel, paper: str = "a4", lang: str = "en") -> bytes:
    """Return the page as PDF. Raises `UsageError` for a paper other than a4 and letter."""
    import typst

    if paper not in PAPERS:
        raise UsageError(f"“{paper}” is not a paper glucolog prints on.", "Use a4 or letter.")
    data = printable(json.dumps(_page(model, paper, lang), ensure_ascii=False))
    try:
        return _compiled(data, model.made_at, [_ACCESSIBLE])
    except typst.TypstError as error:
        if _NO_GLYPH not in str(error):
            raise
        return _compiled(data, model.made_at, [])


def _compiled(data: str, made_at: Moment, standards: list[Literal["ua-1"]]) -> bytes:
    import typst

    template = (files("glucolog.reports") / "templates" / "one_page.typ").read_bytes()
    page: bytes = typst.compile(
        template, format="pdf", font_paths=_fonts(data), sys_inputs={"report": data}, timestamp=made_at.epoch_s,
        pdf_standards=[*standards],
    )  # fmt: skip
    return page


def printable(words: str) -> str:
    """Return words that a printed page can show: pictures such as emoji by their name, joiners and marks dropped."""
    return _PICTURES.sub(lambda found: _printable(found[0]), words)


def _printable(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind not in _UNPRINTED:
        return letter
    return f"[{unicodedata.name(letter, f'U+{ord(letter):04X}').lower()}]" if kind in _NAMED else ""


def _fonts(words: str) -> Any:
    import font_lato  # type: ignore[import-untyped]
    import typst

    return typst.Fonts(include_system_fonts=not _plain_letters(words), font_paths=[font_lato.font_directory])


def _plain_letters(words: str) -> bool:
    return all(ord(letter) < _PLAIN_LETTERS or 0x2000 <= ord(letter) < 0x2300 for letter in words)


def _page(model: ReportModel, paper: str, lang: str) -> dict[str, Any]:
    width = _TEXT_WIDTH[paper]
    return {
        "paper": PAPERS[paper],
        "lang": lang,
        "title": _breakable(label(model.title, 90)),
        "period": model.period.words,
        "made": f"made {when(model.made_at)}",
        "notices": [each for each in (model.made_up, model.deidentified) if each],
        "who": [{"label": fact.label, "words": label(fact.words, 110)} for fact in model.who if fact.label != "Name"],
        "numbers": [_number(number) for number in model.numbers],
        "ranges": _ranges(model, width),
        "quality": list(model.quality.words),
        "charts": _charts(model, width, _CHART_HEIGHT[paper]),
        "effect": _effect(model, (width - 10) / 2),
        **_lists(model),
        "method": " ".join(model.method),
        "disclaimer": model.disclaimer,
        "versions": ", ".join(f"{each.part} {each.version}" for each in model.versions),
    }


def _number(number: KeyNumber) -> dict[str, Any]:
    verdict = {True: ": met", False: ": not met", None: ""}[number.met]
    return {
        "label": number.label,
        "words": label(number.words, _REASON_LENGTH),
        "value": number.value is not None,
        "target": f"{number.target}{verdict}" if number.target else "",
    }


def _ranges(model: ReportModel, width: float) -> dict[str, Any] | None:
    if not model.ranges:
        return None
    told = [f"{part.label}: {part.words}" for part in model.ranges]
    return {
        "svg": svg.ranges_svg(model.ranges, width, 13),
        "alt": ", ".join(told),
        "key": [{"svg": svg.swatch_svg(part), "words": line} for part, line in zip(model.ranges, told, strict=True)],
        "note": model.ranges_note,
    }


def _charts(model: ReportModel, width: float, height: float) -> list[dict[str, str]]:
    usual, laid, unit = model.charts.agp, model.charts.aligned, model.scale.unit
    if not usual.minute_of_day and not laid.curves and paired.pairs(model.charts.paired):
        return [_pairs_chart(model, width, height)]
    half = (width - _GUTTER) / 2
    return [
        {"title": f"{agp.TITLE}, {unit}", "svg": svg.agp_svg(usual, half, height), "alt": agp.summary(usual),
         "words": agp.summary(usual)},
        {"title": f"{aligned.TITLE}, {unit}", "svg": svg.aligned_svg(laid, half, height), "alt": aligned.summary(laid),
         "words": aligned.summary(laid)},
    ]  # fmt: skip


def _pairs_chart(model: ReportModel, width: float, height: float) -> dict[str, str]:
    data = model.charts.paired
    told = f"{paired.summary(data)} {wording.PAIRS_CHART}"
    return {
        "title": f"{paired.TITLE}, {data.scale.unit}", "svg": svg_pairs.pairs_svg(data, width, height), "alt": told,
        "words": told,
    }  # fmt: skip


def _effect(model: ReportModel, width: float) -> dict[str, Any]:
    data = model.charts.effect
    rows = sorted(data.rows, key=lambda row: (row.group != "overall", row.estimate_mg_dl is None))[:_FOREST_ROWS]
    forest = (
        {"svg": svg.forest_svg(data, rows, width), "alt": wording.EFFECT_SUMMARY}
        if any(row.estimate_mg_dl is not None for row in rows)
        else None
    )
    return {
        "title": wording.EFFECT_HEADING,
        "answer": model.effect_sentences[0],
        "rest": label(" ".join(model.effect_sentences[1:]), _EFFECT_LENGTH),
        "forest": forest,
        "axis": wording.EFFECT_AXIS.format(outcome=data.outcome, unit=data.scale.unit),
    }


def _lists(model: ReportModel) -> dict[str, Any]:
    n = sum(bool(row.findings) for row in model.sessions)
    return {
        "findings": _list(
            f"Sessions with findings ({n} of {len(model.sessions)})",
            finding_lines(model),
            wording.NO_FINDING_SESSIONS,
            wording.ASSOCIATION if n else "",
        ),
        "lows": _list(lows_title(model), model.lows[::-1], model.no_lows),
        "open": _list(wording.OPEN_HEADING, model.open_items, wording.NO_OPEN),
        "questions": _list("My questions", model.questions, wording.NO_QUESTIONS),
        "missing": _list(wording.MISSING_HEADING, model.missing, wording.NO_MISSING),
    }


def finding_lines(model: ReportModel) -> list[str]:
    """Return a line for each thing that was found, the loudest and latest first, with the sessions it was found in.

    That it is an association is said once, under the list.
    """
    sessions: dict[tuple[Level, str], list[str]] = {}
    for row in reversed(model.sessions):
        for finding in row.findings:
            sessions.setdefault((finding.level, _without_caveat(finding.message)), []).append(row.when)
    ordered = sorted(sessions.items(), key=lambda each: _LOUDEST.index(each[0][0]))
    return [
        wording.FINDING_ROW.format(when=_when_words(whens), level=level, message=message)
        for (level, message), whens in ordered
    ]


def _without_caveat(message: str) -> str:
    for caveat in (session_wording.ASSOCIATION, session_wording.ASSOCIATION_WITHOUT_INSULIN):
        message = message.removesuffix(f" {caveat}")
    return message


def _when_words(whens: list[str]) -> str:
    named, more = ", ".join(whens[:_NAMED_SESSIONS]), len(whens) - _NAMED_SESSIONS
    return wording.MORE_SESSIONS.format(when=named, n=more) if more > 0 else named


def _list(title: str, lines: Sequence[str], none: str, note: str = "") -> dict[str, Any]:
    shown = [_breakable(label(line, _LINE_LENGTH)) for line in lines]
    return {"title": title, "lines": shown, "none": none, "note": note}


def _breakable(line: str) -> str:
    return re.sub(rf"(\S{{{_LONGEST_WORD}}})(?=\S)", "\\1\u200b", line)
