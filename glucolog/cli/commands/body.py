"""How the body is: `symptom` scores and the daily `feet` check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click

from glucolog.cli.desk import Desk, at_desk
from glucolog.cli.entry_group import Fields, add_list, answer_stored, complete, store_said
from glucolog.cli.framework import Group, group, options, words
from glucolog.core.records import FootCheck, FootFinding, Symptom
from glucolog.core.vocabulary import FOOT_FINDINGS, FOOT_REGIONS, SYMPTOMS, Side, parse_place, parse_word
from glucolog.errors import UsageError
from glucolog.services import entries

SIDES = {"left": (Side.LEFT,), "right": (Side.RIGHT,), "both": (Side.LEFT, Side.RIGHT)}

at_option = click.option("--at", metavar="WHEN", help="When.")
note_option = click.option("--note", help="Free text.")


@group(name="symptom", help="Score pain, numbness, tingling, burning or stress, 0 to 10.")
def symptom() -> None:
    """Symptom scores."""


place_option = click.option("--area", metavar="AREA", help="Where: foot:left, calf …")


@symptom.command("add")
@click.argument("name", metavar="{" + "|".join(SYMPTOMS) + "}")
@click.argument("score", type=click.IntRange(0, 10))
@place_option
@at_option
@click.option(
    "--new-or-worse", is_flag=True, default=None, help="It is new or worse: stays open until the team was told."
)
@note_option
@click.pass_context
def add_symptom(ctx: click.Context, /, **given: Any) -> None:
    """Add a score, now where no time is said: `pain 5 --area foot:left`."""
    store_said(ctx, Symptom, symptom_fields, given)


def _symptom_fields(desk: Desk, given: dict[str, Any], _old: Any) -> dict[str, Any]:
    name, area = given["name"], given["area"]
    read = {
        "symptom": None if name is None else parse_word("symptom", name, SYMPTOMS),
        "score": given["score"],
        "place": None if area is None else parse_place(area),
        "at": desk.when(given["at"]),
        "new_or_worse": given["new_or_worse"],
        "note": given["note"],
    }
    return {field: value for field, value in read.items() if value is not None}


symptom_fields = Fields(
    options=options(
        click.option("--name", metavar="WORD", help=f"{words(tuple(SYMPTOMS))}."),
        click.option("--score", type=click.IntRange(0, 10), help="0 to 10."),
        place_option,
        at_option,
        click.option("--new-or-worse/--not-new", "new_or_worse", default=None, help="It is new or worse."),
        note_option,
    ),
    read=_symptom_fields,
    unsaid={"area": "place", "told": "told_team_on", "note": "note"},
)


@group(name="feet", help="Log today's foot check.")
def feet() -> None:
    """Foot checks."""


feet.help = f"""Log today's foot check.

Regions: {words(tuple(FOOT_REGIONS))}. Findings: {words(tuple(FOOT_FINDINGS))}."""

side_option = click.option("--side", type=click.Choice(list(SIDES)), help="Which feet you saw (default: both).")
finding_option = click.option(
    "--finding", "findings", multiple=True, metavar="TEXT", help="“left heel blister” (many)."
)


@feet.command("add")
@side_option
@finding_option
@at_option
@note_option
@click.pass_context
def add_feet(ctx: click.Context, /, **given: Any) -> None:
    """Add a look at the feet, now where no time is said; without --finding, nothing was seen."""
    store_said(ctx, FootCheck, feet_fields, given | {"side": given["side"] or "both"})


def _feet_fields(desk: Desk, given: dict[str, Any], _old: Any) -> dict[str, Any]:
    read = {
        "sides": SIDES.get(given["side"]),
        "findings": tuple(_finding(text) for text in given["findings"]) or None,
        "at": desk.when(given["at"]),
        "note": given["note"],
    }
    return {field: value for field, value in read.items() if value is not None}


feet_fields = Fields(
    options=options(side_option, finding_option, at_option, note_option),
    read=_feet_fields,
    unsaid={"finding": "findings", "told": "told_team_on", "note": "note"},
)


def _finding(text: str) -> FootFinding:
    said = text.lower().replace(":", " ").replace(",", " ").split()
    sides = [word for word in said if word in {"left", "right"}]
    rest = [word for word in said if word not in sides]
    if len(sides) != 1 or len(rest) != 2:
        raise UsageError(f"“{text}” is not a side, a region and a finding.", "Type it like “left heel blister”.")
    region, finding = _region_first(rest)
    return FootFinding(
        side=Side(sides[0]),
        region=parse_word("foot region", region, FOOT_REGIONS),
        finding=parse_word("foot finding", finding, FOOT_FINDINGS),
    )


def _region_first(said: Sequence[str]) -> Sequence[str]:
    """Return the region and the finding, whichever was said first."""
    return said if said[0] in FOOT_REGIONS or said[1] not in FOOT_REGIONS else said[::-1]


def _add_told(to: Group, kind: type[Symptom] | type[FootCheck]) -> None:
    @to.command("told")
    @click.argument("ref", required=False)
    @click.pass_context
    def told(ctx: click.Context, ref: str | None) -> None:
        """Tick “told my team” (default: the last that waits for it)."""
        with at_desk(ctx) as desk:
            named = ref and entries.by_ref(desk.log, desk.person, kind, ref)
            record: Any = named or entries.last_untold(desk.log, desk.person, kind)
            ticked: Any = replace(record, told_team_on=desk.now.local_day)
            answer_stored(ctx, desk, entries.edit(desk.log, desk.person, ticked, desk.call()))


for _group, _kind, _plural, _fields in (
    (symptom, Symptom, "symptoms", symptom_fields),
    (feet, FootCheck, "foot_checks", feet_fields),
):
    add_list(_group, _kind, _plural)
    complete(_group, _kind, _fields)
    _add_told(_group, _kind)
