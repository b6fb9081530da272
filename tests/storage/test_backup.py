"""Backups are private, verified and never overwrite; a restore brings one back and says what is newer than it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import Note, Person
from glucolog.core.units import Source
from glucolog.errors import DatabaseError, RefusedError
from glucolog.storage import Log, new_id, open_log
from glucolog.storage.backup import backup, keep, keep_daily, restore
from glucolog.storage.check import check
from glucolog.storage.ids import to_text
from glucolog.storage.problems import (
    BusyLogError,
    DamagedLogError,
    FileTakenError,
    NewerLogError,
    NoLogError,
    NotALogError,
    OtherDatabaseError,
    RestoredFromItselfError,
)
from glucolog.storage.rolling import KEPT, Reason, automatic, now
from glucolog.storage.schema import SCHEMA_VERSION

NOON = Moment(1_774_785_600, "Europe/Berlin")
DAY_S = 86_400


def add_note(log: Log, person: Person, text: str) -> None:
    with log.write(uid=new_id(), summary=f"add {text}", person_id=person.id, at=NOON) as writer:
        writer.add(Note(id=new_id(), person_id=person.id, at=NOON, text=text))


def notes(path: Path, person: Person) -> list[str]:
    with open_log(path) as log:
        return [note.text for note in log.notes(person.id)]


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for start in range(4096, len(content), 4096):
        content[start : start + 64] = b"\xff" * 64
    path.write_bytes(content)


def test_a_backup_is_a_log_of_its_own(log: Log, path: Path, ada: Person, tmp_path: Path) -> None:
    add_note(log, ada, "first")
    target = log.backup(tmp_path / "copy.db")
    add_note(log, ada, "second")
    assert target.stat().st_mode & 0o777 == 0o600
    assert notes(target, ada) == ["first"]
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["copy.db"]


def test_a_backup_never_overwrites(log: Log, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FileTakenError):
        log.backup(tmp_path / "mine.txt")
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_damaged_log_is_noticed_and_leaves_no_copy(log: Log, path: Path, ada: Person, tmp_path: Path) -> None:
    add_note(log, ada, "x" * 20_000)
    log.close()
    damage(path)
    with pytest.raises(DamagedLogError, match=path.name):
        backup(path, tmp_path / "copy.db")
    assert [file for file in tmp_path.iterdir() if file.is_file()] == []


def test_automatic_backups_are_kept_by_count(log: Log, path: Path) -> None:
    for day in range(KEPT[Reason.IMPORT] + 3):
        keep(path, Reason.IMPORT, Moment(NOON.epoch_s + day * DAY_S, "UTC"))
    keep(path, Reason.UPGRADE, NOON)
    kept = automatic(path, Reason.IMPORT)
    assert len(kept) == KEPT[Reason.IMPORT]
    assert kept[0].name == "glucolog-20260405T120000Z-import.db"
    assert {file.stat().st_mode & 0o777 for file in automatic(path)} == {0o600}
    assert kept[0].parent.stat().st_mode & 0o777 == 0o700
    assert len(automatic(path)) == KEPT[Reason.IMPORT] + 1


def test_what_killed_processes_left_beside_the_log_goes_with_the_next_backup(log: Log, path: Path) -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait(10)
    left, taken = (path.with_name(f".{path.name}.{owner}.part") for owner in (process.pid, os.getpid()))
    for part in (left, taken):
        part.write_text("half a log")
    keep(path, Reason.IMPORT, NOON)
    assert (left.exists(), taken.exists()) == (False, True)


def test_the_first_write_of_a_day_is_preceded_by_a_backup(log: Log, path: Path, ada: Person) -> None:
    assert automatic(path, Reason.DAILY) == ()  # nothing was in the log before the person
    add_note(log, ada, "first")
    add_note(log, ada, "second")
    (made,) = automatic(path, Reason.DAILY)
    assert notes(made, ada) == []


def test_a_day_has_one_backup(log: Log, path: Path) -> None:
    assert keep_daily(path, NOON) is not None
    assert keep_daily(path, NOON.plus(minutes=11 * 60)) is None
    assert keep_daily(path, NOON.plus(minutes=12 * 60)) is not None


def test_a_clock_set_back_keeps_the_newest_copy_and_makes_one_a_day(log: Log, path: Path) -> None:
    for day in range(KEPT[Reason.DAILY]):
        assert keep_daily(path, NOON.plus(minutes=24 * 60 * day)) is not None
    past = NOON.plus(minutes=-24 * 60)
    made = keep_daily(path, past)
    assert made in automatic(path, Reason.DAILY)
    assert len(automatic(path, Reason.DAILY)) == KEPT[Reason.DAILY]
    assert keep_daily(path, past.plus(minutes=1)) is None


def test_what_a_wrong_clock_named_for_a_time_to_come_is_let_go_of_first(log: Log, path: Path) -> None:
    days = [Moment(now().epoch_s + DAY_S * day, "UTC") for day in (*range(4000, 4007), *range(-4, 1))]
    made = [keep(path, Reason.DAILY, day) for day in days]
    assert automatic(path, Reason.DAILY) == tuple(made[:6:-1] + made[6:4:-1])


def test_a_backup_that_can_not_be_made_does_not_stop_a_write(log: Log, path: Path, ada: Person) -> None:
    path.with_name("glucolog-backups").write_text("in the way")
    add_note(log, ada, "first")
    assert [note.text for note in log.notes(ada.id)] == ["first"]
    assert log.backup_problem is not None


def test_a_restore_waits_for_whoever_holds_the_log_no_longer_than_a_write_does(
    log: Log, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = log.backup(tmp_path / "copy.db")
    log.close()
    monkeypatch.setattr("glucolog.storage.engine.BUSY_TIMEOUT_S", 0.1)
    before = path.read_bytes()
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM person").fetchone()
        with pytest.raises(BusyLogError):
            restore(path, copy, NOON)
    assert path.read_bytes() == before
    restore(path, copy, NOON)


def test_a_log_is_not_restored_from_itself(log: Log, path: Path, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(path)
    for file in (path, tmp_path / "link.db"):
        with pytest.raises(RestoredFromItselfError):
            restore(path, file, NOON)


def test_a_restore_says_what_is_newer_and_keeps_the_present_log(
    log: Log, path: Path, ada: Person, tmp_path: Path
) -> None:
    add_note(log, ada, "first")
    copy = log.backup(tmp_path / "copy.db")
    add_note(log, ada, "second")
    add_note(log, ada, "third")
    restored = restore(path, copy, NOON)
    assert restored.newer is not None
    assert [change.summary for change in restored.newer] == ["add third", "add second"]
    assert [note.text for note in log.notes(ada.id)] == ["first"]  # by the log that was open all the while
    assert restored.kept_aside is not None
    assert notes(restored.kept_aside, ada) == ["first", "second", "third"]


def test_a_damaged_log_is_replaced_and_kept_as_it_was(log: Log, path: Path, ada: Person, tmp_path: Path) -> None:
    add_note(log, ada, "x" * 20_000)
    copy = log.backup(tmp_path / "copy.db")
    log.close()
    damage(path)
    broken = path.read_bytes()
    restored = restore(path, copy, NOON)
    assert restored.newer is None
    assert restored.kept_aside is not None
    assert restored.kept_aside.read_bytes() == broken
    assert notes(path, ada) == ["x" * 20_000]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("present", [None, b"", b"no database at all" * 100])
def test_a_log_that_is_lost_is_brought_back(
    present: bytes | None, log: Log, path: Path, ada: Person, tmp_path: Path
) -> None:
    add_note(log, ada, "first")
    copy = log.backup(tmp_path / "copy.db")
    log.close()
    path.unlink()
    if present is not None:
        path.write_bytes(present)
    restore(path, copy, NOON)
    assert notes(path, ada) == ["first"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_no_sound_backup_touches_nothing(log: Log, path: Path, ada: Person, tmp_path: Path) -> None:
    add_note(log, ada, "x" * 20_000)
    good = log.backup(tmp_path / "good.db")
    broken = log.backup(tmp_path / "broken.db")
    damage(broken)
    newer = log.backup(tmp_path / "newer.db")
    with closing(sqlite3.connect(newer)) as raw:
        raw.execute("PRAGMA user_version = 999")
    text = tmp_path / "text.db"
    text.write_text("text" * 1000)
    before = path.read_bytes()
    for file, expected in (
        (broken, DamagedLogError), (newer, NewerLogError), (text, NotALogError), (tmp_path / "none.db", NoLogError),
    ):  # fmt: skip
        with pytest.raises(expected):
            restore(path, file, NOON)
    assert path.read_bytes() == before
    assert good.exists()


def test_another_programs_database_is_not_restored_over(log: Log, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as raw:
        raw.execute("CREATE TABLE t (x)")
    before = other.read_bytes()
    with pytest.raises(OtherDatabaseError):
        restore(other, log.backup(tmp_path / "copy.db"), NOON)
    assert other.read_bytes() == before


def test_a_sound_log_passes_both_checks(log: Log, path: Path, ada: Person) -> None:
    add_note(log, ada, "first")
    for deep in (False, True):
        report = check(path, deep=deep)
        assert report.is_sound, report.problems
        assert (report.version, report.deep) == (SCHEMA_VERSION, deep)


def _change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute(statement)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE note SET text = 'other'", "is not as the journal left it"),
        ("DELETE FROM note", "is not as the journal left it"),
        ("UPDATE note SET deleted_at_s = 5", "is not as the journal left it"),
        ("UPDATE person SET deleted_at_s = 5", "The person"),
        ("DELETE FROM journal_row", "is not as the journal left it"),
        ("UPDATE alembic_version SET version_num = '0000'", "The migrations say 0000"),
        ("PRAGMA user_version = 7", "Its tables are version 7"),
        ("PRAGMA application_id = 7", "does not say that it is a log"),
        ("DELETE FROM person", "belongs to a person that is not there"),
    ],
)
def test_a_deep_check_finds_what_does_not_fit(statement: str, said: str, log: Log, path: Path, ada: Person) -> None:
    add_note(log, ada, "first")
    log.close()
    _change(path, statement)
    assert any(said in problem for problem in check(path, deep=True).problems)


def test_a_check_says_damage_in_words(log: Log, path: Path, ada: Person) -> None:
    add_note(log, ada, "x" * 20_000)
    log.close()
    damage(path)
    assert not check(path, deep=False).is_sound
    path.write_text("text" * 1000)
    assert any("another kind of file" in problem for problem in check(path, deep=True).problems)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"Europe/Berlin", b"Eur\x8bpe/Berlin"),
        (b"mg/dL", b"mg,dL"),
        (b"CREATE TABLE dose", b"CREATE TA\x8bLE dose"),
    ],
)
def test_text_that_is_none_any_more_is_damage_in_words(
    was: bytes, now: bytes, log: Log, path: Path, ada: Person
) -> None:
    add_note(log, ada, "first")
    log.close()
    content = path.read_bytes()
    assert was in content
    path.write_bytes(content.replace(was, now))
    check(path, deep=False)
    assert not check(path, deep=True).is_sound
    with suppress(DatabaseError), open_log(path) as opened:
        opened.people()
        opened.notes(ada.id)
        opened.trace(ada.id, Source.CGM)


def test_an_id_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(RefusedError, match="is not an id"):
        to_text(5)  # type: ignore[arg-type]  # what a damaged log may give


def test_what_is_cut_off_is_damaged_and_no_other_kind_of_file(log: Log, path: Path) -> None:
    log.close()
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DamagedLogError, match="cut off"):
        open_log(path)


def test_who_holds_the_log_is_no_damage(log: Log, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log.close()
    monkeypatch.setattr("glucolog.storage.engine.BUSY_TIMEOUT_S", 0.1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BusyLogError):
            check(path, deep=False)


def test_a_check_says_when_others_may_read_the_file(log: Log, path: Path) -> None:
    path.chmod(0o644)
    assert check(path, deep=False).problems == ("Others on this machine may read the file.",)


def test_two_restores_within_a_second_keep_both_logs_aside(log: Log, path: Path, ada: Person, tmp_path: Path) -> None:
    copy = log.backup(tmp_path / "copy.db")
    asides = []
    for text in ("first", "second"):
        add_note(log, ada, text)
        asides.append(restore(path, copy, NOON).kept_aside)
    assert [notes(aside, ada) for aside in asides if aside] == [["first"], ["second"]]


def test_a_damaged_log_is_kept_aside_beside_an_earlier_one_of_the_same_second(
    log: Log, path: Path, tmp_path: Path
) -> None:
    copy = log.backup(tmp_path / "copy.db")
    log.close()
    asides = []
    for mark in (b"one", b"two"):
        path.write_bytes(path.read_bytes()[:4096] + mark * 5000)
        asides.append(restore(path, copy, NOON).kept_aside)
    assert [mark in aside.read_bytes() for aside, mark in zip(asides, (b"oneone", b"twotwo"), strict=True) if aside]
    assert len(set(asides)) == 2
