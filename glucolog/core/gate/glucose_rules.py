"""The rules of the gate about glucose: bands, age of the reading, trend, highs and the person's own targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from glucolog.core import evidence
from glucolog.core.evidence import Threshold
from glucolog.core.findings import Level, Unassessed
from glucolog.core.gate.bands import Verdict, band_verdict, glucose_verdict, is_falling, risk_factors
from glucolog.core.gate.facts import GateCase
from glucolog.core.gate.rule import GateRule, Hits, Part, gate_rule
from glucolog.core.moments import Moment, format_moment
from glucolog.core.records import Reading, TargetSet
from glucolog.core.rules.rule import (
    Hit,
    ago_words,
    amount_words,
    glucose_threshold,
    held_against,
    length_words,
    limit,
    rate_words,
    reading_inputs,
)
from glucolog.core.units import Glucose, Source, faithful_unit, format_apart, told_glucose
from glucolog.core.wording import gate as words


def glucose_rules() -> Iterator[GateRule]:
    """Yield the rules about readings, bands and trend."""
    below, caution = evidence.GATE_STOP, evidence.GATE_CAUTION
    yield _below("gate-low-level-2", Level.URGENT, evidence.LEVEL_2, _low_level_2)
    yield _below("gate-low", Level.URGENT, below, _low)
    yield _below("gate-near-low", Level.WARNING, evidence.GATE_NOT_YET, _near_low)
    yield _below("gate-caution-band", Level.CAUTION, caution, _caution_band)
    stale = limit(evidence.STALE_CGM_MIN) | limit(evidence.STALE_METER_MIN)
    yield gate_rule("no-recent-reading", Level.WARNING, stale, "gate-proposal", _no_reading, part=Part.GLUCOSE)
    one_step: dict[str, object] = {"verdict": "one step stricter"}
    yield gate_rule("stricter", Level.CAUTION, one_step, "gate-proposal", _stricter, part=Part.GLUCOSE)
    beside = limit(evidence.DISAGREE_MIN)
    low, near_low = _disagree(Source.METER, below), _disagree(Source.METER, evidence.GATE_NOT_YET, below)
    lower = _disagree(Source.CGM, evidence.GATE_NOT_YET)
    yield gate_rule("meter-was-low", Level.URGENT, beside, "gate-proposal", low, verdict=Verdict.STOP)
    yield gate_rule("meter-was-near-low", Level.WARNING, beside, "gate-proposal", near_low, verdict=Verdict.NOT_YET)
    yield gate_rule("readings-disagree", Level.CAUTION, beside, "gate-proposal", lower, verdict=Verdict.CAUTION)
    heading = glucose_threshold("projects_below", evidence.LEVEL_1.pair) | limit(evidence.PROJECTION_MIN)
    yield gate_rule(
        "heading-low", Level.CAUTION, heading, "gate-proposal", _heading_low, insulin_only=True, verdict=Verdict.CAUTION
    )
    high = glucose_threshold("above", evidence.VERY_HIGH.pair)
    yield gate_rule("very-high-unwell", Level.WARNING, high, "gate-proposal", _very_high(True), verdict=Verdict.NOT_YET)
    yield gate_rule("very-high-asked", Level.CAUTION, high, "gate-proposal", _very_high(None), verdict=Verdict.CAUTION)
    yield gate_rule("very-high", Level.INFO, high, "gate-proposal", _very_high(False))
    own: dict[str, object] = {"below": "the person's own lower target"}
    yield gate_rule("below-own-target", Level.CAUTION, own, "gate-proposal", _below_own_target, verdict=Verdict.CAUTION)
    above: dict[str, object] = {"above": "the person's own upper target"}
    yield gate_rule("above-own-target", Level.INFO, above, "gate-proposal", _above_own_target)
    pregnancy = glucose_threshold("above", evidence.PREGNANCY_HIGH.pair)
    yield gate_rule("above-pregnancy-range", Level.INFO, pregnancy, "battelino-2019", _above_pregnancy)
    falling = limit(evidence.FALLING)
    yield gate_rule("falling", Level.INFO, falling, "dexcom-arrows", _falling)
    window = limit(evidence.TREND_WINDOW_MIN)
    yield gate_rule("trend-unknown", Level.INFO, window, "dexcom-arrows", _no_trend)


def _below(name: str, level: Level, threshold: Threshold, hits: Hits) -> GateRule:
    return gate_rule(
        name, level, glucose_threshold("below", threshold.pair), threshold.citation, hits, part=Part.GLUCOSE
    )


def _band_hit(case: GateCase, threshold: Threshold, **more: object) -> Iterator[Hit]:
    if case.glucose is None:
        return
    shown_in = faithful_unit(case.glucose.glucose, case.unit)
    yield Hit(
        inputs=reading_inputs(case.glucose) | {"age_min": _age(case, case.glucose)} | more,
        words=held_against(case.glucose.glucose, threshold.pair, case.unit)
        | {
            "ready": amount_words(evidence.GATE_NOT_YET.pair, shown_in),
            "clear": amount_words(evidence.GATE_CAUTION.pair, shown_in),
            "minutes": f"{evidence.RECHECK_MIN.value:g}",
            "plan": case.facts.person.low_plan or words.ADA_PLAN,
        },
    )


def _low_level_2(case: GateCase) -> Iterator[Hit]:
    if case.glucose and case.glucose.glucose.is_below(evidence.LEVEL_2.pair):
        yield from _band_hit(case, evidence.LEVEL_2)


def _low(case: GateCase) -> Iterator[Hit]:
    if case.glucose and band_verdict(case) is Verdict.STOP and not any(_low_level_2(case)):
        yield from _band_hit(case, evidence.GATE_STOP)


def _near_low(case: GateCase) -> Iterator[Hit]:
    if case.glucose and band_verdict(case) is Verdict.NOT_YET:
        yield from _band_hit(case, evidence.GATE_NOT_YET)


def _caution_band(case: GateCase) -> Iterator[Hit]:
    if case.glucose and band_verdict(case) is Verdict.CAUTION:
        factors = risk_factors(case)
        for hit in _band_hit(case, evidence.GATE_CAUTION, factors=list(factors)):
            yield Hit(inputs=hit.inputs, words={**hit.words, "factors": ", ".join(factors)})


def _no_reading(case: GateCase) -> Iterator[Hit]:
    if case.glucose:
        return
    last = case.stale
    inputs: dict[str, object] = {"age_min": _age(case, last) if last else None}
    last_words = words.LAST_READING.format(age=length_words(_age(case, last))) if last else words.NO_READING
    yield Hit(inputs=inputs | (reading_inputs(last) if last else {}), words={"last": last_words})


def _stricter(case: GateCase) -> Iterator[Hit]:
    if case.modifiers and glucose_verdict(case) is not band_verdict(case):
        yield Hit(
            inputs={"because": list(case.modifiers)},
            words={"because": " and ".join(case.modifiers), "later": _no_longer_stricter(case)},
        )


def _no_longer_stricter(case: GateCase) -> str:
    """When a severe low, where it is the only reason, is long enough ago; the other reasons stay."""
    severe = case.facts.person.severe_low_at
    if severe is None or case.modifiers != (words.MODIFIER_SEVERE,):
        return ""
    hours = evidence.SEVERE_LOW_H.value
    over = severe.plus(minutes=hours * 60 + 1)
    return words.SEVERE_OVER.format(at=format_moment(Moment(over.epoch_s, case.facts.at.zone)), hours=f"{hours:g}")


def _disagree(lower: Source, below: Threshold, not_below: Threshold | None = None) -> Hits:
    """Find a reading of `lower` in a band beside a newer one of the other source that is above it."""

    def hits(case: GateCase) -> Iterator[Hit]:
        newest, other = case.glucose, case.other
        if newest is None or other is None or other.source is not lower:
            return
        recent = _age(case, other) <= evidence.DISAGREE_MIN.value
        in_band = other.glucose.is_below(below.pair) and not (not_below and other.glucose.is_below(not_below.pair))
        if recent and in_band and not newest.glucose.is_below(below.pair):
            yield Hit(
                inputs=reading_inputs(newest) | reading_inputs(other, "other"),
                words={
                    "newest": told_glucose(newest.glucose, case.unit),
                    "other": told_glucose(other.glucose, case.unit),
                    "ago": ago_words(_age(case, other)),
                    "ready": amount_words(evidence.GATE_NOT_YET.pair, case.unit),
                    "minutes": f"{evidence.RECHECK_MIN.value:g}",
                    "plan": case.facts.person.low_plan or words.ADA_PLAN,
                },
            )

    return hits


def _heading_low(case: GateCase) -> Iterator[Hit]:
    if case.glucose is None or isinstance(case.trend, Unassessed) or not is_falling(case):
        return
    glucose, rate = case.glucose.glucose, case.trend.rate_mg_dl_per_min
    ahead = rate * evidence.PROJECTION_MIN.value / Glucose(1, glucose.unit).mg_dl
    projected = Glucose(glucose.amount + ahead, glucose.unit)
    if projected.is_below(evidence.LEVEL_1.pair) and not glucose.is_below(evidence.GATE_NOT_YET.pair):
        yield Hit(
            inputs=reading_inputs(case.glucose) | {"rate_mg_dl_per_min": rate, "projected_mg_dl": projected.mg_dl},
            words={
                "minutes": f"{evidence.PROJECTION_MIN.value:g}",
                "limit": amount_words(evidence.LEVEL_1.pair, case.unit),
                "rate": rate_words(-rate, case.unit),
            },
        )


def _very_high(answer: bool | None) -> Callable[[GateCase], Iterator[Hit]]:
    def hits(case: GateCase) -> Iterator[Hit]:
        above = case.glucose is not None and case.glucose.glucose.is_above(evidence.VERY_HIGH.pair)
        if above and case.facts.unwell_or_ketones is answer:
            yield from _band_hit(case, evidence.VERY_HIGH, unwell_or_ketones=answer)

    return hits


def _below_own_target(case: GateCase) -> Iterator[Hit]:
    low, reading = case.facts.person.target_low, case.glucose
    if low is None or reading is None or reading.glucose.is_below(evidence.GATE_STOP.pair):
        return
    if _is_less(reading.glucose, low):
        yield _beside_target(case, reading, "target_low_mg_dl", low)


def _above_own_target(case: GateCase) -> Iterator[Hit]:
    high, reading = case.facts.person.target_high, case.glucose
    if high is not None and reading is not None and _is_less(high, reading.glucose):
        yield _beside_target(case, reading, "target_high_mg_dl", high)


def _beside_target(case: GateCase, reading: Reading, name: str, target: Glucose) -> Hit:
    shown, beside = format_apart(reading.glucose.mg_dl, target.mg_dl, case.unit)
    return Hit(
        inputs=reading_inputs(reading) | {name: target.mg_dl},
        words={"glucose": f"{shown} {case.unit}", "target": f"{beside} {case.unit}"},
    )


def _is_less(one: Glucose, other: Glucose) -> bool:
    return one.amount < other.amount if one.unit is other.unit else one.mg_dl < other.mg_dl


def _above_pregnancy(case: GateCase) -> Iterator[Hit]:
    pregnant = case.facts.person.target_set is TargetSet.PREGNANCY and case.facts.person.target_high is None
    if pregnant and case.glucose and case.glucose.glucose.is_above(evidence.PREGNANCY_HIGH.pair):
        yield from _band_hit(case, evidence.PREGNANCY_HIGH)


def _falling(case: GateCase) -> Iterator[Hit]:
    if is_falling(case) and not isinstance(case.trend, Unassessed) and case.glucose:
        rate = -case.trend.rate_mg_dl_per_min
        yield Hit(
            inputs={"rate_mg_dl_per_min": -rate, "readings": case.trend.readings, "minutes": case.trend.minutes},
            words={
                "rate": rate_words(rate, case.unit),
                "minutes": f"{case.trend.minutes:.0f}",
                "arrow": case.trend.arrow,
            },
        )


def _no_trend(case: GateCase) -> Iterator[Hit]:
    if isinstance(case.trend, Unassessed) and case.glucose:
        yield Hit(inputs={"reason": case.trend.reason}, words={"reason": case.trend.reason})


def _age(case: GateCase, reading: Reading) -> float:
    return case.facts.at.minutes_since(reading.at)
