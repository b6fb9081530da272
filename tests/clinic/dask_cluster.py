"""A Dask cluster in processes of its own, which end with the one that started them.

`python -m tests.clinic.dask_cluster WORKERS` prints the scheduler's address, and goes on until its stdin ends.
"""

from __future__ import annotations

import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running scheduler, in a process of its own."""

    process: subprocess.Popen[str]
    address: str


@contextmanager
def scheduled(workers: int) -> Iterator[Cluster]:
    """Start a scheduler with so many workers, and end them."""
    command = [sys.executable, "-m", "tests.clinic.dask_cluster", str(workers)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield Cluster(process, _said(process))
        finally:
            _end(process)


def _said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], PATIENCE_S)[0], "the scheduler does not start"
    return process.stdout.readline().strip()


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()


def main(workers: int) -> None:
    """Be the cluster."""
    from distributed import LocalCluster

    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
    ) as started:
        print(started.scheduler_address, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]))
