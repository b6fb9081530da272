"""Which alarms still have something to say: a louder one outdoes what warned of it, never what came after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Reading, Session, Therapy
from glucolog.core.units import Glucose, Source, Unit
from glucolog.core.watch import Alarm, AlarmKind
from glucolog.services.identity import new_id
from glucolog.services.live import LiveDesk, Told, is_outdone
from glucolog.storage import Log, open_log

NOON = Moment(1_774_785_600, "Europe/Berlin")


def told(kind: AlarmKind, minutes: float) -> Told:
    return Told(alarm=Alarm(kind=kind, at_min=minutes, reason="", at=None), at=NOON.plus(minutes=minutes))


@pytest.mark.parametrize(
    ("kind", "minutes", "louder", "louder_minutes", "outdone"),
    [
        (AlarmKind.LOW_SOON, 0, AlarmKind.LOW, 0, True),
        (AlarmKind.LOW_SOON, 0, AlarmKind.LOW, 5, True),
        (AlarmKind.LOW_SOON, 5, AlarmKind.LOW, 0, False),
        (AlarmKind.LOW, 0, AlarmKind.URGENT_LOW, 5, True),
        (AlarmKind.LOW, 0, AlarmKind.LOW_SOON, 5, False),
        (AlarmKind.NO_DATA, 0, AlarmKind.URGENT_LOW, 5, False),
    ],
)
def test_a_louder_alarm_with_it_or_after_it_outdoes_one(
    kind: AlarmKind, minutes: float, louder: AlarmKind, louder_minutes: float, outdone: bool
) -> None:
    one = told(kind, minutes)
    assert is_outdone(one, [one, told(louder, louder_minutes)]) is outdone
    assert not is_outdone(one, [one])


def test_nothing_told_or_snoozed_before_the_clock_was_set_back_hides_what_is_told_after(tmp_path: Path) -> None:
    ada = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone="Europe/Berlin", therapy=Therapy.NONE)
    hour_before = NOON.plus(minutes=-60)
    with open_log(tmp_path / "log.db", create=True) as log:
        live = LiveDesk(log)
        store(log, ada)
        store(log, meter(ada, NOON, 50))
        assert [one.alarm.kind for one in live.look(ada, NOON).alarms] == [AlarmKind.URGENT_LOW]
        live.snooze(ada, AlarmKind.LOW, NOON, 60)
        store(log, meter(ada, hour_before, 65))
        (shown,) = live.look(ada, hour_before).alarms
    assert (shown.alarm.kind, shown.quiet_until) == (AlarmKind.LOW, None)


def store(log: Log, record: Person | Reading) -> None:
    with log.write(uid=new_id(), summary="add", person_id=None, at=NOON) as writer:
        writer.add(record)


def meter(person: Person, at: Moment, mg_dl: float) -> Reading:
    return Reading(id=new_id(), person_id=person.id, at=at, glucose=Glucose(mg_dl, Unit.MG_DL), source=Source.METER)


@pytest.mark.parametrize(
    ("source", "ended_min_ago", "alarmed"),
    [(Source.METER, None, False), (Source.METER, 60, True), (Source.METER, 359, True), (Source.METER, 700, False),
     (Source.CGM, None, True)],
)  # fmt: skip
def test_silence_is_told_where_a_sensor_or_a_session_makes_it_matter(
    tmp_path: Path, source: Source, ended_min_ago: float | None, alarmed: bool
) -> None:
    person = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone=NOON.zone, therapy=Therapy.MDI)
    read = Reading(
        id=new_id(), person_id=person.id, at=NOON.plus(minutes=-45), glucose=Glucose(110, Unit.MG_DL), source=source
    )
    records: list[Person | Reading | Session] = [person, read]
    if ended_min_ago is not None:
        end = NOON.plus(minutes=-ended_min_ago)
        records.append(Session(id=new_id(), person_id=person.id, start=end.plus(minutes=-30), end=end))
    with open_log(tmp_path / "log.db", create=True) as log:
        with log.write(uid=new_id(), summary="add", person_id=None, at=NOON) as writer:
            for record in records:
                writer.add(record)
        seen = LiveDesk(log).look(person, NOON)
    assert [told.alarm.kind for told in seen.alarms] == ([AlarmKind.NO_DATA] if alarmed else [])
