"""Jobs that kill the process they run in: what a machine does that runs out of memory."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from glucolog.services.cohort.shards import Piece
from glucolog.services.cohort.work import Done, Task, work


def dies_once(task: Task, marks: Path, shard: Piece) -> Done:
    """Kill this process at the second shard, the first time it is tried."""
    mark = marks / "died"
    if shard.name.endswith("1") and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return work(task, shard)


def dies_always(task: Task, shard: Piece) -> Done:
    """Kill this process at the second shard, every time."""
    if shard.name.endswith("1"):
        os.kill(os.getpid(), signal.SIGKILL)
    return work(task, shard)
