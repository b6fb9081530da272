"""The log's file: `db info|upgrade|check|backup|restore`."""

from __future__ import annotations

import click

from glucolog.cli import render
from glucolog.cli.desk import answer, may_ask, now_in, said, settings
from glucolog.cli.framework import group
from glucolog.errors import ConfirmationNeededError
from glucolog.services import database
from glucolog.services.documents import plain

DAMAGED = 5


@group(name="db", help="Look after the log's file.")
def db() -> None:
    """The file."""


@db.command("info")
@click.pass_context
def info(ctx: click.Context) -> None:
    """Say what the log is: where, which version, how much."""
    found = plain(database.info(settings(ctx).db))
    answer(ctx, lambda: found, lambda: render.pairs(found))


@db.command("upgrade")
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Bring the log to this program's version, after a backup."""
    done = plain(database.upgrade(settings(ctx).db))
    answer(ctx, lambda: done, lambda: render.pairs(done))


@db.command("check")
@click.option("--deep", is_flag=True, help="Every page, every index, every journal entry.")
@click.pass_context
def check(ctx: click.Context, deep: bool) -> None:
    """Check the file for damage; ends with 5 when something is wrong."""
    found = database.check_file(settings(ctx).db, deep=deep)
    answer(ctx, lambda: {**plain(found), "sound": found.is_sound}, lambda: render.check(found))
    if not found.is_sound:
        ctx.exit(DAMAGED)


@db.command("backup")
@click.option("-o", "--output", metavar="FILE", help="Where to (default: beside the log, with the date).")
@click.pass_context
def backup(ctx: click.Context, output: str | None) -> None:
    """Write a verified copy."""
    file = database.back_up(settings(ctx).db, output, now_in("UTC"))
    answer(ctx, lambda: {"backup": str(file)}, lambda: f"Wrote {file}, opened it and looked through it: it is sound.")


@db.command("restore")
@click.argument("file", required=False)
@click.pass_context
def restore(ctx: click.Context, file: str | None) -> None:
    """Bring back a backup (default: the newest sound one); the present log is kept aside."""
    plan = database.plan_restore(settings(ctx).db, file)
    sentence = database.sentence(plan)
    if not said(ctx).yes and not (may_ask(ctx) and click.confirm(f"{sentence} Restore it?", err=True)):
        raise ConfirmationNeededError(sentence, "Confirm with --yes.")
    done = database.restore(plan, now_in("UTC"))
    answer(ctx, lambda: {"restored": str(plan.file), **plain(done)}, lambda: render.restored(plan, done))
