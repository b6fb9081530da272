"""`db copy`: a whole log from a file to PostgreSQL, or back."""

from __future__ import annotations

import click

from glucolog.cli.desk import answer, said, unlock
from glucolog.cli.framework import command
from glucolog.cli.progress import bar


@command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.pass_context
def copy(ctx: click.Context, source: str, target: str) -> None:
    """Copy a whole log into a new one: paths or postgresql+psycopg:// URLs, every row and the history too."""
    from glucolog.services.database import copy as copied

    unlock(ctx)
    with bar("Rows", quiet=said(ctx).as_json) as progress:
        done = copied(source, target, progress)
    total = sum(done.rows.values())
    answer(ctx, lambda: {"rows": done.rows, "total": total}, lambda: f"Copied {total:,} rows; both logs hold the same.")
