"""The log's file: `db info|upgrade|check|backup|restore`."""

from __future__ import annotations

import click

from glucolog.cli import render
from glucolog.cli.desk import answer, may_ask, said, settings
from glucolog.cli.framework import group
from glucolog.errors import ConfirmationNeededError
from glucolog.services import database


@group(name="db", help="Look after the log's file.")
def db() -> None:
    """The file."""


@db.command("info")
@click.pass_context
def info(ctx: click.Context) -> None:
    """Say what the log is: where, which version, how much."""
    found = database.info(settings(ctx).db)
    answer(ctx, found.as_json, lambda: render.pairs(found.as_json()))


@db.command("upgrade")
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Bring the log to this program's version, after a backup."""
    done = database.upgrade(settings(ctx).db)
    answer(ctx, done.as_json, lambda: render.pairs(done.as_json()))


@db.command("check")
@click.option("--deep", is_flag=True, help="Every page, every index, every journal entry.")
@click.pass_context
def check(ctx: click.Context, deep: bool) -> None:
    """Check the file for damage; ends with 5 when something is wrong."""
    found = database.check(settings(ctx).db, deep=deep)
    answer(ctx, found.as_json, lambda: render.check(found))
    if found.problems:
        ctx.exit(5)


@db.command("backup")
@click.option("-o", "--output", metavar="FILE", help="Where to (default: beside the log, with the date).")
@click.pass_context
def backup(ctx: click.Context, output: str | None) -> None:
    """Write a verified copy."""
    done = database.backup(settings(ctx).db, output)
    answer(ctx, done.as_json, lambda: render.pairs(done.as_json()))


@db.command("restore")
@click.argument("file", type=click.Path(dir_okay=False), required=False)
@click.pass_context
def restore(ctx: click.Context, file: str | None) -> None:
    """Bring back a backup (default: the newest good one); the present log is kept aside."""
    plan = database.plan_restore(settings(ctx).db, file)
    if not said(ctx).yes and not (may_ask(ctx) and click.confirm(f"{plan.sentence} Restore it?", err=True)):
        raise ConfirmationNeededError(plan.sentence, "Confirm with --yes.")
    done = database.restore(plan)
    answer(ctx, done.as_json, lambda: render.pairs(done.as_json()))
