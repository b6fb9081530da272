"""A log with every kind of record on pages of every kind: made once, in a few seconds, without the command line."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from glucolog.core.columns import ReadingBlock
from glucolog.core.moments import Moment
from glucolog.core.records import (
    Activity,
    Carbs,
    Dose,
    FootCheck,
    FootFinding,
    ImportBatch,
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
    Trial,
)
from glucolog.core.units import Glucose, Source, Unit
from glucolog.core.vocabulary import BodyArea, Side
from glucolog.storage import Log, new_id, open_log
from glucolog.storage.engine import connect
from glucolog.storage.forget import forget

START = Moment(1_770_000_000, "Europe/Berlin")
LONG = "It tingled from the heel to the toes, as it had the evening before. " * 120
FORGOTTEN = "Balthasar-Melchior"
STALE = "as it was before"
_MADE_ANEW = "reading", "dose", "session_tag", "session"
_ROUNDS, _READINGS = 30, 2600


def make(path: Path) -> None:
    """Make the log: two people, one forgotten; imports, one undone; changes, removals, undone ones; free pages."""
    with open_log(path, create=True) as log:
        ada, berta, gone = (_person(log, name) for name in ("Ada", "Berta", FORGOTTEN))
        for number in range(_ROUNDS):
            _write(log, ada, *_round(ada, number))
        for one in (berta, gone):
            _write(log, one, *_round(one, 0))
        _import(log, ada, "kept.csv", _READINGS, START.epoch_s)
        _change(log, ada)
        _import(log, ada, "undone.csv", 300, START.epoch_s - 86_400 * 30)
        log.undo(1, person_id=ada.id, uid=new_id(), at=START)
        _write(log, ada, *_round(ada, 1))
        log.undo(1, person_id=ada.id, uid=new_id(), at=START)
    forget(path, gone.id)
    _leave_stale_pages(path)


def _person(log: Log, name: str) -> Person:
    person = Person(
        id=new_id(), name=name, unit=Unit.MG_DL, zone="Europe/Berlin", therapy=Therapy.MDI, note=f"{name}: {LONG}"
    )
    _write(log, person, person)
    return person


def _write(log: Log, person: Person, *records: Record) -> None:
    with log.write(uid=new_id(), summary="written", person_id=person.id, at=START) as writer:
        for record in records:
            writer.add(record)


def _round(person: Person, number: int) -> Iterator[Record]:
    """Yield a session with all that goes with it."""
    at = START.plus(minutes=1440 * number)
    own: Any = {"person_id": person.id, "at": at}
    before = Reading(id=new_id(), glucose=Glucose(142.0, Unit.MG_DL), source=Source.METER, **own)
    yield before
    session = Session(
        id=new_id(), person_id=person.id, start=at, end=at.plus(minutes=30), note=f"session {number}",
        areas=(BodyArea("foot", Side.LEFT), BodyArea("calf", Side.RIGHT)), techniques=("effleurage", "other"),
        tools=("hands", "other"), tags=("evening", f"week {number // 7}"),
        links=(ReadingLink(reading_id=before.id, phase=Phase.BEFORE),),
    )  # fmt: skip
    yield session
    yield Symptom(id=new_id(), symptom="pain", score=3, session_id=session.id, phase=Phase.AFTER, **own)
    yield Dose(id=new_id(), units=4.0, kind=InsulinKind.RAPID, name="aspart", **own)
    yield Carbs(id=new_id(), grams=30.0, **own)
    yield Activity(id=new_id(), kind="walk", minutes=20.0, **own)
    yield Note(id=new_id(), text=LONG if number % 7 == 0 else f"note {number}", **own)
    finding = FootFinding(side=Side.LEFT, region="heel", finding="corn", note="small")
    yield FootCheck(id=new_id(), sides=(Side.LEFT, Side.RIGHT), findings=(finding,), **own)
    if number == 0:
        yield Trial(
            id=new_id(), start_day=date(2026, 3, 1), weeks=8, per_week=3, seed=7, planned_minute=1200,
            planned_zone="Europe/Berlin", **own,
        )  # fmt: skip


def _import(log: Log, person: Person, name: str, count: int, from_s: int) -> None:
    batch = ImportBatch(
        id=new_id(), person_id=person.id, at=START, file_name=name, file_sha256="0" * 64, format="generic",
        counts={"cgm": count},
    )  # fmt: skip
    block = ReadingBlock(
        source=Source.CGM, unit=Unit.MG_DL, zone="Europe/Berlin", device="Dexcom G6",
        at_s=array("q", (from_s + 300 * n for n in range(count))),
        amount=array("d", (90.0 + n % 80 for n in range(count))), censored=array("b", bytes(count)),
    )  # fmt: skip
    eaten = [
        Carbs(id=new_id(), person_id=person.id, at=Moment(from_s + 7200 * n, "Europe/Berlin"), grams=20.0 + n % 50,
              batch_id=batch.id)
        for n in range(count // 20)
    ]  # fmt: skip
    with log.write(uid=new_id(), summary=f"import {name}", person_id=person.id, at=START) as writer:
        writer.add(batch)
        writer.add_blocks(person.id, batch.id, [block])
        writer.add_events(person.id, batch.id, eaten)


def _change(log: Log, person: Person) -> None:
    """Change an imported reading and a session, remove a dose."""
    imported = next(one for one in log.readings(person.id) if one.batch_id)
    session, dose = log.sessions(person.id)[0], log.doses(person.id)[0]
    with log.write(uid=new_id(), summary="changed", person_id=person.id, at=START) as writer:
        writer.replace(replace(imported, note="calibrated"))
        writer.replace(replace(session, tags=("morning",)))
    with log.write(uid=new_id(), summary="removed", person_id=person.id, at=START) as writer:
        writer.remove(dose)


def _leave_stale_pages(path: Path) -> None:
    """Leave free pages that hold tables as they were, all their rows shown: as a table made anew long ago would."""
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA secure_delete = OFF").fetchall()
        for table in _MADE_ANEW:
            (made,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
            connection.execute(
                made.replace(f"TABLE {table}", f"TABLE old_{table}").replace(f"_{table}_", f"_old_{table}_")
            )
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            columns = ", ".join(names)
            other = {"deleted_at_s": "NULL"} | ({} if "batch_id" in names else {"note": f"'{STALE}'"})
            shown = ", ".join(other.get(name, name) for name in names)
            connection.execute(f"INSERT INTO old_{table} ({columns}) SELECT {shown} FROM {table}")  # noqa: S608 – our own
        for table in _MADE_ANEW:
            connection.execute(f"DROP TABLE old_{table}")
