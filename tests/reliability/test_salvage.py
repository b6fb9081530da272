"""A damaged log: noticed, named, brought back from a backup, or saved page by page."""

from __future__ import annotations

import random
import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from glucolog.storage import crypto, open_log
from glucolog.storage.check import check
from glucolog.storage.convert import convert
from glucolog.storage.engine import connect, driver_errors
from glucolog.storage.problems import DamagedLogError, FileTakenError
from glucolog.storage.salvage import salvage
from tests.reliability.kills import LOG
from tests.reliability.program import Program
from tests.reliability.scenes import IMPORTED, bring_in, prepare, rows

PAGE = 4096
DATABASE_PROBLEM = 5
WAYS = "person_id, source, at_s", "person_id DESC, source DESC, at_s DESC"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log of three sessions and a sensor's readings."""
    folder = tmp_path_factory.mktemp("sound")
    with pytest.MonkeyPatch.context() as patched:
        for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            patched.setenv(name, str(folder))
        patched.setenv("GLUCOLOG_DB", "")
        prepare(folder)
        bring_in(folder)
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sound, tmp_path / "copy")


def spoil(path: Path, pages: list[int]) -> None:
    content = bytearray(path.read_bytes())
    for page in pages:
        content[page * PAGE : page * PAGE + PAGE] = b"\xa5" * PAGE
    path.write_bytes(content)


def readings(path: Path) -> dict[str, object]:
    with open_log(path) as log:
        (person,) = log.people()
        return {one.id: one for one in log.readings(person.id)}


def leaf_pages(path: Path, table: str) -> list[int]:
    """Return the numbers, from 0, of the pages that hold the table's rows and nothing but rows."""
    content = path.read_bytes()
    (root,) = (
        int(str(row[0])) for row in rows(path.parent, "SELECT rootpage FROM sqlite_schema WHERE name = ?", table)
    )
    found, waiting = [], [root - 1]
    while waiting:
        page = waiting.pop()
        at = page * PAGE
        if content[at] == 10:
            found.append(page)
        elif content[at] == 2:
            cells = int.from_bytes(content[at + 3 : at + 5], "big")
            places = [int.from_bytes(content[at + 12 + 2 * n : at + 14 + 2 * n], "big") for n in range(cells)]
            children = [int.from_bytes(content[at + place : at + place + 4], "big") for place in places]
            waiting += [child - 1 for child in [*children, int.from_bytes(content[at + 8 : at + 12], "big")]]
    return sorted(found)


def test_a_sound_log_comes_through_whole(folder: Path, tmp_path: Path) -> None:
    done = salvage(folder / LOG, tmp_path / "new.db")
    assert done.lost == ()
    assert readings(tmp_path / "new.db") == readings(folder / LOG)
    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileTakenError):
        salvage(folder / LOG, tmp_path / "new.db")


