"""`export`: everything of a person in a format that others read."""

from __future__ import annotations

from typing import Any

import click

from glucolog.cli.commands.looking import range_options, settled
from glucolog.cli.desk import answer, at_desk
from glucolog.cli.framework import command


@command("export")
@click.argument("kind", metavar="FORMAT")
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to write it.")
@range_options
@click.pass_context
def export(ctx: click.Context, /, kind: str, output: str, **given: Any) -> None:
    """Write everything out: csv, json."""
    from glucolog.services.exporting import export as exported
    from glucolog.services.files import write_private

    with at_desk(ctx) as desk:
        content = exported(desk.log, desk.person, kind, settled(desk, given))
        path = write_private(output, content)
        answer(
            ctx,
            lambda: {"file": str(path), "format": kind, "bytes": len(content)},
            lambda: f"Wrote {path} ({len(content):,} bytes).",
        )
