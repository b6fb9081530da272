"""A trial for a person: the days as they were drawn, and what came of those that passed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from glucolog.core.moments import format_minute_of_day
from glucolog.core.records import Person
from glucolog.core.wording import effect as words

if TYPE_CHECKING:
    from glucolog.analysis.trial import DayOutcome, TrialDay
    from glucolog.services.trials import Standing

WEEK_SHOWN = 7


def schedule(stands: Standing, person: Person) -> str:
    """Write the draw, a week a line with a mark for each day, and how the trial stands."""
    from glucolog.analysis.trial import schedule as drawn_days

    plan, days = stands.plan, drawn_days(stands.plan)
    passed = {day.drawn.day: day for day in stands.days}
    cells = [f"{_mark(day, passed.get(day.day))} {day.day:%d %b}" for day in days]
    weeks = ["  ".join(cells[begin : begin + WEEK_SHOWN]) for begin in range(0, len(cells), WEEK_SHOWN)]
    lines = [
        f"{person.name}: {plan.weeks} weeks from {plan.start_day}, {plan.per_week} massage days a week drawn by lot "
        f"(seed {plan.seed}), planned for {format_minute_of_day(plan.planned_minute)}.",
        words.TRIAL_MARKS,
        "  ".join(f"    {day.day:%a}   " for day in days[:WEEK_SHOWN]).rstrip(),
        *weeks,
        *_where_it_stands(stands, days),
    ]
    return "\n".join(lines)


def _mark(day: TrialDay, came: DayOutcome | None) -> str:
    """Return what was drawn for a day and, once it has passed, what came of it, three characters wide."""
    drawn = "●" if day.massage else "·"
    if came is None:
        return f"{drawn}  "
    kept = "✓" if came.had_session else "✗" if day.massage else " "
    return f"{drawn}{kept}{'?' if came.drop_mg_dl is None else ' '}"


def _where_it_stands(stands: Standing, days: Sequence[TrialDay]) -> list[str]:
    from glucolog.analysis.effect_text import say_kept

    if stands.trial.stopped_on is not None:
        return [stands.result.reason]
    today = [f"Today: {'massage' if day.massage else 'no massage'}." for day in days if day.day == stands.today]
    over = [words.TRIAL_OVER] if stands.today > stands.plan.last_day else []
    return [*today, say_kept(stands.result), *over]
