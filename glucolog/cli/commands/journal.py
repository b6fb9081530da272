"""The journal: `undo`, `redo`, `history`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from glucolog.cli import render
from glucolog.cli.desk import answer, now_in, open_log, said, settings
from glucolog.cli.framework import command
from glucolog.services import documents, journal
from glucolog.services.identity import Call, write_id
from glucolog.storage import Log


@command("undo")
@click.argument("count", type=click.IntRange(1), default=1)
@click.option("--change", "number", type=click.IntRange(1), help="That one instead, by its number in the history.")
@click.pass_context
def undo(ctx: click.Context, count: int, number: int | None) -> None:
    """Take back the last change, or the last COUNT."""
    with _at_journal(ctx) as (log, owner, call):
        if number is None:
            taken = journal.undo(log, owner, count, call)
        else:
            taken = journal.undo_change(log, owner, number, call)
        answer(ctx, lambda: {"undone": [documents.change(item) for item in taken]}, lambda: render.undone(taken))


@command("redo")
@click.argument("count", type=click.IntRange(1), default=1)
@click.pass_context
def redo(ctx: click.Context, count: int) -> None:
    """Bring back what `undo` took."""
    with _at_journal(ctx) as (log, owner, call):
        back = journal.redo(log, owner, count, call)
        answer(ctx, lambda: {"redone": [documents.change(item) for item in back]}, lambda: render.redone(back))


@command("history")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="At most so many.")
@click.option("--followed", is_flag=True, help="With what followed sources brought, too.")
@click.pass_context
def history(ctx: click.Context, limit: int, followed: bool) -> None:
    """Show what was changed, newest first."""
    with _at_journal(ctx) as (log, owner, _):
        changes = journal.history(log, owner, limit + 1, followed=followed)
        some, more = changes[:limit], len(changes) > limit
        answer(
            ctx,
            lambda: {"history": [documents.change(item) for item in some], "more": more},
            lambda: render.history(some) + (render.MORE if more else ""),
        )


@contextmanager
def _at_journal(ctx: click.Context) -> Iterator[tuple[Log, journal.Owner, Call]]:
    with open_log(ctx) as log:
        owner = journal.owner(log, settings(ctx).person)
        yield log, owner, Call(now=now_in(owner.zone), uid=write_id(said(ctx).uid))
