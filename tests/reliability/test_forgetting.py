"""A person is forgotten: out of log, journal and backups, shown by a search of the bytes; the others stay whole."""

from __future__ import annotations

import json
from pathlib import Path

from glucolog.storage import open_log
from glucolog.storage.check import check
from tests.reliability.program import Program

REFUSED = 4
PRIVATE_NOTE = "slept badly after the wedding"


def files_with(folder: Path, *needles: str) -> list[str]:
    found = (file for file in folder.rglob("*") if file.is_file())
    return sorted(file.name for file in found if any(word.encode() in file.read_bytes() for word in needles))


def two_people(program: Program) -> None:
    program.ran("person", "add", "--name", "Balthasar", "--unit", "mmol/L", "--tz", "UTC", "--therapy", "pump")
    hers, his = ("--person", "Ada"), ("--person", "Balthasar")
    program.ran("bg", "142", "--note", "hers to keep", *hers)
    program.ran("bg", "7.9", "--note", PRIVATE_NOTE, *his)
    program.ran(
        "log", "--before", "8", "--after", "7", "--minutes", "30", "--area", "feet", "--tag", "Balthasars", *his
    )
    program.ran("bg", "8.1", *his)
    program.ran("undo", *his)
    csv = program.folder / "sensor.csv"
    csv.write_text("time,glucose_mmol_l\n2026-03-01T08:00:00,7.7\n", encoding="utf-8")
    program.ran("import", str(csv), "--format", "generic", *his)


def test_nothing_of_the_person_is_left_and_the_other_is_whole(ada: Program) -> None:
    two_people(ada)
    assert "log.db" in files_with(ada.log.parent, PRIVATE_NOTE)
    before = ada.json("--person", "Ada", "reading", "list")
    done = ada.json("person", "forget", "balthasar", "--backups", "--yes")
    assert done["still_in"] == []
    assert done["traces"] > 3
    assert files_with(ada.log.parent, "Balthasar", PRIVATE_NOTE) == []
    assert check(ada.log, deep=True).problems == ()
    assert all(check(file, deep=True).problems == () for file in ada.backups.iterdir())
    assert ada.json("reading", "list") == before
    with open_log(ada.log) as log:
        assert [person.name for person in log.people()] == ["Ada"]
        assert {entry.person_id for entry in log.history(None)} == {log.people()[0].id}


def test_without_the_backups_it_says_where_they_still_are(ada: Program) -> None:
    two_people(ada)
    done = ada.json("person", "forget", "Balthasar", "--yes")
    assert str(ada.log) in done["searched"]
    assert [Path(file).parent for file in done["still_in"]] == [ada.backups] * len(done["still_in"])
    assert done["still_in"]


def test_it_is_asked_for_and_unknown_people_are_named(ada: Program) -> None:
    two_people(ada)
    assert ada.run("person", "forget", "Balthasar").returncode == REFUSED
    assert ada.run("person", "forget", "Nobody", "--yes").returncode == 3
    assert len(ada.json("person", "list")["people"]) == 2


def test_words_that_others_or_the_tables_say_too_are_nobodys_trace(ada: Program) -> None:
    ada.ran("person", "add", "--name", "Note", "--unit", "mg/dL", "--tz", "UTC", "--therapy", "mdi")
    ada.ran("bg", "120", "--note", "feet", "--person", "Note")
    ada.ran("bg", "121", "--note", "mine alone", "--person", "Note")
    ada.ran("bg", "130", "--note", "cold feet", "--person", "Ada")
    done = ada.json("person", "forget", "Note", "--backups", "--yes")
    assert done["still_in"] == []
    assert files_with(ada.log.parent, "mine alone") == []
    assert files_with(ada.log.parent, "cold feet") == ["log.db"]


def test_a_journal_kept_aside_with_a_damaged_log_is_searched_too(ada: Program) -> None:
    two_people(ada)
    ada.backups.mkdir(exist_ok=True)
    aside = ada.backups / "log-20260101T000000Z-damaged.db-journal"
    aside.write_bytes(b"pages" + PRIVATE_NOTE.encode())
    done = ada.json("person", "forget", "Balthasar", "--backups", "--yes")
    assert done["still_in"] == [str(aside)]


def test_what_was_remembered_of_them_beside_the_log_goes_too(ada: Program) -> None:
    two_people(ada)
    his = ("--person", "Balthasar")
    ada.ran("export", "json", "-o", str(ada.folder / "out.json"), "--deidentify", *his)
    (person,) = (one for one in ada.json("person", "list")["people"] if one["name"] == "Balthasar")
    sources = next(ada.folder.rglob("deidentify.json")).with_name("sources.json")
    sources.write_text(json.dumps({person["id"]: {"dexcom": {"user": "balthasar77"}}, "another": {}}), "utf-8")
    assert files_with(sources.parent, person["id"], "balthasar77") == ["deidentify.json", "sources.json"]
    ada.ran("person", "forget", "Balthasar", "--backups", "--yes")
    assert files_with(ada.folder, person["id"], "balthasar77") == []
    assert json.loads(sources.read_text("utf-8")) == {"another": {}}
