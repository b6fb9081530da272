"""Sessions: `log`, `start`, `stop`, `again`, and `session list|show|edit|delete`."""

from __future__ import annotations

from typing import Any

import click

from glucolog.cli import render
from glucolog.cli.desk import WARNED, Desk, answer, at_desk, confirming, leave, may_ask
from glucolog.cli.entry_group import NOTHING_SAID, anything_said, clear_option
from glucolog.cli.framework import command, group
from glucolog.cli.session_options import (
    UNSAID,
    around_from,
    around_options,
    detail_options,
    details_from,
    timing_from,
    timing_options,
)
from glucolog.errors import UsageError
from glucolog.services import documents, sessions
from glucolog.services.entry import Timing

before_option = click.option("--before", metavar="VALUE", help="Glucose before: 142, 7.9mmol, LO.")
after_option = click.option("--after", metavar="VALUE", help="Glucose after.")


@command("log")
@before_option
@after_option
@timing_options
@detail_options
@around_options
@click.pass_context
def log(ctx: click.Context, /, **given: Any) -> None:
    """Log a finished session in one line; at a terminal and with nothing said, it asks."""
    with at_desk(ctx) as desk:
        if not anything_said(given):
            _ask(ctx, desk, given)
        timing, details, around = timing_from(desk, given), details_from(given), around_from(ctx, desk, given)
        outcome = confirming(
            ctx,
            desk,
            lambda: sessions.log_session(desk.log, desk.person, timing, details, around, desk.call()),
        )
        _answer(ctx, desk, outcome)


@command("start")
@before_option
@click.option("--at", "start", metavar="WHEN", help="When it began (default: now).")
@detail_options
@around_options
@click.pass_context
def start(ctx: click.Context, /, **given: Any) -> None:
    """Start a session now; `stop` ends it."""
    with at_desk(ctx) as desk:
        details, around = details_from(given), around_from(ctx, desk, given)
        begun = _start_time(desk, given["start"])
        outcome = confirming(
            ctx,
            desk,
            lambda: sessions.start_session(desk.log, desk.person, begun, details, around, desk.call()),
        )
        _answer(ctx, desk, outcome)


@command("stop")
@after_option
@click.option("--at", "end", metavar="WHEN", help="When it ended (default: now).")
@detail_options
@around_options
@click.pass_context
def stop(ctx: click.Context, /, **given: Any) -> None:
    """Stop the running session and log the glucose after it."""
    with at_desk(ctx) as desk:
        details, around = details_from(given), around_from(ctx, desk, given)
        ended = _start_time(desk, given["end"])
        outcome = sessions.stop_session(desk.log, desk.person, ended, details, around, desk.call())
        _answer(ctx, desk, outcome)


@command("again")
@before_option
@after_option
@timing_options
@detail_options
@around_options
@click.pass_context
def again(ctx: click.Context, /, **given: Any) -> None:
    """Repeat the last session's details: log it with --after or a time, else start it now."""
    with at_desk(ctx) as desk:
        timing, around = timing_from(desk, given), around_from(ctx, desk, given)
        details = sessions.again_details(desk.log, desk.person, details_from(given))
        finished = given["after"] or timing != Timing()
        act = sessions.log_session if finished else sessions.start_session
        when: Any = timing if finished else desk.now
        outcome = confirming(
            ctx,
            desk,
            lambda: act(desk.log, desk.person, when, details, around, desk.call()),
        )
        _answer(ctx, desk, outcome)


@group(name="session", help="List, show, edit or delete sessions.")
def session() -> None:
    """Sessions by @1 (the last), @2 … or the first letters of their id."""


@session.command("list")
@click.option("--since", metavar="WHEN", help="From then on.")
@click.option("--until", metavar="WHEN", help="Up to then.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="At most so many, newest first.")
@click.pass_context
def list_sessions(ctx: click.Context, since: str | None, until: str | None, limit: int) -> None:
    """List sessions, newest first."""
    with at_desk(ctx) as desk:
        views = sessions.listing(desk.log, desk.person, desk.when(since), desk.when(until), desk.now, limit + 1)
        some, more = views[:limit], len(views) > limit
        answer(
            ctx,
            lambda: {"sessions": [documents.session(view) for view in some], "more": more},
            lambda: render.sessions(some) + (render.MORE if more else ""),
        )


@session.command("show")
@click.argument("ref", default="@1")
@click.pass_context
def show(ctx: click.Context, ref: str) -> None:
    """Show one session (default: the last)."""
    with at_desk(ctx) as desk:
        view = sessions.shown(desk.log, desk.person, ref, desk.now)
        answer(ctx, lambda: {"session": documents.session(view)}, lambda: render.session(view))


@session.command("edit")
@click.argument("ref", default="@1")
@before_option
@after_option
@timing_options
@detail_options
@around_options
@clear_option(UNSAID)
@click.pass_context
def edit(ctx: click.Context, /, ref: str, cleared: tuple[str, ...], **given: Any) -> None:
    """Change what is said; the rest stays."""
    if not cleared and not anything_said(given):
        raise NOTHING_SAID
    from glucolog.services.editing import edit_session

    gone = [UNSAID[word] for word in cleared]
    with at_desk(ctx) as desk:
        timing, details, around = timing_from(desk, given), details_from(given), around_from(ctx, desk, given)
        outcome = confirming(
            ctx,
            desk,
            lambda: edit_session(desk.log, desk.person, ref, timing, details, around, desk.call(), gone),
        )
        _answer(ctx, desk, outcome)


@session.command("delete")
@click.argument("ref")
@click.pass_context
def delete(ctx: click.Context, ref: str) -> None:
    """Delete a session; its readings stay, and `undo` brings it back."""
    with at_desk(ctx) as desk:
        view = sessions.delete_session(desk.log, desk.person, ref, desk.call())
        answer(ctx, lambda: {"deleted": documents.session(view)}, lambda: render.deleted_session(view))


def _ask(ctx: click.Context, desk: Desk, given: dict[str, Any]) -> None:
    if not may_ask(ctx):
        raise UsageError(
            "Nothing was said of the session.", "Say when it was, at the least: glucolog log --ago 10m --minutes 30."
        )
    from glucolog.cli import guide

    guide.session(given, desk.person.unit)


def _start_time(desk: Desk, text: str | None) -> Any:
    return desk.when(text) or desk.now


def _answer(ctx: click.Context, desk: Desk, outcome: sessions.Outcome) -> None:
    answer(ctx, lambda: documents.logged(outcome), lambda: render.logged(outcome, desk.person, desk.now))
    if outcome.view.warns:
        leave(ctx, WARNED)
