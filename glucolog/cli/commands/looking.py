"""Looking back: `stats`, `review`, `plot` and `report`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from glucolog.cli import render, tables
from glucolog.cli.desk import Desk, answer, at_desk
from glucolog.cli.framework import command, options, values
from glucolog.core.units import Source
from glucolog.services import documents, looking
from glucolog.services.files import write_private


def range_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a range."""
    return options(
        click.option("--from", "--since", "since", metavar="WHEN", help="From then on (default: the beginning)."),
        click.option("--to", "--until", "until", metavar="WHEN", help="Up to then (default: now)."),
    )(function)


def encrypt_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that encrypts a file for others."""
    text = "Encrypt with age for this public key: age1… or ssh-… (many)."
    return click.option("--encrypt-to", "recipients", metavar="RECIPIENT", multiple=True, help=text)(function)


def settled(desk: Desk, given: dict[str, Any]) -> looking.Range:
    """Read the range options."""
    return looking.settle_range(desk.log, desk.person, desk.when(given["since"]), desk.when(given["until"]), desk.now)


@command("stats")
@range_options
@click.option("--source", type=click.Choice(values(Source)), help="Which readings (default: the sensor's, if any).")
@click.option("--by-day", is_flag=True, help="Each day in a line too (JSON has them always).")
@click.pass_context
def stats(ctx: click.Context, /, source: str | None, by_day: bool, **given: Any) -> None:
    """Consensus glucose metrics of a range."""
    with at_desk(ctx) as desk:
        found = looking.stats(desk.log, desk.person, settled(desk, given), Source(source) if source else None)
        answer(ctx, found.metrics.as_json, lambda: tables.stats(found, by_day=by_day))


@command("review")
@range_options
@click.pass_context
def review(ctx: click.Context, /, **given: Any) -> None:
    """Look at a range: its sessions with drops, lows after them, what is missing."""
    with at_desk(ctx) as desk:
        found = looking.review(desk.log, desk.person, settled(desk, given), desk.now)
        answer(ctx, lambda: documents.review(found), lambda: render.review(found))


@command("plot")
@click.argument("kind")
@click.option("-o", "--output", required=True, metavar="FILE.html", help="Where to write the page.")
@click.option("--session", "ref", default="@1", show_default=True, metavar="REF", help="Which, for the plot “session”.")
@range_options
@click.pass_context
def plot(ctx: click.Context, /, kind: str, output: str, ref: str, **given: Any) -> None:
    """Draw a figure into one self-contained HTML file.

    KIND is one of session, paired, aligned, effect, covariates, agp, calendar, timeline, symptoms, feet, overnight,
    trial.
    """
    from glucolog.services import figures
    from glucolog.services.publishing import check_page_name

    check_page_name(output)
    with at_desk(ctx) as desk:
        html = figures.page(desk.log, desk.person, kind, settled(desk, given), ref, desk.now)
        _written(ctx, output, html.encode())


@command("report")
@click.option("-o", "--output", required=True, metavar="FILE.{html,pdf,txt,json}", help="Where to write it.")
@range_options
@click.option("--deidentify", is_flag=True, help="Leave out name, birth year and free text.")
@click.option("--paper", type=click.Choice(["a4", "us-letter"]), default="a4", show_default=True, help="Of the PDF.")
@encrypt_option
@click.pass_context
def report(
    ctx: click.Context, /, output: str, deidentify: bool, paper: str, recipients: tuple[str, ...], **given: Any
) -> None:
    """Write the report for the care team: one page as PDF, interactive as HTML, plain as text, data as JSON."""
    from glucolog.services import reporting
    from glucolog.services.encrypting import ENDING, sealed
    from glucolog.services.publishing import published

    with at_desk(ctx) as desk:
        model = reporting.model(desk.log, desk.person, settled(desk, given), desk.now, deidentify=deidentify)
        plain_name = output.removesuffix(ENDING) if recipients else output
        _written(ctx, output, sealed([published(model, plain_name, paper)], recipients))


def _written(ctx: click.Context, output: str, content: bytes | Iterable[bytes]) -> None:
    path = write_private(output, content)
    size = path.stat().st_size
    answer(ctx, lambda: {"file": str(path), "bytes": size}, lambda: f"Wrote {path} ({size:,} bytes).")
