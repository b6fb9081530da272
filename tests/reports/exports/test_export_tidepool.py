"""Tidepool's items, as its own DataUtil and our importer read them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from glucolog.importers.base import Options
from glucolog.importers.registry import read
from glucolog.reports.exports.tidepool import tidepool_json
from tests.reports.exports.conftest import HOSTILE, RunNode, everything, saying, sensor

SINCE, UNTIL = "2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z"


def items(records: Any) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = json.loads(b"".join(tidepool_json(records)))
    return made


def test_its_own_tools_take_every_item(run_node: RunNode) -> None:
    seen = run_node("validate_tidepool.cjs", "@tidepool/viz", items(everything(sensor(1))), SINCE, UNTIL)
    assert seen["valid"] == {"cbg": 289, "smbg": 4, "insulin": 2, "bolus": 1, "food": 1, "physicalActivity": 3}
    assert seen["latest"]["cbg"] == pytest.approx(40)
    assert seen["latest"]["smbg"] == pytest.approx(7.9 * 18.01559, abs=0.5)


def test_its_own_tools_refuse_what_is_wrong(run_node: RunNode) -> None:
    broken = items(everything(sensor(1)))
    next(item for item in broken if item["type"] == "cbg")["value"] = "abc"
    seen = run_node("validate_tidepool.cjs", "@tidepool/viz", broken, SINCE, UNTIL)
    assert seen["valid"]["cbg"] == 288


def test_our_importer_reads_the_same_readings() -> None:
    records = everything(sensor(1))
    imported = read(b"".join(tidepool_json(records)), "tidepool.json", Options(zone="UTC", now_s=1_774_900_000))
    assert imported.format == "tidepool"
    found = {
        (block.source, block.at_s[n], None if block.censored[n] else (block.amount[n], block.unit))
        for block in imported.blocks
        for n in range(len(block))
    }
    assert found == {
        (one.source, one.at.epoch_s, None if one.glucose.censored else (one.glucose.amount, one.glucose.unit))
        for one in records.readings
    }
    assert sorted(dose.units for dose in imported.doses) == [2, 4.5, 12]


def test_lo_and_hi_are_annotated() -> None:
    said = [item["annotations"][0]["value"] for item in items(everything()) if "annotations" in item]
    assert said == ["low", "high"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_json(text: str) -> None:
    names = {item.get("name") for item in items(saying(text)) if item["type"] == "physicalActivity"}
    assert text in names
