"""What would the watch have told? A whole history fed in time order, and the rows of a CSV that hold one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import isfinite

from glucolog.core.evidence import METER_BOUNDS
from glucolog.core.moments import Moment, from_local
from glucolog.core.records import InsulinKind
from glucolog.core.units import Censored, Glucose, Source, Unit, censored_at, in_unit
from glucolog.core.watch.events import Alarm, CarbsEaten, DoseTaken, Event, GlucoseSeen, WatchFacts
from glucolog.core.watch.state import Watch
from glucolog.core.wording import watch as words
from glucolog.errors import RefusedError

MOST = {"at_min": 10 * 366 * 24 * 60.0, "insulin_units": 500.0, "carbs_g": 2000.0}
"""The largest number a column can hold: ten years either way, and what no dose and no meal reaches."""
GLUCOSE_COLUMNS = {"mg_dl": Unit.MG_DL, "mmol_l": Unit.MMOL_L}
_CENSORED = {"LO": Censored.LOW, "LOW": Censored.LOW, "HI": Censored.HIGH, "HIGH": Censored.HIGH}


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that could not be read: its line in the file (the header is line 1) and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFile:
    """The events of a file and what it tells the watch: where minute 0 is, and when the session begins."""

    events: tuple[Event, ...]
    problems: tuple[Problem, ...]
    facts: WatchFacts


def replay(events: Iterable[Event], facts: WatchFacts) -> list[Alarm]:
    """Return the alarms the watch would have raised, in time order; the order of `events` does not matter.

    Silence is noticed when it is due, up to the last event; what comes after that is not known.
    """
    watch = Watch(facts)
    alarms: list[Alarm] = []
    for event in sorted(events, key=_order):
        while (due := watch.no_data_due_min) < event.at_min:
            alarms.extend(watch.tick(due))
        alarms.extend(watch.feed(event))
    return alarms


def _order(event: Event) -> tuple[float, int, float, str]:
    """Food and insulin before the reading of the same minute; of two readings the lower first."""
    if isinstance(event, GlucoseSeen):
        return event.at_min, 1, event.glucose.mg_dl, event.source.value
    return event.at_min, 0, event.units if isinstance(event, DoseTaken) else event.grams, ""


def parse_replay(
    rows: Sequence[Mapping[str, str | None]],
    *,
    zone: str = "UTC",
    lines: Sequence[int] | None = None,
    person: WatchFacts | None = None,
) -> ReplayFile:
    """Read the rows of a CSV: `at_min` or `time`, any of `mg_dl` or `mmol_l`, `insulin_units`, `carbs_g`, `source`.

    `at_min` counts from the session's start, and what is before it is history. `time` is ISO 8601, local to `zone`
    where it has no offset; its minutes count from the first row in time. A sensor is meant where `source` is not
    given. Where some rows count minutes, a row that has only a time has no place among them. Such rows, and those that
    can't be read, come back as problems; `lines` are the rows' numbers in the file, by default from 2. `person` is what
    the watch knows of whose file it is; a row of insulin says that they take some. A row with both units counts by
    `mg_dl`.
    """
    read: list[tuple[_When, Event]] = []
    problems: list[Problem] = []
    counts_minutes = any(_is_number(row.get("at_min") or "") for row in rows)
    for line, row in zip(lines or range(2, len(rows) + 2), rows, strict=True):
        try:
            read.extend(_row(row, zone, counts_minutes=counts_minutes))
        except _BadRowError as error:
            problems.append(Problem(line, str(error)))
    return _file(read, tuple(problems), person or WatchFacts())


class _BadRowError(ValueError):
    """A row can't be read; its text says why."""


_When = float | Moment


def _file(read: list[tuple[_When, Event]], problems: tuple[Problem, ...], person: WatchFacts) -> ReplayFile:
    origin = min((when for when, _ in read if isinstance(when, Moment)), default=None)
    events = tuple(_placed(when, event, origin) for when, event in read)
    start = 0.0 if any(not isinstance(when, Moment) for when, _ in read) else None
    takes_insulin = person.takes_insulin or any(isinstance(event, DoseTaken) for event in events)
    facts = replace(person, takes_insulin=takes_insulin, session_start_min=start, from_min=start, origin=origin)
    return ReplayFile(events=events, problems=problems, facts=facts)


