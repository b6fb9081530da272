"""Questions at a terminal: each says what it wants, Enter skips what is not needed, a wrong word is asked again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from glucolog.cli import screen
from glucolog.core.moments import parse_minutes, zone_info
from glucolog.core.records import Therapy
from glucolog.core.units import Unit, parse_glucose
from glucolog.core.vocabulary import NEUROPATHIES, TECHNIQUES, parse_areas, parse_word
from glucolog.errors import GlucologError
from glucolog.services.phrases import parse_score
from glucolog.services.profile import parse_insulin, parse_name, parse_unit

SKIP = "Enter: not said"
THERAPY = "Insulin: none, basal (long-acting only), mdi (several injections a day), pump"
YES_NO = {"y": True, "yes": True, "n": False, "no": False}


def ask(question: str, check: Callable[[str], Any], default: str | None = None) -> str:
    """Ask until `check` takes the answer; return it as typed. A bare Enter means `default`, where there is one."""

    def checked(text: str) -> str:
        try:
            check(text)
        except GlucologError as error:
            raise click.UsageError(str(error)) from error
        return text.strip()

    return screen.ask(question, value_proc=checked, default=default, show_default=bool(default))


def ask_or_skip(question: str, check: Callable[[str], Any]) -> str:
    """Ask for what may stay unsaid; a bare Enter returns an empty text."""
    return ask(f"{question} ({SKIP})", lambda text: check(text) if text.strip() else None, default="")


def yes_no(question: str) -> bool | None:
    """Ask yes or no; None when it stays unsaid."""
    return YES_NO.get(ask_or_skip(f"{question} y/n", lambda text: parse_word("answer", text, YES_NO)).lower())


def session(given: dict[str, Any], unit: Unit) -> None:
    """Ask for the main things of a finished session and put them among the options."""
    given["before"] = ask_or_skip(f"Glucose before, {unit}", lambda text: parse_glucose(text, unit)) or None
    given["after"] = ask_or_skip(f"Glucose after, {unit}", lambda text: parse_glucose(text, unit)) or None
    given["ago"] = ask("It ended how long ago: 40m, 2h", parse_minutes, default="0m")
    given["minutes"] = ask_or_skip("How long it was: 30, 1h", parse_minutes) or None
    given["areas"] = _words(ask_or_skip("Where: feet, calf:left, back", _each(parse_areas)))
    given["techniques"] = _words(ask_or_skip("Technique: effleurage, petrissage …", _each(_technique)))
    given["pain"] = ask_or_skip("Pain before/after, 0 to 10: 5/3", parse_score) or None


def profile(given: dict[str, Any], zone: str) -> None:
    """Ask for what a new person needs and was not said, then for what makes the warnings their own."""
    given["name"] = given["name"] or ask("Your name", parse_name)
    given["unit"] = given["unit"] or ask("Glucose unit: mg/dL or mmol/L", parse_unit)
    given["zone"] = given["zone"] or ask("Time zone", zone_info, default=zone)
    if given["therapy"] is None:
        given["therapy"] = ask(THERAPY, lambda text: parse_word("therapy", text, [*Therapy])).lower()
        _conditions(given)


def _conditions(given: dict[str, Any]) -> None:
    if given["therapy"] != Therapy.NONE and not given["insulins"]:
        given["insulins"] = _words(ask_or_skip("Your insulins: aspart, tresiba", _each(parse_insulin)))
    if given["therapy"] != Therapy.NONE and given["impaired_awareness"] is None:
        given["impaired_awareness"] = yes_no("Do lows come without warning signs?")
    given["neuropathies"] = given["neuropathies"] or _words(
        ask_or_skip(f"Neuropathy: {', '.join(NEUROPATHIES)}", _each(_neuropathy))
    )
    if given["sensation_lost"] is None:
        given["sensation_lost"] = yes_no("Is the protective feeling of your feet lost?")


def _neuropathy(text: str) -> str:
    return parse_word("neuropathy", text, NEUROPATHIES)


def _technique(text: str) -> str:
    return parse_word("technique", text, TECHNIQUES)


def _each(check: Callable[[str], Any]) -> Callable[[str], None]:
    def every(text: str) -> None:
        for part in _words(text):
            check(part)

    return every


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
