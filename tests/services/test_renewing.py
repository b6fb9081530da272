"""What a Nightscout says now of what it brought before: edited, emptied, deleted, gone, and what was touched here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Therapy
from glucolog.core.units import Unit
from glucolog.services.identity import Call, new_id
from glucolog.services.importing import ImportOutcome, Request, import_file
from glucolog.storage import Log, open_log

NOW = Moment(1_772_452_800, "Europe/Berlin")
"""2 March 2026, 12:00 UTC."""
ADA = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone="Europe/Berlin", therapy=Therapy.MDI)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """A log with one person."""
    with open_log(tmp_path / "log.db", create=True) as made:
        with made.write(uid=new_id(), summary="add", person_id=None, at=NOW) as writer:
            writer.add(ADA)
        yield made


def treatment(name: str = "a1", hour: int = 11, **fields: Any) -> dict[str, Any]:
    return {"_id": name, "eventType": "Meal Bolus", "created_at": f"2026-03-01T{hour}:00:00.000Z", **fields}


def bring(log: Log, tmp_path: Path, *treatments: dict[str, Any], dry_run: bool = False) -> ImportOutcome:
    path = tmp_path / "treatments.json"
    path.write_text(json.dumps(treatments), encoding="utf-8")
    call = Call(now=NOW, uid=new_id())
    return import_file(log, ADA, str(path), Request(dry_run=dry_run), call, lambda _done, _total: None)


def fate(outcome: ImportOutcome) -> tuple[int, int, int, int]:
    return outcome.new, outcome.duplicate, outcome.changed, outcome.removed


def units(log: Log) -> list[float]:
    return [dose.units for dose in log.doses(ADA.id)]


def test_what_is_edited_there_is_changed_here_and_not_doubled(log: Log, tmp_path: Path) -> None:
    bring(log, tmp_path, treatment(insulin=5, carbs=40, notes="pasta"))
    (before,) = log.doses(ADA.id)
    edited = treatment(hour=10, insulin=6.5, carbs=55, notes="more pasta")
    assert fate(bring(log, tmp_path, edited)) == (0, 0, 3, 0)
    (after,) = log.doses(ADA.id)
    assert after == replace(before, units=6.5, at=before.at.plus(minutes=-60))
    assert [meal.grams for meal in log.carbs(ADA.id)] == [55]
    assert [note.text for note in log.notes(ADA.id)] == ["more pasta"]
    assert fate(bring(log, tmp_path, edited)) == (0, 3, 0, 0)


def test_an_edit_is_undone_and_redone_as_one(log: Log, tmp_path: Path) -> None:
    bring(log, tmp_path, treatment(insulin=5))
    bring(log, tmp_path, treatment(insulin=6), treatment("b2", hour=10, insulin=1))
    log.undo(at=NOW)
    assert units(log) == [5]
    log.redo(at=NOW)
    assert units(log) == [1, 6]


@pytest.mark.parametrize("now", [{"insulin": None}, {"insulin": 0}, {"insulin": 5, "isValid": False}])
def test_insulin_that_was_taken_out_there_is_removed_here(now: dict[str, Any], log: Log, tmp_path: Path) -> None:
    bring(log, tmp_path, treatment(insulin=5), treatment("b2", insulin=1))
    assert fate(bring(log, tmp_path, treatment(**now), treatment("b2", insulin=1))) == (0, 1, 0, 1)
    assert units(log) == [1]
    assert fate(bring(log, tmp_path, treatment(insulin=4))) == (0, 0, 1, 0)
    assert sorted(units(log)) == [1, 4]


def test_what_is_no_longer_there_stays_and_so_does_what_became_unreadable(log: Log, tmp_path: Path) -> None:
    bring(log, tmp_path, treatment(insulin=5), treatment("b2", insulin=1))
    assert fate(bring(log, tmp_path, treatment("b2", insulin="abc"), treatment("c3", insulin=2))) == (1, 0, 0, 0)
    assert sorted(units(log)) == [1, 2, 5]


def test_what_was_edited_here_by_hand_stays_as_it_is_here(log: Log, tmp_path: Path) -> None:
    bring(log, tmp_path, treatment(insulin=5))
    (dose,) = log.doses(ADA.id)
    with log.write(uid=new_id(), summary="edit", person_id=ADA.id, at=NOW) as writer:
        writer.replace(replace(dose, units=4.5))
    assert fate(bring(log, tmp_path, treatment(insulin=6))) == (0, 1, 0, 0)
    assert fate(bring(log, tmp_path, treatment(insulin=None, notes="none"))) == (1, 0, 0, 0)
    assert units(log) == [4.5]
    log.undo(2, at=NOW)
    assert fate(bring(log, tmp_path, treatment(insulin=6))) == (0, 0, 1, 0)


def test_what_was_removed_here_by_hand_stays_away(log: Log, tmp_path: Path) -> None:
    bring(log, tmp_path, treatment(insulin=5))
    with log.write(uid=new_id(), summary="delete", person_id=ADA.id, at=NOW) as writer:
        writer.remove(log.doses(ADA.id)[0])
    assert fate(bring(log, tmp_path, treatment(insulin=6))) == (0, 1, 0, 0)
    assert units(log) == []


def test_what_an_undone_import_brought_comes_in_again(log: Log, tmp_path: Path) -> None:
    bring(log, tmp_path, treatment(insulin=5))
    log.undo(at=NOW)
    assert fate(bring(log, tmp_path, treatment(insulin=6))) == (1, 0, 0, 0)
    assert units(log) == [6]
    log.undo(at=NOW)
    assert units(log) == []
    log.redo(at=NOW)
    assert units(log) == [6]


def test_the_parts_of_one_entry_are_told_apart(log: Log, tmp_path: Path) -> None:
    """xDrip's injections: two insulins in one entry, of which one is corrected and then dropped."""
    two = [{"insulin": "Lantus", "units": 12}, {"insulin": "Novorapid", "units": 3}]
    bring(log, tmp_path, treatment(insulin=15, insulinInjections=json.dumps(two)))
    two[1]["units"] = 4
    assert fate(bring(log, tmp_path, treatment(insulin=16, insulinInjections=json.dumps(two)))) == (0, 1, 1, 0)
    assert fate(bring(log, tmp_path, treatment(insulin=12, insulinInjections=json.dumps(two[:1])))) == (0, 1, 0, 1)
    assert units(log) == [12]


def test_a_dry_run_changes_nothing(log: Log, tmp_path: Path) -> None:
    bring(log, tmp_path, treatment(insulin=5), treatment("b2", insulin=1))
    outcome = bring(log, tmp_path, treatment(insulin=6), treatment("b2"), dry_run=True)
    assert (fate(outcome), sorted(units(log))) == ((0, 0, 1, 1), [1, 5])


def test_the_same_entry_from_a_mongo_dump_is_the_same_event(log: Log, tmp_path: Path) -> None:
    """API v3 calls an entry's `_id` its identifier, a dump of the database wraps it."""
    bring(log, tmp_path, {**treatment(insulin=5), "identifier": "a1", "_id": "other"})
    assert fate(bring(log, tmp_path, treatment(insulin=6))) == (0, 0, 1, 0)
