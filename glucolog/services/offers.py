"""Massages that files and sites speak of: offered, and logged as sessions once a person says so."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from glucolog.core.moments import Moment
from glucolog.core.records import Person, Session
from glucolog.importers.base import OfferedSession
from glucolog.services.entry import Details, Timing, finished, settle_span
from glucolog.services.identity import Call
from glucolog.services.sessions import RECENT
from glucolog.storage import Log

DAY_MIN = 24 * 60
NEAR_MIN = 15
"""A massage that is spoken of so near to a stored session is that session."""


def offered_at(offer: OfferedSession) -> Moment:
    """Return when the massage began, as far as its text's time tells."""
    return Moment(offer.at_s, offer.zone)


def open_offers(log: Log, person: Person, offers: Iterable[OfferedSession], now: Moment) -> tuple[OfferedSession, ...]:
    """Return the offers that are over and that no stored session covers, in time order, one for each massage."""
    kept: list[OfferedSession] = []
    for offer in sorted(offers):
        at = offered_at(offer)
        is_over = at.plus(minutes=offer.minutes or 0) < now
        if is_over and not _is_logged(log, person, at) and not any(_is_same(other, offer) for other in kept):
            kept.append(offer)
    return tuple(kept)


def log_offers(
    log: Log, person: Person, offers: Sequence[OfferedSession], name: str, call: Call
) -> tuple[Session, ...]:
    """Store confirmed offers as sessions in one undoable change; the text becomes the note.

    A length that the text doesn't name is assumed as for any session. A repeat of the same write stores nothing.
    """
    if not offers:
        return ()
    made = [_session(log, person, offer, call.now) for offer in offers]
    uid = str(uuid.uuid5(uuid.UUID(call.uid), f"sessions of {name}"))
    with log.write(uid=uid, summary=f"log sessions of {name}", person_id=person.id, at=call.now) as writer:
        if writer.already_done:
            return ()
        for session in made:
            writer.add(session)
    return tuple(made)


def _session(log: Log, person: Person, offer: OfferedSession, now: Moment) -> Session:
    timing = Timing(start=offered_at(offer), minutes=offer.minutes)
    span = settle_span(timing, now, lambda: log.sessions(person.id, limit=RECENT))
    return finished(person, span, Details(note=offer.text))


def _is_logged(log: Log, person: Person, at: Moment) -> bool:
    around = log.sessions(person.id, at.plus(minutes=-DAY_MIN), at.plus(minutes=NEAR_MIN))
    return any(_covers(session.start, session.end or session.start, at) for session in around)


def _is_same(earlier: OfferedSession, later: OfferedSession) -> bool:
    start = offered_at(earlier)
    return _covers(start, start.plus(minutes=earlier.minutes or 0), offered_at(later))


def _covers(start: Moment, end: Moment, at: Moment) -> bool:
    return start.plus(minutes=-NEAR_MIN) <= at <= end.plus(minutes=NEAR_MIN)
