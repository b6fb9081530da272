"""Nightscout's documents: the fields that known clients need, and the way back through our own importer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from glucolog.core.units import Source, Unit
from glucolog.importers.base import Imported, Options
from glucolog.importers.registry import read
from glucolog.reports.exports.nightscout import nightscout_json
from tests.reports.exports.conftest import SESSION, everything, reading, sensor

NOW_S = 1_774_900_000


def written(records: Any) -> dict[str, list[dict[str, Any]]]:
    made: dict[str, list[dict[str, Any]]] = json.loads(b"".join(nightscout_json(records)))
    return made


def read_back(records: Any) -> Imported:
    return read(b"".join(nightscout_json(records)), "nightscout.json", Options(zone="UTC", now_s=NOW_S))


def test_an_entry_has_what_clients_crash_without() -> None:
    entries = written(everything(sensor(0.5)))["entries"]
    assert len(entries) == 145
    for entry in entries:
        assert {"type", "sgv", "date", "dateString", "delta", "direction", "device", "identifier"} <= entry.keys()
        assert entry["dateString"].endswith("Z")


def test_direction_and_delta_follow_the_readings() -> None:
    falling = [reading(5 * n - 100, 200 - 12 * n, cgm=True) for n in range(6)]  # 2.4 mg/dL/min down
    last = written(everything(falling))["entries"][5]
    assert (last["direction"], last["delta"]) == ("SingleDown", -12)
    first = written(everything(falling))["entries"][0]
    assert (first["direction"], first["delta"]) == ("NOT COMPUTABLE", 0)


def test_lo_is_the_code_that_sensors_send() -> None:
    assert [entry["sgv"] for entry in written(everything())["entries"]] == [39]


def test_a_meter_reading_is_a_check_in_the_unit_that_was_typed() -> None:
    checks = [one for one in written(everything())["treatments"] if one["eventType"] == "BG Check"]
    assert [(one["glucose"], one["units"], one["glucoseType"]) for one in checks] == [
        (142, "mg/dl", "Finger"), (98, "mg/dl", "Finger"), ("HI", "mmol", "Finger"), (7.9, "mmol", "Finger"),
    ]  # fmt: skip


def test_a_session_is_exercise_with_its_length_and_our_id() -> None:
    session = next(one for one in written(everything())["treatments"] if one["identifier"] == SESSION.id)
    assert (session["eventType"], session["duration"]) == ("Exercise", 30)
    assert SESSION.id in session["notes"]
    assert "foot:left" in session["notes"]


def test_long_acting_insulin_is_no_bolus() -> None:
    with_insulin = [one for one in written(everything())["treatments"] if "insulin" in one]
    assert [one["insulin"] for one in with_insulin] == [4.5, 2]


def test_our_importer_reads_the_same_readings() -> None:
    given = everything(sensor(1)).readings
    imported = read_back(everything(sensor(1)))
    assert imported.format == "nightscout"
    found = {
        (block.source, block.at_s[n], block.amount[n], block.unit, block.censored[n])
        for block in imported.blocks
        for n in range(len(block))
    }
    sign = {None: 0, "low": -1, "high": 1}
    assert found == {
        (one.source, one.at.epoch_s, one.glucose.amount, one.glucose.unit, sign[one.glucose.censored]) for one in given
    }
    assert imported.problems == ()


def test_our_importer_reads_the_same_insulin_and_carbs() -> None:
    imported = read_back(everything())
    assert [(dose.units, dose.kind.value, dose.name) for dose in sorted(imported.doses)] == [
        (4.5, "rapid", "aspart"), (12, "long", "glargine"), (2, "rapid", None),
    ]  # fmt: skip
    assert [eaten.grams for eaten in imported.carbs] == [15]


@pytest.mark.parametrize(
    "said", [None, 7, [], {"kind": ["rapid"]}, {"kind": "rapid", "units": "x"}, {"kind": "rapid", "units": 1e9}]
)
def test_what_is_no_dose_of_ours_falls_back_to_nightscouts_own_fields(said: object) -> None:
    document = written(everything())
    for treatment in document["treatments"]:
        treatment["glucolog"] = said
    imported = read(json.dumps(document).encode(), "nightscout.json", Options(zone="UTC", now_s=NOW_S))
    assert sorted(dose.units for dose in imported.doses) == [2, 4.5, 12]


def test_sensor_amounts_in_mmol_become_whole_mg_dl() -> None:
    imported = read_back(everything([reading(-10, 7.9, Unit.MMOL_L, cgm=True)]))
    sensors = next(block for block in imported.blocks if block.source is Source.CGM)
    assert sensors.amount[0] == 142
