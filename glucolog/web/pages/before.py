"""Before → Start → After, and a finished session logged afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from glucolog.core.gate import Verdict
from glucolog.core.moments import Moment, parse_minutes, parse_when
from glucolog.core.records import Session
from glucolog.core.units import parse_glucose
from glucolog.core.vocabulary import (
    PERFORMERS,
    POSITIONS,
    SYMPTOMS,
    TECHNIQUES,
    TOOLS,
    Pressure,
    parse_areas,
    parse_word,
)
from glucolog.errors import GlucologError, NotFoundError, RefusedError
from glucolog.services import gate, sessions
from glucolog.services.entry import Around, Details, Timing, check_water
from glucolog.services.gate import Asked, Question
from glucolog.services.identity import new_id
from glucolog.services.phrases import ScorePhrase, parse_score
from glucolog.web import bodymap
from glucolog.web.answers import Answers, FormRefusedError
from glucolog.web.desk import UNPROCESSABLE, Desk, desk_of, form_page, problems_of, shown, to_receipt
from glucolog.web.setup import house

pages = Blueprint("before", __name__)
LATEST = 4
"""Among so many the running session is found."""
CHOICES: dict[str, Any] = {
    "techniques": TECHNIQUES,
    "tools": TOOLS,
    "positions": POSITIONS,
    "pressures": list(Pressure),
    "symptoms": SYMPTOMS,
}


@pages.get("/p/<person_id>/before")
def before(person_id: str) -> ResponseReturnValue:
    """Ask for glucose and what is planned, with the last session's details filled in."""
    desk = desk_of(person_id)
    details = _last_details(desk)
    latest = house().live.look(desk.person, desk.now)
    return shown("before.html", desk, said=filled(details), problems=(), latest=latest, **CHOICES)


@pages.post("/p/<person_id>/before")
def check(person_id: str) -> ResponseReturnValue:
    """Answer with the gate's verdict and its reasons, or give the form back to be changed; nothing is stored yet."""
    desk = desk_of(person_id)
    answers = Answers(request.form)
    if answers.text("act") == "change":
        return shown("before.html", desk, said=request.form, problems=(), **CHOICES)
    try:
        answers.check_person(desk.person)
        asked = _ask(desk, answers)
    except (FormRefusedError, GlucologError) as error:
        page = shown("before.html", desk, said=request.form, problems=problems_of(error), **CHOICES)
        return page, UNPROCESSABLE
    return _verdict_page(desk, asked, new_id(), ())


@pages.post("/p/<person_id>/start")
def start(person_id: str) -> ResponseReturnValue:
    """Start the session with what was asked about."""
    desk = desk_of(person_id)
    answers = Answers(request.form)
    uid = answers.text("uid") or new_id()
    try:
        answers.check_person(desk.person)
        begun = when_of(answers, desk) or desk.now
        around = Around(before=_glucose(answers, desk, "glucose"), scores=_scores(answers, "before"))
        details = details_from(answers)
        answers.settle()
        sessions.start_session(desk.log, desk.person, begun, details, around, desk.call(uid, answers))
    except (FormRefusedError, GlucologError) as error:
        return _not_started(desk, uid, error)
    return to_receipt(desk, uid)


def _not_started(desk: Desk, uid: str, error: FormRefusedError | GlucologError) -> ResponseReturnValue:
    """Show the verdict again with what stood in the way, or the form where not even the question can be read."""
    problems = problems_of(error)
    try:
        page = _verdict_page(desk, _ask(desk, Answers(request.form)), uid, problems)
    except (FormRefusedError, GlucologError):
        page = shown("before.html", desk, said=request.form, problems=problems, **CHOICES)
    return page, UNPROCESSABLE


@pages.route("/p/<person_id>/after", methods=["GET", "POST"])
def after(person_id: str) -> ResponseReturnValue:
    """End the running session and store the glucose after it; `soon` asks for the form before one runs."""
    desk = desk_of(person_id)

    def store(answers: Answers, uid: str) -> ResponseReturnValue:
        ended = when_of(answers, desk) or desk.now
        around = Around(after=_glucose(answers, desk, "glucose"), scores=_scores(answers, "after"))
        details = Details(note=answers.text("note"))
        answers.settle()
        sessions.stop_session(desk.log, desk.person, ended, details, around, desk.call(uid, answers))
        return to_receipt(desk, uid)

    soon = request.args.get("soon") == "yes"
    return form_page(desk, "after.html", store, running=_running(desk), soon=soon, **CHOICES)


@pages.route("/p/<person_id>/log", methods=["GET", "POST"])
def log(person_id: str) -> ResponseReturnValue:
    """Log a finished session."""
    desk = desk_of(person_id)

    def store(answers: Answers, uid: str) -> ResponseReturnValue:
        timing, around, details = timing_of(answers, desk), around_of(answers, desk), details_from(answers)
        answers.settle()
        sessions.log_session(desk.log, desk.person, timing, details, around, desk.call(uid, answers))
        return to_receipt(desk, uid)

    return form_page(desk, "log.html", store, preset=filled(_last_details(desk)), **CHOICES)


