"""Apple Health is streamed: memory grows by the readings kept, not by the length of the file."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from glucolog.importers.base import Imported, Options
from glucolog.importers.registry import read_file

BUDGET_MB = 60
"""For 600,000 records, as the specification has it."""
RECORDS = 600_000
SHORT = 15_000
OPTIONS = Options(zone="Europe/Berlin", now_s=1_764_000_000)
MEASURE = """
import resource, sys
from pathlib import Path
from glucolog.importers.base import Options
from glucolog.importers.registry import FORMATS, importer, read_file

for name in FORMATS:
    importer(name)
before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
imported = read_file(Path(sys.argv[1]), Options(zone="Europe/Berlin", now_s=1_764_000_000))
grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
print(imported.counts["cgm"], imported.skipped["HeartRate"], grown_kb / 1024)
"""


def write_export(path: Path, n_glucose: int) -> None:
    """Write a zip of so many sensor readings, five minutes apart, with a heart rate between each two."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("apple_health_export/export_cda.xml", "<ClinicalDocument/>")
        with archive.open("apple_health_export/export.xml", "w") as stream:
            stream.write(b'<?xml version="1.0" encoding="UTF-8"?>\n<HealthData locale="en_US">\n')
            for number in range(n_glucose):
                stream.write(_records(number).encode())
            stream.write(b"</HealthData>\n")


def _records(number: int) -> str:
    at = f"{datetime(2019, 1, 1) + timedelta(minutes=5 * number):%Y-%m-%d %H:%M:%S} +0100"
    stamps = f'creationDate="{at}" startDate="{at}" endDate="{at}"'
    glucose = f'type="HKQuantityTypeIdentifierBloodGlucose" sourceName="Dexcom G6" unit="mg/dL" {stamps}'
    pulse = f'type="HKQuantityTypeIdentifierHeartRate" sourceName="Watch" unit="count/min" {stamps}'
    return f' <Record {glucose} value="{80 + number % 120}"/>\n <Record {pulse} value="{60 + number % 40}"/>\n'


def test_memory_grows_by_less_than_a_hundred_bytes_a_record(tmp_path: Path) -> None:
    """The short form: 60 MB for 600,000 records are 100 bytes for each, on top of the parser's buffers."""
    path = tmp_path / "export.zip"
    write_export(path, SHORT)
    read_file(path, OPTIONS)  # caches and modules are there the second time
    imported, peak_bytes = read_traced(path)
    assert imported.counts["cgm"] == SHORT
    buffers_bytes = 4 * 2**20
    assert peak_bytes < BUDGET_MB * 2**20 * SHORT / RECORDS + buffers_bytes


def read_traced(path: Path) -> tuple[Imported, int]:
    tracemalloc.start()
    try:
        imported = read_file(path, OPTIONS)
        return imported, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_600_000_records_stay_under_60_mb_of_growth(tmp_path: Path) -> None:
    """The long form: the resident memory of a process of its own, with as many other records between them."""
    path = tmp_path / "export.zip"
    write_export(path, RECORDS)
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True, timeout=600
    )
    readings, pulses, grown_mb = run.stdout.split()
    assert (int(readings), int(pulses)) == (RECORDS, RECORDS)
    assert float(grown_mb) < BUDGET_MB
