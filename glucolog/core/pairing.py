"""Which reading is "before" a session and which "after", by which window, or why none.

A meter reading and a sensor reading never make a pair: their changes disagree too much to be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from glucolog.core import evidence
from glucolog.core.findings import Unassessed
from glucolog.core.moments import Moment
from glucolog.core.records import Phase, Reading, Session
from glucolog.core.units import Source
from glucolog.core.wording import session as words


class PairedBy(StrEnum):
    """How a pair was found."""

    LINKS = "links"
    LINK_AND_WINDOW = "link_and_window"
    METER_WINDOW = "meter_window"
    CGM_WINDOW = "cgm_window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nadir:
    """The lowest sensor reading from the start to 4 h after the end (closed), and how well that span was covered."""

    reading: Reading
    minutes_from_start: float
    readings: int
    longest_gap_min: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedReadings:
    """The readings around one session.

    `before` and `after` are of one source; when only one of them was found it stands alone and `unassessed` says why
    there is no pair. `followups` are in time order, up to 4 h after the end: the linked ones, and those of the pair's
    source (of a sensor, the reading nearest to 30, 60, 120 and 240 min).
    """

    before: Reading | None
    after: Reading | None
    followups: tuple[Reading, ...]
    nadir: Nadir | Unassessed
    paired_by: PairedBy | None
    unassessed: Unassessed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ends:
    source: Source
    before: Reading | None
    after: Reading | None
    linked: int

    @property
    def complete(self) -> bool:
        return self.before is not None and self.after is not None

    @property
    def rank(self) -> tuple[bool, int, int, bool]:
        found = (self.before is not None) + (self.after is not None)
        return self.complete, self.linked, found, self.source is Source.METER


def pair(session: Session, readings: Iterable[Reading]) -> PairedReadings:
    """Pair a session with its readings; `readings` may come in any order and reach beyond the windows.

    Explicit links first. Else before is the last reading 0–30 min before the start and after the first 0–30 min after
    the end, closed at both ends. Where both sources could pair, the one with more links is taken, then the meter.
    Never raises; a session without a pair says why in `unassessed`.
    """
    ordered = in_time_order(readings)
    ends = tuple(_ends_of(session, ordered, source) for source in Source)
    chosen = max(ends, key=lambda candidate: candidate.rank)
    unassessed = _why_unpaired(session, chosen, ends)
    return PairedReadings(
        before=chosen.before,
        after=chosen.after,
        followups=_followups(session, ordered, chosen),
        nadir=_nadir(session, ordered),
        paired_by=None if unassessed else _paired_by(chosen),
        unassessed=unassessed,
    )


def in_time_order(readings: Iterable[Reading]) -> list[Reading]:
    """Sort readings by instant; equal instants by amount and id, so that the order of rows never matters."""
    return sorted(readings, key=lambda r: (r.at.epoch_s, r.glucose.mg_dl, r.source, r.id))


def _ends_of(session: Session, ordered: Sequence[Reading], source: Source) -> _Ends:
    own = [reading for reading in ordered if reading.source is source]
    linked_before = _linked(session, own, Phase.BEFORE)
    linked_after = _linked(session, own, Phase.AFTER)
    free = _unlinked(session, own)
    before = linked_before[-1] if linked_before else _last_before(session.start, free)
    others = [reading for reading in free if before is None or reading.id != before.id]
    after = linked_after[0] if linked_after else _first_after(session.end, others)
    return _Ends(source=source, before=before, after=after, linked=bool(linked_before) + bool(linked_after))


def _linked(session: Session, readings: Iterable[Reading], phase: Phase) -> list[Reading]:
    ids = {link.reading_id for link in session.links if link.phase is phase}
    return [reading for reading in readings if reading.id in ids]


def _unlinked(session: Session, readings: Iterable[Reading]) -> list[Reading]:
    ids = {link.reading_id for link in session.links}
    return [reading for reading in readings if reading.id not in ids]


def _last_before(start: Moment, readings: Iterable[Reading]) -> Reading | None:
    near = [r for r in readings if 0 <= start.minutes_since(r.at) <= evidence.PAIR_WINDOW_MIN.value]
    return near[-1] if near else None


def _first_after(end: Moment | None, readings: Iterable[Reading]) -> Reading | None:
    if end is None:
        return None
    near = (r for r in readings if 0 <= r.at.minutes_since(end) <= evidence.PAIR_WINDOW_MIN.value)
    return next(near, None)


def _why_unpaired(session: Session, chosen: _Ends, ends: Sequence[_Ends]) -> Unassessed | None:
    if chosen.before and chosen.after:
        late = chosen.after.at < chosen.before.at
        return Unassessed(words.NOT_IN_ORDER) if late else None
    if session.end is None:
        return Unassessed(words.RUNNING)
    if any(end.before for end in ends) and any(end.after for end in ends):
        return Unassessed(words.MIXED_SOURCES)
    sentence = words.NO_AFTER if chosen.before else words.NO_BEFORE if chosen.after else words.NO_READINGS
    return Unassessed(sentence.format(window=evidence.PAIR_WINDOW_MIN.value))


def _paired_by(ends: _Ends) -> PairedBy:
    if ends.linked == 0:
        return PairedBy.METER_WINDOW if ends.source is Source.METER else PairedBy.CGM_WINDOW
    return PairedBy.LINKS if ends.linked == 2 else PairedBy.LINK_AND_WINDOW


def _followups(session: Session, ordered: Sequence[Reading], chosen: _Ends) -> tuple[Reading, ...]:
    if session.end is None:
        return ()
    taken = {end.id for end in (chosen.before, chosen.after) if end}
    late = [r for r in _within_follow_up(session, _unlinked(session, ordered)) if r.id not in taken]
    own = [reading for reading in late if reading.source is chosen.source]
    found = own if chosen.source is Source.METER else _at_marks(session.end, own)
    return tuple(in_time_order([*_linked(session, ordered, Phase.FOLLOWUP), *found]))


def _within_follow_up(session: Session, readings: Iterable[Reading]) -> list[Reading]:
    end = session.end or session.start
    return [r for r in readings if 0 <= r.at.minutes_since(end) <= evidence.FOLLOW_UP_MIN.value]


def _at_marks(end: Moment, readings: Sequence[Reading]) -> list[Reading]:
    found: dict[str, Reading] = {}
    for mark in evidence.FOLLOW_UP_MARKS_MIN:
        off = {reading.id: abs(reading.at.minutes_since(end) - mark) for reading in readings}
        nearest = min(readings, key=lambda reading: off[reading.id], default=None)
        if nearest and off[nearest.id] <= evidence.FOLLOW_UP_MARK_MIN.value:
            found[nearest.id] = nearest
    return list(found.values())


def _nadir(session: Session, ordered: Sequence[Reading]) -> Nadir | Unassessed:
    end = (session.end or session.start).plus(minutes=evidence.FOLLOW_UP_MIN.value)
    span = [r for r in ordered if r.source is Source.CGM and session.start <= r.at <= end]
    if not span:
        return Unassessed(words.NO_SENSOR.format(hours=f"{evidence.FOLLOW_UP_MIN.value / 60:g}"))
    lowest = min(span, key=lambda r: (r.glucose.mg_dl, r.glucose.censored is None, r.at.epoch_s, r.id))
    marks = [session.start, *(reading.at for reading in span), end]
    gaps = [later.minutes_since(earlier) for earlier, later in pairwise(marks)]
    return Nadir(
        reading=lowest,
        minutes_from_start=lowest.at.minutes_since(session.start),
        readings=len(span),
        longest_gap_min=max(gaps),
    )
