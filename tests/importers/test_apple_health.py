"""Apple Health: the zip as Health writes it, hostile XML, and readings of several sources."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from glucolog.core.records import InsulinKind
from glucolog.core.units import Source, Unit
from glucolog.errors import RefusedError
from glucolog.importers.base import Imported, Options
from glucolog.importers.registry import read, sniff
from hypothesis import given, settings
from hypothesis import strategies as st

GLUCOSE = "HKQuantityTypeIdentifierBloodGlucose"
PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE HealthData [\n<!ELEMENT HealthData (Record)>\n]>\n'
OPTIONS = Options(zone="Europe/Berlin", now_s=1_764_000_000)


def glucose(at: str, value: float | str, source: str = "App", unit: str = "mg/dL", more: str = "") -> str:
    stamps = f'startDate="{at}" endDate="{at}"'
    return f'<Record type="{GLUCOSE}" sourceName="{source}" unit="{unit}" {stamps} value="{value}">{more}</Record>'


def export(records: Iterable[str], prologue: str = PROLOGUE) -> bytes:
    return f'{prologue}<HealthData locale="en_US">{"".join(records)}</HealthData>'.encode()


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def of(imported: Imported, source: Source) -> list[tuple[int, float]]:
    blocks = [block for block in imported.blocks if block.source is source]
    return sorted(pair for block in blocks for pair in zip(block.at_s, block.amount, strict=True))


@pytest.mark.parametrize("member", ["apple_health_export/export.xml", "apple_health_export/Exportación.xml"])
def test_the_zip_is_read_where_it_is(member: str, options: Options) -> None:
    data = zipped({
        "apple_health_export/export_cda.xml": b"<ClinicalDocument/>",
        member: export([glucose("2025-05-01 08:00:00 +0200", 101)]),
        "apple_health_export/workout-routes/route.gpx": b"<gpx/>",
    })  # fmt: skip
    assert sniff(data, "export.zip") == "apple-health"
    assert of(read(data, "export.zip", options), Source.METER) == [(1_746_079_200, 101.0)]


def test_a_zip_of_the_export_alone_is_read_too(options: Options) -> None:
    data = zipped({"export.xml": export([glucose("2025-05-01 08:00:00 +0200", 101)])})
    assert read(data, "export.zip", options).counts["meter"] == 1


@pytest.mark.parametrize(
    "prologue",
    [
        '<!DOCTYPE HealthData [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE HealthData [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE HealthData [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]>',
    ],
    ids=["bomb", "external", "parameter"],
)
def test_entities_are_refused(prologue: str, options: Options) -> None:
    with pytest.raises(RefusedError, match="declares XML entities"):
        read(export([glucose("2025-05-01 08:00:00 +0200", 101)], prologue), "export.xml", options)


def test_an_entity_nobody_declared_is_refused(options: Options) -> None:
    with pytest.raises(RefusedError, match="not whole XML"):
        read(export(["<Record value='&x;'/>"]), "export.xml", options)


def test_a_tag_without_end_is_refused_before_it_fills_the_memory(options: Options) -> None:
    with pytest.raises(RefusedError, match="without end"):
        read(export([f"<Record value='{'1' * (6 * 2**20)}'/>"]), "export.xml", options)


def test_a_control_character_in_a_text_is_no_hindrance(options: Options) -> None:
    assert read(export([glucose("2025-05-01 08:00:00 +0200", 101, "A\x0bB")]), "x", options).blocks[0].device == "A B"


@pytest.mark.parametrize("cut", [0.5, 0.9])
def test_a_file_cut_off_is_refused_whole(cut: float, options: Options) -> None:
    data = export(glucose(f"2025-05-01 {hour:02}:00:00 +0200", 101) for hour in range(24))
    with pytest.raises(RefusedError, match="not whole XML"):
        read(data[: int(len(data) * cut)], "export.xml", options)


def test_a_sensor_is_told_from_a_meter_by_hand_name_and_pace(options: Options) -> None:
    """Pace: 5 min apart is a sensor, 5 h apart is a meter; typed by hand is a meter's whatever the source."""
    often = [glucose(f"2025-05-01 08:{minute:02}:00 +0200", 100 + minute, "Alpha") for minute in range(0, 60, 5)]
    seldom = [glucose(f"2025-05-01 {hour:02}:00:00 +0200", 150, "Beta") for hour in (1, 6, 11, 16, 21)]
    named = [glucose("2025-05-02 08:00:00 +0200", 90, "Dexcom G7"), glucose("2025-05-02 08:01:00 +0200", 91, "Contour")]
    typed = '<MetadataEntry key="HKWasUserEntered" value="1"/>'
    by_hand = glucose("2025-05-02 09:00:00 +0200", 92, "Dexcom G7", more=typed)
    imported = read(export([*often, *seldom, *named, by_hand]), "export.xml", options)
    assert [value for _, value in of(imported, Source.CGM)] == [*range(100, 160, 5), 90]
    assert [value for _, value in of(imported, Source.METER)] == [150] * 5 + [91, 92]


