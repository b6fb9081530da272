"""One person's sessions and control windows side by side, ready for any outcome.

The sensor is used unless finger-sticks cover more sessions; the two are never mixed. Which control windows stand for a
session is the same question for every outcome, asked among the windows where that outcome can be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glucolog.analysis.at_work import at_work
from glucolog.analysis.censoring import start_chances, staying_weights
from glucolog.analysis.covariates import (
    METER,
    SENSOR,
    Background,
    Covariates,
    Probe,
    Problem,
    covariates_at,
)
from glucolog.analysis.kinds import Flags, Floats, Ints
from glucolog.analysis.matching import Busy, Ranked, busy_time, control_windows, outcome_model, rank_controls
from glucolog.analysis.outcomes import Observed, Outcome, observe, over_s
from glucolog.analysis.trace import GlucoseArrays
from glucolog.core.records import Activity, Carbs, Dose, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectInput:
    """One person's log, in any order.

    `sessions` are those asked about; `other_sessions` the rest, which make time no less occupied. `outcome` is one of
    `GLUCOSE_OUTCOMES`. `zone` gives the local clock; `child` picks the insulin curve.
    """

    cgm: GlucoseArrays | None
    meter: GlucoseArrays | None
    doses: tuple[Dose, ...]
    carbs: tuple[Carbs, ...]
    activities: tuple[Activity, ...] = ()
    sessions: tuple[Session, ...]
    other_sessions: tuple[Session, ...] = ()
    zone: str
    outcome: Outcome = Outcome.CHANGE_120
    child: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Sessions and control windows of one source, with their columns, ready for any outcome.

    `start_chances` says how likely a session was to start soon after each control window.
    """

    sessions: tuple[Session, ...]
    known: Background
    busy: Busy
    starts: Covariates
    controls: Covariates
    ranked: Ranked
    start_chances: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """One outcome of a study. `rows` are the matched sessions; columns below have one value a row of them.

    `controls` holds each one's control windows and `control_shares` how much each counts, 1 in all; `difference` =
    `observed` − `expected`; `own_residual` and `control_residuals` are what the outcome model leaves of the session's
    and of its controls' outcomes. `problem`
    and `naive` (0 where not `naive_known`) are those of all sessions.
    """

    outcome: Outcome
    rows: Ints
    controls: tuple[Ints, ...]
    observed: Floats
    difference: Floats
    own_residual: Floats
    control_residuals: tuple[Floats, ...]
    control_shares: tuple[Floats, ...]
    censored: Flags
    problem: Ints
    naive: Floats
    naive_known: Flags


def make_study(given: EffectInput) -> Study | None:
    """Gather sessions and control windows of the source that covers more sessions; None without any reading."""
    sessions = tuple(sorted(given.sessions, key=lambda session: (session.start.epoch_s, session.id)))
    choices = [(given.cgm, SENSOR), (given.meter, METER)]
    known = [_background(given, glucose, probe) for glucose, probe in choices if glucose is not None and len(glucose)]
    if not known or not sessions:
        return None
    starts_s = np.array([session.start.epoch_s for session in sessions], dtype=np.int64)
    covered = [_n_measured(starts_s, background) for background in known]
    return _study(sessions, given.other_sessions, known[int(np.argmax(covered))])


def match_outcome(study: Study, outcome: Outcome) -> Matched:
    """Match every session for one outcome, among control windows where that outcome can be read."""
    problem = study.starts.problem.copy()
    naive, naive_known = np.zeros(problem.size), np.zeros(problem.size, dtype=np.bool_)
    parts = []
    for length_min, rows in _by_length(study.sessions, outcome):
        own = observe(outcome, study.starts.at_s[rows], study.starts.start_mg_dl[rows], length_min, study.known)
        fine = problem[rows] == Problem.NONE
        naive[rows], naive_known[rows] = own.values, own.known & fine
        problem[rows[fine & ~own.known]] = Problem.NO_FOLLOW_UP
        parts += _matches(study, outcome, length_min, rows, own, problem)
    return _gathered(outcome, sorted(parts, key=lambda part: part.row), problem, naive, naive_known)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    row: int
    controls: Ints
    observed: float
    own_residual: float
    control_residuals: Floats
    control_shares: Floats
    censored: bool


