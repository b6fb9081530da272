"""What goes in and out: `insulin`, `carbs`, `activity`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from glucolog.cli.desk import Desk
from glucolog.cli.entry_group import Fields, add_list, complete, store, store_said
from glucolog.cli.framework import group, options, words
from glucolog.core.moments import parse_minutes
from glucolog.core.records import Activity, Carbs, Dose
from glucolog.core.vocabulary import INTENSITIES, parse_place, parse_word
from glucolog.errors import RefusedError
from glucolog.services.entry import dose
from glucolog.services.identity import new_id
from glucolog.services.phrases import insulin_of, parse_carbs, parse_dose, parse_grams, parse_units

at_option = click.option("--at", metavar="WHEN", help="When.")
note_option = click.option("--note", help="Free text.")


@group(name="insulin", help="Log insulin doses. What was taken is logged; no dose is ever advised.")
def insulin() -> None:
    """Insulin doses."""


@insulin.command("add")
@click.argument("phrase", nargs=-1, required=True, metavar="UNITS [NAME] [WHEN] [SITE]")
@note_option
@click.option("--pump", is_flag=True, help="Delivered by the pump.")
@click.option("--over", metavar="TIME", help="A drawn-out bolus: it ran so long.")
@click.pass_context
def add_insulin(ctx: click.Context, phrase: tuple[str, ...], note: str | None, pump: bool, over: str | None) -> None:
    """Add a dose: `4 aspart 1h ago abdomen`."""

    def make(desk: Desk) -> Dose:
        record = dose(desk.person, parse_dose(" ".join(phrase), desk.person, desk.now))
        return replace(record, note=note, by_pump=pump, duration_min=_length(over))

    store(ctx, make)


def _dose_fields(desk: Desk, given: dict[str, Any], _old: Any) -> dict[str, Any]:
    named = (
        {}
        if given["name"] is None
        else dict(zip(("kind", "name"), insulin_of(given["name"], desk.person), strict=True))
    )
    return named | _said(
        units=None if given["units"] is None else parse_units(given["units"]),
        at=desk.when(given["at"]),
        site=None if given["site"] is None else parse_place(given["site"]),
        by_pump=given["by_pump"],
        duration_min=_length(given["over"]),
        note=given["note"],
    )


dose_fields = Fields(
    options=options(
        click.option("--units", metavar="UNITS", help="How much."),
        click.option("--name", help="Which insulin."),
        at_option,
        click.option("--site", metavar="AREA", help="Where: abdomen, thigh:left …"),
        click.option("--pump/--no-pump", "by_pump", default=None, help="Delivered by the pump."),
        click.option("--over", metavar="TIME", help="A drawn-out bolus: it ran so long."),
        note_option,
    ),
    read=_dose_fields,
    unsaid={"site": "site", "over": "duration_min", "note": "note"},
)


@group(name="carbs", help="Log carbohydrates.")
def carbs() -> None:
    """Carbohydrates."""


@carbs.command("add")
@click.argument("phrase", nargs=-1, required=True, metavar="GRAMS [WHEN]")
@click.option("--treatment", is_flag=True, help="To treat a low.")
@note_option
@click.pass_context
def add_carbs(ctx: click.Context, phrase: tuple[str, ...], treatment: bool, note: str | None) -> None:
    """Add carbs: `30 2h ago`."""

    def make(desk: Desk) -> Carbs:
        said = parse_carbs(" ".join(phrase), desk.now)
        return Carbs(
            id=new_id(), person_id=desk.person.id, at=said.at, grams=said.grams, treatment=treatment, note=note
        )

    store(ctx, make)


def _carbs_fields(desk: Desk, given: dict[str, Any], _old: Any) -> dict[str, Any]:
    return _said(
        grams=None if given["grams"] is None else parse_grams(given["grams"]),
        at=desk.when(given["at"]),
        treatment=given["treatment"],
        note=given["note"],
    )


carbs_fields = Fields(
    options=options(
        click.option("--grams", metavar="GRAMS", help="How much."),
        at_option,
        click.option("--treatment/--no-treatment", default=None, help="To treat a low."),
        note_option,
    ),
    read=_carbs_fields,
    unsaid={"note": "note"},
)


@group(name="activity", help="Log exercise, saunas and other exertion.")
def activity() -> None:
    """Activity."""


activity_options = options(
    click.option("--minutes", metavar="TIME", help="How long: 40, 1h."),
    click.option("--at", metavar="WHEN", help="When it began."),
    click.option("--intensity", metavar="WORD", help=f"{words(tuple(INTENSITIES))}."),
    note_option,
)


def _activity_fields(desk: Desk, given: dict[str, Any], _old: Any) -> dict[str, Any]:
    return _said(
        kind=given.get("kind"),
        minutes=_length(given["minutes"]),
        at=desk.when(given["at"]),
        intensity=None if given["intensity"] is None else parse_word("intensity", given["intensity"], INTENSITIES),
        note=given["note"],
    )


@activity.command("add")
@click.argument("kind")
@activity_options
@click.pass_context
def add_activity(ctx: click.Context, /, **given: Any) -> None:
    """Add an activity, now where no time is said: `walk --minutes 40 --at 18:05`."""
    store_said(ctx, Activity, activity_fields, given)


activity_fields = Fields(
    options=options(click.option("--kind", metavar="WORD", help="What: walk, swim, sauna …"), activity_options),
    read=_activity_fields,
    unsaid={"minutes": "minutes", "intensity": "intensity", "note": "note"},
)


def _said(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _length(text: str | None) -> float | None:
    if text is None:
        return None
    minutes = parse_minutes(text)
    if not minutes:
        raise RefusedError("A length of 0 minutes is none.", "Type it like 40m or 1h30, or leave it out.")
    return minutes


for _group, _kind, _plural, _fields in (
    (insulin, Dose, "insulin", dose_fields),
    (carbs, Carbs, "carbs", carbs_fields),
    (activity, Activity, "activities", activity_fields),
):
    add_list(_group, _kind, _plural)
    complete(_group, _kind, _fields)
