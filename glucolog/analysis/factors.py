"""What goes with a bigger drop, and what happens to symptoms: comparisons between a person's own sessions.

Exploratory throughout: each side of a comparison needs `MIN_GROUP` sessions, each has its interval, and p-values are
adjusted over the whole family (Benjamini & Hochberg 1995). What is compared is the matched difference, so that a
time of day or insulin at work is not mistaken for what it does by itself.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from glucolog.analysis import resampling
from glucolog.analysis.kinds import Flags, Floats
from glucolog.analysis.outcomes import Outcome
from glucolog.analysis.study import EffectInput, Matched, Study, make_study, match_outcome
from glucolog.core.evidence import BOLUS_SITE_H
from glucolog.core.records import Dose, InsulinKind, Phase, Session, Symptom
from glucolog.core.vocabulary import HEAT_TOOLS, BodyArea
from glucolog.core.wording import effect as words

MIN_GROUP = 8
"""Neither side of a comparison has fewer sessions."""
TIMES_OF_DAY_H: dict[str, tuple[int, int]] = {
    "05:00 and 11:00": (5, 11),
    "11:00 and 17:00": (11, 17),
    "17:00 and 23:00": (17, 23),
}
"""Local hours of the start, closed and open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """Sessions with a property against those without; numbers are None where a side is too small.

    `estimate_mg_dl` positive: a bigger drop with the property. `n_unknown` matched sessions do not say.
    """

    factor: str
    label: str
    n_with: int
    n_without: int
    n_unknown: int
    estimate_mg_dl: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    p_adjusted: float | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SymptomChange:
    """Scores before minus after, 0–10 points, positive when the score fell; None where there are too few."""

    symptom: str
    n: int
    estimate_points: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    p_adjusted: float | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorsResult:
    """Every comparison that could be named, made or refused, with the sentence that must stand beside them."""

    outcome: Outcome
    n_matched: int
    factors: tuple[Factor, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SymptomsResult:
    """The change of every symptom that was scored, with the sentences that must stand beside them."""

    symptoms: tuple[SymptomChange, ...]
    notes: tuple[str, str]


_Tested = TypeVar("_Tested", Factor, SymptomChange)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trait:
    """A property of the matched sessions: whether each has it, and whether it says so."""

    factor: str
    label: str
    has: Flags
    known: Flags


def compare_factors(given: EffectInput, study: Study | None = None) -> FactorsResult:
    """Compare the matched differences of `given.outcome` between sessions with and without each property.

    `study` is that of `given`, where it is made already.
    """
    study = study or make_study(given)
    matched = None if study is None else match_outcome(study, given.outcome)
    if study is None or matched is None or not matched.rows.size:
        return FactorsResult(outcome=given.outcome, n_matched=0, factors=(), note=words.EXPLORATORY)
    compared = [_compared(trait, matched.difference) for trait in _traits(study, matched, given.doses)]
    return FactorsResult(
        outcome=given.outcome, n_matched=matched.rows.size, factors=_adjusted(compared), note=words.EXPLORATORY
    )


def compare_symptoms(sessions: Iterable[Session], symptoms: Iterable[Symptom]) -> SymptomsResult:
    """Compare each symptom's score before and after a session, over sessions that have both, in any order.

    Several scores of a phase (left and right foot) count by their mean.
    """
    ids = {session.id for session in sessions}
    scores: dict[str, dict[str, dict[Phase, list[int]]]] = {}
    for score in symptoms:
        if score.session_id in ids and score.phase in {Phase.BEFORE, Phase.AFTER}:
            of_session = scores.setdefault(score.symptom, {}).setdefault(score.session_id, {})
            of_session.setdefault(score.phase, []).append(score.score)
    changes = [_symptom_change(symptom, _falls(scores[symptom].values())) for symptom in sorted(scores)]
    return SymptomsResult(symptoms=_adjusted(changes), notes=(words.EXPLORATORY, words.SYMPTOM_NO_COMPARISON))


def _falls(by_session: Iterable[dict[Phase, list[int]]]) -> Floats:
    return np.array(
        [
            float(np.mean(phases[Phase.BEFORE]) - np.mean(phases[Phase.AFTER]))
            for phases in by_session
            if Phase.BEFORE in phases and Phase.AFTER in phases
        ]
    )


def _symptom_change(symptom: str, falls: Floats) -> SymptomChange:
    change = SymptomChange(
        symptom=symptom, n=falls.size, estimate_points=None, ci_low=None, ci_high=None, p_value=None, p_adjusted=None,
        reason=words.SYMPTOM_TOO_FEW.format(n=falls.size, needed=MIN_GROUP),
    )  # fmt: skip
    if falls.size < MIN_GROUP:
        return change
    low, high = resampling.hodges_lehmann_interval(falls)
    return replace(
        change,
        estimate_points=resampling.hodges_lehmann(falls),
        ci_low=low,
        ci_high=high,
        p_value=resampling.sign_flip_p(falls),
        reason=None,
    )


def _compared(trait: _Trait, difference: Floats) -> Factor:
    with_it, without = difference[trait.known & trait.has], difference[trait.known & ~trait.has]
    factor = Factor(
        factor=trait.factor, label=trait.label, n_with=with_it.size, n_without=without.size,
        n_unknown=int((~trait.known).sum()), estimate_mg_dl=None, ci_low=None, ci_high=None, p_value=None,
        p_adjusted=None, reason=_refusal(with_it.size, without.size),
    )  # fmt: skip
    if factor.reason is not None:
        return factor
    low, high = resampling.shift_interval(with_it, without)
    return replace(
        factor,
        estimate_mg_dl=resampling.shift_estimate(with_it, without),
        ci_low=low,
        ci_high=high,
        p_value=resampling.rank_sum_p(with_it, without),
    )


def _refusal(n_with: int, n_without: int) -> str | None:
    if not n_with + n_without:
        return words.FACTOR_UNKNOWN
    if min(n_with, n_without) < MIN_GROUP:
        return words.FACTOR_TOO_FEW.format(first=n_with, second=n_without, needed=MIN_GROUP)
    return None


def _adjusted(items: list[_Tested]) -> tuple[_Tested, ...]:
    tested = [item for item in items if item.p_value is not None]
    adjusted = resampling.benjamini_hochberg(np.array([item.p_value for item in tested], dtype=np.float64))
    by_id = {id(item): float(p) for item, p in zip(tested, adjusted, strict=True)}
    return tuple(replace(item, p_adjusted=by_id.get(id(item))) for item in items)


def _traits(study: Study, matched: Matched, doses: tuple[Dose, ...]) -> list[_Trait]:
    sessions = [study.sessions[row] for row in matched.rows]
    starts = study.starts.select(matched.rows)
    columns = starts.columns
    return [
        *_words_traits("technique", sessions, lambda session: session.techniques),
        *_words_traits("area", sessions, lambda session: tuple(area.area for area in session.areas)),
        *_words_traits("performer", sessions, lambda session: (session.performer,) if session.performer else ()),
        _split("pressure", [session.pressure for session in sessions]),
        _split("duration", [session.minutes for session in sessions]),
        _split("water", [session.water_c for session in sessions]),
        _heat(sessions),
        _split("since_bolus", _listed(columns.get("since_bolus_min"), len(sessions))),
        _split("iob", _listed(columns.get("iob_units"), len(sessions))),
        _site_overlap(sessions, doses),
        *(_time_of_day(label, starts.clock_min) for label in TIMES_OF_DAY_H),
    ]


def _words_traits(factor: str, sessions: list[Session], said: Callable[[Session], tuple[str, ...]]) -> list[_Trait]:
    """One trait for each word in use; a session that says no word at all does not say."""
    spoken = [set(said(session)) for session in sessions]
    known = np.array([bool(each) for each in spoken])
    vocabulary = sorted(set().union(*spoken)) or [""]
    return [_trait(factor, value, np.array([value in each for each in spoken]), known) for value in vocabulary]


def _split(factor: str, values: Sequence[float | None]) -> _Trait:
    """Sessions at or above the person's own median against those below it."""
    known = np.array([value is not None for value in values])
    numbers = np.array([0.0 if value is None else float(value) for value in values])
    if not known.any():
        return _trait(factor, "", known, known)
    said = numbers[known]
    # a median that is also the smallest value would leave nothing below it
    above = said[(said >= np.median(said)) & (said > said.min())]
    at_least = float(above.min() if above.size else said.min())
    return _trait(factor, f"{at_least:.3g}", numbers >= at_least, known)


def _heat(sessions: list[Session]) -> _Trait:
    """Whether heat was an exposure; a session that names no tool and no water does not say."""
    has = [session.water_c is not None or bool(HEAT_TOOLS & set(session.tools)) for session in sessions]
    known = [session.water_c is not None or bool(session.tools) for session in sessions]
    return _trait("water_used", "", np.array(has), np.array(known))


def _site_overlap(sessions: list[Session], doses: tuple[Dose, ...]) -> _Trait:
    """Whether meal-time insulin went into a massaged area in the hours of `BOLUS_SITE_H` before the start."""
    quick = sorted((dose for dose in doses if dose.kind is not InsulinKind.LONG), key=_at_s)
    recent = [_recent_sites(session, quick) for session in sessions]
    has = [
        any(site is not None and area.overlaps(site) for site in sites for area in session.areas)
        for session, sites in zip(sessions, recent, strict=True)
    ]
    known = [
        bool(doses and session.areas) and None not in sites for session, sites in zip(sessions, recent, strict=True)
    ]
    return _trait("site_overlap", f"{BOLUS_SITE_H.value:g}", np.array(has), np.array(known) | np.array(has))


def _recent_sites(session: Session, quick: Sequence[Dose]) -> list[BodyArea | None]:
    """Sites of the meal-time doses, in time order, of the hours before the start, both ends closed; None: not known."""
    since_s = session.start.plus(minutes=-60 * BOLUS_SITE_H.value).epoch_s
    first = bisect_left(quick, since_s, key=_at_s)
    return [dose.site for dose in quick[first : bisect_right(quick, session.start.epoch_s, lo=first, key=_at_s)]]


def _at_s(dose: Dose) -> int:
    return dose.at.epoch_s


def _time_of_day(label: str, clock_min: Floats) -> _Trait:
    first_h, until_h = TIMES_OF_DAY_H[label]
    has = (clock_min >= first_h * 60) & (clock_min < until_h * 60)
    return _trait("time_of_day", label, has, np.ones(has.size, dtype=np.bool_))


def _trait(factor: str, value: str, has: Flags, known: Flags) -> _Trait:
    named = words.FACTORS[factor].format(value=value)
    label = named if value else words.FACTORS_UNKNOWN.get(factor, named)
    return _Trait(factor=factor, label=label, has=has, known=known)


def _listed(column: Floats | None, n: int) -> Sequence[float | None]:
    return [None] * n if column is None else [float(value) for value in column]
