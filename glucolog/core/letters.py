"""Texts that can be stored: no halves of letters (lone surrogates), no noughts; JSON, Excel and SQLite allow both."""

from __future__ import annotations

import re
from typing import Any

_BROKEN = re.compile("[\0\ud800-\udfff]")
_DOUBTFUL = re.compile(r"\\u(?:0000|d[89a-f])", re.IGNORECASE)
"""How JSON writes a nought, and either half of a letter."""


def mended(text: str) -> str:
    """Return a text with a replacement character where half a letter or a nought stood."""
    return _BROKEN.sub("\N{REPLACEMENT CHARACTER}", text)


def mended_json(value: Any, written: str) -> Any:
    """Return what was read from `written`, JSON, with its keys and texts mended where they may be broken."""
    return _throughout(value) if _DOUBTFUL.search(written) else value


def _throughout(value: Any) -> Any:
    if isinstance(value, str):
        return mended(value)
    if isinstance(value, list):
        return [_throughout(item) for item in value]
    if isinstance(value, dict):
        return {mended(key): _throughout(item) for key, item in value.items()}
    return value
