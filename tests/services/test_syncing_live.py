"""A source followed while somebody watches: alarms, an outage, and coming back, on a clock of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import Note, Person, Therapy
from glucolog.core.units import Unit
from glucolog.core.watch import AlarmKind
from glucolog.errors import SourceError, UsageError
from glucolog.feeds.base import Fetched, SensorReading, Span
from glucolog.services import entries, journal
from glucolog.services.identity import Call, new_id
from glucolog.services.importing import Request, import_file
from glucolog.services.live_source import EVERY_S, LONGEST_PAUSE_S, LiveSource, Pulled
from glucolog.services.watching import Following, follow
from glucolog.storage import FOLLOWED, Log, open_log

START = Moment(1_764_000_000, "Europe/Berlin")
ADA = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone="Europe/Berlin", therapy=Therapy.NONE)


class Sensor:
    """A source of readings that the test adds to, and that it can take down."""

    name, label, format, reach_s, window_s = "Dexcom Share", "Dexcom Share ada", "dexcom-share", 86_400, 10**6

    def __init__(self) -> None:
        self.readings: list[SensorReading] = []
        self.error: Exception | None = None
        self.spans: list[Span] = []

    def add(self, minute: float, mg_dl: int) -> None:
        self.readings.append(SensorReading(START.plus(minutes=minute).epoch_s, f"{mg_dl}"))

    def fetch(self, span: Span) -> Fetched:
        self.spans.append(span)
        if self.error is not None:
            raise self.error
        asked = range(span.since_s, span.until_s)
        return Fetched(readings=tuple(one for one in self.readings if one.at_s in asked))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(tmp_path / "log.db", create=True) as made:
        with made.write(uid=new_id(), summary="add", person_id=None, at=START) as writer:
            writer.add(ADA)
        yield made


@pytest.fixture
def sensor() -> Sensor:
    return Sensor()


@pytest.fixture
def source(log: Log, sensor: Sensor) -> LiveSource:
    return LiveSource(log, ADA, sensor, jitter=lambda: 1.0)


def at(minute: float) -> Moment:
    return START.plus(minutes=minute)


def looks(source: LiveSource, following: Following, first: int, last: int) -> list[tuple[int, AlarmKind]]:
    """Look at each of the sensor's five minutes, both ends included; return the alarms with their minutes."""
    told = []
    for minute in range(first, last + 1, 5):
        source.poll(at(minute))
        told += [(minute, alarm.kind) for alarm in following.poll(at(minute))]
    return told


def test_readings_are_stored_as_they_come_and_raise_alarms(log: Log, sensor: Sensor, source: LiveSource) -> None:
    following = follow(log, ADA, START)
    for minute, mg_dl in ((0, 120), (5, 108), (10, 96), (15, 84), (20, 72), (25, 60), (30, 50)):
        sensor.add(minute, mg_dl)
    told = dict(looks(source, following, 0, 30))
    assert set(told.values()) == {AlarmKind.LOW_SOON, AlarmKind.LOW, AlarmKind.URGENT_LOW}
    assert (told[25], told[30]) == (AlarmKind.LOW, AlarmKind.URGENT_LOW)
    assert len(log.imports(ADA.id)) == len(log.readings(ADA.id)) == 7


def test_a_source_that_is_down_is_no_data_and_recovers_by_itself(log: Log, sensor: Sensor, source: LiveSource) -> None:
    for minute in range(0, 61, 5):
        sensor.add(minute, 120)
    for minute, mg_dl in ((65, 108), (70, 96), (75, 84), (80, 72), (85, 60), (90, 50)):
        sensor.add(minute, mg_dl)
    following = follow(log, ADA, START)
    assert looks(source, following, 0, 10) == []
    sensor.error = SourceError("Dexcom Share did not answer.", "Try again.")
    down = looks(source, following, 15, 60)
    assert {kind for _, kind in down} == {AlarmKind.NO_DATA}
    assert down[0][0] <= 10 + 30
    assert len(log.readings(ADA.id)) == 3
    sensor.error = None
    back = looks(source, following, 65, 90)
    assert {AlarmKind.LOW, AlarmKind.URGENT_LOW} <= {kind for _, kind in back}
    assert len(log.readings(ADA.id)) == 19


