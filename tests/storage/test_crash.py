"""Killed or crowded: a write is whole or absent, a retry never doubles it, nobody's write is lost."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
import uuid
from array import array
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from glucolog.core.columns import ReadingBlock
from glucolog.core.moments import Moment
from glucolog.core.records import ImportBatch, Note, Person, Phase, Reading, ReadingLink, Session
from glucolog.core.units import Glucose, Source, Unit
from glucolog.core.vocabulary import BodyArea
from glucolog.errors import NotFoundError
from glucolog.storage import Log, backup, open_log
from glucolog.storage.check import check
from sqlalchemy import event
from tests.bounds import end_in_time

NOON = Moment(1_774_785_600, "Europe/Berlin")


def same_id(*parts: object) -> str:
    """Return the id that these words always give: a retry is told by it."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, repr(parts)))


@contextmanager
def child(work: Callable[[], None]) -> Iterator[int]:
    """Run `work` in a process of its own, and reap it."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            end_in_time()
            work()
            status = 0
        finally:
            os._exit(status)
    try:
        yield pid
    finally:
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)


def ended(work: Callable[[], None]) -> int:
    """Run `work` in a process of its own; return its exit code, or minus the signal that ended it."""
    with child(work) as pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def add_session(log: Log, ada: Person) -> None:
    reading = Reading(
        id=same_id("reading"), person_id=ada.id, at=NOON, glucose=Glucose(142.0, Unit.MG_DL), source=Source.METER
    )
    session = Session(
        id=same_id("session"), person_id=ada.id, start=NOON.plus(minutes=5), end=NOON.plus(minutes=35),
        areas=(BodyArea("foot"), BodyArea("calf")), techniques=("effleurage",),
        links=(ReadingLink(reading_id=reading.id, phase=Phase.BEFORE),),
    )  # fmt: skip
    with log.write(uid=same_id("write"), summary="add session", person_id=ada.id, at=NOON) as writer:
        writer.add(reading)
        writer.add(session)


def bring_file(log: Log, ada: Person) -> None:
    count = 3000
    batch = ImportBatch(
        id=same_id("batch"), person_id=ada.id, at=NOON, file_name="a", file_sha256="0", format="generic", counts={}
    )
    block = ReadingBlock(
        source=Source.CGM, unit=Unit.MG_DL, zone="UTC", device=None,
        at_s=array("q", range(NOON.epoch_s, NOON.epoch_s + 300 * count, 300)),
        amount=array("d", [120.0]) * count, censored=array("b", bytes(count)),
    )  # fmt: skip
    with log.write(uid=same_id("import"), summary="import", person_id=ada.id, at=NOON) as writer:
        writer.add(batch)
        writer.add_blocks(ada.id, batch.id, [block])


def take_back(log: Log, ada: Person) -> None:
    with suppress(NotFoundError):
        log.undo(uid=same_id("undo"), at=NOON)


def state(log: Log, ada: Person) -> tuple[object, ...]:
    return (
        log.sessions(ada.id), log.readings(ada.id, source=Source.METER), len(log.trace(ada.id, Source.CGM)),
        log.imports(ada.id), [(entry.summary, entry.state) for entry in log.history(None)],
    )  # fmt: skip


def killing(path: Path, ada: Person, change: Callable[[Log, Person], None], hook: Callable[[Any], None]) -> int:
    """Make the change in a process whose connections are hooked; return how that process ended."""

    def work() -> None:
        with open_log(path) as log:
            log._engine.dispose()
            event.listen(log._engine, "connect", lambda connection, _: hook(connection))
            change(log, ada)

    return ended(work)


def at_statement(number: int) -> Callable[[Any], None]:
    seen = iter(range(1, 1_000_000))

    def kill_at(_: str) -> None:
        if next(seen) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return lambda connection: connection.set_trace_callback(kill_at)


def at_instruction(thousands: int) -> Callable[[Any], None]:
    seen = iter(range(1, 1_000_000))

    def kill_at() -> int:
        if next(seen) == thousands:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    return lambda connection: connection.set_progress_handler(kill_at, 1000)


@pytest.fixture
def base(log: Log, path: Path, ada: Person) -> Path:
    """Return a log with a person and today's backup, so that every run starts from the same bytes."""
    with log.write(uid=same_id("note"), summary="add note", person_id=ada.id, at=NOON) as writer:
        writer.add(Note(id=same_id("a note"), person_id=ada.id, at=NOON, text="before"))
    log.close()
    return path


