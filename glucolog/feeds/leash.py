"""An end to waiting for a library that sets none of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from glucolog.core.wording import feeds as words
from glucolog.errors import SourceError

T = TypeVar("T")


class _Answer(Generic[T]):
    def __init__(self) -> None:
        self.value: T | None = None
        self.error: Exception | None = None


class Leash(Generic[T]):
    """Runs a call in a thread and waits so long. At most one call hangs: while it does, others are refused at once."""

    def __init__(self, name: str, seconds: float) -> None:
        self._name, self._seconds = name, seconds
        self._thread: threading.Thread | None = None

    def __call__(self, act: Callable[[], T]) -> T:
        """Return what the call returns. Raises what it raises, or `SourceError` when it is not back in time."""
        if self._thread is not None and self._thread.is_alive():
            raise SourceError(words.STILL_WAITING[0].format(name=self._name), words.STILL_WAITING[1])
        answer: _Answer[T] = _Answer()
        self._thread = threading.Thread(target=_run, args=(act, answer), daemon=True)
        self._thread.start()
        self._thread.join(self._seconds)
        if self._thread.is_alive():
            raise SourceError(words.TOO_SLOW[0].format(name=self._name, seconds=self._seconds), words.TOO_SLOW[1])
        if answer.error is not None:
            raise answer.error
        return answer.value  # type: ignore[return-value]  # the call has returned, so it is a T


def _run(act: Callable[[], T], answer: _Answer[T]) -> None:
    try:
        answer.value = act()
    except Exception as error:
        answer.error = error
