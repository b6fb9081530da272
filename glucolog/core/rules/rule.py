"""What a rule is: its name, how loud it is, whom it speaks to, its number, its source, and what makes it speak."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from glucolog.core.citations import CITATIONS
from glucolog.core.evidence import Pair, Quantity
from glucolog.core.findings import Finding, Level
from glucolog.core.records import Person, Reading
from glucolog.core.units import (
    MG_DL_PER_MMOL_L,
    Glucose,
    Unit,
    faithful_unit,
    format_amount,
    in_unit,
    round_half_up,
    told_glucose,
)
from glucolog.core.vocabulary import AREAS, BodyArea, Side
from glucolog.core.wording import session as session_words

C = TypeVar("C")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One time a rule applies: the facts it saw, and the words that go into its sentence."""

    inputs: Mapping[str, object] = field(default_factory=dict)
    words: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[C]):
    """One rule over a case `C`. `insulin_only` rules are silent for people who take no insulin."""

    id: str
    level: Level
    sentence: str
    threshold: Mapping[str, object]
    citation: str
    hits: Callable[[C], Iterable[Hit]]
    insulin_only: bool = False

    def speaks_to(self, person: Person) -> bool:
        """Whether the rule is one for this person."""
        return person.takes_insulin or not self.insulin_only

    def findings(self, case: C) -> tuple[Finding, ...]:
        """Return what the rule says about a case."""
        return tuple(self.finding(hit) for hit in self.hits(case))

    def finding(self, hit: Hit) -> Finding:
        """Put one hit into words."""
        return Finding(
            rule=self.id,
            level=self.level,
            message=self.sentence.format(**hit.words),
            inputs=dict(hit.inputs),
            threshold=dict(self.threshold),
            citation=self.citation,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One row of the rule table: `stage` is "session", "gate" or "after"; the texts are ready to print."""

    stage: str
    id: str
    level: Level
    applies_to: str
    threshold: str
    citation: str
    source: str
    grade: str
    sentence: str


def row(stage: str, rule: Rule[C]) -> RuleRow:
    """Describe a rule for the table."""
    cited = CITATIONS[rule.citation]
    return RuleRow(
        stage=stage,
        id=rule.id,
        level=rule.level,
        applies_to="people who take insulin" if rule.insulin_only else "everyone",
        threshold="; ".join(f"{name.replace('_', ' ')} {_value(value)}" for name, value in rule.threshold.items()),
        citation=rule.citation,
        source=cited.label,
        grade=cited.grade,
        sentence=rule.sentence,
    )


def glucose_threshold(sense: str, pair: Pair) -> dict[str, object]:
    """A published pair as a finding carries it: `{"below": {"mg_dl": 70, "mmol_l": 3.9}}`."""
    return {sense: {"mg_dl": pair.mg_dl, "mmol_l": pair.mmol_l}}


def limit(quantity: Quantity) -> dict[str, object]:
    """A number that is no glucose amount as a finding carries it: `{"pressure …": ">= 3 of 5"}`."""
    return {quantity.name: f"{quantity.sense} {quantity.value:g} {quantity.unit}"}


def reading_inputs(reading: Reading, name: str = "glucose") -> dict[str, object]:
    """A reading as a finding's inputs carry it."""
    glucose = reading.glucose
    return {
        f"{name}_mg_dl": glucose.mg_dl,
        f"{name}_entered": f"{glucose.amount:g} {glucose.unit}",
        f"{name}_censored": glucose.censored and glucose.censored.value,
        f"{name}_source": reading.source.value,
        f"{name}_at": reading.at.iso(),
    }


def amount_words(pair: Pair, unit: Unit) -> str:
    """A published number in one unit, with its name: `70 mg/dL`, `3.0 mmol/L`."""
    return f"{format_amount(in_unit(pair, unit), unit)} {unit}"


def held_against(glucose: Glucose, pair: Pair, unit: Unit) -> dict[str, object]:
    """A reading and the published number it lies beyond, both in the unit it is told in: the person's if it can be."""
    return {"glucose": told_glucose(glucose, unit), "limit": amount_words(pair, faithful_unit(glucose, unit))}


def rate_words(mg_dl_per_min: float, unit: Unit) -> str:
    """A rate of change in one unit, its name last: `2.1 mg/dL`, `0.12 mmol/L` (per minute)."""
    if unit is Unit.MG_DL:
        return f"{round_half_up(mg_dl_per_min, 1)} {unit}"
    return f"{round_half_up(mg_dl_per_min / MG_DL_PER_MMOL_L, 2)} {unit}"


def length_words(minutes: float) -> str:
    """A length of time as it is said: `25 min`, `1.5 h`."""
    return f"{minutes:.0f} min" if minutes < 60 else f"{minutes / 60:.1f} h"


def ago_words(minutes: float) -> str:
    """How long ago: `just now`, `25 min ago`, `1.5 h ago`."""
    return session_words.JUST_NOW if minutes < 1 else session_words.AGO.format(length=length_words(minutes))


def before_words(minutes: float) -> str:
    """How long before a session, negative within it: `during it`, `just before`, `25 min before`."""
    if minutes < 0:
        return session_words.DURING
    return session_words.JUST_BEFORE if minutes < 1 else session_words.BEFORE.format(length=length_words(minutes))


def place_words(place: BodyArea) -> str:
    """A place as people say it: `the left thigh`, `the thigh (side not known)`, `the back`."""
    word = AREAS.get(place.area)
    if place.side in {Side.LEFT, Side.RIGHT}:
        return f"the {place.side} {place.area}"
    if word is None or not word.sided or place.side is Side.MIDDLE:
        return f"the {place.area}"
    return f"the {place.area} ({'both sides' if place.side is Side.BOTH else 'side not known'})"


def association(person: Person) -> str:
    """Return the sentence that a low or drop after a session is an association, without insulin where none is taken."""
    return session_words.ASSOCIATION if person.takes_insulin else session_words.ASSOCIATION_WITHOUT_INSULIN


def clock(reading: Reading) -> str:
    """The local time of a reading, hours and minutes."""
    return f"{reading.at.local:%H:%M}"


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{value['mg_dl']:g} mg/dL ({format_amount(value['mmol_l'], Unit.MMOL_L)} mmol/L)"
    return str(value)
