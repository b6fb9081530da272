"""The journal: `undo`, `redo`, `history`."""

from __future__ import annotations

import click

from glucolog.cli import render
from glucolog.cli.desk import answer, at_desk
from glucolog.cli.framework import command
from glucolog.services import documents, journal


@command("undo")
@click.argument("count", type=click.IntRange(1), default=1)
@click.pass_context
def undo(ctx: click.Context, count: int) -> None:
    """Take back the last change, or the last COUNT."""
    with at_desk(ctx) as desk:
        taken = journal.undo(desk.log, desk.person, count, desk.call())
        answer(ctx, lambda: {"undone": [documents.change(item) for item in taken]}, lambda: render.undone(taken))


@command("redo")
@click.argument("count", type=click.IntRange(1), default=1)
@click.pass_context
def redo(ctx: click.Context, count: int) -> None:
    """Bring back what `undo` took."""
    with at_desk(ctx) as desk:
        back = journal.redo(desk.log, desk.person, count, desk.call())
        answer(ctx, lambda: {"redone": [documents.change(item) for item in back]}, lambda: render.redone(back))


@command("history")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="At most so many.")
@click.pass_context
def history(ctx: click.Context, limit: int) -> None:
    """Show what was changed, newest first."""
    with at_desk(ctx) as desk:
        changes = journal.history(desk.log, desk.person, limit)
        answer(ctx, lambda: {"history": [documents.change(item) for item in changes]}, lambda: render.history(changes))
