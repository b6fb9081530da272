"""Logging sessions: the answer, the findings, undo, and everything that is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from glucolog.cli.session_text import length
from tests.cli.conftest import Shell

LOGGED = ("log", "--before", "142", "--after", "98", "--ago", "40m", "--minutes", "30")


def test_answers_with_both_units_the_drop_and_a_caution(ada: Shell) -> None:
    ran = ada(*LOGGED)
    assert ran.code == 0
    for words in (
        "142 mg/dL (7.9 mmol/L)",
        "98 mg/dL (5.4 mmol/L)",
        "fell by 44 mg/dL in 30 min",
        "more than meter error (±30 mg/dL)",
        "Europe/Berlin",
        "glucolog undo",
    ):
        assert words in ran.out


def test_the_json_has_the_contracts_keys(ada: Shell) -> None:
    document = ada.json(*LOGGED)
    session = document["session"]
    assert {"before", "after", "followups", "nadir", "change", "findings"} <= set(session)
    assert session["change"]["drop_mg_dl"] == 44
    assert session["change"]["within_error"] is False
    assert session["before"]["entered"] == {"amount": 142.0, "unit": "mg/dL"}
    assert {"rule", "level", "message", "inputs", "threshold", "citation"} == set(document["findings"][0])
    assert "caution" in {finding["level"] for finding in document["findings"]}


def rules_of(document: Any) -> set[tuple[str, str]]:
    return {(finding["rule"], finding["level"]) for finding in document["findings"]}


def test_the_same_session_in_mmol_gives_the_same_findings(ada: Shell) -> None:
    in_mg_dl = ada.json("log", "--before", "142", "--after", "63", "--minutes", "30", "--ago", "9h", code=10)
    ada("undo")
    in_mmol = ada.json("log", "--before", "7.9mmol", "--after", "3.5mmol", "--minutes", "30", "--ago", "9h", code=10)
    assert rules_of(in_mg_dl) == rules_of(in_mmol)


@pytest.mark.parametrize(("after", "low"), [("70", False), ("69", True), ("3.9mmol", False), ("3.8mmol", True)])
def test_low_begins_under_the_published_number(ada: Shell, after: str, low: bool) -> None:
    document = ada("log", "--before", "100", "--after", after, "--minutes", "30", "--ago", "40m", "--json").document
    assert any("low" in rule and "level" in rule for rule, _ in rules_of(document)) is low


def test_undo_and_redo_restore_byte_for_byte(ada: Shell) -> None:
    ada(
        *LOGGED,
        "--insulin",
        "4 aspart 1h ago abdomen",
        "--carbs",
        "30 2h ago",
        "--pain",
        "5/3",
        "--followup",
        "96 +10m",
    )
    before = ada("session", "show", "--json").out
    assert ada("undo").code == 0
    assert ada.json("session", "list")["sessions"] == []
    assert ada.json("reading", "list")["readings"] == []
    assert ada.json("insulin", "list")["insulin"] == []
    assert ada("redo").code == 0
    assert ada("session", "show", "--json").out == before


def test_a_retried_write_is_stored_once(ada: Shell) -> None:
    uid = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
    first = ada.json(*LOGGED, "--uid", uid)
    second = ada.json(*LOGGED, "--uid", uid)
    assert (first["repeated"], second["repeated"]) == (False, True)
    assert first["session"]["id"] == second["session"]["id"]
    assert len(ada.json("session", "list")["sessions"]) == 1
    assert len(ada.json("reading", "list")["readings"]) == 2


def test_start_stop_and_again(ada: Shell) -> None:
    ada("start", "--before", "150", "--area", "calf:left", "--at", "30m ago", "--pressure", "2")
    assert ada("start").code == 4
    stopped = ada.json("stop", "--after", "141")
    assert stopped["session"]["change"]["drop_mg_dl"] == 9
    assert stopped["session"]["change"]["within_error"] is True
    again = ada.json("again", "--before", "140")
    assert again["session"]["areas"] == ["calf:left"]
    assert again["session"]["end"] is None


def test_again_repeats_no_tick_and_no_measured_water(ada: Shell) -> None:
    done = ("--hands-washed", "--equipment-clean", "--water", "36", "--pressure", "2")
    ada("log", "--before", "150", "--after", "141", "--area", "feet", "--minutes", "20", "--ago", "1h", *done)
    again = ada.json("again", "--before", "140")["session"]
    assert (again["hands_washed"], again["equipment_clean"], again["water_c"]) == (None, None, None)
    assert (again["tools"], again["pressure"]) == (["warm-water"], 2)


def test_a_length_nobody_said_is_marked(ada: Shell) -> None:
    ran = ada("log", "--before", "142", "--after", "120", "--ago", "40m")
    assert "30 min (length not said: assumed" in ran.out
    assert ada.json("session", "show")["session"]["length_assumed"] is True


def test_edit_changes_only_what_is_said(ada: Shell) -> None:
    ada(*LOGGED, "--area", "feet")
    edited = ada.json("session", "edit", "@1", "--after", "118", "--note", "warm room")
    assert edited["session"]["after"]["mg_dl"] == 118
    assert edited["session"]["areas"] == ["foot:both"]
    assert edited["session"]["note"] == "warm room"


def test_delete_keeps_the_readings(ada: Shell) -> None:
    ada(*LOGGED)
    ada("session", "delete", "@1")
    assert ada.json("session", "list")["sessions"] == []
    assert len(ada.json("reading", "list")["readings"]) == 2


REFUSED = [
    (("log", "--before", "5.6"), 4, "type 5.6mmol"),
    (("log", "--before", "27"), 4, "could be mg/dL or mmol/L"),
    (("log", "--before", "0"), 4, "outside what a meter reports"),
    (("log", "--before", "900"), 4, "outside what a meter reports"),
    (("log", "--start", "18:05", "--end", "18:00"), 4, "is not after the start"),
    (("log", "--start", "now", "--minutes", "30"), 4, "future"),
    (("log", "--area", "tigh"), 2, "Did you mean thigh"),
    (("log", "--start", "2026-03-29T02:30", "--minutes", "30"), 4, "does not exist"),
    (("log", "--start", "2025-10-26T02:30", "--minutes", "30"), 4, "happened twice"),
    (("log", "--insulin", "4 foolin"), 2, "foolin"),
    (("log", "--pain", "11/3"), 2, "0 to 10"),
    (("log", "--water", "100"), 4, "not possible"),
    (("log", "--technique", "magic"), 2, "technique"),
    (("session", "show", "@1"), 3, "no session"),
    (("stop",), 3, "No session is running"),
    (("redo",), 3, ""),
]


@pytest.fixture
def untouched(ada: Shell) -> Iterator[Shell]:
    """A log that must be byte for byte the same after the test."""
    path = ada.folder / "log.db"
    before = path.read_bytes()
    yield ada
    assert path.read_bytes() == before


@pytest.mark.parametrize(("command", "code", "words"), REFUSED, ids=[" ".join(case[0]) for case in REFUSED])
def test_refuses_with_one_sentence_and_stores_nothing(
    untouched: Shell, command: tuple[str, ...], code: int, words: str
) -> None:
    ran = untouched(*command)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    assert "Traceback" not in ran.err


def test_an_overlap_wants_yes(ada: Shell) -> None:
    ada(*LOGGED)
    refused = ada(*LOGGED)
    assert refused.code == 4
    assert "overlaps" in refused.err
    assert ada(*LOGGED, "--yes").code == 0


def test_a_missing_log_says_how_to_make_one(shell: Shell) -> None:
    ran = shell("bg", "142")
    assert ran.code == 5
    assert "glucolog init" in ran.err


def test_init_leaves_no_file_when_refused(shell: Shell) -> None:
    assert shell("init", "--name", "Ada", "--unit", "mg/dL", "--tz", "Mars/Base", "--therapy", "mdi").code == 2
    assert shell("init", "--name", "Ada").code == 2
    assert list(Path(shell.folder).glob("*.db")) == []


def test_global_options_stand_anywhere(ada: Shell) -> None:
    assert ada("--json", "bg", "142").document["reading"]["mg_dl"] == 142
    assert ada("bg", "--json", "142").document["reading"]["mg_dl"] == 142
    assert ada("reading", "--json", "list").document["readings"]


def test_answers_with_all_that_was_stored(ada: Shell) -> None:
    said = ("--insulin", "4 aspart 7h ago thigh:right", "--carbs", "30 7h ago", "--tool", "ball", "--water", "36")
    more = ("--lotion", "--no-hands-washed", "--by", "partner", "--position", "lying", "--tag", "late", "--note", "ok")
    ran = ada("log", "--ago", "6h", "--minutes", "30", "--area", "calf", *said, *more)
    for words in ("4 U aspart, thigh:right · ", "30 g carbs · ", "ball", "36 °C", "not hands washed", "late", "ok"):
        assert words in ran.out
    document = ada.json("log", "--ago", "3h", "--minutes", "5", "--insulin", "4 aspart 4h ago")
    assert [dose["units"] for dose in document["insulin"]] == [4]


def test_the_journal_says_which_entry(ada: Shell) -> None:
    ada("bg", "142")
    assert "add reading: 142 mg/dL (7.9 mmol/L)" in ada("history").out
    assert "142 mg/dL" in ada("undo").out


@pytest.mark.parametrize(("minutes", "told"), [(0.13, "under 1 min"), (1, "1 min"), (12.63, "13 min"), (90, "90 min")])
def test_a_length_is_told_in_whole_minutes(minutes: float, told: str) -> None:
    assert length(minutes) == told


def test_the_first_hint_is_in_the_persons_unit(shell: Shell) -> None:
    made = shell("init", "--name", "Ben", "--unit", "mmol/L", "--tz", "UTC", "--therapy", "mdi")
    assert "--before 7.9" in made.out


def test_a_corrected_value_takes_the_place_of_the_wrong_one(ada: Shell) -> None:
    ada("log", "--before", "142", "--after", "68", "--ago", "3h", "--minutes", "30")
    assert ada("session", "edit", "--after", "98").code == 0
    assert [reading["mg_dl"] for reading in ada.json("reading", "list")["readings"]] == [98, 142]
    assert ada("undo").code == 0
    assert [reading["mg_dl"] for reading in ada.json("reading", "list")["readings"]] == [68, 142]


def test_typed_readings_move_with_the_session(ada: Shell) -> None:
    said = ("--before", "142", "--after", "98", "--followup", "105 +60m")
    ada("log", *said, "--start", "2026-03-02T10:00", "--minutes", "30")
    moved = ada.json("session", "edit", "--start", "2026-03-02T08:00", "--end", "2026-03-02T08:40", code=0)["session"]
    times = [moved["before"]["at"], moved["after"]["at"], moved["followups"][0]["at"]]
    assert [at[11:16] for at in times] == ["08:00", "08:40", "09:40"]
    ada("undo")
    assert ada.json("session", "show")["session"]["before"]["at"][11:16] == "10:00"


def test_an_edit_of_nothing_is_refused(ada: Shell) -> None:
    ada(*LOGGED)
    assert ada("session", "edit").code == 2


def test_there_is_nothing_to_repeat_yet(ada: Shell) -> None:
    ran = ada("again")
    assert ran.code == 3
    assert "no session to repeat" in ran.err


def test_a_session_whose_reading_was_deleted_can_be_edited(ada: Shell) -> None:
    ada(*LOGGED)
    ada("reading", "delete", "@1")
    assert ada("session", "edit", "--area", "calf", "--after", "101").code == 0
    assert ada.json("session", "show")["session"]["after"]["mg_dl"] == 101


@pytest.mark.parametrize(("ago", "told"), [("10m", True), ("9h", False)])
def test_a_low_just_now_comes_with_what_to_do(ada: Shell, ago: str, told: bool) -> None:
    logged = ada("log", "--before", "142", "--after", "60", "--minutes", "30", "--ago", ago)
    assert logged.code == 10
    assert ("15 g" in logged.out) is told
    assert ("15 g" in ada("bg", "60", "--at", f"{ago} ago").out) is told
