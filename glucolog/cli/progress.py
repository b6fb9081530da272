"""A progress bar with rate and time left, on a terminal and only for what takes over a second."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from glucolog.cli.screen import printable

PATIENCE_S = 1.0
"""How long something may take before a bar appears."""

Progress = Callable[[int, int], None]
"""Called with what is done and the total."""


@contextmanager
def bar(label: str, *, quiet: bool) -> Iterator[Progress]:
    """Give a function to report progress to; the bar shows on stderr at a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    shown = _Bar(label)
    shown.begin()
    try:
        yield shown.update
    finally:
        shown.close()


class _Bar:
    """Appears after a while of its own accord, also where nothing can be counted yet."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.live: Any = None
        self.total: int | None = None
        self._done = 0
        self._lock = threading.Lock()
        self._patience = threading.Timer(PATIENCE_S, self._open)
        self._patience.daemon = True

    def begin(self) -> None:
        self._patience.start()

    def update(self, done: int, total: int) -> None:
        with self._lock:
            self._done, was, self.total = done, self.total, total
            if self.live is None:
                return
            if total != was:
                self.live.reset(self.live.task_ids[0], total=total)
            self.live.update(self.live.task_ids[0], completed=done, rate=self._rate())

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        live = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}", justify="right"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        with self._lock:
            if self._patience.finished.is_set():  # what took long ended meanwhile
                return
            live.add_task(printable(self.label), total=self.total, completed=self._done, rate="")
            live.start()
            self.live = live

    def _rate(self) -> str:
        """Nothing yet after a first step: one point has no speed."""
        speed = self.live.tasks[0].speed
        return "" if speed is None else f"{speed:,.0f}/s"

    def close(self) -> None:
        with self._lock:
            self._patience.cancel()
            if self.live is not None:
                self.live.stop()
