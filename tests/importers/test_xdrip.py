"""xDrip+: the SQLite database, honest and hostile, and the CSV in its zip."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from glucolog.core.records import InsulinKind
from glucolog.core.units import Source
from glucolog.errors import RefusedError
from glucolog.importers.base import Imported, Options
from glucolog.importers.registry import read, read_file, sniff
from glucolog.importers.source import source_file
from glucolog.importers.sqlite_tables import open_tables
from hypothesis import given, settings
from hypothesis import strategies as st

SCHEMA = (
    "CREATE TABLE BgReadings (_id INTEGER PRIMARY KEY, timestamp INTEGER, calculated_value REAL)",
    "CREATE TABLE Calibration (_id INTEGER PRIMARY KEY, timestamp INTEGER, bg REAL)",
    "CREATE TABLE BloodTest (_id INTEGER PRIMARY KEY, timestamp INTEGER, mgdl REAL)",
    "CREATE TABLE Treatments (_id INTEGER PRIMARY KEY, timestamp INTEGER, eventType TEXT, notes TEXT, carbs REAL,"
    " insulin REAL, insulinJSON TEXT)",
)
AT_MS = 1_746_079_200_000
"""1 May 2025, 08:00 in Berlin."""
OPTIONS = Options(zone="Europe/Berlin", now_s=1_764_000_000)


Row = tuple[str, dict[str, object]]


def database(rows: Sequence[Row], schema: Sequence[str] = SCHEMA) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in schema:
            connection.execute(statement)
        for row in rows:
            insert(connection, *row)
        connection.commit()
        return connection.serialize()


def insert(connection: sqlite3.Connection, table: str, values: dict[str, object]) -> None:
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))  # noqa: S608


def readings(imported: Imported, source: Source) -> list[tuple[int, float, int]]:
    blocks = [block for block in imported.blocks if block.source is source]
    return [row for block in blocks for row in zip(block.at_s, block.amount, block.censored, strict=True)]


def reading(value: object, at_ms: object = AT_MS) -> Row:
    return "BgReadings", {"timestamp": at_ms, "calculated_value": value}


def test_a_value_is_a_reading_an_error_code_or_low(options: Options) -> None:
    """Up to 13 is an error code; from there to 20, where no meter reads, xDrip shows LOW."""
    data = database([reading(112.5), reading(5.0), reading(13.0), reading(14.0), reading(38.0), reading(None)])
    imported = read(data, "export.sqlite", options)
    at_s = AT_MS // 1000
    assert readings(imported, Source.CGM) == [(at_s, 112.5, 0), (at_s, 40.0, -1), (at_s, 38.0, 0)]
    assert imported.skipped == {"error codes of the sensor": 3}


def test_one_stick_in_both_tables_is_one_reading(options: Options) -> None:
    data = database([
        ("BloodTest", {"timestamp": AT_MS, "mgdl": 97}),
        ("Calibration", {"timestamp": AT_MS, "bg": 97.0}),
        ("Calibration", {"timestamp": AT_MS + 60_000, "bg": 97.0}),
    ])  # fmt: skip
    imported = read(data, "export.sqlite", options)
    assert readings(imported, Source.METER) == [(AT_MS // 1000, 97, 0), (AT_MS // 1000 + 60, 97, 0)]
    assert imported.skipped == {"repeated rows": 1}


def test_insulin_is_what_its_json_names(options: Options) -> None:
    def treatment(insulin: float, by_name: str, notes: str = "", carbs: float = 0) -> Row:
        amounts = {"carbs": carbs, "insulin": insulin, "insulinJSON": by_name}
        return "Treatments", {"timestamp": AT_MS, "eventType": "<none>", "notes": notes, **amounts}

    both = '[{"insulin": "Novorapid", "units": 3.5}, {"insulin": "Lantus", "units": 12.0}]'
    data = database([
        treatment(15.5, both),
        treatment(2.0, "[]"),
        treatment(4.0, '[{"insulin": "Lantus"'),
        treatment(9.0, '[{"insulin": "Lantus", "units": 1.0}]', "Fiasp"),
        treatment(0, "[]", "Massage 20 min", 15),
    ])  # fmt: skip
    imported = read(data, "export.sqlite", options)
    assert [(dose.units, dose.kind) for dose in imported.doses] == [
        (3.5, InsulinKind.RAPID),
        (12.0, InsulinKind.LONG),
        (2.0, InsulinKind.UNKNOWN),
        (4.0, InsulinKind.UNKNOWN),
        (9.0, InsulinKind.ULTRA_RAPID),
    ]
    assert [carbs.grams for carbs in imported.carbs] == [15]
    assert [(offer.text, offer.minutes) for offer in imported.offered_sessions] == [("Massage 20 min", 20)]


def test_a_problem_names_its_table_and_row(options: Options) -> None:
    data = database([reading(100.0), reading("abc"), reading(101.0, "yesterday"), reading(900.0)])
    assert read(data, "export.sqlite", options).problems == (
        (2, "BgReadings: “abc” is not a glucose value."),
        (3, "BgReadings: The row has no time."),
        (4, "BgReadings: 900 mg/dL is not a possible glucose value (20 to 600)."),
    )


def test_an_older_database_without_a_table_or_column_is_read(options: Options) -> None:
    data = database([reading(100.0)], [SCHEMA[0], "CREATE TABLE Treatments (timestamp INTEGER, carbs REAL)"])
    assert read(data, "export.sqlite", options).counts["cgm"] == 1


def test_a_database_in_wal_mode_is_read_and_left_alone(tmp_path: Path, options: Options) -> None:
    path = tmp_path / "export.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(SCHEMA[0])
        insert(connection, *reading(100.0))
        connection.commit()
    before = path.read_bytes()
    assert before[18:20] == b"\x02\x02"
    assert read_file(path, options).counts["cgm"] == 1
    assert path.read_bytes() == before
    assert [name.name for name in tmp_path.iterdir()] == ["export.sqlite"]


@pytest.mark.parametrize(
    "schema",
    [
        ["CREATE VIEW BgReadings AS WITH RECURSIVE n(timestamp) AS (SELECT 1 UNION ALL SELECT timestamp FROM n)"
         " SELECT timestamp, 100.0 AS calculated_value FROM n"],
        ["CREATE VIRTUAL TABLE BgReadings USING fts5(timestamp, calculated_value)"],
    ],
    ids=["view without end", "virtual table"],
)  # fmt: skip
def test_what_is_no_plain_table_is_not_touched(schema: list[str], options: Options) -> None:
    with pytest.raises(RefusedError, match="no reading"):
        read(database([], schema), "export.sqlite", Options(zone="UTC", now_s=options.now_s, format="xdrip"))


def test_a_computed_column_is_never_computed(options: Options) -> None:
    computed = "calculated_value REAL AS (length(zeroblob(900000000)))"
    data = database([("BgReadings", {"timestamp": AT_MS})], [f"CREATE TABLE BgReadings (timestamp, {computed})"])
    with pytest.raises(RefusedError, match="holds no reading"):
        read(data, "export.sqlite", options)


def test_only_selecting_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "export.sqlite"
    path.write_bytes(database([reading(100.0)]))
    with pytest.raises(RefusedError), open_tables(source_file(path)) as tables:
        tables._connection.execute("ATTACH DATABASE 'elsewhere.sqlite' AS other")
    with open_tables(source_file(path)) as tables:
        assert "BgReadings" in tables
        assert list(tables.rows("nothing", ("a",))) == []
        assert list(tables.rows("BgReadings", ("calculated_value", "no_such_column"))) == [(100.0, None)]


def test_a_value_without_end_is_refused(options: Options) -> None:
    note = "Treatments", {"timestamp": AT_MS, "notes": "x" * 2_000_000}
    with pytest.raises(RefusedError, match="damaged SQLite file"):
        read(database([note]), "export.sqlite", options)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_database_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(database([reading(float(value)) for value in range(40, 300)]))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(16, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(100, len(whole)))])
    options = Options(zone="UTC", now_s=OPTIONS.now_s, format="xdrip")
    try:
        imported = read(cut, "export.sqlite", options)
    except RefusedError as error:
        assert error.remedy  # noqa: PT017 - hypothesis draws inside the block
    else:
        assert imported.format == "xdrip"


def test_a_schema_that_is_no_utf_8_is_refused(options: Options) -> None:
    """SQLite quotes the broken word in its message, which then is no text either."""
    whole = database([reading(120.0)])
    with pytest.raises(RefusedError, match="damaged SQLite file"):
        read(whole.replace(b"CREATE TABLE", b"CREATE \x80ABLE"), "export.sqlite", replace(options, format="xdrip"))


def test_the_csv_in_its_zip_is_known(fixtures: Path, options: Options) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.write(fixtures / "xdrip_sidiary_spring_night.csv", "export20240331-080000.csv")
    assert sniff(buffer.getvalue(), "exportCSV20240331-080000.zip") == "xdrip"
    assert read(buffer.getvalue(), "exportCSV20240331-080000.zip", options).counts["insulin"] == 3
