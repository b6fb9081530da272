"""`import`: bring in files of meters, sensors and apps."""

from __future__ import annotations

import click

from glucolog.cli import render
from glucolog.cli.desk import answer, at_desk, said
from glucolog.cli.framework import command, values
from glucolog.cli.progress import bar
from glucolog.core.units import Unit
from glucolog.services import documents, importing


@command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--format", "format_name", metavar="NAME", help="The format (else it is recognised).")
@click.option("--tz", "zone", metavar="ZONE", help="The zone of the file's clock (default: the person's).")
@click.option("--unit", type=click.Choice(values(Unit)), help="The unit where the file names none.")
@click.option("--day-first/--month-first", default=None, help="How dates like 03/04/2026 are to be read.")
@click.option("--map", "mapping", multiple=True, metavar="FIELD=HEADER", help="A column of a generic CSV (many).")
@click.option("--dry-run", is_flag=True, help="Show what would come in and store nothing.")
@click.pass_context
def import_files(
    ctx: click.Context,
    files: tuple[str, ...],
    format_name: str | None,
    zone: str | None,
    unit: str | None,
    day_first: bool | None,
    mapping: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Bring in files. Each file is one undoable batch; what is in the log already is not doubled."""
    asked = importing.Request(
        format_name=format_name,
        zone=zone,
        unit=Unit(unit) if unit else None,
        day_first=day_first,
        mapping=importing.parse_mapping(mapping),
        dry_run=dry_run,
    )
    with at_desk(ctx) as desk:
        done = []
        for name in files:
            with bar(name, quiet=said(ctx).as_json) as progress:
                done.append(importing.import_file(desk.log, desk.person, name, asked, desk.call(), progress))
        answer(ctx, lambda: documents.imports(done), lambda: render.imports(done, desk.person))
