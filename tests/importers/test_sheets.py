"""Workbooks: the text of their cells, and files that would end the process that reads them."""

from __future__ import annotations

import io
import random
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from glucolog.errors import GlucologError, MissingExtraError, RefusedError
from glucolog.importers import sheets
from glucolog.importers.base import Options
from glucolog.importers.registry import read
from glucolog.importers.sheet_child import cell_text
from glucolog.importers.sheets import read_sheets
from glucolog.importers.source import SourceFile

Workbook = Callable[[dict[str, list[list[object]]]], bytes]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (101.0, "101"),
        (5.6, "5.6"),
        (0.1 + 0.2, "0.3"),
        (7, "7"),
        ("=1+1", "=1+1"),
        (None, ""),
        (datetime(2025, 5, 1, 8, 30), "2025-05-01 08:30:00"),
        (date(2025, 5, 1), "2025-05-01"),
        (time(8, 30), "08:30:00"),
        (timedelta(hours=1, seconds=30), "01:00:30"),
    ],
)
def test_a_cell_is_what_a_csv_would_hold(cell: object, text: str) -> None:
    assert cell_text(cell) == text


def test_rows_start_at_the_first_line_of_the_sheet(workbook: Workbook) -> None:
    data = workbook({"Größe": [["", ""], ["a", 1.5]], "two": [[datetime(2025, 5, 1, 8)]]})
    assert read_sheets(SourceFile("x.xlsx", None, data)) == (
        ("Größe", [["", ""], ["a", "1.5"]]),
        ("two", [["2025-05-01 08:00:00"]]),
    )


@pytest.mark.skipif(sys.platform == "win32", reason="the limit of memory is POSIX")
@pytest.mark.parametrize("corner", ["XFD1048576", "A1048576", "XFD2"])
def test_a_sheet_as_large_as_excel_allows_ends_in_one_sentence(
    corner: str, workbook: Workbook, options: Options
) -> None:
    """Two cells far apart: laid out, that is up to 17 billion cells."""
    buffer, honest = io.BytesIO(), workbook({"cgm": [["x"]]})
    row = corner.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    cells = f'<row r="1"><c r="A1"><v>1</v></c></row><row r="{row}"><c r="{corner}"><v>1</v></c></row>'
    with zipfile.ZipFile(io.BytesIO(honest)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            text = source.read(name).decode()
            start, end = text.find("<row>"), text.rfind("</sheetData>")
            target.writestr(name, text if start < 0 else f"{text[:start]}{cells}{text[end:]}")
    with pytest.raises(RefusedError):
        read(buffer.getvalue(), "x.xlsx", options)


def test_a_damaged_workbook_says_so(workbook: Workbook, options: Options) -> None:
    data = workbook({"cgm": [["x"]]})
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            target.writestr(name, b"<" if name == "xl/workbook.xml" else source.read(name))
    with pytest.raises(RefusedError, match="damaged Excel file"):
        read(broken.getvalue(), "x.xlsx", options)


def test_without_the_extra_it_is_named(workbook: Workbook, options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError, match="formats"):
        read(workbook({"cgm": [["x"]]}), "x.xlsx", options)


@pytest.mark.slow
def test_a_mutated_xls_is_read_or_refused(shared: Path, options: Options) -> None:
    """The reader aborts on some of these; what reads them doesn't."""
    whole = (shared / "data/vendor_samples/diasend/diasend_animas_mgdl.xls").read_bytes()
    chance = random.Random(20)
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(data))
            data[at : at + 4] = chance.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\1\0\0\0"])
        try:
            assert read(bytes(data), "diasend.xls", options).format
        except GlucologError as error:
            assert error.remedy  # noqa: PT017 - both ends are right
