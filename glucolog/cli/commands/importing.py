"""`import`: bring in files of meters, sensors and apps."""

from __future__ import annotations

from collections.abc import Sequence

import click

from glucolog.cli import render
from glucolog.cli.desk import answer, at_desk, now_in, said, settings
from glucolog.cli.framework import command, values
from glucolog.cli.progress import bar
from glucolog.core.records import Person
from glucolog.core.units import Unit
from glucolog.services import beginning, documents, importing
from glucolog.services.identity import Call, write_id

Done = tuple[Person, importing.ImportOutcome]
"""What became of a file, and whose it is."""


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
    """Bring in files. Each file is one undoable batch; what is in the log already is not doubled.

    glucolog's own export (`export json`) begins a log where there is none.
    """
    asked = importing.Request(
        format_name=format_name,
        zone=zone,
        unit=Unit(unit) if unit else None,
        day_first=day_first,
        mapping=importing.parse_mapping(mapping),
        dry_run=dry_run,
    )
    own = [name for name in files if beginning.is_own(name, asked)]
    done = [_begun(ctx, name, asked) for name in own]
    if len(own) < len(files):
        done += _imported(ctx, [name for name in files if name not in own], asked)
    outcomes = [outcome for _, outcome in done]
    answer(
        ctx,
        lambda: documents.imports(outcomes),
        lambda: "\n".join(render.imports([outcome], whose) for whose, outcome in done),
    )


def _begun(ctx: click.Context, name: str, asked: importing.Request) -> Done:
    call = Call(now=now_in("UTC"), uid=write_id(said(ctx).uid), confirmed=said(ctx).yes)
    return beginning.begin(settings(ctx).db, name, asked, call)


def _imported(ctx: click.Context, names: Sequence[str], asked: importing.Request) -> list[Done]:
    done: list[Done] = []
    with at_desk(ctx) as desk:
        for name in names:
            with bar(name, quiet=said(ctx).as_json) as progress:
                outcome = importing.import_file(desk.log, desk.person, name, asked, desk.call(), progress)
            done.append((desk.person, outcome))
    return done
