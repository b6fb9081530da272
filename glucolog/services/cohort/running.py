"""A task over a whole cohort: what was finished before is kept, what failed is named, the rest is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from glucolog.analysis.cohort import Row
from glucolog.services.cohort.executors import Mapper, in_process
from glucolog.services.cohort.kept import answered_before, keep, kept_rows
from glucolog.services.cohort.shards import Cohort, need_pyarrow
from glucolog.services.cohort.work import Task, work

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A shard without rows, and why."""

    shard: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortRun:
    """One row a person in the order of the labels, whatever finished first; `resumed` shards were done before.

    `before` are the whole answers to the same question that were given earlier with other choices, each by label.
    """

    cohort: Cohort
    task: Task
    rows: tuple[Row, ...]
    failed: tuple[Failure, ...]
    resumed: int
    before: tuple[dict[str, Row], ...] = ()


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
    kept = {} if fresh else kept_rows(cohort, task.key)
    progress(len(kept), len(cohort.shards))
    failed: dict[str, str] = {}
    resumed = len(kept)
    by_name = {shard.name: shard for shard in cohort.shards}
    waiting = [piece for piece in cohort.pieces if piece.name not in kept]
    for done in mapper(partial(work, task), waiting):
        if done.reason is None:
            kept[done.shard] = done.rows
            keep(cohort, task.key, by_name[done.shard], done)
        else:
            failed[done.shard] = done.reason
        progress(len(kept) + len(failed), len(cohort.shards))
    return CohortRun(
        cohort=cohort,
        task=task,
        rows=tuple(row for name in by_name for row in kept.get(name, ())),
        failed=tuple(Failure(shard=name, reason=failed[name]) for name in by_name if name in failed),
        resumed=resumed,
        before=answered_before(cohort, task),
    )
