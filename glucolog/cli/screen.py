"""Text for a terminal: what people and files wrote can't steer it."""

from __future__ import annotations

_STEERING = (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Control characters but tab and line feed, and the marks that turn the reading direction."""
_SHOWN = dict.fromkeys(_STEERING, "\ufffd")


def printable(text: str) -> str:
    """Return the text with a replacement character in place of each one that would steer the terminal."""
    return text.translate(_SHOWN)
