"""The short phrases people type inside one option: a dose, carbs, a follow-up, a score before and after.

Each is words in any order after the leading number: `4 aspart 1h ago abdomen`, `30 2h ago`, `98 +60m`, `5/3`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from glucolog.core.moments import Moment, parse_minutes, parse_when
from glucolog.core.records import InsulinKind, Person
from glucolog.core.units import Glucose, parse_glucose
from glucolog.core.vocabulary import AREA_ALIASES, AREAS, INSULIN_NAMES, BodyArea, parse_place, unknown_word
from glucolog.errors import RefusedError, UsageError

MAX_UNITS = 100.0
"""More than any single injection or pump bolus delivers: a slip of the finger."""
MAX_GRAMS = 1000.0
"""More carbohydrate than anyone eats at once: a slip of the finger."""
HIGHEST_SCORE, LONGEST_SCORE = 10, 2
LONGEST_LABEL = 100
"""A tag or a name beyond is a text, and belongs into the note."""

_TIME = (
    r"(?P<ago>\d[\d.,hminurets\s]*\bago)|(?P<iso>\d{4}-\d\d-\d\d[T\s]\d\d:\d\d\S*)"
    r"|(?P<clock>(?:yesterday\s+|today\s+)?\d{1,2}(?::\d\d(?:\s*[ap]\.?m\b\.?)?|\s*[ap]\.?m\b\.?))|(?P<now>\bnow\b)"
)
"""A WHEN inside a phrase; compiled at first use, since most commands hold no phrase."""
_AMOUNT = r"(?P<number>\d+(?:[.,]\d+)?)\s*(?:u|units?|ie|iu|g|grams?)?(?=\s|$)"


@dataclass(frozen=True, slots=True, kw_only=True)
class DosePhrase:
    """A dose as said: units, how the insulin acts, its name, when, and where."""

    units: float
    kind: InsulinKind
    name: str | None
    at: Moment
    site: BodyArea | None


@dataclass(frozen=True, slots=True)
class CarbsPhrase:
    """Carbohydrate as said: grams and when."""

    grams: float
    at: Moment


@dataclass(frozen=True, slots=True)
class FollowupPhrase:
    """A later reading as said: the value and the minutes after the session's end."""

    glucose: Glucose
    minutes_after_end: float


@dataclass(frozen=True, slots=True)
class ScorePhrase:
    """A symptom score before and after; None where not said."""

    before: int | None
    after: int | None


def parse_dose(text: str, person: Person, now: Moment) -> DosePhrase:
    """Read `4 aspart 1h ago abdomen`: units first, then name, WHEN and site in any order (WHEN defaults to now).

    Raises `UsageError` for words that are none of these and `RefusedError` for an impossible amount.
    """
    units, rest = _leading_amount(text, "insulin", "4 aspart 1h ago abdomen")
    _refuse_impossible_units(units)
    at, rest = _take_time(rest, now)
    site, rest = _take_site(rest)
    kind, name = _insulin_alone(rest, person)
    return DosePhrase(units=units, kind=kind, name=name, at=at, site=site)


def parse_carbs(text: str, now: Moment) -> CarbsPhrase:
    """Read `30 2h ago`: grams, then WHEN (defaults to now)."""
    grams, rest = _leading_amount(text, "carbs", "30 2h ago")
    _refuse_impossible_grams(grams)
    at, rest = _take_time(rest, now)
    if rest:
        raise UsageError(f"“{rest}” in “{text}” is not understood.", "Type carbs like 30 or 30 2h ago.")
    return CarbsPhrase(grams, at)


def parse_units(text: str) -> float:
    """Read an amount of insulin alone: `4`, `4,5`, `4 U`. Raises as `parse_dose` does."""
    units, rest = _leading_amount(text, "insulin", "4.5")
    if rest:
        raise UsageError(f"“{text}” is not an amount of insulin.", "Type it like 4.5.")
    _refuse_impossible_units(units)
    return units


def parse_grams(text: str) -> float:
    """Read an amount of carbohydrate alone: `30`, `30 g`. Raises as `parse_carbs` does."""
    grams, rest = _leading_amount(text, "carbs", "30")
    if rest:
        raise UsageError(f"“{text}” is not an amount of carbs.", "Type it like 30.")
    _refuse_impossible_grams(grams)
    return grams


def parse_followup(text: str, person: Person) -> FollowupPhrase:
    """Read `98 +60m`: a VALUE and the time after the session's end."""
    value, plus, later = text.partition("+")
    if not plus:
        raise UsageError(f"“{text}” does not say how long after the end.", "Type a follow-up like 98 +60m.")
    return FollowupPhrase(parse_glucose(value, person.unit), parse_minutes(later))


