"""How the body is: `symptom` scores and the daily `feet` check."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from glucolog.cli import render
from glucolog.cli.desk import Desk, answer, at_desk
from glucolog.cli.entry_group import complete, store
from glucolog.cli.framework import Group, group, words
from glucolog.core.records import FootCheck, FootFinding, Symptom
from glucolog.core.vocabulary import FOOT_FINDINGS, FOOT_REGIONS, SYMPTOMS, Side, parse_areas, parse_word
from glucolog.errors import UsageError
from glucolog.services import documents, entries
from glucolog.services.identity import new_id

SIDES = {"left": (Side.LEFT,), "right": (Side.RIGHT,), "both": (Side.LEFT, Side.RIGHT)}


@group(name="symptom", help="Score pain, numbness, tingling, burning or stress, 0 to 10.")
def symptom() -> None:
    """Symptom scores."""


@symptom.command("add")
@click.argument("name", metavar=f"[{'|'.join(SYMPTOMS)}]")
@click.argument("score", type=click.IntRange(0, 10))
@click.option("--area", metavar="AREA", help="Where: foot:left, calf …")
@click.option("--at", metavar="WHEN", help="When (default: now).")
@click.option("--new-or-worse", is_flag=True, help="It is new or worse: stays open until the team was told.")
@click.option("--note", help="Free text.")
@click.pass_context
def add_symptom(ctx: click.Context, /, name: str, score: int, **given: Any) -> None:
    """Add a score: `pain 5 --area foot:left`."""

    def make(desk: Desk) -> Symptom:
        return Symptom(
            id=new_id(),
            person_id=desk.person.id,
            at=desk.when(given["at"]) or desk.now,
            symptom=parse_word("symptom", name, SYMPTOMS),
            score=score,
            place=parse_areas(given["area"])[0] if given["area"] else None,
            new_or_worse=given["new_or_worse"],
            note=given["note"],
        )

    store(ctx, make)


@group(name="feet", help="Log today's foot check.")
def feet() -> None:
    """Foot checks."""


@feet.command("add")
@click.option("--side", type=click.Choice(list(SIDES)), default="both", show_default=True, help="Which feet you saw.")
@click.option("--finding", "findings", multiple=True, metavar="TEXT", help="“left heel blister” (many).")
@click.option("--at", metavar="WHEN", help="When (default: now).")
@click.option("--note", help="Free text.")
@click.pass_context
def add_feet(ctx: click.Context, side: str, findings: tuple[str, ...], at: str | None, note: str | None) -> None:
    """Add a look at the feet; without --finding, nothing was seen."""

    def make(desk: Desk) -> FootCheck:
        return FootCheck(
            id=new_id(),
            person_id=desk.person.id,
            at=desk.when(at) or desk.now,
            sides=SIDES[side],
            findings=tuple(_finding(text) for text in findings),
            note=note,
        )

    store(ctx, make)


feet.help = f"""Log today's foot check.

Regions: {words(tuple(FOOT_REGIONS))}. Findings: {words(tuple(FOOT_FINDINGS))}."""


def _finding(text: str) -> FootFinding:
    said = text.lower().replace(":", " ").replace(",", " ").split()
    sides = [word for word in said if word in {"left", "right"}]
    if len(said) != 3 or len(sides) != 1:
        raise UsageError(f"“{text}” is not a side, a region and a finding.", "Type it like “left heel blister”.")
    rest = [word for word in said if word not in sides]
    region = next((word for word in rest if word in FOOT_REGIONS), rest[0])
    finding = rest[1] if rest[0] == region else rest[0]
    return FootFinding(
        side=Side(sides[0]),
        region=parse_word("foot region", region, FOOT_REGIONS),
        finding=parse_word("foot finding", finding, FOOT_FINDINGS),
    )


def _told(to: Group, kind: type[Symptom] | type[FootCheck]) -> None:
    @to.command("told")
    @click.argument("ref", default="@1")
    @click.pass_context
    def told(ctx: click.Context, ref: str) -> None:
        """Tick “told my team” (default: the last one)."""
        with at_desk(ctx) as desk:
            record: Any = entries.by_ref(desk.log, desk.person, kind, ref)
            ticked = replace(record, told_team_on=desk.now.local_day)
            stored: Any = entries.edit(desk.log, desk.person, ticked, desk.call())
            answer(
                ctx,
                lambda: {documents.key(stored): documents.entry(stored)},
                lambda: render.stored_entry(stored, desk.person),
            )


for _group, _kind, _plural in ((symptom, Symptom, "symptoms"), (feet, FootCheck, "foot_checks")):
    complete(_group, _kind, _plural)
    _told(_group, _kind)
