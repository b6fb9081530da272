"""The report as one self-contained page: the words of every other form, charts to ask, raw readings inside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from glucolog import plots
from glucolog.core.wording import report as wording
from glucolog.plots import page
from glucolog.plots.page import Panel, listing, paragraph, text
from glucolog.plots.words import counted, when
from glucolog.reports.model import FindingLine, KeyNumber, RangeShare, ReportModel, SessionRow, lows_title

_MOST_ROWS = 60
"""Sessions in one table; more are parted by years."""
_BAR_MARKS = {
    "below_54": "▼▼", "below_63": "▼", "below_70": "▼", "in_range": "●", "above_140": "▲", "above_180": "▲",
    "above_250": "▲▲",
}  # fmt: skip


def report_html(model: ReportModel, lang: str = "en") -> str:
    """Return the whole page. It loads nothing: scripts run by hash, everything else is refused by its own policy."""
    panels = {name: page.panel_of(plots.load(name), getattr(model.charts, name)) for name in _charts_of(model)}
    body = "".join((_head(model), *(_section(*part) for part in _parts(model, panels)), _foot(model)))
    return page.document(model.title, body, {panel.id: panel.figure for panel in panels.values()}, lang)


def _charts_of(model: ReportModel) -> list[str]:
    charts = model.charts
    shown = {
        "paired": True,
        "agp": True,
        "aligned": True,
        "effect": bool(charts.effect.rows),
        "overnight": bool(charts.overnight.nights),
        "calendar": bool(charts.calendar.days),
        "timeline": any(len(trace) for trace in charts.timeline.traces),
        "symptoms": bool(charts.symptoms.scores),
        "feet": bool(charts.feet.checks),
    }
    return [name for name, drawn in shown.items() if drawn]


def _head(model: ReportModel) -> str:
    notices = [model.made_up, model.deidentified]
    boxes = "".join(paragraph(each, "made-up") for each in notices if each)
    facts = "".join(f"<dt>{escape(fact.label)}</dt><dd>{text(fact.words)}</dd>" for fact in model.who)
    return (
        f"<header><h1>{text(model.title)}</h1>{paragraph(model.period.words, 'quiet')}{boxes}"
        f'<dl class="facts">{facts}</dl></header><noscript>{paragraph(page.NO_SCRIPT)}</noscript>'
    )


def _parts(model: ReportModel, panels: dict[str, Panel]) -> Iterable[tuple[str, str]]:
    def chart(name: str) -> str:
        return page.panel_html(panels[name]) if name in panels else ""

    yield "In short", listing(model.summary)
    yield "Glucose", listing(model.quality.words) + _numbers(model.numbers) + _bar(model.ranges, model.ranges_note)
    yield "Before and after", chart("paired")
    yield "The usual day", chart("agp")
    beside = "".join(paragraph(each) for each in model.effect_sentences)
    yield wording.EFFECT_HEADING, beside + chart("aligned") + chart("effect")
    yield lows_title(model), listing(model.lows) or paragraph(model.no_lows)
    yield wording.OPEN_HEADING, listing(model.open_items) or paragraph(wording.NO_OPEN)
    yield "Questions", listing(model.questions) or paragraph(wording.NO_QUESTIONS)
    yield f"Sessions ({len(model.sessions):,})", _session_table(model)
    yield "Nights and days", chart("overnight") + chart("calendar") + chart("timeline")
    yield "Symptoms and feet", chart("symptoms") + chart("feet")
    yield wording.MISSING_HEADING, listing(model.missing)
    yield "Method", "".join(paragraph(each) for each in model.method)


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>" if body else ""


def _numbers(numbers: tuple[KeyNumber, ...]) -> str:
    return f'<ul class="numbers">{"".join(_number(number) for number in numbers)}</ul>'


def _number(number: KeyNumber) -> str:
    verdict = {True: "✓ met", False: "✗ not met", None: ""}[number.met]
    target = f'<span class="quiet">{escape(number.target)}</span>' if number.target else ""
    badge = f"<b>{verdict}</b>" if verdict else ""
    big = "strong" if number.value is not None else "span"
    return (
        f'<li class="card"><span>{escape(number.label)}</span><{big}>{escape(number.words)}</{big}>{target}{badge}</li>'
    )


def _bar(parts: tuple[RangeShare, ...], note: str) -> str:
    if not parts:
        return paragraph(note)
    widths = "".join(f'<i class="{part.key}" style="flex:{part.percent:.3f}"></i>' for part in parts)
    lines = "".join(
        f'<li><i class="key {part.key}"></i>{_BAR_MARKS[part.key]} {escape(part.label)}: '
        f"<b>{escape(part.words)}</b></li>"
        for part in reversed(parts)
    )
    under = paragraph(note, "quiet") if note else ""
    return f'<div class="bar" aria-hidden="true">{widths}</div><ul class="ranges">{lines}</ul>{under}'


def _session_table(model: ReportModel) -> str:
    if not model.sessions:
        return paragraph(wording.SUMMARY_NO_SESSIONS)
    if len(model.sessions) <= _MOST_ROWS:
        return _session_rows(model.sessions)
    years = groupby(reversed(model.sessions), key=lambda row: row.start.local_day.year)
    return "".join(_session_year(year, tuple(rows)[::-1], model.sessions[-1]) for year, rows in years)


def _session_year(year: int, rows: Sequence[SessionRow], last: SessionRow) -> str:
    """A year of sessions behind its summary; the last year stands open."""
    is_open = " open" if rows[-1] is last else ""
    told = escape(counted(len(rows), wording.SESSIONS_OF_YEAR, year=year))
    closed = f'<span class="printed"> {escape(wording.YEAR_NOT_PRINTED)}</span>'
    return f'<details class="year"{is_open}><summary>{told}{closed}</summary>{_session_rows(rows)}</details>'


def _session_rows(sessions: Sequence[SessionRow]) -> str:
    heads = "".join(f'<th scope="col">{each}</th>' for each in ("session", "before and after", "findings"))
    rows = "".join(_session(row) for row in sessions)
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Sessions"><table class="sessions">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _session(row: SessionRow) -> str:
    minutes = "" if row.minutes is None else f", {row.minutes:.0f} min"
    error = f'<p class="quiet">{escape(row.error)}</p>' if row.error else ""
    findings = "".join(_finding(each) for each in row.findings) or "–"
    return (
        f'<tr><td><b>{escape(row.when)}</b>{minutes}<p class="quiet">{text(row.how)}</p></td>'
        f"<td><p>{text(row.change)}</p>{error}</td><td>{findings}</td></tr>"
    )


def _finding(line: FindingLine) -> str:
    return (
        f'<p><b class="{line.level}">{escape(line.level)}</b> {text(line.message)} '
        f'<span class="quiet">({text(line.citation)})</span></p>'
    )


def _foot(model: ReportModel) -> str:
    versions = ", ".join(f"{each.part} {each.version}" for each in model.versions)
    made = f"Made {when(model.made_at)} ({model.made_at.zone}). {versions}"
    return f"<footer>{paragraph(model.disclaimer)}{paragraph(made)}</footer>"
