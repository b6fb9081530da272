"""The bands of glucose before a session, our proposal after Riddell 2017 and Moser 2020."""

from __future__ import annotations

from enum import StrEnum

from glucolog.core import evidence
from glucolog.core.findings import Unassessed
from glucolog.core.gate.facts import GateCase, recent_site
from glucolog.core.wording import gate as words


class Verdict(StrEnum):
    """The answer, from go to stop; `rank` orders them."""

    GO = "go"
    CAUTION = "caution"
    NOT_YET = "not_yet"
    STOP = "stop"

    @property
    def rank(self) -> int:
        """0 for go to 3 for stop."""
        return list(Verdict).index(self)

    @property
    def stricter(self) -> Verdict:
        """One step stricter; stop stays stop."""
        ladder = list(Verdict)
        return ladder[min(self.rank + 1, len(ladder) - 1)]


def band_verdict(case: GateCase) -> Verdict:
    """Return what glucose alone says: < 70 stop, 70–89 not yet, 90–125 with a risk factor caution, else go.

    Compared in the typed unit. Without a recent reading: not yet for people who take insulin, caution for others.
    """
    if case.glucose is None:
        return Verdict.NOT_YET if case.facts.person.takes_insulin else Verdict.CAUTION
    glucose = case.glucose.glucose
    if glucose.is_below(evidence.GATE_STOP.pair):
        return Verdict.STOP
    if glucose.is_below(evidence.GATE_NOT_YET.pair):
        return Verdict.NOT_YET
    if glucose.is_below(evidence.GATE_CAUTION.pair) and risk_factors(case):
        return Verdict.CAUTION
    return Verdict.GO


def glucose_verdict(case: GateCase) -> Verdict:
    """Return the band's verdict, one step stricter for people it must be stricter for; an absent reading stays."""
    verdict = band_verdict(case)
    return verdict.stricter if case.modifiers and case.glucose else verdict


def risk_factors(case: GateCase) -> tuple[str, ...]:
    """Return in words what makes 90–125 mg/dL a caution; for insulin takers an unknown counts as if it were so."""
    insulin = case.facts.person.takes_insulin
    known = (
        (is_falling(case), words.FACTOR_FALLING),
        (insulin and isinstance(case.trend, Unassessed), words.FACTOR_NO_TREND),
        (insulin and has_insulin_on_board(case), words.FACTOR_IOB),
        (insulin and has_recent_bolus(case), words.FACTOR_BOLUS),
        (insulin and isinstance(case.on_board, Unassessed), words.FACTOR_INSULIN_UNKNOWN),
        (insulin and recent_site(case), words.FACTOR_SITE),
    )
    return tuple(word for applies, word in known if applies)


def is_falling(case: GateCase) -> bool:
    """Whether glucose falls by 1 mg/dL/min or more (closed)."""
    return not isinstance(case.trend, Unassessed) and -case.trend.rate_mg_dl_per_min >= evidence.FALLING.value


def has_insulin_on_board(case: GateCase) -> bool:
    """Whether 1 U or more is on board (closed)."""
    return not isinstance(case.on_board, Unassessed) and case.on_board.units >= evidence.GATE_IOB_UNITS.value


def has_recent_bolus(case: GateCase) -> bool:
    """Whether insulin other than long-acting was delivered less than 2 h ago (open)."""
    return case.bolus_min is not None and case.bolus_min < evidence.GATE_BOLUS_MIN.value
