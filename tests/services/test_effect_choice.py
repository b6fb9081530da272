"""Which sessions `effect` is asked about, and that the others still occupy their time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from glucolog.analysis.outcomes import Outcome
from glucolog.core.moments import Moment
from glucolog.core.records import Dose, InsulinKind, Person, Reading, Session, Therapy
from glucolog.core.units import Glucose, Source, Unit
from glucolog.core.vocabulary import BodyArea, Pressure, Side
from glucolog.services.choice import Choice
from glucolog.services.effect import effect_input
from glucolog.services.identity import Call, new_id
from glucolog.services.looking import Range, settle_range
from glucolog.services.opening import opened
from glucolog.services.people import add_first
from glucolog.storage import Log

NOON = Moment(1_767_268_800, "UTC")
CALF, BACK = BodyArea("calf", Side.LEFT), BodyArea("back", Side.MIDDLE)


def a_session(person_id: str, day: int, **said: Any) -> Session:
    start = NOON.plus(minutes=-day * 1440)
    base: dict[str, Any] = {"id": new_id(), "person_id": person_id, "start": start, "end": start.plus(minutes=30)}
    return Session(**(base | said))


def a_reading(person_id: str, at: Moment) -> Reading:
    return Reading(id=new_id(), person_id=person_id, at=at, glucose=Glucose(120, Unit.MG_DL), source=Source.CGM)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with opened(str(tmp_path / "log.db"), create=True) as made:
        yield made


@pytest.mark.parametrize(
    ("choice", "taken"),
    [
        (Choice(), True),
        (Choice(areas=(CALF,)), True),
        (Choice(areas=(BodyArea("calf"),)), True),
        (Choice(areas=(BodyArea("calf", Side.RIGHT),)), False),
        (Choice(areas=(BodyArea("hand"), BACK)), True),
        (Choice(areas=(BodyArea("hand"),)), False),
        (Choice(techniques=("friction", "effleurage")), True),
        (Choice(techniques=("friction",)), False),
        (Choice(tools=("ball",)), True),
        (Choice(tools=("gun",)), False),
        (Choice(pressure=2), True),
        (Choice(pressure=3), False),
        (Choice(performer="self"), True),
        (Choice(performer="partner"), False),
        (Choice(areas=(CALF,), pressure=3), False),
    ],
)
def test_a_choice_takes_what_overlaps_it(choice: Choice, taken: bool) -> None:
    session = a_session(
        "p", 1, areas=(CALF, BACK), techniques=("effleurage",), tools=("ball",), pressure=Pressure(2), performer="self"
    )
    assert choice.takes(session) is taken


def test_a_running_session_is_never_taken() -> None:
    assert not Choice().takes(a_session("p", 1, end=None))


def test_sessions_that_are_not_asked_about_still_occupy_their_time(log: Log) -> None:
    person = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone="UTC", therapy=Therapy.MDI)
    add_first(log, person, Call(now=NOON, uid=new_id()))
    of_calf, of_back = a_session(person.id, 2, areas=(CALF,)), a_session(person.id, 3, areas=(BACK,))
    running = a_session(person.id, 1, areas=(CALF,), end=None)
    with log.write(uid=new_id(), summary="sessions", person_id=person.id, at=NOON) as writer:
        for session in (of_calf, of_back, running):
            writer.add(session)
    span = settle_range(log, person, None, None, NOON)
    given = effect_input(log, person, span, Choice(areas=(CALF,)), Outcome.CHANGE_120, NOON)
    assert [session.id for session in given.sessions] == [of_calf.id]
    assert {session.id for session in given.other_sessions} == {of_back.id, running.id}


def test_a_range_is_closed_and_knows_what_is_still_at_work_in_it(log: Log) -> None:
    person = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone="UTC", therapy=Therapy.MDI)
    add_first(log, person, Call(now=NOON, uid=new_id()))
    first, second, later = (a_session(person.id, day) for day in (3, 2, 1))
    before, after = (
        Dose(id=new_id(), person_id=person.id, at=first.start.plus(minutes=minutes), units=3, kind=InsulinKind.RAPID)
        for minutes in (-90, 2 * 1440 + 1)
    )
    earlier = a_session(person.id, 3, start=first.start.plus(minutes=-240), end=first.start.plus(minutes=-200))
    with log.write(uid=new_id(), summary="all", person_id=person.id, at=NOON) as writer:
        for record in (first, second, later, earlier, before, after):
            writer.add(record)
        for seconds in (-1, 0, 1440 * 60, 1440 * 60 + 1):
            writer.add(a_reading(person.id, first.start.plus(seconds=seconds)))
    given = effect_input(log, person, Range(first.start, second.start), Choice(), Outcome.CHANGE_120, NOON)
    assert {session.id for session in given.sessions} == {first.id, second.id}
    assert [session.id for session in given.other_sessions] == [earlier.id]
    assert [dose.id for dose in given.doses] == [before.id]
    assert given.cgm is not None
    assert given.cgm.at_s.tolist() == [first.start.epoch_s, second.start.epoch_s]
