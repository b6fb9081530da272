"""Bad files end in one clear sentence of what is wrong and one of what to do, and give nothing."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from glucolog.core.records import Person
from glucolog.errors import AmbiguousError, GlucologError, NotFoundError, RefusedError, UsageError
from glucolog.importers import source as source_module
from glucolog.importers.archive import open_archive
from glucolog.importers.base import Options
from glucolog.importers.documents import load_json, xml_events
from glucolog.importers.registry import read, read_file, sniff
from glucolog.importers.source import SourceFile
from glucolog.importers.text import MAX_COLUMNS, MAX_LINE

CLARITY = (
    "Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,"
    "Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss),"
    "Glucose Rate of Change (mg/dL/min),Transmitter Time (Long Integer),Transmitter ID\n"
)


def refusal(data: bytes, name: str, options: Options) -> GlucologError:
    with pytest.raises(GlucologError) as caught:
        read(data, name, options)
    for sentence in (caught.value.problem, caught.value.remedy):
        assert sentence.endswith((".", "?"))
        assert sentence.isprintable()
        assert len(sentence) < 250
    return caught.value


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("x.csv", b"", "is empty"),
        ("x.csv", b"\xef\xbb\xbf \r\n", "is empty"),
        ("x.csv", b"%PDF-1.7 ...", "is a PDF"),
        ("x.csv", b"\x89PNG\r\n\x1a\n", "is a PNG image"),
        ("x.csv", b"\x7fELF\x02\x01", "is a program"),
        ("x.csv", bytes(range(256)) * 40, "in no format that glucolog knows"),
        ("x.csv", b"name,age\nAda,36\n", "in no format that glucolog knows"),
        ("x.csv", CLARITY.encode(), "holds no reading"),
        ("x.json", b"[]", "in no format that glucolog knows"),
        ("x.csv", (CLARITY + "1,,FirstName,,Ada,,,,,,,,,\n").encode(), "only 1 settings rows"),
        ("x.csv", CLARITY.encode() + b"1,2025-05-02T08:00:00,EGV,,,,R,1\x00,,,,,,\n", "is not text"),
        ("x.csv", CLARITY.encode() + b"1" * (MAX_LINE + 9), "line of more than"),
        ("x.csv", CLARITY.encode() + b"," * MAX_COLUMNS, "columns"),
        ("x.csv", CLARITY.encode() + b'1,"' + b"x" * 200_000 + b'"', "not a readable table"),
        ("x.json", b'[{"sgv": 121, "date": 1746172800000', "not whole JSON"),
        ("x.json", b'[{"sgv": NaN, "date": 1746172800000}]', "not whole JSON"),
        ("x.json", b'{"sgv": 1, "date": ' + b"[" * 100_000, "not whole JSON"),
        ("x.json", b'{"glucolog": "export", "version": 99}', "another version"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_file_is_one_sentence(name: str, data: bytes, said: str, options: Options) -> None:
    assert said in refusal(data, name, options).problem


def test_a_bad_file_read_as_a_named_format_is_one_sentence_too(options: Options) -> None:
    named = Options(zone=options.zone, now_s=options.now_s, format="libreview")
    assert "no row of column names" in refusal(b"name,age\nAda,36\n", "x.csv", named).problem
    unknown = Options(zone=options.zone, now_s=options.now_s, format="librevew")
    assert isinstance(refusal(b"a,b\n", "x.csv", unknown), UsageError)


def test_a_formula_in_a_cell_stays_text(options: Options) -> None:
    row = "1,2025-05-02T08:00:00,Notes,=cmd|' /C calc'!A0,,,R,,,,,,,\n"
    imported = read((CLARITY + row).encode(), "x.csv", options)
    assert [note.text for note in imported.notes] == ["=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("year", [1900, 2100])
def test_an_impossible_year_is_a_problem_with_its_line(year: int, options: Options) -> None:
    row = f"1,{year}-05-02T08:00:00,EGV,,,,R,100,,,,,,\n"
    imported = read((CLARITY + row).encode(), "x.csv", options)
    assert [problem.line for problem in imported.problems] == [2]
    assert imported.counts["cgm"] == 0


def test_a_folder_a_missing_file_and_no_permission(tmp_path: Path, options: Options) -> None:
    with pytest.raises(RefusedError, match="is a folder"):
        read_file(tmp_path, options)
    with pytest.raises(NotFoundError, match=r"no file nowhere\.csv"):
        read_file(tmp_path / "nowhere.csv", options)
    with pytest.raises(NotFoundError):
        read_file(Path("a\0b"), options)


def test_no_permission_is_named(options: Options) -> None:
    class Locked(type(Path())):  # type: ignore[misc]
        def open(self, *_: object, **__: object) -> None:
            raise PermissionError(13, "denied")

    with pytest.raises(RefusedError, match="no permission"):
        read_file(Locked("locked.csv"), options)


def test_a_huge_file_is_refused_before_it_is_read(
    tmp_path: Path, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sparse file of 2 GB in one line; nothing but its beginning is read."""
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.write(CLARITY.encode())
        stream.truncate(2 * 2**30)
    with pytest.raises(RefusedError, match="2,048 MB"):
        read_file(path, options)


