"""The local clock of many instants at once: UTC offsets, minutes of the day and days, across DST.

The zone is asked once a day of the span, never once a reading; between two days that differ the change is bisected.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

import numpy as np

from glucolog.analysis.kinds import Floats, Ints
from glucolog.core.moments import zone_info

SECONDS_A_DAY = 86_400
MINUTES_A_DAY = 1_440


def utc_offsets_s(at_s: Ints, zone: str) -> Ints:
    """Return the seconds by which the clock of `zone` runs ahead of UTC at each instant of `at_s` (any order).

    Raises `UsageError` when no such IANA zone is known.
    """
    if at_s.size == 0:
        return np.zeros(0, dtype=np.int64)
    first_day, last_day = int(at_s.min()) // SECONDS_A_DAY, int(at_s.max()) // SECONDS_A_DAY
    changes, offsets = _offset_changes(zone, first_day, last_day)
    if changes.size == 0:
        return np.full(at_s.shape, offsets[0])
    return offsets[np.searchsorted(changes, at_s, side="right")]


def minute_of_day(local_s: Ints) -> Floats:
    """Return the minutes since local midnight, [0, 1440), for seconds on the local clock."""
    return (local_s % SECONDS_A_DAY) / 60.0


def day_index(local_s: Ints) -> Ints:
    """Return the local calendar day, counted from 1970-01-01, for seconds on the local clock."""
    return local_s // SECONDS_A_DAY


@lru_cache(maxsize=64)
def _offset_changes(zone: str, first_day: int, last_day: int) -> tuple[Ints, Ints]:
    """Return the instants in the span from which a new offset holds, and the offsets: one more than the instants."""
    days = range(first_day * SECONDS_A_DAY, (last_day + 2) * SECONDS_A_DAY, SECONDS_A_DAY)
    daily = [_offset_s(zone, at_s) for at_s in days]
    changes, offsets = [], [daily[0]]
    for at_s, before, after in zip(days, daily, daily[1:], strict=False):
        if before != after:
            changes.append(_first_with_other_offset(zone, at_s, at_s + SECONDS_A_DAY))
            offsets.append(after)
    return np.array(changes, dtype=np.int64), np.array(offsets, dtype=np.int64)


def _first_with_other_offset(zone: str, low_s: int, high_s: int) -> int:
    """Bisect to the first second in (low_s, high_s] that no longer has the offset of `low_s`."""
    before = _offset_s(zone, low_s)
    while high_s - low_s > 1:
        middle_s = (low_s + high_s) // 2
        low_s, high_s = (middle_s, high_s) if _offset_s(zone, middle_s) == before else (low_s, middle_s)
    return high_s


def _offset_s(zone: str, at_s: int) -> int:
    offset = datetime.fromtimestamp(at_s, zone_info(zone)).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())
