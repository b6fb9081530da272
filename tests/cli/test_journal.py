"""Undo and redo from the command line: nothing that `undo` takes is out of reach of `redo`."""

from __future__ import annotations

from tests.cli.conftest import Shell


def test_undoing_everything_can_be_redone(ada: Shell) -> None:
    ada("bg", "142")
    stored = ada("reading", "list", "--json").out
    undone = ada.json("undo", "99")["undone"]
    assert len(undone) == 2
    assert ada("bg", "100").code == 3
    assert "add person Ada" in ada("history").out
    assert ada("redo", "2").code == 0
    assert ada("reading", "list", "--json").out == stored


def test_a_second_person_taken_back_can_be_brought_back(ada: Shell) -> None:
    ada("person", "add", "--name", "Zoë", "--unit", "mmol/L", "--tz", "Asia/Tokyo", "--therapy", "pump")
    assert ada("undo", "--person", "Zoë").code == 0
    assert ada("person", "list").out.count("\n") == 1
    assert ada("redo", "--person", "Zoë").code == 0
    assert "Zoë" in ada("person", "list").out


def test_a_change_is_taken_back_by_its_number(ada: Shell) -> None:
    ada("bg", "142")
    ada("bg", "143")
    number = ada.json("history")["history"][1]["number"]
    assert f"{number:>5}  " in ada("history").out
    assert [one["number"] for one in ada.json("undo", "--change", str(number))["undone"]] == [number]
    assert [one["mg_dl"] for one in ada.json("reading", "list")["readings"]] == [143]
    ada("person", "add", "--name", "Zoë", "--unit", "mmol/L", "--tz", "Asia/Tokyo", "--therapy", "pump")
    assert ada("undo", "--change", str(number + 1), "--person", "Zoë").code == 3


def test_an_unknown_person_is_still_named(ada: Shell) -> None:
    ran = ada("undo", "--person", "Nobody")
    assert ran.code == 3
    assert "Nobody" in ran.err


def test_a_list_that_ends_early_says_so(ada: Shell) -> None:
    for hours in (2, 4, 6):
        ada("log", "--ago", f"{hours}h", "--minutes", "20")
    assert [ada.json("session", "list", "--limit", n)["more"] for n in ("2", "3")] == [True, False]
    assert [ada.json("history", "--limit", n)["more"] for n in ("3", "4")] == [True, False]
    assert len(ada.json("session", "list", "--limit", "2")["sessions"]) == 2
    assert "There are more" in ada("session", "list", "--limit", "2").out
    assert "There are more" not in ada("history").out
