"""The log's file: `db info|upgrade|check|backup|restore|salvage|encrypt|decrypt|rekey`."""

from __future__ import annotations

import click

from glucolog.cli import file_text, render
from glucolog.cli.commands.copying import copy
from glucolog.cli.desk import answer, may_ask, now_in, passphrase, said, settings
from glucolog.cli.framework import Body, group, options
from glucolog.cli.screen import is_sure
from glucolog.errors import ConfirmationNeededError, UsageError
from glucolog.services import database, encryption
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
    answer(ctx, lambda: {**plain(found), "sound": found.is_sound}, lambda: file_text.check(found))
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
    _confirm(ctx, sentence, "Restore it?")
    done = database.restore(plan, now_in("UTC"))
    answer(ctx, lambda: {"restored": str(plan.file), **plain(done)}, lambda: file_text.restored(plan, done))


@db.command("salvage")
@click.argument("out")
@click.pass_context
def salvage(ctx: click.Context, out: str) -> None:
    """Save every record of a damaged log that can still be read into a new log at OUT, and say what was lost."""
    done = database.salvage(settings(ctx).db, out)
    answer(ctx, lambda: plain(done), lambda: file_text.salvaged(done))


def key_options(function: Body) -> Body:
    """Add the options that say where the new key is kept."""
    return options(
        click.option("--passphrase", "by_passphrase", is_flag=True, help="Under a passphrase, not in the keyring."),
        click.option("--new-passphrase-file", metavar="FILE", help="Where the new passphrase stands (with that)."),
    )(function)


@db.command("encrypt")
@key_options
@click.pass_context
def encrypt(ctx: click.Context, by_passphrase: bool, new_passphrase_file: str | None) -> None:
    """Encrypt the log and its copies beside it; the key goes to the keyring. Shows the recovery words, once."""
    target = settings(ctx).db
    chosen = _new_passphrase(ctx, by_passphrase, new_passphrase_file)
    if chosen is None and said(ctx).passphrase_file:
        raise UsageError(
            "--passphrase-file opens a log that is encrypted already; it sets no passphrase.",
            "To encrypt under the one in a file, name it with --new-passphrase-file.",
        )
    done = encryption.encrypt(target, chosen)
    answer(ctx, lambda: plain(done), lambda: file_text.converted(done))


@db.command("rekey")
@key_options
@click.pass_context
def rekey(ctx: click.Context, by_passphrase: bool, new_passphrase_file: str | None) -> None:
    """Put an encrypted log under a new key, or its key elsewhere. Shows the new recovery words, once."""
    target = settings(ctx).db
    chosen = _new_passphrase(ctx, by_passphrase, new_passphrase_file)
    done = encryption.rekey(target, chosen)
    answer(ctx, lambda: plain(done), lambda: file_text.converted(done))


@db.command("decrypt")
@click.pass_context
def decrypt(ctx: click.Context) -> None:
    """Make an encrypted log and its copies beside it plain again."""
    target = settings(ctx).db
    _confirm(ctx, "Whoever can read the file can then read the log.", "Decrypt it?")
    done = encryption.decrypt(target)
    answer(ctx, lambda: plain(done), lambda: file_text.converted(done))


def _new_passphrase(ctx: click.Context, by_passphrase: bool, file: str | None) -> str | None:
    if not by_passphrase and file is None:
        return None
    chosen = passphrase(ctx, "New passphrase", file, twice=True)
    if chosen is None:
        raise UsageError("The new passphrase was not given.", "Type it at a terminal, or name --new-passphrase-file.")
    return chosen


def _confirm(ctx: click.Context, sentence: str, question: str) -> None:
    if not said(ctx).yes and not (may_ask(ctx) and is_sure(f"{sentence} {question}")):
        raise ConfirmationNeededError(sentence, "Confirm with --yes.")


db.add_command(copy)
