"""Who sees whom on PostgreSQL: row-level security, enforced by the database for every program that asks it.

The owner of the tables sees everyone. Any other role sees, and writes to, the people it was given: an educator their
assigned people, a person themself. Writes are noted by triggers on every table, with the role that logged in; reads by
glucolog, for the database can't see one. The notes are out of the roles' reach. All of this lies in a schema of its
own, so that the log's tables are the same as in a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, column, table, text

from glucolog.errors import NotFoundError
from glucolog.storage.engine import reading, writing
from glucolog.storage.tables import metadata

SCHEMA = "glucolog_clinic"
EDUCATOR, SELF = "educator", "self"
"""How a role has to do with a person."""

TAKE_TURN = f"LOCK TABLE {SCHEMA}.turn IN EXCLUSIVE MODE"
"""What a writer does first. PostgreSQL asks for the right to update a table of whoever locks it."""

MINE = table("mine", column("entry_seq"), schema=SCHEMA)
"""The entries of the journal that this role wrote."""

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
CREATE TABLE IF NOT EXISTS {SCHEMA}.author (entry_seq integer PRIMARY KEY, role name NOT NULL);
CREATE TABLE IF NOT EXISTS {SCHEMA}.turn ();
CREATE OR REPLACE VIEW {SCHEMA}.visible WITH (security_barrier) AS
    SELECT person_id FROM {SCHEMA}.access WHERE role = session_user;
CREATE OR REPLACE VIEW {SCHEMA}.mine WITH (security_barrier) AS
    SELECT entry_seq FROM {SCHEMA}.author WHERE role = session_user;
CREATE OR REPLACE FUNCTION {SCHEMA}.note_read(people uuid[], what text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ INSERT INTO {SCHEMA}.audit (role, action, person_id, what)
          SELECT session_user, 'read', seen.person, what FROM unnest(people) AS seen (person)
          WHERE seen.person IN (SELECT person_id FROM {SCHEMA}.access WHERE role = session_user)
              OR pg_has_role(session_user, current_user, 'MEMBER') $$;
REVOKE ALL ON FUNCTION {SCHEMA}.note_read(uuid[], text) FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
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
    for name, one in metadata.tables.items():
        rule = _rule(name, "person_id" in one.c)
        connection.exec_driver_sql(
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;"
            f"DROP POLICY IF EXISTS assigned ON {name};"
            f"CREATE POLICY assigned ON {name} USING ({rule}) WITH CHECK ({rule});"
        )
        connection.exec_driver_sql(_noting(name, "person_id" in one.c))
    for role in _roles(connection):
        _open_tables(connection, role)


def grant(engine: Engine, role: str, person_id: str, relation: str) -> None:
    """Let a login role see and write to a person. Raises `NotFoundError` for an unknown role, or when not the owner."""
    with writing(engine) as connection:
        _refuse_unknown(connection, role)
        _open_tables(connection, role)
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
        if role not in _roles(connection):
            _close_tables(connection, role)


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
    query = text(f"SELECT {SCHEMA}.note_read(cast(:people AS uuid[]), :what)")
    by_kind: dict[str, list[str]] = {}
    for what, person_id in sorted(seen):
        by_kind.setdefault(what, []).append(person_id)
    for what, people in by_kind.items():
        connection.execute(query, {"people": people, "what": what})


def _rule(name: str, has_person: bool) -> str:
    if name in _OWNED_BY:
        # Not IN: that would walk all sessions, or the whole journal, for a handful of rows.
        own, owner = _OWNED_BY[name]
        return f"EXISTS (SELECT FROM {owner} WHERE {owner}.{_KEYS.get(owner, 'id')} = {name}.{own})"
    return f"{'person_id' if has_person else 'id'} IN (SELECT person_id FROM {SCHEMA}.visible)"  # noqa: S608


def _changed(name: str, has_person: bool, rows: str) -> str:
    """Return a query for the people whose `rows` (a transition table) are; those of a list are its owner's."""
    if name in _OWNED_BY:
        own, owner = _OWNED_BY[name]
        return f"SELECT o.person_id FROM {rows} JOIN public.{owner} o ON o.{_KEYS.get(owner, 'id')} = {rows}.{own}"  # noqa: S608
    return f"SELECT {'person_id' if has_person else 'id'} FROM {rows}"  # noqa: S608


