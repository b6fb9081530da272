"""What an import stored is held by a digest: a change that no write made is damage, one that a hand made is none."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from glucolog.core.records import Activity, Carbs, ImportBatch, Note, Person, Record
from glucolog.core.units import Censored, Glucose, Unit
from glucolog.storage import Log, new_id
from glucolog.storage.check import check
from glucolog.storage.ids import STEM
from tests.storage.conftest import NOON
from tests.storage.test_bulk import block, bring, dose

CHANGED = "What was imported from a.csv is not as it was stored."


@pytest.fixture
def filled(log: Log, ada: Person) -> Log:
    """A log with two imports that hold everything an import can, and a reading that contradicts another."""
    events = (
        dose(ada, units=4.5),
        Carbs(id=new_id(), person_id=ada.id, at=NOON, grams=30, note="tea"),
        Activity(id=new_id(), person_id=ada.id, at=NOON, kind="walk", minutes=20),
        Note(id=new_id(), person_id=ada.id, at=NOON, text="tired"),
    )
    bring(log, ada, block((0, 142.0), (300, 40.0, -1)), block((0, 7.9), unit=Unit.MMOL_L), events=events)
    bring(log, ada, block((900, 130.0), device=None), form="libre")
    return log


def problems(path: Path) -> tuple[str, ...]:
    return check(path, deep=True).problems


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reading SET amount = 141 WHERE amount = 142",
        "UPDATE reading SET zone = 'Europe/Bernin' WHERE amount = 142",
        "UPDATE reading SET device = 'Dexcom G7' WHERE amount = 142",
        "UPDATE reading SET at_s = at_s + 1 WHERE amount = 142",
        "UPDATE reading SET censored = NULL WHERE amount = 40",
        "UPDATE reading SET used = 0, unit = 'mmol/L', amount = 14.2 WHERE amount = 142",
        "DELETE FROM reading WHERE amount = 40",
        "UPDATE dose SET units = 45",
        "UPDATE carbs SET grams = 31",
        "UPDATE carbs SET note = 'tee'",
        "UPDATE activity SET minutes = 21",
        "UPDATE note SET text = 'tiled'",
        "UPDATE reading SET batch_id = (SELECT batch_id FROM reading WHERE amount = 130) WHERE amount = 142",
    ],
)
def test_what_changes_without_the_log_is_noticed(statement: str, filled: Log, path: Path) -> None:
    assert problems(path) == ()
    filled.close()
    with closing(sqlite3.connect(path)) as raw, raw:
        assert raw.execute(statement).rowcount
    assert CHANGED in problems(path)


def test_a_computed_value_that_does_not_fit_is_noticed(filled: Log, path: Path) -> None:
    filled.close()
    content = path.read_bytes()
    # An amount and its value in mg/dL lie side by side, both as the integer that a whole number is kept as.
    spoilt = content.replace((130).to_bytes(2, "big"), (129).to_bytes(2, "big"))
    path.write_bytes(spoilt)
    assert problems(path) != ()


def test_what_a_hand_changes_is_no_damage(filled: Log, path: Path, ada: Person) -> None:
    first = next(one for one in filled.readings(ada.id) if one.glucose.amount == 142)
    insulin = filled.doses(ada.id)[0]
    changes: list[Record] = [
        replace(first, glucose=Glucose(41.0, Unit.MG_DL, Censored.LOW), note="mine"),
        replace(insulin, units=5.0, at=NOON.plus(minutes=3)),
    ]
    for record in changes:
        with filled.write(uid=new_id(), summary="edit", person_id=ada.id, at=NOON) as writer:
            writer.replace(record)
    with filled.write(uid=new_id(), summary="delete", person_id=ada.id, at=NOON) as writer:
        writer.remove(filled.carbs(ada.id)[0])
    assert problems(path) == ()
    filled.undo(3, at=NOON)
    assert problems(path) == ()
    filled.redo(2, at=NOON)
    assert problems(path) == ()
    filled.undo(3, at=NOON)
    assert problems(path) == ()
    filled.undo(1, at=NOON)
    assert problems(path) == ()


def test_an_edited_row_that_changes_again_without_the_log_is_noticed(filled: Log, path: Path, ada: Person) -> None:
    insulin = filled.doses(ada.id)[0]
    with filled.write(uid=new_id(), summary="edit", person_id=ada.id, at=NOON) as writer:
        writer.replace(replace(insulin, units=5.0))
    filled.close()
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE dose SET units = 50")
    assert any("is not as the journal left it" in problem for problem in problems(path))


def test_the_digest_is_no_record_of_the_history(filled: Log) -> None:
    assert {kind for entry in filled.history(None) for kind, _ in entry.records} == {"person", "import_batch"}


def test_a_removed_row_that_an_export_brings_back_otherwise_is_no_damage(filled: Log, path: Path, ada: Person) -> None:
    insulin = filled.doses(ada.id)[0]
    filled.undo(2, at=NOON)
    with filled.write(uid=new_id(), summary="import own", person_id=ada.id, at=NOON) as writer:
        writer.add_missing([replace(insulin, units=9.0)])
    assert problems(path) == ()


def test_a_row_of_an_undone_import_belongs_to_the_one_that_brings_it_back(log: Log, path: Path, ada: Person) -> None:
    """The source names it: it is changed here, all is undone, and it comes again with a later import."""
    meal = Carbs(id=new_id(), person_id=ada.id, at=NOON, grams=30.0)
    bring(log, ada, block((0, 142.0)), events=[meal])
    with log.write(uid=new_id(), summary="edit", person_id=ada.id, at=NOON) as writer:
        writer.replace(replace(log.carbs(ada.id)[0], grams=35.0))
    log.undo(2, at=NOON)
    _bring_named(log, ada, meal)
    assert problems(path) == ()
    _bring_named(log, ada, replace(meal, grams=31.0))
    assert [one.grams for one in log.carbs(ada.id)] == [31]
    assert problems(path) == ()
    log.close()
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE carbs SET grams = 13")
    assert problems(path) != ()


def _bring_named(log: Log, ada: Person, meal: Carbs) -> None:
    batch = ImportBatch(
        id=new_id(), person_id=ada.id, at=NOON, file_name="b", file_sha256="0" * 64, format="nightscout", counts={}
    )
    with log.write(uid=new_id(), summary="import b", person_id=ada.id, at=NOON) as writer:
        writer.add(batch)
        own = replace(meal, batch_id=batch.id)
        fresh, _ = writer.renew_events(ada.id, batch.id, Carbs, [own], {meal.id[:STEM]})
        writer.add_events(ada.id, batch.id, fresh)
