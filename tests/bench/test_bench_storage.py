"""Ratios of the storage to the bare thing beside it, in one run each: `pytest tests/bench --benchmark-only`."""

from __future__ import annotations

import csv
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import time
from array import array
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from glucolog.core.columns import ReadingBlock
from glucolog.core.moments import Moment
from glucolog.core.records import ImportBatch, Person, Therapy
from glucolog.core.units import Source, Unit
from glucolog.storage import new_id, open_log
from glucolog.storage.ids import new_ids, to_bytes

NOON = Moment(1_774_785_600, "Europe/Berlin")
A_YEAR = 365 * 288
"""Readings of a sensor in a year, one in 5 minutes: 105 120."""
ROUNDS = 5

INSERT = """
INSERT INTO reading (id, person_id, at_s, zone, amount, unit, source, device, batch_id, entry_seq, used)
VALUES (?, ?, ?, 'Europe/Berlin', ?, 'mg/dL', 'cgm', 'Dexcom G6', ?, 2, 1)
"""


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a CSV of a year: instant, mg/dL."""
    file = tmp_path_factory.mktemp("year") / "year.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerows((NOON.epoch_s + 300 * row, 80 + row * 37 % 150) for row in range(A_YEAR))
    return file


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], tuple[Path, Person]]:
    """Return what makes a new log with a person in it."""
    numbers = count()

    def make() -> tuple[Path, Person]:
        path = tmp_path / f"{next(numbers)}.db"
        person = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone="Europe/Berlin", therapy=Therapy.MDI)
        with (
            open_log(path, create=True) as log,
            log.write(uid=new_id(), summary="add person", person_id=person.id, at=NOON) as writer,
        ):
            writer.add(person)
        return path, person

    return make


def bare(year: Path, path: Path, person: Person) -> None:
    """Do what one would write without a log: csv, sqlite3, executemany into the very table."""
    batch = to_bytes(new_id())
    with closing(sqlite3.connect(path)) as raw, year.open(newline="") as file:
        raw.execute(
            "INSERT INTO import_batch (id, person_id, at_s, zone, file_name, file_sha256, format, counts)"
            " VALUES (?, ?, 0, 'UTC', '', '', 'generic', '{}')",
            (batch, to_bytes(person.id)),
        )
        owner = to_bytes(person.id)
        numbered = zip(new_ids(), csv.reader(file), strict=False)
        rows = ((made, owner, int(at_s), float(amount), batch) for made, (at_s, amount) in numbered)
        raw.executemany(INSERT, rows)
        raw.commit()


def ours(year: Path, path: Path, person: Person) -> None:
    """Read the same CSV into columns and import them: recognised, journalled, undoable."""
    with year.open(newline="") as file:
        at_s, amount = zip(*csv.reader(file), strict=True)
    block = ReadingBlock(
        source=Source.CGM, unit=Unit.MG_DL, zone="Europe/Berlin", device="Dexcom G6",
        at_s=array("q", map(int, at_s)), amount=array("d", map(float, amount)), censored=array("b", bytes(len(at_s))),
    )  # fmt: skip
    batch = ImportBatch(
        id=new_id(), person_id=person.id, at=NOON, file_name="", file_sha256="", format="generic", counts={}
    )
    with (
        open_log(path) as log,
        log.write(uid=new_id(), summary="import", person_id=person.id, at=NOON) as writer,
    ):
        writer.add(batch)
        counts = writer.add_blocks(person.id, batch.id, [block])
    assert counts.new == A_YEAR


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


Fresh = Callable[[], tuple[Path, Person]]


def test_import_of_a_year_against_bare_executemany(benchmark: Any, year: Path, fresh: Fresh) -> None:
    beside = []

    def setup() -> tuple[tuple[Path, Path, Person], dict[str, object]]:
        path, person = fresh()
        beside.append(seconds(lambda: bare(year, path, person)))
        return (year, *fresh()), {}

    benchmark.pedantic(ours, setup=setup, rounds=ROUNDS)
    ratio = statistics.median(benchmark.stats.stats.data) / statistics.median(beside)
    benchmark.extra_info["ratio to bare executemany"] = round(ratio, 2)
    assert ratio <= 2


PEAK = """
import resource, sys
sys.path.insert(0, sys.argv[1])
import test_bench_storage as bench
from pathlib import Path
from glucolog.storage import open_log
with open_log(sys.argv[3]) as log:
    person = log.people()[0]
bench.ours(Path(sys.argv[2]), Path(sys.argv[3]), person)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_import_of_a_year_stays_under_200_mb(benchmark: Any, year: Path, fresh: Fresh) -> None:
    path, _ = fresh()
    words = [sys.executable, "-c", PEAK, str(Path(__file__).parent), str(year), str(path)]
    done = benchmark.pedantic(subprocess.run, (words,), {"capture_output": True, "text": True, "check": True}, rounds=1)
    peak_mb = int(done.stdout) / 1024
    benchmark.extra_info["peak MB"] = round(peak_mb)
    assert peak_mb < 200


def test_a_trace_of_a_year_against_bare_fetchall(benchmark: Any, year: Path, fresh: Fresh) -> None:
    path, person = fresh()
    ours(year, path, person)
    query = "SELECT at_s, amount, unit, censored FROM reading WHERE person_id = ? AND source = 'cgm' ORDER BY at_s"

    def fetch() -> None:
        with closing(sqlite3.connect(path)) as raw:
            raw.execute(query, (to_bytes(person.id),)).fetchall()

    beside = statistics.median(seconds(fetch) for _ in range(ROUNDS))
    with open_log(path) as log:
        trace = benchmark.pedantic(log.trace, (person.id, Source.CGM), rounds=ROUNDS)
    assert len(trace) == A_YEAR
    ratio = statistics.median(benchmark.stats.stats.data) / beside
    benchmark.extra_info["ratio to bare fetchall"] = round(ratio, 2)
    assert ratio <= 3


WRITE = """
import sys
from glucolog.core.moments import Moment
from glucolog.core.records import Phase, Reading, ReadingLink, Session
from glucolog.core.units import Glucose, Source, Unit
from glucolog.storage import new_id, open_log
at = Moment(1_774_785_600, "Europe/Berlin")
with open_log(sys.argv[1]) as log:
    person = log.people()[0]
    reading = Reading(id=new_id(), person_id=person.id, at=at, glucose=Glucose(142, Unit.MG_DL), source=Source.METER)
    link = ReadingLink(reading_id=reading.id, phase=Phase.BEFORE)
    with log.write(uid=new_id(), summary="add session", person_id=person.id, at=at) as writer:
        writer.add(reading)
        writer.add(Session(id=new_id(), person_id=person.id, start=at, links=(link,)))
    log.session_by_ref(person.id, "@1")
"""


def test_storing_a_session_against_importing_sqlalchemy(benchmark: Any, fresh: Fresh, tmp_path: Path) -> None:
    """Whole processes, with compiled bytecode as an installed program has it; processor time, so that a busy machine
    does not decide."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path / "bytecode")
    path, _ = fresh()

    def cpu_s(*words: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", *words], env=environment, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    for words in (["import sqlalchemy"], [WRITE, str(path)]):
        cpu_s(*words)
    pairs = [(cpu_s("import sqlalchemy"), cpu_s(WRITE, str(path))) for _ in range(9)]
    benchmark.pedantic(cpu_s, (WRITE, str(path)), rounds=1)
    ratio = min(ours for _, ours in pairs) / min(bare for bare, _ in pairs)
    benchmark.extra_info["ratio to import sqlalchemy"] = round(ratio, 2)
    assert ratio <= 1.35
