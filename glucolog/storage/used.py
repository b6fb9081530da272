"""Which of several readings at one instant is in use.

What a person typed is always in use. An imported reading is in use when none was stored before it for that instant;
one that contradicts an earlier one is kept and left out of traces and lists, until the earlier one is removed.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from glucolog.core.records import Reading
from glucolog.storage.tables import reading


def settle_used(connection: Connection, at: Reading) -> None:
    """Decide anew for the readings at the instant, source and person of `at`."""
    same_instant = (
        reading.c.person_id == at.person_id,
        reading.c.source == at.source.value,
        reading.c.at_s == at.at.epoch_s,
        reading.c.deleted_at_s.is_(None),
    )
    query = select(reading.c.id, reading.c.batch_id, reading.c.used).where(*same_instant)
    for position, row in enumerate(connection.execute(query.order_by(reading.c.entry_seq, reading.c.id)).all()):
        used = row.batch_id is None or position == 0
        if used != bool(row.used):
            connection.execute(update(reading).where(reading.c.id == row.id).values(used=used))
