"""A year of sensor readings: written in pieces, in time that grows with the readings and no faster."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from glucolog.reports.exports import ExportRecords
from glucolog.reports.exports.fhir import fhir_bundle
from glucolog.reports.exports.nightscout import nightscout_json
from glucolog.reports.exports.own_json import own_json
from glucolog.reports.exports.tidepool import tidepool_json
from glucolog.reports.exports.tidy_csv import tidy_csv
from glucolog.reports.exports.workbook import workbook
from tests.reports.exports.conftest import everything, sensor

Write = Callable[[ExportRecords], Iterator[bytes]]
IN_PIECES = [tidy_csv, own_json, fhir_bundle, nightscout_json, tidepool_json]
TWO_MONTHS = everything(sensor(60))
ONE_MONTH = everything(sensor(30))
AT_ONCE_BYTES = 5 * 2**19
"""More than a chunk and the columns of the summary, far less than the files (1 to 8 MB)."""


@pytest.mark.parametrize("write", IN_PIECES)
def test_a_file_is_never_whole_in_memory(write: Write) -> None:
    list(write(everything(sensor(0.1))))
    tracemalloc.start()
    size = sum(map(len, write(ONE_MONTH)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < AT_ONCE_BYTES
    assert size > 800_000


@pytest.mark.slow
@pytest.mark.parametrize("write", [*IN_PIECES, workbook])
def test_a_year_takes_six_times_what_two_months_take(write: Write) -> None:
    seconds = {}
    for name, records in (("short", TWO_MONTHS), ("year", everything(sensor(365)))):
        began = time.perf_counter()
        assert sum(map(len, write(records)))
        seconds[name] = time.perf_counter() - began
    assert seconds["year"] < 2 * 365 / 60 * seconds["short"]
