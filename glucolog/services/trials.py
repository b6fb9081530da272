"""A person's own randomised trial: plan it, see the days drawn, read the result."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from glucolog.analysis.trace import GlucoseArrays, glucose_arrays
from glucolog.analysis.trial import (
    DayOutcome,
    TrialInput,
    TrialPlan,
    TrialResult,
    analyse_trial,
    checked_plan,
    trial_days,
)
from glucolog.core.moments import local_midnight
from glucolog.core.records import Person, Trial
from glucolog.core.units import Source
from glucolog.core.wording import effect as words
from glucolog.errors import NotFoundError, RefusedError
from glucolog.plots import trial as trial_plot
from glucolog.plots.theme import Scale
from glucolog.plots.trial import TrialData
from glucolog.services.entries import stored_id
from glucolog.services.identity import Call, new_id
from glucolog.storage import Log

SEED_BITS = 62
"""As many as a signed 64-bit column holds with room to spare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was said about a trial."""

    weeks: int
    per_week: int
    start_day: date
    planned_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a trial stands: its plan, what each passed day brought, and the result, refused until it is over."""

    trial: Trial
    plan: TrialPlan
    today: date
    days: tuple[DayOutcome, ...]
    result: TrialResult


def begin(log: Log, person: Person, draft: Draft, call: Call, *, seed: int | None = None) -> Trial:
    """Store the plan of a trial with a freshly drawn seed. Raises `RefusedError` while another one runs."""
    made = Trial(
        id=new_id(),
        person_id=person.id,
        at=call.now,
        start_day=draft.start_day,
        weeks=draft.weeks,
        per_week=draft.per_week,
        seed=secrets.randbits(SEED_BITS) if seed is None else seed,
        planned_minute=draft.planned_minute,
        planned_zone=person.zone,
    )
    checked_plan(plan_of(made))
    if made.start_day < call.now.local_day:
        raise RefusedError(
            "A trial can't begin in the past: its days must be drawn before they are lived.",
            "Leave --from out, or name a day to come.",
        )
    with log.write(uid=call.uid, summary="start trial", person_id=person.id, at=call.now) as writer:
        if writer.already_done:
            return log.record(Trial, stored_id(writer, "trial"))
        _refuse_running(log, person, call.now.local_day)
        writer.add(made)
    return made


def stop(log: Log, person: Person, call: Call) -> Trial:
    """Give up the running trial; its days so far are kept, and it has no result.

    Raises `RefusedError` when none runs: the result of one that is over stands.
    """
    last = current(log, person)
    stopped = replace(last, stopped_on=call.now.local_day)
    with log.write(uid=call.uid, summary="stop trial", person_id=person.id, at=call.now) as writer:
        if writer.already_done:
            return last
        if not _runs(last, call.now.local_day):
            raise RefusedError("No trial is running.", "`glucolog trial result` shows the last one.")
        writer.replace(stopped)
    return stopped


def current(log: Log, person: Person) -> Trial:
    """Return the last trial. Raises `NotFoundError` when there was none."""
    found = log.entries(Trial, person.id)
    if not found:
        raise NotFoundError("There is no trial yet.", "Plan one with `glucolog trial start --weeks 8 --per-week 3`.")
    return found[-1]


def standing(log: Log, person: Person, today: date) -> Standing:
    """Return how the last trial stands on a local day."""
    trial = current(log, person)
    plan = plan_of(trial)
    since = local_midnight(plan.start_day, plan.zone).plus(minutes=-24 * 60)
    given = TrialInput(
        plan=plan,
        cgm=_arrays(log, person, Source.CGM),
        meter=_arrays(log, person, Source.METER),
        sessions=log.sessions(person.id, since),
        today=today,
    )
    return Standing(trial=trial, plan=plan, today=today, days=trial_days(given), result=_result(trial, given))


def plan_of(trial: Trial) -> TrialPlan:
    """Return the plan that the days follow from."""
    return TrialPlan(
        start_day=trial.start_day,
        weeks=trial.weeks,
        per_week=trial.per_week,
        seed=trial.seed,
        planned_minute=trial.planned_minute,
        zone=trial.planned_zone,
    )


def plot_data(log: Log, person: Person, today: date) -> TrialData:
    """Gather the plot of the last trial; no trial is an empty plot."""
    scale = Scale.of(person)
    if not log.entries(Trial, person.id):
        return TrialData(scale=scale, outcome="")
    stands = standing(log, person, today)
    # A trial given up has no result, but its days so far are shown.
    return trial_plot.from_result(replace(stands.result, days=stands.days), stands.plan, scale)


def sentences(stands: Standing, person: Person) -> Sequence[str]:
    """Say the result, or why there is none yet."""
    from glucolog.analysis.effect_text import say_trial

    return say_trial(stands.result, stands.plan, person.unit)


def _result(trial: Trial, given: TrialInput) -> TrialResult:
    """Analyse; of a trial given up nothing is, whatever its days brought."""
    if trial.stopped_on is None:
        return analyse_trial(given)
    reason = words.TRIAL_STOPPED.format(day=trial.stopped_on.isoformat())
    return replace(analyse_trial(replace(given, today=trial.start_day)), reason=reason)


def _runs(trial: Trial, today: date) -> bool:
    return trial.stopped_on is None and today <= plan_of(trial).last_day


def _refuse_running(log: Log, person: Person, today: date) -> None:
    for trial in log.entries(Trial, person.id):
        if _runs(trial, today):
            raise RefusedError(
                f"A trial runs until {plan_of(trial).last_day}.",
                "Wait for its end, or give it up with `glucolog trial stop`.",
            )


def _arrays(log: Log, person: Person, source: Source) -> GlucoseArrays | None:
    trace = log.trace(person.id, source)
    return glucose_arrays(trace) if len(trace) else None