def test_an_endless_line_is_refused_before_it_is_read(tmp_path: Path, options: Options) -> None:
    """240 MB that a file may have; not even a tenth of them is ever held."""
    path = tmp_path / "line.csv"
    with path.open("wb") as stream:
        stream.write(CLARITY.encode())
        stream.truncate(240 * 2**20)
    tracemalloc.start()
    try:
        with pytest.raises(RefusedError, match="line of more than"):
            read_file(path, options)
        assert tracemalloc.get_traced_memory()[1] < 24 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kept", [0.2, 0.6, 0.95])
def test_a_truncated_zip_is_one_sentence(kept: float, options: Options) -> None:
    data = zipped({"a.csv": CLARITY.encode() * 50, "b.csv": os.urandom(500)})
    assert "damaged" in refusal(data[: int(len(data) * kept)], "x.zip", options).problem


def test_a_zip_bomb_is_refused(options: Options) -> None:
    assert "far more than any export" in refusal(zipped({"a.csv": bytes(30 * 2**20)}), "x.zip", options).problem


def test_a_zip_of_very_many_members_is_refused(options: Options) -> None:
    data = zipped({f"{number}.csv": b"" for number in range(5001)})
    assert "far more than any export" in refusal(data, "x.zip", options).problem


def test_a_zip_that_lies_about_its_size_is_refused(options: Options) -> None:
    data = bytearray(zipped({"a.csv": CLARITY.encode() * 100}))
    at = data.rindex(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 10)
    assert "damaged or encrypted zip" in refusal(bytes(data), "x.zip", options).problem


@pytest.mark.parametrize("member", ["../../etc/passwd", "/etc/passwd", "..\\..\\x.csv", "C:\\x.csv", "a/../../b.csv"])
def test_a_path_that_leaves_the_archive_is_refused(member: str, options: Options) -> None:
    assert "leaves the archive" in refusal(zipped({member: b"x", "b.csv": b"y"}), "x.zip", options).problem


def test_a_zip_around_one_file_is_that_file(fixtures: Path, options: Options) -> None:
    data = (fixtures / "clarity_en_mgdl_all_kinds.csv").read_bytes()
    packed = zipped({"__MACOSX/._export.csv": b"\0", "folder/export.csv": data})
    assert read(packed, "export.zip", options) == read(data, "export.csv", options)


def test_a_zip_of_nothing_known_is_one_sentence(options: Options) -> None:
    assert "in no format" in refusal(zipped({"a.txt": b"a", "b.txt": b"b"}), "x.zip", options).problem


