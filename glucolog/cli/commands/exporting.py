"""`export`: everything of a person in a format that others read."""

from __future__ import annotations

from typing import Any

import click

from glucolog.cli.commands.looking import encrypt_option, range_options
from glucolog.cli.desk import answer, at_desk
from glucolog.cli.framework import command


@command("export")
@click.argument("kind", metavar="FORMAT")
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to write it.")
@range_options
@click.option("--deidentify", is_flag=True, help="Shift dates by a secret; leave out names, notes, places, devices.")
@encrypt_option
@click.pass_context
def export(
    ctx: click.Context, /, kind: str, output: str, deidentify: bool, recipients: tuple[str, ...], **given: Any
) -> None:
    """Write everything out: csv, json, xlsx, fhir, nightscout, tidepool."""
    from glucolog.services import exporting
    from glucolog.services.encrypting import sealed
    from glucolog.services.files import write_private

    with at_desk(ctx) as desk:
        since, until = desk.when(given["since"]), desk.when(given["until"])
        asked = exporting.Asked(since=since, until=until, now=desk.now, deidentify=deidentify)
        path = write_private(output, sealed(exporting.export(desk.log, desk.person, kind, asked), recipients))
        size = path.stat().st_size
        answer(
            ctx,
            lambda: {"file": str(path), "format": kind, "bytes": size, "encrypted": bool(recipients)},
            lambda: f"Wrote {path} ({size:,} bytes{', encrypted' if recipients else ''}).",
        )
