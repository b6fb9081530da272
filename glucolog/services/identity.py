"""New ids for records and writes."""

from __future__ import annotations

import uuid

from glucolog.errors import UsageError


def new_id() -> str:
    """Make an id nobody else has, in canonical text."""
    return str(uuid.uuid4())


def write_id(given: str | None) -> str:
    """Return the id of a write: the one given (so that a retry is recognised) or a new one."""
    if given is None:
        return new_id()
    try:
        return str(uuid.UUID(given))
    except ValueError as error:
        raise UsageError(f"“{given}” is not a UUID.", "Leave --uid out, or make one with `uuidgen`.") from error
