"""De-identified records: nothing of the person is left, everything between the records is."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import datetime
from itertools import pairwise

import pytest
from glucolog.core.moments import Moment
from glucolog.reports.exports import ExportRecords
from glucolog.reports.exports.deidentify import Secret, deidentified
from glucolog.reports.exports.own_json import own_json
from glucolog.reports.exports.records import changed_sessions
from glucolog.services.exporting import FORMATS, writer
from hypothesis import given
from hypothesis import strategies as st
from tests.reports.exports.conftest import ADA, NOON, everything, saying, sensor

WEEK_S = 7 * 24 * 3600
SECRET = Secret(-100 * WEEK_S, "salt")
WORD = "Zanzibar"


def text_of(records: ExportRecords) -> str:
    return b"".join(own_json(records)).decode()


def test_no_word_of_the_person_is_left() -> None:
    left = text_of(deidentified(saying(WORD), SECRET))
    assert WORD not in left
    for word in ("Ada", "Bea", "Berlin", "1980", "G7", "ada.csv", "slept"):
        assert word not in text_of(deidentified(everything(sensor(0.1)), SECRET)), word


def test_no_id_is_left() -> None:
    """An id tells when it was made, and is in the person's other files."""
    own = json.loads(text_of(everything()))
    masked = text_of(deidentified(everything(), SECRET))
    ids = {
        item[key] for items in own.values() if isinstance(items, list) for item in items for key in item if key == "id"
    }
    assert len(ids) > 15
    assert not any(one in masked for one in ids)


def test_no_date_is_left() -> None:
    masked = text_of(deidentified(everything(), SECRET))
    assert "2026" not in masked
    assert str(NOON.epoch_s)[:5] not in masked


def test_every_kind_of_record_is_either_kept_or_left_out_on_purpose() -> None:
    """A kind that is added later must be thought about here."""
    kept = deidentified(everything(), SECRET)
    counts = {
        field.name: len(getattr(kept, field.name)) for field in fields(kept) if field.name not in {"person", "made_at"}
    }
    assert counts == {
        "batches": 0, "readings": 5, "unused_readings": 0, "doses": 3, "carbs": 1, "activities": 1, "notes": 0,
        "sessions": 2, "symptoms": 2, "foot_checks": 2, "trials": 1,
    }  # fmt: skip


@given(weeks=st.integers(-520, -1))
def test_lengths_and_distances_stay_to_the_second(weeks: int) -> None:
    given, masked = everything(), deidentified(everything(), Secret(weeks * WEEK_S, "salt"))
    for before, after in ((given, masked),):
        gaps = [
            [later.at.minutes_since(one.at) for one, later in pairwise(records.readings)] for records in (before, after)
        ]
        assert gaps[0] == gaps[1]
    assert [session.minutes for session in masked.sessions] == [session.minutes for session in given.sessions]


def test_drops_stay() -> None:
    for own, masked in zip(
        changed_sessions(everything()), changed_sessions(deidentified(everything(), SECRET)), strict=True
    ):
        assert own.change == masked.change


@pytest.mark.parametrize(
    ("zone", "winter_day", "hour"),
    [
        ("Europe/Berlin", "2026-01-01T12:00+00:00", 13),
        ("Europe/London", "2026-01-01T12:00+00:00", 12),  # an hour ahead all through 1970
        ("Asia/Singapore", "2026-01-01T12:00+00:00", 20),  # half an hour behind it in 1970
        ("Pacific/Auckland", "2026-07-02T00:00+00:00", 12),
    ],
)
def test_days_of_the_week_and_winter_hours_stay(zone: str, winter_day: str, hour: int) -> None:
    winter = Moment.of(datetime.fromisoformat(winter_day), zone)
    given = everything()
    there = replace(given.readings[0], at=winter)
    lives_there = replace(given, person=replace(given.person, zone=zone), made_at=winter, readings=(there,))
    at = deidentified(lives_there, SECRET).readings[0].at
    assert (at.local.weekday(), at.local.hour, at.local.minute, at.zone) == (3, hour, 0, "UTC")


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_tells_when_the_file_was_made(kind: str) -> None:
    """Whoever is sent a file knows the day: were that day in it, moved as the records are, the shift would be, too."""
    files = []
    for days in (0, 400):
        made = replace(everything(), made_at=NOON.plus(minutes=days * 1440))
        files.append(b"".join(writer(kind)(deidentified(made, SECRET))))
    assert files[0] == files[1]


def test_the_same_person_is_the_same_stranger_and_another_secret_is_another() -> None:
    one, again = (deidentified(everything(), SECRET).person.id for _ in range(2))
    other = deidentified(everything(), Secret(-100 * WEEK_S, "pepper")).person.id
    assert one == again != ADA.id
    assert other not in {one, ADA.id}


def test_known_insulins_keep_their_names() -> None:
    assert [dose.name for dose in deidentified(everything(), SECRET).doses] == ["aspart", "glargine", None]
