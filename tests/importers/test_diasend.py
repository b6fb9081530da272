"""diasend: sensor sheet, split boluses, and the order of day and month over all sheets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from glucolog.core.units import Source
from glucolog.errors import AmbiguousError
from glucolog.importers.base import Options
from glucolog.importers.registry import read, sniff

Workbook = Callable[[dict[str, list[list[object]]]], bytes]
INSULIN: list[object] = [
    "Time",
    "Basal Amount (U/h)",
    "Bolus Type",
    "Bolus Volume (U)",
    "Immediate Volume (U)",
    "Extended Volume (U)",
    "Duration (min)",
    "Carbs(g)",
    "Notes",
]
PERSON: list[list[object]] = [["Patient ID", ""], ["Name", "Nobody"], ["", ""], ["Date", "01/05/2025 to 20/05/2025"]]


def test_every_sheet_is_read_for_what_it_holds(workbook: Workbook, options: Options) -> None:
    data = workbook({
        "Name and glucose": [*PERSON, ["Time", "mmol/L"], ["01/05/2025 08:00", 5.6], ["20/05/2025 08:00", "HI"]],
        "CGM": [["Time", "mmol/L"], ["01/05/2025 08:05", 5.7], ["02/05/2025 08:05", "x"]],
        "Insulin use and carbs": [
            INSULIN,
            ["01/05/2025 08:00", 0.8, "", "", "", "", "", "", ""],
            ["01/05/2025 09:00", "", "Normal", 4, "", "", "", 40, ""],
            ["01/05/2025 10:00", "", "Combination", 5, 3, 2, 90, "", "pizza"],
            ["01/05/2025 11:00", "", "Square", 2, "", 2, 60, "", ""],
            ["01/05/2025 12:00", "", "", "", "", "", "", "", "massage, 30 min"],
        ],
        "Alarms and events": [["Time", "Event"], ["01/05/2025 08:00", "low battery"]],
        "Insulin pump settings": [["Insulin pump settings for Serial number:", "0"], ["Max Bolus", "25 U"]],
    })  # fmt: skip
    assert sniff(data, "diasend.xlsx") == "diasend"
    imported = read(data, "diasend.xlsx", options)
    start = 1_746_079_200  # 1 May 2025, 08:00 in Berlin
    shown = {block.source: (list(block.at_s), list(block.amount), list(block.censored)) for block in imported.blocks}
    assert shown[Source.METER] == ([start, start + 19 * 86_400], [5.6, 33.3], [0, 1])
    assert shown[Source.CGM] == ([start + 300], [5.7], [0])
    assert [(dose.at_s - start, dose.units, dose.duration_min) for dose in imported.doses] == [
        (3600, 4, None),
        (7200, 3, None),
        (7200, 2, 90),
        (10_800, 2, 60),
    ]
    assert [carbs.grams for carbs in imported.carbs] == [40]
    assert [(offer.text, offer.minutes) for offer in imported.offered_sessions] == [("massage, 30 min", 30)]
    assert imported.problems == ((3, "CGM: “x” is not a glucose value."),)
    assert imported.skipped == {"basal rates": 1, "alarms and events": 1}


def test_dates_that_read_both_ways_are_asked_about(workbook: Workbook, options: Options) -> None:
    data = workbook({"CGM": [["Time", "mg/dL"], ["01/05/2025 08:05", 100]]})
    with pytest.raises(AmbiguousError, match="day first or month first"):
        read(data, "diasend.xlsx", options)
