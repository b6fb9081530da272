"""Of years of sensor readings, the stretches that anything said of sessions can turn on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from glucolog.core import evidence
from glucolog.core.lows import looked_at
from glucolog.core.moments import Moment
from glucolog.core.records import Session

Stretch = tuple[int, int]
"""The first and the last second (UTC) of a closed stretch of time."""
_JOINED_S = 60 * 60
"""Stretches so near each other are read as one: what lies between costs less than another question."""


def telling_stretches(sessions: Iterable[Session], low_at_s: Iterable[int], now: Moment) -> list[Stretch]:
    """Return the stretches, apart and in time order; a running session ends `now`.

    `low_at_s` (seconds UTC) is when the sensor showed less than 70 mg/dL. The stretches lie around each session from
    the half hour before it to 6 h after it, and around each low reading of the day before and after as far as a gap:
    with these readings `pair`, `attributed_lows` and every session rule find
    what they find with all of them.
    """
    sessions = list(sessions)
    looked = merged(_seconds(looked_at(session)) for session in sessions)
    gap_s = round(60 * evidence.SENSOR_GAP_MIN.value)
    lows = ((at_s - gap_s, at_s + gap_s) for at_s in low_at_s if _lies_in(looked, at_s))
    return merged([*(_around(session, now) for session in sessions), *lows], _JOINED_S)


def merged(stretches: Iterable[Stretch], joined_s: int = 0) -> list[Stretch]:
    """Join stretches that touch or lie at most `joined_s` apart."""
    found: list[Stretch] = []
    for since_s, until_s in sorted(stretches):
        if found and since_s - found[-1][1] <= joined_s:
            found[-1] = found[-1][0], max(found[-1][1], until_s)
        else:
            found.append((since_s, until_s))
    return found


def _around(session: Session, now: Moment) -> Stretch:
    before_min = max(evidence.PAIR_WINDOW_MIN.value, evidence.TREND_WINDOW_MIN.value)
    after_min = max(evidence.LATE_LOW_MIN.value, evidence.FOLLOW_UP_MIN.value)
    return _seconds((session.start.plus(minutes=-before_min), (session.end or now).plus(minutes=after_min)))


def _lies_in(stretches: Sequence[Stretch], at_s: int) -> bool:
    at = bisect_right(stretches, at_s, key=lambda stretch: stretch[0]) - 1
    return at >= 0 and at_s <= stretches[at][1]


def _seconds(stretch: tuple[Moment, Moment]) -> Stretch:
    return stretch[0].epoch_s, stretch[1].epoch_s
