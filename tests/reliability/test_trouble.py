"""Disk full, read-only, forbidden, clocks, two versions: one sentence, nothing lost, nothing half stored."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import connect

import pytest
from glucolog.cli import desk
from glucolog.core.moments import Moment
from glucolog.core.records import Note
from glucolog.storage import Log, migrate, new_id, open_log
from glucolog.storage.check import check
from glucolog.storage.problems import ChangedUnderneathError
from glucolog.storage.rolling import Reason, automatic
from glucolog.storage.schema import SCHEMA_VERSION
from tests.reliability.kills import LOG, command, killed
from tests.reliability.program import Program, obey_modes
from tests.reliability.scenes import SCENES, write_csv

DATABASE_PROBLEM = 5
ROWS = 4000
DAY_S = 86_400
NOON = Moment(1_774_785_600, "Europe/Berlin")


def state(program: Program) -> tuple[int, int]:
    """Return how many readings and changes the log holds; it must be sound."""
    assert check(program.log, deep=True).problems == ()
    with open_log(program.log) as log:
        (person,) = log.people()
        return len(log.readings(person.id)), len(log.history(None))


def refused(program: Program, done: subprocess.CompletedProcess[str], said: str, before: tuple[int, int]) -> None:
    """The command ended with two sentences and changed nothing; the next one works."""
    assert done.returncode == DATABASE_PROBLEM, done.stderr
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert state(program) == before
    program.ran("bg", "101")
    assert state(program) == (before[0] + 1, before[1] + 1)


def test_a_file_that_may_not_grow(ada: Program) -> None:
    ada.ran("bg", "142")
    before = state(ada)
    write_csv(ada.folder, ROWS)
    most = ada.log.stat().st_size + 8192

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    words = ("import", str(ada.folder / "sensor.csv"), "--format", "generic")
    refused(ada, ada.run(*words, preexec_fn=limit), "could not be read or written", before)


@pytest.mark.parametrize("words", [("db", "encrypt"), ("db", "backup", "-o", "copy.db")])
def test_a_copy_that_may_not_grow(ada: Program, words: tuple[str, ...]) -> None:
    ada.ran("bg", "142")
    before, files = state(ada), sorted(ada.folder.rglob("*"))
    most = ada.log.stat().st_size // 2
    keyring = {"PYTHON_KEYRING_BACKEND": "tests.reliability.fake_keyring.FileKeyring"}
    kept = {"GLUCOLOG_TEST_KEYRING": str(ada.folder / "log" / "keyring.json")}
    program = Program(ada.folder, {**ada.environment, **keyring, **kept})
    done = program.run(*words, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))
    (ada.folder / "log" / "keyring.json").unlink(missing_ok=True)
    assert sorted(ada.folder.rglob("*")) == files
    refused(ada, done, "could not be read or written", before)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=1m", "glucolog-test", str(folder)]
    if shutil.which("mount") is None or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here; a limit on the file's size stands in for it")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(small_disk: Path) -> None:
    program = Program(small_disk, {"PATH": os.environ["PATH"]})
    program.ran("init", "--name", "Ada", "--unit", "mg/dL", "--tz", "Europe/Berlin", "--therapy", "mdi")
    before = state(program)
    write_csv(small_disk, ROWS)
    done = program.run("import", str(small_disk / "sensor.csv"), "--format", "generic")
    assert "Traceback" not in done.stderr
    refused(program, _only_last(done), "is full", before)


def _only_last(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    """Leave out that no automatic backup could be made either."""
    lines = [line for line in done.stderr.splitlines() if not line.startswith("No automatic backup")]
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout, "\n".join(lines))


@pytest.mark.parametrize(
    ("mode", "said"), [(0o400, "can't be written"), (0o000, "may not read and write")], ids=["read-only", "forbidden"]
)
def test_a_file_without_permission(ada: Program, mode: int, said: str) -> None:
    ada.ran("bg", "142")
    before = state(ada)
    ada.log.chmod(mode)
    done = ada.run("bg", "130", preexec_fn=obey_modes)
    ada.log.chmod(0o600)
    refused(ada, done, said, before)


def test_a_read_only_folder(ada: Program) -> None:
    ada.ran("bg", "142")
    before = state(ada)
    ada.log.parent.chmod(0o500)
    done = ada.run("bg", "130", preexec_fn=obey_modes)
    ada.log.parent.chmod(0o700)
    refused(ada, done, "can't be written", before)


def test_permission_lost_between_two_writes(ada: Program) -> None:
    before = state(ada)
    ada.log.with_name("log.db-journal").mkdir()
    done = ada.run("bg", "130")
    ada.log.with_name("log.db-journal").rmdir()
    assert done.returncode == DATABASE_PROBLEM
    assert "Traceback" not in done.stderr
    assert state(ada) == before


def test_a_closed_keyboard_is_nobody_to_ask(ada: Program) -> None:
    done = ada.run("log", preexec_fn=lambda: os.close(0))
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize("name", [":memory:", "~nobody-of-that-name/log.db"])
def test_a_name_that_is_no_file_is_refused(ada: Program, name: str) -> None:
    words = ("--name", "Ben", "--unit", "mg/dL", "--tz", "UTC", "--therapy", "none")
    before = sorted(ada.folder.rglob("*"))
    done = ada.run("--db", name, "init", *words)
    assert done.returncode == DATABASE_PROBLEM
    assert len(done.stderr.splitlines()) == 2
    assert sorted(ada.folder.rglob("*")) == before


@pytest.mark.parametrize("value", ["5", "[]", "{a = 1}", '""'])
def test_a_config_file_that_names_no_text_is_refused(ada: Program, value: str) -> None:
    config = ada.folder / "xdg_config_home/glucolog/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f"person = {value}", encoding="utf-8")
    done = ada.run("bg", "142")
    assert done.returncode == 2
    assert "person that is no text" in done.stderr


class SetBack(datetime):
    """A clock that is three days behind."""

    @classmethod
    def now(cls, tz: object = None) -> SetBack:
        return cls.fromtimestamp(datetime.now(UTC).timestamp() - 3 * DAY_S, UTC)


def test_a_clock_that_jumps_back(ada: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    ada.ran("bg", "142")
    monkeypatch.setattr(desk, "datetime", SetBack)
    past = Moment(int(SetBack.now().timestamp()), "UTC")
    monkeypatch.setattr("glucolog.storage.log.now", lambda: past)
    for value in ("111", "112", "113"):
        assert command(ada.log.parent, "bg", value) == 0
    assert len(automatic(ada.log, Reason.DAILY)) == 2
    monkeypatch.undo()
    with open_log(ada.log) as log:
        (last,) = log.undo(at=NOON)
        assert last.seq == 5
        assert [entry.seq for entry in log.history(None)] == [6, 5, 4, 3, 2, 1]
    assert check(ada.log, deep=True).problems == ()


def _stamp(path: Path, version: int) -> None:
    with closing(connect(path)) as raw:
        raw.execute(f"PRAGMA user_version = {version}")


def _add_note(log: Log) -> None:
    (person,) = log.people()
    with log.write(uid=new_id(), summary="add note", person_id=person.id, at=NOON) as writer:
        writer.add(Note(id=new_id(), person_id=person.id, at=NOON, text="by the old one"))


def test_a_newer_glucolog_has_written_the_log(ada: Program) -> None:
    _stamp(ada.log, SCHEMA_VERSION + 1)
    before = ada.log.read_bytes()
    done = ada.run("bg", "130")
    assert done.returncode == DATABASE_PROBLEM
    assert "written by a newer glucolog" in done.stderr
    assert ada.log.read_bytes() == before


def test_a_newer_glucolog_upgrades_the_log_while_it_is_open(ada: Program) -> None:
    with open_log(ada.log) as log:
        _add_note(log)
        _stamp(ada.log, SCHEMA_VERSION + 1)
        with pytest.raises(ChangedUnderneathError):
            _add_note(log)
        with pytest.raises(ChangedUnderneathError):
            log.undo(at=NOON)
        with pytest.raises(ChangedUnderneathError):
            log.people()
        _stamp(ada.log, SCHEMA_VERSION)
        _add_note(log)


def test_killed_between_the_backup_and_the_upgrade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (scene,) = (scene for scene in SCENES if scene.name == "db upgrade")
    scene.prepare(tmp_path)

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with monkeypatch.context() as patched:
        patched.setattr(migrate, "upgrade", die)
        assert killed(lambda ack: scene.work(tmp_path, ack), None).met
    (copy,) = automatic(tmp_path / LOG, Reason.UPGRADE)
    assert check(copy, deep=False).version == 1
    scene.work(tmp_path, lambda _: None)
    scene.verify(tmp_path, ["upgrade"])
    assert check(tmp_path / LOG, deep=True).problems == ()
