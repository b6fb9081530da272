"""Which of several readings at one instant is in use.

What a person typed is always in use. An imported reading is in use when none was stored before it for that instant;
one that contradicts an earlier one is kept and left out of traces and lists, until the earlier one is removed.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, and_, exists, or_, update

from glucolog.core.records import Reading
from glucolog.core.units import Source
from glucolog.storage.chunks import chunked
from glucolog.storage.tables import reading


def settle_used(connection: Connection, touched: Iterable[Reading]) -> None:
    """Decide anew at the instants of the readings that were stored, changed, hidden or shown."""
    instants: dict[tuple[str, Source], set[int]] = {}
    for one in touched:
        instants.setdefault((one.person_id, one.source), set()).add(one.at.epoch_s)
    for (person_id, source), at_s in instants.items():
        for some in chunked(sorted(at_s)):
            _settle(connection, person_id, source, some)


def _settle(connection: Connection, person_id: str, source: Source, at_s: list[int]) -> None:
    first = reading.alias("first")
    before = or_(
        first.c.entry_seq < reading.c.entry_seq,
        and_(first.c.entry_seq == reading.c.entry_seq, first.c.id < reading.c.id),
    )
    same_instant = (
        first.c.person_id == reading.c.person_id,
        first.c.source == reading.c.source,
        first.c.at_s == reading.c.at_s,
        first.c.deleted_at_s.is_(None),
    )
    should = or_(reading.c.batch_id.is_(None), ~exists().where(*same_instant, before))
    here = (
        reading.c.person_id == person_id,
        reading.c.source == source.value,
        reading.c.at_s.in_(at_s),
        reading.c.deleted_at_s.is_(None),
    )
    connection.execute(update(reading).where(*here, reading.c.used != should).values(used=should))
