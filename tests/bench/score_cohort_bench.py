"""The long form of the cohort benchmark: `python -m tests.bench.score_cohort_bench FOLDER [--peers PYTHON]`.

Makes cohorts of 100, 300 and 1,000 people of 90 days in FOLDER (kept between runs) and prints, as one JSON document:
CPU and wall seconds of `cohort stats` in one process and of the bare kernel over the same Parquet, each in a process of
its own; the peak memory of each; the exponent of growth; bytes a reading; two workers. With --peers, a Python that has
polars, DuckDB and pandas answers a part of the question (mean, SD, shares, runs of 15 minutes below 70) beside numpy.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from glucolog.services.cohort.executors import in_pool, in_process
from glucolog.services.cohort.running import run
from glucolog.services.cohort.shards import read_cohort
from glucolog.services.cohort.work import Question, Task
from tests.bench.cohort_made_up import cohort
from tests.bench.test_bench_cohort import bare, stored_bytes

SIZES, DAYS = (100, 300, 1000), 90
STATS = Task(question=Question.STATS)
PEERS = "numpy", "polars", "duckdb", "pandas"


def measure(name: str, folder: Path) -> dict[str, float]:
    """Do one thing in this process and say what it took."""
    made = read_cohort(folder)
    works: dict[str, Callable[[], object]] = {
        "ours": lambda: run(made, STATS, in_process, fresh=True),
        "bare": lambda: bare(made),
        "two_workers": lambda: run(made, STATS, in_pool(2), fresh=True),
    }
    begin, cpu = time.perf_counter(), time.process_time()
    works[name]()
    spent = {"wall_s": time.perf_counter() - begin, "cpu_s": time.process_time() - cpu}
    return {**spent, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def in_its_own(python: str, *arguments: str) -> Any:
    """Measure in a fresh process, so that the peak is its own."""
    done = subprocess.run([python, *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def one_round(folder: Path, peers: str | None) -> dict[str, Any]:
    """Measure everything once."""
    found: dict[str, Any] = {"people": {}}
    for n in SIZES:
        there = folder / str(n)
        if not there.exists():
            cohort(there, n, DAYS)
        names = ("ours", "bare", "two_workers") if n == SIZES[-1] else ("ours",)
        me = ("-m", "tests.bench.score_cohort_bench", str(there), "--only")
        found["people"][n] = {name: in_its_own(sys.executable, *me, name) for name in names}
    most = found["people"][SIZES[-1]]
    seconds = [found["people"][n]["ours"]["cpu_s"] for n in SIZES]
    found["exponent"] = float(np.polyfit(np.log(SIZES), np.log(seconds), 1)[0])
    found["times_bare"] = most["ours"]["cpu_s"] / most["bare"]["cpu_s"]
    found["bytes_a_reading"] = stored_bytes(read_cohort(folder / str(SIZES[-1]))) / (SIZES[-1] * DAYS * 288)
    if peers:
        script = str(Path(__file__).with_name("cohort_peers.py"))
        found["peers"] = {name: in_its_own(peers, script, name, str(folder / str(SIZES[-1]))) for name in PEERS}
    return found


def main() -> None:
    """Read the words and print what was measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers")
    parser.add_argument("--only")
    said = parser.parse_args()
    found = measure(said.only, said.folder) if said.only else one_round(said.folder, said.peers)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