def test_one_bad_page_costs_its_own_rows_alone(folder: Path, tmp_path: Path) -> None:
    before = readings(folder / LOG)
    leaves = leaf_pages(folder / LOG, "reading")
    assert len(leaves) > 20
    spoil(folder / LOG, [leaves[len(leaves) // 2]])
    assert not check(folder / LOG, deep=False).is_sound
    done = salvage(folder / LOG, tmp_path / "new.db")
    after = readings(tmp_path / "new.db")
    assert after.items() <= before.items()
    most_on_a_page = 2 * IMPORTED / len(leaves)
    assert 0 < len(before) - len(after) <= most_on_a_page
    assert any(re.match(r"\d+ readings from 2026-01-", line) for line in done.lost)
    with open_log(tmp_path / "new.db") as log:
        assert len(log.sessions(log.people()[0].id)) == 3


def test_a_record_whose_table_is_gone_comes_from_the_journal(folder: Path, tmp_path: Path) -> None:
    (root,) = (int(str(row[0])) for row in rows(folder, "SELECT rootpage FROM sqlite_schema WHERE name = 'session'"))
    spoil(folder / LOG, [root - 1])
    done = salvage(folder / LOG, tmp_path / "new.db")
    assert done.from_journal == 3
    with open_log(tmp_path / "new.db") as log:
        sessions = log.sessions(log.people()[0].id)
    assert {session.note for session in sessions} == {"before 0", "before 1", "before 2"}
    assert all(len(session.links) == 2 for session in sessions)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_spoilt_the_new_log_is_sound_and_what_is_missing_is_said(
    seed: int, folder: Path, tmp_path: Path
) -> None:
    pages = (folder / LOG).stat().st_size // PAGE
    before = readings(folder / LOG)
    spoil(folder / LOG, random.Random(seed).sample(range(1, pages), 5))
    try:
        done = salvage(folder / LOG, tmp_path / "new.db")
    except DamagedLogError:
        assert not (tmp_path / "new.db").exists()
        return
    after = readings(tmp_path / "new.db")
    assert after.items() <= before.items()
    assert len(after) == len(before) or done.lost


def test_a_truncated_log_gives_what_is_left(folder: Path, tmp_path: Path) -> None:
    content = (folder / LOG).read_bytes()
    (folder / LOG).write_bytes(content[: len(content) // 2 // PAGE * PAGE])
    assert not check(folder / LOG, deep=False).is_sound
    done = salvage(folder / LOG, tmp_path / "new.db")
    assert done.lost
    with open_log(tmp_path / "new.db") as log:
        assert len(log.sessions(log.people()[0].id)) == 3


def test_an_encrypted_log_is_saved_under_its_key(folder: Path, tmp_path: Path) -> None:
    key = crypto.new_key()
    crypto.holder.hold(key)
    before = readings(folder / LOG)
    convert(folder / LOG, key)
    spoil_some_readings(folder / LOG)
    done = salvage(folder / LOG, tmp_path / "new.db")
    assert crypto.is_encrypted(tmp_path / "new.db")
    after = readings(tmp_path / "new.db")
    assert after.items() < before.items()
    assert len(before) * 0.9 < len(after)
    assert any(re.match(r"\d+ readings from 2026-01-", line) for line in done.lost)


def spoil_some_readings(log: Path) -> None:
    """Spoil a page that holds readings, neither their first nor their last: found by trying, as all are cipher."""
    content = log.read_bytes()
    for page in range(1, len(content) // PAGE):
        log.write_bytes(content)
        spoil(log, [page])
        ends = (can_read(log, f"SELECT amount FROM reading NOT INDEXED ORDER BY {way} LIMIT 1") for way in WAYS)  # noqa: S608
        if not can_read(log, "SELECT sum(amount) FROM reading NOT INDEXED") and all(ends):
            return
    raise AssertionError("no page holds readings alone")


def can_read(log: Path, query: str) -> bool:
    with closing(connect(log)) as connection:
        try:
            connection.execute(query).fetchone()
        except driver_errors():
            return False
    return True


def test_a_damaged_log_is_named_and_its_last_good_backup_brought_back(ada: Program) -> None:
    ada.ran("bg", "142")
    ada.ran("bg", "143")
    ada.ran("db", "backup", "-o", str(ada.folder / "copy.db"))
    spoil(ada.log, list(range(3, 12)))
    for command in (("db", "check"), ("db", "backup", "-o", str(ada.folder / "other.db")), ("bg", "150")):
        done = ada.run(*command)
        assert "Traceback" not in done.stderr
    assert ada.run("db", "check").returncode == DATABASE_PROBLEM
    (ada.backups / "log-29990101T000000Z-daily.db").write_bytes(ada.log.read_bytes())
    answer = ada.json("db", "restore", "--yes")
    assert "2999" not in answer["restored"]
    assert ada.json("db", "check", "--deep")["sound"]
    ada.ran("bg", "150")


def test_no_report_is_made_from_a_damaged_log(ada: Program) -> None:
    ada.ran("bg", "142")
    ada.ran("report", "-o", str(ada.folder / "before.txt"))
    content = bytearray(ada.log.read_bytes())
    content[-2048:] = b"\xa5" * 2048
    content[-4096:-4000] = b"\xa5" * 96
    ada.log.write_bytes(content)
    done = ada.run("report", "-o", str(ada.folder / "after.txt"))
    assert done.returncode == DATABASE_PROBLEM, done.stderr
    assert "is damaged" in done.stderr
    assert not (ada.folder / "after.txt").exists()


@pytest.mark.parametrize("content", [b"%PDF-1.7" + bytes(6000), b"hello\n" * 1000, b"PK\x03\x04" + bytes(9000)])
def test_a_foreign_file_is_named_and_left_alone(ada: Program, content: bytes) -> None:
    ada.log.write_bytes(content)
    for command in (("bg", "142"), ("db", "check"), ("db", "upgrade"), ("db", "backup"), ("db", "encrypt")):
        done = ada.run(*command)
        assert done.returncode == DATABASE_PROBLEM, command
        assert "Traceback" not in done.stderr
        assert "another kind of file" in done.stderr + done.stdout, command
    assert ada.log.read_bytes() == content
