"""`trial`: massage and no-massage days drawn at random, and what came of them."""

from __future__ import annotations

import datetime
from datetime import date
from typing import TYPE_CHECKING

import click

from glucolog.cli import trial_text
from glucolog.cli.desk import answer, at_desk
from glucolog.cli.framework import group
from glucolog.core.moments import parse_minute_of_day
from glucolog.errors import UsageError
from glucolog.services.documents import Document, plain

if TYPE_CHECKING:
    from glucolog.services.trials import Standing


@group(name="trial", help="Your own randomised trial: the days with massage are drawn by lot.")
def trial() -> None:
    """The only place where a difference may be put down to massage."""


@trial.command("start")
@click.option("--weeks", type=click.IntRange(1, 104), default=8, show_default=True, help="How many weeks.")
@click.option("--per-week", type=click.IntRange(1, 6), default=3, show_default=True, help="Massage days a week.")
@click.option("--from", "start_day", metavar="YYYY-MM-DD", help="The first day (default: tomorrow).")
@click.option("--at", "clock", metavar="HH:MM", default="19:00", show_default=True, help="When massage would be.")
@click.pass_context
def start(ctx: click.Context, weeks: int, per_week: int, start_day: str | None, clock: str) -> None:
    """Draw the days and store the draw."""
    from glucolog.services import trials

    with at_desk(ctx) as desk:
        first = _day(start_day) if start_day else desk.now.local_day + datetime.timedelta(days=1)
        draft = trials.Draft(
            weeks=weeks,
            per_week=per_week,
            start_day=first,
            planned_minute=parse_minute_of_day(clock),
        )
        trials.begin(desk.log, desk.person, draft, desk.call())
        stands = trials.standing(desk.log, desk.person, desk.now.local_day)
        answer(ctx, lambda: _document(stands), lambda: trial_text.schedule(stands, desk.person))


@trial.command("status")
@click.pass_context
def status(ctx: click.Context) -> None:
    """Show the schedule and what each passed day brought."""
    from glucolog.services import trials

    with at_desk(ctx) as desk:
        stands = trials.standing(desk.log, desk.person, desk.now.local_day)
        answer(ctx, lambda: _document(stands), lambda: trial_text.schedule(stands, desk.person))


@trial.command("result")
@click.pass_context
def result(ctx: click.Context) -> None:
    """Compare the days as they were drawn, by permuting that very draw."""
    from glucolog.services import trials

    with at_desk(ctx) as desk:
        stands = trials.standing(desk.log, desk.person, desk.now.local_day)
        answer(ctx, lambda: _document(stands), lambda: "\n".join(trials.sentences(stands, desk.person)))


@trial.command("stop")
@click.pass_context
def stop(ctx: click.Context) -> None:
    """Give the running trial up; `undo` takes that back."""
    from glucolog.services import trials

    with at_desk(ctx) as desk:
        stopped = trials.stop(desk.log, desk.person, desk.call())
        answer(ctx, lambda: {"trial": plain(stopped)}, lambda: f"Stopped on {stopped.stopped_on}. It has no result.")


def _document(stands: Standing) -> Document:
    from glucolog.analysis.trial import schedule

    outcome = {day.drawn.day: day for day in stands.days}
    found = stands.result
    return {
        "trial": plain(stands.trial),
        "days": [
            {
                "day": day.day.isoformat(),
                "massage": day.massage,
                "had_session": outcome[day.day].had_session if day.day in outcome else None,
                "drop_mg_dl": plain(outcome[day.day].drop_mg_dl) if day.day in outcome else None,
            }
            for day in schedule(stands.plan)
        ],
        "result": {
            "n_massage": found.n_massage,
            "n_rest": found.n_rest,
            "n_missing": found.n_missing,
            "n_kept": found.n_kept,
            "n_crossed": found.n_crossed,
            "estimate_mg_dl": plain(found.estimate_mg_dl),
            "ci_low": plain(found.ci_low),
            "ci_high": plain(found.ci_high),
            "p_value": plain(found.p_value),
            "grade": found.grade.value,
            "reason": found.reason,
        },
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"“{text}” is not a day.", "Type it like 2026-03-01.") from error
