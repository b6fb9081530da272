"""A log that is watched: what was there at the beginning, a session that starts meanwhile, and late arrivals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Reading, Session, Therapy
from glucolog.core.units import Glucose, Source, Unit
from glucolog.core.watch import AlarmKind
from glucolog.services.identity import new_id
from glucolog.services.watching import Following, follow
from glucolog.storage import Log, open_log

START = Moment(1_764_000_000, "Europe/Berlin")
ADA = Person(id=new_id(), name="Ada", unit=Unit.MMOL_L, zone="Europe/Berlin", therapy=Therapy.NONE)


def at(minute: float) -> Moment:
    return START.plus(minutes=minute)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(tmp_path / "log.db", create=True) as made:
        store(made, ADA)
        yield made


def store(log: Log, *records: Person | Reading | Session) -> None:
    with log.write(uid=new_id(), summary="add", person_id=None, at=START) as writer:
        for record in records:
            writer.add(record)


def correct(log: Log, reading: Reading) -> None:
    with log.write(uid=new_id(), summary="correct", person_id=None, at=START) as writer:
        writer.replace(reading)


def cgm(minute: float, mg_dl: float, source: Source = Source.CGM) -> Reading:
    return Reading(id=new_id(), person_id=ADA.id, at=at(minute), glucose=Glucose(mg_dl, Unit.MG_DL), source=source)


def kinds(following: Following, minute: float) -> list[AlarmKind]:
    return [alarm.kind for alarm in following.poll(at(minute))]


@pytest.mark.parametrize(
    ("source", "age_min", "told"),
    [(Source.CGM, 14, [AlarmKind.LOW]), (Source.CGM, 16, [AlarmKind.NO_DATA]),
     (Source.METER, 29, [AlarmKind.LOW]), (Source.METER, 31, [AlarmKind.NO_DATA])],
)  # fmt: skip
def test_a_watch_that_begins_in_a_low_says_so_and_in_the_persons_unit(
    log: Log, source: Source, age_min: float, told: list[AlarmKind]
) -> None:
    store(log, *(cgm(-age_min - step, 62, source) for step in (10, 5, 0)))
    following = follow(log, ADA, START)
    alarms = following.poll(START)
    assert [alarm.kind for alarm in alarms] == told
    if told == [AlarmKind.LOW]:
        assert alarms[0].reason.startswith("Low: 3.4 mmol/L")
    assert following.poll(START) == ()


def test_a_session_that_starts_meanwhile_hides_no_reading_and_repeats_nothing(log: Log) -> None:
    store(log, cgm(-5, 62))
    following = follow(log, ADA, START)
    assert kinds(following, 0) == [AlarmKind.LOW]
    store(log, Session(id=new_id(), person_id=ADA.id, start=at(1)), cgm(0, 50))
    assert kinds(following, 1) == [AlarmKind.URGENT_LOW]
    store(log, cgm(5, 50))
    assert kinds(following, 6) == []


def test_a_snooze_outlasts_the_start_of_a_session(log: Log) -> None:
    store(log, *(cgm(minute, 64) for minute in (-10, -5)))
    following = follow(log, ADA, START)
    following.snooze(AlarmKind.LOW, START, 60)
    assert kinds(following, 0) == []
    store(log, Session(id=new_id(), person_id=ADA.id, start=at(1)), cgm(0, 64))
    assert kinds(following, 1) == []


def test_what_comes_in_too_late_to_be_acted_on_only_teaches(log: Log) -> None:
    following = follow(log, ADA, START)
    low_and_back = [(5, 64), (10, 60), (15, 66), (20, 80), (25, 98), (30, 112), (35, 118), (40, 120)]
    store(log, *(cgm(minute, mg_dl) for minute, mg_dl in low_and_back))
    assert kinds(following, 41) == []


def test_a_low_is_told_that_comes_in_when_its_source_is_back(log: Log) -> None:
    """The source was down when the watch began; its newest reading is older than the watch, and still true."""
    following = follow(log, ADA, START)
    store(log, cgm(-8, 58), cgm(-3, 52))
    assert AlarmKind.URGENT_LOW in kinds(following, 1)


def test_a_low_that_was_stale_when_it_came_in_is_not_told(log: Log) -> None:
    following = follow(log, ADA, START)
    store(log, *(cgm(minute, mg_dl) for minute, mg_dl in ((-40, 50), (-19, 66), (-9, 90), (-4, 104))))
    assert kinds(following, 1) == []


@pytest.mark.parametrize("back_min", [2, 60, 3000])
def test_a_clock_that_is_set_back_makes_the_watch_begin_anew(log: Log, back_min: int) -> None:
    store(log, *(cgm(minute, 150) for minute in range(-60, 1, 5)))
    following = follow(log, ADA, START)
    assert kinds(following, 0) == []
    store(log, cgm(-back_min, 50, Source.METER))
    assert kinds(following, -back_min) == [AlarmKind.URGENT_LOW]
    store(log, cgm(1 - back_min, 50, Source.METER))
    assert kinds(following, 1 - back_min) == []


def test_what_a_wrong_clock_stamped_with_a_time_to_come_is_not_news_when_that_comes(log: Log) -> None:
    store(log, cgm(0, 50))
    following = follow(log, ADA, START)
    assert kinds(following, 0) == [AlarmKind.URGENT_LOW]
    store(log, cgm(-5, 120))
    assert kinds(following, -5) == []
    assert kinds(following, 1) == []


def test_a_clock_that_is_set_back_ends_a_snooze(log: Log) -> None:
    following = follow(log, ADA, START)
    following.snooze(AlarmKind.LOW, START, 60)
    store(log, cgm(-30, 64))
    assert kinds(following, -30) == [AlarmKind.LOW]


def test_a_clock_corrected_by_seconds_repeats_nothing(log: Log) -> None:
    store(log, cgm(0, 62))
    following = follow(log, ADA, START)
    assert kinds(following, 0.2) == [AlarmKind.LOW]
    assert kinds(following, 0) == []


def test_a_reading_corrected_to_a_low_is_told_and_one_corrected_from_it_is_over(log: Log) -> None:
    typed = cgm(0, 146, Source.METER)
    store(log, cgm(-30, 140, Source.METER), typed)
    following = follow(log, ADA, START)
    assert kinds(following, 1) == []
    correct(log, replace(typed, glucose=Glucose(46, Unit.MG_DL)))
    assert kinds(following, 2) == [AlarmKind.URGENT_LOW]
    assert kinds(following, 3) == []
    correct(log, typed)
    assert kinds(following, 20) == []
    store(log, cgm(21, 142, Source.METER))
    assert kinds(following, 22) == []


def test_what_was_told_stays_told_when_something_is_taken_out(log: Log) -> None:
    twice = cgm(-2, 66)
    store(log, cgm(-10, 66), cgm(-5, 64), twice, cgm(0, 63))
    following = follow(log, ADA, START)
    assert kinds(following, 0) == [AlarmKind.LOW]
    with log.write(uid=new_id(), summary="delete", person_id=None, at=START) as writer:
        writer.remove(twice)
    assert kinds(following, 1) == []
