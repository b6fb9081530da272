"""`export`: everything of a person in a format that others read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from glucolog.cli.commands.looking import encrypt_option, range_options
from glucolog.cli.desk import answer, at_desk, now_in, open_log
from glucolog.cli.framework import command
from glucolog.core.moments import Moment, parse_when
from glucolog.services.people import system_zone

if TYPE_CHECKING:
    from glucolog.services.exporting import Asked


@command("export")
@click.argument("kind", metavar="FORMAT")
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to write it.")
@range_options
@click.option("--deidentify", is_flag=True, help="Shift dates by a secret; leave out names, notes, places, devices.")
@click.option("--everyone", is_flag=True, help="Of all people of the log (json only).")
@encrypt_option
@click.pass_context
def export(
    ctx: click.Context, /, kind: str, output: str, everyone: bool, recipients: tuple[str, ...], **given: Any
) -> None:
    """Write everything out: csv, json, xlsx, fhir, nightscout, tidepool."""
    from glucolog.services import exporting

    if everyone:
        with open_log(ctx) as log:
            now = now_in(system_zone())
            _write(ctx, kind, output, exporting.export_everyone(log, kind, _asked(given, now)), recipients)
    else:
        with at_desk(ctx) as desk:
            asked = _asked(given, desk.now)
            _write(ctx, kind, output, exporting.export(desk.log, desk.person, kind, asked), recipients)


def _asked(given: dict[str, Any], now: Moment) -> Asked:
    from glucolog.services.exporting import Asked

    since, until = (parse_when(given[end], now) if given[end] else None for end in ("since", "until"))
    return Asked(since=since, until=until, now=now, deidentify=given["deidentify"])


def _write(ctx: click.Context, kind: str, output: str, chunks: Iterable[bytes], recipients: tuple[str, ...]) -> None:
    from glucolog.services.encrypting import sealed
    from glucolog.services.files import write_private

    path = write_private(output, sealed(chunks, recipients))
    size = path.stat().st_size
    answer(
        ctx,
        lambda: {"file": str(path), "format": kind, "bytes": size, "encrypted": bool(recipients)},
        lambda: f"Wrote {path} ({size:,} bytes{', encrypted' if recipients else ''}).",
    )
