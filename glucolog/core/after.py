"""After a session: when to check again, which checks are done, due or missed, and what the plan says about a low."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from glucolog.core import evidence
from glucolog.core.lows import AttributedLow, attributed_lows, window_of
from glucolog.core.moments import Moment, zone_info
from glucolog.core.pairing import in_time_order
from glucolog.core.records import Carbs, Person, Phase, Reading, Session
from glucolog.core.rules.rule import held_against
from glucolog.core.units import Source
from glucolog.core.wording import after as words


class Status(StrEnum):
    """Where a check stands."""

    DONE = "done"
    DUE = "due"
    MISSED = "missed"
    UPCOMING = "upcoming"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """One check: `name` is minutes after the end, "bedtime" or "after low".

    A reading counts from `opens` (closed) to `closes` (open). `reading` is the one that did.
    """

    name: str
    at: Moment
    opens: Moment
    closes: Moment
    status: Status
    reading: Reading | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LowPlan:
    """What to do about the low of `reading`: a sentence on it, then the steps in the person's words or the ADA's.

    `recheck_at` is set once carbs to treat it are logged: 15 min after the last of them.
    """

    reading: Reading
    message: str
    steps: tuple[str, ...]
    citation: str
    recheck_at: Moment | None = None

    @property
    def treated(self) -> tuple[str, ...]:
        """What was taken to treat it and when to check, none where nothing is logged."""
        return self.steps[:2] if self.recheck_at else ()

    @property
    def emergency(self) -> str:
        """The last step: what to do for somebody who can't help themselves."""
        return self.steps[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckPlan:
    """The checks after a session at `now`, in time order, and the lows so far.

    `next` is the check that is due, else the next to come. `low` is set while the last reading is a low.
    """

    session_id: str
    now: Moment
    checks: tuple[Recheck, ...]
    next: Recheck | None
    lows: tuple[AttributedLow, ...]
    low: LowPlan | None

    @property
    def missed(self) -> tuple[Recheck, ...]:
        """The checks whose window passed without a reading."""
        return tuple(check for check in self.checks if check.status is Status.MISSED)


def recheck_plan(person: Person, session: Session, readings: Iterable[Reading], now: Moment) -> RecheckPlan:
    """Return the checks of an ended session at `now`; a running one has none.

    0, 30, 60 and 120 min after the end, and before bed: at the person's bedtime (22:00 where it was not said) of the
    evening, or the end if that is later, when it ended after 16:00 local or before that night's bedtime. A reading of
    either source counts for each check into whose window it falls, of several the nearest to the check; the linked
    after reading always counts for the first. A reading over half an hour before bedtime is not one before bed: it
    would be an old one by then. While the last reading after the session is below 70 mg/dL, a check 15 min after it is
    added. Readings later than `now` are ignored.
    """
    past = [reading for reading in in_time_order(readings) if reading.at <= now]
    since = [reading for reading in past if window_of(session, reading.at)]
    low = low_plan(person, since, now)
    checks = sorted([*_planned(person, session, past, now), *_after_low(low, now)], key=lambda check: check.at)
    return RecheckPlan(
        session_id=session.id,
        now=now,
        checks=tuple(checks),
        next=_next(checks),
        lows=attributed_lows(session, past),
        low=low,
    )


def low_steps(person: Person, limit: str) -> tuple[str, ...]:
    """Return what to do about a low: the person's own plan first, else the ADA's rule of 15; `limit` is in words."""
    first = (words.OWN_PLAN.format(plan=person.low_plan),) if person.low_plan else words.RULE_OF_15[:1]
    rest = (step.format(limit=limit) for step in words.RULE_OF_15[1:])
    return (*first, *rest)


def ends_after_16(end: Moment) -> bool:
    """Whether a session ended after 16:00 on the clock of its zone (16:00:00 itself is not after)."""
    local = end.local
    return (local.hour, local.minute, local.second) > (evidence.BEDTIME_AFTER_HOUR, 0, 0)


def _planned(person: Person, session: Session, past: Sequence[Reading], now: Moment) -> Iterator[Recheck]:
    end = session.end
    if end is None:
        return
    for mark, (opens, closes) in zip(evidence.RECHECK_MARKS_MIN, evidence.RECHECK_WINDOWS_MIN, strict=True):
        linked = _linked_after(session, past) if mark == 0 else None
        yield _check(
            str(mark), end.plus(minutes=mark), (end.plus(minutes=opens), end.plus(minutes=closes)), past, now, linked
        )
    if bedtime := _bedtime(person, end):
        before, after = evidence.BEDTIME_WINDOW_MIN
        window = max(end, bedtime.plus(minutes=before)), bedtime.plus(minutes=after)
        yield _check("bedtime", bedtime, window, past, now, None)


def _bedtime(person: Person, end: Moment) -> Moment | None:
    """Return when to check before bed: an evening runs from 16:00 to 16:00, whenever in it the person goes to bed."""
    minute = evidence.BEDTIME_HOUR * 60 if person.bedtime_minute is None else person.bedtime_minute
    late = ends_after_16(end)
    days_on = (minute <= evidence.BEDTIME_AFTER_HOUR * 60) - (not late)
    day = end.local_day + timedelta(days=days_on)
    usual = Moment.of(datetime.combine(day, time(*divmod(minute, 60)), zone_info(end.zone)), end.zone)
    return max(usual, end) if late or usual >= end else None


def _linked_after(session: Session, past: Sequence[Reading]) -> Reading | None:
    ids = {link.reading_id for link in session.links if link.phase is Phase.AFTER}
    return next((reading for reading in past if reading.id in ids), None)


def _check(
    name: str, at: Moment, window: tuple[Moment, Moment], past: Sequence[Reading], now: Moment, linked: Reading | None
) -> Recheck:
    opens, closes = window
    found = linked or min(
        (reading for reading in past if opens <= reading.at < closes),
        key=lambda reading: abs(reading.at.minutes_since(at)),
        default=None,
    )
    return Recheck(
        name=name,
        at=at,
        opens=opens,
        closes=closes,
        status=_status(found, opens, closes, now),
        reading=found,
        message=words.CHECKS[name].format(minutes=f"{evidence.RECHECK_MIN.value:g}", opens=f"{opens.local:%H:%M}"),
    )


def _status(found: Reading | None, opens: Moment, closes: Moment, now: Moment) -> Status:
    if found:
        return Status.DONE
    if now >= closes:
        return Status.MISSED
    return Status.DUE if now >= opens else Status.UPCOMING


def low_plan(person: Person, since: Sequence[Reading], now: Moment, carbs: Iterable[Carbs] = ()) -> LowPlan | None:
    """Return what to do while the last of the readings, in time order, is below 70 mg/dL (3.9 mmol/L); else None.

    A finger-stick is outweighed by no sensor reading of the 15 min after it. Of `carbs` those count that were taken to
    treat this low. A clock time has the weekday where that is not the day of `now`.
    """
    last = _telling(since, now)
    if last is None or not last.glucose.is_below(evidence.LEVEL_1.pair):
        return None
    told = held_against(last.glucose, evidence.LEVEL_1.pair, person.unit)
    steps = low_steps(person, f"{told['limit']}")
    taken = max((one for one in carbs if one.treatment and last.at <= one.at <= now), key=_when, default=None)
    recheck_at = taken.at.plus(minutes=evidence.RECHECK_MIN.value) if taken else None
    return LowPlan(
        reading=last,
        message=(words.LOW_NOW if last is since[-1] else words.LOW_BY_STICK).format(clock=_clock(last.at, now), **told),
        steps=_steps_treated(taken, recheck_at, steps, now) if taken and recheck_at else steps,
        citation="ada-15",
        recheck_at=recheck_at,
    )


def _telling(readings: Sequence[Reading], now: Moment) -> Reading | None:
    """The last reading; where that is no low, a finger-stick of just before it: a sensor can lag behind."""
    last = readings[-1] if readings else None
    stick = next((reading for reading in reversed(readings) if reading.source is Source.METER), None)
    if last is None or stick is None or last.glucose.is_below(evidence.LEVEL_1.pair):
        return last
    return stick if now.minutes_since(stick.at) <= evidence.DISAGREE_MIN.value else last


def _steps_treated(taken: Carbs, recheck_at: Moment, steps: tuple[str, ...], now: Moment) -> tuple[str, ...]:
    """What was taken stands in the place of taking it, so that nobody takes it twice for want of being told."""
    treated = words.TREATED.format(grams=f"{taken.grams:g}", clock=_clock(taken.at, now))
    again = words.CHECK_NOW if recheck_at <= now else words.CHECK_AT.format(clock=_clock(recheck_at, now))
    return (treated, again, *steps[2:])


def _when(taken: Carbs) -> Moment:
    return taken.at


def _clock(moment: Moment, now: Moment) -> str:
    at = Moment(moment.epoch_s, now.zone)
    return f"{at.local:%H:%M}" if at.local_day == now.local_day else f"{at.local:%a %H:%M}"


def _after_low(low: LowPlan | None, now: Moment) -> Iterator[Recheck]:
    """The check after a low stays due until a reading comes, so it never counts as missed."""
    if low is None:
        return
    at = low.reading.at.plus(minutes=evidence.RECHECK_MIN.value)
    later = max(at, now).plus(minutes=evidence.RECHECK_MIN.value)
    yield _check("after low", at, (at, later), [], now, None)


def _next(checks: Sequence[Recheck]) -> Recheck | None:
    due = [check for check in checks if check.status is Status.DUE]
    coming = [check for check in checks if check.status is Status.UPCOMING]
    return next(iter([*due, *coming]), None)
