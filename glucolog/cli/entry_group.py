"""What every kind of entry has on the command line: `list` and `delete` beside its own `add`."""

from __future__ import annotations

from typing import Any

import click

from glucolog.cli import render
from glucolog.cli.desk import answer, at_desk
from glucolog.cli.framework import Group
from glucolog.services import documents, entries

DAYS_SHOWN = 7


def complete(group: Group, kind: type[entries.Entry], plural: str) -> None:
    """Add `list` and `delete` for entries of `kind`; `plural` is the JSON key of the list."""

    @group.command("list")
    @click.option("--since", metavar="WHEN", help=f"From then on (default: {DAYS_SHOWN} days back).")
    @click.option("--until", metavar="WHEN", help="Up to then.")
    @click.pass_context
    def list_entries(ctx: click.Context, since: str | None, until: str | None) -> None:
        """List them, newest first."""
        with at_desk(ctx) as desk:
            start = desk.when(since) or desk.now.plus(minutes=-DAYS_SHOWN * 24 * 60)
            found: list[Any] = entries.listing(desk.log, desk.person, kind, start, desk.when(until) or desk.now)
            answer(
                ctx,
                lambda: {plural: [documents.entry(item) for item in found]},
                lambda: render.entries(found, desk.person, entries.WORDS[kind]),
            )

    @group.command("delete")
    @click.argument("ref")
    @click.pass_context
    def delete(ctx: click.Context, ref: str) -> None:
        """Delete one (@1 is the last); `undo` brings it back."""
        with at_desk(ctx) as desk:
            gone: Any = entries.by_ref(desk.log, desk.person, kind, ref)
            entries.delete(desk.log, desk.person, gone, desk.call())
            answer(ctx, lambda: {"deleted": documents.entry(gone)}, lambda: render.deleted_entry(gone, desk.person))


def store(ctx: click.Context, make: Any) -> None:
    """Store the entry that `make(desk)` returns and answer with it."""
    with at_desk(ctx) as desk:
        stored: Any = entries.add(desk.log, desk.person, make(desk), desk.call())
        answer(
            ctx,
            lambda: {documents.key(stored): documents.entry(stored)},
            lambda: render.stored_entry(stored, desk.person),
        )
