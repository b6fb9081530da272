"""`clinic`: who sees whom in a shared log on PostgreSQL, and who read and wrote."""

from __future__ import annotations

from dataclasses import asdict

import click

from glucolog.cli.desk import answer, now_in, settings
from glucolog.cli.framework import group
from glucolog.core.moments import format_moment


@group(name="clinic", help="Who sees whom in a shared log on PostgreSQL (for its owner).")
def clinic() -> None:
    """Roles."""


@clinic.command("assign")
@click.argument("role")
@click.argument("name", metavar="PERSON")
@click.option("--self", "themself", is_flag=True, help="The role is the person's own, not their educator's.")
@click.pass_context
def assign(ctx: click.Context, role: str, name: str, themself: bool) -> None:
    """Let a login role of PostgreSQL see a person and write to their log."""
    from glucolog.services import clinic as service

    done = service.assign(settings(ctx).db, role, name, themself=themself)
    answer(ctx, lambda: asdict(done), lambda: f"{done.role} sees {done.person} ({done.relation}).")


@clinic.command("revoke")
@click.argument("role")
@click.argument("name", metavar="PERSON")
@click.pass_context
def revoke(ctx: click.Context, role: str, name: str) -> None:
    """Take a person from a role; it sees them no more."""
    from glucolog.services import clinic as service

    done = service.unassign(settings(ctx).db, role, name)
    answer(ctx, lambda: asdict(done), lambda: f"{done.role} no longer sees {done.person}.")


@clinic.command("list")
@click.pass_context
def list_assignments(ctx: click.Context) -> None:
    """List who sees whom."""
    from glucolog.services import clinic as service

    found = service.assignments(settings(ctx).db)
    answer(
        ctx,
        lambda: {"assignments": [asdict(one) for one in found]},
        lambda: "\n".join(f"{one.role:<20} {one.person} ({one.relation})" for one in found) or "Nobody is assigned.",
    )


@clinic.command("audit")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many, newest first.")
@click.pass_context
def audit(ctx: click.Context, limit: int) -> None:
    """Show who read and wrote, newest first."""
    from glucolog.services import clinic as service

    found = service.notes(settings(ctx).db, limit, now_in("UTC").zone)
    answer(
        ctx,
        lambda: {"notes": [{**asdict(one), "at": one.at.iso()} for one in found]},
        lambda: "\n".join(
            f"{format_moment(one.at)}  {one.role:<16} {one.action:<5} {one.what} {one.person or ''}" for one in found
        ),
    )
