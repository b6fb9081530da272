"""The text alternative of a chart: what it shows, as rows of words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BIDI_CONTROLS = dict.fromkeys([0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Marks that turn the direction of what follows them; dropped where a text has no element of its own."""
LABEL_LENGTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A caption, column heads, and rows as long as the heads. `note` says what is left out and why."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str | None = None


def label(text: str, length: int = LABEL_LENGTH) -> str:
    """Return a person's own words fit for a chart: one line, no direction marks, cut at `length` with an ellipsis."""
    line = " ".join(text.translate(BIDI_CONTROLS).split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def plain(text: str) -> str:
    """Return the text so that Plotly, which reads a little HTML and TeX in labels, shows it letter by letter."""
    return label(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")


def joined(words: Iterable[str], none: str = "–") -> str:
    """Join words with commas, or say that there are none."""
    return ", ".join(words) or none
