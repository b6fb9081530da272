"""Kill -9, then look: `python -m tests.reliability.kills --n 1000 --write`.

A round copies a log, starts a piece of work on it in a process of its own, kills that process and looks at what is
there: the log passes `db check --deep`, the next command works, what was acknowledged is there once, what was not is
there whole or not at all, and doing it again with the same id doubles nothing. Every other kill comes after a random
part of the time the work takes; the others come just before a change of a file, first of a kind and then one of that
kind, so that the rare ones (a new name, a way to the disk) are met as often as the many writes. A process that ended
before its kill is not counted. A kill is not a power cut: what the system had not written yet it still writes.
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
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from glucolog.cli.app import run
from glucolog.storage import crypto
from glucolog.storage.check import check
from tests.bounds import end_in_time
from tests.reliability.page import write_part
from tests.reliability.syscalls import can_follow, followed

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
    told is stored. `again` is what a person does who saw it end: where the log could not be used before the work, it
    can be after that. `verify` looks at the folder afterwards, with what was acknowledged.
    """

    name: str
    prepare: Callable[[Path], None]
    work: Work
    verify: Callable[[Path, Sequence[str]], None]
    again: Callable[[Path], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How long a scene's work takes when it is left alone, and the changes of files it makes, by kind."""

    length_s: float
    changes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Before:
    """The point just before the `nth` change of a kind, from 1."""

    kind: str
    nth: int


@dataclass(frozen=True, slots=True)
class End:
    """How a process ended: whether the kill met it, what it had acknowledged, how long it lived."""

    met: bool
    acknowledged: Sequence[str]
    length_s: float


BY_TIME = "by time"


@dataclass(slots=True)
class Tally:
    """Kills by scene and by point (`BY_TIME` or a kind of change), and acknowledged writes."""

    kills: dict[str, Counter[str]] = field(default_factory=dict)
    acknowledged: int = 0

    @property
    def total(self) -> int:
        """All kills."""
        return sum(counted.total() for counted in self.kills.values())


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


def killed(work: Callable[[Ack], None], after_s: float | None) -> End:
    """Run `work` in a process of its own and kill it after a time; None lets it end."""
    with _acknowledging() as (ack, acknowledged):
        began = time.perf_counter()
        pid = os.fork()
        if not pid:
            _in_child(lambda: work(ack))
        if after_s is not None:
            time.sleep(after_s)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        length_s = time.perf_counter() - began
    need(code in {0, -signal.SIGKILL}, f"the process ended with {code}")
    return End(code != 0, acknowledged, length_s)


def killed_before(work: Callable[[Ack], None], folder: Path, point: Before | None) -> tuple[End, Counter[str]]:
    """Run `work` in a process of its own and kill it before a change of a file; None lets it end.

    Returns also what changes of files it made before. No other child of this process may end meanwhile.
    """
    made: Counter[str] = Counter()

    def now(kind: str) -> bool:
        made[kind] += 1
        return point == Before(kind, made[kind])

    with _acknowledging() as (ack, acknowledged):
        began = time.perf_counter()
        code = followed(lambda: _forgetful(lambda: work(ack)), folder, now)
        length_s = time.perf_counter() - began
    need(code in {0, -signal.SIGKILL}, f"the process ended with {code}")
    return End(point is not None and made[point.kind] >= point.nth, acknowledged, length_s), made


@contextmanager
def _acknowledging() -> Iterator[tuple[Ack, list[str]]]:
    """Give what a child says words with, and where they stand when the block has ended."""
    read, write = os.pipe()
    words: list[str] = []
    try:
        yield lambda word: _say(write, word), words
    finally:
        os.close(write)
        with os.fdopen(read) as pipe:
            words += pipe.read().split()


def _say(pipe: int, word: str) -> None:
    os.write(pipe, f"{word}\n".encode())


def _in_child(work: Callable[[], None]) -> None:
    status = 1
    try:
        end_in_time()
        _forgetful(work)
        status = 0
    finally:
        os._exit(status)


def _forgetful(work: Callable[[], None]) -> None:
    crypto._headers.clear()  # of the parent's files, whose places on the disk others have now
    work()


def run_scenes(scenes: Sequence[Scene], n: int, seed: int) -> Tally:
    """Kill `n` processes, the scenes by turns. Raises `KillError`, naming scene and round, at the first bad end."""
    chance, tally = random.Random(seed), Tally()
    with tempfile.TemporaryDirectory(prefix="glucolog-kills-") as name:
        _prepare(scenes, Path(name))
        rehearsed = {scene.name: _rehearse(scene, Path(name) / scene.name) for scene in scenes}
        for number in range(n):
            scene, turn = scenes[number % len(scenes)], number // len(scenes)
            try:
                _round(scene, Path(name) / scene.name, rehearsed[scene.name], chance, tally, by_time=turn % 2 == 1)
            except KillError as failure:
                raise KillError(f"{scene.name}, round {number}, seed {seed}: {failure}") from failure
    return tally


def _prepare(scenes: Sequence[Scene], folder: Path) -> None:
    """Make each scene's folder; scenes that begin alike are made once and copied."""
    made: dict[object, Path] = {}
    for scene in scenes:
        own = folder / scene.name
        if scene.prepare in made:
            shutil.copytree(made[scene.prepare], own)
        else:
            own.mkdir()
            scene.prepare(own)
            made[scene.prepare] = own


def _rehearse(scene: Scene, folder: Path) -> Rehearsal:
    """Let a scene's work end: once to see that it holds and how long it takes, once to see what it changes."""
    with _copied(folder) as copy:
        end = killed(lambda ack: scene.work(copy, ack), None)
        _see(scene, copy, end)
    if not can_follow():
        return Rehearsal(end.length_s, {})
    with _copied(folder) as copy:
        _, made = killed_before(lambda ack: scene.work(copy, ack), copy, None)
    return Rehearsal(end.length_s, made)


def _round(
    scene: Scene, folder: Path, rehearsal: Rehearsal, chance: random.Random, tally: Tally, *, by_time: bool
) -> None:
    for _ in range(MOST_TRIES):
        with _copied(folder) as copy:
            if by_time or not rehearsal.changes:
                point = BY_TIME
                end = killed(lambda ack, copy=copy: scene.work(copy, ack), chance.uniform(0, rehearsal.length_s))  # type: ignore[misc]
            else:
                point = chance.choice(sorted(rehearsal.changes))
                before = Before(point, chance.randint(1, rehearsal.changes[point]))
                end, _made = killed_before(lambda ack, copy=copy: scene.work(copy, ack), copy, before)  # type: ignore[misc]
            _see(scene, copy, end)
        if end.met:
            tally.kills.setdefault(scene.name, Counter())[point] += 1
            tally.acknowledged += len(end.acknowledged)
            return
    raise KillError(f"{MOST_TRIES} times the work had ended before its kill")


@contextmanager
def _copied(folder: Path) -> Iterator[Path]:
    copy = shutil.copytree(folder, folder.with_name(f"{folder.name} round"))
    try:
        yield copy
    finally:
        shutil.rmtree(copy)


def _see(scene: Scene, folder: Path, end: End) -> None:
    os.environ["GLUCOLOG_TEST_KEYRING"] = str(folder / "keyring.json")
    crypto._headers.clear()  # of files of earlier rounds, whose places on the disk others have now
    scene.again(folder)
    look(folder)
    scene.verify(folder, end.acknowledged)


def look(folder: Path) -> None:
    """The log is sound, the next command works, and what it wrote is whole."""
    report = check(folder / LOG, deep=True)
    need(not report.damage, f"db check says {report.damage}")
    stored(folder, "bg", "101", "--person", "Ada")
    report = check(folder / LOG, deep=False)
    need(report.is_sound, f"after the next command db check says {report.problems}")


def said(tally: Tally) -> str:
    """Return the page's part about the kills."""
    points = [BY_TIME, *sorted({point for made in tally.kills.values() for point in made} - {BY_TIME})]
    rows = [f"| {name} | {' | '.join(str(made[point]) for point in points)} |" for name, made in tally.kills.items()]
    table = "\n".join([f"| killed | {' | '.join(points)} |", f"|---|{'---|' * len(points)}", *rows])
    return (
        f"{tally.total:,} processes were killed (-9), {tally.acknowledged:,} writes had been acknowledged before. "
        "After each kill every acknowledged write was there once, none was there in part, `db check --deep` passed, "
        "the next command worked, and doing it again doubled nothing. Half of the kills came at random times, half "
        "just before a change of a file: a write, its way to the disk (sync), a new name, a file made, cut or removed. "
        "A kill is not a power cut: nothing here speaks of disks that lie about having written."
        f"\n\n{table}"
    )


def main() -> None:
    """Run the long form, and write what was measured into the help."""
    from tests.reliability.scenes import SCENES

    options = argparse.ArgumentParser()
    options.add_argument("--n", type=int, default=1000)
    options.add_argument("--seed", type=int, default=8)
    options.add_argument("--scene", action="append", choices=[scene.name for scene in SCENES], help="this one alone")
    options.add_argument("--write", action="store_true", help="write the numbers into help/reliability.md")
    asked = options.parse_args()
    chosen = [scene for scene in SCENES if not asked.scene or scene.name in asked.scene]
    text = said(run_scenes(chosen, asked.n, asked.seed))
    print(text)
    if asked.write:
        write_part("kills", text)


if __name__ == "__main__":
    main()
