"""New ids for records and writes, and what every change carries."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from glucolog.core.moments import Moment
from glucolog.errors import UsageError
from glucolog.storage.ids import STEM, new_id, to_text

__all__ = ["Call", "named_id", "new_id", "seeded_ids", "stem_of", "write_id"]


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


def stem_of(kind: str, name: str, person_id: str) -> str:
    """Return what the ids of a source's entry begin with: a UUID of version 8 but for its last byte, the part."""
    raw = bytearray(hashlib.blake2b(f"{person_id}:{kind}:{name}".encode("utf-8", "surrogatepass")).digest()[:16])
    raw[6], raw[8] = raw[6] & 0x0F | 0x80, raw[8] & 0x3F | 0x80
    return to_text(bytes(raw))[:STEM]


def named_id(kind: str, remote: str, person_id: str) -> str:
    """Return the id of an event that its source knows as `remote`: the entry's name, a slash and the part."""
    name, _, part = remote.rpartition("/")
    return f"{stem_of(kind, name, person_id)}{int(part):02x}"


def write_id(given: str | None) -> str:
    """Return the id of a write: the one given (so that a retry is recognised) or a new one."""
    if given is None:
        return new_id()
    try:
        return str(uuid.UUID(given))
    except ValueError as error:
        raise UsageError(f"“{given}” is not a UUID.", "Leave --uid out, or make one with `uuidgen`.") from error