def parse_score(text: str) -> ScorePhrase:
    """Read `5/3` (before/after), `5` or `5/` (before only), `/3` (after only); whole numbers 0 to 10."""
    before, _, after = text.partition("/")
    if not before.strip() and not after.strip():
        raise UsageError("The score is empty.", "Scores are whole numbers from 0 to 10, like 5 or 5/3.")
    return ScorePhrase(_score(before, text), _score(after, text))


def parse_label(what: str, text: str) -> str:
    """Return a tag or a name without outer blanks. Raises `RefusedError` for a long one and one that does not print."""
    label = text.strip()
    if len(label) > LONGEST_LABEL or not label.isprintable():
        raise RefusedError(
            f"This is not a {what}.", f"Type up to {LONGEST_LABEL} letters on one line; --note takes longer texts."
        )
    return label


def insulin_of(word: str, person: Person) -> tuple[InsulinKind, str | None]:
    """Return how the named insulin acts: the person's own list first, then the known names.

    With no name it is the person's only fast-acting insulin, else of unknown kind.
    """
    name = word.strip()
    if not name:
        fast = [insulin for insulin in person.insulins if insulin.kind is not InsulinKind.LONG]
        return (fast[0].kind, fast[0].name) if len(fast) == 1 else (InsulinKind.UNKNOWN, None)
    for insulin in person.insulins:
        if insulin.name.lower() == name.lower():
            return insulin.kind, insulin.name
    key = name.lower().replace(" ", "-")
    if key in tuple(InsulinKind):
        return InsulinKind(key), None
    if key in INSULIN_NAMES:
        return InsulinKind(INSULIN_NAMES[key]), name
    raise unknown_word("insulin", name, (*INSULIN_NAMES, *InsulinKind, *(i.name for i in person.insulins)))


def _insulin_alone(text: str, person: Person) -> tuple[InsulinKind, str | None]:
    """Read the insulin of a dose; where some words are one, it is the others that are not understood."""
    try:
        return insulin_of(text, person)
    except UsageError:
        left = _beside_insulin(text.split(), person)
        if left is None:
            raise
    if left.lower() in AREA_ALIASES:
        parse_place(left)  # it is of several places, and says so
    raise unknown_word("time or place", left, (*AREAS, *AREA_ALIASES))


def _beside_insulin(tokens: list[str], person: Person) -> str | None:
    """Return the words beside the longest name of an insulin at either end, None where no end is one."""
    for length in range(len(tokens) - 1, 0, -1):
        for name, left in ((tokens[:length], tokens[length:]), (tokens[-length:], tokens[:-length])):
            if _is_insulin(" ".join(name), person):
                return " ".join(left)
    return None


def _is_insulin(text: str, person: Person) -> bool:
    try:
        insulin_of(text, person)
    except UsageError:
        return False
    return True


def _refuse_impossible_units(units: float) -> None:
    if not 0 < units <= MAX_UNITS:
        raise RefusedError(f"{units:g} U of insulin is not possible.", f"Doses go up to {MAX_UNITS:g} U; check it.")


def _refuse_impossible_grams(grams: float) -> None:
    if not 0 < grams <= MAX_GRAMS:
        raise RefusedError(f"{grams:g} g of carbs is not possible.", f"Amounts go up to {MAX_GRAMS:g} g; check it.")


def _leading_amount(text: str, what: str, example: str) -> tuple[float, str]:
    match = re.match(_AMOUNT, text.strip(), re.IGNORECASE)
    if match is None:
        raise UsageError(f"“{text}” does not begin with an amount of {what}.", f"Type it like {example}.")
    return float(match["number"].replace(",", ".")), text.strip()[match.end() :].strip()


def _take_time(text: str, now: Moment) -> tuple[Moment, str]:
    match = re.search(_TIME, text, re.IGNORECASE)
    if match is None:
        return now, text
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    return parse_when(match[0], now), " ".join(rest.split())


def _take_site(text: str) -> tuple[BodyArea | None, str]:
    tokens = text.split()
    for length in (2, 1):
        for start in range(len(tokens) - length + 1):
            phrase = " ".join(tokens[start : start + length])
            name = phrase.partition(":")[0].lower()
            if name in AREAS or (name in AREA_ALIASES and len(AREA_ALIASES[name]) == 1):
                return parse_place(phrase), " ".join(tokens[:start] + tokens[start + length :])
    return None, text


def _score(text: str, whole: str) -> int | None:
    word = text.strip()
    if not word:
        return None
    if not word.isdecimal() or len(word) > LONGEST_SCORE or int(word) > HIGHEST_SCORE:
        raise UsageError(f"“{whole}” is not a score.", "Scores are whole numbers from 0 to 10, like 5 or 5/3.")
    return int(word)
