"""What every kind of entry has on the command line beside its own `add`: `list`, `show`, `edit` and `delete`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import click

from glucolog.cli import render
from glucolog.cli.desk import Desk, answer, at_desk
from glucolog.cli.framework import Group
from glucolog.errors import UsageError
from glucolog.services import documents, entries
from glucolog.services.clearing import without
from glucolog.services.identity import new_id

DAYS_SHOWN = 7
NOTHING_SAID = UsageError("Nothing to change was said.", "Say what is right, or what to take out with --clear.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What can be said of one kind of entry.

    `options` decorates a command with them; `read` turns the values given, and the record as it is, into fields of the
    record, only those that were said; `unsaid` names what --clear takes out, by the word for it and the record's field.
    """

    options: Callable[[Callable[..., Any]], Callable[..., Any]]
    read: Callable[[Desk, dict[str, Any], Any], dict[str, Any]]
    unsaid: Mapping[str, str]


def complete(group: Group, kind: type[entries.Entry], fields: Fields) -> None:
    """Add `show`, `edit` and `delete` for entries of `kind`."""
    _add_show(group, kind)
    _add_edit(group, kind, fields)
    _add_delete(group, kind)


def add_list(group: Group, kind: type[entries.Entry], plural: str) -> None:
    """Add `list`; `plural` is the JSON key of the list."""

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


def _add_show(group: Group, kind: type[entries.Entry]) -> None:
    @group.command("show")
    @click.argument("ref", default="@1")
    @click.pass_context
    def show(ctx: click.Context, ref: str) -> None:
        """Show one with all that was said of it (default: the last)."""
        with at_desk(ctx) as desk:
            found: Any = entries.by_ref(desk.log, desk.person, kind, ref)
            answer(ctx, lambda: {documents.key(found): documents.entry(found)}, lambda: render.entry(found))


def _add_edit(group: Group, kind: type[entries.Entry], fields: Fields) -> None:
    @group.command("edit")
    @click.argument("ref")
    @fields.options
    @clear_option(fields.unsaid)
    @click.pass_context
    def edit(ctx: click.Context, /, ref: str, cleared: tuple[str, ...], **given: Any) -> None:
        """Correct one: what is said changes, the rest stays (@1 is the last)."""
        if not cleared and not anything_said(given):
            raise NOTHING_SAID
        with at_desk(ctx) as desk:
            old: Any = entries.by_ref(desk.log, desk.person, kind, ref)
            bare = without(old, (fields.unsaid[word] for word in cleared))
            new = replace(bare, **fields.read(desk, given, bare))
            answer_stored(ctx, desk, entries.edit(desk.log, desk.person, new, desk.call()))


def _add_delete(group: Group, kind: type[entries.Entry]) -> None:
    @group.command("delete")
    @click.argument("ref")
    @click.pass_context
    def delete(ctx: click.Context, ref: str) -> None:
        """Delete one (@1 is the last); `undo` brings it back."""
        with at_desk(ctx) as desk:
            gone: Any = entries.by_ref(desk.log, desk.person, kind, ref)
            entries.delete(desk.log, desk.person, gone, desk.call())
            answer(ctx, lambda: {"deleted": documents.entry(gone)}, lambda: render.deleted_entry(gone, desk.person))


def clear_option(unsaid: Mapping[str, object]) -> Callable[..., Any]:
    """Make the option that takes out what was said: `--clear note`."""
    return click.option(
        "--clear",
        "cleared",
        multiple=True,
        type=click.Choice(list(unsaid)),
        metavar="WORD",
        help=f"Take out what was said (many): {', '.join(unsaid)}.",
    )


def anything_said(given: Mapping[str, Any]) -> bool:
    """Whether any option was given."""
    return any(value not in (None, ()) for value in given.values())


def store(ctx: click.Context, make: Callable[[Desk], entries.Entry]) -> None:
    """Store the entry that `make(desk)` returns and answer with it."""
    with at_desk(ctx) as desk:
        answer_stored(ctx, desk, entries.add(desk.log, desk.person, make(desk), desk.call()))


def store_said(ctx: click.Context, kind: Callable[..., entries.Entry], fields: Fields, given: dict[str, Any]) -> None:
    """Store a new entry of what was said, now where no time was."""

    def make(desk: Desk) -> entries.Entry:
        bare = {"id": new_id(), "person_id": desk.person.id, "at": desk.now}
        return kind(**(bare | fields.read(desk, given, None)))

    store(ctx, make)


def answer_stored(ctx: click.Context, desk: Desk, stored: entries.Entry) -> None:
    """Answer with an entry as it is stored now."""
    answer(
        ctx,
        lambda: {documents.key(stored): documents.entry(stored)},
        lambda: render.stored_entry(stored, desk.person, desk.now),
    )
