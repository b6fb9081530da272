"""People: `init` and `person add|list|show|edit`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from glucolog.cli import file_text, render
from glucolog.cli.desk import answer, at_desk, may_ask, now_in, open_log, said, settings
from glucolog.cli.entry_group import NOTHING_SAID, anything_said, clear_option
from glucolog.cli.framework import command, group, options, values, words
from glucolog.cli.screen import is_sure
from glucolog.core.moments import Moment
from glucolog.core.records import Person, TargetSet, Therapy
from glucolog.core.vocabulary import NEUROPATHIES
from glucolog.services import documents, opening, people
from glucolog.services.identity import Call, new_id, write_id
from glucolog.services.profile import Profile, create

UNSAID = {
    "insulin": "insulins",
    "neuropathy": "neuropathies",
    "sensation-lost": "sensation_lost",
    "impaired-awareness": "impaired_awareness",
    "severe-low": "severe_low_at",
    "target-low": "target_low",
    "target-high": "target_high",
    "born": "birth_year",
    "low-plan": "low_plan",
    "bedtime": "bedtime",
    "question": "questions",
    "profile-note": "note",
}
"""What `person edit --clear` takes out, by the name of its option."""


def _flag(name: str, text: str) -> Callable[..., Any]:
    return click.option(f"--{name}/--no-{name}", default=None, help=text)


def profile_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of who a person is."""
    return options(
        click.option("--unit", metavar="UNIT", help="mg/dL or mmol/L: the unit bare numbers are in."),
        click.option("--tz", "zone", metavar="ZONE", help="Time zone, such as Europe/Berlin."),
        click.option("--therapy", type=click.Choice(values(Therapy)), help="How insulin is taken."),
        click.option(
            "--insulin", "insulins", multiple=True, metavar="NAME[=KIND]", help="aspart, tresiba=long (many)."
        ),
        click.option(
            "--neuropathy", "neuropathies", multiple=True, metavar="WORD", help=f"{words(tuple(NEUROPATHIES))}."
        ),
        _flag("sensation-lost", "Protective sensation of the feet is lost."),
        _flag("impaired-awareness", "Lows come without warning signs."),
        click.option("--severe-low", "severe_low_at", metavar="WHEN", help="The last low that needed help."),
        click.option(
            "--site",
            "sites",
            multiple=True,
            metavar="KIND:AREA",
            help="pump:abdomen, sensor:arm:left, lipohypertrophy:thigh:right (many).",
        ),
        click.option(
            "--remove-site", "gone_sites", multiple=True, metavar="KIND:AREA", help="A site that is gone (many)."
        ),
        click.option("--targets", "target_set", type=click.Choice(values(TargetSet)), help="Which consensus targets."),
        click.option("--target-low", metavar="VALUE", help="The team's own target, low end."),
        click.option("--target-high", metavar="VALUE", help="The team's own target, high end."),
        click.option("--born", "birth_year", type=click.IntRange(1900, 2100), metavar="YEAR", help="Year of birth."),
        click.option("--low-plan", help="What the team agreed to do in a low, in your words."),
        click.option("--bedtime", metavar="HH:MM", help="When you usually go to bed: the last check of an evening."),
        click.option("--question", "questions", multiple=True, help="A question for the team (many)."),
        _flag("research-consent", "Agrees to be counted in anonymous cohorts."),
        click.option("--profile-note", "note", help="Free text."),
    )(function)


@command("init")
@click.option("--name", help="Whose log it is.")
@profile_options
@click.pass_context
def init(ctx: click.Context, /, name: str | None, **given: Any) -> None:
    """Create a log for a person; asks what is missing at a terminal."""
    given["name"] = name
    if may_ask(ctx):
        from glucolog.cli import guide

        guide.profile(given, people.system_zone())
    person, now = _new_person(given)
    with opening.opened(settings(ctx).db, create=True) as log:
        made = people.add_first(log, person, Call(now=now, uid=write_id(said(ctx).uid)))
        answer(
            ctx,
            lambda: {"db": log.label, "person": documents.person(made)},
            lambda: render.created_log(log.label, made),
        )


def _new_person(given: dict[str, Any]) -> tuple[Person, Moment]:
    """Make the person before any file is touched."""
    profile = Profile.of(given, now_in)
    now = now_in(profile.zone or "UTC")
    return create(profile, new_id(), today=now.local_day), now


@group(name="person", help="Add, list, show or edit people.")
def person() -> None:
    """The people of this log."""


@person.command("add")
@click.option("--name", required=True, help="Whose log it is.")
@profile_options
@click.pass_context
def add(ctx: click.Context, /, **given: Any) -> None:
    """Add a person to this log."""
    new, now = _new_person(given)
    with open_log(ctx) as log:
        made = people.add(log, new, Call(now=now, uid=write_id(said(ctx).uid)))
        answer(ctx, lambda: {"person": documents.person(made)}, lambda: render.stored_person(made))


@person.command("list")
@click.pass_context
def list_people(ctx: click.Context) -> None:
    """List the people of this log."""
    with open_log(ctx) as log:
        found = log.people()
        answer(ctx, lambda: {"people": [documents.person(item) for item in found]}, lambda: render.people(found))


@person.command("show")
@click.argument("name", required=False)
@click.pass_context
def show(ctx: click.Context, name: str | None) -> None:
    """Show one person."""
    with open_log(ctx) as log:
        found = opening.whose(log, name or settings(ctx).person)
        answer(ctx, lambda: {"person": documents.person(found)}, lambda: render.person(found))


@person.command("forget")
@click.argument("name")
@click.option("--backups", is_flag=True, help="Out of the copies beside the log as well.")
@click.pass_context
def forget(ctx: click.Context, name: str, backups: bool) -> None:
    """Take a person out of the log and its journal for good, and search the files' bytes for what is left."""
    from glucolog.services import forgetting

    target = settings(ctx).db
    asked = forgetting.sentence(forgetting.person_named(target, name))
    sure = said(ctx).yes or (may_ask(ctx) and is_sure(f"{asked} Forget them?"))
    done = forgetting.forget(target, name, backups_too=backups, confirmed=sure)
    answer(ctx, lambda: documents.plain(done), lambda: file_text.forgotten(done))


@person.command("edit")
@click.option("--name", help="The new name.")
@profile_options
@clear_option(UNSAID)
@click.pass_context
def edit(ctx: click.Context, /, **given: Any) -> None:
    """Change what is said; the rest stays. Lists are added to, unless they are cleared first."""
    if not anything_said(given):
        raise NOTHING_SAID
    with at_desk(ctx) as desk:
        cleared = [UNSAID[word] for word in given["cleared"]]
        profile = Profile.of(given | {"cleared": cleared}, lambda _zone: desk.now)
        changed = people.edit(desk.log, desk.person, profile, desk.call())
        answer(ctx, lambda: {"person": documents.person(changed)}, lambda: render.stored_person(changed))
