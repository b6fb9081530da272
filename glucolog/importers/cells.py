"""One cell of a file: numbers with point or comma, LO and HI, `<40` and `>400`, units out of header texts.

Cells are text and stay text: a formula (`=1+1`) is never evaluated, it simply is not a number.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from glucolog.core.evidence import METER_BOUNDS
from glucolog.core.units import Censored, Source, Unit, censored_at, in_unit

_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{0,20})?|[+-]?[.,][0-9]{1,20}")
_UNIT = re.compile(r"mg\s*/\s*dl|mmol\s*/\s*l", re.IGNORECASE)
_LOW = """
lo low niedrig tief bas basse faible bajo baja basso bassa laag lav lavt låg lågt baixo baixa niski niska niskie
nízký nízká nízké nízka nizka nizko alacsony matala düşük scăzut scăzută χαμηλή χαμηλό низкий низкая низкое низько
נמוך 低 منخفض
"""
_HIGH = """
hi high hoch haut haute élevé elevé eleve élevée alto alta hoog høj højt høy høyt hög högt wysoki wysoka wysokie
vysoký vysoká vysoké visoka visoko magas korkea yüksek ridicat ridicată υψηλή υψηλό высокий высокая высокое високо
גבוה 高 مرتفع
"""
_LOW_WORDS, _HIGH_WORDS = frozenset(_LOW.split()), frozenset(_HIGH.split())
_SIGNS = {"<": Censored.LOW, ">": Censored.HIGH}


class Amount(NamedTuple):
    """A glucose cell: the amount as typed, or the device's limit where it showed LO or HI."""

    value: float
    censored: Censored | None = None


@lru_cache(maxsize=65536)
def number(text: str) -> float | None:
    """Read `6.1`, `6,1`, `-0.5`, ` 12 `; anything else, also an empty cell, is None."""
    word = text.strip().strip("\u00a0\u202f ")
    if _NUMBER.fullmatch(word) is None:
        return None
    return float(word.replace(",", "."))


def positive(text: str) -> float | None:
    """Read an amount above zero; None for an empty cell, for 0 and for what is not a number."""
    value = number(text)
    return value if value is not None and value > 0 else None


def unit_in(text: str) -> Unit | None:
    """Find the glucose unit that a header or a cell names, in any case; None where it names none."""
    found = _UNIT.search(text)
    if found is None:
        return None
    return Unit.MG_DL if found[0][1] in "gG" else Unit.MMOL_L


def is_unit(text: str) -> bool:
    """Whether a cell is a glucose unit and nothing else."""
    return _UNIT.fullmatch(text.strip()) is not None


def censored_word(text: str) -> Censored | None:
    """Return which side LO, HI, Low, High (or a translation) means; None for any other text."""
    word = text.strip().casefold()
    if word in _LOW_WORDS:
        return Censored.LOW
    return Censored.HIGH if word in _HIGH_WORDS else None


@lru_cache(maxsize=65536)
def glucose(text: str, unit: Unit, source: Source) -> Amount | str:
    """Read a glucose cell; the reason why not, as a sentence, where it holds no possible amount."""
    value = number(text)
    if value is not None:
        return amount(value, unit)
    side = censored_word(text)
    if side is not None:
        return Amount(censored_at(side, unit, source).amount, side)
    if (side := _SIGNS.get(text.strip()[:1])) is not None and (limit := number(text.strip()[1:])) is not None:
        stated = amount(limit, unit)
        return stated if isinstance(stated, str) else Amount(stated.value, side)
    return f"“{shown(text)}” is not a glucose value."


def amount(value: float, unit: Unit) -> Amount | str:
    """Check a number against what any device reports (20 to 600 mg/dL, 1.1 to 33.3 mmol/L, ends included)."""
    low, high = (in_unit(pair, unit) for pair in METER_BOUNDS)
    if low <= value <= high:
        return Amount(value)
    return f"{value:g} {unit} is not a possible glucose value ({low:g} to {high:g})."


def shown(text: str, limit: int = 40) -> str:
    """Return a cell fit for a sentence: printable and short."""
    clean = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[: limit + 1])
    return clean if len(clean) <= limit else f"{clean[:limit]}…"


_SPAN = re.compile(r"([0-9]{1,4}):([0-9]{1,2})(?::([0-9]{1,2})(?:\.[0-9]+)?)?")


def span_minutes(text: str) -> float | None:
    """Read a length of time: `0:30:00` and `00:30` (hours first), or a number of minutes; None for nothing or zero."""
    if match := _SPAN.fullmatch(text.strip()):
        return (int(match[1]) * 60 + int(match[2]) + int(match[3] or 0) / 60) or None
    return positive(text)


_INTENSITY = (
    (re.compile(r"light|leicht|lég|liger|legger|licht|let\b|lätt|suave|low|1", re.IGNORECASE), "light"),
    (re.compile(r"heavy|hard|intens|schwer|stark|strong|vigor|zwaar|hård|high|fort|3", re.IGNORECASE), "hard"),
    (re.compile(r"medi|moder|mitt?el|moyen|normal|gemiddeld|2", re.IGNORECASE), "moderate"),
)


def intensity(text: str) -> str | None:
    """Return the word of `vocabulary.INTENSITIES` that a vendor's word or step (1 to 3) means, or None."""
    return next((word for pattern, word in _INTENSITY if pattern.search(text)), None)


_GRAMS_PER_EXCHANGE = (
    (re.compile(r"\bBE\b|broteinheit|\bber(?:echnungs|\. ?)einheit", re.IGNORECASE), 12.0),
    (re.compile(r"\bKE\b|\bKHE\b", re.IGNORECASE), 10.0),
    (re.compile(r"exchange|austausch|\bex\b", re.IGNORECASE), 15.0),
)
_FACTOR = re.compile(r"(?:factor|faktor|facteur|fattore|fator|facto)\w*\s*:?\s*([0-9]+(?:[.,][0-9]+)?)", re.IGNORECASE)


def grams_per(header: str) -> float:
    """Return the grams in one unit of a carbs column: 1 for grams, the factor it states, else 12 g a BE, 10 g a KE."""
    if (stated := _FACTOR.search(header)) and (grams := positive(stated[1])):
        return grams
    return next((grams for pattern, grams in _GRAMS_PER_EXCHANGE if pattern.search(header)), 1.0)
