"""A year of Clarity CSV through the whole `glucolog import` beside a bare csv + sqlite3 process, in one run.

`pytest tests/bench/test_bench_import.py --benchmark-only`. Both are processes of their own and put the same rows into
the same table; processor time with compiled bytecode, so that a busy machine does not decide.
"""

from __future__ import annotations

import csv
import os
import statistics
import subprocess
import sys
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

A_YEAR = 365 * 288
"""Readings of a sensor in a year, one in 5 minutes: 105 120."""
ROUNDS = 3
PATIENCE_S = 300
HEADER = (
    "Index", "Timestamp (YYYY-MM-DDThh:mm:ss)", "Event Type", "Event Subtype", "Patient Info", "Device Info",
    "Source Device ID", "Glucose Value (mg/dL)", "Insulin Value (u)", "Carb Value (grams)", "Duration (hh:mm:ss)",
    "Glucose Rate of Change (mg/dL/min)", "Transmitter Time (Long Integer)", "Transmitter ID",
)  # fmt: skip
GLUCOLOG = (sys.executable, "-c", "from glucolog.cli import main; main()")
BARE = """
import csv, os, sqlite3, sys
from datetime import datetime
log, file = sys.argv[1:]
with open(file, newline="", encoding="utf-8") as source:
    lines = csv.reader(source)
    next(lines)
    rows = [(os.urandom(16), int(datetime.fromisoformat(line[1]).timestamp()), float(line[7])) for line in lines]
raw = sqlite3.connect(log)
person, = raw.execute("SELECT id FROM person").fetchone()
with raw:
    raw.executemany(
        "INSERT INTO reading (id, person_id, at_s, zone, amount, unit, source, device, entry_seq, used)"
        " VALUES (?, x'" + person.hex() + "', ?, 'UTC', ?, 'mg/dL', 'cgm', 'Dexcom G6', 1, 1)",
        rows,
    )
print(raw.execute("SELECT count(*) FROM reading").fetchone()[0])
"""


class Cost:
    """Runs processes with a bytecode cache of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = count()
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self.environment = kept | {"PYTHONPYCACHEPREFIX": str(folder / "bytecode"), "XDG_CONFIG_HOME": str(folder)}

    def __call__(self, *words: str) -> tuple[float, float, str]:
        """Run a process; return its processor seconds, its largest memory in MB, and what it printed."""
        with subprocess.Popen(words, env=self.environment, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            end = Timer(PATIENCE_S, child.kill)
            end.start()
            printed = child.stdout.read()
            _, status, used = os.wait4(child.pid, 0)
            end.cancel()
            child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0, printed
        return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, printed

    def fresh(self) -> str:
        """Make a new log with a person in it and return its path."""
        log = str(self.folder / f"{next(self.numbers)}.db")
        self(*GLUCOLOG, "--db", log, "init", "--name", "Ada", "--unit", "mg/dL", "--tz", "UTC", "--therapy", "mdi")
        return log


@pytest.fixture
def year(tmp_path: Path) -> str:
    """Write a Clarity export of a year and return its path."""
    begin = datetime(2025, 1, 1)
    file = tmp_path / "year.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(HEADER)
        for row in range(A_YEAR):
            at, amount = f"{begin + timedelta(minutes=5 * row):%Y-%m-%dT%H:%M:%S}", 80 + row * 37 % 150
            writer.writerow((row, at, "EGV", "", "", "", "Dexcom G6", amount, "", "", "", "", 300 * row, "8XXXXX"))
    return str(file)


def test_importing_a_year_against_bare_sqlite(benchmark: Any, tmp_path: Path, year: str) -> None:
    cost = Cost(tmp_path)
    bare_words, ours_words = (sys.executable, "-c", BARE), (*GLUCOLOG, "--db")
    cost(*ours_words, cost.fresh(), "import", year, "--dry-run")
    bare = [cost(*bare_words, cost.fresh(), year) for _ in range(ROUNDS)]
    ours = [cost(*ours_words, cost.fresh(), "import", year) for _ in range(ROUNDS)]
    benchmark.pedantic(
        lambda log: cost(*ours_words, log, "import", year), setup=lambda: ((cost.fresh(),), {}), rounds=1
    )
    assert all(int(printed) == A_YEAR for _, _, printed in bare)
    assert all(f"{A_YEAR:,} new" in printed for _, _, printed in ours)
    ratio = statistics.median(seconds for seconds, _, _ in ours) / statistics.median(seconds for seconds, _, _ in bare)
    largest = max(megabytes for _, megabytes, _ in ours)
    benchmark.extra_info |= {"ratio to bare csv + executemany": round(ratio, 2), "MB": round(largest)}
    assert ratio <= 2
    assert largest < 200
