"""`doctor`: what is wrong here, and the one command that mends it."""

from __future__ import annotations

from collections.abc import Sequence

import click

from glucolog.cli.desk import WARNED, answer, leave, now_in, said, settings
from glucolog.cli.framework import command
from glucolog.services.doctor import Finding, examine
from glucolog.services.documents import plain


@command("doctor")
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Look at file, version, permissions, key, backups, sources, zones, clock and disk; ends with 10 if one is ill."""
    found = examine(settings(ctx).db, now_in("UTC"), said(ctx).db)
    well = all(item.well for item in found)
    answer(ctx, lambda: {"well": well, "findings": plain(found)}, lambda: _text(found))
    if not well:
        leave(ctx, WARNED)


def _text(found: Sequence[Finding]) -> str:
    lines = []
    for item in found:
        lines.append(f"{'ok' if item.well else '!!':3} {item.about:12} {item.sentence}")
        lines += [f"    {'':12} Mend it with: {item.mend}"] if item.mend else []
    return "\n".join(lines)
