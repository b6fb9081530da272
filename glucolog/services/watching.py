"""Watching: a file replayed through the state machine, or the log followed as readings come in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from glucolog.core.findings import Unassessed
from glucolog.core.insulin import is_child
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Reading, Therapy
from glucolog.core.risk import LowRisk, low_risk
from glucolog.core.units import Source
from glucolog.core.watch import Alarm, AlarmKind, Problem, Watch, WatchFacts, event_of, parse_replay, replay
from glucolog.core.watch.history import STALE_MIN
from glucolog.core.watch.replay import GLUCOSE_COLUMNS
from glucolog.core.wording.watch import REPLAY_CUT_OFF as CUT_OFF
from glucolog.errors import NotFoundError, RefusedError
from glucolog.importers.source import source_file
from glucolog.importers.text import Table, read_table
from glucolog.services.last_day import DAY_MIN, Day, LastDay, Watched, watched
from glucolog.storage import Log

HISTORY_MIN = DAY_MIN
"""How far back readings and doses teach the watch: a day without any dose means that doses are not known."""
CLOCK_STEP_MIN = 1
"""A clock that is set back by more has been corrected: what was judged by it would keep a watch quiet for so long."""
NEEDED_COLUMNS = {"at_min", "time"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What the watch would have told, and the rows that could not be read."""

    alarms: tuple[Alarm, ...]
    problems: tuple[Problem, ...]


def replay_file(name: str, person: Person | None, now: Moment) -> Replayed:
    """Replay a CSV with `at_min` or `time`, and `mg_dl` or `mmol_l`, separated by comma, semicolon or tab.

    It is told as `person` would have heard it, or where no log says whose it is (None) in the file's own unit. Raises
    `RefusedError` when it is no such file.
    """
    table = _table(name)
    columns = [column.casefold() for column in table.header]
    rows = [dict(zip(columns, row, strict=False)) for row in table.rows]
    read = parse_replay(rows, zone=now.zone, lines=table.lines, person=_facts(person, now) if person else None)
    problems = read.problems if table.cut_line is None else (*read.problems, Problem(table.cut_line, CUT_OFF))
    if not read.events:
        raise RefusedError(f"No row of {name} could be read: {problems[0].reason}.", "Mend the file.")
    return Replayed(alarms=tuple(replay(read.events, read.facts)), problems=problems)


def _table(name: str) -> Table:
    text = _text(name)
    try:
        table = read_table(text, _is_header, name)
    except RefusedError as error:
        raise _no_replay(name) from error
    if not table.rows:
        raise _no_replay(name)
    return table


def _is_header(row: list[str]) -> bool:
    columns = {cell.casefold() for cell in row}
    return bool(columns & NEEDED_COLUMNS) and bool(columns & GLUCOSE_COLUMNS.keys())


def _no_replay(name: str) -> RefusedError:
    return RefusedError(
        f"{name} is not a replay: it needs the columns at_min (or time) and mg_dl (or mmol_l), and at least one row.",
        "See `glucolog help watch`.",
    )


def _text(name: str) -> str:
    if not Path(name).exists():
        raise NotFoundError(f"There is no file {name}.", "Check the path.")
    return source_file(Path(name)).text()


def risk_at(log: Log, person: Person, at: Moment, typed: Reading | None = None) -> dict[int, LowRisk | Unassessed]:
    """Return the risk of a low within 30, 60 and 120 min from what the log knew at `at`."""
    since = at.plus(minutes=-HISTORY_MIN)
    records = watched(log, person, since, at)
    if typed is not None:
        records.append(typed)
    facts = _facts(person, since)
    return low_risk([event_of(record, since) for record in records], at.minutes_since(since), facts)


class Following:
    """A log that is being followed. `poll` as often as you like: a record is fed once.

    What is older than the newest reading is history, which teaches the trend and raises nothing; the newest itself
    is judged unless it is stale, so that a watch begun in a low says so. Without a fresh one, what the source
    brings later is judged from there on that it would be fresh: it may have been down when the watch began.
    Readings that came in too late to be acted on only teach. Where the clock was set back it begins anew, snoozes
    forgotten; a reading that the clock of before stamped with a time yet to come was judged then, and is not again.
    When what was fed is corrected or taken out, all is learnt anew, and what was told stays told.
    """

    def __init__(self, log: Log, person: Person, now: Moment) -> None:
        self.person, self.day = person, LastDay(log, person)
        self._judged: set[str] = set()
        self._begin(now)

    def _begin(self, now: Moment) -> None:
        self._latest: Moment = now
        self._origin: Moment = now.plus(minutes=-HISTORY_MIN)
        self._seen: dict[str, Watched] = {}
        self._fed: set[str] = self._judged - {record.id for record in self.day.at(now).records}
        self._watch: Watch = Watch(replace(_facts(self.person, self._origin), from_min=self._begins_min(now)))

    def poll(self, now: Moment) -> tuple[Alarm, ...]:
        """Feed what came in since the last call, say what time it is, and return the alarms raised."""
        if was_set_back(self._latest, now):
            self._judged |= self._fed & {reading.id for reading in self.day.at(self._latest).readings}
            self._begin(now)
        self._latest = max(self._latest, now)
        now_min, day = now.minutes_since(self._origin), self.day.at(now)
        begun = day.running_since
        self._watch.in_session_from(None if begun is None else begun.minutes_since(self._origin))
        self._watch.advance(now_min)
        alarms = [alarm for record in self._new(day, now) for alarm in self._watch.feed(event_of(record, self._origin))]
        return (*alarms, *self._watch.tick(now_min))

    def _new(self, day: Day, now: Moment) -> list[Watched]:
        """Return what was not fed yet, which is all where something that was fed is no longer so."""
        known, since = {record.id: record for record in day.records}, now.plus(minutes=-HISTORY_MIN)
        still = (record for record in self._seen.values() if since <= record.at <= now)
        if any(known.get(record.id) != record for record in still):
            self._watch.relearn(self._begins_min(now))
            self._fed -= self._seen.keys()
        new = [record for record in day.records if record.id not in self._fed]
        self._seen = known
        self._fed.update(record.id for record in new)
        return new

    def snooze(self, kind: AlarmKind, now: Moment, minutes: float) -> None:
        """Keep one kind quiet for so long, unless it gets worse. Raises `RefusedError` for more than 60 min."""
        self._watch.snooze(kind, now.minutes_since(self._origin), minutes)

    def _begins_min(self, now: Moment) -> float:
        readings = self.day.at(now).readings
        fresh = [reading.at for reading in readings if now.minutes_since(reading.at) <= STALE_MIN[reading.source]]
        unseen = now.plus(minutes=-STALE_MIN[Source.CGM])
        return max(fresh, default=unseen).minutes_since(self._origin)


def was_set_back(earlier: Moment, now: Moment) -> bool:
    """Whether the clock that said `earlier` was corrected before it said `now`."""
    return earlier.minutes_since(now) > CLOCK_STEP_MIN


def follow(log: Log, person: Person, now: Moment) -> Following:
    """Begin to follow a log."""
    return Following(log, person, now)


def _facts(person: Person, origin: Moment) -> WatchFacts:
    return WatchFacts(
        takes_insulin=person.takes_insulin,
        basal_only=person.therapy is Therapy.BASAL,
        child=is_child(person, origin),
        origin=origin,
        unit=person.unit,
    )