def whole_or_absent(
    base: Path,
    ada: Person,
    tmp_path: Path,
    change: Callable[[Log, Person], None],
    hooks: Iterator[Callable[[Any], None]],
) -> int:
    """Kill the change at each hook until it comes through; return how many kills there were."""
    content = base.read_bytes()
    with open_log(base) as log:
        absent = state(log, ada)
        change(log, ada)
        whole = state(log, ada)
    assert whole != absent
    for kills, hook in enumerate(hooks):
        path = tmp_path / f"run{kills}" / base.name
        path.parent.mkdir()
        path.write_bytes(content)
        path.chmod(0o600)
        done = killing(path, ada, change, hook)
        with open_log(path) as log:
            assert state(log, ada) in ((whole,) if done == 0 else (absent, whole))
            change(log, ada)
            assert state(log, ada) == whole
        assert check(path, deep=True).problems == ()
        if done == 0:
            return kills
        assert done == -signal.SIGKILL
    return -1


def test_a_session_killed_at_any_statement(base: Path, ada: Person, tmp_path: Path) -> None:
    kills = whole_or_absent(base, ada, tmp_path, add_session, map(at_statement, range(1, 200)))
    assert kills > 10


def test_an_import_killed_on_the_way(base: Path, ada: Person, tmp_path: Path) -> None:
    kills = whole_or_absent(base, ada, tmp_path, bring_file, map(at_instruction, range(1, 5000, 150)))
    assert kills > 3


def test_an_undo_killed_at_any_statement(base: Path, ada: Person, tmp_path: Path) -> None:
    with open_log(base) as log:
        add_session(log, ada)
    kills = whole_or_absent(base, ada, tmp_path, take_back, map(at_statement, range(1, 200, 5)))
    assert kills > 3


def _restore(path: Path, copy: Path) -> None:
    backup.restore(path, copy, NOON)


def test_a_restore_killed_at_any_time(base: Path, ada: Person, tmp_path: Path) -> None:
    copy = backup.backup(base, tmp_path / "copy.db")
    with open_log(base) as log:
        add_session(log, ada)
        present = state(log, ada)
    with open_log(copy) as log:
        past = state(log, ada)
    chance = random.Random(7)
    for _ in range(15):
        with child(lambda: _restore(base, copy)) as pid:
            time.sleep(chance.uniform(0, 0.02))
            os.kill(pid, signal.SIGKILL)
        assert check(base, deep=True).problems == ()
        with open_log(base) as log:
            assert state(log, ada) in (present, past)


def _write_notes(path: Path, ada: Person, name: str, count: int, pipe: int | None = None) -> None:
    with open_log(path) as log:
        for number in range(count):
            uid = same_id(name, number)
            with log.write(uid=uid, summary=f"add {name} {number}", person_id=ada.id, at=NOON) as writer:
                writer.add(Note(id=uid, person_id=ada.id, at=NOON, text=f"{name} {number}"))
            if pipe is not None:
                os.write(pipe, bytes([number]))


def test_what_was_acknowledged_before_a_kill_is_there_once(base: Path, ada: Person) -> None:
    chance = random.Random(11)
    for run in range(12):
        read, write = os.pipe()
        with child(lambda run=run, write=write: _write_notes(base, ada, f"run {run}", 200, write)) as pid:  # type: ignore[misc]
            time.sleep(chance.uniform(0.01, 0.15))
            os.kill(pid, signal.SIGKILL)
        os.close(write)
        acknowledged = len(os.read(read, 1000))
        os.close(read)
        assert check(base, deep=True).problems == ()
        with open_log(base) as log:
            stored = sum(note.text.startswith(f"run {run} ") for note in log.notes(ada.id))
        assert acknowledged <= stored <= acknowledged + 1
        _write_notes(base, ada, f"run {run}", stored)
        with open_log(base) as log:
            assert sum(note.text.startswith(f"run {run} ") for note in log.notes(ada.id)) == stored


def test_four_processes_lose_double_and_refuse_nothing(base: Path, ada: Person) -> None:
    names = [f"writer {number}" for number in range(4)]
    pids = []
    for name in names:
        pid = os.fork()
        if not pid:
            status = 1
            try:
                end_in_time()
                _write_notes(base, ada, name, 50)
                status = 0
            finally:
                os._exit(status)
        pids.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0, 0, 0, 0]
    expected = {f"{name} {number}" for name in names for number in range(50)} | {"before"}
    with open_log(base) as log:
        assert sorted(note.text for note in log.notes(ada.id)) == sorted(expected)
        assert len(log.history(None)) == 202
    assert check(base, deep=True).problems == ()


def test_two_processes_with_the_same_id_write_once(base: Path, ada: Person) -> None:
    with child(lambda: _write_notes(base, ada, "twin", 30)):
        _write_notes(base, ada, "twin", 30)
    with closing(sqlite3.connect(base)) as raw:
        assert raw.execute("SELECT count(*) FROM note WHERE text LIKE 'twin%'").fetchone() == (30,)
