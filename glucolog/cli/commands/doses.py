"""What goes in and out: `insulin`, `carbs`, `activity`."""

from __future__ import annotations

import click

from glucolog.cli.desk import Desk
from glucolog.cli.entry_group import complete, store
from glucolog.cli.framework import group, words
from glucolog.core.moments import parse_minutes
from glucolog.core.records import Activity, Carbs, Dose
from glucolog.core.vocabulary import INTENSITIES, parse_word
from glucolog.services.entry import dose
from glucolog.services.identity import new_id
from glucolog.services.phrases import parse_carbs, parse_dose


@group(name="insulin", help="Add or list insulin doses. What was taken is logged; no dose is ever advised.")
def insulin() -> None:
    """Insulin doses."""


@insulin.command("add")
@click.argument("phrase", nargs=-1, required=True, metavar="UNITS [NAME] [WHEN] [SITE]")
@click.option("--note", help="Free text.")
@click.option("--pump", is_flag=True, help="Delivered by the pump.")
@click.pass_context
def add_insulin(ctx: click.Context, phrase: tuple[str, ...], note: str | None, pump: bool) -> None:
    """Add a dose: `4 aspart 1h ago abdomen`."""

    def make(desk: Desk) -> Dose:
        from dataclasses import replace

        record = dose(desk.person, parse_dose(" ".join(phrase), desk.person, desk.now))
        return replace(record, note=note, by_pump=pump)

    store(ctx, make)


@group(name="carbs", help="Add or list carbohydrates.")
def carbs() -> None:
    """Carbohydrates."""


@carbs.command("add")
@click.argument("phrase", nargs=-1, required=True, metavar="GRAMS [WHEN]")
@click.option("--treatment", is_flag=True, help="To treat a low.")
@click.option("--note", help="Free text.")
@click.pass_context
def add_carbs(ctx: click.Context, phrase: tuple[str, ...], treatment: bool, note: str | None) -> None:
    """Add carbs: `30 2h ago`."""

    def make(desk: Desk) -> Carbs:
        said = parse_carbs(" ".join(phrase), desk.now)
        return Carbs(
            id=new_id(), person_id=desk.person.id, at=said.at, grams=said.grams, treatment=treatment, note=note
        )

    store(ctx, make)


@group(name="activity", help="Add or list exercise, saunas and other exertion.")
def activity() -> None:
    """Activity."""


@activity.command("add")
@click.argument("kind")
@click.option("--minutes", metavar="TIME", help="How long: 40, 1h.")
@click.option("--at", metavar="WHEN", help="When it began (default: now).")
@click.option("--intensity", metavar="WORD", help=f"{words(tuple(INTENSITIES))}.")
@click.option("--note", help="Free text.")
@click.pass_context
def add_activity(
    ctx: click.Context, kind: str, minutes: str | None, at: str | None, intensity: str | None, note: str | None
) -> None:
    """Add an activity: `walk --minutes 40 --at 18:05`."""

    def make(desk: Desk) -> Activity:
        return Activity(
            id=new_id(),
            person_id=desk.person.id,
            at=desk.when(at) or desk.now,
            kind=kind,
            minutes=parse_minutes(minutes) if minutes else None,
            intensity=parse_word("intensity", intensity, INTENSITIES) if intensity else None,
            note=note,
        )

    store(ctx, make)


complete(insulin, Dose, "insulin")
complete(carbs, Carbs, "carbs")
complete(activity, Activity, "activities")
