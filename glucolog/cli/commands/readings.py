"""Glucose readings: `bg VALUE` and `reading add|list|show|edit|delete`."""

from __future__ import annotations

from typing import Any

import click

from glucolog.cli import render
from glucolog.cli.desk import Desk, answer, at_desk, choosing
from glucolog.cli.entry_group import Fields, complete, store
from glucolog.cli.framework import command, group, options, values
from glucolog.core.records import Reading
from glucolog.core.units import Glucose, Source, censored_at, checked, parse_glucose
from glucolog.services import documents, readings
from glucolog.services.identity import new_id

source_option = click.option(
    "--source", type=click.Choice(values(Source)), default=Source.METER.value, show_default=True, help="What measured."
)
reading_options = options(
    click.argument("value"),
    click.option("--at", metavar="WHEN", help="When (default: now)."),
    source_option,
    click.option("--device", help="The device's name."),
    click.option("--note", help="Free text."),
)


def _add(ctx: click.Context, given: dict[str, Any]) -> None:
    def make(desk: Desk) -> Reading:
        source = Source(given["source"])
        return Reading(
            id=new_id(),
            person_id=desk.person.id,
            at=desk.when(given["at"]) or desk.now,
            glucose=_glucose(ctx, desk, given["value"], source),
            source=source,
            device=given["device"],
            note=given["note"],
        )

    store(ctx, make)


@command("bg")
@reading_options
@click.pass_context
def bg(ctx: click.Context, /, **given: Any) -> None:
    """Log one glucose reading: 142, 7.9mmol, LO, HI."""
    _add(ctx, given)


@group(name="reading", help="Log and correct glucose readings.")
def reading() -> None:
    """Readings by @1 (the last), @2 … or the first letters of their id."""


@reading.command("add")
@reading_options
@click.pass_context
def add(ctx: click.Context, /, **given: Any) -> None:
    """Log one glucose reading."""
    _add(ctx, given)


@reading.command("list")
@click.option("--since", metavar="WHEN", help="From then on (default: a day back).")
@click.option("--until", metavar="WHEN", help="Up to then.")
@click.option("--source", type=click.Choice(values(Source)), help="Only these.")
@click.pass_context
def list_readings(ctx: click.Context, since: str | None, until: str | None, source: str | None) -> None:
    """List readings, newest first."""
    with at_desk(ctx) as desk:
        found = readings.listing(
            desk.log,
            desk.person,
            desk.when(since) or desk.now.plus(minutes=-24 * 60),
            desk.when(until) or desk.now,
            Source(source) if source else None,
        )
        answer(
            ctx,
            lambda: {"readings": [documents.reading(item) for item in found]},
            lambda: render.readings(found, desk.person),
        )


def _glucose(ctx: click.Context, desk: Desk, text: str, source: Source) -> Glucose:
    return choosing(ctx, lambda word: parse_glucose(word, desk.person.unit, source), text)


def _edited(desk: Desk, given: dict[str, Any], old: Reading) -> dict[str, Any]:
    source = Source(given["source"]) if given["source"] else old.source
    read = {
        "glucose": _corrected(desk, given["value"], source, old),
        "source": source,
        "at": desk.when(given["at"]),
        "device": given["device"],
        "note": given["note"],
    }
    return {field: value for field, value in read.items() if value is not None}


def _corrected(desk: Desk, text: str | None, source: Source, old: Reading) -> Glucose:
    """Return the right value; one that stays must be one that the right source reports."""
    if text is not None:
        return _glucose(click.get_current_context(), desk, text, source)
    if source is old.source:
        return old.glucose
    if old.glucose.censored:
        return censored_at(old.glucose.censored, old.glucose.unit, source)
    return checked(old.glucose.amount, old.glucose.unit, source)


reading_fields = Fields(
    options=options(
        click.option("--value", metavar="VALUE", help="The right value."),
        click.option("--at", metavar="WHEN", help="The right time."),
        click.option("--source", type=click.Choice(values(Source)), help="What measured."),
        click.option("--device", help="The device's name."),
        click.option("--note", help="Free text."),
    ),
    read=_edited,
    unsaid={"device": "device", "note": "note"},
)
complete(reading, Reading, reading_fields)
