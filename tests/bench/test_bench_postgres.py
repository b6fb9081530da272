"""An import into PostgreSQL held against a bare COPY of the same rows into the same table; ratios in one run."""

from __future__ import annotations

import os
import time
from array import array
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from glucolog.core.columns import ReadingBlock
from glucolog.core.moments import Moment
from glucolog.core.records import ImportBatch, Person, Therapy
from glucolog.core.units import Source, Unit
from glucolog.storage import Log, new_id, open_log
from glucolog.storage.ids import new_ids, to_text
from tests.bench.cohort_made_up import START_S, mg_dl
from tests.clinic.conftest import server
from tests.clinic.server import Server

__all__ = ["server"]

A_YEAR = 105_120
NOW = Moment(START_S, "UTC")


def year() -> ReadingBlock:
    at_s = START_S + 300 * np.arange(A_YEAR)
    return ReadingBlock(
        source=Source.CGM, unit=Unit.MG_DL, zone="UTC", device="G6", at_s=array("q", at_s.tobytes()),
        amount=array("d", mg_dl(A_YEAR, 1).tobytes()), censored=array("b", bytes(A_YEAR)),
    )  # fmt: skip


def someone(log: Log) -> Person:
    person = Person(id=new_id(), name=new_id(), unit=Unit.MG_DL, zone="UTC", therapy=Therapy.MDI)
    with log.write(uid=new_id(), summary="add", person_id=person.id, at=NOW) as writer:
        writer.add(person)
    return person


def bring(log: Log, person: Person, block: ReadingBlock) -> str:
    batch = ImportBatch(
        id=new_id(), person_id=person.id, at=NOW, file_name="a", file_sha256="0" * 64, format="dexcom", counts={}
    )
    with log.write(uid=new_id(), summary="import", person_id=person.id, at=NOW) as writer:
        writer.add(batch)
        assert writer.add_blocks(person.id, batch.id, [block]).new == len(block)
    return batch.id


def bare_copy(url: str, person: Person, batch_id: str, block: ReadingBlock) -> Callable[[], None]:
    """Return a COPY of the same columns into the same table, its rows written down beforehand."""
    ids = map(to_text, new_ids())
    fixed = f"{person.id}\tUTC\tmg/dL\tcgm\tG6\t{batch_id}\t1\tt\n"
    text = "".join(
        f"{next(ids)}\t{at_s}\t{amount}\t{fixed}" for at_s, amount in zip(block.at_s, block.amount, strict=True)
    ).encode()
    columns = "id, at_s, amount, person_id, zone, unit, source, device, batch_id, entry_seq, used"

    def copy() -> None:
        with (
            psycopg.connect(url.replace("+psycopg", "")) as connection,
            connection.cursor() as cursor,
            cursor.copy(f"COPY reading ({columns}) FROM STDIN".encode()) as into,
        ):
            into.write(text)

    return copy


def cpu_seconds(server: Server, work: Callable[[], object]) -> float:
    """The CPU time of this process and of the whole server: other programs of a busy machine don't count."""
    begin = time.process_time() + server_cpu_s(server)
    work()
    return time.process_time() + server_cpu_s(server) - begin


def server_cpu_s(server: Server) -> float:
    """What the server's processes took, those that ended too (proc(5): fields 14 to 17 of stat)."""
    postmaster = (server.folder / "data" / "postmaster.pid").read_text().split()[0]
    ticks = 0
    for process in Path("/proc").glob("[0-9]*/stat"):
        try:
            own, _, rest = process.read_text().rpartition(") ")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        parent, used = rest.split()[1], [int(field) for field in rest.split()[11:15]]
        if own.startswith(f"{postmaster} "):
            ticks += sum(used)
        elif parent == postmaster:
            ticks += sum(used[:2])
    return ticks / os.sysconf("SC_CLK_TCK")


@pytest.mark.benchmark(group="postgres")
def test_a_year_goes_in_at_half_the_speed_of_a_bare_copy_or_more(benchmark: Any, server: Server) -> None:
    url, block = server.url(server.new_database()), year()
    one = ReadingBlock(
        source=Source.METER, unit=Unit.MG_DL, zone="UTC", device=None, at_s=block.at_s[:1], amount=block.amount[:1],
        censored=block.censored[:1],
    )  # fmt: skip
    with open_log(url, create=True) as log:
        ours, bare = [], []
        for _ in range(3):
            person, other = someone(log), someone(log)
            ours.append(cpu_seconds(server, partial(bring, log, person, block)))
            known = bring(log, other, one)
            bare.append(cpu_seconds(server, bare_copy(url, other, known, block)))
        benchmark.pedantic(lambda: bring(log, someone(log), block), rounds=1)
    ratio = min(bare) / min(ours)
    benchmark.extra_info["part_of_bare_copy"] = round(ratio, 2)
    benchmark.extra_info["readings_a_cpu_second"] = round(A_YEAR / min(ours))
    benchmark.extra_info["bytes_a_reading"] = bytes_a_reading(url)
    assert ratio > 0.5


def bytes_a_reading(url: str) -> int:
    """What a reading takes on the disk, with its indexes."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        size = connection.execute("SELECT pg_total_relation_size('reading') / count(*) FROM reading").fetchone()
    assert size is not None
    return int(size[0])
