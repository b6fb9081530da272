"""A log on PostgreSQL: opened, migrated, shared by writers at once, and refused with a sentence."""

from __future__ import annotations

import json
import socket
import threading
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pytest_alembic
from glucolog.core.columns import ReadingBlock
from glucolog.core.records import ImportBatch, Note, Person
from glucolog.core.units import Source, Unit
from glucolog.errors import DatabaseError, RefusedError
from glucolog.services.identity import Call
from glucolog.services.importing import ImportOutcome, Request, import_file
from glucolog.services.settings import own_folder
from glucolog.storage import Log, new_id, open_log, postgres
from glucolog.storage.migrate import alembic_config
from glucolog.storage.postgres import server_engine
from glucolog.storage.postgres_problems import (
    BusyServerError,
    LostServerError,
    NewerServerLogError,
    NoServerBackupError,
    NoServerError,
    NoServerLogError,
    OlderServerLogError,
    OtherTablesError,
    ReadOnlyServerError,
)
from glucolog.storage.problems import ChangedUnderneathError
from glucolog.storage.schema import SCHEMA_VERSION
from glucolog.storage.tables import metadata
from pytest_alembic.tests import (
    test_model_definitions_match_ddl,
    test_single_head_revision,
    test_up_down_consistency,
    test_upgrade,
)
from sqlalchemy import Engine, inspect, make_url, text
from tests.clinic.conftest import NOON, ZONE, Shell
from tests.clinic.server import ASKED, PATIENCE_S, Server

__all__ = ["test_model_definitions_match_ddl", "test_single_head_revision", "test_up_down_consistency", "test_upgrade"]


@pytest.fixture
def alembic_engine(database: str) -> Iterator[Engine]:
    engine = server_engine(database)
    yield engine
    engine.dispose()


@pytest.fixture
def alembic_runner(alembic_engine: Engine) -> Iterator[object]:
    config = pytest_alembic.Config(alembic_config=alembic_config())
    with pytest_alembic.runner(config, alembic_engine) as runner:
        yield runner


def shape(engine: Engine) -> dict[str, object]:
    """What the tables, their keys and their checks are."""
    looked = inspect(engine)
    return {
        name: (
            sorted((str(one["name"]), str(one["type"]), bool(one["nullable"])) for one in looked.get_columns(name)),
            sorted(str(one["name"]) + one["sqltext"] for one in looked.get_check_constraints(name)),
            sorted(str(one["name"]) for one in looked.get_foreign_keys(name)),
            sorted(str(one["name"]) for one in looked.get_indexes(name)),
        )
        for name in metadata.tables
    }


def test_a_migrated_log_has_the_tables_of_a_new_one(
    server: Server, alembic_engine: Engine, alembic_runner: object
) -> None:
    alembic_runner.migrate_up_to("head")  # type: ignore[attr-defined]
    new = server.url(server.new_database())
    open_log(new, create=True).close()
    engine = server_engine(new)
    assert shape(alembic_engine) == shape(engine)
    engine.dispose()


def test_an_older_log_is_migrated_by_its_owner_with_db_upgrade(
    database: str, shell: Shell, alembic_runner: object
) -> None:
    alembic_runner.migrate_up_to("0001")  # type: ignore[attr-defined]
    with pytest.raises(OlderServerLogError):
        open_log(database)
    done = shell("db", "upgrade", "--json", "--db", database)
    assert done.code == 0, done.err
    assert (done.document["before"], done.document["after"]) == (1, SCHEMA_VERSION)
    assert (
        shell("init", "--name", "Ada", "--unit", "mg/dL", "--tz", ZONE, "--therapy", "mdi", "--db", database).code == 0
    )


