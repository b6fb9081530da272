"""Bytes to rows: encodings, delimiters, headers, cells."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from glucolog.core.records import InsulinKind
from glucolog.core.units import Censored, Source, Unit
from glucolog.errors import RefusedError
from glucolog.importers import cells
from glucolog.importers.base import Options
from glucolog.importers.insulins import kind_of
from glucolog.importers.registry import read, sniff
from glucolog.importers.source import SourceFile
from glucolog.importers.text import MAX_COLUMNS, MAX_LINE, decode, delimiter_of, read_table

TEXT = "Größe;Wert\r\n5,1;Füße\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_encoding_of_an_export_is_recognised(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)) == "Größe;Wert\n5,1;Füße\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_byte_order_mark_is_recognised(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)) == "Größe;Wert\n5,1;Füße\n"


@pytest.mark.parametrize("data", [b"a,b\n1,\x00\n", bytes(range(256)), b"\x81\x8d\x8f", codecs.BOM_UTF16_LE + b"a"])
def test_what_is_not_text_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedError, match="is not text"):
        decode(data)


@pytest.mark.parametrize(
    ("line", "delimiter"),
    [("a,b,c", ","), ("a;b;c", ";"), ("a\tb\tc", "\t"), ('"x;y;z;w",b', ","), ('"5,6,7,8";b', ";")],
)
def test_the_delimiter_is_counted_outside_quotes(line: str, delimiter: str) -> None:
    assert delimiter_of(line) == delimiter


def test_the_header_is_found_by_content_and_rows_keep_their_line_numbers() -> None:
    text = 'a title\n\nname,note\nx,"two\nlines"\n\ny\n'
    table = read_table(text, lambda row: row[:1] == ["name"])
    assert table.rows == [["x", "two\nlines"], ["y", ""]]
    assert list(table.lines) == [4, 7]
    assert table.preamble == (["a title"], [])


def test_a_long_line_and_many_columns_are_refused() -> None:
    with pytest.raises(RefusedError, match="line of more than"):
        SourceFile("x.csv", None, b"name\n" + b"x" * MAX_LINE).text()
    with pytest.raises(RefusedError, match="columns"):
        read_table("name\n" + "," * MAX_COLUMNS, lambda row: row == ["name"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("6.1", 6.1),
        ("6,1", 6.1),
        (" 12 ", 12.0),
        ("-0,5", -0.5),
        (",5", 0.5),
        ("5.", 5.0),
        ("1746172800000", 1746172800000.0),
    ],
)
def test_numbers_with_point_or_comma(text: str, value: float) -> None:
    assert cells.number(text) == value


@pytest.mark.parametrize("text", ["", "1e3", "nan", "inf", "=1+1", "1,2,3", "٣", "1 000", "--", "0x10"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert cells.number(text) is None


@pytest.mark.parametrize("word", ["LO", "Low", "low", " Niedrig ", "Bajo", "Laag", "Faible", "Basso"])
def test_words_for_low_are_censored_at_the_devices_limit(word: str) -> None:
    assert cells.glucose(word, Unit.MG_DL, Source.CGM) == (40.0, Censored.LOW)
    assert cells.glucose(word, Unit.MMOL_L, Source.METER) == (1.1, Censored.LOW)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("<40", (40.0, Censored.LOW)), ("> 400", (400.0, Censored.HIGH)), (">500", (500.0, Censored.HIGH))],
)
def test_a_sign_before_a_limit_is_censored_at_that_limit(text: str, amount: tuple[float, Censored]) -> None:
    assert cells.glucose(text, Unit.MG_DL, Source.CGM) == amount


@pytest.mark.parametrize("text", ["<", "<abc", "<5", ">9000"])
def test_a_sign_before_no_limit_is_a_reason(text: str) -> None:
    assert isinstance(cells.glucose(text, Unit.MG_DL, Source.CGM), str)


@pytest.mark.parametrize(
    ("text", "unit", "possible"),
    [
        ("20", Unit.MG_DL, True),
        ("19", Unit.MG_DL, False),
        ("600", Unit.MG_DL, True),
        ("601", Unit.MG_DL, False),
        ("1.1", Unit.MMOL_L, True),
        ("1.0", Unit.MMOL_L, False),
        ("33.3", Unit.MMOL_L, True),
        ("142", Unit.MMOL_L, False),
        ("0", Unit.MG_DL, False),
    ],
)
def test_amounts_no_device_shows_are_a_reason(text: str, unit: Unit, possible: bool) -> None:
    assert isinstance(cells.glucose(text, unit, Source.METER), cells.Amount) is possible


@pytest.mark.parametrize(
    ("header", "grams"),
    [
        ("Meal Carbohydrates (Grams, Factor 1)", 1.0),
        ("Mahlzeitkohlenhydrate (Broteinheiten, Faktor 12)", 12.0),
        ("Mahlzeitkohlenhydrate (Kohlenhydrateinheiten, Faktor 10)", 10.0),
        ("Meal[g]", 1.0),
        ("Mahlzeit[BE]", 12.0),
        ("BWZ Carb Input (exchanges)", 15.0),
        ("BWZ Carb Input (grams)", 1.0),
    ],
)
def test_carbs_columns_say_what_a_unit_weighs(header: str, grams: float) -> None:
    assert cells.grams_per(header) == grams


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Fast-Acting", InsulinKind.RAPID),
        ("Long-acting Insulin (Basal)", InsulinKind.LONG),
        ("Langwirkendes Insulin", InsulinKind.LONG),
        ("Acción rápida", InsulinKind.RAPID),
        ("Ad azione prolungata", InsulinKind.LONG),
        ("Medium Acting", InsulinKind.UNKNOWN),
        ("Fiasp", InsulinKind.ULTRA_RAPID),
        ("Insuman Rapid", InsulinKind.REGULAR),
        ("Humalog Mix 25", InsulinKind.MIXED),
        ("Insulin", InsulinKind.UNKNOWN),
        ("", InsulinKind.UNKNOWN),
    ],
)
def test_words_for_how_an_insulin_acts(words: str, kind: InsulinKind) -> None:
    assert kind_of(words) is kind


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("name", ["clarity_de_mmol_semicolon.csv", "carelink_personal_v1_de.csv"])
def test_the_encoding_of_a_file_changes_nothing(name: str, encoding: str, fixtures: Path, options: Options) -> None:
    data = (fixtures / name).read_bytes()
    again = data.decode("cp1252").encode(encoding)
    assert sniff(again, name) == sniff(data, name)
    assert read(again, name, options) == read(data, name, options)


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_line_ends_change_nothing(ends: str, fixtures: Path, options: Options) -> None:
    data = (fixtures / "libreview_en_us_mgdl_ampm.csv").read_text(encoding="utf-8")
    again = data.replace("\n", ends).encode()
    assert read(again, "x.csv", options) == read(data.encode(), "x.csv", options)
