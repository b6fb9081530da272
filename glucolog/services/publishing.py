"""A report model in the form that a file name asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from glucolog.errors import UsageError
from glucolog.reports.model import ReportModel

PAGE_ENDINGS = ".html", ".htm"


def published(model: ReportModel, file_name: str, paper: str = "a4") -> bytes:
    """Render the model as its file's ending says: .html, .pdf, .txt or .json. Raises `UsageError` for another."""
    ending = Path(file_name).suffix.lower()
    if ending not in RENDERERS:
        raise UsageError(f"A report can't be written as “{ending}”.", f"End the name with {', '.join(RENDERERS)}.")
    return RENDERERS[ending](model, paper)


def check_page_name(file_name: str) -> None:
    """Raise `UsageError` unless the file's ending is that of a page."""
    ending = Path(file_name).suffix.lower()
    if ending not in PAGE_ENDINGS:
        raise UsageError(f"A plot can't be written as “{ending}”.", f"End the name with {PAGE_ENDINGS[0]}.")


def _html(model: ReportModel, _paper: str) -> bytes:
    from glucolog.reports.html import report_html

    return report_html(model).encode()


def _pdf(model: ReportModel, paper: str) -> bytes:
    from glucolog.reports.pdf import report_pdf

    return report_pdf(model, paper)


def _text(model: ReportModel, _paper: str) -> bytes:
    from glucolog.reports.text import report_text

    return report_text(model).encode()


def _json(model: ReportModel, _paper: str) -> bytes:
    from glucolog.reports.as_json import report_json

    return report_json(model).encode()


RENDERERS: dict[str, Callable[[ReportModel, str], bytes]] = {
    ".html": _html,
    ".pdf": _pdf,
    ".txt": _text,
    ".json": _json,
}
