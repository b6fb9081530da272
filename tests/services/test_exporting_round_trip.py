"""Out and in again: an export brought into an empty log gives an equal log, and brought in twice adds nothing."""

from __future__ import annotations

import json
import uuid
from array import array
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from glucolog.core.columns import ReadingBlock
from glucolog.core.moments import Moment
from glucolog.core.records import (
    Dose,
    FootCheck,
    ImportBatch,
    InsulinKind,
    Note,
    Person,
    Phase,
    Reading,
    ReadingLink,
    Session,
    Symptom,
    Therapy,
)
from glucolog.core.units import Glucose, Source, Unit
from glucolog.core.vocabulary import BodyArea, Side
from glucolog.errors import NotFoundError, RefusedError
from glucolog.services import beginning, exporting, importing
from glucolog.services.exporting import Asked, gather
from glucolog.services.identity import Call
from glucolog.storage import Log, new_id, open_log

NOON = Moment(1_774_785_600, "Europe/Berlin")
ADA = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone="Europe/Berlin", therapy=Therapy.MDI)
LATER = NOON.plus(minutes=24 * 60)


def call() -> Call:
    return Call(now=LATER, uid=str(uuid.uuid4()))


def fill(log: Log, person: Person = ADA) -> None:
    """Records of most kinds: typed, imported, contradicting, linked, before the first and after the last reading."""
    own: dict[str, Any] = {"person_id": person.id}
    before = Reading(
        id=new_id(), at=NOON.plus(minutes=-5), glucose=Glucose(142, Unit.MG_DL), source=Source.METER, **own
    )
    session = Session(
        id=new_id(), start=NOON, end=NOON.plus(minutes=30), areas=(BodyArea("foot", Side.LEFT),),
        links=(ReadingLink(reading_id=before.id, phase=Phase.BEFORE),), **own,
    )  # fmt: skip
    records = (
        person, before, session,
        Dose(id=new_id(), at=NOON.plus(minutes=-7 * 24 * 60), units=4, kind=InsulinKind.RAPID, **own),
        Dose(id=new_id(), at=NOON.plus(minutes=-60), units=4, kind=InsulinKind.ULTRA_RAPID, by_pump=True, **own),
        Dose(id=new_id(), at=NOON.plus(minutes=-50), units=12.5, kind=InsulinKind.LONG, name="of my own", **own),
        Note(id=new_id(), at=LATER.plus(minutes=60), text="=1+1 </script> 🦶", **own),
        Symptom(id=new_id(), at=NOON.plus(minutes=31), symptom="pain", score=0, session_id=session.id, **own),
        FootCheck(id=new_id(), at=NOON, sides=(Side.LEFT,), **own),
    )  # fmt: skip
    with log.write(uid=new_id(), summary="fill", person_id=person.id, at=NOON) as writer:
        for record in records:
            writer.add(record)
    for amounts in ((100.0, 104.0, 108.0), (100.0, 77.0, 108.0)):
        bring_in(log, person, amounts)


def bring_in(log: Log, person: Person, amounts: tuple[float, ...]) -> None:
    batch = ImportBatch(
        id=new_id(), person_id=person.id, at=NOON, file_name="x.csv", file_sha256="0" * 64, format="generic",
        counts={"cgm": len(amounts)},
    )  # fmt: skip
    block = ReadingBlock(
        source=Source.CGM, unit=Unit.MG_DL, zone="Europe/Berlin", device=None,
        at_s=array("q", [NOON.epoch_s + 300 * n for n in range(len(amounts))]),
        amount=array("d", amounts), censored=array("b", [0] * len(amounts)),
    )  # fmt: skip
    with log.write(uid=new_id(), summary="import", person_id=person.id, at=NOON) as writer:
        writer.add(batch)
        writer.add_blocks(person.id, batch.id, [block])


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(tmp_path / "log.db", create=True) as opened:
        fill(opened)
        yield opened


def exported(log: Log, person: Person = ADA, since: Moment | None = None, kind: str = "json") -> bytes:
    asked = Asked(since=since, until=None, now=LATER)
    return b"".join(exporting.export(log, person, kind, asked))


def taken_in(target: Path, content: bytes, folder: Path, *, dry_run: bool = False) -> importing.ImportOutcome:
    file = folder / "export.json"
    file.write_bytes(content)
    return beginning.begin(str(target), str(file), importing.Request(dry_run=dry_run), call())[1]


def test_an_export_begins_an_equal_log(log: Log, tmp_path: Path) -> None:
    target = tmp_path / "new" / "log.db"
    outcome = taken_in(target, exported(log), tmp_path)
    with open_log(target) as other:
        assert exported(other) == exported(log)
        assert other.people() == log.people()
        assert [r.glucose.amount for r in other.readings(ADA.id)] == [r.glucose.amount for r in log.readings(ADA.id)]
    assert (outcome.new, outcome.duplicate, outcome.conflict, outcome.rejected) == (15, 0, 0, ())


def test_a_reading_that_contradicts_another_is_not_lost_and_stays_unused(log: Log, tmp_path: Path) -> None:
    assert [one.glucose.amount for one in log.unused_readings(ADA.id)] == [77]
    taken_in(tmp_path / "new.db", exported(log), tmp_path)
    with open_log(tmp_path / "new.db") as other:
        assert other.unused_readings(ADA.id) == log.unused_readings(ADA.id)
        assert other.readings(ADA.id) == log.readings(ADA.id)


