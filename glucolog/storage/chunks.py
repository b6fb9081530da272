"""Long lists in pieces that fit the number of variables one statement may have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

CHUNK = 500
"""Well under SQLite's default limit of 32 766 variables, and enough that the number of statements does not matter."""


def chunked(items: Sequence[T]) -> Iterator[list[T]]:
    """Yield the items in order, `CHUNK` at a time."""
    for start in range(0, len(items), CHUNK):
        yield list(items[start : start + CHUNK])
