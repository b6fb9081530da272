"""Looking back: `stats` and `review`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from glucolog.cli import render, tables
from glucolog.cli.desk import Desk, answer, at_desk
from glucolog.cli.framework import command, options, values
from glucolog.core.units import Source
from glucolog.services import documents, looking


def range_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a range."""
    return options(
        click.option("--from", "--since", "since", metavar="WHEN", help="From then on (default: the beginning)."),
        click.option("--to", "--until", "until", metavar="WHEN", help="Up to then (default: now)."),
    )(function)


def settled(desk: Desk, given: dict[str, Any]) -> looking.Range:
    """Read the range options."""
    return looking.settle_range(desk.log, desk.person, desk.when(given["since"]), desk.when(given["until"]), desk.now)


@command("stats")
@range_options
@click.option("--source", type=click.Choice(values(Source)), help="Which readings (default: the sensor's, if any).")
@click.pass_context
def stats(ctx: click.Context, /, source: str | None, **given: Any) -> None:
    """Consensus glucose metrics of a range."""
    with at_desk(ctx) as desk:
        found = looking.stats(desk.log, desk.person, settled(desk, given), Source(source) if source else None)
        answer(ctx, found.metrics.as_json, lambda: tables.stats(found))


@command("review")
@range_options
@click.pass_context
def review(ctx: click.Context, /, **given: Any) -> None:
    """Look at a range: its sessions with drops, lows after them, what is missing."""
    with at_desk(ctx) as desk:
        found = looking.review(desk.log, desk.person, settled(desk, given), desk.now)
        answer(ctx, lambda: documents.review(found), lambda: render.review(found))
