"""What vendors really write: every sample of ours against an independent count (`expected.json` beside the samples)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from glucolog.core.records import InsulinKind
from glucolog.core.units import Source, to_mg_dl
from glucolog.importers.base import Imported, Options
from glucolog.importers.registry import read_file, sniff

FORMATS = {
    "dexcom_clarity": "dexcom-clarity",
    "libreview": "libreview",
    "carelink": "medtronic-carelink",
    "mysugr": "mysugr",
    "contour": "contour",
    "nightscout": "nightscout",
    "tidepool": "tidepool",
    "xdrip": "xdrip",
    "glooko": "glooko",
    "onetouch": "onetouch",
    "juggluco": "juggluco",
    "diaguard": "diaguard",
    "apple_health": "apple-health",
    "diasend": "diasend",
    "tandem": "tandem",
}
COUNTED = (
    "dexcom_clarity/clarity_en_mmol_g6receiver_bom.csv",
    "dexcom_clarity/clarity_fr_ca_mmol_decimalcomma.csv",
    "dexcom_clarity/clarity_en_mmol_dexcomone_low_high_csvfromxlsx.csv",
    "dexcom_clarity/clarity_en_mgdl_insulin_mangledbom_SYNTHETIC.csv",
    "libreview/libreview_en_us_mgdl_ampm.csv",
    "libreview/libreview_en_us_mgdl_patientreport_3hdr.csv",
    "libreview/libreview_en_uk_mmol_ddmmyyyy.csv",
    "libreview/libreview_es_mgdl_types0-6.csv",
    "libreview/libreview_nl_mmol_decimalcomma_SYNTHETIC.csv",
    "carelink/carelink_guardianconnect_semicolon_multisection.csv",
    "mysugr/mysugr_da_mmol_decimalcomma.csv",
    "contour/contour_app_en_mmol_bom.csv",
    "nightscout/entries_v1_noheader.csv",
    "nightscout/treatments_v1_iaps.json",
    "tidepool/tidepool_flat_api_dump.csv",
    "diasend/diasend_animas_mgdl.xls",
    "xdrip/export_SYNTHETIC.sqlite",
    "juggluco/history_mmol.tsv",
)
REPEATS_DROPPED = {"carelink/carelink_guardianconnect_semicolon_multisection.csv"}
"""Here the same event is written twice, so the independent count of distinct ones is the true one."""
NOTHINGS = "doses of zero", "carbs of zero"
"""The independent count takes a bolus of 0.0 U and a meal of 0 g for entries; an import counts them as skipped."""


@pytest.fixture(scope="module")
def samples(shared: Path) -> Path:
    return shared / "data" / "vendor_samples"


@pytest.fixture(scope="module")
def expected(samples: Path) -> dict[str, Any]:
    files: dict[str, Any] = json.loads((samples / "expected.json").read_text(encoding="utf-8"))["files"]
    return files


def of_source(imported: Imported, source: Source) -> tuple[int, list[float], int, int]:
    """Count the readings; give the uncensored ones in mg/dL, and how many are LO and HI."""
    blocks = [block for block in imported.blocks if block.source is source]
    pairs = [
        (to_mg_dl(amount, block.unit), side)
        for block in blocks
        for amount, side in zip(block.amount, block.censored, strict=True)
    ]
    values = [value for value, side in pairs if side == 0]
    return len(pairs), values, sum(side < 0 for _, side in pairs), sum(side > 0 for _, side in pairs)


def assert_statistics(values: list[float], counted: list[dict[str, float]]) -> None:
    """Compare with one or several independent sets of n, min, max and mean, taken together."""
    assert len(values) == sum(part["n"] for part in counted)
    if values:
        mean = sum(part["mean"] * part["n"] for part in counted) / len(values)
        assert sum(values) / len(values) == pytest.approx(mean, abs=0.5)
        assert min(values) == pytest.approx(min(part["min"] for part in counted), abs=0.5)
        assert max(values) == pytest.approx(max(part["max"] for part in counted), abs=0.5)


@pytest.mark.parametrize("name", COUNTED)
def test_glucose_is_what_an_independent_count_found(
    name: str, samples: Path, expected: dict[str, Any], options: Options
) -> None:
    imported, counted = read_file(samples / name, _later(options)), expected[name]
    sensor_n, sensor, low, high = of_source(imported, Source.CGM)
    meter_n, meter, meter_low, meter_high = of_source(imported, Source.METER)
    assert sensor_n == counted["cgm_readings"] + counted["scan_readings"]
    assert meter_n == counted["meter_readings"]
    assert (low + meter_low, high + meter_high) == (counted["low_count"], counted["high_count"])
    parts = [counted[key] for key in ("glucose_mgdl_cgm", "glucose_mgdl_scan") if counted[key]]
    assert_statistics(sensor, parts)
    assert_statistics(meter, [counted["glucose_mgdl_meter"]] if counted["glucose_mgdl_meter"] else [])


@pytest.mark.parametrize("name", COUNTED)
def test_doses_and_carbs_are_what_an_independent_count_found(
    name: str, samples: Path, expected: dict[str, Any], options: Options
) -> None:
    imported, counted = read_file(samples / name, _later(options)), expected[name]
    which = "_distinct" if name in REPEATS_DROPPED else ""
    kinds = {
        "insulin_rapid": InsulinKind.RAPID,
        "insulin_long": InsulinKind.LONG,
        "insulin_unspecified": InsulinKind.UNKNOWN,
    }
    for key, kind in kinds.items():
        units = [dose.units for dose in imported.doses if dose.kind is kind]
        zeros = imported.skipped.get(NOTHINGS[0], 0) if kind is InsulinKind.RAPID else 0
        assert len(units) + zeros == counted[key][f"entries{which}"], key
        assert sum(units) == pytest.approx(counted[key][f"total{which}"], abs=0.001), key
    zero_carbs = imported.skipped.get(NOTHINGS[1], 0)
    assert len(imported.carbs) + zero_carbs == counted["carbs"][f"entries{which}"]
    assert sum(carbs.grams for carbs in imported.carbs) == pytest.approx(counted["carbs"][f"total{which}"])


@pytest.mark.parametrize("name", COUNTED)
def test_no_row_of_a_real_file_is_a_problem(name: str, samples: Path, options: Options) -> None:
    assert read_file(samples / name, _later(options)).problems == ()


@pytest.mark.parametrize("folder", FORMATS)
def test_every_sample_is_sniffed_as_what_it_is(folder: str, samples: Path) -> None:
    paths = [path for path in (samples / folder).iterdir() if path.is_file()]
    assert paths
    assert {sniff(path.read_bytes(), path.name) for path in paths} == {FORMATS[folder]}


def test_the_xlsx_twin_holds_the_same_readings(samples: Path, options: Options) -> None:
    pytest.importorskip("python_calamine")
    folder = samples / "dexcom_clarity"
    book = read_file(folder / "clarity_en_mmol_dexcomone_low_high.xlsx", options)
    table = read_file(folder / "clarity_en_mmol_dexcomone_low_high_csvfromxlsx.csv", options)
    assert book.blocks == table.blocks


def test_dates_of_a_spanish_file_are_not_ten_months_off(samples: Path, options: Options) -> None:
    """`07-02-2021` under a title of 19-03-2021 is February, not July: first and last reading as counted."""
    berlin = read_file(samples / "libreview" / "libreview_es_mgdl_types0-6.csv", options)
    times = [at_s for block in berlin.blocks for at_s in block.at_s]
    assert (min(times), max(times)) == (1612652520, 1612825140)  # 2021-02-07 00:02 and 2021-02-08 23:59 in Berlin


def _later(options: Options) -> Options:
    """Some samples are dated in 2026."""
    return Options(zone="UTC", now_s=options.now_s + 400 * 86_400)