def test_what_is_no_log_of_ours_is_a_sentence(database: str, server: Server) -> None:
    with pytest.raises(NoServerLogError):
        open_log(database)
    with pytest.raises(NoServerError):
        open_log(server.url("no_such_database"))
    with pytest.raises(NoServerError):
        open_log("postgresql+psycopg://me@127.0.0.1:1/none")
    engine = server_engine(database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE other (a integer)"))
    engine.dispose()
    with pytest.raises(OtherTablesError):
        open_log(database, create=True)


def test_a_newer_log_is_refused(log: Log, new_log: str) -> None:
    engine = server_engine(new_log)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(NewerServerLogError):
        open_log(new_log)


def at_once(n: int, work: Callable[[], None]) -> None:
    """Do the same in `n` threads, and fail rather than wait for one that does not end."""
    threads = [threading.Thread(target=work, daemon=True) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_many_write_at_once_and_nothing_is_lost_or_doubled(log: Log, new_log: str, ada: Person) -> None:
    uids = [new_id() for _ in range(6)]

    def write() -> None:
        with open_log(new_log) as mine:
            for uid in uids:
                with mine.write(uid=uid, summary="note", person_id=ada.id, at=NOON) as writer:
                    if not writer.already_done:
                        writer.add(Note(id=new_id(), person_id=ada.id, at=NOON, text=uid))

    at_once(4, write)
    assert sorted(note.text for note in log.notes(ada.id)) == sorted(uids)
    assert len(log.history(limit=None)) == 1 + len(uids)


def test_readers_wait_for_no_writer_and_see_one_state(log: Log, new_log: str, ada: Person) -> None:
    with open_log(new_log) as other:
        with other.write(uid=new_id(), summary="note", person_id=ada.id, at=NOON) as writer:
            writer.add(Note(id=new_id(), person_id=ada.id, at=NOON, text="not yet"))
            assert log.notes(ada.id) == ()
        assert [note.text for note in log.notes(ada.id)] == ["not yet"]


def test_a_writer_that_waits_too_long_is_told(
    log: Log, new_log: str, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "BUSY_TIMEOUT_S", 1)
    with (
        log.write(uid=new_id(), summary="slow", person_id=ada.id, at=NOON),
        open_log(new_log) as other,
        pytest.raises(BusyServerError, match="“clinic_owner” is writing"),
        other.write(uid=new_id(), summary="x", person_id=ada.id, at=NOON),
    ):
        raise AssertionError("two wrote at once")


def test_a_reader_of_a_locked_table_is_told_who_holds_it(
    new_log: str, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "BUSY_TIMEOUT_S", 0.1)
    engine = server_engine(new_log)
    with engine.begin() as holder, open_log(new_log) as log:
        holder.exec_driver_sql("LOCK TABLE note")
        with pytest.raises(BusyServerError, match="“clinic_owner”"):
            log.notes(ada.id)
    engine.dispose()


def test_a_writer_that_sleeps_in_a_write_loses_its_turn(
    log: Log, new_log: str, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(into: Log, *steps: Callable[[], object]) -> None:
        with into.write(uid=new_id(), summary="note", person_id=ada.id, at=NOON) as writer:
            for step in steps:
                step()
            writer.add(Note(id=new_id(), person_id=ada.id, at=NOON, text=f"after {len(steps)}"))

    monkeypatch.setattr(postgres, "IDLE_WRITER_S", 0.2)
    with open_log(new_log) as other:
        with pytest.raises(LostServerError, match="idle-in-transaction"):
            write(log, lambda: write(other))
        assert [one.text for one in other.notes(ada.id)] == ["after 0"]


def test_the_log_is_neither_written_nor_read_once_somebody_has_upgraded_it(log: Log, new_log: str, ada: Person) -> None:
    engine = server_engine(new_log)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with (
        pytest.raises(ChangedUnderneathError, match="upgraded"),
        log.write(uid=new_id(), summary="x", person_id=ada.id, at=NOON),
    ):
        raise AssertionError("it wrote")
    with pytest.raises(ChangedUnderneathError, match="upgraded"):
        log.notes(ada.id)


def test_a_wrong_password_is_a_sentence(
    log: Log, new_log: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.sql(f"CREATE ROLE {ASKED} LOGIN SUPERUSER PASSWORD 'right'")
    url = server.url(str(make_url(new_log).database), ASKED)
    with pytest.raises(NoServerError, match="no password supplied") as caught:
        open_log(url)
    assert "PGPASSWORD" in caught.value.remedy
    with pytest.raises(NoServerError, match="password authentication failed"):
        open_log(url.replace(ASKED, f"{ASKED}:wrong", 1))
    monkeypatch.setenv("PGPASSWORD", "right")
    with open_log(url) as asked:
        assert asked.person("Ada").name == "Ada"


def test_a_standby_is_named(log: Log, new_log: str, server: Server) -> None:
    server.sql(f"ALTER DATABASE {make_url(new_log).database} SET default_transaction_read_only = on")
    with open_log(new_log) as standby, pytest.raises(ReadOnlyServerError, match="takes no writes"):
        standby.people()


def test_a_server_that_says_nothing_is_not_waited_for_without_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(NoServerError, match="timeout"):
            open_log(f"postgresql+psycopg://me@127.0.0.1:{port}/none?connect_timeout=2")


def test_two_imports_of_one_file_at_once_store_it_once(log: Log, new_log: str, ada: Person) -> None:
    n = 2000
    block = ReadingBlock(
        source=Source.CGM, unit=Unit.MG_DL, zone=ZONE, device="G6",
        at_s=array("q", range(NOON.epoch_s, NOON.epoch_s + 300 * n, 300)), amount=array("d", [120.0] * n),
        censored=array("b", bytes(n)),
    )  # fmt: skip
    counts = []

    def bring() -> None:
        batch = ImportBatch(
            id=new_id(), person_id=ada.id, at=NOON, file_name="a", file_sha256="0" * 64, format="dexcom", counts={}
        )
        with (
            open_log(new_log) as mine,
            mine.write(uid=new_id(), summary="import", person_id=ada.id, at=NOON) as writer,
        ):
            writer.add(batch)
            counts.append(writer.add_blocks(ada.id, batch.id, [block]))

    at_once(2, bring)
    assert sorted((count.new, count.duplicate) for count in counts) == [(0, n), (n, 0)]
    assert len(log.trace(ada.id, Source.CGM)) == n


def test_a_changed_clock_and_an_edited_entry_are_known_here_too(log: Log, ada: Person, tmp_path: Path) -> None:
    def bring(name: str, items: list[dict[str, object]]) -> ImportOutcome:
        path = tmp_path / name
        path.write_text(json.dumps(items), encoding="utf-8")
        return import_file(log, ada, str(path), Request(), Call(now=NOON, uid=new_id()), lambda _done, _total: None)

    def sensor(shift_s: int) -> list[dict[str, object]]:
        first = NOON.epoch_s - 86_400 + shift_s
        return [{"type": "sgv", "sgv": 90 + n * 7 % 50, "date": (first + 300 * n) * 1000} for n in range(36)]

    def dose(units: float) -> list[dict[str, object]]:
        at = NOON.plus(minutes=-90).iso()
        return [{"_id": "a1", "eventType": "Meal Bolus", "insulin": units, "created_at": at}]

    assert bring("a.json", [*sensor(0), *dose(5)]).new == 37
    again = bring("b.json", [*sensor(3_600), *dose(6)])
    assert (again.new, again.duplicate, again.conflict, again.changed) == (0, 36, 0, 1)
    assert [one.units for one in log.doses(ada.id)] == [6]
    log.undo(at=NOON)
    assert [one.units for one in log.doses(ada.id)] == [5]


def test_backups_are_the_servers_own(log: Log, new_log: str, shell: Shell, tmp_path: Path) -> None:
    with pytest.raises(NoServerBackupError):
        log.backup(tmp_path / "copy.db")
    for command in (("backup",), ("restore", "--yes")):
        refused = shell("db", *command, "--db", new_log)
        assert refused.code == 2
        assert "pg_dump" in refused.err


def test_the_commands_of_the_file_speak_of_the_server(log: Log, new_log: str, shell: Shell) -> None:
    info = shell("db", "info", "--json", "--db", new_log).document
    assert (info["people"], info["version"], info["readings"]) == (["Ada"], SCHEMA_VERSION, 0)
    assert shell("db", "check", "--json", "--db", new_log).document["sound"] is True


def test_a_session_logged_on_the_command_line(log: Log, new_log: str, shell: Shell) -> None:
    done = shell(
        "log", "--before", "142", "--after", "120", "--minutes", "30", "--area", "calf", "--json", "--db", new_log
    )
    assert done.code in {0, 10}, done.err
    shown = shell("session", "show", "@1", "--json", "--db", new_log).document
    assert shown["session"]["change"]["drop_mg_dl"] == 22
    assert shell("undo", "--yes", "--db", new_log).code == 0
    assert shell("session", "list", "--json", "--db", new_log).document["sessions"] == []


def test_init_and_an_import_on_the_command_line(database: str, shell: Shell, tmp_path: Path) -> None:
    db = ("--db", database)
    made = shell("init", "--name", "Ada", "--unit", "mg/dL", "--tz", ZONE, "--therapy", "mdi", *db)
    assert made.code == 0, made.err
    file = tmp_path / "diary.csv"
    file.write_text("time,glucose_mg_dl,source\n2026-03-01T08:00,110,cgm\n2026-03-01T08:05,112,cgm\n")
    first = shell("import", str(file), "--json", *db)
    assert first.code == 0, first.err
    assert (first.document["new"], shell("import", str(file), "--json", *db).document["duplicate"]) == (2, 2)
    assert shell("stats", "--json", *db).document["mean_mg_dl"] == 111
    assert shell("undo", "--yes", *db).code == 0
    assert shell("stats", "--json", *db).document["n"] == 0


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://me:hunter2@127.0.0.1:notaport/x",
        "postgresql+psycopg://me:p@hunter2@127.0.0.1/x",
        "postgresql+psycopg://me@127.0.0.1:1/x?password=hunter2",
        "postgresql+psycopg://me:hunter2@127.0.0.1:1/x?no_such_option=1",
        "postgres://me:hunter2@127.0.0.1:1/x",
    ],
)
def test_a_wrong_address_is_a_sentence_without_its_password(shell: Shell, address: str) -> None:
    for command in (("stats",), ("db", "info"), ("doctor",), ("init", "--name", "A", "--unit", "mg/dL", "--tz", "UTC")):
        ran = shell(*command, "--db", address)
        assert ran.code in {2, 5, 10}
        assert "hunter2" not in ran.out + ran.err


def test_no_answer_holds_the_password(database: str, shell: Shell) -> None:
    secret = database.replace("clinic_owner@", "clinic_owner:hunter2@")
    commands = (
        ("init", "--name", "Ada", "--unit", "mg/dL", "--tz", ZONE, "--therapy", "mdi"), ("db", "info"), ("db", "check"),
        ("db", "copy", secret, secret), ("doctor",), ("stats",),
    )  # fmt: skip
    for command in commands:
        for form in ((), ("--json",)):
            ran = shell(*command, *form, "--db", secret + "&password=hunter2")
            assert "hunter2" not in ran.out + ran.err
    assert shell("doctor", "--db", secret).code == 0
    assert "hunter2" not in str(own_folder(secret))


@pytest.mark.parametrize(
    "command",
    [
        ("db", "encrypt"),
        ("db", "salvage", "x.db"),
        ("person", "forget", "Ada", "--yes"),
        ("db", "decrypt", "--yes"),
    ],
)
def test_what_is_for_files_says_so(log: Log, new_log: str, shell: Shell, command: tuple[str, ...]) -> None:
    ran = shell(*command, "--db", new_log)
    assert ran.code == 2
    assert "PostgreSQL" in ran.err


def test_a_connection_lost_in_a_write_is_a_sentence_and_half_of_nothing(
    log: Log, new_log: str, server: Server, ada: Person
) -> None:
    def note(text: str) -> Note:
        return Note(id=new_id(), person_id=ada.id, at=NOON, text=text)

    def write_and_be_cut_off() -> None:
        with log.write(uid=new_id(), summary="notes", person_id=ada.id, at=NOON) as writer:
            writer.add(note("first"))
            server.cut_off(str(make_url(new_log).database))
            writer.add(note("second"))

    with pytest.raises(LostServerError):
        write_and_be_cut_off()
    assert log.notes(ada.id) == ()


def test_broken_characters_are_refused(log: Log, ada: Person) -> None:
    with pytest.raises(RefusedError), log.write(uid=new_id(), summary="x", person_id=ada.id, at=NOON) as writer:
        writer.add(Note(id=new_id(), person_id=ada.id, at=NOON, text="\udcff"))
    assert log.notes(ada.id) == ()


def test_a_url_of_another_database_is_refused() -> None:
    with pytest.raises(DatabaseError):
        open_log("mysql://localhost/x")
