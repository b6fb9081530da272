"""Who sees whom on PostgreSQL: row-level security, enforced by the database for every program that asks it.

The owner of the tables sees everyone. Any other role sees, and writes to, the people it was given: an educator their
assigned people, a person themself. Writes are noted by triggers on every table, with the role that logged in; reads by
glucolog, for the database can't see one. The notes are out of the roles' reach. All of this lies in a schema of its
own, so that the log's tables are the same as in a file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from glucolog.errors import NotFoundError
from glucolog.storage.engine import reading, writing
from glucolog.storage.tables import metadata

SCHEMA = "glucolog_clinic"
EDUCATOR, SELF = "educator", "self"
"""How a role has to do with a person."""

_OWNED_BY = {
    "session_area": ("session_id", "session"),
    "session_technique": ("session_id", "session"),
    "session_tool": ("session_id", "session"),
    "session_tag": ("session_id", "session"),
    "session_link": ("session_id", "session"),
    "foot_finding": ("foot_check_id", "foot_check"),
    "journal_row": ("entry_seq", "journal"),
}
"""Tables without a person of their own, by the row they belong to, whose policy then speaks for them."""
_KEYS = {"journal": "seq"}

_BASE = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS {SCHEMA}.access (
    role name NOT NULL, person_id uuid NOT NULL, relation text NOT NULL CHECK (relation IN ('{EDUCATOR}', '{SELF}')),
    PRIMARY KEY (role, person_id)
);
CREATE TABLE IF NOT EXISTS {SCHEMA}.audit (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(),
    role name NOT NULL, action text NOT NULL CHECK (action IN ('read', 'write')), person_id uuid, what text NOT NULL
);
CREATE OR REPLACE VIEW {SCHEMA}.visible WITH (security_barrier) AS
    SELECT person_id FROM {SCHEMA}.access WHERE role = session_user;
CREATE OR REPLACE FUNCTION {SCHEMA}.note_read(person uuid, what text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ INSERT INTO {SCHEMA}.audit (role, action, person_id, what) VALUES (session_user, 'read', person, what) $$;
REVOKE ALL ON FUNCTION {SCHEMA}.note_read(uuid, text) FROM PUBLIC;
"""  # noqa: S608 – names of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One role and one person it sees."""

    role: str
    person_id: str
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One entry of the audit: which role read or wrote what of whom, and when (aware, UTC)."""

    at: datetime
    role: str
    action: str
    person_id: str | None
    what: str


def install(connection: Connection) -> None:
    """Make the clinic's schema and a policy for every table; again after each migration, where it changes nothing."""
    connection.exec_driver_sql(_BASE)
    for name, table in metadata.tables.items():
        rule = _rule(name, "person_id" in table.c)
        connection.exec_driver_sql(
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;"
            f"DROP POLICY IF EXISTS assigned ON {name};"
            f"CREATE POLICY assigned ON {name} USING ({rule}) WITH CHECK ({rule});"
        )
        connection.exec_driver_sql(_noting(name, _person_of(name, "person_id" in table.c)))


def grant(engine: Engine, role: str, person_id: str, relation: str) -> None:
    """Let a login role see and write to a person. Raises `NotFoundError` for an unknown role, or when not the owner."""
    with writing(engine) as connection:
        _refuse_unknown(connection, role)
        quoted = _quoted(connection, role)
        for statement in _privileges(quoted):
            connection.exec_driver_sql(statement)
        connection.execute(
            text(
                f"INSERT INTO {SCHEMA}.access VALUES (:role, :person, :relation) "  # noqa: S608 – a name of ours
                "ON CONFLICT (role, person_id) DO UPDATE SET relation = excluded.relation"
            ),
            {"role": role, "person": person_id, "relation": relation},
        )


def revoke(engine: Engine, role: str, person_id: str) -> None:
    """Take a person from a role. Raises `NotFoundError` when it was not given."""
    with writing(engine) as connection:
        gone = connection.execute(
            text(f"DELETE FROM {SCHEMA}.access WHERE role = :role AND person_id = :person"),  # noqa: S608
            {"role": role, "person": person_id},
        )
        if not gone.rowcount:
            raise NotFoundError(f"“{role}” is not assigned to that person.", "See `glucolog clinic list`.")


