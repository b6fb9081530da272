"""Glucose readings: `bg VALUE` and `reading add|list|edit|delete`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from glucolog.cli import render
from glucolog.cli.desk import Desk, answer, at_desk, choosing
from glucolog.cli.framework import command, group, options, values
from glucolog.core.records import Reading
from glucolog.core.units import Glucose, Source, parse_glucose
from glucolog.services import documents, entries, readings
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


def _add(ctx: click.Context, value: str, given: dict[str, Any]) -> None:
    with at_desk(ctx) as desk:
        source = Source(given["source"])
        record = Reading(
            id=new_id(),
            person_id=desk.person.id,
            at=desk.when(given["at"]) or desk.now,
            glucose=_glucose(ctx, desk, value, source),
            source=source,
            device=given["device"],
            note=given["note"],
        )
        stored = entries.add(desk.log, desk.person, record, desk.call())
        answer(ctx, lambda: {"reading": documents.reading(stored)}, lambda: render.stored_reading(stored, desk.person))


@command("bg")
@reading_options
@click.pass_context
def bg(ctx: click.Context, /, value: str, **given: Any) -> None:
    """Log one glucose reading: 142, 7.9mmol, LO, HI."""
    _add(ctx, value, given)


@group(name="reading", help="Add, list, edit or delete readings.")
def reading() -> None:
    """Readings by @1 (the last), @2 … or the first letters of their id."""


@reading.command("add")
@reading_options
@click.pass_context
def add(ctx: click.Context, /, value: str, **given: Any) -> None:
    """Log one glucose reading."""
    _add(ctx, value, given)


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


@reading.command("edit")
@click.argument("ref")
@click.option("--value", metavar="VALUE", help="The right value.")
@click.option("--at", metavar="WHEN", help="The right time.")
@click.option("--note", help="Free text.")
@click.pass_context
def edit(ctx: click.Context, ref: str, value: str | None, at: str | None, note: str | None) -> None:
    """Correct a reading."""
    with at_desk(ctx) as desk:
        old = entries.by_ref(desk.log, desk.person, Reading, ref)
        new = replace(
            old,
            glucose=_glucose(ctx, desk, value, old.source) if value else old.glucose,
            at=desk.when(at) or old.at,
            note=note if note is not None else old.note,
        )
        stored = entries.edit(desk.log, desk.person, new, desk.call())
        answer(ctx, lambda: {"reading": documents.reading(stored)}, lambda: render.stored_reading(stored, desk.person))


@reading.command("delete")
@click.argument("ref")
@click.pass_context
def delete(ctx: click.Context, ref: str) -> None:
    """Delete a reading; `undo` brings it back."""
    with at_desk(ctx) as desk:
        gone = entries.by_ref(desk.log, desk.person, Reading, ref)
        entries.delete(desk.log, desk.person, gone, desk.call())
        answer(ctx, lambda: {"deleted": documents.reading(gone)}, lambda: render.deleted_reading(gone))


def _glucose(ctx: click.Context, desk: Desk, text: str, source: Source) -> Glucose:
    return choosing(ctx, lambda word: parse_glucose(word, desk.person.unit, source), text)
