"""Every rule of the gate, in the order their findings are shown at equal level."""

from __future__ import annotations

from collections.abc import Iterator

from glucolog.core.findings import Level
from glucolog.core.gate.bands import Verdict
from glucolog.core.gate.facts import GateCase
from glucolog.core.gate.glucose_rules import glucose_rules
from glucolog.core.gate.insulin_rules import insulin_rules
from glucolog.core.gate.rule import GateRule, Part, gate_rule
from glucolog.core.rules.body import BodyCase, Conflict
from glucolog.core.rules.body_rules import body_rules
from glucolog.core.rules.rule import Hit
from glucolog.core.wording import gate as words

BLOCKING = frozenset(Conflict)
"""Rules whose say in the verdict depends on what stays free."""


def gate_rules() -> tuple[GateRule, ...]:
    """Return the registry of the gate."""
    open_symptom: dict[str, object] = {"symptom": "new or worse, not yet told to the team"}
    return (
        *glucose_rules(),
        *insulin_rules(),
        *_body_rules(),
        gate_rule("symptom-open", Level.CAUTION, open_symptom, "ada-feet", _open_symptoms, verdict=Verdict.CAUTION),
    )


def _body_rules() -> Iterator[GateRule]:
    for rule in body_rules(words.SENTENCES, _body_of, Level.CAUTION):
        if rule.id in BLOCKING:
            yield GateRule(rule=rule, part=Part.BLOCKS)
        else:
            yield GateRule(rule=rule, verdict=Verdict.CAUTION)


def _body_of(case: GateCase) -> BodyCase:
    return case.body


def _open_symptoms(case: GateCase) -> Iterator[Hit]:
    for symptom in sorted(case.facts.symptoms, key=lambda s: (s.at.epoch_s, s.id)):
        if symptom.at <= case.facts.at and symptom.is_untold:
            yield Hit(
                inputs={"symptom": symptom.symptom, "score": symptom.score},
                words={"symptom": symptom.symptom, "score": symptom.score},
            )
