"""Opening: private from the first byte, the settings that keep it whole, a sentence for each thing in the way."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import Note, Person
from glucolog.errors import DatabaseError
from glucolog.storage import Log, new_id, open_log
from glucolog.storage.engine import reading
from glucolog.storage.problems import (
    BusyLogError,
    DamagedLogError,
    DiskFullError,
    NewerLogError,
    NoLogError,
    NoPermissionError,
    NotALogError,
    ReadOnlyError,
)
from glucolog.storage.schema import APPLICATION_ID, SCHEMA_VERSION
from tests.bounds import PATIENCE_S

NOON = Moment(1_774_785_600, "Europe/Berlin")


def add_note(log: Log, person: Person, text: str = "typed") -> None:
    with log.write(uid=new_id(), summary="add note", person_id=person.id, at=NOON) as writer:
        writer.add(Note(id=new_id(), person_id=person.id, at=NOON, text=text))


def test_file_and_folder_are_private(log: Log, path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_rollback_journal_is_private_too(log: Log, path: Path, ada: Person) -> None:
    with log.write(uid=new_id(), summary="add note", person_id=ada.id, at=NOON) as writer:
        writer.add(Note(id=new_id(), person_id=ada.id, at=NOON, text="typed"))
        journal = path.with_name(f"{path.name}-journal")
        assert journal.stat().st_mode & 0o777 == 0o600
        assert {file.name for file in path.parent.iterdir() if file.is_file()} == {path.name, journal.name}


def test_the_settings_are_those_of_the_design(log: Log) -> None:
    expected = {
        "journal_mode": "delete", "synchronous": 2, "foreign_keys": 1, "temp_store": 2,
        "application_id": APPLICATION_ID, "user_version": SCHEMA_VERSION,
    }  # fmt: skip
    with reading(log._engine) as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in expected}
        timeout_ms = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    assert found == expected
    assert timeout_ms >= 5000


def test_every_table_is_strict(log: Log, path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        loose = [row[1] for row in raw.execute("PRAGMA table_list") if not row[5]]
    assert set(loose) <= {"alembic_version", "sqlite_schema", "sqlite_temp_schema", "sqlite_sequence"}


def test_a_url_names_a_file(path: Path) -> None:
    open_log(f"sqlite:///{path}", create=True).close()
    assert path.is_file()
    with pytest.raises(DatabaseError, match="can't open oracle databases"):
        open_log("oracle://somewhere/log")


def test_opening_twice_with_create_keeps_what_is_there(log: Log, path: Path, ada: Person) -> None:
    with open_log(path, create=True) as again:
        assert again.people() == (ada,)


def test_no_log_is_said_and_nothing_is_made(path: Path) -> None:
    with pytest.raises(NoLogError, match="There is no log at"):
        open_log(path)
    assert not path.parent.exists()


def _sqlite(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as raw, raw:
        for statement in statements:
            raw.execute(statement)


def _newer_log(path: Path) -> None:
    open_log(path, create=True).close()
    _sqlite(path, "PRAGMA user_version = 999")


MAKERS: dict[str, tuple[Callable[[Path], object], type[DatabaseError]]] = {
    "a folder": (Path.mkdir, NotALogError),
    "an empty file": (Path.touch, NotALogError),
    "a text": (lambda path: path.write_text("Index,Timestamp\n" * 100), NotALogError),
    "a short text": (lambda path: path.write_text("x"), NotALogError),
    "a binary": (lambda path: path.write_bytes(bytes(range(256)) * 32), NotALogError),
    "another program's database": (lambda path: _sqlite(path, "CREATE TABLE t (x)"), NotALogError),
    "a named pipe": (os.mkfifo, NotALogError),
    "a log of a newer glucolog": (_newer_log, NewerLogError),
}


@pytest.mark.parametrize("what", MAKERS)
def test_other_things_are_refused_and_left_as_they_are(what: str, tmp_path: Path) -> None:
    path = tmp_path / "thing"
    make, expected = MAKERS[what]
    make(path)
    before = path.read_bytes() if path.is_file() else None
    for create in (False, True) if what != "an empty file" else (False,):
        with pytest.raises(expected) as caught:
            open_log(path, create=create)
        assert caught.value.problem.endswith(".")
        assert caught.value.remedy.endswith(".")
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DatabaseError):
        open_log(tmp_path / "file" / "log.db", create=True)


TRY = """
import os, sys, tempfile
from glucolog.errors import GlucologError
from glucolog.storage import open_log
open_log(tempfile.mkdtemp() + "/everything-imported.db", create=True).close()
if os.geteuid() == 0:
    os.setgroups([])
    os.setuid(65534)
try:
    with open_log(sys.argv[1], create=True) as log:
        print("opened")
except GlucologError as error:
    print(type(error).__name__, error)
"""


def opened_by_nobody(path: Path) -> str:
    """Open the log in a process without root's powers, and return what it says."""
    done = subprocess.run(
        [sys.executable, "-c", TRY, str(path)], capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    assert done.stderr == ""
    return done.stdout


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach; those of pytest are closed again by whoever else runs it."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_folder_one_may_not_write_to(open_folder: Path) -> None:
    path = open_folder / "log.db"
    open_log(path, create=True).close()
    path.chmod(0o666)
    open_folder.chmod(0o555)
    assert opened_by_nobody(path).startswith(ReadOnlyError.__name__)
    assert opened_by_nobody(open_folder / "new.db").startswith(NoPermissionError.__name__)
    open_folder.chmod(0o755)


def test_a_file_one_may_not_read(open_folder: Path) -> None:
    path = open_folder / "log.db"
    open_log(path, create=True).close()
    path.chmod(0o000)
    assert opened_by_nobody(path).startswith(NoPermissionError.__name__)


def test_a_busy_log_is_said(log: Log, path: Path, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glucolog.storage.engine.BUSY_TIMEOUT_S", 0.05)
    with open_log(path) as other, closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyLogError, match="Another program is writing"):
            add_note(other, ada)
        assert other.people() == (ada,)
        raw.execute("ROLLBACK")
        add_note(other, ada)


def test_a_full_disk_is_said_and_the_log_stays_whole(log: Log, path: Path, ada: Person) -> None:
    with reading(log._engine) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}").close()
    with pytest.raises(DiskFullError, match="is full"):
        add_note(log, ada, "x" * 100_000)
    assert log.notes(ada.id) == ()
    add_note(log, ada)
    assert len(log.notes(ada.id)) == 1


def test_damaged_pages_are_said(log: Log, path: Path, ada: Person) -> None:
    for number in range(50):
        add_note(log, ada, f"{number}" * 500)
    log.close()
    content = bytearray(path.read_bytes())
    content[8192:] = bytes(len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(DamagedLogError, match="is damaged"), open_log(path) as again:
        again.notes(ada.id)


def test_a_log_left_half_made_is_made_whole(path: Path) -> None:
    path.parent.mkdir()
    path.touch(mode=0o600)
    with open_log(path, create=True) as log:
        assert log.people() == ()


def test_logging_a_session_imports_nothing_heavy(path: Path) -> None:
    heavy = "alembic,numpy,sqlalchemy.orm,rich,plotly,click,hypothesis"
    code = f"""
import sys
import glucolog.storage
from glucolog.core.moments import Moment
from glucolog.storage import open_log, new_id
with open_log(sys.argv[1], create=True) as log:
    with log.write(uid=new_id(), summary="s", person_id=None, at=Moment(0, "UTC")):
        pass
print([name for name in {heavy!r}.split(",") if name in sys.modules])
"""
    with_log = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    assert with_log.stdout == "[]\n"
