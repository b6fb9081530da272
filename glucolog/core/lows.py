"""Lows after a session: which readings were low, in which window, and what confirms them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from glucolog.core import evidence
from glucolog.core.evidence import Pair
from glucolog.core.moments import Moment, zone_info
from glucolog.core.pairing import in_time_order
from glucolog.core.records import Reading, Session
from glucolog.core.units import Source

LOOK_MIN = 24 * 60


class LowWindow(StrEnum):
    """When a low began: from the start to 2 h after the end, over 2 to 6 h after it, or in the night that followed."""

    EARLY = "0-2 h"
    LATE = "2-6 h"
    NIGHT = "overnight"


class LowBasis(StrEnum):
    """What shows a low: a sensor event of 15 min or more, a shorter sensor dip, or a meter reading."""

    SENSOR_EVENT = "sensor event"
    SENSOR_DIP = "sensor dip"
    METER = "meter reading"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributedLow:
    """One low that began after the session's start; an association in time, nothing more.

    `level` is 1 (below 70 mg/dL) or 2 (below 54 mg/dL). `minutes_after_end` is of its first reading, negative during
    the session. `minutes_below` is its longest unbroken stretch, None for meter readings. `end_unseen` when no sensor
    reading after its last low one, up to a gap, shows that it is over.
    """

    window: LowWindow
    level: int
    basis: LowBasis
    first: Reading
    lowest: Reading
    minutes_after_end: float
    minutes_below: float | None
    end_unseen: bool = False


def looked_at(session: Session) -> tuple[Moment, Moment]:
    """Return the closed stretch of readings to look for lows in: a day before the start, for one that goes on over it,
    to a day after the end, for the night that follows."""
    return session.start.plus(minutes=-LOOK_MIN), (session.end or session.start).plus(minutes=LOOK_MIN)


def attributed_lows(session: Session, readings: Iterable[Reading]) -> tuple[AttributedLow, ...]:
    """Return the lows after a session in time order; `readings` are those of `looked_at`, in any order.

    A sensor low is an event from 15 consecutive minutes below (Battelino 2023), at level 2 when 15 of them were below
    54 mg/dL, and a dip when shorter. Each meter reading stands for itself. A low that began before the start is not
    attributed.
    """
    ordered = in_time_order(readings)
    sensor = [reading for reading in ordered if reading.source is Source.CGM]
    lows = [low for event in low_events(sensor) if (low := _sensor_low(session, sensor, event))]
    lows += [low for reading in ordered if reading.source is Source.METER and (low := _meter_low(session, reading))]
    return tuple(sorted(lows, key=lambda low: (low.first.at.epoch_s, low.basis, low.first.id)))


def window_of(session: Session, at: Moment) -> LowWindow | None:
    """Return the window an instant falls into, the earliest that fits; None before the start and beyond them all."""
    end = session.end or session.start
    after = at.minutes_since(end)
    if at < session.start:
        return None
    if after <= evidence.EARLY_LOW_MIN.value:
        return LowWindow.EARLY
    if after <= evidence.LATE_LOW_MIN.value:
        return LowWindow.LATE
    night_start, night_end = night_after(end)
    return LowWindow.NIGHT if night_start <= at < night_end else None


def night_after(end: Moment) -> tuple[Moment, Moment]:
    """Return local 00:00 (closed) and 06:00 (open) of the night after `end`, or of the night it falls into."""
    first_hour, last_hour = evidence.NIGHT_HOURS
    day = end.local_day if end.local.hour < last_hour else end.local_day + timedelta(days=1)
    clock = (datetime.combine(day, time(hour), zone_info(end.zone)) for hour in (first_hour, last_hour))
    start, stop = (Moment.of(at, end.zone) for at in clock)
    return start, stop


def low_events(sensor: Sequence[Reading], pair: Pair = evidence.LEVEL_1.pair) -> list[list[Reading]]:
    """Group sensor readings in time order that lie below `pair` into events.

    An event goes on over a recovery shorter than 15 min and ends at a gap of more than 20 min.
    """
    events: list[list[Reading]] = []
    recovered: Moment | None = None
    going = False
    for earlier, reading in zip([None, *sensor], sensor, strict=False):
        over = recovered is not None and reading.at.minutes_since(recovered) >= evidence.EVENT_MIN.value
        going = going and not over and not (earlier and _gap(earlier, reading))
        if not reading.glucose.is_below(pair):
            recovered = recovered or reading.at
            continue
        recovered = None
        if going:
            events[-1].append(reading)
        else:
            events.append([reading])
        going = True
    return events


def longest_below_min(sensor: Sequence[Reading], event: Sequence[Reading], pair: Pair) -> float:
    """Return the longest unbroken stretch below `pair` within an event, each reading holding until the next one.

    The last reading before a gap or the end of the data holds for the usual step of a sensor.
    """
    first, last = event[0].at, event[-1].at
    longest = run = 0.0
    within = [reading for reading in sensor if reading.at >= first]
    for index, reading in enumerate(within):
        if reading.at > last:
            break
        held = _held_min(reading, within[index + 1] if index + 1 < len(within) else None)
        run = run + held if reading.glucose.is_below(pair) else 0.0
        longest = max(longest, run)
    return longest


def _gap(earlier: Reading, later: Reading) -> bool:
    return later.at.minutes_since(earlier.at) > evidence.SENSOR_GAP_MIN.value


def _held_min(reading: Reading, following: Reading | None) -> float:
    if following is None or _gap(reading, following):
        return evidence.SENSOR_STEP_MIN.value
    return following.at.minutes_since(reading.at)


def _sensor_low(session: Session, sensor: Sequence[Reading], event: Sequence[Reading]) -> AttributedLow | None:
    window = window_of(session, event[0].at)
    if window is None:
        return None
    lowest = min(event, key=lambda r: (r.glucose.mg_dl, r.glucose.censored is None, r.at.epoch_s))
    minutes = longest_below_min(sensor, event, evidence.LEVEL_1.pair)
    confirmed = minutes >= evidence.EVENT_MIN.value
    deep = longest_below_min(sensor, event, evidence.LEVEL_2.pair) >= evidence.EVENT_MIN.value
    return AttributedLow(
        window=window,
        level=2 if deep or (not confirmed and lowest.glucose.is_below(evidence.LEVEL_2.pair)) else 1,
        basis=LowBasis.SENSOR_EVENT if confirmed else LowBasis.SENSOR_DIP,
        first=event[0],
        lowest=lowest,
        minutes_after_end=_after_end(session, event[0]),
        minutes_below=minutes,
        end_unseen=_end_unseen(sensor, event[-1]),
    )


def _end_unseen(sensor: Sequence[Reading], last: Reading) -> bool:
    following = next((reading for reading in sensor if reading.at > last.at), None)
    return following is None or _gap(last, following)


def _meter_low(session: Session, reading: Reading) -> AttributedLow | None:
    window = window_of(session, reading.at)
    if window is None or not reading.glucose.is_below(evidence.LEVEL_1.pair):
        return None
    return AttributedLow(
        window=window,
        level=2 if reading.glucose.is_below(evidence.LEVEL_2.pair) else 1,
        basis=LowBasis.METER,
        first=reading,
        lowest=reading,
        minutes_after_end=_after_end(session, reading),
        minutes_below=None,
    )


def _after_end(session: Session, reading: Reading) -> float:
    return reading.at.minutes_since(session.end or session.start)
