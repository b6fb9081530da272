"""Files in: counted, previewed, idempotent, one undoable batch, and refused in one sentence."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Shell

CLARITY = """\
Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,\
Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss),\
Glucose Rate of Change (mg/dL/min),Transmitter Time (Long Integer),Transmitter ID
1,,Alert,Low,,,,70,,,,,,
2,2026-03-01T08:00:00,EGV,,,,D,110,,,,,1000,T
3,2026-03-01T08:05:00,EGV,,,,D,Low,,,,,1300,T
4,2026-03-01T08:10:00,EGV,,,,D,High,,,,,1600,T
5,2026-03-01T08:12:00,Insulin,Fast-Acting,,,D,,4.5,,,,,
6,2026-03-01T08:13:00,Carbs,,,,D,,,30,,,,
"""


@pytest.fixture
def clarity(tmp_path: Path) -> str:
    """A Clarity export with a LO, a HI, a dose and a meal."""
    path = tmp_path / "clarity.csv"
    path.write_text(CLARITY, encoding="utf-8")
    return str(path)


def test_brings_in_a_file_and_accounts_for_every_row(ada: Shell, clarity: str) -> None:
    document = ada.json("import", clarity)
    assert document["format"] == "dexcom-clarity"
    assert document["counts"] == {"cgm": 3, "meter": 0, "insulin": 1, "carbs": 1, "activity": 0, "note": 0}
    assert (document["new"], document["duplicate"], document["conflict"]) == (5, 0, 0)
    assert document["rejected"] == []
    assert document["batch"]


def test_the_second_time_nothing_is_new_and_nothing_changes(ada: Shell, clarity: str) -> None:
    ada("import", clarity)
    before = (ada.folder / "log.db").read_bytes()
    again = ada.json("import", clarity)
    assert (again["new"], again["duplicate"], again["batch"]) == (0, 5, None)
    assert (ada.folder / "log.db").read_bytes() == before


def test_a_re_export_an_hour_off_brings_nothing_and_says_why(ada: Shell, tmp_path: Path) -> None:
    def export(hour: int) -> str:
        rows = [
            f"{n},2026-03-01T{hour + n // 12:02}:{n % 12 * 5:02}:00,EGV,,,,D,{100 + n * 7 % 50},,,,,{n},T"
            for n in range(36)
        ]
        path = tmp_path / f"{hour}.csv"
        path.write_text("\n".join([CLARITY.split("\n", 1)[0], *rows]), encoding="utf-8")
        return str(path)

    ada("import", export(8))
    again = ada.json("import", export(9))
    assert (again["new"], again["duplicate"], again["conflict"]) == (0, 36, 0)
    assert "36 readings stand in the log 1 hour earlier already" in again["remarks"][0]["reason"]
    ada("undo")
    assert ada.json("import", export(9))["new"] == 36
    far = ada.json("import", export(17))["remarks"][0]["reason"]
    assert "36 readings stand in the log 8 hours earlier already" in far


def test_a_dry_run_stores_nothing(ada: Shell, clarity: str) -> None:
    before = (ada.folder / "log.db").read_bytes()
    document = ada.json("import", clarity, "--dry-run")
    assert (document["new"], document["batch"], document["dry_run"]) == (5, None, True)
    assert (ada.folder / "log.db").read_bytes() == before


def test_an_import_is_one_undoable_batch(ada: Shell, clarity: str) -> None:
    ada("import", clarity)
    shown = ada.json("reading", "list", "--since", "2026-03-01T00:00", "--until", "2026-03-02T00:00")["readings"]
    assert [reading["censored"] for reading in shown] == ["high", "low", None]
    ada("undo")
    assert ada.json("reading", "list", "--since", "2026-03-01T00:00")["readings"] == []
    assert ada.json("insulin", "list", "--since", "2026-03-01T00:00")["insulin"] == []
    ada("redo")
    again = ada.json("reading", "list", "--since", "2026-03-01T00:00", "--until", "2026-03-02T00:00")["readings"]
    assert again == shown


def test_a_generic_csv_needs_a_mapping_once(ada: Shell, tmp_path: Path) -> None:
    first, second = tmp_path / "one.csv", tmp_path / "two.csv"
    first.write_text("When,Sugar\n2026-03-01T08:00,142\n2026-03-01T09:00,130\n", encoding="utf-8")
    second.write_text("When,Sugar\n2026-03-02T08:00,120\n", encoding="utf-8")
    mapped = ("--format", "generic", "--map", "time=When", "--map", "glucose_mg_dl=Sugar")
    assert ada.json("import", str(first), *mapped)["new"] == 2
    assert ada.json("import", str(second), "--format", "generic")["new"] == 1


def test_an_unnamed_dose_is_the_persons_only_fast_insulin(ada: Shell, tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_text("time,insulin_units\n2026-03-01T08:00,4\n", encoding="utf-8")
    ada("person", "edit", "--insulin", "aspart", "--insulin", "tresiba")
    ada("import", str(path), "--format", "generic")
    (dose,) = ada.json("insulin", "list", "--since", "2026-02-28T00:00")["insulin"]
    assert (dose["kind"], dose["name"]) == ("rapid", "aspart")


def test_doubtful_dates_are_asked_about(ada: Shell, tmp_path: Path) -> None:
    path = tmp_path / "doubtful.csv"
    path.write_text("time,glucose_mg_dl\n03/04/2026 08:00,142\n", encoding="utf-8")
    refused = ada("import", str(path), "--format", "generic")
    assert refused.code == 4
    assert "day-first" in refused.err
    assert ada.json("import", str(path), "--format", "generic", "--day-first")["new"] == 1


def binary(path: Path) -> None:
    path.write_bytes(os.urandom(4096))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def wrong_kind(path: Path) -> None:
    path.write_text("name,age\nsomebody,44\n", encoding="utf-8")


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [binary, empty, wrong_kind, folder], ids=lambda make: make.__name__)
def test_a_bad_file_is_one_clear_sentence(ada: Shell, tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "bad.csv"
    make(path)
    before = (ada.folder / "log.db").read_bytes()
    ran = ada("import", str(path))
    assert ran.code in {2, 4}
    assert len(ran.err.strip().splitlines()) <= 2
    assert "bad.csv" in ran.err
    assert (ada.folder / "log.db").read_bytes() == before


def test_a_missing_file_is_not_found(ada: Shell) -> None:
    ran = ada("import", "nowhere.csv")
    assert ran.code == 3
    assert "nowhere.csv" in ran.err


def test_a_log_of_a_newer_glucolog_is_left_alone(ada: Shell) -> None:
    path = ada.folder / "log.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    ran = ada("bg", "142")
    assert ran.code == 5
    assert "newer glucolog" in ran.err
    assert path.read_bytes() == before


def test_another_kind_of_file_is_no_log(shell: Shell) -> None:
    (shell.folder / "log.db").write_text("hello, this is a letter", encoding="utf-8")
    ran = shell("bg", "142")
    assert ran.code == 5
    assert "not a glucolog log" in ran.err


MASSAGES = """[
{"_id": "1", "eventType": "Note", "created_at": "2026-03-01T08:00:00Z", "notes": "Massage legs 40 min"},
{"_id": "2", "eventType": "Exercise", "created_at": "2026-03-01T08:10:00Z", "notes": "same massage", "duration": 30},
{"_id": "3", "eventType": "Note", "created_at": "2026-03-03T19:00:00Z", "notes": "back massage"},
{"_id": "4", "eventType": "Note", "created_at": "2026-03-04T19:00:00Z", "notes": "dinner"}
]"""


@pytest.fixture
def massages(tmp_path: Path) -> str:
    """Notes of a Nightscout site, two of them on one massage."""
    path = tmp_path / "treatments.json"
    path.write_text(MASSAGES, encoding="utf-8")
    return str(path)


def test_massages_in_notes_are_logged_when_confirmed(ada: Shell, massages: str) -> None:
    offered = ada.json("import", massages)["offered_sessions"]
    assert [offer["text"] for offer in offered] == ["Massage legs 40 min", "back massage"]
    document = ada.json("import", massages, "--log-sessions", "--yes")
    assert document["offered_sessions"] == []
    assert [(one["note"], one["length_assumed"]) for one in document["logged_sessions"]] == [
        ("Massage legs 40 min", False),
        ("back massage", True),
    ]
    assert len(ada.json("session", "list")["sessions"]) == 2


def test_a_massage_that_is_logged_is_not_offered_again(ada: Shell, massages: str) -> None:
    ada("import", massages, "--log-sessions", "--yes")
    before = (ada.folder / "log.db").read_bytes()
    again = ada.json("import", massages, "--log-sessions", "--yes")
    assert (again["offered_sessions"], again["logged_sessions"]) == ([], [])
    assert (ada.folder / "log.db").read_bytes() == before


def test_logged_massages_are_taken_back_by_one_undo(ada: Shell, massages: str) -> None:
    ada("import", massages, "--log-sessions", "--yes")
    ada("undo")
    assert ada.json("session", "list")["sessions"] == []


def test_without_anybody_to_ask_massages_need_a_yes(ada: Shell, massages: str) -> None:
    before = (ada.folder / "log.db").read_bytes()
    ran = ada("import", massages, "--log-sessions", "--no-input")
    assert ran.code == 4
    assert "--yes" in ran.err
    assert (ada.folder / "log.db").read_bytes() == before
