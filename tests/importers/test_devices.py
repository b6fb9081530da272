"""Juggluco, Eversense, glucometerutils, OneTouch, Diaguard, Accu-Chek and Tandem: what the golden files don't reach."""

from __future__ import annotations

from dataclasses import replace

import pytest
from glucolog.core.records import InsulinKind
from glucolog.core.units import Source, Unit
from glucolog.errors import AmbiguousError, RefusedError
from glucolog.importers.base import Imported, Options
from glucolog.importers.gatherer import speaks_of_massage
from glucolog.importers.registry import read, sniff

BERLIN_8_S = 1_746_079_200
"""1 May 2025, 08:00 in Berlin."""
MASSAGE_WORDS = """
massage Massage MASSAGE masaje massaggio massasje massagem Fußmassage masaż masáž masszázs hieronta массаж マッサージ
按摩 Fußreflexzonen shiatsu masaj
"""


def readings(imported: Imported) -> list[tuple[Source, Unit, int, float]]:
    return [
        (block.source, block.unit, at_s, amount)
        for block in imported.blocks
        for at_s, amount in zip(block.at_s, block.amount, strict=True)
    ]


@pytest.mark.parametrize("word", MASSAGE_WORDS.split())
def test_massage_is_known_in_the_languages_of_the_exports(word: str) -> None:
    assert speaks_of_massage(f"20 min {word}, left foot")


@pytest.mark.parametrize("word", ["message", "mass", "Marsala", "massive", "Masse", "maszyna"])
def test_other_words_are_no_massage(word: str) -> None:
    assert not speaks_of_massage(f"20 min {word}, left foot")


def test_juggluco_without_a_unit_is_refused(options: Options) -> None:
    rows = "Sensorid\tnr\tUnixTime\tTZ\tMin\tvalue\nA\t1\t1746079200\t2\t60\t100\n"
    with pytest.raises(RefusedError, match="no column of mg/dL or mmol/L"):
        read(rows.encode(), "x.tsv", options)


@pytest.mark.parametrize("tz", ["2", "-3", "5.5", "x"])
def test_juggluco_goes_by_unix_time_alone(tz: str, options: Options) -> None:
    rows = f"Sensorid\tnr\tUnixTime\tYYYY-mm-dd-HH:MM:SS\tTZ\tMin\tmg/dL\nA\t1\t{BERLIN_8_S}\tnonsense\t{tz}\t60\t100\n"
    assert readings(read(rows.encode(), "x.tsv", options)) == [(Source.CGM, Unit.MG_DL, BERLIN_8_S, 100.0)]


def test_eversense_takes_the_unit_of_the_options_only_where_a_row_has_none(options: Options) -> None:
    header = "EventDateStr,EventTimeStr,Value,UnitMeasureVal,SensorID\n"
    rows = f"{header}2025-05-01,08:00:00,5.5,,S\n2025-05-01,08:05:00,101,mg/dL,S\n"
    imported = read(rows.encode(), "x.csv", replace(options, unit=Unit.MMOL_L))
    assert readings(imported) == [
        (Source.CGM, Unit.MMOL_L, BERLIN_8_S, 5.5),
        (Source.CGM, Unit.MG_DL, BERLIN_8_S + 300, 101.0),
    ]


@pytest.mark.parametrize(
    ("unit", "written", "expected"),
    [(None, "101.00", (Unit.MG_DL, 101.0)), (Unit.MMOL_L, "5.61", (Unit.MMOL_L, 5.61))],
)
def test_glucometerutils_is_in_mg_dl_unless_told(
    unit: Unit | None, written: str, expected: tuple[Unit, float], options: Options
) -> None:
    row = f'"2025-05-01 08:00:00","{written}","","blood sample",""\n'
    imported = read(row.encode(), "dump.csv", replace(options, unit=unit))
    assert readings(imported) == [(Source.METER, expected[0], BERLIN_8_S, expected[1])]


@pytest.mark.parametrize(
    "stamp",
    [
        *("05/01/25, 8:00 AM", "May 1, 2025, 8:00 AM", "May 1, 2025 at 8:00 AM", "05/01/2025 8:00 AM"),
        *("2025-05-01 08:00", "1. Mai 2025 um 08:00", "1 mai 2025 à 08h00", "1 mei 2025 om 08:00"),
        *("1 mag 2025 alle 08:00", "1 maj 2025, 08.00", "1 мая 2025, 08:00", "1 de mayo de 2025, 08:00"),
    ],
)
def test_onetouch_writes_a_time_in_many_ways(stamp: str, options: Options) -> None:
    rows = f'Item Type,Date and Time,Value,Unit\nBlood Glucose,"{stamp}",101,mg/dL\n'
    assert readings(read(rows.encode(), "x.csv", options)) == [(Source.METER, Unit.MG_DL, BERLIN_8_S, 101.0)]


def test_onetouch_without_am_or_pm_is_asked_about(options: Options) -> None:
    rows = "Item Type,Date and Time,Value,Unit\nBlood Glucose,05/01/2025 08:00,101,mg/dL\n"
    with pytest.raises(AmbiguousError):
        read(rows.encode(), "x.csv", options)


def test_diaguard_insulin_of_one_entry_is_one_injection(options: Options) -> None:
    """A bolus and a correction of the same size must not pass for one dose written twice."""
    lines = '"meta";"23"\n"entry";"2025-05-01 08:00:00";""\n"measurement";"insulin";"2.0";"2.0";"0.0"\n'
    assert [(dose.units, dose.kind) for dose in read(lines.encode(), "x.csv", options).doses] == [
        (4.0, InsulinKind.RAPID)
    ]


