"""The charts of the ranges looked at last: who goes from plot to plot has their period computed once."""

from __future__ import annotations

import threading
from collections import deque

from glucolog.core.moments import Moment
from glucolog.core.records import Person
from glucolog.reports.model import Charts
from glucolog.services.looking import Range
from glucolog.services.reporting import model
from glucolog.storage import Log

KEPT = 4
"""Two people beside each other, over two ranges."""
SAME_S = 300
"""A range that ends now moves with the clock; while nobody writes, its charts may be so old."""


class RecentCharts:
    """Computes anew when the person or the log was changed, or the range is another. Safe for threads."""

    def __init__(self) -> None:
        self._kept: deque[tuple[object, Charts]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def of(self, log: Log, person: Person, span: Range, now: Moment) -> Charts:
        """Return the charts of a report over the range."""
        wanted = person, log.latest_change(), span.since.epoch_s // SAME_S, span.until.epoch_s // SAME_S
        with self._lock:
            for state, charts in self._kept:
                if state == wanted:
                    return charts
            charts = model(log, person, span, now).charts
            self._kept.append((wanted, charts))
            return charts
