"""Jobs for the executors, in a module that their processes can import: every question, two that kill, one that stays.

A process that kills itself stands for what a machine does that runs out of memory.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from glucolog.services.cohort.shards import Piece
from glucolog.services.cohort.work import Done, Question, Task, work


def every_question(shard: Piece) -> Done:
    """Answer each question in turn: what a shard's job is to every executor, without its processes for each."""
    return Done(shard=shard.name, rows=tuple(row for one in Question for row in work(Task(question=one), shard).rows))


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


def stays(shard: Piece) -> Done:
    """Be done with the first shard at once, and with the others not before anybody's patience ends."""
    if not shard.name.endswith("0"):
        time.sleep(600)
    return Done(shard=shard.name)
