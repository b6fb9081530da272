"""Many people at a desk: who needs a look, why, and the care team's own notes.

The order is by what was seen, the gravest first: urgent findings, lows after sessions, open symptoms and foot findings,
missing readings after sessions, then the days since anything was logged.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from glucolog.core.findings import Level
from glucolog.core.moments import Moment
from glucolog.core.records import Note, Person
from glucolog.core.units import Source
from glucolog.errors import RefusedError
from glucolog.services import entries
from glucolog.services.identity import Call, new_id
from glucolog.services.looking import Range, review
from glucolog.storage import Log

LOOK_DAYS = 14
"""How far back the desk looks, the two weeks of a usual glucose review."""
DAY_MIN = 24 * 60
_CLOSE, _MOST_NEAR = 0.7, 5
NOTE_MARK = "Care team: "
"""How a note of the care team begins, so that every listing and export shows whose it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One person at a glance, over the last `LOOK_DAYS` days; open items are counted whatever their age.

    `idle_days` is since the last reading or session, None when there is none.
    """

    person: Person
    sessions: int
    urgent: int
    lows: int
    open_items: int
    missing_after: int
    idle_days: int | None

    @property
    def rank(self) -> tuple[int, int, int, int, int, str]:
        """Sorts those who need a look to the front; somebody with nothing logged counts as long idle."""
        idle = self.idle_days if self.idle_days is not None else LOOK_DAYS
        return -self.urgent, -self.lows, -self.open_items, -self.missing_after, -idle, self.person.name.casefold()

    @property
    def needs_look(self) -> bool:
        """Whether anything speaks for a look."""
        idle = self.idle_days is None or self.idle_days >= LOOK_DAYS
        return idle or any((self.urgent, self.lows, self.open_items, self.missing_after))


class Caseload:
    """Everyone at a glance. A person is looked at anew when their log changed or a day began. Safe for threads."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._known: dict[str, tuple[tuple[object, ...], Case]] = {}

    def cases(self, now: Moment, *, named: str = "") -> tuple[Case, ...]:
        """Return everyone whose name contains `named`, case and accents aside, those who need a look first."""
        people = [person for person in self._log.people() if _plain(named) in _plain(person.name)]
        found = (self._case_of(person, Moment(now.epoch_s, person.zone)) for person in people)
        return tuple(sorted(found, key=lambda case: case.rank))

    def near(self, named: str) -> tuple[Person, ...]:
        """Return the people whose name, or a word of it, is close to a mistyped one, the closest first."""
        scored = [(_likeness(named, person.name), person) for person in self._log.people()]
        close = [each for each in scored if each[0] >= _CLOSE]
        return tuple(person for _, person in sorted(close, key=lambda each: (-each[0], each[1].name))[:_MOST_NEAR])

    def _case_of(self, person: Person, now: Moment) -> Case:
        latest = self._log.history(1, person.id)
        state = person, latest[0].seq if latest else 0, now.local_day
        known = self._known.get(person.id)
        if known is None or known[0] != state:
            known = self._known[person.id] = state, _case(self._log, person, now)
        return known[1]


def _plain(name: str) -> str:
    """A name without case and accents, as it is typed on whatever keyboard is at hand."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _likeness(typed: str, name: str) -> float:
    whole = _plain(name)
    return max(SequenceMatcher(None, _plain(typed), part).ratio() for part in (whole, *whole.split()))


def _case(log: Log, person: Person, now: Moment) -> Case:
    found = review(log, person, Range(now.plus(minutes=-LOOK_DAYS * DAY_MIN), now), now)
    findings = [finding for view in found.sessions for finding in view.findings]
    return Case(
        person=person,
        sessions=len(found.sessions),
        urgent=sum(finding.level is Level.URGENT for finding in findings),
        lows=found.n_lows,
        open_items=len(entries.untold(log, person)),
        missing_after=sum(item.what == "glucose after" for item in found.missing),
        idle_days=_idle_days(log, person, now),
    )


def _idle_days(log: Log, person: Person, now: Moment) -> int | None:
    since = now.plus(minutes=-LOOK_DAYS * DAY_MIN)
    latest = [session.start for session in log.sessions(person.id, limit=1)]
    for source in Source:
        trace = log.trace(person.id, source, since, now) or log.trace(person.id, source, None, now)
        latest += [trace.moment(len(trace) - 1)] if len(trace) else []
    return int(now.minutes_since(max(latest)) // DAY_MIN) if latest else None


def add_note(log: Log, person: Person, text: str, call: Call) -> Note:
    """Store a note of the care team in a person's log. Raises `RefusedError` for an empty one."""
    if not text.strip():
        raise RefusedError("The note is empty.", "Type what to remember.")
    note = Note(id=new_id(), person_id=person.id, at=call.now, text=NOTE_MARK + text.strip())
    return entries.add(log, person, note, call)


def notes(log: Log, person: Person) -> Sequence[Note]:
    """Return the care team's notes on a person, newest first."""
    return [note for note in reversed(log.notes(person.id)) if note.text.startswith(NOTE_MARK)]
