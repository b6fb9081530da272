"""Fixtures of the importers: options with a fixed clock, the folder of sample files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from glucolog.importers.base import Options

NOW_S = 1_764_000_000
"""2025-11-24 16:00 UTC: the clock of every test here."""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NUMBER_OR_DATE = '<xf numFmtId="0"/><xf numFmtId="22"/>'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder with small files of every shape; all their data are invented."""
    return Path(__file__).parent / "fixtures"


@pytest.fixture(scope="session")
def options() -> Options:
    """What a person in Berlin says about a file."""
    return Options(zone="Europe/Berlin", now_s=NOW_S)


@pytest.fixture(scope="session")
def workbook() -> Callable[[dict[str, list[list[object]]]], bytes]:
    """Write an .xlsx file of sheets with inline strings, numbers and dates, as web exports do."""
    pytest.importorskip("python_calamine")
    return _workbook


def _workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    names = list(enumerate(sheets, start=1))
    listed = "".join(f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>' for number, name in names)
    links = "".join(f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="sheet{n}.xml"/>' for n, _ in names)
    styles = f'<Relationship Id="styles" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    root = f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}">{root}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{links}{styles}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs>{_NUMBER_OR_DATE}</cellXfs></styleSheet>',
        **{f"xl/sheet{number}.xml": _sheet(sheets[name]) for number, name in names},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def _sheet(rows: list[list[object]]) -> str:
    written = "".join(f"<row>{''.join(map(_xlsx_cell, row))}</row>" for row in rows)
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{written}</sheetData></worksheet>'


def _xlsx_cell(value: object) -> str:
    if isinstance(value, datetime):
        days = (value - datetime(1899, 12, 30)).total_seconds() / 86_400
        return f'<c s="1"><v>{days!r}</v></c>'
    if isinstance(value, (int, float)):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