def test_an_encrypted_member_is_one_sentence() -> None:
    data = bytearray(zipped({"a.csv": b"x" * 100}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    with pytest.raises(RefusedError, match="encrypted"):
        read_member(bytes(data), "a.csv")


def read_member(data: bytes, member: str) -> bytes:
    with open_archive(SourceFile("x.zip", None, data)) as archive:
        return archive.read(member)


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "&%c;&%c;">' % (98 + i, 97 + i, 97 + i) for i in range(20))
    + b"]><l>&u;</l>"
)


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS,
        b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>',
        b'<!DOCTYPE l [<!ENTITY % x SYSTEM "http://localhost/x.dtd"> %x;]><l/>',
        b"<l>" * 100_000,
        b"<l><m></l>",
        b"<l",
        b"",
        b'<?xml version="1.0" encoding="martian"?><l/>',
    ],
    ids=["billion laughs", "external entity", "parameter entity", "nested", "crossed", "cut", "empty", "encoding"],
)
def test_a_hostile_xml_is_one_sentence(data: bytes) -> None:
    with pytest.raises(RefusedError):
        list(xml_events(io.BytesIO(data), "x.xml"))


def test_a_plain_dtd_is_read_past() -> None:
    data = b'<!DOCTYPE l [<!ELEMENT l ANY><!ATTLIST l a CDATA #REQUIRED>]><l a="1"><m/></l>'
    events = list(xml_events(io.BytesIO(data), "x.xml"))
    assert [(event.tag, event.attributes) for event in events] == [
        ("l", {"a": "1"}),
        ("m", {}),
        ("m", None),
        ("l", None),
    ]


def test_numbers_without_end_in_json_are_refused() -> None:
    with pytest.raises(RefusedError):
        load_json("[" + "9" * 100_000 + "]", "x.json")


IMPOSSIBLE: dict[str, tuple[object, str]] = {
    "target_low": ({"amount": 1e300, "unit": "mg/dL", "censored": None}, "not a possible glucose"),
    "severe_low_at": ({"epoch_s": 2**62, "zone": "UTC"}, "lies in the future"),
    "sensation_checked_on": ("0001-01-01", "not a day of anybody's log"),
    "sites": ([{"kind": "pump", "place": {"area": "abdomen", "side": "left"}, "since": "9999-12-31", "until": None}],
              "not a day of anybody's log"),
}  # fmt: skip


@pytest.mark.parametrize("field", IMPOSSIBLE)
def test_what_can_not_be_is_a_problem_wherever_in_a_record_it_stands(field: str, fixtures: Path) -> None:
    """A day before the calendar's first can't be moved when names are left out, nor such a target be converted."""
    document = json.loads((fixtures / "glucolog_export_v1.json").read_bytes())
    value, said = IMPOSSIBLE[field]
    document["persons"][0][field] = value
    options = Options(zone="UTC", now_s=1_764_000_000)
    imported = read(json.dumps(document).encode(), "x.json", options)
    assert [problem.reason for problem in imported.problems if said in problem.reason], imported.problems
    assert not any(isinstance(record, Person) for record in imported.records)


def test_what_two_formats_claim_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from glucolog.importers import registry
    from glucolog.importers.registry import Format

    monkeypatch.setattr(
        registry, "FORMATS", {"contour": registry.FORMATS["contour"], "twin": Format("contour", "Twin")}
    )
    data = b"#,Date and Time,BGValue[mg/dL],Meal Marker,Data Source,Notes,Activity,Meal[g],Medication,Location\n"
    with pytest.raises(AmbiguousError) as caught:
        sniff(data, "x.csv")
    assert caught.value.choices == ("--format contour", "--format twin")


def test_an_sqlite_file_of_another_program_is_one_sentence(tmp_path: Path, options: Options) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE x (y)")
    connection.close()
    with pytest.raises(GlucologError, match="in no format"):
        read_file(path, options)


def test_the_limits_are_named() -> None:
    assert source_module.MAX_BYTES == 256 * 2**20
