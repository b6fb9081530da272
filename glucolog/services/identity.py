"""New ids for records and writes, and what every change carries."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from glucolog.core.moments import Moment
from glucolog.errors import UsageError
from glucolog.storage.ids import new_id

__all__ = ["Call", "new_id", "seeded_ids", "write_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What every change carries: when it is made, its own id, and whether the unusual is confirmed."""

    now: Moment
    uid: str
    confirmed: bool = False


def seeded_ids(seed: int) -> Callable[[], str]:
    """Return a maker of ids that the seed decides, for made-up logs."""
    from random import Random

    random = Random(seed)
    return lambda: str(uuid.UUID(int=random.getrandbits(128), version=4))


def write_id(given: str | None) -> str:
    """Return the id of a write: the one given (so that a retry is recognised) or a new one."""
    if given is None:
        return new_id()
    try:
        return str(uuid.UUID(given))
    except ValueError as error:
        raise UsageError(f"“{given}” is not a UUID.", "Leave --uid out, or make one with `uuidgen`.") from error