def _placed(when: _When, event: Event, origin: Moment | None) -> Event:
    if isinstance(when, Moment) and origin is not None:
        return replace(event, at_min=when.minutes_since(origin))
    return event


def _row(row: Mapping[str, str | None], zone: str, *, counts_minutes: bool) -> list[tuple[_When, Event]]:
    cells = {name: (text or "").strip() for name, text in row.items() if name}
    when = _when(cells, zone)
    if counts_minutes and isinstance(when, Moment):
        raise _BadRowError(words.REPLAY_NO_MINUTE)
    at_min = 0.0 if isinstance(when, Moment) else when
    events: list[Event] = []
    if cells.get("insulin_units"):
        events.append(DoseTaken(at_min=at_min, units=_amount(cells, "insulin_units"), kind=InsulinKind.RAPID))
    if cells.get("carbs_g"):
        events.append(CarbsEaten(at_min=at_min, grams=_amount(cells, "carbs_g")))
    if column := next((name for name in GLUCOSE_COLUMNS if cells.get(name)), None):
        events.append(GlucoseSeen(at_min=at_min, glucose=_glucose(cells, column), source=_source(cells)))
    if not events:
        raise _BadRowError(words.REPLAY_EMPTY)
    return [(when, event) for event in events]


def _when(cells: Mapping[str, str], zone: str) -> _When:
    if cells.get("at_min"):
        return _minute(cells) if _is_number(cells["at_min"]) else _moment(cells["at_min"], zone)
    if cells.get("time"):
        return _moment(cells["time"], zone)
    raise _BadRowError(words.REPLAY_NO_TIME)


def _minute(cells: Mapping[str, str]) -> float:
    minute = _number(cells, "at_min")
    if abs(minute) > MOST["at_min"]:
        raise _BadRowError(words.REPLAY_FAR_OFF.format(text=cells["at_min"]))
    return minute


def _amount(cells: Mapping[str, str], column: str) -> float:
    """Read insulin or carbs: nothing negative, and nothing that can't be meant."""
    amount = _number(cells, column)
    if not 0 <= amount <= MOST[column]:
        raise _BadRowError(words.REPLAY_BAD_AMOUNT.format(text=cells[column], column=column, most=f"{MOST[column]:g}"))
    return amount


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text.replace(",", ".")))
    except ValueError:
        return False


def _moment(text: str, zone: str) -> Moment:
    try:
        parsed = datetime.fromisoformat(text)
        return from_local(parsed, zone, fold=0) if parsed.tzinfo is None else Moment.of(parsed, zone)
    except (ValueError, RefusedError) as error:
        raise _BadRowError(words.REPLAY_BAD_TIME.format(text=text)) from error


def _number(cells: Mapping[str, str], column: str) -> float:
    if not _is_number(cells[column]):
        raise _BadRowError(words.REPLAY_BAD_NUMBER.format(text=cells[column], column=column))
    return float(cells[column].replace(",", "."))


def _glucose(cells: Mapping[str, str], column: str) -> Glucose:
    text, unit = cells[column], GLUCOSE_COLUMNS[column]
    if side := _CENSORED.get(text.upper()):
        return censored_at(side, unit, _source(cells))
    low, high = (in_unit(bound, unit) for bound in METER_BOUNDS)
    if not low <= (amount := _number(cells, column)) <= high:
        reason = words.REPLAY_BAD_GLUCOSE.format(text=text, column=column, low=f"{low:g}", high=f"{high:g}")
        raise _BadRowError(reason)
    return Glucose(amount, unit)


def _source(cells: Mapping[str, str]) -> Source:
    text = cells.get("source", "") or Source.CGM.value
    try:
        return Source(text.lower())
    except ValueError as error:
        raise _BadRowError(words.REPLAY_BAD_SOURCE.format(text=text)) from error
