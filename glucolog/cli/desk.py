"""What every command needs at hand: the open log, the person, the time, and how to ask and answer."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from glucolog.cli.framework import Globals
from glucolog.cli.screen import ask, is_sure, put, put_document, tell
from glucolog.core.moments import Moment, parse_when
from glucolog.core.records import Person
from glucolog.errors import AmbiguousError, ConfirmationNeededError
from glucolog.services.identity import Call, write_id
from glucolog.services.settings import Settings, settle

if TYPE_CHECKING:
    from glucolog.storage import Log

WARNED = 10
"""Exit code: ran fine and found a warning."""

T = TypeVar("T")


@dataclass(slots=True)
class Desk:
    """The open log and whose it is. `yes` grows when a person confirms at the terminal."""

    log: Log
    person: Person
    now: Moment
    uid: str
    yes: bool

    def call(self) -> Call:
        """Return what every change carries."""
        return Call(now=self.now, uid=self.uid, confirmed=self.yes)

    def when(self, text: str | None) -> Moment | None:
        """Read a WHEN on the person's clock, or None when it was not said."""
        return None if text is None else parse_when(text, self.now)


def said(ctx: click.Context) -> Globals:
    """Return what the global options said."""
    return ctx.ensure_object(Globals)


def settings(ctx: click.Context) -> Settings:
    """Return the settled settings of this call; from now on, an encrypted log is opened by its passphrase."""
    unlock(ctx)
    return settle(said(ctx).db, said(ctx).person, os.environ)


def unlock(ctx: click.Context) -> None:
    """Let encrypted logs be opened by the passphrase of this call from now on."""
    from glucolog.services.unlocking import unlock_with

    unlock_with(lambda sentence: passphrase(ctx, sentence, said(ctx).passphrase_file))


def now_in(zone: str) -> Moment:
    """Read the clock: the only place on the command line that does."""
    return Moment.of(datetime.now(UTC), zone)


@contextmanager
def open_log(ctx: click.Context) -> Iterator[Log]:
    """Open the existing log of this call."""
    from glucolog.services.opening import opened

    with opened(settings(ctx).db) as log:
        yield log
        if log.backup_problem:
            tell(f"No automatic backup was made. {log.backup_problem}")


@contextmanager
def at_desk(ctx: click.Context) -> Iterator[Desk]:
    """Open the log and find the person."""
    from glucolog.services.opening import whose

    with open_log(ctx) as log:
        yield desk_of(ctx, log, whose(log, settings(ctx).person))


def desk_of(ctx: click.Context, log: Log, person: Person) -> Desk:
    """Lay out the desk for one person of an open log."""
    return Desk(log, person, now_in(person.zone), write_id(said(ctx).uid), said(ctx).yes)


def passphrase(ctx: click.Context, sentence: str, file: str | None, *, twice: bool = False) -> str | None:
    """Read a passphrase from a file or ask for it at a terminal; None where neither can be."""
    if file is not None:
        from glucolog.services.unlocking import passphrase_in

        return passphrase_in(file)
    if not may_ask(ctx):
        return None
    return ask(sentence, hide_input=True, confirmation_prompt=twice)


def may_ask(ctx: click.Context) -> bool:
    """Whether a question may be put: at a terminal, without --no-input and --json."""
    if said(ctx).no_input or said(ctx).as_json:
        return False
    # A stream that a script has closed is None.
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def confirming(ctx: click.Context, desk: Desk, act: Callable[[], T]) -> T:
    """Act; when confirmation is needed and a person is there, ask and act again."""
    try:
        return act()
    except ConfirmationNeededError as error:
        if not may_ask(ctx) or not is_sure(f"{error.problem} Store it all the same?"):
            raise
        desk.yes = True
        return act()


def choosing(ctx: click.Context, parse: Callable[[str], T], text: str) -> T:
    """Parse; when the text has two readings and a person is there, ask which was meant."""
    try:
        return parse(text)
    except AmbiguousError as error:
        if not error.choices or not may_ask(ctx):
            raise
        picked = ask(f"{error.problem} Which", type=click.Choice(error.choices))
        return parse(picked)


def answer(ctx: click.Context, document: Callable[[], Any], text: Callable[[], str]) -> None:
    """Print the result once: as one JSON document, or for a person."""
    if said(ctx).as_json:
        put_document(document())
    else:
        put(text().rstrip("\n"))


def leave(ctx: click.Context, code: int) -> NoReturn:
    """End with an exit code."""
    ctx.exit(code)
