"""Text of people in files of others: it stays text, whatever it begins with or holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

CHUNK = 512
"""Pieces of text that are joined before they are written."""

NO_XML = "\ufffe\uffff"
"""What no XML file may hold (XML 1.0, 2.2), beside control characters."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell of a CSV file for a formula (OWASP, CSV injection)."""


def chunked(pieces: Iterable[str]) -> Iterator[bytes]:
    """Join small pieces of text into chunks of UTF-8."""
    waiting: list[str] = []
    for piece in pieces:
        waiting.append(piece)
        if len(waiting) >= CHUNK:
            yield "".join(waiting).encode()
            waiting.clear()
    yield "".join(waiting).encode()


def defused(text: str) -> str:
    """Return text that no spreadsheet runs: an apostrophe in front of what would begin a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def printable(text: str | None) -> str | None:
    """Return text without what FHIR and XML can't hold: control characters but tab and line ends; None for nothing."""
    if text is None:
        return None
    kept = "".join(sign for sign in text if (sign >= " " or sign in "\t\n\r") and sign not in NO_XML).strip()
    return kept or None


def plain_number(value: float, decimals: int = 6) -> int | float:
    """Return a number as people write it: whole where it is whole, else so many decimals at most."""
    rounded = round(value, decimals)
    return int(rounded) if rounded == int(rounded) else rounded