def _matches(
    study: Study, outcome: Outcome, length_min: float, rows: Ints, own: Observed, problem: Ints
) -> list[_Match]:
    """Match the sessions `rows`, all of one length; mark those without controls in `problem`."""
    theirs = observe(outcome, study.controls.at_s, study.controls.start_mg_dl, length_min, study.known)
    until_s = over_s(outcome, study.controls.at_s, length_min, study.known.zone)
    usable = theirs.known & study.busy.is_quiet(study.controls.at_s, until_s)
    weights = staying_weights(study.controls, study.start_chances, until_s)
    picks = [study.ranked.nearest(int(row), usable) for row in rows]
    waiting = problem[rows] == Problem.NONE
    problem[rows[waiting & np.array([pick.size == 0 for pick in picks])]] = Problem.NO_CONTROL
    if not usable.any():
        return []
    predict = outcome_model(study.controls.select(usable), theirs.values[usable], weights[usable])
    control_residual = theirs.values - predict(study.controls)
    own_residual = own.values - predict(study.starts.select(rows))
    return [
        _Match(
            row=int(rows[at]),
            controls=picks[at],
            observed=float(own.values[at]),
            own_residual=float(own_residual[at]),
            control_residuals=control_residual[picks[at]],
            control_shares=weights[picks[at]] / weights[picks[at]].sum(),
            censored=bool(own.censored[at]),
        )
        for at in np.flatnonzero(problem[rows] == Problem.NONE)
    ]


def _gathered(outcome: Outcome, parts: Sequence[_Match], problem: Ints, naive: Floats, naive_known: Flags) -> Matched:
    own = np.array([part.own_residual for part in parts])
    return Matched(
        outcome=outcome,
        rows=np.array([part.row for part in parts], dtype=np.int64),
        controls=tuple(part.controls for part in parts),
        observed=np.array([part.observed for part in parts]),
        difference=own - np.array([float(part.control_shares @ part.control_residuals) for part in parts]),
        own_residual=own,
        control_residuals=tuple(part.control_residuals for part in parts),
        control_shares=tuple(part.control_shares for part in parts),
        censored=np.array([part.censored for part in parts], dtype=np.bool_),
        problem=problem,
        naive=naive,
        naive_known=naive_known,
    )


def _background(given: EffectInput, glucose: GlucoseArrays, probe: Probe) -> Background:
    work = at_work(given.doses, given.carbs, given.activities, child=given.child)
    return Background(glucose=glucose, probe=probe, at_work=work, zone=given.zone)


def _n_measured(starts_s: Ints, known: Background) -> int:
    """Count the sessions with glucose at the start and at the primary outcome."""
    starts = covariates_at(starts_s, known)
    later = observe(Outcome.CHANGE_120, starts_s, starts.start_mg_dl, 0.0, known)
    return int(((starts.problem == Problem.NONE) & later.known).sum())


def _study(sessions: tuple[Session, ...], others: tuple[Session, ...], known: Background) -> Study:
    every = (*sessions, *others)
    busy = busy_time(
        np.array([session.start.epoch_s for session in every], dtype=np.int64),
        np.array([(session.end or session.start).epoch_s for session in every], dtype=np.int64),
    )
    starts = covariates_at(np.array([session.start.epoch_s for session in sessions], dtype=np.int64), known)
    controls = control_windows(known, busy)
    return Study(
        sessions=sessions,
        known=known,
        busy=busy,
        starts=starts,
        controls=controls,
        ranked=rank_controls(starts, controls),
        start_chances=start_chances(controls, busy) if known.probe.has_trend else np.zeros(len(controls)),
    )


def _by_length(sessions: tuple[Session, ...], outcome: Outcome) -> list[tuple[float, Ints]]:
    """Group rows of sessions whose outcome is read equally late: by whole minutes for the end, all for the others."""
    if outcome is not Outcome.CHANGE_END:
        return [(0.0, np.arange(len(sessions)))]
    lengths = np.array([round(session.minutes or 0.0) for session in sessions])
    return [(float(length), np.flatnonzero(lengths == length)) for length in np.unique(lengths)]
