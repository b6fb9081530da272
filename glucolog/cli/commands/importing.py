"""`import`: bring in files of meters, sensors and apps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import click

from glucolog.cli import file_text
from glucolog.cli.desk import answer, at_desk, may_ask, now_in, said, settings
from glucolog.cli.framework import command, values
from glucolog.cli.progress import bar
from glucolog.cli.screen import is_sure
from glucolog.core.moments import format_moment
from glucolog.core.records import Person, Session
from glucolog.core.units import Unit
from glucolog.errors import ConfirmationNeededError
from glucolog.importers.base import OfferedSession
from glucolog.services import beginning, documents, importing
from glucolog.services.identity import Call, write_id
from glucolog.services.offers import log_offers, offered_at

Confirm = Callable[[OfferedSession], bool]
"""Whether a massage that a note speaks of is to be logged."""


class Done(NamedTuple):
    """What became of a file, whose it is, and the sessions logged of it."""

    person: Person
    outcome: importing.ImportOutcome
    logged: tuple[Session, ...] = ()


@command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--format", "format_name", metavar="NAME", help="The format (else it is recognised).")
@click.option("--tz", "zone", metavar="ZONE", help="The zone of the file's clock (default: the person's).")
@click.option("--unit", type=click.Choice(values(Unit)), help="The unit where the file names none.")
@click.option("--day-first/--month-first", default=None, help="How dates like 03/04/2026 are to be read.")
@click.option("--map", "mapping", multiple=True, metavar="FIELD=HEADER", help="A column of a generic CSV (many).")
@click.option("--log-sessions", is_flag=True, help="Log the massages that notes speak of; asks about each.")
@click.option("--dry-run", is_flag=True, help="Show what would come in and store nothing.")
@click.pass_context
def import_files(
    ctx: click.Context,
    files: tuple[str, ...],
    format_name: str | None,
    zone: str | None,
    unit: str | None,
    day_first: bool | None,
    mapping: tuple[str, ...],
    log_sessions: bool,
    dry_run: bool,
) -> None:
    """Bring in files. Each file is one undoable batch; what is in the log already is not doubled.

    glucolog's own export (`export json`) begins a log where there is none.
    """
    asked = importing.Request(
        format_name=format_name,
        zone=zone,
        unit=Unit(unit) if unit else None,
        day_first=day_first,
        mapping=importing.parse_mapping(mapping),
        dry_run=dry_run,
    )
    confirm = confirmer(ctx) if log_sessions and not dry_run else None
    own = [name for name in files if beginning.is_own(name, asked)]
    done = [_begun(ctx, name, asked) for name in own]
    if len(own) < len(files):
        done += _imported(ctx, [name for name in files if name not in own], asked, confirm)
    answer(ctx, lambda: _document(done, log_sessions=log_sessions), lambda: "\n".join(map(_told, done)))


def _document(done: Sequence[Done], *, log_sessions: bool) -> documents.Document:
    document = documents.imports([item.outcome for item in done])
    if log_sessions:
        document["logged_sessions"] = [documents.plain(session) for item in done for session in item.logged]
    return document


def _told(item: Done) -> str:
    logged = [f"  logged as a session: {session.note} ({format_moment(session.start)})" for session in item.logged]
    return "\n".join([file_text.imports([item.outcome], item.person), *logged])


def confirmer(ctx: click.Context) -> Confirm:
    """Give the question about each massage; `ConfirmationNeededError` where nobody can answer it."""
    if said(ctx).yes:
        return lambda _offer: True
    if not may_ask(ctx):
        raise ConfirmationNeededError(
            "--log-sessions asks about each massage, and nobody can be asked here.",
            "Look at them with --dry-run, then add --yes to log them all.",
        )
    return lambda offer: is_sure(f"{offer.text} ({format_moment(offered_at(offer))}): log it?")


def _begun(ctx: click.Context, name: str, asked: importing.Request) -> Done:
    call = Call(now=now_in("UTC"), uid=write_id(said(ctx).uid), confirmed=said(ctx).yes)
    with bar(name, quiet=said(ctx).as_json) as progress:
        person, outcome = beginning.begin(settings(ctx).db, name, asked, call, progress)
    return Done(person, outcome)


def _imported(
    ctx: click.Context, names: Sequence[str], asked: importing.Request, confirm: Confirm | None
) -> list[Done]:
    done: list[Done] = []
    with at_desk(ctx) as desk:
        for name in names:
            with bar(name, quiet=said(ctx).as_json) as progress:
                outcome = importing.import_file(desk.log, desk.person, name, asked, desk.call(), progress)
            offers = [offer for offer in outcome.offered_sessions if confirm is not None and confirm(offer)]
            logged = log_offers(desk.log, desk.person, offers, outcome.file_name, desk.call())
            left = tuple(offer for offer in outcome.offered_sessions if offer not in offers)
            done.append(Done(desk.person, replace(outcome, offered_sessions=left), logged))
    return done
