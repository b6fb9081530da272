"""Ids made by the client: UUIDs of version 7 (RFC 9562), so that rows stored together lie together on disk."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from uuid import UUID

from glucolog.errors import RefusedError

_VERSION_AND_VARIANT = 7 << 76 | 2 << 62
_RANDOM_BITS = (1 << 74) - 1
STEM = 34
"""Letters of an id without its last byte: what the parts of one entry of a source have in common."""
_LOW_61 = (1 << 61) - 1


def new_id() -> str:
    """Return a new id in canonical text."""
    return str(UUID(bytes=next(new_ids())))


def new_ids() -> Iterator[bytes]:
    """Yield ids as 16 bytes each, growing by one from a random start, from a single draw of randomness.

    The start leaves the top random bit clear, so that 2^61 ids fit before the counter would reach the variant.
    """
    now_ms = time.time_ns() // 1_000_000
    drawn = int.from_bytes(os.urandom(10), "big") & _RANDOM_BITS
    high, low = drawn >> 62, drawn & _LOW_61
    number = now_ms << 80 | _VERSION_AND_VARIANT | high << 64 | low
    while True:
        yield number.to_bytes(16, "big")
        number += 1


def to_bytes(text: str) -> bytes:
    """Return the 16 bytes of an id in canonical text; raise `RefusedError` for anything else."""
    try:
        parsed = UUID(text)
    except (ValueError, AttributeError, TypeError) as error:
        raise _no_id(text) from error
    if str(parsed) != text:
        raise _no_id(text)
    return parsed.bytes


def to_text(raw: bytes) -> str:
    """Return the canonical text of an id's 16 bytes."""
    try:
        digits = raw.hex()
    except AttributeError as error:  # a damaged log may hold anything in an id's place
        raise _no_id(raw) from error
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def span_of_prefix(prefix: str) -> tuple[str, str] | None:
    """Return the lowest and the highest id whose text begins with `prefix`, or None when no id can."""
    digits = prefix.strip().lower().replace("-", "")
    if not digits or len(digits) > 32 or any(digit not in "0123456789abcdef" for digit in digits):
        return None
    return tuple(to_text(bytes.fromhex(digits.ljust(32, fill))) for fill in "0f")  # type: ignore[return-value]


def _no_id(text: object) -> RefusedError:
    return RefusedError(f"“{text}” is not an id.", "Ids are UUIDs such as 8c2f1a52-0f4e-4a53-9f55-3b8f0cfe4d11.")
