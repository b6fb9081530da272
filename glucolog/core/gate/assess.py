"""The gate: facts in, a verdict with its reasons out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from glucolog.core import evidence
from glucolog.core.after import LowPlan, low_plan
from glucolog.core.findings import Finding, Unassessed
from glucolog.core.gate.acceleration import accelerated
from glucolog.core.gate.bands import Verdict, band_verdict, glucose_verdict
from glucolog.core.gate.blocks import BlockedArea, Blocks, blocks
from glucolog.core.gate.facts import GateCase, GateFacts, gate_case
from glucolog.core.gate.rule import Part
from glucolog.core.gate.rules import gate_rules
from glucolog.core.insulin import AcceleratedBand, InsulinOnBoard
from glucolog.core.moments import Moment
from glucolog.core.records import Reading
from glucolog.core.rules import loudest_first
from glucolog.core.rules.rule import RuleRow, row
from glucolog.core.trend import Trend
from glucolog.core.vocabulary import BodyArea
from glucolog.core.wording import gate as words

GATE_RULES = gate_rules()


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """The answer before a session, with everything it was worked out from.

    `summary` is the verdict in one sentence. `glucose` is the reading it rests on, None when none is recent enough;
    `low` is what to do about it while it is a low.
    `free_areas` are the areas asked about that are not blocked. `recheck_at` is when to ask again. `would_change` says
    what would move the verdict. `iob_units` is None with its reason in `unassessed`, as is the trend.
    """

    verdict: Verdict
    summary: str
    findings: tuple[Finding, ...]
    glucose: Reading | None
    age_min: float | None
    low: LowPlan | None
    trend: Trend | None
    iob_units: float | None
    on_board: InsulinOnBoard | None
    accelerated: AcceleratedBand | None
    blocked_areas: tuple[BlockedArea, ...]
    free_areas: tuple[BodyArea, ...]
    recheck_at: Moment | None
    would_change: tuple[str, ...]
    unassessed: dict[str, str]


def assess_gate(facts: GateFacts) -> GateResult:
    """Answer whether now is a good time for the planned session. Never raises; rows later than `facts.at` are ignored.

    The verdict is the strictest of the glucose band (one step stricter for people with a modifier), the rules, and the
    blocked areas. It is a proposal that no clinician has reviewed (`wording.gate.PROVENANCE`).
    """
    case = gate_case(facts)
    blocked = blocks(case)
    said = _said_by_parts(case, blocked)
    spoken = [
        (gate, finding, change)
        for gate in GATE_RULES
        if gate.rule.speaks_to(facts.person)
        for finding, change in gate.speak(case)
    ]
    verdict = _strictest([*said.values(), *(gate.verdict for gate, _, _ in spoken)])
    board = None if isinstance(case.on_board, Unassessed) else case.on_board
    low = low_plan(facts.person, [one for one in (case.other, case.glucose) if one], facts.at, facts.carbs)
    return GateResult(
        verdict=verdict,
        summary=_summary(verdict, blocked),
        findings=loudest_first([finding for _, finding, _ in spoken]),
        glucose=case.glucose,
        age_min=facts.at.minutes_since(case.glucose.at) if case.glucose else None,
        low=low,
        trend=None if isinstance(case.trend, Unassessed) else case.trend,
        iob_units=board.units if board else None,
        on_board=board,
        accelerated=accelerated(case),
        blocked_areas=blocked.blocked,
        free_areas=blocked.free,
        recheck_at=_recheck_at(case, blocked, verdict, low),
        would_change=_would_change(
            verdict, ((said.get(gate.part, gate.verdict), change) for gate, _, change in spoken)
        ),
        unassessed=_unassessed(case),
    )


def rule_table() -> tuple[RuleRow, ...]:
    """Return every rule of the gate as a row for people."""
    return tuple(row("gate", gate.rule) for gate in GATE_RULES)


def _strictest(verdicts: Iterable[Verdict]) -> Verdict:
    return max(verdicts, key=lambda verdict: verdict.rank)


def _summary(verdict: Verdict, blocked: Blocks) -> str:
    """Say the verdict in a sentence; what is free only where one may start, lest it be read as a leave to."""
    sentence = words.VERDICTS[verdict.value]
    if blocked.blocked and blocked.free and verdict.rank <= Verdict.CAUTION.rank:
        return f"{sentence} {words.FREE.format(areas=', '.join(_free_part(area, blocked) for area in blocked.free))}"
    return f"{sentence} {words.ALL_BLOCKED}" if blocked.verdict.rank > Verdict.CAUTION.rank else sentence


def _free_part(area: BodyArea, blocked: Blocks) -> str:
    """Name a free area without the regions of it that are blocked."""
    regions = [block.region for block in blocked.blocked if block.region and block.place.overlaps(area)]
    return (
        words.BUT_FOR.format(area=area.words, regions=" and ".join(dict.fromkeys(regions))) if regions else area.words
    )


def _recheck_at(case: GateCase, blocked: Blocks, verdict: Verdict, low: LowPlan | None) -> Moment | None:
    if verdict is Verdict.GO:
        return None
    if case.glucose is None:
        return case.facts.at
    if low and low.recheck_at:
        return max(low.recheck_at, case.facts.at)
    by_blocks = blocked.verdict is verdict and glucose_verdict(case).rank < verdict.rank
    if by_blocks:
        return blocked.until and blocked.until.plus(minutes=1)  # a site is still one at its last minute, closed
    return case.facts.at.plus(minutes=evidence.RECHECK_MIN.value)


def _said_by_parts(case: GateCase, blocked: Blocks) -> dict[Part, Verdict]:
    glucose = glucose_verdict(case)
    factor = glucose if band_verdict(case) is Verdict.CAUTION else Verdict.GO
    return {Part.GLUCOSE: glucose, Part.FACTOR: factor, Part.BLOCKS: blocked.verdict}


def _would_change(verdict: Verdict, changes: Iterable[tuple[Verdict, str | None]]) -> tuple[str, ...]:
    """Return what would change the verdict: only what is as strict as it, for nothing milder would move it."""
    if verdict is Verdict.GO:
        return ()
    return tuple(dict.fromkeys(change for said, change in changes if change and said is verdict))


def _unassessed(case: GateCase) -> dict[str, str]:
    known = {"iob_units": case.on_board, "trend": case.trend}
    return {name: value.reason for name, value in known.items() if isinstance(value, Unassessed)}
