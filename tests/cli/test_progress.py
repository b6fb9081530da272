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


def until_drawn(terminal: Terminal, *words: str) -> None:
    """Wait for the bar, which redraws ten times a second where the machine lets it, at most ten seconds."""
    end = time.monotonic() + 10
    while not all(word in terminal.getvalue() for word in words):
        assert time.monotonic() < end, (words, terminal.getvalue())
        time.sleep(0.02)


def test_a_long_read_and_store_show_rate_and_total(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    monkeypatch.setattr(progress, "PATIENCE_S", 0.0)
    with progress.bar("export.xml", quiet=False) as update:
        until_drawn(terminal, "export.xml")
        for done, total in ((10, 40), (20, 40), (40, 40), (500, 2000), (1000, 2000)):
            update(done, total)
            until_drawn(terminal, f"{done}/{total}")
        assert "/s" in terminal.getvalue()


def test_what_counts_nothing_yet_shows_that_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(monkeypatch)
    monkeypatch.setattr(progress, "PATIENCE_S", 0.0)
    with progress.bar("table.csv", quiet=False):
        until_drawn(terminal, "table.csv")


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
