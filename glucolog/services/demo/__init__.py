"""A made-up log with three months of readings and sessions, to look at and to try things on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glucolog.errors import RefusedError
from glucolog.services.identity import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Where the made-up log and its report are."""

    log: Path
    report: Path
    sessions: int


def present(folder: Path, call: Call) -> Demo:
    """Make the log and its report in `folder`, in place of earlier ones."""
    from glucolog.reports.html import report_html
    from glucolog.services import reporting
    from glucolog.services.demo.store import make
    from glucolog.services.demo.story import END
    from glucolog.services.files import write_private
    from glucolog.services.looking import settle_range

    _make_folder(folder)
    log, person = make(folder, call)
    try:
        span = settle_range(log, person, None, END.plus(seconds=-1), call.now)
        model = reporting.model(log, person, span, call.now)
    finally:
        log.close()
    report = write_private(folder / "report.html", report_html(model).encode())
    return Demo(log=folder / "demo.db", report=report, sessions=len(model.sessions))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RefusedError(f"{folder} can't be made: {error.strerror}.", "Name another with -o.") from error
