"""`db copy`: from a file to PostgreSQL and back, every row and the history, the same export byte for byte."""

from __future__ import annotations

import json
import shutil
from array import array
from pathlib import Path
from typing import Any

import pytest
from glucolog.core.columns import ReadingBlock
from glucolog.core.moments import Moment
from glucolog.core.records import (
    Carbs,
    Dose,
    FootCheck,
    FootFinding,
    ImportBatch,
    Insulin,
    InsulinKind,
    Note,
    Person,
    Phase,
    Reading,
    ReadingLink,
    Record,
    Session,
    Symptom,
    Therapy,
)
from glucolog.core.units import Glucose, Source, Unit
from glucolog.core.vocabulary import BodyArea, Side
from glucolog.services import clinic
from glucolog.services.database import check_file
from glucolog.services.exporting import Asked, export
from glucolog.storage import Log, new_id, open_log
from glucolog.storage.copying import FullLogError, copy_log
from glucolog.storage.postgres import server_engine
from glucolog.storage.postgres_problems import LostServerError
from sqlalchemy import make_url
from tests.clinic.conftest import NOON, ZONE, Shell
from tests.clinic.server import Server

NO_PROGRESS = lambda _done, _total: None  # noqa: E731
LATER = Moment(NOON.epoch_s + 86_400, ZONE)


def fill(log: Log, name: str) -> Person:
    """A person with every kind of thing: typed and imported, both units, a conflict, an undone write."""
    person = Person(
        id=new_id(), name=name, unit=Unit.MMOL_L, zone=ZONE, therapy=Therapy.MDI, protective_sensation_lost=False,
        insulins=(Insulin(name="aspart", kind=InsulinKind.RAPID),), target_low=Glucose(4.0, Unit.MMOL_L),
    )  # fmt: skip
    typed = Reading(
        id=new_id(), person_id=person.id, at=NOON, glucose=Glucose(7.9, Unit.MMOL_L), source=Source.METER, note="ümlaut"
    )
    session = Session(
        id=new_id(), person_id=person.id, start=NOON, end=NOON.plus(minutes=30), lotion=False, tags=("a", "b"),
        areas=(BodyArea("calf", Side.LEFT),), techniques=("effleurage",),
        links=(ReadingLink(reading_id=typed.id, phase=Phase.BEFORE),),
    )  # fmt: skip
    records: list[Record] = [
        person, typed, session,
        Dose(id=new_id(), person_id=person.id, at=NOON, units=4.5, kind=InsulinKind.RAPID, by_pump=True),
        Carbs(id=new_id(), person_id=person.id, at=NOON, grams=0.1 + 0.2, treatment=True),
        Note(id=new_id(), person_id=person.id, at=NOON, text="two\nlines\tand a tab \\N"),
        Symptom(id=new_id(), person_id=person.id, at=NOON, symptom="pain", score=3, session_id=session.id),
        FootCheck(
            id=new_id(), person_id=person.id, at=NOON, sides=(Side.LEFT,),
            findings=(FootFinding(side=Side.LEFT, region="heel", finding="blister"),),
        ),
    ]  # fmt: skip
    for record in records:
        with log.write(uid=new_id(), summary=f"add {record.id}", person_id=person.id, at=NOON) as writer:
            writer.add(record)
    bring(log, person, [100.0, 101.5, 39.0], [0, 0, -1])
    bring(log, person, [120.0, 101.5, 39.0], [0, 0, -1])
    log.undo(person_id=person.id, at=LATER)
    return person


def bring(log: Log, person: Person, amounts: list[float], censored: list[int]) -> None:
    batch = ImportBatch(
        id=new_id(),
        person_id=person.id,
        at=NOON,
        file_name="a",
        file_sha256="0" * 64,
        format="dexcom",
        counts={"cgm": 3},
    )
    at_s = array("q", [NOON.epoch_s + 300 * place for place in range(len(amounts))])
    block = ReadingBlock(
        source=Source.CGM, unit=Unit.MG_DL, zone=ZONE, device="G6", at_s=at_s, amount=array("d", amounts),
        censored=array("b", censored),
    )  # fmt: skip
    with log.write(uid=new_id(), summary="import", person_id=person.id, at=NOON) as writer:
        writer.add(batch)
        writer.add_blocks(person.id, batch.id, [block])


def exported(target: str) -> dict[str, bytes]:
    """The own JSON of everyone."""
    with open_log(target) as log:
        asked = Asked(since=None, until=None, now=LATER)
        return {person.name: b"".join(export(log, person, "json", asked)) for person in log.people()}


