"""Before a session: `check`; after it: `due`."""

from __future__ import annotations

from typing import Any

import click

from glucolog.cli import gate_text
from glucolog.cli.desk import WARNED, answer, at_desk, leave
from glucolog.cli.framework import command
from glucolog.cli.session_options import detail_options, details_from, glucose_from
from glucolog.core.gate import Verdict
from glucolog.core.moments import parse_minutes
from glucolog.services import after, gate, gate_document


@command("check")
@click.option("--glucose", metavar="VALUE", help="What the meter shows now: 142, 7.9mmol, LO.")
@click.option("--at", metavar="WHEN", help="Ask for another moment (default: now). What is typed now ages until then.")
@click.option("--minutes", metavar="TIME", help="How long it is planned to be.")
@click.option("--unwell/--not-unwell", default=None, help="Unwell, or ketones are raised.")
@detail_options
@click.pass_context
def check(ctx: click.Context, /, **given: Any) -> None:
    """Ask before a session: go, caution, not yet or stop. Ends with 10 unless it is “go”."""
    with at_desk(ctx) as desk:
        details = details_from(given)
        question = gate.Question(
            areas=details.areas,
            details=details,
            glucose=glucose_from(ctx, desk, given["glucose"]),
            unwell_or_ketones=given["unwell"],
            minutes=parse_minutes(given["minutes"]) if given["minutes"] else None,
        )
        asked = gate.check(desk.log, desk.person, question, desk.when(given["at"]) or desk.now, desk.now)
        answer(ctx, lambda: gate_document.check(asked), lambda: gate_text.check(asked))
        if asked.result.verdict is not Verdict.GO:
            leave(ctx, WARNED)


@command("due")
@click.pass_context
def due(ctx: click.Context) -> None:
    """Show which re-checks are due after the last sessions; ends with 10 when one is."""
    with at_desk(ctx) as desk:
        found = after.due(desk.log, desk.person, desk.now)
        answer(ctx, lambda: gate_document.due(found), lambda: gate_text.due(found))
        if found.is_due:
            leave(ctx, WARNED)
