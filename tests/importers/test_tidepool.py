"""Tidepool: the workbook of the web export, and what its numbers meant on the device."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import pytest
from glucolog.core.columns import ReadingBlock
from glucolog.core.evidence import LEVEL_1
from glucolog.core.units import MG_DL_PER_MMOL_L, Censored, Glucose, Source, Unit
from glucolog.errors import RefusedError
from glucolog.importers.base import Options
from glucolog.importers.registry import read, sniff
from glucolog.importers.restored import as_shown
from hypothesis import given
from hypothesis import strategies as st

Workbook = Callable[[dict[str, list[list[object]]]], bytes]
READING_NAMES: list[object] = [
    "Index",
    "Value",
    "Units",
    "Device Id",
    "Device Time",
    "Local Time",
    "Zulu Time",
    "Id",
    "Annotations",
]
BERLIN_8_S = 1_746_079_200
"""1 May 2025, 08:00 in Berlin, 06:00 in UTC."""


def one_item(**item: object) -> bytes:
    return json.dumps([{"uploadId": "u", "time": "2025-05-01T06:00:00Z", **item}]).encode()


def values(blocks: tuple[ReadingBlock, ...], source: Source) -> list[tuple[int, float, Unit, int]]:
    return [
        (at_s, amount, block.unit, side)
        for block in blocks
        if block.source is source
        for at_s, amount, side in zip(block.at_s, block.amount, block.censored, strict=True)
    ]


def test_a_workbook_with_rows_is_read_by_sheet(workbook: Workbook, options: Options) -> None:
    """Zulu Time is UTC, also where the cell is a date of Excel's without any zone."""
    at, text = datetime(2025, 5, 1, 6, 0), "2025-05-01T06:05:00.000Z"
    low = '[{"code":"bg/out-of-range","value":"low"}]'
    data = workbook({
        "EXPORT ERROR": [["Something went wrong"]],
        "cgm": [
            READING_NAMES,
            [1, 5.550747, "mmol/L", "C", at, at, at, "a", ""],
            [2, 2.16, "mmol/L", "C", "", "", text, "b", low],
        ],
        "SMBG": [
            READING_NAMES,
            [1, 104, "mg/dL", "M", at, at, at, "c", ""],
            [2, "x", "mg/dL", "M", at, at, at, "d", ""],
        ],
        "bolus": [
            ["Index", "Sub Type", "Normal", "Extended", "Duration (mins)", "Device Time", "Zulu Time", "Id"],
            [1, "dual/square", 3.5, 1.5, 90, at, at, "e"],
        ],
        "Bolus Calculator": [
            ["Index", "BG Input", "Bolus Id", "Carb Input", "Device Time", "Zulu Time", "Id"],
            [1, 5.5, "e", 45, at, at, "f"],
        ],
        "basal": [["Rate", "Duration", "Device Time", "Zulu Time", "Id"], [0.8, 3600000, at, at, "g"]],
    })  # fmt: skip
    assert sniff(data, "export.xlsx") == "tidepool"
    imported = read(data, "export.xlsx", options)
    assert values(imported.blocks, Source.CGM) == [
        (BERLIN_8_S, 100.0, Unit.MG_DL, 0),
        (BERLIN_8_S + 300, 2.2, Unit.MMOL_L, -1),
    ]
    assert values(imported.blocks, Source.METER) == [(BERLIN_8_S, 104.0, Unit.MG_DL, 0)]
    doses = [(dose.at_s, dose.units, dose.duration_min) for dose in imported.doses]
    assert doses == [(BERLIN_8_S, 3.5, None), (BERLIN_8_S, 1.5, 90)]
    assert [(carbs.at_s, carbs.grams) for carbs in imported.carbs] == [(BERLIN_8_S, 45)]
    assert imported.problems == ((3, "SMBG: “x” is not a glucose value."),)
    assert imported.skipped == {"basal rates": 1}


def test_a_workbook_of_headers_alone_holds_nothing(workbook: Workbook, options: Options) -> None:
    with pytest.raises(RefusedError, match="holds no reading"):
        read(workbook({"cgm": [READING_NAMES], "smbg": [READING_NAMES]}), "export.xlsx", options)


@given(st.integers(20, 600))
def test_every_whole_mg_dl_comes_back_from_mmol_l(mg_dl: int) -> None:
    """But for one whose quotient a device in mmol/L could show (one decimal), which stays as it is."""
    quotient = mg_dl / MG_DL_PER_MMOL_L
    for written in (quotient, round(quotient, 10), round(quotient, 5)):
        expected = (written, Unit.MMOL_L) if round(written, 1) == written else (float(mg_dl), Unit.MG_DL)
        assert as_shown(written, Unit.MMOL_L, MG_DL_PER_MMOL_L) == expected


@given(st.integers(11, 333))
def test_what_a_device_in_mmol_l_shows_stays(tenths: int) -> None:
    assert as_shown(tenths / 10, Unit.MMOL_L, MG_DL_PER_MMOL_L) == (tenths / 10, Unit.MMOL_L)


def test_70_mg_dl_is_no_low_after_tidepool_divided_it() -> None:
    """The reason for it: 70 mg/dL is in range (below 70 is low), 3.88552 mmol/L is below 3.9."""
    assert Glucose(3.88552, Unit.MMOL_L).is_below(LEVEL_1.pair)
    assert not Glucose(*as_shown(3.88552, Unit.MMOL_L, MG_DL_PER_MMOL_L)).is_below(LEVEL_1.pair)


@pytest.mark.parametrize(("word", "side"), [("low", Censored.LOW), ("high", Censored.HIGH)])
def test_an_annotation_is_the_devices_low_or_high(word: str, side: Censored, options: Options) -> None:
    annotation = {"value": word, "threshold": 40, "code": "bg/out-of-range"}
    (block,) = read(one_item(type="cbg", value=2.1, units="mmol/L", annotations=[annotation]), "x", options).blocks
    assert block.censored[0] == (-1 if side is Censored.LOW else 1)


def test_exchanges_are_not_guessed(options: Options) -> None:
    wizard = one_item(type="wizard", carbInput=3, carbUnits="exchanges")
    assert "exchanges" in read(wizard, "x.json", options).problems[0].reason