def accesses(engine: Engine) -> tuple[Access, ...]:
    """Return who sees whom, by role."""
    query = f"SELECT role, person_id, relation FROM {SCHEMA}.access ORDER BY role, person_id"  # noqa: S608
    with reading(engine) as connection:
        rows = connection.execute(text(query)).all()
    return tuple(Access(role=role, person_id=str(person), relation=relation) for role, person, relation in rows)


def audit(engine: Engine, limit: int) -> tuple[Noted, ...]:
    """Return the latest notes of who read and wrote, the newest first."""
    query = f"SELECT at, role, action, person_id, what FROM {SCHEMA}.audit ORDER BY seq DESC LIMIT :n"  # noqa: S608
    with reading(engine) as connection:
        rows = connection.execute(text(query), {"n": limit}).all()
    return tuple(
        Noted(at=at, role=role, action=action, person_id=None if person is None else str(person), what=what)
        for at, role, action, person, what in rows
    )


def note_read(connection: Connection, seen: Iterable[tuple[str, str]]) -> None:
    """Note kinds of records and the people whose they are as read by this role."""
    query = text(f"SELECT {SCHEMA}.note_read(cast(:person AS uuid), :what)")
    for what, person_id in sorted(seen):
        connection.execute(query, {"person": person_id, "what": what})


def _rule(name: str, has_person: bool) -> str:
    if name in _OWNED_BY:
        own, owner = _OWNED_BY[name]
        return f"{own} IN (SELECT {_KEYS.get(owner, 'id')} FROM {owner})"  # noqa: S608 – names of ours
    return f"{'person_id' if has_person else 'id'} IN (SELECT person_id FROM {SCHEMA}.visible)"  # noqa: S608


def _person_of(name: str, has_person: bool) -> str:
    """Return whose a row is, as an expression; the rows of a list don't say."""
    if has_person:
        return "person_id"
    return "NULL::uuid" if name in _OWNED_BY else "id"


def _noting(name: str, person: str) -> str:
    """Return triggers that note each statement that changes a table, once for each person it touches."""
    function = f"{SCHEMA}.note_{name}()"
    triggers = (
        f"DROP TRIGGER IF EXISTS note_{verb} ON {name};"
        f"CREATE TRIGGER note_{verb} AFTER {verb} ON {name} REFERENCING {seen} TABLE AS changed "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function};"
        for verb, seen in (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD"))
    )
    return f"""
        CREATE OR REPLACE FUNCTION {function} RETURNS trigger
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
            AS $$ BEGIN
                INSERT INTO {SCHEMA}.audit (role, action, person_id, what)
                    SELECT DISTINCT session_user, 'write', {person}, lower(TG_OP) || ' {name}' FROM changed;
                RETURN NULL;
            END $$;
        REVOKE ALL ON FUNCTION {function} FROM PUBLIC;
        {"".join(triggers)}
    """  # noqa: S608 – names of ours


def _privileges(role: str) -> Iterable[str]:
    yield f"GRANT USAGE ON SCHEMA public, {SCHEMA} TO {role}"
    yield f"GRANT SELECT, INSERT, UPDATE ON {', '.join(metadata.tables)} TO {role}"
    yield f"GRANT DELETE ON {', '.join(name for name in _OWNED_BY if name != 'journal_row')} TO {role}"
    yield f"GRANT SELECT ON alembic_version, {SCHEMA}.visible TO {role}"
    yield f"GRANT USAGE ON SEQUENCE journal_seq_seq TO {role}"
    yield f"GRANT EXECUTE ON FUNCTION {SCHEMA}.note_read(uuid, text) TO {role}"


def _refuse_unknown(connection: Connection, role: str) -> None:
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role AND rolcanlogin"), {"role": role})
    if known.scalar() is None:
        raise NotFoundError(
            f"PostgreSQL has no login role “{role}”.", f'Its administrator makes one: CREATE ROLE "{role}" LOGIN.'
        )


def _quoted(connection: Connection, role: str) -> Any:
    return connection.dialect.identifier_preparer.quote_identifier(role)
