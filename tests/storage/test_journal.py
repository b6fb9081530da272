"""Undo and redo: across restarts, byte for byte, never over a later change; a write is done once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import Carbs, Note, Person, Phase, Reading, ReadingLink, Record, Session, Therapy
from glucolog.core.units import Glucose, Unit
from glucolog.core.vocabulary import BodyArea
from glucolog.errors import NotFoundError, RefusedError
from glucolog.storage import Action, Log, State, new_id, open_log
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.storage.places import MakeTarget, change, contents, problems

NOON = Moment(1_774_785_600, "Europe/Berlin")
LATER = NOON.plus(minutes=90)
MakeReading = Callable[..., Reading]


def write(log: Log, person: Person, what: str, *records: Record, uid: str | None = None) -> None:
    with log.write(uid=uid or new_id(), summary=what, person_id=person.id, at=NOON) as writer:
        for record in records:
            getattr(writer, what.split(maxsplit=1)[0])(record)


def session_of(person: Person, reading: Reading, note: str | None = None) -> Session:
    return Session(
        id=new_id(), person_id=person.id, start=NOON.plus(minutes=5), end=NOON.plus(minutes=35), note=note,
        areas=(BodyArea("foot"), BodyArea("calf")), techniques=("effleurage",), tags=("evening",),
        links=(ReadingLink(reading_id=reading.id, phase=Phase.BEFORE),),
    )  # fmt: skip


def test_undo_takes_back_a_whole_write_and_redo_restores_it_byte_for_byte(
    log: Log, target: str, ada: Person, make_reading: MakeReading
) -> None:
    reading = make_reading(142)
    session = session_of(ada, reading)
    write(log, ada, "add session", session, reading)
    written = contents(target)
    assert [entry.summary for entry in log.undo(at=LATER)] == ["add session"]
    assert (log.sessions(ada.id), log.readings(ada.id)) == ((), ())
    log.close()
    with open_log(target) as again:
        assert [entry.summary for entry in again.redo(at=LATER)] == ["add session"]
        assert again.sessions(ada.id) == (session,)
    assert contents(target) == written


def test_whole_numbers_where_others_could_stand_are_undone_too(
    log: Log, ada: Person, make_reading: MakeReading
) -> None:
    reading = replace(make_reading(142), glucose=Glucose(142, Unit.MG_DL))
    carbs = Carbs(id=new_id(), person_id=ada.id, at=NOON, grams=30)
    write(log, ada, "add whole numbers", reading, carbs)
    log.undo(at=LATER)
    log.redo(at=LATER)
    write(log, ada, "replace one", replace(carbs, grams=40))
    log.undo(at=LATER)
    assert (log.readings(ada.id), log.carbs(ada.id)) == ((reading,), (carbs,))


def test_changes_and_removals_are_undone_to_what_was(
    log: Log, target: str, ada: Person, make_reading: MakeReading
) -> None:
    reading = make_reading(142)
    session = session_of(ada, reading, note="first")
    changed = replace(session, note="second", areas=(BodyArea("back"),), tags=(), techniques=("friction", "tactile"))
    write(log, ada, "add it", session, reading)
    before = contents(target)
    write(log, ada, "replace it", changed)
    after = contents(target)
    write(log, ada, "remove it", changed)
    gone = contents(target)
    log.undo(at=LATER)
    assert log.sessions(ada.id) == (changed,)
    assert contents(target) == after
    log.undo(at=LATER)
    assert contents(target) == before
    log.redo(2, at=LATER)
    assert contents(target) == gone


def test_undo_of_several_goes_backwards_and_redo_forwards(log: Log, ada: Person) -> None:
    note = Note(id=new_id(), person_id=ada.id, at=NOON, text="0")
    write(log, ada, "add 0", note)
    for number in range(1, 4):
        write(log, ada, f"replace {number}", replace(note, text=str(number)))
    assert [entry.summary for entry in log.undo(3, at=LATER)] == ["replace 3", "replace 2", "replace 1"]
    assert log.notes(ada.id)[0].text == "0"
    assert [entry.summary for entry in log.redo(2, at=LATER)] == ["replace 1", "replace 2"]
    assert log.notes(ada.id)[0].text == "2"


def test_a_new_write_ends_what_can_be_redone_and_the_history_keeps_it(log: Log, ada: Person) -> None:
    write(log, ada, "add first", Note(id=new_id(), person_id=ada.id, at=NOON, text="first"))
    log.undo(at=LATER)
    write(log, ada, "add second", Note(id=new_id(), person_id=ada.id, at=NOON, text="second"))
    with pytest.raises(NotFoundError, match="nothing to redo"):
        log.redo(at=LATER)
    told = [(entry.summary, entry.action, entry.state) for entry in log.history(3)]
    assert told == [
        ("add second", Action.WRITE, State.DONE),
        ("undo: add first", Action.UNDO, State.DONE),
        ("add first", Action.WRITE, State.DROPPED),
    ]
    assert [entry.summary for entry in log.undo(at=LATER)] == ["add second"]


def test_undo_of_one_person_leaves_the_other_alone(log: Log, ada: Person) -> None:
    ben = Person(id=new_id(), name="Ben", unit=Unit.MMOL_L, zone="UTC", therapy=Therapy.NONE)
    write(log, ben, "add person Ben", ben)
    write(log, ada, "add carbs", Carbs(id=new_id(), person_id=ada.id, at=NOON, grams=20.0))
    write(log, ben, "add carbs of Ben", Carbs(id=new_id(), person_id=ben.id, at=NOON, grams=30.0))
    assert [entry.summary for entry in log.undo(person_id=ada.id, at=LATER)] == ["add carbs"]
    write(log, ben, "add more of Ben", Carbs(id=new_id(), person_id=ben.id, at=LATER, grams=10.0))
    assert [entry.summary for entry in log.redo(person_id=ada.id, at=LATER)] == ["add carbs"]
    assert [entry.person_id for entry in log.history(person_id=ben.id)] == [ben.id] * 3


def test_an_older_write_is_not_undone_from_under_a_later_one(log: Log, ada: Person, make_reading: MakeReading) -> None:
    reading = make_reading(142)
    write(log, ada, "add reading", reading)
    older = log.history(1)[0].seq
    write(log, ada, "add session", session_of(ada, reading))
    with pytest.raises(RefusedError, match=r"“add session” \(change 3\) builds on it"):
        log.undo_entry(older, at=LATER)
    log.undo(at=LATER)
    assert [entry.summary for entry in log.undo_entry(older, at=LATER)] == ["add reading"]
    with pytest.raises(RefusedError, match="undone already"):
        log.undo_entry(older, at=LATER)
    with pytest.raises(NotFoundError):
        log.undo_entry(99, at=LATER)


def test_an_older_write_that_nothing_builds_on_is_undone_alone(log: Log, ada: Person) -> None:
    first, second = (Note(id=new_id(), person_id=ada.id, at=NOON, text=text) for text in ("first", "second"))
    write(log, ada, "add first", first)
    older = log.history(1)[0].seq
    write(log, ada, "add second", second)
    log.undo_entry(older, at=LATER)
    assert log.notes(ada.id) == (second,)
    log.redo(at=LATER)
    assert set(log.notes(ada.id)) == {first, second}


def test_a_row_changed_behind_the_journal_is_not_overwritten(log: Log, target: str, ada: Person) -> None:
    note = Note(id=new_id(), person_id=ada.id, at=NOON, text="typed")
    write(log, ada, "add note", note)
    change(target, "UPDATE note SET text = 'changed by another program'")
    with pytest.raises(RefusedError, match="the journal does not know"):
        log.undo(at=LATER)
    assert log.history(1)[0].state is State.DONE


def test_a_write_with_a_known_id_changes_nothing_and_names_what_the_first_made(
    log: Log, target: str, ada: Person, make_reading: MakeReading
) -> None:
    uid, reading = new_id(), make_reading(142)
    write(log, ada, "add reading", reading, uid=uid)
    written, told = contents(target), log.history(None)
    with log.write(uid=uid, summary="add reading", person_id=ada.id, at=LATER) as writer:
        assert writer.already_done
        assert writer.record_ids == (reading.id,)
        assert writer.earlier == log.history(1)[0]
        writer.add(make_reading(99))
        writer.replace(replace(reading, note="changed"))
        writer.remove(reading)
    assert (contents(target), log.history(None)) == (written, told)


def test_an_undone_write_is_not_done_again_by_a_late_retry(log: Log, ada: Person, make_reading: MakeReading) -> None:
    uid = new_id()
    write(log, ada, "add reading", make_reading(142), uid=uid)
    log.undo(at=LATER)
    write(log, ada, "add reading", make_reading(142), uid=uid)
    assert log.readings(ada.id) == ()


def test_undo_and_redo_with_a_known_id_happen_once(log: Log, ada: Person) -> None:
    for text in ("first", "second"):
        write(log, ada, f"add {text}", Note(id=new_id(), person_id=ada.id, at=NOON, text=text))
    uid = new_id()
    for _ in range(2):
        assert [entry.summary for entry in log.undo(at=LATER, uid=uid)] == ["add second"]
    assert [note.text for note in log.notes(ada.id)] == ["first"]
    uid = new_id()
    for _ in range(2):
        log.redo(at=LATER, uid=uid)
    assert [note.text for note in log.notes(ada.id)] == ["first", "second"]


def test_a_write_that_fails_or_changes_nothing_leaves_no_entry(log: Log, ada: Person) -> None:
    note = Note(id=new_id(), person_id=ada.id, at=NOON, text="typed")
    write(log, ada, "add note", note)
    told = log.history(None)
    write(log, ada, "replace note", note)
    write(log, ada, "add nothing")
    with pytest.raises(ZeroDivisionError):
        _half_done(log, ada)
    assert log.history(None) == told
    assert log.carbs(ada.id) == ()


def _half_done(log: Log, ada: Person) -> None:
    with log.write(uid=new_id(), summary="half", person_id=ada.id, at=NOON) as writer:
        writer.add(Carbs(id=new_id(), person_id=ada.id, at=NOON, grams=20.0))
        raise ZeroDivisionError


def test_nothing_to_undo_is_said(make_target: MakeTarget) -> None:
    with open_log(make_target(), create=True) as empty, pytest.raises(NotFoundError, match="nothing to undo"):
        empty.undo(at=NOON)


STEPS = st.lists(st.sampled_from(["add", "replace", "remove", "undo", "undo", "redo"]), max_size=14)


@settings(max_examples=20, deadline=None)
@given(steps=STEPS)
def test_whatever_is_done_and_undone_the_journal_and_the_rows_agree(steps: list[str], make_target: MakeTarget) -> None:
    journal_and_rows_agree(steps, make_target())


def journal_and_rows_agree(steps: list[str], target: str) -> None:
    ada = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone="UTC", therapy=Therapy.MDI)
    with open_log(target, create=True) as log:
        write(log, ada, "add person", ada)
        past, future = [log.notes(ada.id)], list[tuple[Note, ...]]()
        for step in steps:
            past, future = _step(log, ada, step, past, future)
            assert log.notes(ada.id) == past[-1]
        assert problems(target) == ()


Notes = list[tuple[Note, ...]]


def _step(log: Log, ada: Person, step: str, past: Notes, future: Notes) -> tuple[Notes, Notes]:
    """Do a step on the log and on the model beside it: a list of states, and the states undone."""
    notes = log.notes(ada.id)
    if step == "undo" and len(past) > 1:
        log.undo(at=LATER)
        return past[:-1], [past[-1], *future]
    if step == "redo" and future:
        log.redo(at=LATER)
        return [*past, future[0]], future[1:]
    if step == "add":
        write(log, ada, "add note", Note(id=new_id(), person_id=ada.id, at=NOON, text=str(len(past))))
    elif step == "replace" and notes:
        write(log, ada, "replace note", replace(notes[0], text=f"{notes[0].text} again"))
    elif step == "remove" and notes:
        write(log, ada, "remove note", notes[-1])
    else:
        return past, future
    return [*past, log.notes(ada.id)], []
