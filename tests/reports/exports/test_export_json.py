"""Our own JSON against the JSON Schema that ships with it."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from glucolog.core.codec import RECORD_KINDS, kind_of, to_plain
from glucolog.core.exchange import LISTS, VERSION
from glucolog.core.records import Record
from glucolog.importers.base import Options
from glucolog.importers.registry import read
from glucolog.reports.exports import ExportRecords
from glucolog.reports.exports.own_json import own_json, schema
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from tests.core.test_codec import ANY_RECORD
from tests.reports.exports.conftest import ADA, HOSTILE, NOON, everything, saying

SCHEMA = json.loads(schema())
WHOLE = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
LIST_OF = {kind: name for name, kind in LISTS.items()}


def written(records: ExportRecords) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(b"".join(own_json(records)))
    return made


def holding(kind: str, plain: object) -> dict[str, Any]:
    return {"glucolog": "export", "version": VERSION, LIST_OF[kind]: [plain]}


def test_the_schema_is_one_and_of_this_version() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["version"] == {"const": VERSION}
    assert set(SCHEMA["properties"]) == {"glucolog", "version", *LISTS}


@pytest.mark.parametrize("records", [everything(), ExportRecords(person=ADA, made_at=NOON)], ids=["full", "empty"])
def test_an_export_is_valid(records: ExportRecords) -> None:
    WHOLE.validate(written(records))


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_as_it_was_typed(text: str) -> None:
    made = written(saying(text))
    WHOLE.validate(made)
    assert made["notes"][0]["text"] == text


@settings(max_examples=200)
@given(record=ANY_RECORD)
def test_every_record_there_can_be_is_valid(record: Record) -> None:
    Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(holding(kind_of(record), to_plain(record)))))


FULL = written(everything())


@pytest.mark.parametrize("kind", RECORD_KINDS)
def test_a_field_too_many_or_too_few_is_not_valid(kind: str) -> None:
    plain = FULL[LIST_OF[kind]][0]
    more, fewer = {**plain, "colour": "blue"}, deepcopy(plain)
    fewer.pop("id")
    assert WHOLE.is_valid(holding(kind, plain))
    assert not WHOLE.is_valid(holding(kind, more))
    assert not WHOLE.is_valid(holding(kind, fewer))


@pytest.mark.parametrize(
    ("kind", "field", "wrong"),
    [
        ("reading", "glucose", {"amount": "142", "unit": "mg/dL", "censored": None}),
        ("reading", "at", {"epoch_s": 1.5, "zone": "UTC"}),
        ("reading", "source", "guess"),
        ("session", "pressure", 6),
        ("session", "areas", [{"area": "wing", "side": "left"}]),
        ("person", "id", 7),
        ("person", "sensation_checked_on", "1.3.2026"),
    ],
)
def test_a_value_of_another_shape_is_not_valid(kind: str, field: str, wrong: object) -> None:
    assert not WHOLE.is_valid(holding(kind, {**FULL[LIST_OF[kind]][0], field: wrong}))


def test_our_importer_gives_the_very_records() -> None:
    records = everything()
    imported = read(b"".join(own_json(records)), "export.json", Options(zone="UTC", now_s=NOON.epoch_s + 90_000))
    given = {
        records.person, *records.readings, *records.unused_readings, *records.doses, *records.carbs,
        *records.activities, *records.notes, *records.sessions, *records.symptoms, *records.foot_checks,
        *records.trials,
    }  # fmt: skip
    assert imported.problems == ()
    assert {one for one in imported.records if kind_of(one) != "import_batch"} == given
    assert [one for one in imported.records if kind_of(one) == "import_batch"] == list(records.batches)