def test_one_reading_of_two_sources_is_one_and_two_values_stay_two(options: Options) -> None:
    """100 mg/dL is 5.55075 mmol/L; 104 at the same instant is another reading."""
    mmol = "mmol&lt;180.1558800000541&gt;/L"
    records = [
        glucose("2025-05-01 08:00:00 +0200", 100, "Dexcom G7"),
        glucose("2025-05-01 06:00:00 +0000", 5.55, "Dexcom Copy", mmol),
        glucose("2025-05-01 08:00:00 +0200", 104, "Dexcom Third"),
    ]
    imported = read(export(records), "export.xml", options)
    assert of(imported, Source.CGM) == [(1_746_079_200, 100.0), (1_746_079_200, 104.0)]
    assert imported.skipped == {"readings repeated by another source": 1}


def test_what_health_converted_is_brought_back_to_what_was_shown(options: Options) -> None:
    """70 mg/dL is in range; 3.8855 mmol/L would be a low. 6.1 mmol/L is as typed."""
    mmol = "mmol&lt;180.1558800000541&gt;/L"
    records = [
        glucose("2025-05-01 08:00:00 +0200", 3.8855240697449, unit=mmol),
        glucose("2025-05-01 09:00:00 +0200", 6.1, unit=mmol),
    ]
    blocks = read(export(records), "export.xml", options).blocks
    assert {(block.unit, *block.amount) for block in blocks} == {(Unit.MG_DL, 70.0), (Unit.MMOL_L, 6.1)}


def test_insulin_without_a_reason_is_unknown(options: Options) -> None:
    stamp = 'startDate="2025-05-01 08:00:00 +0200" endDate="2025-05-01 08:00:00 +0200"'
    record = f'<Record type="HKQuantityTypeIdentifierInsulinDelivery" unit="IU" {stamp} value="4"/>'
    (dose,) = read(export([record]), "export.xml", options).doses
    assert (dose.units, dose.kind) == (4.0, InsulinKind.UNKNOWN)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2000), st.integers(40, 400), st.sampled_from("ABC")), max_size=40), st.randoms()
)
def test_the_order_of_the_records_of_a_source_is_irrelevant(
    rows: list[tuple[int, int, str]], shuffler: random.Random
) -> None:
    """For values of one source at one instant the first one written counts, so instants are distinct here."""
    once = {(minute, source): (minute, value, source) for minute, value, source in rows}
    records = [_minute_record(*row) for row in once.values()]
    extra = glucose("2025-05-09 08:00:00 +0200", 99, "D")
    shuffled = records.copy()
    shuffler.shuffle(shuffled)
    first, second = (read(export([*some, extra]), "export.xml", OPTIONS) for some in (records, shuffled))
    assert first.counts["cgm"] + first.counts["meter"] == second.counts["cgm"] + second.counts["meter"]
    assert instants(first) == instants(second)


def _minute_record(minute: int, value: int, source: str) -> str:
    day, rest = divmod(minute, 1440)
    return glucose(f"2025-05-{day + 1:02} {rest // 60:02}:{rest % 60:02}:00 +0200", value, source)


def instants(imported: Imported) -> list[tuple[int, float]]:
    return sorted(pair for block in imported.blocks for pair in zip(block.at_s, block.amount, strict=True))


@pytest.mark.parametrize("packed", [False, True])
def test_whoever_watches_hears_how_much_is_read(fixtures: Path, options: Options, *, packed: bool) -> None:
    data = (fixtures / "apple_health_export.xml").read_bytes()
    whole_kb = len(data) // 1024
    if packed:
        data = zipped({"apple_health_export/export.xml": data, "apple_health_export/export_cda.xml": b"<a/>"})
    heard: list[tuple[int, int]] = []
    read(data, "export", replace(options, watch=lambda done, total: heard.append((done, total))))
    assert heard[-1] == (whole_kb, whole_kb)
    assert heard == sorted(heard)
