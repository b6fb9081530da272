"""Who sees whom on PostgreSQL, tried by each role, with glucolog and with plain SQL; and who is noted."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from glucolog.core.columns import ReadingBlock
from glucolog.core.records import ImportBatch, Note, Person, Reading, Session, Therapy, Trial
from glucolog.core.units import Glucose, Source, Unit
from glucolog.errors import DatabaseError, GlucologError, NotFoundError, RefusedError
from glucolog.services import clinic
from glucolog.services.exporting import Asked, export_everyone
from glucolog.storage import BlockCounts, Log, new_id, open_log
from glucolog.storage.journal import image
from glucolog.storage.migrate import alembic_config
from glucolog.storage.postgres import TABLES_LOCK, server_engine, upgrade
from glucolog.storage.postgres_problems import NotYourOwnError
from glucolog.storage.schema import SCHEMA_VERSION, revision_of
from glucolog.storage.tables import metadata
from tests.clinic.conftest import NOON, ZONE, Shell
from tests.clinic.server import Server

_numbers = count()
COUNT = "SELECT count(*) FROM {}"


@dataclass(frozen=True, slots=True)
class Clinic:
    """A log of Ada and Ben; `educator` is Ada's, `ben` is Ben, `stranger` nobody's."""

    server: Server
    database: str
    educator: str
    ben: str
    stranger: str

    @property
    def owner_url(self) -> str:
        return self.server.url(self.database)

    def url(self, role: str) -> str:
        return self.server.url(self.database, role)

    def rows(self, role: str, query: str) -> list[tuple[object, ...]]:
        """Ask with plain SQL, as this role."""
        folder = str(self.server.folder)
        with psycopg.connect(host=folder, dbname=self.database, user=role, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture
def at_clinic(server: Server) -> Clinic:
    n = next(_numbers)
    made = Clinic(server, server.new_database(server.empty_log), f"educator{n}", f"ben{n}", f"stranger{n}")
    server.sql(*(f"CREATE ROLE {role} LOGIN" for role in (made.educator, made.ben, made.stranger)))
    with open_log(made.owner_url) as log:
        for name in ("Ada", "Ben"):
            fill(log, name)
    clinic.assign(made.owner_url, made.educator, "Ada", themself=False)
    clinic.assign(made.owner_url, made.ben, "Ben", themself=True)
    return made


def fill(log: Log, name: str) -> None:
    person = Person(id=new_id(), name=name, unit=Unit.MG_DL, zone=ZONE, therapy=Therapy.MDI)
    with log.write(uid=new_id(), summary=f"add {name}", person_id=person.id, at=NOON) as writer:
        writer.add(person)
        writer.add(reading_of(person))
        writer.add(Session(id=new_id(), person_id=person.id, start=NOON, tags=("tag",)))


def reading_of(person: Person) -> Reading:
    return Reading(id=new_id(), person_id=person.id, at=NOON, glucose=Glucose(99, Unit.MG_DL), source=Source.METER)


def add_note(log: Log, person: Person) -> None:
    with log.write(uid=new_id(), summary="note", person_id=person.id, at=NOON) as writer:
        writer.add(Note(id=new_id(), person_id=person.id, at=NOON, text="seen"))


def test_each_role_sees_its_own_people(at_clinic: Clinic) -> None:
    seen = {}
    for role in (at_clinic.educator, at_clinic.ben):
        with open_log(at_clinic.url(role)) as log:
            seen[role] = [person.name for person in log.people()]
            assert {entry.summary for entry in log.history()} == {f"add {seen[role][0]}"}
    assert seen == {at_clinic.educator: ["Ada"], at_clinic.ben: ["Ben"]}
    with open_log(at_clinic.owner_url) as log:
        assert [person.name for person in log.people()] == ["Ada", "Ben"]


def test_plain_sql_sees_no_more_in_any_table(at_clinic: Clinic) -> None:
    for table in metadata.tables:
        everyone = at_clinic.rows("clinic_owner", COUNT.format(table))[0][0]
        mine = at_clinic.rows(at_clinic.educator, COUNT.format(table))[0][0]
        assert isinstance(everyone, int)
        assert mine == everyone / 2, table
    assert at_clinic.rows(at_clinic.educator, "SELECT name FROM person") == [("Ada",)]


@pytest.mark.parametrize("table", ["glucolog_clinic.access", "glucolog_clinic.audit"])
def test_a_role_can_neither_give_itself_people_nor_touch_the_notes(at_clinic: Clinic, table: str) -> None:
    for query in ("SELECT * FROM {}", "DELETE FROM {} RETURNING *"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            at_clinic.rows(at_clinic.educator, query.format(table))
    for query in ("ALTER TABLE reading DISABLE ROW LEVEL SECURITY", "DELETE FROM journal RETURNING seq"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            at_clinic.rows(at_clinic.educator, query)


REFUSED = (
    "SET ROLE clinic_owner", "SET SESSION AUTHORIZATION clinic_owner", "SET row_security = off; SELECT 1 FROM person",
    "SET log_statement = 'none'", "SET session_replication_role = 'replica'", "TRUNCATE reading", "DELETE FROM person",
    "COPY glucolog_clinic.audit TO STDOUT", "SELECT setval('journal_seq_seq', 1)",
    "CREATE VIEW public.mine AS SELECT 1", "CREATE POLICY mine ON person USING (true)", "DROP POLICY assigned ON note",
    "ALTER TABLE note DISABLE TRIGGER ALL", "SELECT glucolog_clinic.note_insert_note()",
    "CREATE INDEX ON person (name)", "SELECT 1 FROM pg_statistic", "UPDATE person SET id = gen_random_uuid()",
    "UPDATE reading SET person_id = gen_random_uuid()", "SELECT pg_read_file('PG_VERSION')",
)  # fmt: skip
LEAKY = """
CREATE FUNCTION pg_temp.tell(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001
AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$
"""
TOLD = "person WHERE pg_temp.tell(name)", "journal_row WHERE pg_temp.tell(after)", "session_tag WHERE pg_temp.tell(tag)"


def test_plain_sql_finds_no_way_around(at_clinic: Clinic) -> None:
    where: dict[str, Any] = {"host": str(at_clinic.server.folder), "dbname": at_clinic.database}
    with psycopg.connect(**where, user=at_clinic.educator, autocommit=True) as connection:
        for query in REFUSED:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(query.encode())
        told: list[str] = []
        connection.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
        connection.execute(LEAKY)
        for rest in TOLD:
            connection.execute(f"SELECT count(*) FROM {rest}".encode())  # noqa: S608 – words of our own
        connection.execute("CREATE TEMP TABLE access AS SELECT id AS person_id, session_user AS role FROM person")
        connection.execute("SET search_path = pg_temp, public")
        assert connection.execute("SELECT count(*) FROM public.person").fetchone() == (1,)
    assert len(told) == 5
    assert "Ada" in told
    assert not any("Ben" in one for one in told)


def test_nobody_is_noted_as_read_by_a_role_that_does_not_see_them(at_clinic: Clinic) -> None:
    with open_log(at_clinic.owner_url) as log:
        ids = [person.id for person in log.people()]
    for person_id in ids:
        at_clinic.rows(at_clinic.educator, f"SELECT glucolog_clinic.note_read(array['{person_id}'::uuid], 'reading')")
    found = clinic.notes(at_clinic.owner_url, 100, "UTC")
    assert [one.person for one in found if (one.role, one.action) == (at_clinic.educator, "read")] == ["Ada"]


def test_a_login_that_was_given_nobody_keeps_no_writer_waiting(at_clinic: Clinic) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        at_clinic.rows(at_clinic.stranger, "BEGIN; LOCK TABLE glucolog_clinic.turn IN EXCLUSIVE MODE")
    where: dict[str, Any] = {
        "host": str(at_clinic.server.folder),
        "dbname": at_clinic.database,
        "user": at_clinic.stranger,
    }
    with psycopg.connect(**where) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", (TABLES_LOCK,))
        with open_log(at_clinic.url(at_clinic.educator)) as log:
            add_note(log, log.person("Ada"))


def test_a_role_that_was_given_nobody_gets_a_sentence(at_clinic: Clinic) -> None:
    with pytest.raises(NotYourOwnError):
        open_log(at_clinic.url(at_clinic.stranger))


def test_an_educator_writes_undoes_and_redoes_for_the_assigned_and_for_nobody_else(at_clinic: Clinic) -> None:
    with open_log(at_clinic.owner_url) as log:
        ada, ben = log.people()
    with open_log(at_clinic.url(at_clinic.educator)) as log:
        add_note(log, ada)
        assert len(log.notes(ada.id)) == 1
        log.undo(at=NOON)
        assert log.notes(ada.id) == ()
        log.redo(at=NOON)
        with pytest.raises(GlucologError):
            add_note(log, ben)
        with pytest.raises(NotYourOwnError), log.write(uid=new_id(), summary="x", person_id=ada.id, at=NOON) as writer:
            writer.add(reading_of(ben))
        assert log.readings(ben.id) == ()
        with pytest.raises(NotYourOwnError):
            fill(log, "Cleo")
    with open_log(at_clinic.owner_url) as log:
        assert len(log.notes(ada.id)) == 1
        assert log.notes(ben.id) == ()
        assert len(log.readings(ben.id)) == 1


def test_an_educator_imports_for_the_assigned_and_for_nobody_else(at_clinic: Clinic) -> None:
    with open_log(at_clinic.owner_url) as log:
        ada, ben = log.people()
    with open_log(at_clinic.url(at_clinic.educator)) as log:
        assert bring(log, ada).new == 500
        assert bring(log, ada).duplicate == 500
        with pytest.raises(NotYourOwnError):
            bring(log, ben)
        assert log.undo(at=NOON)[0].summary == "import"
        assert len(log.trace(ada.id, Source.CGM)) == 0
    with open_log(at_clinic.owner_url) as log:
        assert len(log.trace(ben.id, Source.CGM)) == 0


def bring(log: Log, person: Person) -> BlockCounts:
    batch = ImportBatch(
        id=new_id(), person_id=person.id, at=NOON, file_name="a", file_sha256="0" * 64, format="dexcom", counts={}
    )
    at_s = array("q", range(NOON.epoch_s, NOON.epoch_s + 500 * 300, 300))
    block = ReadingBlock(
        source=Source.CGM, unit=Unit.MG_DL, zone=ZONE, device="G6", at_s=at_s, amount=array("d", [120.0] * 500),
        censored=array("b", bytes(500)),
    )  # fmt: skip
    with log.write(uid=new_id(), summary="import", person_id=person.id, at=NOON) as writer:
        writer.add(batch)
        return writer.add_blocks(person.id, batch.id, [block])


def test_reads_and_writes_are_noted_with_the_role_and_the_person(at_clinic: Clinic) -> None:
    with open_log(at_clinic.url(at_clinic.educator)) as log:
        ada = log.person("Ada")
        log.readings(ada.id)
        log.readings(ada.id)
        log.trace(ada.id, Source.CGM)
        add_note(log, ada)
    with open_log(at_clinic.url(at_clinic.ben)) as log:
        log.people()
    noted = [
        (one.role, one.action, one.person, one.what)
        for one in clinic.notes(at_clinic.owner_url, 100, "UTC")
        if one.role != "clinic_owner"
    ]
    assert noted == [
        (at_clinic.ben, "read", "Ben", "person"),
        (at_clinic.educator, "write", "Ada", "insert journal_row"),
        (at_clinic.educator, "write", "Ada", "insert note"),
        (at_clinic.educator, "write", "Ada", "insert journal"),
        (at_clinic.educator, "read", "Ada", "reading"),
        (at_clinic.educator, "read", "Ada", "person"),
    ]


def test_a_write_by_plain_sql_is_noted_too(at_clinic: Clinic) -> None:
    changed = at_clinic.rows(at_clinic.educator, "UPDATE reading SET note = 'x' RETURNING note")
    gone = at_clinic.rows(at_clinic.educator, "DELETE FROM session_tag RETURNING tag")
    assert (changed, gone) == ([("x",)], [("tag",)])
    everything = clinic.notes(at_clinic.owner_url, 100, "UTC")
    noted = [(one.action, one.person, one.what) for one in everything if one.role == at_clinic.educator]
    assert noted == [("write", "Ada", "delete session_tag"), ("write", "Ada", "update reading")]


def test_a_row_moved_to_somebody_else_is_noted_for_both(at_clinic: Clinic) -> None:
    clinic.assign(at_clinic.owner_url, at_clinic.educator, "Ben", themself=False)
    moved = at_clinic.rows(
        at_clinic.educator,
        "UPDATE reading SET person_id = (SELECT id FROM person WHERE name = 'Ben') "
        "WHERE person_id = (SELECT id FROM person WHERE name = 'Ada') RETURNING 1",
    )
    assert len(moved) == 1
    noted = clinic.notes(at_clinic.owner_url, 100, "UTC")
    assert {one.person for one in noted if one.what == "update reading"} == {"Ada", "Ben"}


@pytest.mark.parametrize(
    "query",
    [
        "UPDATE journal SET summary = 'x' RETURNING 1",
        "UPDATE journal_row SET after = NULL RETURNING 1",
        "DELETE FROM journal_row RETURNING 1",
        "INSERT INTO journal (seq, uid, person_id, at_s, zone, summary, action, state) "
        "SELECT 999, gen_random_uuid(), id, 0, 'UTC', 'x', 'write', 'done' FROM person RETURNING 1",
        "INSERT INTO glucolog_clinic.author VALUES (999, session_user) RETURNING 1",
    ],
)
def test_history_is_added_to_and_never_rewritten(at_clinic: Clinic, query: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        at_clinic.rows(at_clinic.educator, query)


def test_undo_takes_back_ones_own_changes_and_a_number_anybodys(at_clinic: Clinic) -> None:
    other = f"other_{at_clinic.educator}"
    at_clinic.server.sql(f"CREATE ROLE {other} LOGIN")
    clinic.assign(at_clinic.owner_url, other, "Ada", themself=False)
    with open_log(at_clinic.url(other)) as log:
        ada = log.person("Ada")
        add_note(log, ada)
    with open_log(at_clinic.url(at_clinic.educator)) as log:
        with pytest.raises(NotFoundError, match="nothing to undo"):
            log.undo(person_id=ada.id, at=NOON)
        log.undo_entry(log.history(1)[0].seq, at=NOON)
        assert log.notes(ada.id) == ()
    with open_log(at_clinic.url(other)) as log, pytest.raises(NotFoundError, match="nothing to redo"):
        log.redo(person_id=ada.id, at=NOON)
    with open_log(at_clinic.url(at_clinic.educator)) as log:
        log.redo(person_id=ada.id, at=NOON)
        assert len(log.notes(ada.id)) == 1


def test_an_entry_about_one_person_never_changes_anothers_records(at_clinic: Clinic) -> None:
    with open_log(at_clinic.owner_url) as log:
        ada, ben = log.people()
        his = log.readings(ben.id)[0]
        with log.write(uid=new_id(), summary="delete", person_id=ben.id, at=NOON) as writer:
            writer.remove(his)
    forged = image(replace(his, glucose=Glucose(40, Unit.MG_DL)))
    with open_log(at_clinic.url(at_clinic.educator)) as log:
        add_note(log, ada)
    with psycopg.connect(
        host=str(at_clinic.server.folder), dbname=at_clinic.database, user=at_clinic.educator, autocommit=True
    ) as connection:
        connection.execute(
            "INSERT INTO journal_row SELECT max(seq), 9, 'reading', %s, %s, NULL FROM journal", (his.id, forged)
        )
    with open_log(at_clinic.owner_url) as log:
        with pytest.raises(RefusedError):
            log.undo_entry(log.history(1)[0].seq, at=NOON)
        assert log.readings(ben.id) == ()


def test_an_export_of_several_people_writes_into_each_ones_own_history(
    at_clinic: Clinic, shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "everyone.json"
    with open_log(tmp_path / "two.db", create=True) as log:
        fill(log, "Ada")
        fill(log, "Ben")
        file.write_bytes(b"".join(export_everyone(log, "json", Asked(since=None, until=None, now=NOON))))
    done = shell("import", str(file), "--json", "--db", at_clinic.owner_url)
    assert done.code == 0, done.err
    images = "SELECT coalesce(before, '') || coalesce(after, '') FROM journal_row"
    with open_log(at_clinic.owner_url) as log:
        ada, ben = log.people()
        assert [entry.summary for entry in log.history(1, ben.id)] == ["import everyone.json"]
    assert not any(ben.id in str(row) for row in at_clinic.rows(at_clinic.educator, images))
    assert any(ada.id in str(row) for row in at_clinic.rows(at_clinic.educator, images))


def test_a_new_table_is_open_to_the_roles_after_an_upgrade(at_clinic: Clinic) -> None:
    config = alembic_config()
    engine = server_engine(at_clinic.owner_url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision_of(1))
    engine.dispose()
    assert upgrade(at_clinic.owner_url) == (1, SCHEMA_VERSION)
    with open_log(at_clinic.url(at_clinic.educator)) as log:
        assert log.entries(Trial, log.person("Ada").id) == ()


def test_finding_a_person_reads_nobody_else(at_clinic: Clinic, shell: Shell) -> None:
    at_clinic.server.sql("DELETE FROM glucolog_clinic.audit", database=at_clinic.database)
    assert shell("stats", "--person", "Ada", "--db", at_clinic.owner_url).code == 0
    whose = "SELECT DISTINCT name FROM glucolog_clinic.audit JOIN person ON person.id = person_id"
    assert at_clinic.rows("clinic_owner", whose) == [("Ada",)]


def test_a_mistyped_name_shows_and_notes_those_like_it_alone(at_clinic: Clinic) -> None:
    at_clinic.server.sql("DELETE FROM glucolog_clinic.audit", database=at_clinic.database)
    with open_log(at_clinic.owner_url) as log:
        with pytest.raises(NotFoundError) as near:
            log.person("Adaa")
        with pytest.raises(NotFoundError) as far:
            log.person("Zoe")
    assert (near.value.remedy, far.value.remedy) == ("Did you mean Ada?", "`glucolog person list` shows whom you see.")
    assert [one.person for one in clinic.notes(at_clinic.owner_url, 9, "UTC") if one.action == "read"][2:] == ["Ada"]


def test_a_revoked_role_sees_nobody(at_clinic: Clinic) -> None:
    clinic.unassign(at_clinic.owner_url, at_clinic.educator, "Ada")
    with pytest.raises(NotYourOwnError):
        open_log(at_clinic.url(at_clinic.educator))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        at_clinic.rows(at_clinic.educator, "BEGIN; LOCK TABLE reading")
    with pytest.raises(NotFoundError):
        clinic.unassign(at_clinic.owner_url, at_clinic.educator, "Ada")


def test_only_the_owner_assigns(at_clinic: Clinic) -> None:
    with pytest.raises(NotYourOwnError):
        clinic.assign(at_clinic.url(at_clinic.educator), at_clinic.stranger, "Ada", themself=False)
    with pytest.raises(NotFoundError):
        clinic.assign(at_clinic.owner_url, "nobody_at_all", "Ada", themself=False)


def test_the_commands(at_clinic: Clinic, shell: Shell) -> None:
    db = ("--db", at_clinic.owner_url)
    assert shell("clinic", "assign", at_clinic.stranger, "Ada", *db).code == 0
    found = shell("clinic", "list", "--json", *db).document["assignments"]
    assert {(one["role"], one["person"], one["relation"]) for one in found} == {
        (at_clinic.educator, "Ada", "educator"),
        (at_clinic.stranger, "Ada", "educator"),
        (at_clinic.ben, "Ben", "self"),
    }
    assert shell("clinic", "revoke", at_clinic.stranger, "Ada", *db).code == 0
    noted = shell("clinic", "audit", "--json", *db).document["notes"]
    assert {one["action"] for one in noted} == {"read", "write"}
    mine = shell("stats", "--json", "--db", at_clinic.url(at_clinic.ben))
    assert mine.document["n"] == 1
    refused = shell("clinic", "list", "--db", "a-file.db")
    assert refused.code == 2
    assert "PostgreSQL" in refused.err


def test_a_wrong_role_is_a_sentence_without_a_password(at_clinic: Clinic) -> None:
    url = at_clinic.url("who:secret")
    with pytest.raises(DatabaseError) as caught:
        open_log(url)
    assert "secret" not in str(caught.value)
