"""The leash: one call at a time, no longer than said."""

from __future__ import annotations

import threading

import pytest
from glucolog.errors import SourceError
from glucolog.feeds.leash import Leash


def test_what_is_back_in_time_is_returned() -> None:
    assert Leash[int]("x", 1)(lambda: 5) == 5


def test_what_a_call_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        Leash[float]("x", 1)(lambda: 1 / 0)


def test_a_call_that_hangs_is_left_and_no_second_is_begun() -> None:
    leash, end = Leash[bool]("Dexcom Share", 0.05), threading.Event()
    with pytest.raises(SourceError, match="did not answer within"):
        leash(lambda: end.wait(5))
    with pytest.raises(SourceError, match="last question"):
        leash(lambda: True)
    end.set()
    assert leash._thread is not None
    leash._thread.join(10)
    assert leash(lambda: True)
