"""The last day as whoever looks on sees it: always what the log holds, and not read again while nobody writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import Carbs, Dose, InsulinKind, Person, Reading, Session, Therapy
from glucolog.core.units import Glucose, Source, Unit
from glucolog.services.identity import new_id
from glucolog.services.last_day import DAY_MIN, LastDay
from glucolog.storage import Log, open_log

NOON = Moment(1_764_000_000, "Europe/Berlin")
ADA = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone="Europe/Berlin", therapy=Therapy.MDI)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(tmp_path / "log.db", create=True) as made:
        store(made, ADA)
        yield made


def store(log: Log, *records: Person | Reading | Dose | Carbs | Session) -> None:
    with log.write(uid=new_id(), summary="add", person_id=ADA.id, at=NOON) as writer:
        for record in records:
            writer.add(record)


def cgm(minute: float) -> Reading:
    at = NOON.plus(minutes=minute)
    return Reading(id=new_id(), person_id=ADA.id, at=at, glucose=Glucose(100.0, Unit.MG_DL), source=Source.CGM)


def minutes(last_day: LastDay, minute: float) -> list[float]:
    return [record.at.minutes_since(NOON) for record in last_day.at(NOON.plus(minutes=minute)).records]


def test_both_ends_are_inside_and_what_is_to_come_shows_when_its_time_has_come(log: Log) -> None:
    store(log, *(cgm(minute) for minute in (-DAY_MIN - 1, -DAY_MIN, 0, 1, DAY_MIN + 2)))
    last_day = LastDay(log, ADA)
    assert minutes(last_day, 0) == [-DAY_MIN, 0]
    assert minutes(last_day, 1) == [0, 1]
    assert minutes(last_day, DAY_MIN + 1) == [1]
    assert minutes(last_day, DAY_MIN + 2) == [DAY_MIN + 2]


def test_a_clock_that_was_set_back_sees_what_was_before(log: Log) -> None:
    store(log, cgm(-DAY_MIN - 60))
    last_day = LastDay(log, ADA)
    assert minutes(last_day, 0) == []
    assert minutes(last_day, -90) == [-DAY_MIN - 60]


def test_what_is_written_undone_and_ended_shows_at_the_next_look(log: Log) -> None:
    last_day = LastDay(log, ADA)
    assert minutes(last_day, 0) == []
    store(log, cgm(-5))
    assert minutes(last_day, 0) == [-5]
    log.undo(at=NOON, person_id=ADA.id)
    assert minutes(last_day, 0) == []
    store(log, Session(id=new_id(), person_id=ADA.id, start=NOON.plus(minutes=-3)))
    assert last_day.at(NOON).running_since == NOON.plus(minutes=-3)


def test_food_and_insulin_come_before_the_reading_of_the_same_second(log: Log) -> None:
    dose = Dose(id=new_id(), person_id=ADA.id, at=NOON, units=2, kind=InsulinKind.RAPID)
    store(log, cgm(0), dose, Carbs(id=new_id(), person_id=ADA.id, at=NOON, grams=20))
    assert [type(record) for record in LastDay(log, ADA).at(NOON).records] == [Dose, Carbs, Reading]


def test_nothing_is_read_again_while_nobody_writes(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(name: str, inner: Callable[..., object]) -> Callable[..., object]:
        def count(*given: object, **more: object) -> object:
            asked.append(name)
            return inner(*given, **more)

        return count

    for name in ("readings", "doses", "carbs", "sessions"):
        monkeypatch.setattr(log, name, counted(name, getattr(log, name)))
    last_day = LastDay(log, ADA)
    for minute in range(10):
        last_day.at(NOON.plus(minutes=minute))
    assert sorted(asked) == ["carbs", "doses", "readings", "sessions"]
