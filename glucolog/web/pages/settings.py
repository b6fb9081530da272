"""Who the log is about: the welcome of an empty log, further people, and a person's profile."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from glucolog.core.moments import format_minute_of_day
from glucolog.core.records import InsulinKind, Person, TargetSet
from glucolog.core.units import Unit, format_amount
from glucolog.core.vocabulary import INSULIN_NAMES, NEUROPATHIES
from glucolog.core.wording import web as words
from glucolog.errors import GlucologError, RefusedError
from glucolog.services import people, receipts
from glucolog.services.identity import Call, new_id
from glucolog.services.profile import CLEARED, Profile, create
from glucolog.web.answers import Answers, FormRefusedError
from glucolog.web.desk import SAFE, SEE_OTHER, UNPROCESSABLE, desk_of, form_page, now_in, problems_of, to_receipt
from glucolog.web.setup import house

pages = Blueprint("settings", __name__)
TABLES: Mapping[str, Any] = {
    "units": list(Unit),
    "therapies": {"none": "no insulin", "basal": "once a day (basal)", "mdi": "several times a day", "pump": "a pump"},
    "target_sets": list(TargetSet),
    "neuropathies": NEUROPATHIES,
    "site_kinds": {
        "pump": "insulin pump",
        "sensor": "glucose sensor",
        "lipohypertrophy": "hard lump (lipohypertrophy)",
    },
    "insulin_names": {
        "background": [name for name, kind in INSULIN_NAMES.items() if kind == InsulinKind.LONG],
        "meals": [name for name, kind in INSULIN_NAMES.items() if kind != InsulinKind.LONG],
    },
    "kept_insulins": lambda person: [(insulin.name, f"{insulin.name} ({insulin.kind})") for insulin in person.insulins],
    "kept_questions": lambda person: [(question, question) for question in person.questions],
    "zones": sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix"))),
}
NEEDED = {"name": "The name", "unit": "The glucose unit", "zone": "The time zone", "therapy": "How insulin is taken"}


@pages.route("/welcome", methods=["GET", "POST"])
def welcome() -> ResponseReturnValue:
    """Make the first person of an empty log."""
    if request.method in SAFE and house().log.people():
        return redirect(url_for("home.start"), SEE_OTHER)
    return _new_person("welcome.html", people.add_first)


@pages.route("/people/add", methods=["GET", "POST"])
def add_person() -> ResponseReturnValue:
    """Make a further person."""
    return _new_person("person_add.html", people.add)


def _new_person(template: str, add: Callable[[Any, Person, Call], Person]) -> ResponseReturnValue:
    said: Mapping[str, Any] = {"zone": people.system_zone()}
    if request.method in SAFE:
        return render_template(template, said=said, problems=(), uid=new_id(), **TABLES)
    answers = Answers(request.form)
    try:
        for name, what in NEEDED.items():
            answers.needed(name, str, what)
        answers.settle()
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
    """Show and change a person's profile: what the form leaves empty is emptied."""
    desk = desk_of(person_id)

    def store(answers: Answers, uid: str) -> ResponseReturnValue:
        if answers.text("seen") not in {None, _seen(desk.person)} and receipts.find(desk.log, desk.person, uid) is None:
            raise RefusedError(words.SETTINGS_CHANGED, words.SETTINGS_CHANGED_REMEDY)
        changed = _profile(answers, desk.person)
        answers.settle()
        people.edit(desk.log, desk.person, changed, desk.call(uid, answers))
        return to_receipt(desk, uid)

    return form_page(desk, "settings.html", store, preset=_preset(desk.person), seen=_seen(desk.person), **TABLES)


def _seen(person: Person) -> str:
    """A mark of the profile that a form was made from, so that an old tab can't put old values back."""
    return hashlib.sha256(repr(person).encode()).hexdigest()[:16]


def _profile(answers: Answers, person: Person | None = None) -> Profile:
    try:
        return Profile.of(_given(answers) | _gone(answers, person), now_in)
    except GlucologError as error:
        answers.refuse("", error)
    except ValueError:
        answers.refuse("", RefusedError("One of the choices is not on the list.", "Choose again."))
    return Profile()


