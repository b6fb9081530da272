"""What a Nightscout holds of this very log: sessions and readings that glucolog wrote there."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from glucolog.core.records import Person, Reading
from glucolog.errors import NotFoundError
from glucolog.feeds.nightscout_api import AUTHOR
from glucolog.storage import Log


def identifier_of(item: object) -> str | None:
    """Return the record's id where an item says that glucolog wrote it, else None."""
    if not isinstance(item, Mapping) or item.get("enteredBy") != AUTHOR:
        return None
    try:
        return str(uuid.UUID(str(item.get("identifier"))))
    except ValueError:
        return None


def here(log: Log, person: Person, ids: Iterable[str]) -> set[str]:
    """Return which ids are of sessions or readings that stand in the log."""
    wanted = set(ids)
    sessions = {session.id for session in log.sessions(person.id)} & wanted
    return sessions | {one for one in wanted - sessions if _is_reading(log, one)}


def ever_here(log: Log, person: Person, ids: Iterable[str]) -> set[str]:
    """Return which ids are of sessions or readings that the log holds or held; the journal knows those removed."""
    wanted = set(ids)
    found = here(log, person, wanted)
    if found == wanted:
        return found
    touched = {record_id for entry in log.history(None, person.id) for _, record_id in entry.records}
    return found | (wanted & touched)


def _is_reading(log: Log, record_id: str) -> bool:
    try:
        log.record(Reading, record_id)
    except NotFoundError:
        return False
    return True
