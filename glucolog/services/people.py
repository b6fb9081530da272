"""People of a log: the first one, further ones, changes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from glucolog.core.moments import zone_info
from glucolog.core.records import Person
from glucolog.errors import RefusedError, UsageError
from glucolog.services.entries import stored_id
from glucolog.services.identity import Call
from glucolog.services.profile import Profile, apply
from glucolog.storage import Log


def add_first(log: Log, person: Person, call: Call) -> Person:
    """Store the first person of a new log. Raises `RefusedError` when the log has somebody already."""
    return _add(log, person, call, first=True)


def add(log: Log, person: Person, call: Call) -> Person:
    """Store a person as one undoable change; names are unique, case aside."""
    return _add(log, person, call, first=False)


def _add(log: Log, person: Person, call: Call, *, first: bool) -> Person:
    with log.write(uid=call.uid, summary=f"add person {person.name}", person_id=person.id, at=call.now) as writer:
        if writer.already_done:
            return log.record(Person, stored_id(writer, "person"))
        if first:
            _refuse_inhabited(log.people())
        _refuse_taken(log, person)
        writer.add(person)
    return person


def edit(log: Log, person: Person, profile: Profile, call: Call) -> Person:
    """Change a person as one undoable change."""
    changed = apply(person, profile, today=call.now.local_day)
    with log.write(uid=call.uid, summary=f"edit person {person.name}", person_id=person.id, at=call.now) as writer:
        if not writer.already_done:
            _refuse_taken(log, changed)
            writer.replace(changed)
    return changed


def system_zone() -> str:
    """Return the machine's IANA zone where it can be told (TZ, then /etc/localtime), else UTC."""
    linked = Path("/etc/localtime").resolve().as_posix().partition("zoneinfo/")[2]
    for name in (os.environ.get("TZ"), linked):
        try:
            return zone_info(name or "").key
        except UsageError:
            continue
    return "UTC"


def _refuse_inhabited(there: Sequence[Person]) -> None:
    if there:
        names = ", ".join(person.name for person in there)
        raise RefusedError(f"This log exists and belongs to {names}.", "Add another person with `glucolog person add`.")


def _refuse_taken(log: Log, person: Person) -> None:
    if any(other.name.casefold() == person.name.casefold() and other.id != person.id for other in log.people()):
        raise RefusedError(f"“{person.name}” is already in this log.", "Choose another name.")
