"""A task over a whole cohort: what was finished before is kept, what failed is named, the rest is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from glucolog import __version__
from glucolog.analysis.cohort import Row
from glucolog.services.cohort.executors import Mapper, in_process
from glucolog.services.cohort.shards import PRIVATE_FOLDER, Cohort, Shard, need_pyarrow
from glucolog.services.cohort.work import Done, Task, work
from glucolog.services.files import write_private

RESULTS = "results"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A shard without rows, and why."""

    shard: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortRun:
    """One row a person in the order of the labels, whatever finished first; `resumed` shards were done before."""

    cohort: Cohort
    task: Task
    rows: tuple[Row, ...]
    failed: tuple[Failure, ...]
    resumed: int


def silent(_done: int, _total: int) -> None:
    """Report to nobody."""


def run(
    cohort: Cohort,
    task: Task,
    mapper: Mapper = in_process,
    *,
    fresh: bool = False,
    progress: Progress = silent,
) -> CohortRun:
    """Answer a task for everyone in the cohort. Each shard's rows are kept as soon as they are there.

    `fresh` does every shard again. Rows of an older glucolog, or of a shard that was exported anew, are not used.
    """
    need_pyarrow()
    kept = {} if fresh else _kept(cohort, task)
    progress(len(kept), len(cohort.shards))
    failed: dict[str, str] = {}
    resumed = len(kept)
    by_name = {shard.name: shard for shard in cohort.shards}
    waiting = [piece for piece in cohort.pieces if piece.name not in kept]
    for done in mapper(partial(work, task), waiting):
        if done.reason is None:
            kept[done.shard] = done.rows
            _keep(cohort, task, by_name[done.shard], done)
        else:
            failed[done.shard] = done.reason
        progress(len(kept) + len(failed), len(cohort.shards))
    return CohortRun(
        cohort=cohort,
        task=task,
        rows=tuple(row for name in by_name for row in kept.get(name, ())),
        failed=tuple(Failure(shard=name, reason=failed[name]) for name in by_name if name in failed),
        resumed=resumed,
    )


def _kept(cohort: Cohort, task: Task) -> dict[str, Sequence[Row]]:
    found = {}
    for shard in cohort.shards:
        rows = _rows_of(_file(cohort, task, shard), shard)
        if rows is not None:
            found[shard.name] = rows
    return found


def _rows_of(file: Path, shard: Shard) -> Sequence[Row] | None:
    """Return the rows of an earlier run; None when there are none, or they are of something else."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        rows: Sequence[Row] = kept["rows"]
        return rows if (kept["sha256"], kept["version"]) == (shard.sha256, __version__) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None  # a file cut short by a crash is a shard to do again


def _keep(cohort: Cohort, task: Task, shard: Shard, done: Done) -> None:
    file = _file(cohort, task, shard)
    file.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    kept = {"sha256": shard.sha256, "version": __version__, "rows": done.rows}
    write_private(file, json.dumps(kept, allow_nan=False).encode())


def _file(cohort: Cohort, task: Task, shard: Shard) -> Path:
    return cohort.folder / RESULTS / task.key / f"{shard.name}.json"
