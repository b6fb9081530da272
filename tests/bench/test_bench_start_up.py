"""`glucolog log`, `check` on a year's log and the report as PDF beside a bare `import sqlalchemy`: whole processes.

`pytest tests/bench/test_bench_start_up.py --benchmark-only`. Compiled bytecode, as an installed program has it, and
processor time, so that a busy machine does not decide.
"""

from __future__ import annotations

import math
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

ROUNDS = 11
GLUCOLOG = (sys.executable, "-c", "from glucolog.cli import main; main()")
SESSION = ("--yes", "log", "--before", "142", "--after", "98", "--minutes", "30", "--ago", "40m", "--area", "feet")
BARE = (sys.executable, "-c", "import sqlalchemy")

Cost = Callable[..., float]
"""Runs a command line and returns its processor time in seconds."""


@pytest.fixture
def cost(tmp_path: Path) -> Cost:
    """What runs command lines with a log and a bytecode cache of their own."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": str(tmp_path / "bytecode"), "GLUCOLOG_DB": str(tmp_path / "log.db")}
    environment |= {"XDG_CONFIG_HOME": str(tmp_path)}

    def run(*words: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode in {0, 10}, done.stderr
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    run(*GLUCOLOG, "init", "--name", "Ada", "--unit", "mg/dL", "--tz", "Europe/Berlin", "--therapy", "mdi")
    return run


def ratio(cost: Cost, ours: tuple[str, ...], beside: tuple[str, ...]) -> float:
    """Return the median of how much more one costs than the other, run in turns."""
    for words in (ours, beside):
        cost(*words)
    return statistics.median(cost(*ours) / cost(*beside) for _ in range(ROUNDS))


def test_log_against_importing_sqlalchemy(benchmark: Any, cost: Cost) -> None:
    found = ratio(cost, (*GLUCOLOG, *SESSION), BARE)
    benchmark.extra_info["ratio to import sqlalchemy"] = round(found, 2)
    benchmark.pedantic(cost, (*GLUCOLOG, *SESSION), rounds=ROUNDS)
    assert found <= 1.35


def test_log_against_sqlite_utils_insert(benchmark: Any, cost: Cost, tmp_path: Path) -> None:
    pytest.importorskip("sqlite_utils")
    row = tmp_path / "row.json"
    row.write_text('{"at": 1774785600, "before": 142, "after": 98, "minutes": 30, "area": "feet"}', encoding="utf-8")
    insert = (sys.executable, "-m", "sqlite_utils", "insert", str(tmp_path / "other.db"), "session", str(row))
    found = ratio(cost, (*GLUCOLOG, *SESSION), insert)
    benchmark.extra_info["ratio to sqlite-utils insert"] = round(found, 2)
    benchmark.pedantic(cost, (*GLUCOLOG, *SESSION), rounds=ROUNDS)
    assert found < 1


def test_the_report_of_ninety_days_as_pdf(benchmark: Any, cost: Cost, tmp_path: Path) -> None:
    cost(*GLUCOLOG, "demo", "-o", str(tmp_path / "demo"))
    report = (*GLUCOLOG, "--db", str(tmp_path / "demo" / "demo.db"), "report", "-o", str(tmp_path / "report.pdf"))
    found = ratio(cost, report, BARE)
    benchmark.extra_info["ratio to import sqlalchemy"] = round(found, 2)
    benchmark.pedantic(cost, report, rounds=3)
    assert found <= 4.5  # 1.5 s where the import takes a third of a second


def test_check_on_a_years_log(benchmark: Any, cost: Cost, tmp_path: Path) -> None:
    cost(*GLUCOLOG, "import", str(a_year(tmp_path / "year.csv")))
    check = (*GLUCOLOG, "check", "--area", "thigh:left", "--json")
    found = ratio(cost, check, BARE)
    benchmark.extra_info["ratio to import sqlalchemy"] = round(found, 2)
    benchmark.pedantic(cost, check, rounds=ROUNDS)
    assert found <= 2  # three quarters of a second where the import takes 0.38 s: the bound is one


def a_year(path: Path) -> Path:
    """A sensor's year up to now and three doses a day: 105,120 readings, 1,095 doses."""
    until = datetime.now(UTC).replace(second=0, microsecond=0)
    rows = ["time,glucose_mg_dl,insulin_units,insulin,site"]
    for step in range(365 * 288):
        at = f"{until - timedelta(minutes=5 * step):%Y-%m-%dT%H:%M:%S}+00:00"
        rows.append(f"{at},{120 + 60 * math.sin(step / 30):.0f},,,")
        if step % 96 == 0:
            rows.append(f"{at},,4,aspart,{('thigh:left', 'abdomen')[step % 192 > 0]}")
    path.write_text("\n".join(rows), encoding="utf-8")
    return path
