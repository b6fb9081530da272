"""A progress bar with rate and time left, on a terminal and only for what takes over a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

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
    try:
        yield shown.update
    finally:
        shown.close()


class _Bar:
    def __init__(self, label: str) -> None:
        self.label = label
        self.began_s = time.monotonic()
        self.live: Any = None
        self.task: Any = None
        self.total = 0

    def update(self, done: int, total: int) -> None:
        if self.live is None:
            if time.monotonic() - self.began_s < PATIENCE_S:
                return
            self._open(total)
        if total != self.total:
            self.total = total
            self.live.reset(self.task, total=total)
        self.live.update(self.task, completed=done, rate=self._rate())

    def _open(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self.live = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}", justify="right"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.live.start()
        self.total = total
        self.task = self.live.add_task(self.label, total=total, rate="")

    def _rate(self) -> str:
        """Nothing yet after a first step: one point has no speed."""
        speed = self.live.tasks[0].speed
        return "" if speed is None else f"{speed:,.0f}/s"

    def close(self) -> None:
        if self.live is not None:
            self.live.stop()
