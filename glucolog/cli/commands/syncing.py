"""`sync`: bring in what a live source has, and write sessions to a Nightscout."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from glucolog.cli import file_text
from glucolog.cli.desk import Desk, answer, at_desk, may_ask, said
from glucolog.cli.framework import Body, command, options
from glucolog.cli.progress import bar
from glucolog.cli.screen import ask
from glucolog.core.moments import format_moment
from glucolog.core.records import Session
from glucolog.services import documents
from glucolog.services.documents import Document

if TYPE_CHECKING:
    from glucolog.cli.commands.importing import Confirm
    from glucolog.feeds.base import Feed
    from glucolog.feeds.http import Patience
    from glucolog.services.pushing import Pushed
    from glucolog.services.sources import SourceSettings
    from glucolog.services.syncing import SyncOutcome

SOURCES = ("nightscout", "dexcom", "libre")
SETTINGS = ("url", "user", "region", "patient", "secret_file")
"""The options that `source_options` adds, as click names them."""


def source_options(function: Body) -> Body:
    """Add the options that say where a source is, whose account, and where its secret is kept."""
    return options(
        click.option("--url", metavar="URL", help="The address of your Nightscout (https; http only on this machine)."),
        click.option("--user", metavar="NAME", help="The account of Dexcom Share or LibreLinkUp."),
        click.option("--region", metavar="WORD", help="Dexcom: us, ous, jp. LibreLinkUp: us, eu, de …"),
        click.option("--patient", metavar="NAME", help="Whose readings, where LibreLinkUp shares several people."),
        click.option("--secret-file", metavar="FILE", help="A file of mode 0600 with the secret; - reads stdin."),
    )(function)


@command("sync")
@click.argument("source", type=click.Choice(SOURCES))
@source_options
@click.option("--since", metavar="WHEN", help="From then on (default: where it left off, at first 90 days back).")
@click.option("--log-sessions", is_flag=True, help="Log the massages that notes speak of; asks about each.")
@click.option("--write", is_flag=True, help="Write your sessions to the Nightscout as well.")
@click.option("--remember", is_flag=True, help="Remember address and account (never the secret).")
@click.option("--keep-secret", is_flag=True, help="Give the secret to this machine's keyring.")
@click.pass_context
def sync(ctx: click.Context, /, source: str, **given: Any) -> None:
    """Bring in what a live source has: nightscout, dexcom or libre. One undoable batch; nothing is doubled."""
    from glucolog.cli.commands.importing import confirmer
    from glucolog.services import sources, syncing

    confirm = confirmer(ctx) if given["log_sessions"] else None
    with at_desk(ctx) as desk:
        settings = settings_of(desk, source, given)
        secret = secret_of(ctx, desk, source, settings)
        feed = sources.feed_of(source, settings, secret)
        since = desk.when(given["since"])
        with bar(feed.name, quiet=said(ctx).as_json) as progress:
            done = syncing.sync(
                desk.log, desk.person, feed, desk.call(), since, write=given["write"], progress=progress
            )
        if given["remember"]:
            sources.remember(desk.person, source, settings)
        if given["keep_secret"]:
            sources.keep_secret(desk.person, source, secret)
        done, logged = _log_offers(desk, done, confirm)
        answer(ctx, lambda: _document(source, done, logged), lambda: _text(done, logged, desk))
    if done.trouble is not None:
        raise done.trouble


def _log_offers(desk: Desk, done: SyncOutcome, confirm: Confirm | None) -> tuple[SyncOutcome, tuple[Session, ...]]:
    """Log the massages that are confirmed; what is left stays offered."""
    from glucolog.services.offers import log_offers

    imported = done.imported
    chosen = [offer for offer in imported.offered_sessions if confirm is not None and confirm(offer)]
    logged = log_offers(desk.log, desk.person, chosen, imported.file_name, desk.call())
    left = tuple(offer for offer in imported.offered_sessions if offer not in chosen)
    return replace(done, imported=replace(imported, offered_sessions=left)), logged


def opened_feed(
    ctx: click.Context, desk: Desk, source: str, given: dict[str, Any], patience: Patience | None = None
) -> Feed:
    """Return the source that the options, the remembered settings and the secret lead to."""
    from glucolog.services import sources

    settings = settings_of(desk, source, given)
    return sources.feed_of(source, settings, secret_of(ctx, desk, source, settings), patience)


def settings_of(desk: Desk, source: str, given: dict[str, Any]) -> SourceSettings:
    """Return what was said of a source, over what was remembered."""
    from glucolog.services import sources

    spoken = sources.SourceSettings(**{name: given[name] for name in SETTINGS})
    return sources.settled(desk.person, source, spoken)


def secret_of(ctx: click.Context, desk: Desk, source: str, settings: SourceSettings) -> str | None:
    """Return the secret from stdin, a file, the keyring, or a hidden question at a terminal."""
    from glucolog.feeds.secrets import from_stream
    from glucolog.services import sources

    if settings.secret_file == sources.STDIN:
        return from_stream(sys.stdin.buffer)
    return sources.secret_of(desk.person, source, settings, _asking(source) if may_ask(ctx) else None)


def _asking(source: str) -> Callable[[], str]:
    return lambda: ask(f"Secret for {source} (empty for none)", hide_input=True, default="", show_default=False)


def _document(source: str, done: SyncOutcome, logged: Sequence[Session]) -> Document:
    return {
        "source": source,
        "since": done.since.iso(),
        **documents.imported(done.imported),
        "logged_sessions": documents.plain(logged),
        "pushed": None if done.pushed is None else documents.plain(done.pushed),
    }


def _text(done: SyncOutcome, logged: Sequence[Session], desk: Desk) -> str:
    lines = [file_text.imports([done.imported], desk.person)]
    lines += [f"  logged as a session: {session.note} ({format_moment(session.start)})" for session in logged]
    if done.pushed is not None:
        lines += _pushed(done.pushed)
    return "\n".join(lines)


def _pushed(pushed: Pushed) -> list[str]:
    return [
        f"Written to Nightscout: {pushed.created} new, {pushed.changed} changed, {pushed.removed} removed; "
        f"{pushed.unchanged} were there already.",
        *(f"  {reason}" for reason in pushed.kept_apart),
    ]
