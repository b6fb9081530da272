"""Who sees whom on PostgreSQL, tried by each role, with glucolog and with plain SQL; and who is noted."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from itertools import count

import psycopg
import pytest
from glucolog.core.records import ImportBatch, Note, Person, Reading, ReadingBlock, Session, Therapy
from glucolog.core.units import Glucose, Source, Unit
from glucolog.errors import DatabaseError, GlucologError, NotFoundError
from glucolog.services import clinic
from glucolog.storage import BlockCounts, Log, new_id, open_log
from glucolog.storage.postgres_problems import NotYourOwnError
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
    made = Clinic(server, server.new_database(), f"educator{n}", f"ben{n}", f"stranger{n}")
    server.sql(*(f"CREATE ROLE {role} LOGIN" for role in (made.educator, made.ben, made.stranger)))
    with open_log(made.owner_url, create=True) as log:
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
        (at_clinic.educator, "write", None, "insert journal_row"),
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
    assert noted == [("write", None, "delete session_tag"), ("write", "Ada", "update reading")]


def test_a_revoked_role_sees_nobody(at_clinic: Clinic) -> None:
    clinic.unassign(at_clinic.owner_url, at_clinic.educator, "Ada")
    with open_log(at_clinic.url(at_clinic.educator)) as log:
        assert log.people() == ()
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