def _given(answers: Answers) -> dict[str, Any]:
    """Return the form under the names that a profile is read from."""
    return {
        **{name: answers.text(name) for name in _PLAIN},
        "name": answers.form.get("name"),
        "insulins": _insulins(answers),
        "sites": _site(answers),
        "gone_sites": answers.texts("gone_sites"),
        "neuropathies": answers.texts("neuropathies"),
        "questions": tuple(filter(None, (answers.text("questions") or "").splitlines())),
        "sensation_lost": answers.yes_no("sensation_lost"),
        "impaired_awareness": answers.yes_no("impaired_awareness"),
        "research_consent": None,
        "birth_year": answers.read("birth_year", _year),
    }


_PLAIN = ("unit", "zone", "therapy", "severe_low_at", "target_set", "target_low", "target_high", "low_plan", "bedtime",
          "note")  # fmt: skip


def _gone(answers: Answers, person: Person | None) -> dict[str, Any]:
    """Return what a whole form no longer says of a person; a form without its mark says nothing by silence."""
    if person is None or answers.text("seen") is None:
        return {}
    preset = _preset(person)
    return {
        "gone_insulins": _unticked(answers, "insulins_kept", [insulin.name for insulin in person.insulins]),
        "gone_questions": _unticked(answers, "questions_kept", person.questions),
        "gone_neuropathies": _unticked(answers, "neuropathies", person.neuropathies),
        "cleared": [name for name in CLEARED if preset[name] and not answers.text(name)],
        "severe_low_at": _unless_same(answers, "severe_low_at", preset),
        "target_low": _unless_same(answers, "target_low", preset),
        "target_high": _unless_same(answers, "target_high", preset),
    }


def _unticked(answers: Answers, name: str, there: Iterable[str]) -> tuple[str, ...]:
    ticked = set(answers.texts(name))
    return tuple(each for each in there if each not in ticked)


def _unless_same(answers: Answers, name: str, preset: Mapping[str, Any]) -> str | None:
    """What is shown is rounded; left as it was shown, it stays what it is."""
    typed = answers.text(name)
    return None if typed == preset[name] else typed


def _insulins(answers: Answers) -> tuple[str, ...]:
    """Read both; one for meals that glucolog does not know stays of unknown kind, which counts on the careful side."""
    fields = {"insulin_meals": InsulinKind.UNKNOWN, "insulin_background": InsulinKind.LONG}
    typed = {name: answers.text(name) for name in fields}
    return tuple(
        text if _is_known(text) or "=" in text else f"{text}={fields[name]}" for name, text in typed.items() if text
    )


def _is_known(name: str) -> bool:
    return name.lower().replace(" ", "-") in INSULIN_NAMES


def _site(answers: Answers) -> tuple[str, ...]:
    kind, place = answers.text("site_kind"), answers.text("site_place")
    if bool(kind) != bool(place):
        answers.refuse("", RefusedError(words.HALF_A_SITE, words.HALF_A_SITE_REMEDY))
        return ()
    return (f"{kind}:{place}",) if kind else ()


def _year(text: str) -> int:
    if not text.isdigit() or not 1900 <= int(text) <= now_in("UTC").local.year:
        raise RefusedError(f"“{text}” is not a year of birth.", "Type four digits.")
    return int(text)


def _preset(person: Person) -> Mapping[str, Any]:
    yes_no = {True: "yes", False: "no", None: ""}
    return {
        "name": person.name, "unit": person.unit.value, "zone": person.zone, "therapy": person.therapy.value,
        "insulins_kept": [insulin.name for insulin in person.insulins], "questions_kept": person.questions,
        "target_set": person.target_set.value, "low_plan": person.low_plan or "", "note": person.note or "",
        "target_low": format_amount(person.target_low.amount, person.target_low.unit) if person.target_low else "",
        "target_high": format_amount(person.target_high.amount, person.target_high.unit) if person.target_high else "",
        "bedtime": "" if person.bedtime_minute is None else format_minute_of_day(person.bedtime_minute),
        "birth_year": str(person.birth_year or ""), "neuropathies": person.neuropathies,
        "severe_low_at": f"{person.severe_low_at.local:%Y-%m-%d %H:%M}" if person.severe_low_at else "",
        "sensation_lost": yes_no[person.protective_sensation_lost],
        "impaired_awareness": yes_no[person.impaired_awareness],
    }  # fmt: skip
