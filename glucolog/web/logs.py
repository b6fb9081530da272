"""What the server says of its own defects: where they came up, never what was logged.

A traceback ends in the message of the exception, and that can quote a note, a name or a row; so neither is written.
"""

from __future__ import annotations

import copy
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from glucolog.errors import place_of

LOG = logging.getLogger("glucolog.web")


class Impersonal(logging.Formatter):
    """Writes the place of an exception instead of its traceback, for this package and for waitress."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record; the text that another handler has made of its exception is not ours."""
        record = copy.copy(record)
        record.exc_text = None
        return super().format(record)

    def formatException(  # noqa: N802 - logging's own name
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Return the place."""
        return "" if ei[1] is None else place_of(ei[1])


@contextmanager
def impersonal() -> Iterator[None]:
    """Write what goes wrong to stderr, without anything personal, while the server runs."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Impersonal())
    root, kept = logging.getLogger(), threading.excepthook
    root.addHandler(handler)
    threading.excepthook = _of_thread
    try:
        yield
    finally:
        threading.excepthook = kept
        root.removeHandler(handler)


def _of_thread(thrown: threading.ExceptHookArgs) -> None:
    name = thrown.thread.name if thrown.thread else "?"
    if thrown.exc_value is not None:
        LOG.error("the thread %s ended: %s", name, place_of(thrown.exc_value))
