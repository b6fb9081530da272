"""The doctor names what is wrong and the one command that mends it; that command does mend it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from glucolog.services.doctor import examine
from glucolog.storage import open_log
from glucolog.storage.rolling import now
from tests.reliability.program import Program, obey_modes
from tests.reliability.scenes import make_old

WARNED, DATABASE_PROBLEM = 10, 5


def ills(program: Program) -> list[dict[str, Any]]:
    document = program.json("doctor", code=program.run("doctor").returncode)
    return [item for item in document["findings"] if not item["well"]]


@pytest.fixture
def used(ada: Program) -> Program:
    for value in ("142", "120"):
        ada.ran("bg", value)
    return ada


def test_a_log_that_is_well(used: Program) -> None:
    assert used.run("doctor").returncode == 0
    assert ills(used) == []


def test_no_log_yet(program: Program) -> None:
    (ill,) = ills(program)
    assert ill["mend"] == "glucolog init"


def test_a_link_that_leads_nowhere_is_not_begun_anew(program: Program) -> None:
    program.log.parent.mkdir()
    program.log.symlink_to(program.folder / "unplugged" / "log.db")
    (ill,) = ills(program)
    assert (ill["mend"], "unplugged" in ill["sentence"]) == (None, True)
    done = program.run("init", "--name", "Ada", "--unit", "mg/dL", "--tz", "UTC", "--therapy", "mdi")
    assert done.returncode == DATABASE_PROBLEM
    assert "is its disk mounted?" in done.stderr


def _open_to_others(log: Path) -> None:
    log.chmod(0o644)


def _damaged(log: Path) -> None:
    content = bytearray(log.read_bytes())
    for start in range(8192, len(content), 4096):
        content[start : start + 64] = b"\xff" * 64
    log.write_bytes(content)


def _foreign(log: Path) -> None:
    log.write_bytes(b"%PDF-1.7" + bytes(9000))


def _stale_backups(log: Path) -> None:
    long_ago = log.stat().st_mtime - 20 * 86_400
    for file in (log.parent / "log-backups").iterdir():
        os.utime(file, (long_ago, long_ago))


def _backups_open_to_others(log: Path) -> None:
    for file in (log.parent / "log-backups").iterdir():
        file.chmod(0o640)


def _sources_that_can_not_be_read(log: Path) -> None:
    _remembered(log).write_text("{", "utf-8")


def _a_secret_open_to_others(log: Path) -> None:
    secret = log.parent / "Ada's secret"
    secret.write_text("1234567", "utf-8")
    secret.chmod(0o644)
    with open_log(log) as opened:
        (person,) = opened.people()
    said = {"user": "ada", "region": "us", "secret_file": str(secret)}
    _remembered(log).write_text(json.dumps({person.id: {"dexcom": said}}), "utf-8")


def _remembered(log: Path) -> Path:
    folder = log.parents[1] / "xdg_data_home" / "glucolog"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "sources.json"


@pytest.mark.parametrize(
    ("harm", "about", "mend"),
    [
        (_stale_backups, "backups", "glucolog db backup"),
        (_backups_open_to_others, "permissions", "chmod 600"),
        (_sources_that_can_not_be_read, "sources", "mv "),
        (_a_secret_open_to_others, "sources", "chmod 600"),
        (_open_to_others, "permissions", "chmod 600"),
        (make_old, "version", "glucolog db upgrade"),
        (_damaged, "pages", "glucolog db restore"),
        (_foreign, "pages", "glucolog db restore"),
    ],
)
def test_what_is_wrong_is_named_and_its_command_mends_it(
    harm: Callable[[Path], None], about: str, mend: str, used: Program
) -> None:
    harm(used.log)
    assert used.run("doctor").returncode == WARNED
    (ill,) = ills(used)
    assert ill["about"] == about
    assert ill["mend"].startswith(mend)
    _carry_out(ill["mend"], used)
    assert ills(used) == []


def _carry_out(mend: str, program: Program) -> None:
    """Do what the doctor said, word by word."""
    words = shlex.split(mend)
    if words[0] == "glucolog":
        program.ran(*words[1:], "--yes")
    else:
        subprocess.run(words, check=True, timeout=60)


def test_a_log_that_was_named_is_named_in_the_command_too(used: Program) -> None:
    """Else `db restore` would put an old copy in the place of another log, which nothing is wrong with."""
    named = used.log.with_name("Ada's log.db")
    used.log.rename(named)
    shutil.rmtree(used.backups)
    (ill,) = [one for one in _of(used, "--db", str(named)) if not one["well"]]
    assert shlex.split(ill["mend"]) == ["glucolog", "--db", str(named), "db", "backup"]
    _carry_out(ill["mend"], used)
    assert all(one["well"] for one in _of(used, "--db", str(named)))


def test_a_source_that_lacks_its_secret_is_named_and_not_asked(used: Program) -> None:
    _a_secret_open_to_others(used.log)
    saved = json.loads(_remembered(used.log).read_text("utf-8"))
    for sources in saved.values():
        del sources["dexcom"]["secret_file"]
    _remembered(used.log).write_text(json.dumps(saved), "utf-8")
    (ill,) = ills(used)
    assert ill["about"] == "sources"
    assert ill["mend"] == "glucolog --person Ada sync dexcom --remember --keep-secret"
    saved = {person: {"nightscout": {"url": "http://127.0.0.1:9"}} for person in saved}
    _remembered(used.log).write_text(json.dumps(saved), "utf-8")
    assert ills(used) == []


@pytest.mark.parametrize(("part", "mode"), [("log", 0o400), ("log", 0o000), ("folder", 0o500), ("folder", 0o000)])
def test_a_file_and_a_folder_that_are_closed_to_their_user(part: str, mode: int, used: Program) -> None:
    closed = used.log if part == "log" else used.log.parent
    closed.chmod(mode)
    done = used.run("doctor", "--json", preexec_fn=obey_modes)
    (ill,) = [one for one in json.loads(done.stdout)["findings"] if not one["well"]]
    assert (ill["about"], ill["mend"]) == ("file", shlex.join(["chmod", "u+rwX", str(closed)]))
    _carry_out(ill["mend"], used)
    assert ills(used) == []


def test_a_read_only_disk_is_named_and_no_command_mends_it(used: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != used.log)
    (ill,) = [one for one in examine(str(used.log), now()) if not one.well]
    assert (ill.about, ill.mend, "read-only" in ill.sentence) == ("file", None, True)


def test_a_disk_that_is_nearly_full_and_a_zone_that_nobody_knows(
    used: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(used.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1024 * 1024))
    monkeypatch.setattr("glucolog.services.doctor._is_known", lambda zone: zone != "Europe/Berlin")
    ill = {one.about: one for one in examine(str(used.log), now()) if not one.well}
    assert set(ill) == {"disk", "zone data"}
    assert (ill["disk"].mend or "").startswith("du -xh ")
    assert shlex.split(ill["zone data"].mend or "")[:4] == [sys.executable, "-m", "pip", "install"]


def _of(program: Program, *words: str) -> list[dict[str, Any]]:
    document = program.json(*words, "doctor", code=program.run(*words, "doctor").returncode)
    return list(document["findings"])


def test_a_damaged_log_without_a_backup_is_saved_from_itself(ada: Program) -> None:
    ada.ran("bg", "142")
    _damaged_at_its_end(ada.log)
    (ill,) = [one for one in ills(ada) if one["about"] == "pages"]
    words = shlex.split(ill["mend"])
    assert words[:3] == ["glucolog", "db", "salvage"]
    ada.ran(*words[1:])
    assert ada.json("--db", words[3], "person", "list")["people"][0]["name"] == "Ada"


def _damaged_at_its_end(log: Path) -> None:
    content = bytearray(log.read_bytes())
    content[-4096:-4000] = b"\xa5" * 96
    log.write_bytes(content)
    shutil.rmtree(log.parent / "log-backups", ignore_errors=True)


def test_a_log_whose_key_is_gone_and_a_plain_copy_beside_an_encrypted_log(used: Program) -> None:
    program = Program(
        used.folder,
        {
            "PATH": os.environ["PATH"],
            "PYTHON_KEYRING_BACKEND": "tests.reliability.fake_keyring.FileKeyring",
            "GLUCOLOG_TEST_KEYRING": str(used.folder / "keyring.json"),
        },
    )
    plain = used.log.read_bytes()
    program.ran("db", "encrypt")
    assert ills(program) == []
    copy = program.backups / "log-20260101T000000Z-import.db"
    copy.write_bytes(plain)
    copy.chmod(0o600)
    assert [ill["mend"] for ill in ills(program)] == ["glucolog db rekey"]
    words = program.json("db", "rekey")["recovery_words"]
    assert ills(program) == []
    (used.folder / "keyring.json").unlink()
    (ill,) = ills(program)
    assert ill["about"] == "encryption"
    written_down = used.folder / "words"
    written_down.write_text(words if isinstance(words, str) else " ".join(words), "utf-8")
    written_down.chmod(0o600)
    _carry_out(ill["mend"].replace("FILE", str(written_down)), program)
    assert ills(program) == []
