"""Taking out what was said of a record, as if it had never been."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, fields, replace
from typing import Any, TypeVar

R = TypeVar("R")


def without(record: R, names: Iterable[str]) -> R:
    """Return the record with the named fields back at "not said"; each has a default that says so."""
    taken = set(names)
    unsaid: dict[str, Any] = {field.name: field.default for field in fields(record) if field.name in taken}  # type: ignore[arg-type]
    if taken - unsaid.keys() or MISSING in unsaid.values():
        raise ValueError(f"{sorted(taken)} can't all be unsaid of a {type(record).__name__}")
    return replace(record, **unsaid)  # type: ignore[type-var]
