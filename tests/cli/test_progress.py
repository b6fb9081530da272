"""The bar of what takes long: quiet for a second, then with a rate and the time left, also over two phases."""

from __future__ import annotations

import io
import sys
import time

import pytest
from glucolog.cli import progress


class Terminal(io.StringIO):
    """A terminal that keeps what is drawn on it."""

    def isatty(self) -> bool:
        return True


def at_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Put a wide terminal on stderr; in the test itself, because pytest puts its own there after the fixtures."""
    drawn = Terminal()
    monkeypatch.setattr(sys, "stderr", drawn)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    return drawn


def test_a_long_read_and_store_show_rate_and_total(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    monkeypatch.setattr(progress, "PATIENCE_S", 0.0)
    with progress.bar("export.xml", quiet=False) as update:
        time.sleep(0.2)
        for done, total in ((10, 40), (20, 40), (40, 40), (500, 2000), (1000, 2000)):
            update(done, total)
            time.sleep(0.15)  # the bar redraws ten times a second
    drawn = terminal.getvalue()
    assert "export.xml" in drawn
    assert "40/40" in drawn
    assert "/2000" in drawn
    assert "/s" in drawn


def test_what_counts_nothing_yet_shows_that_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    monkeypatch.setattr(progress, "PATIENCE_S", 0.0)
    with progress.bar("table.csv", quiet=False):
        time.sleep(0.4)
    assert "table.csv" in terminal.getvalue()


def test_what_is_quick_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    with progress.bar("export.xml", quiet=False) as update:
        update(1, 2)
        update(2, 2)
    assert terminal.getvalue() == ""


def test_json_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    monkeypatch.setattr(progress, "PATIENCE_S", 0.0)
    with progress.bar("export.xml", quiet=True) as update:
        update(1, 2)
    assert terminal.getvalue() == ""
