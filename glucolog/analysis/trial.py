"""A person's own trial: massage days drawn at random within weeks, analysed by permuting that very draw.

The only place where a difference may be put down to massage, because nothing but the draw decided the day. Every day
counts as it was drawn (intention to treat), whether or not the session took place. The outcome of a day is the drop in
the 120 min after the planned time, which needs no session.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256

import numpy as np

from glucolog.analysis.at_work import at_work
from glucolog.analysis.covariates import METER, SENSOR, Background, Problem, covariates_at
from glucolog.analysis.grades import FULL_SESSIONS, MIN_SESSIONS, Grade, grade_of
from glucolog.analysis.kinds import Flags, Floats, Ints
from glucolog.analysis.outcomes import Outcome, observe
from glucolog.analysis.resampling import CONFIDENCE, DRAWS
from glucolog.analysis.trace import GlucoseArrays
from glucolog.core.moments import Moment, zone_info
from glucolog.core.records import Session
from glucolog.core.wording import effect as words
from glucolog.errors import RefusedError

DAYS_A_WEEK = 7
HALVINGS = 30
"""Bisections of each bound of the interval: far below a hundredth of a mg/dL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPlan:
    """What was decided before the first day; the schedule follows from it alone.

    `planned_minute` minutes after local midnight of `zone` at which massage would take place.
    """

    start_day: date
    weeks: int
    per_week: int
    seed: int
    planned_minute: int
    zone: str

    @property
    def last_day(self) -> date:
        """The last day of the last week."""
        return self.start_day + timedelta(days=self.weeks * DAYS_A_WEEK - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialDay:
    """A day of the schedule and what was drawn for it."""

    day: date
    week: int
    massage: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOutcome:
    """A day beside what came of it: whether a session took place, and the drop, None where it can't be read."""

    drawn: TrialDay
    had_session: bool
    drop_mg_dl: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialInput:
    """The plan and the log, in any order; `today` is the local day on which the result is asked for."""

    plan: TrialPlan
    cgm: GlucoseArrays | None
    meter: GlucoseArrays | None
    sessions: tuple[Session, ...]
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """The answer of the trial. Numbers are None where `grade` is none; positive: fell more on massage days.

    `n_massage` and `n_rest` count days with an outcome; `n_kept` massage days and `n_crossed` other days, of all
    that passed, on which there was a session.
    """

    days: tuple[DayOutcome, ...]
    n_massage: int
    n_rest: int
    n_missing: int
    n_kept: int
    n_crossed: int
    estimate_mg_dl: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    grade: Grade
    reason: str


def checked_plan(plan: TrialPlan) -> TrialPlan:
    """Return the plan, or raise `RefusedError` when no trial can come of it."""
    if not 1 <= plan.per_week < DAYS_A_WEEK:
        raise RefusedError(
            "A trial needs days with and days without massage in every week.", "Choose 1 to 6 massage days a week."
        )
    fewest = min(plan.per_week, DAYS_A_WEEK - plan.per_week)
    if plan.weeks * fewest < MIN_SESSIONS:
        raise RefusedError(
            f"{plan.weeks} weeks give {plan.weeks * fewest} days of one kind, and {MIN_SESSIONS} are needed.",
            f"Plan at least {-(-MIN_SESSIONS // fewest)} weeks with {plan.per_week} massage days each.",
        )
    return plan


def schedule(plan: TrialPlan) -> tuple[TrialDay, ...]:
    """Draw `per_week` massage days in each week of seven days from the start day.

    The days of a week are put in the order of SHA-256 of "seed:week:day", so a stored seed gives the same schedule in
    any version of anything.
    """
    return tuple(
        TrialDay(day=plan.start_day + timedelta(days=week * DAYS_A_WEEK + day), week=week, massage=day in drawn)
        for week in range(plan.weeks)
        for drawn in [_drawn_days(plan, week)]
        for day in range(DAYS_A_WEEK)
    )


def trial_days(given: TrialInput) -> tuple[DayOutcome, ...]:
    """Return every day of the schedule that has passed, with what came of it."""
    passed = [day for day in schedule(given.plan) if day.day < given.today]
    planned_s = np.array([_planned_s(given.plan, day.day) for day in passed], dtype=np.int64)
    drops, known = _drops(given, planned_s)
    with_session = {session.start.local_day for session in given.sessions}
    return tuple(
        DayOutcome(drawn=day, had_session=day.day in with_session, drop_mg_dl=float(drops[at]) if known[at] else None)
        for at, day in enumerate(passed)
    )


def analyse_trial(given: TrialInput) -> TrialResult:
    """Compare massage days with the others, by redrawing the schedule as it was drawn, week by week.

    Refused until the last day has passed, and with fewer than 8 days of either kind that have an outcome and, in
    their week, a day of the other kind to be compared with. The interval is the test turned round: all shifts that
    redrawing does not reject at 5 % (Rosenbaum 2002, Stat Sci 17(3):286–327).
    """
    days = trial_days(given)
    counted = _comparable(days)
    massage = np.array([day.drawn.massage for day in counted], dtype=np.bool_)
    n_massage, n_rest = int(massage.sum()), int((~massage).sum())
    running = given.today <= given.plan.last_day
    grade = Grade.NONE if running else grade_of(min(n_massage, n_rest))
    found = None if grade is Grade.NONE else _Redrawn(given.plan, counted).found()
    estimate, low, high, p_value = found or (None, None, None, None)
    return TrialResult(
        days=days,
        n_massage=n_massage,
        n_rest=n_rest,
        n_missing=len(days) - len(counted),
        n_kept=sum(day.had_session and day.drawn.massage for day in days),
        n_crossed=sum(day.had_session and not day.drawn.massage for day in days),
        estimate_mg_dl=estimate,
        ci_low=low,
        ci_high=high,
        p_value=p_value,
        grade=grade,
        reason=_reason(given.plan, grade, n_massage, n_rest, running=running),
    )


class _Redrawn:
    """The contrast of massage and other days within weeks, for the draw made and for `DRAWS` others like it.

    With y the drops and z the draw, both centred on their week, the contrast of a draw z' at a shift θ is
    Σz'(y − θz) / Σz'²: linear in θ, so two numbers a draw answer for every shift.
    """

    def __init__(self, plan: TrialPlan, days: tuple[DayOutcome, ...]) -> None:
        week = np.array([day.drawn.week for day in days])
        drops = np.array([day.drop_mg_dl for day in days], dtype=np.float64)
        drawn = np.array([[day.drawn.massage for day in days]], dtype=np.float64)
        place = np.array([(day.drawn.day - plan.start_day).days for day in days])
        made = _centred(drawn, week)
        others = _centred(_redraws(plan)[:, place], week)
        centred_drops = _centred(drops[None, :], week)[0]
        self.estimate = float(made[0] @ centred_drops / (made[0] @ made[0]))
        size = (others**2).sum(axis=1)
        # a redraw can leave no contrast among the days that have an outcome; it then says nothing either way
        size = np.where(size > 0, size, np.inf)
        self._at_zero = others @ centred_drops / size
        self._per_shift = others @ made[0] / size

    def found(self) -> tuple[float, float, float, float]:
        """Return estimate, interval and p-value."""
        return self.estimate, self._bound(-1.0), self._bound(1.0), self.p_value(0.0)

    def p_value(self, shift: float) -> float:
        """Two-sided share of draws with a contrast as large as the one made, once `shift` is taken off."""
        own = abs(self.estimate - shift)
        reached = int(np.count_nonzero(np.abs(self._at_zero - shift * self._per_shift) >= own * (1 - 1e-9) - 1e-9))
        return (reached + 1) / (DRAWS + 1)

    def _bound(self, side: float) -> float:
        inside, step = 0.0, 1.0
        while self.p_value(self.estimate + side * step) > 1 - CONFIDENCE:
            inside, step = step, step * 2
        outside = step
        for _ in range(HALVINGS):
            middle = (inside + outside) / 2
            kept = self.p_value(self.estimate + side * middle) > 1 - CONFIDENCE
            inside, outside = (middle, outside) if kept else (inside, middle)
        return self.estimate + side * outside


def _drawn_days(plan: TrialPlan, week: int) -> frozenset[int]:
    order = sorted(range(DAYS_A_WEEK), key=lambda day: sha256(f"{plan.seed}:{week}:{day}".encode()).digest())
    return frozenset(order[: plan.per_week])


def _redraws(plan: TrialPlan) -> Floats:
    """Return `DRAWS` schedules drawn like the one made, one row each, 1 where a day has massage."""
    order = np.random.default_rng(plan.seed).random((DRAWS, plan.weeks, DAYS_A_WEEK)).argsort(axis=2).argsort(axis=2)
    return (order < plan.per_week).reshape(DRAWS, -1).astype(np.float64)


def _centred(rows: Floats, week: Ints) -> Floats:
    """Subtract from each row its mean over each week's days."""
    _, block = np.unique(week, return_inverse=True)
    member = (block[:, None] == np.arange(block.max() + 1)).astype(np.float64)
    return np.asarray(rows - (rows @ member / member.sum(axis=0)) @ member.T)


def _comparable(days: tuple[DayOutcome, ...]) -> tuple[DayOutcome, ...]:
    """Return the days with an outcome in weeks that have such days of both kinds."""
    known = [day for day in days if day.drop_mg_dl is not None]
    kinds = {(day.drawn.week, day.drawn.massage) for day in known}
    return tuple(day for day in known if {(day.drawn.week, True), (day.drawn.week, False)} <= kinds)


def _planned_s(plan: TrialPlan, day: date) -> int:
    """Return the planned instant; where the clock skips it or shows it twice, by the offset before the change."""
    hour, minute = divmod(plan.planned_minute, 60)
    local = datetime.combine(day, time(hour, minute), zone_info(plan.zone))
    return Moment.of(local, plan.zone).epoch_s


def _drops(given: TrialInput, planned_s: Ints) -> tuple[Floats, Flags]:
    """Return the drop after each planned time and whether it is known, by the source that knows more of them."""
    answers = [(np.zeros(planned_s.size), np.zeros(planned_s.size, dtype=np.bool_))]
    for glucose, probe in ((given.cgm, SENSOR), (given.meter, METER)):
        if glucose is not None and len(glucose):
            bare = at_work((), (), (), child=False)
            known = Background(glucose=glucose, probe=probe, at_work=bare, zone=given.plan.zone)
            answers.append(_read(known, planned_s))
    return max(answers, key=lambda answer: int(answer[1].sum()))


def _read(known: Background, planned_s: Ints) -> tuple[Floats, Flags]:
    starts = covariates_at(planned_s, known)
    later = observe(Outcome.CHANGE_120, planned_s, starts.start_mg_dl, 0.0, known)
    readable = np.isin(starts.problem, [Problem.NONE, Problem.NO_TREND])
    return later.values, later.known & readable


def _reason(plan: TrialPlan, grade: Grade, n_massage: int, n_rest: int, *, running: bool) -> str:
    if running:
        return words.TRIAL_RUNNING.format(last_day=plan.last_day.isoformat())
    if grade is Grade.NONE:
        return words.TRIAL_TOO_FEW.format(massage=n_massage, rest=n_rest, needed=MIN_SESSIONS)
    sentence = words.TRIAL_EARLY if grade is Grade.EARLY else words.TRIAL_ESTIMATE
    return sentence.format(massage=n_massage, rest=n_rest, needed=FULL_SESSIONS)
