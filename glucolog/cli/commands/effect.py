"""`effect` and `compare`: sessions beside similar times without massage, and beside each other."""

from __future__ import annotations

from typing import Any

import click

from glucolog.cli import effect_text
from glucolog.cli.commands.looking import range_options, settled
from glucolog.cli.desk import answer, at_desk, desk_of, now_in, open_log
from glucolog.cli.framework import Body, command, options, words
from glucolog.cli.session_options import areas_from
from glucolog.core.units import Unit
from glucolog.core.vocabulary import PERFORMERS, TECHNIQUES, TOOLS, parse_word
from glucolog.services import effect_document
from glucolog.services.choice import Choice
from glucolog.services.effect import comparisons, effect_of_everyone
from glucolog.services.effect import effect as estimate

OUTCOMES = ("change_120", "change_end", "change_60", "change_240", "nadir")


def outcome_option(function: Body) -> Body:
    """Add what is compared."""
    kind = click.Choice(OUTCOMES)
    return click.option("--outcome", type=kind, default="change_120", show_default=True, help="What to compare.")(
        function
    )


def choice_options(function: Body) -> Body:
    """Add which sessions are compared."""
    techniques = f"Only these: {words(tuple(TECHNIQUES))}."
    return options(
        click.option("--area", "areas", multiple=True, metavar="AREA", help="Only sessions there (many)."),
        click.option("--technique", "techniques", multiple=True, metavar="WORD", help=techniques),
        click.option("--tool", "tools", multiple=True, metavar="WORD", help="Only with this tool (many)."),
        click.option("--pressure", type=click.IntRange(1, 5), help="Only with this pressure."),
        click.option("--by", "performer", metavar="WHO", help="Only given by: self, partner, therapist."),
    )(function)


@command("effect")
@outcome_option
@range_options
@choice_options
@click.option("--all", "everyone", is_flag=True, help="Everyone in this log, together and one by one.")
@click.pass_context
def effect(ctx: click.Context, /, outcome: str, everyone: bool, **given: Any) -> None:
    """Compare sessions with similar times without massage: an estimate with its interval, or why there is none."""
    (_of_everyone if everyone else _of_one)(ctx, outcome, choice_of(given), given)


def choice_of(given: dict[str, Any]) -> Choice:
    """Return which sessions `choice_options` said."""
    return Choice(
        areas=areas_from(given["areas"]),
        techniques=tuple(parse_word("technique", word, TECHNIQUES) for word in given["techniques"]),
        tools=tuple(parse_word("tool", word, TOOLS) for word in given["tools"]),
        pressure=given["pressure"],
        performer=parse_word("performer", given["performer"], PERFORMERS) if given["performer"] else None,
    )


def _of_one(ctx: click.Context, outcome: str, choice: Choice, given: dict[str, Any]) -> None:
    from glucolog.analysis.outcomes import Outcome

    with at_desk(ctx) as desk:
        result = estimate(desk.log, desk.person, settled(desk, given), choice, Outcome(outcome), desk.now)
        answer(
            ctx,
            lambda: effect_document.effect(result, desk.person),
            lambda: effect_text.effect(result, desk.person),
        )


def _of_everyone(ctx: click.Context, outcome: str, choice: Choice, given: dict[str, Any]) -> None:
    from glucolog.analysis.outcomes import Outcome

    with open_log(ctx) as log:
        units = {person.unit for person in log.people()}
        pooled = effect_of_everyone(
            log, lambda person: settled(desk_of(ctx, log, person), given), choice, Outcome(outcome), now_in("UTC")
        )
        answer(
            ctx,
            lambda: effect_document.everyone(pooled),
            lambda: effect_text.everyone(pooled, units.pop() if len(units) == 1 else Unit.MG_DL),
        )


@command("compare")
@range_options
@click.pass_context
def compare(ctx: click.Context, /, **given: Any) -> None:
    """What goes with a bigger drop – technique, area, pressure, timing – and scores before and after. Exploratory."""
    with at_desk(ctx) as desk:
        found = comparisons(desk.log, desk.person, settled(desk, given), desk.now)
        answer(ctx, lambda: effect_document.comparisons(found), lambda: effect_text.comparisons(found, desk.person))
