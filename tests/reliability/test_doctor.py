"""The doctor names what is wrong and the one command that mends it; that command does mend it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
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


@pytest.mark.parametrize(
    ("harm", "about", "mend"),
    [
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
    if mend.startswith("glucolog"):
        used.ran(*mend.split()[1:], "--yes")
    else:
        used.log.chmod(0o600)
    assert ills(used) == []


def test_a_log_on_a_read_only_disk_is_not_called_damaged(ada: Program) -> None:
    ada.log.parent.chmod(0o500)
    done = ada.run("doctor", "--json", preexec_fn=obey_modes)
    ada.log.parent.chmod(0o700)
    (ill,) = [one for one in json.loads(done.stdout)["findings"] if not one["well"] and one["about"] != "backups"]
    assert (ill["about"], ill["mend"], "read-only" in ill["sentence"]) == ("file", None, True)


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
    (program.backups / "log-20260101T000000Z-import.db").write_bytes(plain)
    assert [ill["mend"] for ill in ills(program)] == ["glucolog db rekey"]
    program.ran("db", "rekey")
    assert ills(program) == []
    (used.folder / "keyring.json").unlink()
    (ill,) = ills(program)
    assert ill["about"] == "encryption"
