"""The tidy CSV: both units, offsets, zero beside empty, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pytest
from glucolog.core.units import Unit
from glucolog.reports.exports import ExportRecords
from glucolog.reports.exports.tidy_csv import COLUMNS, cell, tidy_csv
from hypothesis import given
from hypothesis import strategies as st
from tests.reports.exports.conftest import ADA, HOSTILE, NOON, everything, reading, saying


def rows(records: ExportRecords) -> list[dict[str, str]]:
    text = b"".join(tidy_csv(records)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def of_kind(kind: str) -> list[dict[str, str]]:
    return [row for row in rows(everything()) if row["kind"] == kind]


def test_every_record_in_use_is_a_row_in_time_order() -> None:
    kinds = [row["kind"] for row in rows(everything())]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "reading": 5, "insulin": 3, "carbs": 1, "activity": 1, "note": 1, "session": 2, "symptom": 2, "foot_check": 2,
    }  # fmt: skip
    times = [row["time"] for row in rows(everything())]
    assert times == sorted(times)


def test_times_carry_their_offset_on_both_sides_of_the_change_of_clocks() -> None:
    night, day = (row["time"] for row in rows(ExportRecords(
        person=ADA, made_at=NOON, readings=(reading(-720, 90), reading(0, 100)))))  # fmt: skip
    assert (night, day) == ("2026-03-29T01:00:00+01:00", "2026-03-29T14:00:00+02:00")


def test_both_units_and_what_was_typed() -> None:
    two = reading(0, 7.9, Unit.MMOL_L), reading(1, 142)
    typed = rows(ExportRecords(person=ADA, made_at=NOON, readings=two))
    assert [(row["mg_dl"], row["mmol_l"], row["entered"], row["entered_unit"]) for row in typed] == [
        ("142.323161", "7.9", "7.9", "mmol/L"),  # 7.9 × 18.01559
        ("142", "7.882062147", "142", "mg/dL"),  # 142 ÷ 18.01559
    ]


def test_lo_and_hi_are_said() -> None:
    assert [row["censored"] for row in of_kind("reading")] == ["", "", "low", "high", ""]


def test_zero_is_not_empty() -> None:
    pain, tingling = of_kind("symptom")
    assert (pain["score"], tingling["score"]) == ("0", "7")
    assert pain["carbs_g"] == ""
    assert (cell(0), cell(0.0), cell(None)) == ("0", "0", "")


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_in_its_cell_and_begins_no_formula(text: str) -> None:
    for row in rows(saying(text)):
        assert None not in row
        assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r")) for value in row.values())
        assert row["note"].removeprefix("'").strip("\n") in {text, ""} or row["kind"] == "reading" or "\r" in text


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_cell_is_the_text_with_at_most_an_apostrophe_before_it(text: str) -> None:
    assert cell(text) in {text, f"'{text}"}
    assert cell(text)[0] not in "=+-@\t\r\n＝＋－＠"


def test_nobody_has_recorded_anything() -> None:
    empty = b"".join(tidy_csv(ExportRecords(person=ADA, made_at=NOON)))
    assert empty.decode("utf-8-sig").strip().split(",") == list(COLUMNS)
