"""Copies that nobody asked for: before each import and daily on use, verified, private, kept by count."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from glucolog.core.moments import Moment
from glucolog.storage import crypto
from tests.reliability.kills import command
from tests.reliability.program import Program
from tests.reliability.scenes import make_old

DATABASE_PROBLEM = 5
NOON = Moment(1_774_785_600, "UTC")


def csv(folder: Path, hour: int) -> str:
    file = folder / f"{hour}.csv"
    file.write_text(f"time,glucose_mg_dl\n2026-03-01T{hour:02}:00:00,120\n", encoding="utf-8")
    return str(file)


def made(program: Program, reason: str) -> list[Path]:
    return sorted(program.backups.glob(f"log-*-{reason}.db"))


def test_a_call_that_imports_makes_one_backup_for_all_its_files(ada: Program) -> None:
    ada.ran("import", csv(ada.folder, 8), csv(ada.folder, 9), csv(ada.folder, 10), "--format", "generic")
    (copy,) = made(ada, "import")
    assert copy.stat().st_mode & 0o777 == 0o600
    assert ada.json("--db", str(copy), "db", "info")["readings"] == 0
    assert ada.json("db", "info")["readings"] == 3


def test_a_dry_run_makes_none(ada: Program) -> None:
    ada.ran("import", csv(ada.folder, 8), "--format", "generic", "--dry-run")
    assert made(ada, "import") == []


def test_the_first_use_of_a_day_makes_one_and_the_second_none(ada: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glucolog.storage.log.now", lambda: NOON)  # the day must not end between the two
    for value in ("142", "120"):
        assert command(ada.log.parent, "bg", value) == 0
    (copy,) = made(ada, "daily")
    assert ada.json("--db", str(copy), "db", "info")["readings"] == 0


def test_what_is_no_backup_in_their_folder_is_passed_over(ada: Program) -> None:
    ada.ran("bg", "142")
    ada.ran("bg", "143")
    ada.backups.mkdir(exist_ok=True)
    (ada.backups / "log-29990101T000000Z-daily.db").write_text("junk")
    (ada.backups / "log-29990102T000000Z-daily.db").mkdir()
    (ada.backups / "log-29990103T000000Z-daily.db").symlink_to("/dev/zero")
    *_, real = (file for file in made(ada, "daily") if "2999" not in file.name)
    assert ada.run("doctor").returncode in {0, 10}
    assert ada.json("db", "restore", "--yes")["restored"] == str(real)
    ada.ran("person", "forget", "Ada", "--backups", "--yes")


def test_the_newest_copy_is_brought_back_whoever_asked_for_it(ada: Program) -> None:
    ada.ran("bg", "142")
    asked_for = ada.json("db", "backup")["backup"]
    ada.ran("bg", "144")
    done = ada.json("db", "restore", "--yes")
    assert done["restored"] == asked_for
    assert ["144 mg/dL" in change["summary"] for change in done["newer"]] == [True]


def test_a_copy_stays_of_its_time_when_it_is_written_anew(ada: Program) -> None:
    ada.ran("bg", "142")
    copy = Path(ada.json("db", "backup")["backup"])
    os.utime(copy, (NOON.epoch_s, NOON.epoch_s))
    secret = ada.folder / "secret"
    secret.touch(mode=0o600)
    secret.write_text("a long enough passphrase")
    ada.ran("db", "encrypt", "--new-passphrase-file", str(secret))
    ada.ran("--passphrase-file", str(secret), "person", "forget", "Ada", "--backups", "--yes")
    assert crypto.is_encrypted(copy)
    assert copy.stat().st_mtime == NOON.epoch_s


def test_the_backup_of_before_an_upgrade_is_brought_back_and_upgraded(ada: Program) -> None:
    ada.ran("bg", "142")
    for copy in ada.backups.iterdir():
        copy.unlink()
    make_old(ada.log)
    assert "db upgrade" in ada.ran("db", "check", code=DATABASE_PROBLEM)
    ada.ran("db", "upgrade")
    (copy,) = made(ada, "upgrade")
    copy.chmod(0o644)
    content = ada.log.read_bytes()
    ada.log.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    assert ada.json("db", "restore", "--yes")["restored"] == str(copy)
    assert ada.json("db", "info")["readings"] == 1
    assert "chmod 600" in ada.ran("--db", str(copy), "db", "check", code=DATABASE_PROBLEM)


def test_a_backup_that_can_not_be_made_is_said_and_stops_nothing(ada: Program) -> None:
    ada.backups.write_text("in the way")
    done = ada.run("import", csv(ada.folder, 8), "--format", "generic")
    assert done.returncode == 0
    assert "No automatic backup was made." in done.stderr
    assert ada.json("db", "info")["readings"] == 1
