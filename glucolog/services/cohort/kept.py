"""What was answered from a cohort's folder: the rows of each shard, to go on from, and which answers came first.

Two answers about almost the same people can be held against each other, so that a later one is guarded beside those
before it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from glucolog import __version__
from glucolog.analysis.cohort import Row
from glucolog.services.cohort.shards import PRIVATE_FOLDER, Cohort, Shard
from glucolog.services.cohort.work import Done, Task
from glucolog.services.files import write_private

RESULTS = "results"
ANSWERED = "answered.json"
"""The keys of the tasks in the order in which they were first answered."""


def kept_rows(cohort: Cohort, key: str) -> dict[str, Sequence[Row]]:
    """Return the rows of each shard that is done; those of an older glucolog or of another export are not used."""
    found = {}
    for shard in cohort.shards:
        rows = _rows_of(_file(cohort, key, shard), shard)
        if rows is not None:
            found[shard.name] = rows
    return found


def keep(cohort: Cohort, key: str, shard: Shard, done: Done) -> None:
    """Keep the rows of a shard."""
    kept = {"sha256": shard.sha256, "version": __version__, "rows": done.rows}
    _write(_file(cohort, key, shard), kept)


def answered_before(cohort: Cohort, task: Task) -> tuple[dict[str, Row], ...]:
    """Note that a task is answered, and return the whole answers to its question given before, each by label."""
    file = cohort.folder / RESULTS / ANSWERED
    keys = _keys(file)
    if task.key not in keys:
        keys.append(task.key)
        _write(file, keys)
    before = [kept_rows(cohort, key) for key in keys[: keys.index(task.key)] if task.is_asked_by(key)]
    whole = (shards for shards in before if len(shards) == len(cohort.shards))
    return tuple({str(row["person"]): row for rows in shards.values() for row in rows} for shards in whole)


def _keys(file: Path) -> list[str]:
    try:
        return [str(key) for key in json.loads(file.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []  # nothing was answered yet, or the list was cut short by a crash


def _rows_of(file: Path, shard: Shard) -> Sequence[Row] | None:
    """Return the rows of an earlier run; None when there are none, or they are of something else."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        rows: Sequence[Row] = kept["rows"]
        return rows if (kept["sha256"], kept["version"]) == (shard.sha256, __version__) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None  # a file cut short by a crash is a shard to do again


def _write(file: Path, content: object) -> None:
    file.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    write_private(file, json.dumps(content, allow_nan=False).encode())


def _file(cohort: Cohort, key: str, shard: Shard) -> Path:
    return cohort.folder / RESULTS / key / f"{shard.name}.json"