def details_from(answers: Answers) -> Details:
    """Read what the session was like; unknown words are refused beside their field."""
    water = answers.read("water_c", _number)
    if water is not None:
        _checked_water(answers, water)
    chosen = _each(answers, "areas", parse_areas)
    return Details(
        areas=tuple(dict.fromkeys(area for areas in chosen for area in areas)),
        techniques=_each(answers, "techniques", lambda word: parse_word("technique", word, TECHNIQUES)),
        tools=_each(answers, "tools", lambda word: parse_word("tool", word, TOOLS)),
        pressure=answers.read("pressure", _pressure),
        performer=answers.read("performer", lambda word: parse_word("performer", word, PERFORMERS)),
        water_c=water,
        lotion=answers.yes_no("lotion"),
        lotion_between_toes=answers.yes_no("lotion_between_toes"),
        hands_washed=answers.yes_no("hands_washed"),
        equipment_clean=answers.yes_no("equipment_clean"),
        position=answers.read("position", lambda word: parse_word("position", word, POSITIONS)),
        note=answers.text("note"),
    )


def timing_of(answers: Answers, desk: Desk) -> Timing:
    """Read when a finished session was."""
    return Timing(
        start=when_of(answers, desk, "start"), end=when_of(answers, desk, "end"),
        minutes=answers.read("minutes", parse_minutes),
    )  # fmt: skip


def around_of(answers: Answers, desk: Desk) -> Around:
    """Read glucose before and after and the scores."""
    scores = {name: answers.read(name, parse_score) for name in SYMPTOMS}
    return Around(
        before=_glucose(answers, desk, "before"),
        after=_glucose(answers, desk, "after"),
        scores={name: score for name, score in scores.items() if score is not None},
    )


def when_of(answers: Answers, desk: Desk, name: str = "when") -> Moment | None:
    """Read a time on the person's clock."""
    return answers.read(name, lambda text: parse_when(text, desk.now))


def _glucose(answers: Answers, desk: Desk, name: str) -> Any:
    return answers.read(name, lambda text: parse_glucose(text, desk.person.unit))


def _scores(answers: Answers, side: str) -> dict[str, ScorePhrase]:
    marked = {name: answers.read(name, lambda text: parse_score(f"{text}/" if side == "before" else f"/{text}"))
              for name in SYMPTOMS}  # fmt: skip
    return {name: score for name, score in marked.items() if score is not None}


def _each(answers: Answers, name: str, parse: Any) -> tuple[Any, ...]:
    found = []
    for text in answers.texts(name):
        try:
            found.append(parse(text))
        except GlucologError as error:
            answers.refuse(name, error)
    return tuple(found)


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise RefusedError(f"“{text}” is not a number.", "Type digits, with a comma or a point.") from error


def _pressure(text: str) -> Pressure:
    try:
        return Pressure(int(text))
    except ValueError as error:
        raise RefusedError(f"“{text}” is not a pressure.", "Choose one of 1 to 5.") from error


def _checked_water(answers: Answers, water_c: float) -> None:
    try:
        check_water(water_c)
    except GlucologError as error:
        answers.refuse("water_c", error)


def _ask(desk: Desk, answers: Answers) -> Asked:
    details = details_from(answers)
    question = Question(
        areas=details.areas,
        details=details,
        glucose=_glucose(answers, desk, "glucose"),
        unwell_or_ketones=answers.yes_no("unwell"),
        minutes=answers.read("minutes", parse_minutes),
    )
    at = when_of(answers, desk) or desk.now
    answers.settle()
    return gate.check(desk.log, desk.person, question, at, desk.now)


def _verdict_page(desk: Desk, asked: Asked, uid: str, problems: Any) -> str:
    result = asked.result
    return shown(
        "verdict.html",
        desk,
        asked=asked,
        result=result,
        blocked=bodymap.each_side(item.place for item in result.blocked_areas if item.region is None),
        blocked_regions={(item.place.side, item.region) for item in result.blocked_areas if item.region},
        chosen=bodymap.each_side(result.free_areas),
        may_start=result.verdict in {Verdict.GO, Verdict.CAUTION},
        carried=[(name, value) for name in request.form for value in request.form.getlist(name) if name in _CARRIED],
        uid=uid,
        said=request.form,
        problems=problems,
    )


_CARRIED = frozenset(
    ("glucose", "when", "areas", "techniques", "tools", "pressure", "performer", "water_c", "lotion", "position",
     "lotion_between_toes", "hands_washed", "equipment_clean", "note", "unwell", "minutes", *SYMPTOMS)
)  # fmt: skip


def _last_details(desk: Desk) -> Details:
    try:
        return sessions.again_details(desk.log, desk.person, Details())
    except NotFoundError:
        return Details()


def filled(details: Details | Session) -> Mapping[str, Any]:
    """Return details as the values of a form."""
    values = {name: getattr(details, name) for name in Details.__dataclass_fields__ if name != "tags"}
    said = {name: _as_typed(value) for name, value in values.items() if value is not None}
    return said | {"areas": sorted(bodymap.each_side(details.areas))}


def _as_typed(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else str(value)


def _running(desk: Desk) -> Any:
    views = sessions.listing(desk.log, desk.person, None, None, desk.now, LATEST)
    return next((view for view in views if view.session.end is None), None)
