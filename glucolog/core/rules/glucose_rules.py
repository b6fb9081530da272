"""The session rules about glucose: lows and their windows, a drop beyond meter error, a fast fall."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from glucolog.core import evidence
from glucolog.core.change import SessionChange
from glucolog.core.findings import Level
from glucolog.core.lows import AttributedLow, LowBasis, LowWindow
from glucolog.core.pairing import in_time_order
from glucolog.core.records import Reading
from glucolog.core.rules.facts import SessionCase
from glucolog.core.rules.rule import (
    Hit,
    Rule,
    association,
    clock,
    glucose_threshold,
    held_against,
    limit,
    rate_words,
    reading_inputs,
)
from glucolog.core.units import Glucose, Unit, format_apart
from glucolog.core.wording import session as words

_NAMES = {LowWindow.EARLY: "0-2h", LowWindow.LATE: "2-6h", LowWindow.NIGHT: "overnight"}
_PAIRS = {1: evidence.LEVEL_1, 2: evidence.LEVEL_2}


def glucose_rules() -> tuple[Rule[SessionCase], ...]:
    """Return the glucose rules of a session; those about insulin or a drop speak to people who take insulin."""
    return (
        *(_low_rule(level, window) for level in (2, 1) for window in LowWindow),
        Rule(
            id="low-dip",
            level=Level.CAUTION,
            sentence=words.SENTENCES["low-dip"],
            threshold=glucose_threshold("below", evidence.LEVEL_1.pair) | limit(evidence.EVENT_MIN),
            citation="battelino-2023",
            hits=_dips,
        ),
        Rule(
            id="low-at-start",
            level=Level.WARNING,
            sentence=words.SENTENCES["low-at-start"],
            threshold=glucose_threshold("below", evidence.LEVEL_1.pair),
            citation=evidence.LEVEL_1.citation,
            hits=_low_at_start,
        ),
        Rule(
            id="drop-beyond-error",
            level=Level.CAUTION,
            sentence=words.SENTENCES["drop-beyond-error"],
            threshold=_drop_threshold(),
            citation="session-rules",
            hits=_drop,
            insulin_only=True,
        ),
        Rule(
            id="fast-fall",
            level=Level.CAUTION,
            sentence=words.SENTENCES["fast-fall"],
            threshold=limit(evidence.FAST_FALL),
            citation=evidence.FAST_FALL.citation,
            hits=_fast_fall,
            insulin_only=True,
        ),
    )


def _low_rule(level: int, window: LowWindow) -> Rule[SessionCase]:
    return Rule(
        id=f"low-level-{level}-{_NAMES[window]}",
        level=Level.URGENT if level == 2 else Level.WARNING,
        sentence=words.SENTENCES["low"],
        threshold=glucose_threshold("below", _PAIRS[level].pair) | {"began": words.LOW_WINDOWS[window]},
        citation=_PAIRS[level].citation,
        hits=_lows_of(level, window),
    )


def _lows_of(level: int, window: LowWindow) -> Callable[[SessionCase], Iterator[Hit]]:
    def hits(case: SessionCase) -> Iterator[Hit]:
        own = [low for low in case.lows if low.window is window and low.basis is not LowBasis.SENSOR_DIP]
        if own and max(low.level for low in own) == level:
            yield _low_hit(case, [low for low in own if low.level == level], level)

    return hits


def _low_hit(case: SessionCase, lows: list[AttributedLow], level: int) -> Hit:
    worst = min(lows, key=lambda low: low.lowest.glucose.mg_dl)
    confirmed = [low for low in lows if low.basis is LowBasis.SENSOR_EVENT]
    basis = words.LOW_CONFIRMED if confirmed else words.LOW_BY_METER
    minutes = max((low.minutes_below or 0 for low in confirmed), default=0)
    return Hit(
        inputs=reading_inputs(worst.lowest)
        | {
            "minutes_after_end": worst.minutes_after_end,
            "window": worst.window.value,
            "confirmed_by": [low.basis.value for low in lows],
            "minutes_below": worst.minutes_below,
            "lows": len(lows),
        },
        words=held_against(worst.lowest.glucose, _PAIRS[level].pair, case.unit)
        | {
            "clock": clock(worst.lowest),
            "window": words.LOW_WINDOWS[worst.window],
            "basis": basis.format(minutes=f"{minutes:.0f}"),
            "association": association(case.facts.person),
        },
    )


def _dips(case: SessionCase) -> Iterator[Hit]:
    for low in case.lows:
        if low.basis is LowBasis.SENSOR_DIP:
            verdict = words.DIP_END_UNSEEN if low.end_unseen else words.DIP_OVER
            yield Hit(
                inputs=reading_inputs(low.lowest)
                | {"minutes_after_end": low.minutes_after_end, "minutes_below": low.minutes_below}
                | {"end_unseen": low.end_unseen},
                words=held_against(low.lowest.glucose, evidence.LEVEL_1.pair, case.unit)
                | {"clock": clock(low.lowest), "verdict": verdict.format(event=f"{evidence.EVENT_MIN.value:g}")},
            )


def _low_at_start(case: SessionCase) -> Iterator[Hit]:
    last = _last_before_start(case)
    if last and last.glucose.is_below(evidence.LEVEL_1.pair):
        yield Hit(
            inputs=reading_inputs(last),
            words=held_against(last.glucose, evidence.LEVEL_1.pair, case.unit) | {"clock": clock(last)},
        )


def _last_before_start(case: SessionCase) -> Reading | None:
    facts = case.facts
    near = [
        reading
        for reading in in_time_order(facts.readings)
        if 0 <= facts.session.start.minutes_since(reading.at) <= evidence.PAIR_WINDOW_MIN.value
    ]
    return near[-1] if near else facts.paired.before


def _drop_threshold() -> dict[str, object]:
    return (
        {"drop": "beyond meter error"}
        | glucose_threshold("ends_below", evidence.DROP_END.pair)
        | glucose_threshold("or_projects_below", evidence.LEVEL_1.pair)
        | limit(evidence.PROJECTION_MIN)
    )


def _drop(case: SessionCase) -> Iterator[Hit]:
    change, after = case.facts.change, case.facts.paired.after
    drop = change.drop_mg_dl if change.drop_mg_dl is not None else change.drop_at_least_mg_dl
    if after is None or drop is None or drop <= 0 or change.within_error is not False:
        return
    projected = _projected(after.glucose, _rate(change))
    ends_low = after.glucose.is_below(evidence.DROP_END.pair)
    heads_low = projected is not None and projected.is_below(evidence.LEVEL_1.pair)
    if ends_low or heads_low:
        yield _drop_hit(case, after, drop, None if ends_low else projected)


def _drop_hit(case: SessionCase, after: Reading, drop_mg_dl: float, projected: Glucose | None) -> Hit:
    change = case.facts.change
    error_mg_dl = change.meter_error_mg_dl or 0.0
    drop, error = format_apart(drop_mg_dl, error_mg_dl, case.unit)
    return Hit(
        inputs=reading_inputs(after, "after")
        | {
            "drop_mg_dl": change.drop_mg_dl,
            "drop_at_least_mg_dl": change.drop_at_least_mg_dl,
            "meter_error_mg_dl": error_mg_dl,
            "rate_mg_dl_per_min": change.rate_mg_dl_per_min,
            "projected_mg_dl": projected and projected.mg_dl,
            "paired_by": change.paired_by and change.paired_by.value,
        },
        words={
            "at_least": "at least " if change.drop_mg_dl is None else "",
            "drop": f"{drop} {case.unit}",
            "error": error,
            "end": _drop_end(case, after.glucose, heads_low=projected is not None),
            "association": association(case.facts.person),
        },
    )


def _drop_end(case: SessionCase, after: Glucose, *, heads_low: bool) -> str:
    sentence, threshold = (words.DROP_PROJECTS, evidence.LEVEL_1) if heads_low else (words.DROP_ENDS, evidence.DROP_END)
    told = held_against(after, threshold.pair, case.unit)
    return sentence.format(minutes=f"{evidence.PROJECTION_MIN.value:g}", **told)


def _projected(after: Glucose, rate_mg_dl_per_min: float | None) -> Glucose | None:
    if rate_mg_dl_per_min is None:
        return None
    ahead_mg_dl = rate_mg_dl_per_min * evidence.PROJECTION_MIN.value
    one = Glucose(1, after.unit).mg_dl
    return Glucose(after.amount - ahead_mg_dl / one, after.unit)


def _fast_fall(case: SessionCase) -> Iterator[Hit]:
    change, after = case.facts.change, case.facts.paired.after
    if case.steepest:
        reading, trend = case.steepest
        yield from _fall(reading, -trend.rate_mg_dl_per_min, trend.minutes, case.unit)
    elif after and (rate := _rate(change)) is not None and change.within_error is False:
        yield from _fall(after, rate, change.minutes_between or 0, case.unit)


def _rate(change: SessionChange) -> float | None:
    """Return the rate where it spans what a trend must: over less, two readings tell of the meter."""
    spans = (change.minutes_between or 0) >= evidence.TREND_SPAN_MIN.value
    return change.rate_mg_dl_per_min if spans else None


def _fall(reading: Reading, rate_mg_dl_per_min: float, minutes: float, unit: Unit) -> Iterator[Hit]:
    if rate_mg_dl_per_min < evidence.FAST_FALL.value:
        return
    yield Hit(
        inputs=reading_inputs(reading) | {"fall_mg_dl_per_min": rate_mg_dl_per_min, "over_min": minutes},
        words={
            "rate": rate_words(rate_mg_dl_per_min, unit),
            "minutes": f"{minutes:.0f}",
            "clock": clock(reading),
        },
    )
