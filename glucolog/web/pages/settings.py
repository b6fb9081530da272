"""Who the log is about: the welcome of an empty log, further people, and a person's profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from glucolog.core.moments import format_minute_of_day
from glucolog.core.records import Person, TargetSet
from glucolog.core.units import Unit, format_amount
from glucolog.core.vocabulary import NEUROPATHIES
from glucolog.errors import GlucologError, RefusedError
from glucolog.services import people
from glucolog.services.identity import Call, new_id
from glucolog.services.profile import Profile, create
from glucolog.web.answers import Answers, FormRefusedError
from glucolog.web.desk import SEE_OTHER, UNPROCESSABLE, desk_of, form_page, now_in, problems_of, to_receipt
from glucolog.web.setup import house

pages = Blueprint("settings", __name__)
TABLES: Mapping[str, Any] = {
    "units": list(Unit),
    "therapies": {"none": "no insulin", "basal": "once a day (basal)", "mdi": "several times a day", "pump": "a pump"},
    "target_sets": list(TargetSet),
    "neuropathies": NEUROPATHIES,
    "zones": sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix"))),
}


@pages.route("/welcome", methods=["GET", "POST"])
def welcome() -> ResponseReturnValue:
    """Make the first person of an empty log."""
    if request.method == "GET" and house().log.people():
        return redirect(url_for("home.start"), SEE_OTHER)
    return _new_person("welcome.html", people.add_first)


@pages.route("/people/add", methods=["GET", "POST"])
def add_person() -> ResponseReturnValue:
    """Make a further person."""
    return _new_person("person_add.html", people.add)


def _new_person(template: str, add: Callable[[Any, Person, Call], Person]) -> ResponseReturnValue:
    said: Mapping[str, Any] = {"zone": people.system_zone()}
    if request.method == "GET":
        return render_template(template, said=said, problems=(), uid=new_id(), **TABLES)
    answers = Answers(request.form)
    try:
        profile = _profile(answers)
        answers.settle()
        now = now_in(profile.zone or "UTC")
        made = create(profile, new_id(), today=now.local_day)
        stored = add(house().log, made, Call(now=now, uid=answers.text("uid") or new_id()))
    except (FormRefusedError, GlucologError) as error:
        page = render_template(
            template, said=request.form, problems=problems_of(error), uid=request.form.get("uid"), **TABLES
        )
        return page, UNPROCESSABLE
    return redirect(url_for("home.person_home", person_id=stored.id), SEE_OTHER)


@pages.route("/p/<person_id>/settings", methods=["GET", "POST"])
def profile(person_id: str) -> ResponseReturnValue:
    """Show and change a person's profile."""
    desk = desk_of(person_id)

    def store(answers: Answers, uid: str) -> ResponseReturnValue:
        changed = _profile(answers)
        answers.settle()
        people.edit(desk.log, desk.person, changed, desk.call(uid, answers))
        return to_receipt(desk, uid)

    return form_page(desk, "settings.html", store, preset=_preset(desk.person), **TABLES)


def _profile(answers: Answers) -> Profile:
    try:
        return Profile.of(_given(answers), now_in)
    except GlucologError as error:
        answers.refuse("", error)
    except ValueError:
        answers.refuse("", RefusedError("One of the choices is not on the list.", "Choose again."))
    return Profile()


def _given(answers: Answers) -> dict[str, Any]:
    """Return the form under the names that a profile is read from."""
    plain = {name: answers.text(name) for name in _PLAIN}
    lines = {name: tuple(filter(None, (answers.text(name) or "").splitlines())) for name in _LINES}
    year = answers.read("birth_year", _year)
    return {
        **plain,
        **lines,
        "name": answers.form.get("name"),
        "neuropathies": answers.texts("neuropathies"),
        "gone_sites": answers.texts("gone_sites"),
        "sensation_lost": answers.yes_no("sensation_lost"),
        "impaired_awareness": answers.yes_no("impaired_awareness"),
        "research_consent": None,
        "birth_year": year,
    }


_PLAIN = ("unit", "zone", "therapy", "severe_low_at", "target_set", "target_low", "target_high", "low_plan", "bedtime",
          "note")  # fmt: skip
_LINES = ("insulins", "sites", "questions")


def _year(text: str) -> int:
    if not text.isdigit() or not 1900 <= int(text) <= now_in("UTC").local.year:
        raise RefusedError(f"“{text}” is not a year of birth.", "Type four digits.")
    return int(text)


def _preset(person: Person) -> Mapping[str, Any]:
    yes_no = {True: "yes", False: "no", None: ""}
    return {
        "name": person.name, "unit": person.unit.value, "zone": person.zone, "therapy": person.therapy.value,
        "target_set": person.target_set.value, "low_plan": person.low_plan or "", "note": person.note or "",
        "target_low": format_amount(person.target_low.amount, person.target_low.unit) if person.target_low else "",
        "target_high": format_amount(person.target_high.amount, person.target_high.unit) if person.target_high else "",
        "bedtime": "" if person.bedtime_minute is None else format_minute_of_day(person.bedtime_minute),
        "birth_year": person.birth_year or "", "neuropathies": person.neuropathies,
        "sensation_lost": yes_no[person.protective_sensation_lost],
        "impaired_awareness": yes_no[person.impaired_awareness],
    }  # fmt: skip
