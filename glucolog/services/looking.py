"""Looking back: the consensus metrics of a range, and a review of its sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glucolog.core.lows import AttributedLow, attributed_lows, looked_at
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Session
from glucolog.core.units import Source
from glucolog.errors import UsageError
from glucolog.services.around import SessionView, surroundings, view, within
from glucolog.storage import Log

if TYPE_CHECKING:
    from glucolog.analysis.metrics import ConsensusMetrics


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of time, both ends in it."""

    since: Moment
    until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """The metrics of a range and of which source: the sensor where there is one, else the meter."""

    person: Person
    range: Range
    metrics: ConsensusMetrics


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLow:
    """A low after a session."""

    session: Session
    low: AttributedLow


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What a session lacks, in words."""

    session: Session
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Sessions of a range, newest first, the lows after them, and what is missing."""

    person: Person
    range: Range
    sessions: tuple[SessionView, ...]
    lows: tuple[SessionLow, ...]
    missing: tuple[Missing, ...]

    @property
    def n_lows(self) -> int:
        """How many lows there were: one that began after several sessions stands with each of them and is one."""
        return len({(item.low.basis, item.low.first.id) for item in self.lows})


def settle_range(log: Log, person: Person, since: Moment | None, until: Moment | None, now: Moment) -> Range:
    """Settle a range: unless said otherwise it is everything, from the first reading or session to the last.

    Raises `UsageError` for one that ends before it begins.
    """
    refuse_backwards(since, until)
    first, last = log.span(person.id) or (now, now)
    return Range(since or first, until or max(last, since or last))


def refuse_backwards(since: Moment | None, until: Moment | None) -> None:
    """Raise `UsageError` for a range that ends before it begins: nothing is in it, which nobody means."""
    if since is not None and until is not None and until < since:
        raise UsageError("The range ends before it begins.", "Give the earlier time to --since, the later to --until.")


def stats(log: Log, person: Person, span: Range, source: Source | None = None) -> Stats:
    """Return the consensus metrics of a range, of the sensor if it has any reading there, else of the meter."""
    from glucolog.analysis.metrics import consensus_metrics
    from glucolog.analysis.trace import glucose_arrays

    traces = {kind: log.trace(person.id, kind, span.since, span.until) for kind in Source}
    chosen = source or (Source.CGM if len(traces[Source.CGM]) else Source.METER)
    metrics = consensus_metrics(glucose_arrays(traces[chosen]), person.target_set)
    return Stats(person=person, range=span, metrics=metrics)


def review(log: Log, person: Person, span: Range, now: Moment) -> Review:
    """Assess every session of a range and say what is missing."""
    sessions = log.sessions(person.id, span.since, span.until)
    around = surroundings(log, person, sessions, now)
    lows = [
        SessionLow(session=session, low=low)
        for session in sessions
        for low in attributed_lows(session, within(around.readings, *looked_at(session)))
    ]
    numbers = {session.id: number for number, session in enumerate(log.sessions(person.id), start=1)}
    views = tuple(replace(view(person, session, around, now), number=numbers[session.id]) for session in sessions)
    return Review(person=person, range=span, sessions=views, lows=tuple(lows), missing=tuple(missing(views)))


def missing(views: Sequence[SessionView]) -> list[Missing]:
    """Name what each session lacks: a pair of readings, an end, an area."""
    found = []
    for item in views:
        if item.session.end is None:
            found.append(Missing(session=item.session, what="the end"))
        if item.paired.before is None:
            found.append(Missing(session=item.session, what="glucose before"))
        if item.paired.after is None and item.session.end is not None:
            found.append(Missing(session=item.session, what="glucose after"))
        if not item.session.areas:
            found.append(Missing(session=item.session, what="the area massaged"))
    return found
