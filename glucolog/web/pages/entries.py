"""Insulin, carbs, a reading, symptoms, a foot check, activity: one screen each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from glucolog.core.moments import Moment, parse_minutes, parse_when
from glucolog.core.records import Activity, Carbs, Dose, FootCheck, FootFinding, Note, Reading, Symptom
from glucolog.core.units import parse_glucose
from glucolog.core.vocabulary import (
    FOOT_FINDINGS,
    FOOT_REGIONS,
    INSULIN_NAMES,
    INTENSITIES,
    SYMPTOMS,
    Side,
    parse_place,
    parse_word,
)
from glucolog.core.wording import web as words
from glucolog.errors import NotFoundError, RefusedError
from glucolog.services import entries, entry
from glucolog.services.identity import new_id
from glucolog.services.phrases import parse_carbs, parse_dose, parse_score
from glucolog.services.summaries import Entry
from glucolog.web.answers import Answers
from glucolog.web.desk import SEE_OTHER, Desk, desk_of, form_page, shown, to_receipt

pages = Blueprint("entries", __name__)
Make = Callable[[Answers, Desk], Entry]
SIDES = {"left": (Side.LEFT,), "right": (Side.RIGHT,), "both": (Side.LEFT, Side.RIGHT)}
LISTED = 100
READINGS_MIN = 7 * 24 * 60
"""Readings are listed a week back; a sensor makes 2000 of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One kind of entry: what it is called, its class, how a form becomes one."""

    name: str
    title: str
    kind: type[Any]
    make: Make


@pages.get("/p/<person_id>/add")
def add(person_id: str) -> ResponseReturnValue:
    """Offer what can be added."""
    return shown("add.html", desk_of(person_id), screens=SCREENS.values())


@pages.route("/p/<person_id>/add/<what>", methods=["GET", "POST"])
def one(person_id: str, what: str) -> ResponseReturnValue:
    """Show or take in the screen of one kind."""
    desk, screen = desk_of(person_id), _screen(what)

    def store(answers: Answers, uid: str) -> ResponseReturnValue:
        record = screen.make(answers, desk)
        answers.settle()
        entries.add(desk.log, desk.person, record, desk.call(uid, answers))
        return to_receipt(desk, uid)

    only = desk.person.insulins[0].name if len(desk.person.insulins) == 1 else ""
    preset = {"treatment": request.args.get("treatment") == "yes", "insulin": only}
    return form_page(desk, f"add_{what}.html", store, screen=screen, preset=preset, **_tables(desk))


@pages.get("/p/<person_id>/entries/<what>")
def listing(person_id: str, what: str) -> ResponseReturnValue:
    """List the entries of one kind, newest first, each to be deleted or ticked as told."""
    desk, screen = desk_of(person_id), _screen(what)
    since = desk.now.plus(minutes=-READINGS_MIN) if screen.kind is Reading else Moment(0, desk.person.zone)
    found = entries.listing(desk.log, desk.person, screen.kind, since, desk.now)
    return shown(
        "entries.html", desk, screen=screen, screens=SCREENS.values(), found=found[:LISTED], n=len(found), new_id=new_id
    )


@pages.post("/p/<person_id>/entries/<what>/<uuid:record_id>")
def change(person_id: str, what: str, record_id: object) -> ResponseReturnValue:
    """Delete an entry, or tick “told my team”."""
    desk, screen, answers = desk_of(person_id), _screen(what), Answers(request.form)
    answers.check_person(desk.person)
    uid = answers.text("uid") or new_id()
    record = entries.by_ref(desk.log, desk.person, screen.kind, str(record_id))
    if answers.text("act") == "told" and isinstance(record, Symptom | FootCheck):
        entries.edit(desk.log, desk.person, replace(record, told_team_on=desk.now.local_day), desk.call(uid))
    elif answers.text("act") == "delete":
        entries.delete(desk.log, desk.person, record, desk.call(uid))
    else:
        return redirect(url_for("entries.listing", person_id=person_id, what=what), SEE_OTHER)
    return to_receipt(desk, uid)


def _screen(what: str) -> Screen:
    if what not in SCREENS:
        raise NotFoundError("There is no such screen.", "Choose one of those on the page Add.")
    return SCREENS[what]


def _tables(desk: Desk) -> Mapping[str, Any]:
    return {
        "insulins": desk.person.insulins,
        "insulin_names": INSULIN_NAMES,
        "symptoms": SYMPTOMS,
        "regions": FOOT_REGIONS,
        "foot_findings": FOOT_FINDINGS,
        "intensities": INTENSITIES,
    }


def _at(answers: Answers, desk: Desk) -> Moment:
    return answers.read("when", lambda text: parse_when(text, desk.now)) or desk.now


def _dose(answers: Answers, desk: Desk) -> Dose:
    name = answers.text("insulin") or ""
    at = _at(answers, desk)
    phrase = answers.needed("units", lambda text: parse_dose(f"{_amount(text)} {name}", desk.person, at), "The units")
    site = answers.read("site", parse_place)
    return entry.dose(desk.person, replace(answers.given(phrase), at=at, site=site))


def _carbs(answers: Answers, desk: Desk) -> Carbs:
    at = _at(answers, desk)
    phrase = answers.needed("grams", lambda text: parse_carbs(_amount(text), at), "The grams")
    return Carbs(
        id=new_id(), person_id=desk.person.id, at=at, grams=answers.given(phrase).grams,
        treatment=answers.form.get("treatment") == "yes", note=answers.text("note"),
    )  # fmt: skip


def _reading(answers: Answers, desk: Desk) -> Reading:
    glucose = answers.needed("glucose", lambda text: parse_glucose(text, desk.person.unit), "The reading")
    at = _at(answers, desk)
    return replace(entry.reading(desk.person, answers.given(glucose), at), note=answers.text("note"))


def _symptom(answers: Answers, desk: Desk) -> Symptom:
    name = answers.needed("symptom", lambda text: parse_word("symptom", text, SYMPTOMS), "The symptom")
    score = answers.needed("score", lambda text: parse_score(text).before, "The score")
    return Symptom(
        id=new_id(), person_id=desk.person.id, at=_at(answers, desk), symptom=answers.given(name),
        score=answers.given(score), place=answers.read("area", parse_place),
        new_or_worse=answers.form.get("new_or_worse") == "yes", note=answers.text("note"),
    )  # fmt: skip


def _feet(answers: Answers, desk: Desk) -> FootCheck:
    seen, at = _seen(answers), _at(answers, desk)
    if answers.form.get("nothing") == "yes":
        sides: tuple[Side, ...] | None = SIDES["both"]
        if seen:
            answers.refuse("", RefusedError(words.NOTHING_BUT, words.NOTHING_BUT_REMEDY))
    else:
        sides = answers.needed("side", lambda text: SIDES[parse_word("side", text, SIDES)], "Which feet you saw")
    return FootCheck(
        id=new_id(), person_id=desk.person.id, at=at, sides=answers.given(sides),
        findings=seen, note=answers.text("note"),
    )  # fmt: skip


def _seen(answers: Answers) -> tuple[FootFinding, ...]:
    found = []
    for side in (Side.LEFT, Side.RIGHT):
        for region in FOOT_REGIONS:
            word = answers.read(f"{side}-{region}", lambda text: parse_word("foot finding", text, FOOT_FINDINGS))
            if word is not None:
                found.append(FootFinding(side=side, region=region, finding=word))
    return tuple(found)


def _activity(answers: Answers, desk: Desk) -> Activity:
    kind = answers.needed("kind", str, "What it was")
    return Activity(
        id=new_id(), person_id=desk.person.id, at=_at(answers, desk), kind=answers.given(kind),
        minutes=answers.read("minutes", parse_minutes),
        intensity=answers.read("intensity", lambda text: parse_word("intensity", text, INTENSITIES)),
        note=answers.text("note"),
    )  # fmt: skip


def _note(answers: Answers, desk: Desk) -> Note:
    text = answers.needed("note", str, "The note")
    return Note(id=new_id(), person_id=desk.person.id, at=_at(answers, desk), text=answers.given(text))


def _amount(text: str) -> str:
    """Refuse anything but one number, so that nothing else of a phrase can be typed into an amount."""
    number = text.replace(",", ".")
    if not number.replace(".", "", 1).isdigit() or not number.isascii():
        raise RefusedError(f"“{text}” is not a number.", "Type digits, with a comma or a point.")
    return number


SCREENS = {
    screen.name: screen
    for screen in (
        Screen(name="reading", title="Glucose", kind=Reading, make=_reading),
        Screen(name="insulin", title="Insulin", kind=Dose, make=_dose),
        Screen(name="carbs", title="Carbs", kind=Carbs, make=_carbs),
        Screen(name="symptom", title="Symptom", kind=Symptom, make=_symptom),
        Screen(name="feet", title="Foot check", kind=FootCheck, make=_feet),
        Screen(name="activity", title="Activity", kind=Activity, make=_activity),
        Screen(name="note", title="Note", kind=Note, make=_note),
    )
}
"""Every kind of entry by the word in its address."""