def test_a_second_import_changes_nothing(log: Log, tmp_path: Path) -> None:
    target = tmp_path / "new.db"
    taken_in(target, exported(log), tmp_path)
    again = taken_in(target, exported(log), tmp_path)
    assert (again.new, again.conflict, again.batch) == (0, 0, None)
    with open_log(target) as other:
        assert exported(other) == exported(log)
        assert len(other.history()) == 1


def test_a_whole_import_is_taken_back_as_one(log: Log, tmp_path: Path) -> None:
    target = tmp_path / "new.db"
    taken_in(target, exported(log), tmp_path)
    with open_log(target) as other:
        other.undo(at=LATER)
        assert other.people() == ()
        other.redo(at=LATER)
        assert exported(other) == exported(log)


def test_a_preview_makes_no_log(log: Log, tmp_path: Path) -> None:
    outcome = taken_in(tmp_path / "new.db", exported(log), tmp_path, dry_run=True)
    assert outcome.new == 15
    assert not (tmp_path / "new.db").exists()


def test_a_file_that_holds_nobody_makes_no_log(tmp_path: Path) -> None:
    content = json.dumps({"glucolog": "export", "version": 1, "notes": [{"id": "x"}]}).encode()
    with pytest.raises(RefusedError, match="names nobody"):
        taken_in(tmp_path / "new.db", content, tmp_path)
    assert not (tmp_path / "new.db").exists()


def test_a_person_of_the_same_name_is_the_same_person(log: Log, tmp_path: Path) -> None:
    mine = replace(ADA, id=new_id(), unit=Unit.MMOL_L)
    with (
        open_log(tmp_path / "new.db", create=True) as other,
        other.write(uid=new_id(), summary="add", person_id=mine.id, at=NOON) as writer,
    ):
        writer.add(mine)
    outcome = taken_in(tmp_path / "new.db", exported(log), tmp_path)
    with open_log(tmp_path / "new.db") as other:
        assert other.people() == (mine,)
        assert len(other.readings(mine.id)) == len(log.readings(ADA.id))
    assert outcome.rejected == ()


def test_a_log_with_somebody_in_it_is_backed_up_first(log: Log, tmp_path: Path) -> None:
    target = tmp_path / "new" / "log.db"
    taken_in(target, exported(log), tmp_path)
    begun = set(target.parent.rglob("*import*"))
    taken_in(target, exported(log), tmp_path)
    assert begun == set()
    assert set(target.parent.rglob("*import*"))


def test_a_record_whose_reading_is_missing_is_rejected_and_said(log: Log, tmp_path: Path) -> None:
    document = json.loads(exported(log))
    document["readings"] = [one for one in document["readings"] if one["source"] == "cgm"]
    outcome = taken_in(tmp_path / "new.db", json.dumps(document).encode(), tmp_path)
    assert [problem.reason.split(":")[0] for problem in outcome.rejected] == ["session", "symptom"]
    with open_log(tmp_path / "new.db") as other:
        assert other.sessions(ADA.id) == ()


def test_a_range_keeps_what_its_records_name(log: Log, tmp_path: Path) -> None:
    late = exported(log, since=NOON.plus(minutes=31))
    outcome = taken_in(tmp_path / "new.db", late, tmp_path)
    assert outcome.rejected == ()
    with open_log(tmp_path / "new.db") as other:
        assert len(other.sessions(ADA.id)) == 1
        assert [one.glucose.amount for one in other.readings(ADA.id)] == [142]


def test_without_a_range_everything_is_exported_also_before_the_first_reading_and_after_now(log: Log) -> None:
    records = gather(log, ADA, Asked(since=None, until=None, now=LATER))
    assert (len(records.doses), len(records.notes)) == (3, 1)


@pytest.mark.parametrize("kind", exporting.FORMATS)
def test_every_format_is_written(log: Log, kind: str) -> None:
    assert len(exported(log, kind=kind)) > 500


def test_a_nightscout_export_adds_no_reading_or_dose_to_the_log_it_came_from(log: Log, tmp_path: Path) -> None:
    file = tmp_path / "nightscout.json"
    file.write_bytes(exported(log, kind="nightscout"))
    before = log.readings(ADA.id), log.unused_readings(ADA.id), log.doses(ADA.id), log.carbs(ADA.id)
    outcome = importing.import_file(log, ADA, str(file), importing.Request(), call(), lambda _done, _total: None)
    assert (log.readings(ADA.id), log.unused_readings(ADA.id), log.doses(ADA.id), log.carbs(ADA.id)) == before
    assert outcome.conflict == 0


def test_a_session_that_was_removed_is_not_exported(log: Log) -> None:
    session = log.sessions(ADA.id)[0]
    symptom = log.symptoms(ADA.id)[0]
    with log.write(uid=new_id(), summary="remove", person_id=ADA.id, at=LATER) as writer:
        writer.remove(symptom)
        writer.remove(session)
    assert json.loads(exported(log))["sessions"] == []
    with pytest.raises(NotFoundError):
        log.record(Session, session.id)
