"""How a session looks on a Nightscout."""

from __future__ import annotations

from dataclasses import replace

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import Phase, Reading, Session
from glucolog.core.units import Censored, Glucose, Source, Unit
from glucolog.core.vocabulary import BodyArea, Pressure, Side
from glucolog.feeds.nightscout_documents import PairedReading, documents, is_same, slot

START = Moment(1_764_000_000, "Europe/Berlin")
SESSION = Session(
    id="5d4e8f9c-0d3f-4f6e-8a61-0d0b3a1f2c11",
    person_id="p",
    start=START,
    end=START.plus(minutes=30),
    areas=(BodyArea("calf", Side.LEFT),),
    techniques=("effleurage",),
    pressure=Pressure.HEAVY_LOTION,
    performer_name="Somebody Private",
    note="private words",
    tags=("private-tag",),
)
READING = Reading(
    id="2c3f4f6e-8a61-4d0b-9a1f-2c115d4e8f9c",
    person_id="p",
    at=START.plus(minutes=-5),
    glucose=Glucose(7.9, Unit.MMOL_L),
    source=Source.METER,
)


def before(reading: Reading) -> list[PairedReading]:
    return [PairedReading(phase=Phase.BEFORE, reading=reading)]


def test_a_session_is_an_exercise_and_its_finger_sticks_are_bg_checks() -> None:
    exercise, check = documents(SESSION, before(READING))
    assert exercise == {
        "identifier": SESSION.id,
        "eventType": "Exercise",
        "created_at": "2025-11-24T16:00:00.000Z",
        "date": 1_764_000_000_000,
        "enteredBy": "glucolog",
        "app": "glucolog",
        "duration": 30,
        "notes": "Massage: calf:left, effleurage, pressure 2. Before 7.9 mmol/L (meter). "
        "glucolog 5d4e8f9c-0d3f-4f6e-8a61-0d0b3a1f2c11",
    }
    assert (check["glucose"], check["units"], check["glucoseType"]) == (7.9, "mmol", "Finger")
    assert (check["created_at"], check["identifier"]) == ("2025-11-24T15:55:00.000Z", READING.id)


def test_free_words_names_and_tags_stay_in_the_log() -> None:
    assert "rivate" not in str(documents(SESSION, before(replace(READING, note="private words"))))


@pytest.mark.parametrize(
    "reading",
    [
        replace(READING, source=Source.CGM),
        replace(READING, batch_id="9a1f2c11-8a61-4d0b-9a1f-2c115d4e8f9c"),
        replace(READING, glucose=Glucose(40, Unit.MG_DL, Censored.LOW)),
    ],
    ids=["sensor", "imported", "LO"],
)
def test_other_readings_stand_in_the_note_alone(reading: Reading) -> None:
    (exercise,) = documents(SESSION, before(reading))
    assert "Before" in str(exercise["notes"])


def test_a_length_nobody_said_is_marked() -> None:
    (exercise,) = documents(replace(SESSION, length_assumed=True), [])
    assert "assumed" in str(exercise["notes"])


def test_what_a_site_adds_or_writes_otherwise_is_no_difference() -> None:
    (exercise,) = documents(SESSION, [])
    there = {**exercise, "_id": "x", "utcOffset": 0, "created_at": "2025-11-24T17:00:00+01:00", "duration": 30.0}
    assert is_same(exercise, there)
    assert slot(exercise) == slot(there)
    assert not is_same(exercise, {**there, "duration": 31})
    assert not is_same(exercise, {})
