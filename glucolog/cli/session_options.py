"""The options that say what a session was like, and how they become `Details`, `Around` and `Timing`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from glucolog.cli.desk import Desk, choosing
from glucolog.cli.framework import options, words
from glucolog.core.moments import parse_minutes
from glucolog.core.units import Glucose, parse_glucose
from glucolog.core.vocabulary import (
    PERFORMERS,
    POSITIONS,
    TECHNIQUES,
    TOOLS,
    BodyArea,
    Pressure,
    parse_areas,
    parse_word,
)
from glucolog.services.entry import Around, Details, Timing, check_water
from glucolog.services.phrases import ScorePhrase, parse_carbs, parse_dose, parse_followup, parse_label, parse_score

SCORE_OPTIONS = {"pain": "pain", "numb": "numbness", "tingle": "tingling", "burn": "burning", "stress": "stress"}
"""Option name and the symptom it scores."""
UNSAID = {
    "area": "areas",
    "technique": "techniques",
    "tool": "tools",
    "pressure": "pressure",
    "by": "performer",
    "by-name": "performer_name",
    "trained": "performer_trained",
    "water": "water_c",
    "lotion": "lotion",
    "lotion-between-toes": "lotion_between_toes",
    "hands-washed": "hands_washed",
    "equipment-clean": "equipment_clean",
    "position": "position",
    "note": "note",
    "tag": "tags",
    "before": "before",
    "after": "after",
    "followup": "followup",
    **SCORE_OPTIONS,
}
"""What `session edit --clear` takes out, by the name of its option."""


def _yes_no(name: str, text: str) -> Callable[..., Any]:
    return click.option(f"--{name}/--no-{name}", default=None, help=text)


def detail_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of what the session was like."""
    return options(
        click.option("--area", "areas", multiple=True, metavar="AREA", help="foot:left, feet, calf, back … (many)."),
        click.option("--technique", "techniques", multiple=True, metavar="WORD", help=f"{words(tuple(TECHNIQUES))}."),
        click.option("--tool", "tools", multiple=True, metavar="WORD", help=f"{words(tuple(TOOLS))}."),
        click.option("--pressure", type=click.IntRange(1, 5), help="1 light lotion … 5 deep (Walton)."),
        click.option("--by", "performer", metavar="WHO", help=f"{words(tuple(PERFORMERS))}."),
        click.option("--by-name", "performer_name", metavar="NAME", help="Who gave it."),
        _yes_no("trained", "The therapist is diabetes-trained."),
        click.option("--water", "water_c", type=float, metavar="°C", help="Warm water, degrees Celsius."),
        _yes_no("lotion", "Lotion was used."),
        _yes_no("lotion-between-toes", "Lotion between the toes."),
        _yes_no("hands-washed", "Hands were washed."),
        _yes_no("equipment-clean", "Equipment was clean."),
        click.option("--position", metavar="WORD", help=f"{words(tuple(POSITIONS))}."),
        click.option("--note", help="Free text."),
        click.option("--tag", "tags", multiple=True, help="A tag of your own (many)."),
    )(function)


def around_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of what goes with the session."""
    scores = (
        click.option(f"--{option}", metavar="0–10/0–10", help=f"{symptom.capitalize()} before/after.")
        for option, symptom in SCORE_OPTIONS.items()
    )
    return options(
        click.option("--insulin", "doses", multiple=True, metavar="TEXT", help="“4 aspart 1h ago abdomen” (many)."),
        click.option("--carbs", "carbs", multiple=True, metavar="TEXT", help="“30 2h ago” (many)."),
        *scores,
        click.option("--followup", "followups", multiple=True, metavar="TEXT", help="“98 +60m” (many)."),
    )(function)


def timing_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of when a finished session was."""
    return options(
        click.option("--start", metavar="WHEN", help="18:05, yesterday 21:00, 40m ago, ISO 8601."),
        click.option("--end", metavar="WHEN", help="When it ended."),
        click.option("--ago", metavar="TIME", help="It ended so long ago: 40m, 2h."),
        click.option("--minutes", metavar="TIME", help="How long it was: 30, 45m, 1h."),
    )(function)


def details_from(given: dict[str, Any]) -> Details:
    """Read the detail options; unknown words are refused with the nearest known ones."""
    check_water(given["water_c"])
    return Details(
        areas=areas_from(given["areas"]),
        techniques=tuple(parse_word("technique", word, TECHNIQUES) for word in given["techniques"]),
        tools=tuple(parse_word("tool", word, TOOLS) for word in given["tools"]),
        pressure=Pressure(given["pressure"]) if given["pressure"] else None,
        performer=parse_word("performer", given["performer"], PERFORMERS) if given["performer"] is not None else None,
        performer_name=None if given["performer_name"] is None else parse_label("name", given["performer_name"]),
        performer_trained=given["trained"],
        water_c=given["water_c"],
        lotion=given["lotion"],
        lotion_between_toes=given["lotion_between_toes"],
        hands_washed=given["hands_washed"],
        equipment_clean=given["equipment_clean"],
        position=parse_word("position", given["position"], POSITIONS) if given["position"] is not None else None,
        note=given["note"],
        tags=tuple(dict.fromkeys(parse_label("tag", text) for text in given["tags"])),
    )


def areas_from(words_given: tuple[str, ...]) -> tuple[BodyArea, ...]:
    """Read the areas, each once; a value may hold several with commas."""
    parts = [part for word in words_given for part in word.split(",") if part.strip() or not word.strip()]
    return tuple(dict.fromkeys(area for part in parts for area in parse_areas(part)))


def around_from(ctx: click.Context, desk: Desk, given: dict[str, Any]) -> Around:
    """Read the options of what goes with the session; a doubtful unit is asked about at a terminal."""
    return Around(
        before=glucose_from(ctx, desk, given.get("before")),
        after=glucose_from(ctx, desk, given.get("after")),
        followups=tuple(parse_followup(text, desk.person) for text in given["followups"]),
        doses=tuple(parse_dose(text, desk.person, desk.now) for text in given["doses"]),
        carbs=tuple(parse_carbs(text, desk.now) for text in given["carbs"]),
        scores=scores_from(given),
    )


def scores_from(given: dict[str, Any]) -> dict[str, ScorePhrase]:
    """Read the symptom scores that were said."""
    return {
        symptom: parse_score(given[option])
        for option, symptom in SCORE_OPTIONS.items()
        if given.get(option) is not None
    }


def glucose_from(ctx: click.Context, desk: Desk, text: str | None) -> Glucose | None:
    """Read a VALUE in the person's unit, or None when it was not said."""
    return None if text is None else choosing(ctx, lambda word: parse_glucose(word, desk.person.unit), text)


def timing_from(desk: Desk, given: dict[str, Any]) -> Timing:
    """Read when the session was; --ago and --end say the same thing twice and are refused together."""
    ago, end = given["ago"], given["end"]
    if ago is not None and end is not None:
        raise click.UsageError("--ago and --end both say when it ended; leave one out.")
    return Timing(
        start=desk.when(given["start"]),
        end=desk.when(end if ago is None else f"{ago.removesuffix('ago')} ago"),
        minutes=None if given["minutes"] is None else parse_minutes(given["minutes"]),
    )
