"""The rules of the gate about insulin; only people who take insulin hear them."""

from __future__ import annotations

from collections.abc import Iterator

from glucolog.core import evidence
from glucolog.core.findings import Level, Unassessed
from glucolog.core.gate.acceleration import SAUNA, accelerated, band_words, is_of_sauna
from glucolog.core.gate.bands import Verdict, has_insulin_on_board, has_recent_bolus
from glucolog.core.gate.facts import GateCase
from glucolog.core.gate.rule import GateRule, Hits, Part, gate_rule
from glucolog.core.records import InsulinKind
from glucolog.core.rules.rule import Hit, ago_words, limit
from glucolog.core.units import round_half_up
from glucolog.core.wording import gate as words


def insulin_rules() -> Iterator[GateRule]:
    """Yield the rules about insulin on board, recent doses, and what is not known of them."""
    site, hours = limit(evidence.BOLUS_SITE_H), limit(evidence.INSULIN_KNOWN_H)
    on_board, recent = limit(evidence.GATE_IOB_UNITS), limit(evidence.GATE_BOLUS_MIN)
    yield gate_rule("iob", Level.INFO, on_board, "gate-proposal", _iob, insulin_only=True)
    yield gate_rule("recent-bolus", Level.INFO, recent, "gate-proposal", _bolus, insulin_only=True)
    yield gate_rule(
        "insulin-unknown",
        Level.CAUTION,
        hours,
        "gate-proposal",
        _insulin_unknown,
        part=Part.FACTOR,
        insulin_only=True,
    )
    speed_up: dict[str, object] = {"times the usual rate": "1 to 6"}
    yield gate_rule("site-band", Level.INFO, speed_up, "linde-1986", _band(of_sauna=False), insulin_only=True)
    sauna: dict[str, object] = {"times the usual rate": "1 to 2.1"}
    yield gate_rule("sauna-band", Level.INFO, sauna, "koivisto-1980", _band(of_sauna=True), insulin_only=True)
    yield gate_rule("area-unknown", Level.INFO, site, "gate-proposal", _area_unknown, insulin_only=True)
    yield gate_rule(
        "sauna-with-insulin", Level.CAUTION, site, "koivisto-1980", _sauna, insulin_only=True, verdict=Verdict.CAUTION
    )


def _iob(case: GateCase) -> Iterator[Hit]:
    if not isinstance(case.on_board, Unassessed) and has_insulin_on_board(case):
        board = case.on_board
        yield Hit(
            inputs={"iob_units": board.units, "models": list(board.models), "kind_assumed": board.kind_assumed},
            words={
                "units": round_half_up(board.units, 1),
                "models": ", ".join(board.models),
                "assumed": words.KIND_ASSUMED if board.kind_assumed else "",
            },
        )


def _bolus(case: GateCase) -> Iterator[Hit]:
    if case.bolus_min is not None and has_recent_bolus(case):
        yield Hit(inputs={"bolus_min": case.bolus_min}, words={"ago": ago_words(case.bolus_min)})


def _band(*, of_sauna: bool) -> Hits:
    def hits(case: GateCase) -> Iterator[Hit]:
        band = accelerated(case)
        if band is not None and is_of_sauna(band) is of_sauna:
            yield Hit(
                inputs={
                    "remaining_units": band.remaining_units,
                    "minutes": band.minutes,
                    "acting_units": {f"{step.factor:g}x": step.units for step in band.speed_ups},
                    "site_assumed": band.site_assumed,
                    "models": list(band.models),
                },
                words=band_words(band),
            )

    return hits


def _insulin_unknown(case: GateCase) -> Iterator[Hit]:
    if isinstance(case.on_board, Unassessed):
        yield Hit(inputs={"reason": case.on_board.reason}, words={"reason": case.on_board.reason})


def _area_unknown(case: GateCase) -> Iterator[Hit]:
    if not case.facts.areas:
        yield Hit(inputs={"areas": []})


def _sauna(case: GateCase) -> Iterator[Hit]:
    hours = evidence.BOLUS_SITE_H.value
    start = case.body.start
    planned = SAUNA in case.facts.tools or _had_sauna(case)
    active = [
        dose
        for dose in case.body.doses
        if dose.kind is not InsulinKind.LONG and start.minutes_since(dose.at) <= hours * 60
    ]
    if planned and active:
        yield Hit(inputs={"sauna": True, "doses": len(active)}, words={"hours": f"{hours:g}"})


def _had_sauna(case: GateCase) -> bool:
    at = case.facts.at
    hours = evidence.BOLUS_SITE_H.value
    return any(a.kind == SAUNA and 0 <= at.minutes_since(a.at) <= hours * 60 for a in case.facts.activities)
