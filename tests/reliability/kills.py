"""Kill -9 at random points, then look: `python -m tests.reliability.kills --n 1000 --write`.

A round copies a log, starts a piece of work on it in a process of its own, kills that process after a random part of
the time the work takes, and looks at what is there: the log passes `db check --deep`, the next command works, what was
acknowledged is there once, what was not is there whole or not at all, and doing it again with the same id doubles
nothing. A process that ended before its kill is not counted. A kill is not a power cut: what the system had not written
yet it still writes.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from glucolog.cli.app import run
from glucolog.storage import crypto
from glucolog.storage.check import check
from tests.reliability.page import write_part

Ack = Callable[[str], None]
Work = Callable[[Path, Ack], None]
MOST_TRIES = 40
"""How often a piece of work may end before its kill until the round gives up on it."""
LOG = "log.db"


class KillError(AssertionError):
    """What a kill left is not what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A piece of work to kill.

    `prepare` makes the folder's log and files, once. `work` runs in the process that is killed and says what it was
    told is stored. `verify` looks at the folder afterwards, with what was acknowledged.
    """

    name: str
    prepare: Callable[[Path], None]
    work: Work
    verify: Callable[[Path, Sequence[str]], None]


@dataclass(slots=True)
class Tally:
    """Kills, acknowledged writes and rounds by scene."""

    kills: dict[str, int] = field(default_factory=dict)
    acknowledged: int = 0
    whole: int = 0


def command(folder: Path, *arguments: str) -> int:
    """Run a command line on the folder's log in this process, silently; return its exit code."""
    os.environ["GLUCOLOG_DB"] = str(folder / LOG)
    with Path(os.devnull).open("w") as nowhere:
        kept, sys.stdout = sys.stdout, nowhere
        try:
            return run([*arguments, "--no-input"])
        finally:
            sys.stdout = kept


def stored(folder: Path, *arguments: str) -> None:
    """Run a command that must store something."""
    code = command(folder, *arguments)
    need(code in {0, 10}, f"`{' '.join(arguments)}` ended with {code}")


def need(condition: object, sentence: str) -> None:
    """Fail the round with a sentence."""
    if not condition:
        raise KillError(sentence)


def killed(work: Callable[[Ack], None], after_s: float | None) -> tuple[bool, list[str], float]:
    """Run `work` in a process of its own and kill it after a time; None lets it end.

    Returns whether the kill met it alive, what it had acknowledged, and how long it lived.
    """
    read, write = os.pipe()
    began = time.perf_counter()
    pid = os.fork()
    if not pid:
        _in_child(lambda: work(lambda word: _say(write, word)))
    os.close(write)
    if after_s is not None:
        time.sleep(after_s)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with os.fdopen(read) as pipe:
        acknowledged = pipe.read().split()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    need(code in {0, -signal.SIGKILL}, f"the process ended with {code}")
    return code != 0, acknowledged, time.perf_counter() - began


def _say(pipe: int, word: str) -> None:
    os.write(pipe, f"{word}\n".encode())


def _in_child(work: Callable[[], None]) -> None:
    status = 1
    crypto._headers.clear()
    try:
        work()
        status = 0
    finally:
        os._exit(status)


def run_scenes(scenes: Sequence[Scene], n: int, seed: int) -> Tally:
    """Kill `n` processes, the scenes by turns. Raises `KillError`, naming scene and round, at the first bad end."""
    chance, tally = random.Random(seed), Tally()
    with tempfile.TemporaryDirectory(prefix="glucolog-kills-") as name:
        lengths = {scene.name: _rehearse(scene, Path(name) / scene.name) for scene in scenes}
        for number in range(n):
            scene = scenes[number % len(scenes)]
            try:
                _round(scene, Path(name) / scene.name, lengths[scene.name], chance, tally)
            except KillError as failure:
                raise KillError(f"{scene.name}, round {number}, seed {seed}: {failure}") from failure
    return tally


def _rehearse(scene: Scene, folder: Path) -> float:
    """Prepare a scene and return how long its work takes when it is left alone."""
    folder.mkdir()
    scene.prepare(folder)
    copy = shutil.copytree(folder, folder.with_name(f"{scene.name} rehearsal"))
    _, acknowledged, length = killed(lambda ack: scene.work(copy, ack), None)
    look(copy)
    scene.verify(copy, acknowledged)
    shutil.rmtree(copy)
    return length


def _round(scene: Scene, folder: Path, length: float, chance: random.Random, tally: Tally) -> None:
    for _ in range(MOST_TRIES):
        copy = shutil.copytree(folder, folder.with_name(f"{scene.name} round"))
        try:
            after = chance.uniform(0, length)
            met, acknowledged, _ = killed(lambda ack, copy=copy: scene.work(copy, ack), after)  # type: ignore[misc]
            look(copy)
            scene.verify(copy, acknowledged)
        finally:
            shutil.rmtree(copy)
        if met:
            tally.kills[scene.name] = tally.kills.get(scene.name, 0) + 1
            tally.acknowledged += len(acknowledged)
            return
    raise KillError(f"{MOST_TRIES} times the work had ended before its kill")


def look(folder: Path) -> None:
    """The log is sound, and the next command works."""
    os.environ["GLUCOLOG_TEST_KEYRING"] = str(folder / "keyring.json")
    crypto._headers.clear()  # of files of earlier rounds, whose places on the disk others have now
    report = check(folder / LOG, deep=True)
    old = [line for line in report.problems if not line.startswith("Its tables are version")]
    need(not old, f"db check says {old}")
    stored(folder, "bg", "101")
    report = check(folder / LOG, deep=True)
    need(report.is_sound, f"after the next command db check says {report.problems}")


def main() -> None:
    """Run the long form, and write what was measured into the help."""
    from tests.reliability.scenes import SCENES

    options = argparse.ArgumentParser()
    options.add_argument("--n", type=int, default=1000)
    options.add_argument("--seed", type=int, default=8)
    options.add_argument("--write", action="store_true", help="write the numbers into help/reliability.md")
    asked = options.parse_args()
    tally = run_scenes(SCENES, asked.n, asked.seed)
    lines = [
        f"{sum(tally.kills.values()):,} processes were killed (-9) at random points, {tally.acknowledged:,} writes had "
        "been acknowledged before. After each kill every acknowledged write was there once, none was there in part, "
        "`db check --deep` passed, the next command worked, and doing it again doubled nothing. A kill is not a power "
        "cut: nothing here speaks of disks that lie about having written.",
        "| killed | times |\n|---|---|\n" + "\n".join(f"| {name} | {count} |" for name, count in tally.kills.items()),
    ]
    text = "\n\n".join(lines)
    print(text)
    if asked.write:
        write_part("kills", text)


if __name__ == "__main__":
    main()
