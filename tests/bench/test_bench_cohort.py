"""A cohort in one process, held against the bare kernel over the same Parquet; ratios of CPU time in one run.

`score_cohort_bench.py` beside this file does the long form: 1,000 people of 90 days, memory, growth and peers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from glucolog.analysis import clock
from glucolog.analysis.metrics import consensus_metrics
from glucolog.analysis.trace import from_columns
from glucolog.core.units import Source
from glucolog.services.cohort.running import run
from glucolog.services.cohort.shards import Cohort
from glucolog.services.cohort.work import Question, Task
from tests.bench.cohort_made_up import cohort
from tests.bench.cpu import cpu_seconds

pytest.importorskip("pyarrow")

STATS = Task(question=Question.STATS)


def bare(made: Cohort) -> list[object]:
    """The metrics and episodes of every row group, and nothing else: no labels, no records, no list, no results."""
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    found: list[object] = []
    for shard in made.shards:
        with pq.ParquetFile(made.folder / shard.name / "readings.parquet") as file:
            for group in range(file.num_row_groups):
                names = ["at_s", "amount", "is_mmol_l", "censored"]
                table = file.read_row_group(group, columns=names, use_threads=False)
                at_s, amount, is_mmol_l, censored = (table.column(name).to_numpy() for name in names)
                found.append(consensus_metrics(_arrays(at_s, amount, is_mmol_l, censored)))
    return found


def _arrays(at_s: np.ndarray, amount: np.ndarray, is_mmol_l: np.ndarray, censored: np.ndarray) -> Any:
    return from_columns(
        source=Source.CGM, at_s=at_s, offset_s=clock.utc_offsets_s(at_s, "UTC"), amount=amount,
        is_mmol_l=is_mmol_l.view(np.bool_), censored=censored,
    )  # fmt: skip


@pytest.mark.benchmark(group="cohort")
def test_fifty_people_within_1_3_times_the_bare_kernel(benchmark: Any, tmp_path: Path) -> None:
    made = cohort(tmp_path / "cohort", 50, 90)
    benchmark.pedantic(lambda: run(made, STATS, fresh=True))
    ratio = cpu_seconds(lambda: run(made, STATS, fresh=True), rounds=3) / cpu_seconds(lambda: bare(made), rounds=3)
    benchmark.extra_info["times_bare_kernel"] = round(ratio, 2)
    benchmark.extra_info["bytes_a_reading"] = round(stored_bytes(made) / (50 * 90 * 288), 2)
    assert ratio < 1.3


@pytest.mark.benchmark(group="cohort")
def test_resuming_a_finished_cohort_costs_next_to_nothing(benchmark: Any, tmp_path: Path) -> None:
    made = cohort(tmp_path / "cohort", 50, 30)
    first = cpu_seconds(lambda: run(made, STATS, fresh=True))
    benchmark.pedantic(lambda: run(made, STATS), rounds=3)
    again = cpu_seconds(lambda: run(made, STATS), rounds=3)
    benchmark.extra_info["part_of_the_first"] = round(again / first, 3)
    assert again < 0.1 * first


def stored_bytes(made: Cohort) -> int:
    """The bytes of the shards' readings."""
    return sum((made.folder / shard.name / "readings.parquet").stat().st_size for shard in made.shards)
