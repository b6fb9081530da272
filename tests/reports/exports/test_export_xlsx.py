"""The workbook, read back by another library: real dates, numbers that are numbers, text that is text."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from glucolog.reports.exports import ExportRecords
from glucolog.reports.exports import workbook as workbook_module
from glucolog.reports.exports.workbook import workbook
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reports.exports.conftest import ADA, HOSTILE, NOON, everything, saying

SHEETS = ["Sessions", "Readings", "Insulin", "Carbs", "Activity", "Symptoms", "Feet", "Notes"]


def read(records: ExportRecords) -> dict[str, list[dict[str, Any]]]:
    import python_calamine as calamine

    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(b"".join(workbook(records))))
    found: dict[str, list[dict[str, Any]]] = {}
    for name in book.sheet_names:
        head, *rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        found[name] = [dict(zip(map(str, head), row, strict=True)) for row in rows]
    return found


def test_a_sheet_a_kind() -> None:
    sheets = read(everything())
    assert list(sheets) == SHEETS
    assert [len(sheets[name]) for name in SHEETS] == [2, 5, 3, 1, 1, 2, 2, 1]


def test_dates_are_dates_on_the_local_clock_beside_the_iso_instant() -> None:
    session = read(everything())["Sessions"][0]
    assert session["local time"] == datetime(2026, 3, 29, 14, 0)
    assert session["time (ISO)"] == "2026-03-29T14:00:00+02:00"


def test_a_session_has_its_readings_and_its_drop() -> None:
    session, running = read(everything())["Sessions"]
    assert (session["before mg/dL"], session["after mg/dL"], session["drop mg/dL"]) == (142, 98, 44)
    assert session["drop mg/dL per min"] == pytest.approx(44 / 40)
    assert session["meter error mg/dL"] == pytest.approx(2**0.5 * 0.15 * 142)
    assert session["within meter error"] == "no"
    assert session["lowest after mg/dL"] == 40
    assert running["drop mg/dL"] == ""
    assert running["why no drop"]


def test_a_score_of_zero_is_zero_and_no_score_is_empty() -> None:
    sheets = read(everything())
    assert sheets["Symptoms"][0]["score (0–10)"] == 0
    assert sheets["Activity"][0]["note"] == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_text(text: str) -> None:
    made = b"".join(workbook(saying(text)))
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name]
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)
    shown = "".join(sign for sign in text if sign >= " " or sign in "\t\n").strip()
    assert read(saying(text))["Notes"][0]["note"].strip() == shown


@settings(max_examples=30)
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_gives_a_workbook_of_sound_xml(text: str) -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(workbook(saying(text))))) as parts:
        for name in parts.namelist():
            ElementTree.fromstring(parts.read(name))  # noqa: S314 - our own file


def test_what_is_more_than_a_sheet_takes_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_module, "MOST_ROWS", 2)
    sheets = read(everything())
    assert [len(sheets[name]) for name in ("Readings", "Readings 2", "Readings 3")] == [2, 2, 1]
    assert len(sheets["Insulin"] + sheets["Insulin 2"]) == 3
    assert "Sessions 2" not in sheets


def test_nobody_has_recorded_anything() -> None:
    sheets = read(ExportRecords(person=ADA, made_at=NOON))
    assert list(sheets) == SHEETS
    assert not any(sheets.values())