def history(target: str) -> list[tuple[Any, ...]]:
    with open_log(target) as log:
        return [(entry.seq, entry.uid, entry.state, entry.records) for entry in log.history(limit=None)]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("copying") / "here.db"
    with open_log(target, create=True) as log:
        fill(log, "Ada")
        fill(log, "Ben")
    return target


@pytest.fixture
def file(filled: Path, tmp_path: Path) -> str:
    return str(shutil.copy(filled, tmp_path / "here.db"))


def test_there_and_back_is_the_same_log(file: str, database: str, tmp_path: Path) -> None:
    there, back = database, str(tmp_path / "back.db")
    told: list[tuple[int, int]] = []
    copied = copy_log(file, there, lambda done, total: told.append((done, total)))
    assert copied.rows["person"] == 2
    assert copied.rows["reading"] == 2 * 5
    assert told[-1] == (sum(copied.rows.values()),) * 2
    copy_log(there, back, NO_PROGRESS)
    assert exported(file) == exported(there) == exported(back)
    assert history(file) == history(there) == history(back)
    with pytest.raises(FullLogError):  # two logs are never mixed
        copy_log(file, there, NO_PROGRESS)


def test_a_copy_is_sound_to_the_journal_and_damage_is_named(file: str, database: str) -> None:
    copy_log(file, database, NO_PROGRESS)
    assert check_file(database, deep=True).problems == ()
    engine = server_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE carbs SET grams = 1 WHERE person_id IN (SELECT id FROM person LIMIT 1)")
    engine.dispose()
    assert ["carbs" in problem for problem in check_file(database, deep=True).problems] == [True]


def test_what_was_undone_is_redone_after_the_copy_and_numbers_go_on(file: str, database: str) -> None:
    copy_log(file, database, NO_PROGRESS)
    with open_log(file) as here, open_log(database) as there:
        person = there.person("Ada")
        for log in (here, there):
            log.redo(person_id=person.id, at=LATER)
            with log.write(uid=new_id(), summary="note", person_id=person.id, at=LATER) as writer:
                writer.add(Note(id="018f0000-0000-7000-8000-000000000001", person_id=person.id, at=LATER, text="after"))
        assert [entry.seq for entry in here.history(limit=3)] == [entry.seq for entry in there.history(limit=3)]
    assert exported(file) == exported(database)


def test_a_copy_that_is_cut_off_leaves_an_empty_log_and_is_done_again(file: str, database: str, server: Server) -> None:
    def cut_off_half_way(done: int, total: int) -> None:
        if done > total / 2:
            server.cut_off(str(make_url(database).database))

    with pytest.raises(LostServerError):
        copy_log(file, database, cut_off_half_way)
    with open_log(database) as log:
        assert log.people() == ()
    copy_log(file, database, NO_PROGRESS)
    assert exported(file) == exported(database)


def test_a_dump_comes_back_whole_whatever_the_collation(file: str, server: Server, tmp_path: Path) -> None:
    collation = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-DE'"
    server.sql("CREATE ROLE registrar LOGIN", "CREATE ROLE dumped_educator LOGIN")
    server.sql(*(f"CREATE DATABASE {name} OWNER registrar {collation}" for name in ("dumped", "restored")))
    before, after = (server.url(name, "registrar") for name in ("dumped", "restored"))
    copy_log(file, before, NO_PROGRESS)
    clinic.assign(before, "dumped_educator", "Ben", themself=False)
    dump = str(tmp_path / "clinic.dump")
    server.run("pg_dump", "--format=custom", f"--file={dump}", "--username=registrar", "dumped")
    server.run("pg_restore", "--exit-on-error", "--username=registrar", "--dbname=restored", dump)
    assert exported(file) == exported(before) == exported(after)
    assert history(before) == history(after)
    assert clinic.assignments(before) == clinic.assignments(after)
    assert {one.what for one in clinic.notes(after, 1000, "UTC")} >= {"insert reading", "reading"}
    assert check_file(after, deep=True).problems == ()
    with open_log(server.url("restored", "dumped_educator")) as log:
        assert [person.name for person in log.people()] == ["Ben"]


def test_the_same_answers_from_either_by_the_command_line(shell: Shell, file: str, database: str) -> None:
    copied = shell("db", "copy", file, database, "--json")
    assert copied.code == 0, copied.err
    until = ("--to", "2026-05-01T00:00")
    for command in (("stats", *until), ("session", "list"), ("review", *until), ("history",), ("insulin", "list")):
        both = [shell(*command, "--db", target, "--person", "Ada", "--json") for target in (file, database)]
        assert both[0].code == 0, both[0].err
        assert json.loads(both[0].out) == json.loads(both[1].out)
