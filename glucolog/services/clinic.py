"""Who of a clinic sees whom in a log on PostgreSQL, and who read and wrote: for the owner of the log."""

from __future__ import annotations

from dataclasses import dataclass

from glucolog.core.moments import Moment
from glucolog.errors import UsageError
from glucolog.services.opening import opened
from glucolog.storage.engine import is_on_server
from glucolog.storage.postgres import serving
from glucolog.storage.postgres_roles import EDUCATOR, SELF, accesses, audit, grant, revoke


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One role and one person it sees, by name."""

    role: str
    person: str
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One line of the audit, the person by name where the log still has them."""

    at: Moment
    role: str
    action: str
    person: str | None
    what: str


def assign(target: str, role: str, name: str, *, themself: bool) -> Assignment:
    """Let a login role see and write to a person: their educator's, or their own."""
    relation = SELF if themself else EDUCATOR
    person_id, stored_name = _person(target, name)
    with serving(target) as engine:
        grant(engine, role, person_id, relation)
    return Assignment(role=role, person=stored_name, relation=relation)


def unassign(target: str, role: str, name: str) -> Assignment:
    """Take a person from a role."""
    person_id, stored_name = _person(target, name)
    with serving(target) as engine:
        revoke(engine, role, person_id)
    return Assignment(role=role, person=stored_name, relation="none")


def assignments(target: str) -> tuple[Assignment, ...]:
    """Return who sees whom."""
    names = _names(target)
    with serving(target) as engine:
        found = accesses(engine)
    return tuple(
        Assignment(role=one.role, person=names.get(one.person_id, one.person_id), relation=one.relation)
        for one in found
    )


def notes(target: str, limit: int, zone: str) -> tuple[Noted, ...]:
    """Return who read and wrote, the newest first, on the clock of `zone`."""
    names = _names(target)
    with serving(target) as engine:
        found = audit(engine, limit)
    return tuple(
        Noted(
            at=Moment.of(one.at, zone),
            role=one.role,
            action=one.action,
            person=None if one.person_id is None else names.get(one.person_id, one.person_id),
            what=one.what,
        )
        for one in found
    )


def _person(target: str, name: str) -> tuple[str, str]:
    _need_server(target)
    with opened(target) as log:
        person = log.person(name)
    return person.id, person.name


def _names(target: str) -> dict[str, str]:
    _need_server(target)
    with opened(target) as log:
        return {person.id: person.name for person in log.people()}


def _need_server(target: str) -> None:
    if not is_on_server(target):
        raise UsageError(
            "Only a log on PostgreSQL has roles; this one is a file for whoever may read it.",
            "Copy it there with `glucolog db copy` and name it with --db.",
        )
