"""Debian's Chromium, one for all tests of a process; one that answers no more is killed, and a new one started.

Playwright waits without an end for what a page evaluates, and can't be used again once a signal broke off a wait of
its own. A killed browser ends the wait with an error of that test alone.
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

CHROMIUM = shutil.which("chromium")
AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = ("--disable-gpu", "--disable-background-networking", "--no-sandbox")
PATIENCE_S = 150
"""For all that one test does in the browser: over three times the longest on a busy machine."""


class Chromium:
    """Starts a browser with nothing in its profile when there is none, and ends it when a test takes too long."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._mark = f"--glucolog-tests={uuid.uuid4()}"
        self._running: Browser | None = None

    @contextmanager
    def in_time(self, patience_s: float = PATIENCE_S) -> Iterator[Browser]:
        """Lend the browser for a while; afterwards it has no page left."""
        browser = self._browser()
        watch = threading.Timer(patience_s, self._kill)
        watch.start()
        try:
            yield browser
            for context in browser.contexts:
                context.close()
        finally:
            watch.cancel()

    def close(self) -> None:
        """End the browser; by force, as its goodbye could be waited for without an end."""
        self._kill()

    def _browser(self) -> Browser:
        if self._running is None or not self._running.is_connected():
            self._running = self._playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, self._mark])
        return self._running

    def _kill(self) -> None:
        for process in _processes_with(self._mark):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _processes_with(word: str) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            if word.encode() in (process / "cmdline").read_bytes():
                yield int(process.name)
