"""Every kind of record can be corrected field by field, and every correction is taken back byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cli.conftest import Shell

ENTRIES: list[tuple[str, tuple[str, ...], tuple[str, ...], dict[str, Any]]] = [
    ("insulin", ("4", "aspart", "1h ago", "abdomen"), ("--units", "4,5", "--name", "tresiba"),
     {"units": 4.5, "kind": "long"}),
    ("insulin", ("4", "aspart"), ("--site", "thigh:left", "--pump"), {"site": "thigh:left", "by_pump": True}),
    ("insulin", ("4", "aspart", "abdomen"), ("--clear", "site"), {"site": None}),
    ("insulin", ("6", "aspart", "--over", "2h"), ("--over", "90m"), {"duration_min": 90.0}),
    ("carbs", ("30", "2h ago"), ("--grams", "25", "--treatment"), {"grams": 25.0, "treatment": True}),
    ("carbs", ("15", "--treatment"), ("--no-treatment",), {"treatment": False}),
    ("carbs", ("15", "--note", "juice"), ("--clear", "note"), {"note": None}),
    ("activity", ("walk",), ("--kind", "swim", "--minutes", "1h"), {"kind": "swim", "minutes": 60.0}),
    ("activity", ("walk", "--intensity", "hard"), ("--clear", "intensity"), {"intensity": None}),
    ("symptom", ("pain", "5"), ("--score", "6", "--area", "calf:left"), {"score": 6, "place": "calf:left"}),
    ("symptom", ("pain", "5"), ("--name", "tingling", "--new-or-worse"), {"symptom": "tingling", "new_or_worse": True}),
    ("symptom", ("pain", "5", "--area", "calf"), ("--clear", "area"), {"place": None}),
    ("feet", (), ("--side", "left", "--finding", "left heel corn"), {"sides": ["left"]}),
    ("feet", ("--finding", "left heel corn"), ("--clear", "finding"), {"findings": []}),
    ("reading", ("142",), ("--value", "7,9mmol"), {"entered": {"amount": 7.9, "unit": "mmol/L"}}),
    ("reading", ("142", "--device", "Contour"), ("--source", "cgm", "--clear", "device"),
     {"source": "cgm", "device": None}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "said", "correction", "expected"), ENTRIES)
def test_an_entry_is_added_shown_corrected_and_taken_back(
    ada: Shell, kind: str, said: tuple[str, ...], correction: tuple[str, ...], expected: dict[str, Any]
) -> None:
    ada.json(kind, "add", *said)
    before = ada(kind, "show", "--json").out
    corrected = next(iter(ada.json(kind, "edit", "@1", *correction).values()))
    assert {name: corrected[name] for name in expected} == expected
    assert next(iter(ada.json(kind, "show").values())) == corrected
    ada("undo")
    assert ada(kind, "show", "--json").out == before
    ada("redo")
    assert next(iter(ada.json(kind, "show").values())) == corrected
    ada("undo")
    ada.json(kind, "delete", "@1")
    assert next(iter(ada.json(kind, "list").values())) == []
    ada("undo")
    assert ada(kind, "show", "--json").out == before


@pytest.mark.parametrize("kind", ["insulin", "carbs", "activity", "symptom", "feet", "reading"])
def test_a_correction_that_says_nothing_is_refused(ada: Shell, kind: str) -> None:
    assert ada(kind, "edit", "@1").code == 2


@pytest.mark.parametrize(
    ("said", "correction", "code"),
    [
        (("insulin", "add", "4", "aspart"), ("insulin", "edit", "@1", "--units", "400"), 4),
        (("insulin", "add", "4", "aspart"), ("insulin", "edit", "@1", "--at", "2100-01-01"), 4),
        (("insulin", "add", "4", "aspart"), ("insulin", "edit", "@1", "--site", "legs"), 2),
        (("carbs", "add", "30"), ("carbs", "edit", "@1", "--grams", "thirty"), 2),
        (("activity", "add", "walk"), ("activity", "edit", "@1", "--minutes", "0"), 4),
        (("activity", "add", "walk"), ("activity", "edit", "@1", "--clear", "kind"), 2),
        (("feet", "add", "--finding", "left heel corn"), ("feet", "edit", "@1", "--side", "right"), 4),
        (("bg", "30mg/dL"), ("reading", "edit", "@1", "--source", "cgm"), 4),
        (("bg", "142"), ("reading", "edit", "@1", "--value", "5.6"), 4),
        (("bg", "142"), ("reading", "edit", "@2", "--value", "120"), 3),
    ],
)
def test_a_correction_that_cant_be_changes_nothing(
    ada: Shell, said: tuple[str, ...], correction: tuple[str, ...], code: int
) -> None:
    ada(*said)
    before = ada("history", "--json").out
    ran = ada(*correction)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (code, "", 2)
    assert ada("history", "--json").out == before


SESSION = (
    "log", "--ago", "60m", "--minutes", "30", "--before", "142", "--after", "118", "--followup", "110 +20m",
    "--area", "feet", "--technique", "friction", "--tool", "ball", "--pressure", "2", "--by", "therapist",
    "--by-name", "Kim", "--trained", "--water", "36", "--lotion", "--no-lotion-between-toes", "--hands-washed",
    "--equipment-clean", "--position", "sitting", "--note", "warm", "--tag", "evening",
    "--pain", "5/3", "--numb", "4/4", "--tingle", "2/1", "--burn", "1/0", "--stress", "7/2",
)  # fmt: skip

CORRECTIONS: list[tuple[str, tuple[str, ...], str, object, object]] = [
    ("area", ("calf:left", "back"), "areas", ["calf:left", "back"], []),
    ("technique", ("effleurage",), "techniques", ["effleurage"], []),
    ("tool", ("marbles",), "tools", ["marbles"], []),
    ("pressure", ("4",), "pressure", 4, None),
    ("by", ("self",), "performer", "self", None),
    ("by-name", ("Lee",), "performer_name", "Lee", None),
    ("water", ("35,5",), "water_c", 35.5, None),
    ("position", ("lying",), "position", "lying", None),
    ("note", ("cold",), "note", "cold", None),
    ("tag", ("a", "b"), "tags", ["a", "b"], []),
]


@pytest.mark.parametrize(("option", "values", "field", "said", "cleared"), CORRECTIONS)
def test_each_detail_of_a_session_can_be_corrected_and_cleared(
    ada: Shell, option: str, values: tuple[str, ...], field: str, said: object, cleared: object
) -> None:
    logged = ada.json(*SESSION)["session"]
    words = [word for value in values for word in (f"--{option}", value)]
    corrected = ada("session", "edit", "@1", *words, "--json").document["session"]
    assert corrected[field] == said
    untouched = logged.keys() - {field, "findings"}
    assert {name: corrected[name] for name in untouched} == {name: logged[name] for name in untouched}
    assert ada("session", "edit", "@1", "--clear", option, "--json").document["session"][field] == cleared


@pytest.mark.parametrize("option", ["trained", "lotion", "lotion-between-toes", "hands-washed", "equipment-clean"])
def test_each_tick_of_a_session_can_be_turned_and_cleared(ada: Shell, option: str) -> None:
    field = {"trained": "performer_trained"}.get(option, option.replace("-", "_"))
    was = ada.json(*SESSION)["session"][field]
    turned = f"--no-{option}" if was else f"--{option}"
    assert ada("session", "edit", "@1", turned, "--json").document["session"][field] is not was
    assert ada("session", "edit", "@1", "--clear", option, "--json").document["session"][field] is None


def scores(session: dict[str, Any], symptom: str) -> dict[str, int]:
    return {item["phase"]: item["score"] for item in session["symptoms"] if item["symptom"] == symptom}


@pytest.mark.parametrize(
    ("option", "symptom"),
    [("pain", "pain"), ("numb", "numbness"), ("tingle", "tingling"), ("burn", "burning"), ("stress", "stress")],
)
def test_a_new_score_takes_the_place_of_the_old(ada: Shell, option: str, symptom: str) -> None:
    logged = ada.json(*SESSION)["session"]
    corrected = ada.json("session", "edit", "@1", f"--{option}", "9")["session"]
    assert scores(corrected, symptom) == scores(logged, symptom) | {"before": 9}
    assert len(ada.json("symptom", "list")["symptoms"]) == 10
    assert scores(ada.json("session", "edit", "@1", "--clear", option)["session"], symptom) == {}
    assert len(ada.json("symptom", "list")["symptoms"]) == 8


@pytest.mark.parametrize(
    ("word", "field", "left"), [("before", "before", 2), ("after", "after", 2), ("followup", "followups", 2)]
)
def test_a_reading_typed_by_mistake_can_be_taken_out(ada: Shell, word: str, field: str, left: int) -> None:
    ada.json(*SESSION)
    assert not ada.json("session", "edit", "@1", "--clear", word)["session"][field]
    assert len(ada.json("reading", "list")["readings"]) == left


def test_scores_and_readings_move_with_the_session(ada: Shell) -> None:
    ada.json(*SESSION)
    moved = ada.json("session", "edit", "@1", "--start", "5h ago")["session"]
    for item in (moved["before"], *(score for score in moved["symptoms"] if score["phase"] == "before")):
        assert item["at"] == moved["start"]
    for item in (moved["after"], *(score for score in moved["symptoms"] if score["phase"] == "after")):
        assert item["at"] == moved["end"]


def test_a_running_session_takes_nothing_from_after_its_end(ada: Shell) -> None:
    assert ada("start", "--pain", "5/3").code == 4
    assert ada("start", "--followup", "98 +30m").code == 4
    ada("start", "--before", "150", "--pain", "5", "--at", "30m ago")
    for said in (("--after", "98"), ("--followup", "98 +5m"), ("--pain", "5/3")):
        assert ada("session", "edit", "@1", *said).code == 4
    assert ada.json("session", "edit", "@1", "--start", "40m ago")["session"]["end"] is None
    stopped = ada.json("stop", "--pain", "6/2", "--after", "140")["session"]
    assert scores(stopped, "pain") == {"before": 6, "after": 2}


def test_told_ticks_the_last_that_waits_for_it(ada: Shell) -> None:
    ada("symptom", "add", "pain", "5", "--new-or-worse")
    ada("symptom", "add", "stress", "3")
    assert ada.json("symptom", "told")["symptom"]["symptom"] == "pain"
    assert ada("symptom", "told").code == 3
    ada("symptom", "edit", "@2", "--clear", "told")
    assert ada("symptom", "told").code == 0


def test_a_slip_in_the_place_of_a_dose_is_named(ada: Shell) -> None:
    ran = ada("insulin", "add", "4", "aspart", "1h", "ago", "abdomn")
    assert ran.code == 2
    assert ran.err.splitlines() == [
        "“abdomn” is not a time or place glucolog knows.",
        "Did you mean abdomen or bottom?",
    ]


def test_a_log_of_nothing_is_refused(ada: Shell) -> None:
    assert ada("log").code == 2
    assert ada.json("session", "list")["sessions"] == []


PERSON: list[tuple[str, str, str, object, object]] = [
    ("insulin", "fiasp", "insulins", [{"name": "fiasp", "kind": "ultra-rapid"}], []),
    ("neuropathy", "peripheral", "neuropathies", ["peripheral"], []),
    ("born", "1980", "birth_year", 1980, None),
    ("low-plan", "juice", "low_plan", "juice", None),
    ("question", "why?", "questions", ["why?"], []),
    ("profile-note", "hi", "note", "hi", None),
    ("target-low", "80", "target_low", {"amount": 80.0, "unit": "mg/dL", "censored": None}, None),
    ("target-high", "9mmol", "target_high", {"amount": 9.0, "unit": "mmol/L", "censored": None}, None),
]


@pytest.mark.parametrize(("option", "value", "field", "said", "cleared"), PERSON)
def test_what_is_said_of_a_person_can_be_taken_out(
    ada: Shell, option: str, value: str, field: str, said: object, cleared: object
) -> None:
    before = ada("person", "show", "--json").out
    assert ada.json("person", "edit", f"--{option}", value)["person"][field] == said
    assert ada.json("person", "edit", "--clear", option)["person"][field] == cleared
    ada("undo", "2")
    assert ada("person", "show", "--json").out == before


def test_a_list_of_a_person_can_be_said_anew(ada: Shell) -> None:
    ada("person", "edit", "--question", "why?", "--sensation-lost")
    edited = ada.json("person", "edit", "--clear", "question", "--question", "when?", "--clear", "sensation-lost")[
        "person"
    ]
    assert edited["questions"] == ["when?"]
    assert (edited["protective_sensation_lost"], edited["sensation_checked_on"]) == (None, None)


def test_a_site_stands_once_and_goes_only_where_it_was(ada: Shell) -> None:
    for _ in range(2):
        ada("person", "edit", "--site", "pump:abdomen")
    assert [site["until"] for site in ada.json("person", "show")["person"]["sites"]] == [None]
    assert ada("person", "edit", "--remove-site", "sensor:abdomen").code == 3
    assert ada("person", "edit", "--site", "lipohypertrophy:legs").code == 2
    gone, back = ada.json("person", "edit", "--remove-site", "pump:abdomen", "--site", "pump:abdomen")["person"][
        "sites"
    ]
    assert gone["until"] is not None
    assert back["until"] is None


@pytest.mark.parametrize("said", [("--born", "2100"), ("--severe-low", "2100-01-01")])
def test_what_has_not_come_yet_is_refused_of_a_person(ada: Shell, said: tuple[str, str]) -> None:
    assert ada("person", "edit", *said).code == 4
    assert ada("person", "edit").code == 2
