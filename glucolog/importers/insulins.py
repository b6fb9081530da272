"""How an insulin acts, read off its name or off a vendor's words for it, in the languages exports are written in."""

from __future__ import annotations

import re
from functools import lru_cache

from glucolog.core.records import InsulinKind
from glucolog.core.vocabulary import INSULIN_NAMES

_LONG_NPH = re.compile(r"medium|mittel|interm|isophan|nph", re.IGNORECASE)
_MIXED = re.compile(r"\bmix|misch|premix|pre-mix|mélang|mezcl", re.IGNORECASE)
_RAPID = re.compile(
    r"fast|rapid|rápid|rapida|quick|short|schnell|kurz|snel|kort|hurtig|snabb|bolus|novol?rapid|meal|korrek|correct"
    r"|szybk|rychl|rýchl|nopea|hızlı|gyors|быстр|коротк|швидк",
    re.IGNORECASE,
)
_LONG = re.compile(
    r"long|lang|slow|lent|prolung|prolong|larga|basal|bazal|depot|verzögerung|lång"
    r"|dług|dlouh|dlho|pitkä|uzun|hosszú|длит|продл|тривал",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def kind_of(words: str) -> InsulinKind:
    """Return how the insulin acts that `words` name or describe; `UNKNOWN` where they don't say.

    A name of `vocabulary.INSULIN_NAMES` decides first. Medium-acting insulin without a name stays `UNKNOWN`, which
    counts on the careful side.
    """
    text = words.casefold().replace(" ", "-")
    known = [name for name in INSULIN_NAMES if name in text]
    if known:
        return InsulinKind(INSULIN_NAMES[max(known, key=len)])
    if _MIXED.search(words):
        return InsulinKind.MIXED
    if _LONG_NPH.search(words):
        return InsulinKind.UNKNOWN
    if _LONG.search(words):
        return InsulinKind.LONG
    return InsulinKind.RAPID if _RAPID.search(words) else InsulinKind.UNKNOWN


@lru_cache(maxsize=4096)
def named(words: str) -> str | None:
    """Return the insulin's name where the words hold a known one, as written."""
    text = words.casefold().replace(" ", "-")
    return words.strip() or None if any(name in text for name in INSULIN_NAMES) else None