def test_trouble_and_return_are_said_once(sensor: Sensor, source: LiveSource) -> None:
    sensor.error = error = SourceError("down", "wait")
    assert source.poll(at(0)) == Pulled(trouble=error)
    said = [source.poll(at(minute)) for minute in range(1, 60)]
    assert set(said) == {Pulled()}
    sensor.error = None
    back = [source.poll(at(minute)) for minute in range(60, 70)]
    assert [pulled.is_back for pulled in back].count(True) == 1


def test_a_source_that_is_down_is_asked_after_growing_bounded_pauses(sensor: Sensor, source: LiveSource) -> None:
    sensor.error = SourceError("down", "wait")
    asked = [second for second in range(3600) if _was_asked(sensor, source, second)]
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert pauses[:3] == [EVERY_S, 2 * EVERY_S, 4 * EVERY_S]
    assert set(pauses[3:]) == {LONGEST_PAUSE_S}


def _was_asked(sensor: Sensor, source: LiveSource, second: int) -> bool:
    before = len(sensor.spans)
    source.poll(START.plus(seconds=second))
    return len(sensor.spans) > before


def test_a_source_that_answers_is_asked_once_a_minute(sensor: Sensor, source: LiveSource) -> None:
    assert sum(_was_asked(sensor, source, second) for second in range(0, 600, 5)) == 10


def test_a_clock_set_back_does_not_silence_it(sensor: Sensor, source: LiveSource) -> None:
    source.poll(at(0))
    assert _was_asked(sensor, source, -3600)


def test_it_asks_for_an_hour_and_now_and_then_for_a_day(sensor: Sensor, source: LiveSource) -> None:
    sensor.add(0, 120)
    for minute in (0, 1, 30, 59, 60, 61):
        source.poll(at(minute))
    assert [(span.until_s - span.since_s) // 3600 for span in sensor.spans] == [24, 1, 1, 1, 24, 1]


def test_what_a_person_has_to_mend_is_raised(sensor: Sensor, source: LiveSource) -> None:
    sensor.error = UsageError("LibreLinkUp shares several people.", "Say which.")
    with pytest.raises(UsageError):
        source.poll(START)


def call(minute: float) -> Call:
    return Call(now=at(minute), uid=new_id())


def note(log: Log, minute: float, text: str) -> None:
    entries.add(log, ADA, Note(id=new_id(), person_id=ADA.id, at=at(minute), text=text), call(minute))


def comes(sensor: Sensor, source: LiveSource, minute: float, mg_dl: int) -> None:
    sensor.add(minute, mg_dl)
    source.poll(at(minute))


def test_what_a_followed_source_brings_is_nobodys_own_doing(log: Log, sensor: Sensor, source: LiveSource) -> None:
    note(log, 1, "mine")
    comes(sensor, source, 5, 120)
    (taken,) = journal.undo(log, ADA, 1, call(6))
    assert taken.summary.startswith("add note")
    comes(sensor, source, 10, 118)
    assert [entry.summary for entry in journal.redo(log, ADA, 1, call(11))] == [taken.summary]
    assert len(log.readings(ADA.id)) == 2
    listed = journal.history(log, ADA, 20)
    assert [entry.summary for entry in listed if entry.summary.startswith(FOLLOWED)] == []
    assert len(listed) == 3
    every = journal.history(log, ADA, 20, followed=True)
    brought = [entry for entry in every if entry.summary.startswith(FOLLOWED)]
    assert [entry.summary for entry in brought] == ["follow Dexcom Share ada"] * 2
    journal.undo_change(log, ADA, brought[0].seq, call(12))
    assert [reading.at for reading in log.readings(ADA.id)] == [at(5)]


def test_an_import_is_undone_alone_though_a_source_was_followed_since_and_asks_again(
    log: Log, sensor: Sensor, source: LiveSource, tmp_path: Path
) -> None:
    file = tmp_path / "sensor.csv"
    rows = "".join(f"{at(minute).iso()},{mg_dl},cgm\n" for minute, mg_dl in ((0, 131), (5, 120)))
    file.write_text(f"time,glucose_mg_dl,source\n{rows}", "utf-8")
    sensor.add(5, 120)
    import_file(log, ADA, str(file), Request(), call(6), lambda _done, _total: None)
    comes(sensor, source, 10, 118)
    (taken,) = journal.undo(log, ADA, 1, call(11))
    assert taken.summary == "import sensor.csv"
    assert [reading.at for reading in log.readings(ADA.id)] == [at(10)]
    source.poll(at(75))
    assert [reading.at for reading in log.readings(ADA.id)] == [at(5), at(10)]
