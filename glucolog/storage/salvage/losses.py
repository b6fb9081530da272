"""What did not come out of a damaged log, told from what an index of it still knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby

from sqlalchemy import Table

from glucolog.storage.salvage.indexes import Key


def sentences(table: Table, lost: Sequence[Key], *, all_told: bool) -> Iterator[str]:
    """Say which rows of a table are gone, and whether there may be more that nothing tells of."""
    if table.name == "reading":
        yield from _readings(lost)
    elif lost:
        yield f"{some(len(lost), table.name)} could not be read."
    if not all_told:
        yield f"More rows of {table.name.replace('_', ' ')} may be missing: the index that knows them is damaged too."


def some(count: int, table: str) -> str:
    """Say how many rows of a table."""
    return f"{count:,} {'row' if count == 1 else 'rows'} of {table.replace('_', ' ')}"


def _readings(lost: Iterable[Key]) -> Iterator[str]:
    for (_, kind), keys in groupby(lost, key=lambda key: key[:2]):
        at_s = [key[2] for key in keys]
        first, last = _moment(at_s[0]), _moment(at_s[-1])
        if len(at_s) == 1:
            yield f"1 reading of {first} could not be read ({kind})."
        else:
            yield f"{len(at_s):,} readings from {first} to {last} could not be read ({kind})."


def _moment(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
