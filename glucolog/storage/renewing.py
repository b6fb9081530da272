"""Imported events that their source names: the same still, changed there, gone there, or back.

The name decides a record's id but for its last byte, which numbers the parts of an entry, so that an event is found
again whatever it says now. What was changed or removed here by hand stays as it is here; in all else the source has the
word. An event whose import was undone comes back as one of the new import.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import Connection, select

from glucolog.core.moments import Moment
from glucolog.storage import rows
from glucolog.storage.chunks import chunked
from glucolog.storage.counts import BlockCounts
from glucolog.storage.events import Event
from glucolog.storage.ids import STEM
from glucolog.storage.journal import Action, State
from glucolog.storage.mapping import mapped
from glucolog.storage.tables import import_batch, journal, journal_row


@dataclass(frozen=True, slots=True)
class Renewed:
    """What became of named events. `unknown` are those that the log never held under their name.

    `noted` are the records before and after, None where there was none: what the journal has to keep.
    """

    unknown: tuple[Event, ...]
    noted: tuple[tuple[Event | None, Event | None], ...]
    counts: BlockCounts


def renew(
    connection: Connection, person_id: str, record_type: type[Event], events: Sequence[Event], named: AbstractSet[str]
) -> Renewed:
    """Bring the stored events of one type up to what their source says of them now.

    `named` are the stems of the ids of all that the source spoke of: those without an event are gone there. The rows of
    what is gone are left to the caller to remove (`noted` has them without an after).
    """
    known = _known(connection, person_id, record_type, named)
    told = {event.id: event for event in events if event.id in known.stored}
    fates = _fates(known, told)
    for record in (*(after for _, after in fates.changed), *fates.back):
        rows.put(connection, record)
    taken = len(fates.changed) + len(fates.back)
    counts = BlockCounts(
        new=len(fates.back), changed=len(fates.changed), removed=len(fates.gone), duplicate=len(told) - taken
    )
    unknown = tuple(event for event in events if event.id not in known.stored)
    return Renewed(unknown, (*fates.changed, *((one, None) for one in fates.gone)), counts)


class _Known(NamedTuple):
    """Stored events by id, and the ids of those that are live, that nobody touched here, whose import was undone."""

    stored: dict[str, Event]
    live: AbstractSet[str]
    untouched: AbstractSet[str]
    undone: AbstractSet[str]


class _Fates(NamedTuple):
    """Events that differ now, before (None where they had been removed) and after; gone ones; and ones come back."""

    changed: list[tuple[Event | None, Event]]
    gone: list[Event]
    back: list[Event]


def _fates(known: _Known, told: Mapping[str, Event]) -> _Fates:
    still = [one for one in told if one in known.untouched - known.undone]
    pairs = [
        (known.stored[one] if one in known.live else None, _renewed(known.stored[one], told[one])) for one in still
    ]
    gone = [known.stored[one] for one in sorted(known.untouched & known.live) if one not in told]
    back = [event for one, event in told.items() if one in known.undone]
    return _Fates([(before, after) for before, after in pairs if before != after], gone, back)


def _known(connection: Connection, person_id: str, record_type: type[Event], named: AbstractSet[str]) -> _Known:
    """One sweep over the person's ids is cheaper than asking for each of thousands of names."""
    table = mapped(record_type).table
    held = connection.execute(select(table.c.id).where(table.c.person_id == person_id)).scalars()
    ids = [one for one in held if one[:STEM] in named]
    stored = rows.fetch_all(connection, record_type, ids, hidden_too=True)
    live = rows.fetch_all(connection, record_type, ids).keys()
    untouched = stored.keys() - _touched_by_hand(connection, ids)
    standing = _standing(connection)
    return _Known(stored, live, untouched, {one for one in untouched - live if stored[one].batch_id not in standing})


def _renewed(before: Event, told: Event) -> Event:
    """The event as told now, still of the import that brought it first and in the zone it was first placed in."""
    return replace(told, batch_id=before.batch_id, at=Moment(told.at.epoch_s, before.at.zone))


def _touched_by_hand(connection: Connection, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for some in chunked(ids):
        query = (
            select(journal_row.c.record_id)
            .join(journal, journal.c.seq == journal_row.c.entry_seq)
            .where(
                journal_row.c.record_id.in_(some),
                journal.c.batch_id.is_(None),
                journal.c.action == Action.WRITE,
                journal.c.state == State.DONE,
            )
        )
        found.update(connection.execute(query).scalars())
    return found


def _standing(connection: Connection) -> set[str]:
    return set(connection.execute(select(import_batch.c.id).where(import_batch.c.deleted_at_s.is_(None))).scalars())