def test_diaguard_of_version_1_had_value_before_category(options: Options) -> None:
    lines = '"meta";"18"\n"entry";"2025-05-01 08:00:00";""\n"measurement";"101.0";"BLOODSUGAR"\n'
    assert readings(read(lines.encode(), "x.csv", options)) == [(Source.METER, Unit.MG_DL, BERLIN_8_S, 101.0)]


@pytest.mark.parametrize(
    ("unit", "carb_unit", "grams"), [("mg/dL", "g", 2), ("mg/dL", "BE", 24), ("mg/dL", "KE", 20), ("mg/dL", "CC", 30)]
)
def test_accu_chek_carbs_are_in_the_unit_of_the_device(
    unit: str, carb_unit: str, grams: float, options: Options
) -> None:
    device = f'<DEVICE Name="M" BGUnit="{unit}" CarbUnit="{carb_unit}"/>'
    reading = '<BG Val="101" Dt="2025-05-01" Tm="08:00" Carb="2"/>'
    xml = f"<IMPORT><ACSPIX/>{device}<BGDATA>{reading}</BGDATA></IMPORT>"
    imported = read(xml.encode(), "x.xml", options)
    assert sniff(xml.encode(), "x.xml") == "accu-chek"
    assert readings(imported) == [(Source.METER, Unit.MG_DL, BERLIN_8_S, 101.0)]
    assert [carbs.grams for carbs in imported.carbs] == [grams]


def test_accu_chek_with_entities_is_refused(options: Options) -> None:
    xml = '<!DOCTYPE IMPORT [<!ENTITY x SYSTEM "file:///etc/passwd">]><IMPORT><ACSPIX/>&x;</IMPORT>'
    with pytest.raises(RefusedError, match="entities"):
        read(xml.encode(), "x.xml", options)


def test_accu_chek_without_a_unit_takes_that_of_the_options(options: Options) -> None:
    xml = '<IMPORT><ACSPIX/><BGDATA><BG Val="5.5" Dt="2025-05-01" Tm="08:00"/></BGDATA></IMPORT>'
    assert read(xml.encode(), "x.xml", options).problems == ((1, "The meter names no unit."),)
    told = replace(options, unit=Unit.MMOL_L)
    assert readings(read(xml.encode(), "x.xml", told)) == [(Source.METER, Unit.MMOL_L, BERLIN_8_S, 5.5)]


@pytest.mark.parametrize(
    ("header", "unit", "expected"),
    [
        ("Readings (CGM / BGM)", None, (Unit.MG_DL, 101.0)),
        ("Readings (mmol/L)", None, (Unit.MMOL_L, 5.6)),
        ("Readings (CGM / BGM)", Unit.MMOL_L, (Unit.MMOL_L, 5.6)),
    ],
)
def test_tandem_names_the_unit_in_the_header_or_not_at_all(
    header: str, unit: Unit | None, expected: tuple[Unit, float], options: Options
) -> None:
    names = f"DeviceType,SerialNumber,Description,EventDateTime,{header}\n"
    row = f'"t:slim X2","0","EGV","2025-05-01T08:00:00","{expected[1]:g}",\n'
    imported = read((names + row).encode(), "x.csv", replace(options, unit=unit))
    assert readings(imported) == [(Source.CGM, expected[0], BERLIN_8_S, expected[1])]


def test_tandem_reads_a_bolus_before_the_shift_and_its_note_after_it(options: Options) -> None:
    """`IsQuickBolus` is followed by a cell without a name; a row without that cell isn't shifted."""
    header = "Type,Description,InsulinDelivered,EventDateTime,CarbSize,IsQuickBolus,NoteID,Note\n"
    shifted = '"Bolus","Standard","3.5","2025-05-01T08:00:00","40","0","unnamed","7","lunch"\n'
    straight = '"Bolus","Standard","2.5","2025-05-01T09:00:00","0","0","8","dinner"\n'
    imported = read((header + shifted + straight).encode(), "x.csv", options)
    assert [dose.units for dose in imported.doses] == [3.5, 2.5]
    assert [carbs.grams for carbs in imported.carbs] == [40]
    assert [note.text for note in imported.notes] == ["lunch", "dinner"]


def test_kinds_without_end_are_counted_together(options: Options) -> None:
    items = ", ".join(f'{{"type": "kind{number}", "deviceTime": ""}}' for number in range(1000))
    reading = '{"type": "cbg", "value": 5.5, "uploadId": "u", "time": "2025-05-01T06:00:00Z"}'
    skipped = read(f"[{reading}, {items}]".encode(), "x.json", options).skipped
    assert sum(skipped.values()) == 1000
    assert len(skipped) == 201


@pytest.mark.parametrize("words", ["<HealthData", "<IMPORT><ACSPIX", "t:connect Therapy Timeline Data Export"])
def test_a_note_that_speaks_of_another_format_changes_nothing(words: str) -> None:
    own = f'{{"glucolog": "export", "version": 1, "notes": [{{"text": "{words}"}}]}}'
    assert sniff(own.encode(), "log.json") == "glucolog"


@pytest.mark.parametrize("word", ["U", "IE", "units", "Einheiten", "unités"])
def test_contour_doses_are_known_by_any_word_for_units(word: str, options: Options) -> None:
    text = (
        "#,Date and Time,Readings [mg/dL],Meal Marker,Data Source,Notes,Activity,Meal[g],Medication,Location\n"
        f"1,15/03/2025 08:05,110,,Meter,,,,Rapid-acting Insulin: 2.5 {word},\n"
    )
    imported = read(text.encode(), "contour.csv", options)
    assert [(dose.units, dose.kind) for dose in imported.doses] == [(2.5, InsulinKind.RAPID)]
    assert imported.notes == ()
