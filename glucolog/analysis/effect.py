"""What sessions have to do with glucose: each against similar times without massage, then all of them together.

One primary outcome, the drop 120 min after the start. Positive means that glucose fell more than at matched times. The
design is that of `matching`; the estimate is the Hodges–Lehmann estimate of the matched differences, its p-value comes
from their sign flips, and its interval from the same test turned round, widened for control windows that several
sessions share.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from glucolog.analysis import resampling
from glucolog.analysis.afterwards import Afterwards, afterwards
from glucolog.analysis.covariates import METER, Probe, Problem
from glucolog.analysis.grades import MIN_SESSIONS, Grade, grade_of, grade_reason
from glucolog.analysis.kinds import Ints
from glucolog.analysis.matching import MIN_CONTROL_DAYS
from glucolog.analysis.outcomes import GLUCOSE_OUTCOMES, UNITS, Outcome
from glucolog.analysis.study import EffectInput, Matched, Study, make_study, match_outcome
from glucolog.core.records import Session
from glucolog.core.units import Source
from glucolog.core.wording import effect as words


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionMatch:
    """One session beside its control windows; without `difference` it is unmatched for the `reason`.

    `observed` is the session's own outcome, `expected` that of its `controls_at_s` (seconds UTC) brought to its
    starting point by the model, `difference` observed − expected.
    """

    session_id: str
    start_s: int
    start_mg_dl: float | None
    observed: float | None
    expected: float | None
    difference: float | None
    controls_at_s: tuple[int, ...]
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeEstimate:
    """One outcome over all matched sessions; numbers are None where `grade` is none.

    `p_adjusted` is Holm's over the secondary outcomes, None for the primary one. `n_censored` counts matched sessions
    whose outcome holds a LO or HI reading. `shared_se` is what sharing control windows adds to the standard error.
    """

    outcome: Outcome
    unit: str
    n_matched: int
    n_controls: int
    n_censored: int
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    p_adjusted: float | None
    shared_se: float | None
    grade: Grade
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectResult:
    """The answer, with all it was made from. `windows` holds every session in time order."""

    outcome: Outcome
    source: Source | None
    n_sessions: int
    n_matched: int
    n_unmatched: int
    n_controls: int
    n_naive: int
    naive_mg_dl: float | None
    estimate_mg_dl: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    grade: Grade
    reason: str
    windows: tuple[SessionMatch, ...]
    outcomes: tuple[OutcomeEstimate, ...]
    limitations: tuple[str, ...]


def estimate_effect(given: EffectInput, *, main_only: bool = False, study: Study | None = None) -> EffectResult:
    """Answer for one person. Too little data is a grade of none with its reason, never an exception or NaN.

    The sensor is used unless finger-sticks cover more sessions; the two are never mixed. `main_only` leaves out the
    exploratory outcomes, which take most of the time. `study` is that of `given`, where it is made already. Raises
    `ValueError` when `outcome` is not in `GLUCOSE_OUTCOMES`.
    """
    if given.outcome not in GLUCOSE_OUTCOMES:
        raise ValueError("the main outcome is one in mg/dL")
    study = study or make_study(given)
    if study is None:
        return _empty(given)
    asked = (given.outcome,) if main_only else tuple(Outcome)
    every = {outcome: match_outcome(study, outcome) for outcome in asked}
    main = every[given.outcome]
    estimates = _adjusted(tuple(_estimate(study, matched) for matched in every.values()), given.outcome)
    return _result(given, study, main, estimates)


def shared_control_se(matched: Matched, control_day: Ints) -> float:
    """Return what sharing control windows, or their days, adds in quadrature to the standard error of the mean.

    The plain variance s²/n takes the differences for independent. Here the sessions' own part is σ²/n and the control
    windows' part is summed by day over all sessions that used them (cluster-robust); the excess of the two over s²/n
    is returned as a standard error, 0 when there is none. At least two matched sessions.
    """
    n = matched.difference.size
    plain = float(matched.difference.var(ddof=1)) / n
    own = float(matched.own_residual.var(ddof=1)) / n
    shared = list(zip(matched.control_shares, matched.control_residuals, strict=True))
    level = float(np.mean([shares @ residuals for shares, residuals in shared]))
    weighed = np.concatenate([shares * (residuals - level) / n for shares, residuals in shared])
    _, day = np.unique(control_day[np.concatenate(matched.controls)], return_inverse=True)
    theirs = float((np.bincount(day, weighed) ** 2).sum())
    return sqrt(max(own + theirs - plain, 0.0))


def _estimate(study: Study, matched: Matched) -> OutcomeEstimate:
    n = matched.rows.size
    grade = grade_of(n)
    found = None if grade is Grade.NONE else _interval(matched, study.controls.local_day)
    estimate, low, high, p_value, shared_se = found or (None, None, None, None, None)
    return OutcomeEstimate(
        outcome=matched.outcome,
        unit=UNITS[matched.outcome],
        n_matched=n,
        n_controls=_n_controls(matched),
        n_censored=int(matched.censored.sum()),
        estimate=estimate,
        ci_low=low,
        ci_high=high,
        p_value=p_value,
        p_adjusted=None,
        shared_se=shared_se,
        grade=grade,
        reason=grade_reason(grade, n, len(study.sessions)),
    )


def _interval(matched: Matched, control_day: Ints) -> tuple[float, float, float, float, float]:
    """Return estimate, interval, p-value and the shared standard error.

    Drops are summed up by their middle, brought to the scale of a mean by `middle_of_controls`. Minutes are summed up
    by their mean: most sessions have none under 70, so the middle says nothing of the few that do.
    """
    by_mean = UNITS[matched.outcome] == "min"
    differences = matched.difference - (0.0 if by_mean else middle_of_controls(matched))
    estimate = float(differences.mean()) if by_mean else resampling.hodges_lehmann(differences)
    interval = (resampling.mean_interval if by_mean else resampling.hodges_lehmann_interval)(differences)
    shared_se = shared_control_se(matched, control_day)
    margin = resampling.normal_margin(shared_se)
    low, high = resampling.widened(estimate, interval, margin)
    p_of = resampling.sign_flip_mean_p if by_mean else resampling.sign_flip_p
    return estimate, low, high, p_of(differences - resampling.null_of_widened(estimate, margin)), shared_se


def middle_of_controls(matched: Matched) -> float:
    """Return the Hodges–Lehmann middle of control windows about the mean of their match.

    Glucose rises further than it falls, so the middle of differences lies off their mean without any session. Control
    windows show by how much; subtracting it makes the estimate one of the average difference, and centres its test.
    """
    deviations = [residuals - residuals.mean() for residuals in matched.control_residuals]
    return resampling.hodges_lehmann(resampling.thinned(np.concatenate(deviations)))


def _adjusted(estimates: tuple[OutcomeEstimate, ...], main: Outcome) -> tuple[OutcomeEstimate, ...]:
    """Give every estimated secondary outcome its Holm-adjusted p-value; the main outcome comes first."""
    secondary = [item for item in estimates if item.outcome is not main and item.p_value is not None]
    adjusted = resampling.holm(np.array([item.p_value for item in secondary], dtype=np.float64))
    by_outcome = {item.outcome: float(p) for item, p in zip(secondary, adjusted, strict=True)}
    ordered = sorted(estimates, key=lambda item: item.outcome is not main)
    return tuple(replace(item, p_adjusted=by_outcome.get(item.outcome)) for item in ordered)


def _result(given: EffectInput, study: Study, main: Matched, estimates: tuple[OutcomeEstimate, ...]) -> EffectResult:
    first = estimates[0]
    n_naive = int(main.naive_known.sum())
    return EffectResult(
        outcome=given.outcome,
        source=study.known.glucose.source,
        n_sessions=len(study.sessions),
        n_matched=first.n_matched,
        n_unmatched=len(study.sessions) - first.n_matched,
        n_controls=first.n_controls,
        n_naive=n_naive,
        naive_mg_dl=float(main.naive[main.naive_known].mean()) if n_naive >= MIN_SESSIONS else None,
        estimate_mg_dl=first.estimate,
        ci_low=first.ci_low,
        ci_high=first.ci_high,
        p_value=first.p_value,
        grade=first.grade,
        reason=first.reason,
        windows=_windows(study, main),
        outcomes=estimates,
        limitations=_limitations(study, main, first),
    )


def _windows(study: Study, matched: Matched) -> tuple[SessionMatch, ...]:
    place = {int(row): at for at, row in enumerate(matched.rows)}
    return tuple(_window(study, matched, row, place.get(row)) for row in range(len(study.sessions)))


def _window(study: Study, matched: Matched, row: int, at: int | None) -> SessionMatch:
    problem = Problem(int(matched.problem[row]))
    measured = study.starts.problem[row] == Problem.NONE
    difference = None if at is None else float(matched.difference[at])
    observed = float(matched.naive[row]) if matched.naive_known[row] else None
    return SessionMatch(
        session_id=study.sessions[row].id,
        start_s=int(study.starts.at_s[row]),
        start_mg_dl=float(study.starts.start_mg_dl[row]) if measured else None,
        observed=observed,
        expected=None if difference is None or observed is None else observed - difference,
        difference=difference,
        controls_at_s=() if at is None else tuple(study.controls.at_s[np.sort(matched.controls[at])].tolist()),
        reason=None if problem is Problem.NONE else unmatched_reason(problem, study.known.probe),
    )


def unmatched_reason(problem: Problem, probe: Probe) -> str:
    """Say why a session has no match."""
    return words.UNMATCHED[problem.name].format(look_back=probe.look_back_min, days=MIN_CONTROL_DAYS)


def _limitations(study: Study, matched: Matched, main: OutcomeEstimate) -> tuple[str, ...]:
    n_sessions, work = len(study.sessions), study.known.at_work
    said = {
        words.FINGER_STICKS_ONLY: not study.known.probe.has_trend,
        words.NO_INSULIN: not work.doses,
        words.NO_CARBS: not len(work.carbs),
        words.NO_ACTIVITY: not len(work.exertion),
        **{_say_afterwards(each): each.differs for each in afterwards(study, matched)},
        words.CENSORED.format(n=main.n_censored): main.n_censored > 0,
        words.NOT_WHOLE.format(unmatched=n_sessions - main.n_matched, sessions=n_sessions): (
            0 < main.n_matched < n_sessions
        ),
    }
    return tuple(sentence for sentence, holds in said.items() if holds)


def _say_afterwards(found: Afterwards) -> str:
    own, similar = round(100 * found.of_sessions), round(100 * found.of_similar_times)
    return words.AFTERWARDS.format(did=words.DID[found.what], own=own, similar=similar)


def _empty(given: EffectInput) -> EffectResult:
    n = len(given.sessions)
    reason = grade_reason(Grade.NONE, 0, n) if n else words.NO_SESSIONS
    return EffectResult(
        outcome=given.outcome, source=None, n_sessions=n, n_matched=0, n_unmatched=n, n_controls=0, n_naive=0,
        naive_mg_dl=None, estimate_mg_dl=None, ci_low=None, ci_high=None, p_value=None, grade=Grade.NONE,
        reason=reason, windows=tuple(_unread(session) for session in sorted(given.sessions, key=_start)),
        outcomes=(), limitations=(),
    )  # fmt: skip


def _unread(session: Session) -> SessionMatch:
    return SessionMatch(
        session_id=session.id, start_s=session.start.epoch_s, start_mg_dl=None, observed=None, expected=None,
        difference=None, controls_at_s=(), reason=unmatched_reason(Problem.NO_READING, METER),
    )  # fmt: skip


def _start(session: Session) -> tuple[int, str]:
    return session.start.epoch_s, session.id


def _n_controls(matched: Matched) -> int:
    return int(np.unique(np.concatenate(matched.controls)).size) if matched.controls else 0