def _noting(name: str, has_person: bool) -> str:
    """Return triggers that note each statement that changes a table, once for each person it touches.

    An update touches whose a row was and whose it is.
    """
    return "".join(_trigger(name, has_person, verb, *tables) for verb, tables in _TRANSITIONS.items())


_TRANSITIONS = {"insert": ("new",), "update": ("old", "new"), "delete": ("old",)}


_SIGNED = f"INSERT INTO {SCHEMA}.author SELECT seq, session_user FROM new_rows;"  # noqa: S608


def _trigger(name: str, has_person: bool, verb: str, *tables: str) -> str:
    function = f"{SCHEMA}.note_{verb}_{name}()"
    seen = " ".join(f"{one} TABLE AS {one}_rows" for one in tables)
    people = " UNION ".join(_changed(name, has_person, f"{one}_rows") for one in tables)
    signed = _SIGNED if (name, verb) == ("journal", "insert") else ""
    return f"""
        CREATE OR REPLACE FUNCTION {function} RETURNS trigger
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
            AS $$ BEGIN
                INSERT INTO {SCHEMA}.audit (role, action, person_id, what)
                    SELECT DISTINCT session_user, 'write', touched.person, '{verb} {name}'
                    FROM ({people}) AS touched (person);
                {signed}
                RETURN NULL;
            END $$;
        REVOKE ALL ON FUNCTION {function} FROM PUBLIC;
        DROP TRIGGER IF EXISTS note_{verb} ON {name};
        CREATE TRIGGER note_{verb} AFTER {verb} ON {name} REFERENCING {seen}
            FOR EACH STATEMENT EXECUTE FUNCTION {function};
    """  # noqa: S608 – names of ours


def _open_tables(connection: Connection, role: str) -> None:
    """Let a role use every table, as far as the policies go. History is added to and never rewritten."""
    quoted = _quoted(connection, role)
    for statement in _privileges(quoted):
        connection.exec_driver_sql(statement)


def _privileges(role: str) -> Iterable[str]:
    history = {"journal", "journal_row"}
    own = ", ".join(column.name for column in metadata.tables["journal"].columns if column.name != "seq")
    yield f"GRANT USAGE ON SCHEMA public, {SCHEMA} TO {role}"
    yield f"GRANT SELECT ON {', '.join(metadata.tables)}, alembic_version TO {role}"
    yield f"GRANT INSERT, UPDATE ON {', '.join(name for name in metadata.tables if name not in history)} TO {role}"
    yield f"GRANT DELETE ON {', '.join(name for name in _OWNED_BY if name not in history)} TO {role}"
    yield f"GRANT INSERT ({own}), UPDATE (state, undone_by, batch_id) ON journal TO {role}"
    yield f"GRANT INSERT ON journal_row TO {role}"
    yield f"GRANT SELECT ON {SCHEMA}.visible, {SCHEMA}.mine TO {role}"
    yield f"GRANT UPDATE ON {SCHEMA}.turn TO {role}"
    yield f"GRANT USAGE ON SEQUENCE journal_seq_seq TO {role}"
    yield f"GRANT EXECUTE ON FUNCTION {SCHEMA}.note_read(uuid[], text) TO {role}"


def _close_tables(connection: Connection, role: str) -> None:
    """Take all from a role that sees nobody: a right to a table is also one to lock it."""
    quoted = _quoted(connection, role)
    for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
        connection.exec_driver_sql(f"REVOKE ALL ON ALL {kind} IN SCHEMA public, {SCHEMA} FROM {quoted}")
    connection.exec_driver_sql(f"REVOKE ALL ON SCHEMA public, {SCHEMA} FROM {quoted}")


def _roles(connection: Connection) -> Sequence[str]:
    return connection.execute(text(f"SELECT DISTINCT role FROM {SCHEMA}.access")).scalars().all()  # noqa: S608


def _refuse_unknown(connection: Connection, role: str) -> None:
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role AND rolcanlogin"), {"role": role})
    if known.scalar() is None:
        raise NotFoundError(
            f"PostgreSQL has no login role “{role}”.", f'Its administrator makes one: CREATE ROLE "{role}" LOGIN.'
        )


def _quoted(connection: Connection, role: str) -> Any:
    return connection.dialect.identifier_preparer.quote_identifier(role)
