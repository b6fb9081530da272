"""A rule of the gate: a rule over a `GateCase` with its own say in the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from glucolog.core.findings import Finding, Level
from glucolog.core.gate.bands import Verdict
from glucolog.core.gate.facts import GateCase
from glucolog.core.rules.rule import Hit, Rule
from glucolog.core.wording import gate as words


class Part(StrEnum):
    """What a rule's say in the verdict is: its own, the glucose band's, a factor of the caution band's, the blocks'."""

    OWN = "own"
    GLUCOSE = "glucose"
    FACTOR = "factor"
    BLOCKS = "blocks"


Hits = Callable[[GateCase], Iterable[Hit]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRule:
    """A rule of the gate. `verdict` is the least it allows; what it says for the bands or the blocks is `part`."""

    rule: Rule[GateCase]
    verdict: Verdict = Verdict.GO
    part: Part = Part.OWN

    def speak(self, case: GateCase) -> Iterator[tuple[Finding, str | None]]:
        """Yield each finding with the sentence on what would change it, None where nothing would."""
        change = words.CHANGES.get(self.rule.id)
        for hit in self.rule.hits(case):
            yield self.rule.finding(hit), change and change.format(**hit.words)


def gate_rule(
    name: str,
    level: Level,
    threshold: Mapping[str, object],
    cite: str,
    hits: Hits,
    *,
    verdict: Verdict = Verdict.GO,
    part: Part = Part.OWN,
    insulin_only: bool = False,
) -> GateRule:
    """Build a rule whose sentence stands under its name in the wording of the gate."""
    rule = Rule(
        id=name,
        level=level,
        sentence=words.SENTENCES[name],
        threshold=threshold,
        citation=cite,
        hits=hits,
        insulin_only=insulin_only,
    )
    return GateRule(rule=rule, verdict=verdict, part=part)
