"""What a search puts into the containers that formats come in: a mutated archive would be stopped at its own door.

A checksum guards each member of a zip and a tree the pages of a database; so the input is what lies inside, cut at its
blank lines, and the container around it is whole.
"""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from unittest.mock import patch

from glucolog.importers import sheets
from glucolog.importers.archive import open_archive
from glucolog.importers.source import SourceFile

GLOOKO = ("cgm", "bg", "bolus", "manual_insulin", "carbs", "food", "cgm_carbs", "exercise", "notes", "insulin")
XDRIP = {
    "BgReadings": ("timestamp", "calculated_value"),
    "BloodTest": ("timestamp", "mgdl"),
    "Calibration": ("timestamp", "bg"),
    "Treatments": ("timestamp", "carbs", "insulin", "insulinJSON", "notes", "eventType"),
}
Value = int | float | str | None
_SHEETS, _ROWS = "xl/workbook.xml", "rows"


def glooko_zip(data: bytes) -> bytes:
    """Return Glooko's archive: each part is the member of the next kind."""
    parts = data.split(b"\n\n")
    return _zipped({f"{kind}_data_1.csv": part for kind, part in zip(GLOOKO, parts, strict=False)})


def health_zip(data: bytes) -> bytes:
    """Return Apple's archive around an export."""
    return _zipped({"apple_health_export/export.xml": data, "apple_health_export/other.csv": b""})


def xdrip_database(data: bytes) -> bytes:
    """Return xDrip's database: each part holds the rows of the next table, their values between tabs."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("PRAGMA page_size = 512")
        for (table, columns), part in zip(XDRIP.items(), data.split(b"\n\n"), strict=False):
            connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            connection.executemany(
                f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})",  # noqa: S608
                (_values(line, len(columns)) for line in part.split(b"\n")),
            )
        connection.commit()
        return connection.serialize()


def _values(line: bytes, width: int) -> list[Value]:
    cells = line.decode("latin-1").split("\t")[:width]
    return [*map(_value, cells), *[None] * (width - len(cells))]


def _value(cell: str) -> Value:
    for kind in (int, float):
        try:
            value = kind(cell)
        except ValueError:
            continue
        return value if abs(value) < 2**63 else float(value) if abs(value) < 10**300 else cell
    return cell or None


def workbook(data: bytes) -> bytes:
    """Return what stands for a workbook while `sheets_without_a_child` lasts."""
    return _zipped({_SHEETS: b"", _ROWS: data})


@contextmanager
def sheets_without_a_child() -> Iterator[None]:
    """Read the parts of a `workbook` as its sheets, here: a process for each of a million inputs would take days."""
    with patch.object(sheets, "_read_apart", _read_here):
        yield


def _read_here(source: SourceFile, first: int) -> bytes:
    with open_archive(source) as archive:
        if _ROWS not in archive.names:
            return b"[]"
        parts = archive.read(_ROWS).decode("utf-8", "replace").split("\n\n")
    names = (part.partition("\n")[::2] for part in parts)
    rows = ((name, [line.split("\t") for line in body.split("\n")]) for name, body in names)
    return json.dumps([(name, body[:first] if first else body) for name, body in rows]).encode()


CONTAINERS: dict[str, Callable[[bytes], bytes]] = {
    "apple-health": health_zip,
    "dexcom-clarity": workbook,
    "diasend": workbook,
    "glooko": glooko_zip,
    "mysugr": workbook,
    "tidepool": workbook,
    "xdrip": xdrip_database,
}
"""The container of each format that has one."""


def _zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()
