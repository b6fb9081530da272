"""Rows of a damaged log put into the new one, whose own rules decide what can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glucolog.storage.engine import driver_errors
from glucolog.storage.salvage.orphans import Probe
from glucolog.storage.salvage.walking import Row

_LOOKED_AT = 20
"""Rows of a page, at most, that are looked for in the new log: what is there already was read by another way."""


def take(copy: Any, probe: Probe, rows: Sequence[Row]) -> list[str]:
    """Store rows that were read through their table; return a sentence for each that can't be."""
    whole = [row for row in rows if not _has_hole(row)]
    refused = [str(error) for error in _stored(copy, _insert(probe, ""), whole)]
    refused += ["zeros in a text"] * (len(rows) - len(whole))
    return [f"A row of {probe.table.name.replace('_', ' ')} holds what can't be ({why})." for why in refused]


def take_if_its_own(copy: Any, probe: Probe, rows: Sequence[Row]) -> bool:
    """Store the rows of a page that nothing led to, if the table's rules let most of them be; what is there, stays.

    Return whether the page is the table's.
    """
    rows = [row for row in rows if not _has_hole(row)]
    before = copy.total_changes
    copy.execute("SAVEPOINT page").close()
    _stored(copy, _insert(probe, "OR IGNORE"), rows)
    accepted = copy.total_changes - before
    some = rows[:: len(rows) // _LOOKED_AT + 1]
    is_its_own = 2 * accepted > len(rows) or 2 * sum(_is_there(copy, probe, row) for row in some) > len(some)
    if not is_its_own:
        copy.execute("ROLLBACK TO page").close()
    copy.execute("RELEASE page").close()
    return is_its_own


def _has_hole(row: Row) -> bool:
    """Whether a text runs on to a page of zeros, which is what a disk gives back for one that it has lost."""
    return any("\0" in value for value in row if isinstance(value, str))


def _insert(probe: Probe, otherwise: str) -> str:
    places = ", ".join("?" * len(probe.names))
    return f"INSERT {otherwise} INTO {probe.table.name} ({', '.join(probe.names)}) VALUES ({places})"  # noqa: S608


def _stored(copy: Any, statement: str, rows: Sequence[Row]) -> list[Exception]:
    """Store rows, together where that is possible, else one by one; return why some could not be."""
    copy.execute("SAVEPOINT rows").close()
    try:
        copy.executemany(statement, rows).close()
        refused = []
    except driver_errors():
        copy.execute("ROLLBACK TO rows").close()
        refused = [error for row in rows if (error := _refusal(copy, statement, row))]
    copy.execute("RELEASE rows").close()
    return refused


def _refusal(copy: Any, statement: str, row: Row) -> Exception | None:
    try:
        copy.execute(statement, row).close()
    except driver_errors() as error:
        return error
    return None


def _is_there(copy: Any, probe: Probe, row: Row) -> bool:
    same = " AND ".join(f"{name} IS ?" for name in probe.names)
    found = copy.execute(f"SELECT 1 FROM {probe.table.name} WHERE {same}", row).fetchone()  # noqa: S608 – our own names
    return found is not None
