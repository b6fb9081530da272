"""Three ways to map the same job over shards; each yields results as they come, and outlives a worker's death."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context
from typing import Any

from glucolog.errors import MissingExtraError
from glucolog.services.cohort.problems import NoClusterError
from glucolog.services.cohort.shards import Piece
from glucolog.services.cohort.work import Done

Job = Callable[[Piece], Done]
Mapper = Callable[[Job, Sequence[Piece]], Iterator[Done]]

LOST = "the connection to the scheduler was lost"
ALONE = "the scheduler has no worker left"
DIED = "its worker died, also when it was alone with the shard"
TRIES = 2
"""How often shards that lost their worker are tried together before each is tried alone."""
CONNECT_S = 10
ALONE_S = 60.0
"""How long a scheduler may have no worker: one that is started again, or is about to join, is waited for."""
POLL_S, LOOK_S = 0.05, 2.0
CLUSTER_RETRIES = 2


def in_process(job: Job, shards: Sequence[Piece]) -> Iterator[Done]:
    """Do one shard after the other, here."""
    return map(job, shards)


def in_pool(workers: int) -> Mapper:
    """Return a mapper over `workers` processes.

    A death breaks the whole pool and does not say whose it was: the unfinished shards go to a new one, and after
    `TRIES` of these each shard is tried alone, so that only the one that kills is given up.
    """

    def mapped(job: Job, shards: Sequence[Piece]) -> Iterator[Done]:
        left = list(shards)
        for _ in range(TRIES):
            for done in _until_broken(job, left, workers):
                left = [shard for shard in left if shard.name != done.shard]
                yield done
            if not left:
                return
        for shard in left:
            yield next(_until_broken(job, [shard], 1), Done(shard=shard.name, reason=DIED))

    return mapped


def _until_broken(job: Job, shards: Sequence[Piece], workers: int) -> Iterator[Done]:
    if not shards:
        return
    # Spawned: a fork of a process that runs threads, as pyarrow and numpy do, can hang.
    others = set(active_children())
    pool = ProcessPoolExecutor(min(workers, len(shards)), mp_context=get_context("spawn"))
    try:
        for future in as_completed(_submitted(pool, job, shards)):
            yield future.result()
    except BrokenProcessPool:
        return
    except BaseException:
        # Whoever stops half-way does not want what is still being worked on, however long that takes.
        for process in set(active_children()) - others:
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, job: Job, shards: Sequence[Piece]) -> list[Future[Done]]:
    futures = []
    for shard in shards:
        try:
            futures.append(pool.submit(job, shard))
        except BrokenProcessPool:
            break
    return futures


def on_cluster(address: str) -> Mapper:
    """Return a mapper over the workers of a Dask scheduler; they read the shards under the same path as here.

    Raises `NoClusterError` when the scheduler does not answer, `MissingExtraError` without Dask.
    """

    def mapped(job: Job, shards: Sequence[Piece]) -> Iterator[Done]:
        try:
            from distributed import Client
        except ImportError as error:
            raise MissingExtraError("A cohort on a cluster", "clinic") from error
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # a lost scheduler is told with each shard
        try:
            client = Client(address, timeout=CONNECT_S, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, TimeoutError, ValueError) as error:
            raise NoClusterError(address, str(error).splitlines()[0]) from error
        with client:
            futures = {client.submit(job, shard, pure=False, retries=CLUSTER_RETRIES): shard for shard in shards}
            for future in _as_they_come(client, tuple(futures)):
                shard = futures.pop(future)
                done = future.status == "finished"
                yield future.result() if done else Done(shard=shard.name, reason=_given_up(future))
            for shard in futures.values():
                yield Done(shard=shard.name, reason=ALONE)

    return mapped


def _as_they_come(client: Any, futures: Sequence[Any]) -> Iterator[Any]:
    """Yield each future that is done; end early where for `ALONE_S` nobody is there to do the rest."""
    from distributed import as_completed

    ready: Any = as_completed(futures, loop=client.loop)  # type: ignore[no-untyped-call]
    seen_s = looked_s = time.monotonic()
    while not ready.is_empty() and time.monotonic() - seen_s < ALONE_S:
        done = ready.next_batch(block=False)
        yield from done
        if done:
            seen_s = time.monotonic()
        elif time.monotonic() - looked_s > LOOK_S:
            looked_s = time.monotonic()
            seen_s = looked_s if _has_workers(client) else seen_s
        else:
            time.sleep(POLL_S)


def _has_workers(client: Any) -> bool:
    try:
        return bool(client.nthreads())
    except (OSError, RuntimeError):
        return False  # the scheduler went away: its shards are told as lost in a moment


def _given_up(future: Any) -> str:
    error = future.exception() if future.status == "error" else None
    return LOST if error is None else f"the cluster gave it up: {error!r}"[:300]
