"""Hypo and hyper events of a sensor by the rules of Battelino 2023.

An event starts with 15 or more consecutive minutes beyond its limit and ends with 15 or more consecutive minutes back
(or where the readings end). Time is counted in whole sensor intervals, each reading standing for one: 15 minutes are
15 readings of a 1-minute sensor, 3 of a 5-minute one, and a single reading of a 15-minute one, which is all that such
a sensor shows of 15 minutes. A clock that drifts by seconds changes nothing. One lost reading between two others is
no gap; a gap (see `trace.GAP_INTERVALS`) ends an event, and nothing is assumed about the time in it. iglu, in
contrast, interpolates up to 45 min before it counts: put on that grid, its example traces give the same events, and
the same mean durations but for one event that a gap cuts short; taken as they are, gaps of 15 to 45 min part a few.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glucolog.analysis.kinds import Flags, Floats, Ints
from glucolog.analysis.trace import GlucoseArrays
from glucolog.core.evidence import (
    ABOVE,
    EVENT_MIN,
    EXTENDED_HIGH_MIN,
    EXTENDED_HIGH_WINDOW_MIN,
    EXTENDED_LOW_MIN,
    LEVEL_1,
    LEVEL_2,
    VERY_HIGH,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One event: from its first reading beyond the limit to the end of the interval of its last one.

    `minutes` in whole sensor intervals; `extreme_mg_dl` the lowest of a hypo, the highest of a hyper event, at the
    device's limit when that was LO or HI; `cut_short` when a gap or the end of the readings came before the return.
    """

    start_s: int
    end_s: int
    minutes: int
    extreme_mg_dl: float
    cut_short: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Episodes:
    """All events of a trace. Level 2 and extended events are also counted in the level 1 event they lie in.

    Hypo: level 1 below 70, level 2 below 54, extended level 1 for more than 120 min. Hyper: level 1 above 180, level 2
    above 250, extended above 250 for at least 90 min within 120 min, until back at 180.
    """

    hypo_level_1: tuple[Episode, ...]
    hypo_level_2: tuple[Episode, ...]
    hypo_extended: tuple[Episode, ...]
    hyper_level_1: tuple[Episode, ...]
    hyper_level_2: tuple[Episode, ...]
    hyper_extended: tuple[Episode, ...]


@dataclass(frozen=True, slots=True)
class _Spans:
    """Events as indices of their first and last reading beyond the limit, both closed."""

    first: Ints
    last: Ints
    cut_short: Flags


def episodes(trace: GlucoseArrays) -> Episodes:
    """Return the events of a sensor trace, in order of time."""
    low, high = _spans(trace, trace.below(LEVEL_1.pair)), _spans(trace, trace.above(ABOVE.pair))
    low_events, high_events = _described(trace, low, np.minimum), _described(trace, high, np.maximum)
    very_high = trace.above(VERY_HIGH.pair)
    is_extended = _long_very_high(trace, very_high, high)
    return Episodes(
        hypo_level_1=low_events,
        hypo_level_2=_described(trace, _spans(trace, trace.below(LEVEL_2.pair)), np.minimum),
        hypo_extended=tuple(event for event in low_events if event.minutes > EXTENDED_LOW_MIN.value),
        hyper_level_1=high_events,
        hyper_level_2=_described(trace, _spans(trace, very_high), np.maximum),
        hyper_extended=tuple(event for event, long in zip(high_events, is_extended.tolist(), strict=True) if long),
    )


def _spans(trace: GlucoseArrays, beyond: Flags) -> _Spans:
    """Find the events of the readings `beyond` a limit.

    The trace falls into runs of one side of the limit. A gap or a long enough run back closes a block of runs; a block
    with a long enough run beyond is an event, from that run to the last one beyond.
    """
    if len(trace) == 0:
        return _Spans(first=trace.at_s, last=trace.at_s, cut_short=beyond)
    first, last, after_gap = _runs(trace, beyond)
    is_beyond, is_long = beyond[first], _minutes(trace, first, last) >= EVENT_MIN.value
    returns = ~is_beyond & is_long & ~after_gap
    block = np.cumsum(after_gap | returns)
    starters = np.flatnonzero(is_beyond & is_long)
    blocks, which = np.unique(block[starters], return_index=True)
    next_block = np.searchsorted(block, blocks, side="right")
    final = _last_true_before(is_beyond, next_block)
    returned = np.append(returns, [False])[next_block]
    return _Spans(first=first[starters[which]], last=last[final], cut_short=~returned)


def _runs(trace: GlucoseArrays, beyond: Flags) -> tuple[Ints, Ints, Flags]:
    """Return the first and the last reading of each run of one side without a gap, and whether a gap lies before."""
    gap = trace.gap_before()
    begins = gap.copy()
    begins[1:] |= beyond[1:] != beyond[:-1]
    first = np.flatnonzero(begins)
    return first, np.concatenate((first[1:] - 1, [len(trace) - 1])), gap[first]


def _described(trace: GlucoseArrays, spans: _Spans, extreme: np.ufunc) -> tuple[Episode, ...]:
    """Put each event into words of time and glucose."""
    start_s = trace.at_s[spans.first]
    end_s = trace.at_s[spans.last] + 60 * trace.interval_min[spans.last]
    minutes = _minutes(trace, spans.first, spans.last)
    columns = start_s, end_s, minutes, _extremes(trace.mg_dl, spans, extreme), spans.cut_short
    return tuple(
        Episode(start_s=start, end_s=end, minutes=length, extreme_mg_dl=peak, cut_short=cut)
        for start, end, length, peak, cut in zip(*(column.tolist() for column in columns), strict=True)
    )


def _minutes(trace: GlucoseArrays, first: Ints, last: Ints) -> Ints:
    """Return the whole sensor intervals from the first to the last reading, the last one's own included, in minutes."""
    interval = trace.interval_min[first]
    elapsed_min = (trace.at_s[last] - trace.at_s[first]) / 60.0
    return np.asarray((np.rint(elapsed_min / interval).astype(np.int64) + 1) * interval)


def _long_very_high(trace: GlucoseArrays, very_high: Flags, spans: _Spans) -> Flags:
    """Say which events above 180 hold the 90 min above 250 within 120 min."""
    reading = np.flatnonzero(very_high)
    event = np.searchsorted(spans.first, reading, side="right") - 1
    inside = reading <= np.append(spans.last, -1)[event]
    reading, event = reading[inside], event[inside]
    at_s, minutes = trace.at_s[reading], trace.interval_min[reading]
    # half an interval of slack: a clock that drifts by seconds moves no reading out of the window
    window_from = np.searchsorted(at_s, at_s - 60 * int(EXTENDED_HIGH_WINDOW_MIN.value) + 30 * minutes)
    since = np.maximum(window_from, np.searchsorted(event, event))
    until = np.cumsum(minutes)
    held = until - (until - minutes)[since]
    return np.asarray(np.bincount(event[held >= EXTENDED_HIGH_MIN.value], minlength=spans.first.size) > 0)


def _extremes(mg_dl: Floats, spans: _Spans, extreme: np.ufunc) -> Floats:
    if spans.first.size == 0:
        return np.zeros(0)
    edges = np.column_stack((spans.first, spans.last + 1)).ravel()
    return np.asarray(extreme.reduceat(np.append(mg_dl, mg_dl[-1]), edges)[::2])


def _last_true_before(flags: Flags, before: Ints) -> Ints:
    """Return for each position the index of the last true flag under it; there is one."""
    true = np.flatnonzero(flags)
    return true[np.searchsorted(true, before) - 1]
