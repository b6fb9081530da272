"""What an export is made from: everything the log holds of one person in a range."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from glucolog.core import evidence
from glucolog.core.change import SessionChange, session_change
from glucolog.core.moments import Moment
from glucolog.core.pairing import PairedReadings, pair
from glucolog.core.records import (
    Activity,
    Carbs,
    Dose,
    FootCheck,
    ImportBatch,
    Note,
    Person,
    Reading,
    Session,
    Symptom,
    Trial,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRecords:
    """One person's records, each kind in time order.

    `readings` are those in use; `unused_readings` contradict one of them and are kept by the lossless export only.
    `made_at` is when the export is made.
    """

    person: Person
    made_at: Moment
    batches: tuple[ImportBatch, ...] = ()
    readings: tuple[Reading, ...] = ()
    unused_readings: tuple[Reading, ...] = ()
    doses: tuple[Dose, ...] = ()
    carbs: tuple[Carbs, ...] = ()
    activities: tuple[Activity, ...] = ()
    notes: tuple[Note, ...] = ()
    sessions: tuple[Session, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    foot_checks: tuple[FootCheck, ...] = ()
    trials: tuple[Trial, ...] = ()


class ChangedSession(NamedTuple):
    """A session with the readings around it and how far glucose fell."""

    session: Session
    paired: PairedReadings
    change: SessionChange


def changed_sessions(records: ExportRecords) -> Iterator[ChangedSession]:
    """Pair each session with its readings and give its change."""
    times = [reading.at.epoch_s for reading in records.readings]
    by_id = {reading.id: reading for reading in records.readings}
    for session in records.sessions:
        first, last = _reach(session)
        near = records.readings[bisect_left(times, first) : bisect_right(times, last)]
        linked = [by_id[link.reading_id] for link in session.links if link.reading_id in by_id]
        paired = pair(session, {reading.id: reading for reading in (*near, *linked)}.values())
        yield ChangedSession(session, paired, session_change(session, paired))


def _reach(session: Session) -> tuple[int, int]:
    """Return the first and the last second that pairing looks at."""
    end = session.end or session.start
    first = session.start.plus(minutes=-evidence.PAIR_WINDOW_MIN.value)
    return first.epoch_s, end.plus(minutes=evidence.FOLLOW_UP_MIN.value).epoch_s
