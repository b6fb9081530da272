"""Local clock stamps of a file, placed on the time line, with the nights in which the clocks change.

A clock time that came twice is settled by the order of the rows; where that doesn't tell, `Options.fold` decides and a
remark says so. A time that the clocks skipped is a problem. No zone look-up happens per row: days without a change are
one offset each.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from glucolog.core.moments import zone_info
from glucolog.importers.base import Options
from glucolog.importers.cells import shown
from glucolog.importers.day_order import settle_day_first
from glucolog.importers.folds import folds_of, in_order
from glucolog.importers.gatherer import Gatherer, R
from glucolog.importers.stamps import DAY_S, EPOCH_DAY, Clock, day_parts, parse_clock, split_stamp

EARLIEST_YEAR = 1960
"""Before it no file of a glucose device can lie; anonymised samples are moved back as far as 1961."""


class Placed(NamedTuple):
    """Where each stamp lies: epoch seconds, or the reason it has no place; and the doubtful ones by index."""

    at: list[int | str]
    doubts: dict[int, str]


class Calendar:
    """Places the stamps of one file; made once a file, because the order of day and month belongs to all of it."""

    def __init__(self, options: Options, *, day_first: bool = True) -> None:
        self._zone = zone_info(options.zone)
        self._zone_name = options.zone
        self._fold = options.fold
        self._latest_s = options.now_s + DAY_S
        self._day_first = day_first
        self._days: dict[str, tuple[int, int | None] | str] = {}
        self._clocks: dict[str, Clock | None] = {}

    def place(self, stamps: Sequence[str], groups: Sequence[Hashable] = (), clocks: Sequence[str] = ()) -> Placed:
        """Place the stamps of a file in its order.

        The order within a group tells a repeated hour's first showing from its second: `groups` (as long as `stamps`,
        or empty for one group) names what was written in one sequence, such as the readings of one device. `clocks` (as
        long, or empty) are the readings of a clock that runs on, such as a transmitter's, beside each stamp.
        """
        at: list[int | str] = []
        changing: dict[tuple[int, Hashable], list[int]] = {}
        known: dict[str, int] = {}
        joint = _joint(stamps)
        for index, stamp in enumerate(stamps):
            day, _, clock = stamp.partition(joint)
            try:
                at.append(known[day] + known[clock])
            except KeyError:
                seconds, midnight_s = self._place_new(stamp, day, clock, known)
                at.append(seconds)
                if midnight_s is not None:
                    changing.setdefault((midnight_s, groups[index] if groups else None), []).append(index)
        return Placed(at, self._settle_changes(at, changing.values(), clocks))

    def place_one(self, stamp: str) -> int | str:
        """Place a stamp that stands alone."""
        return self.place([stamp]).at[0]

    def _place_new(self, stamp: str, day: str, clock: str, known: dict[str, int]) -> tuple[int | str, int | None]:
        """Place by hand; on a day on which the clocks change, give local seconds and the day's midnight."""
        start, time = self._day(day), self._clock(clock)
        simple = not isinstance(start, str) and time is not None
        if not simple:
            day, clock = split_stamp(stamp)
            start, time = self._day(day), self._clock(clock)
        if isinstance(start, str):
            return start, None
        if time is None:
            said = f"“{shown(clock)}” is not a time of day."
            return said if clock else "The row has a date and no time of day.", None
        return self._combined(start, time, (day, clock) if simple else None, known)

    def _combined(
        self, start: tuple[int, int | None], time: Clock, parts: tuple[str, str] | None, known: dict[str, int]
    ) -> tuple[int | str, int | None]:
        midnight_s, offset_s = start
        if time.offset_s is not None:
            return midnight_s + time.seconds - time.offset_s, None
        if offset_s is None:
            return midnight_s + time.seconds, midnight_s
        if parts is not None:
            known[parts[0]], known[parts[1]] = midnight_s - offset_s, time.seconds
        return midnight_s - offset_s + time.seconds, None

    def _clock(self, text: str) -> Clock | None:
        if text not in self._clocks:
            self._clocks[text] = parse_clock(text)
        return self._clocks[text]

    def _day(self, text: str) -> tuple[int, int | None] | str:
        found = self._days.get(text)
        if found is None:
            found = self._days[text] = self._new_day(text)
        return found

    def _new_day(self, text: str) -> tuple[int, int | None] | str:
        parts = day_parts(text)
        ordinal = parts.ordinal(day_first=self._day_first) if parts else None
        if parts is None or ordinal is None:
            return f"“{shown(text)}” is not a date." if text.strip() else "The row has no date."
        midnight_s = (ordinal - EPOCH_DAY) * DAY_S
        if parts.year < EARLIEST_YEAR:
            return f"The year {parts.year} is before any glucose device."
        if midnight_s > self._latest_s:
            return f"{shown(text)} is in the future."
        before, after = self._offset_at(midnight_s), self._offset_at(midnight_s + DAY_S)
        return midnight_s, before if before == after else None

    def _offset_at(self, naive_s: int, fold: int = 0) -> int:
        naive = datetime(1970, 1, 1) + timedelta(seconds=naive_s)
        offset = naive.replace(tzinfo=self._zone, fold=fold).utcoffset()
        return round(offset.total_seconds()) if offset is not None else 0

    def _settle_changes(
        self, at: list[int | str], changing: Iterable[list[int]], clocks: Sequence[str]
    ) -> dict[int, str]:
        doubts: dict[int, str] = {}
        for written in changing:
            indices = in_order(written, clocks)
            naive = [int(at[index]) for index in indices]
            folds, told = folds_of(naive, [self._is_twice(second) for second in naive], self._fold)
            for index, naive_s, fold in zip(indices, naive, folds, strict=True):
                at[index] = self._on_changing_day(naive_s, fold)
                if not told and self._is_twice(naive_s):
                    doubts[index] = self._doubt(naive_s)
        return doubts

    def _is_twice(self, naive_s: int) -> bool:
        return self._offset_at(naive_s, 0) > self._offset_at(naive_s, 1)

    def _on_changing_day(self, naive_s: int, fold: int) -> int | str:
        if self._offset_at(naive_s, 0) < self._offset_at(naive_s, 1):
            return f"{_clock_text(naive_s)} does not exist in {self._zone_name}: the clocks went forward over it."
        return naive_s - self._offset_at(naive_s, fold)

    def _doubt(self, naive_s: int) -> str:
        which = "first" if self._fold == 0 else "second"
        return f"{_clock_text(naive_s)} happened twice in {self._zone_name}; the {which} was taken."


def place_stamps(
    gathered: Gatherer,
    lines: Sequence[int],
    stamps: Sequence[str],
    groups: Sequence[Hashable] = (),
    titles: Sequence[str] = (),
    clocks: Sequence[str] = (),
) -> list[int | str]:
    """Place all stamps of a file: epoch seconds each, or the reason it has no place; doubts become remarks.

    All sequences are equally long (`groups` and `clocks` as in `Calendar.place`); `titles` as in `settle_day_first`,
    which may raise `AmbiguousError`.
    """
    options = gathered.options
    calendar = Calendar(options, day_first=settle_day_first(stamps, options, titles))
    placed = calendar.place(stamps, groups, clocks)
    for index, doubt in placed.doubts.items():
        gathered.remark(lines[index], doubt)
    return placed.at


def dated_rows(
    gathered: Gatherer,
    lines: Sequence[int],
    rows: Sequence[R],
    stamps: Sequence[str],
    groups: Sequence[Hashable] = (),
    titles: Sequence[str] = (),
) -> Iterator[tuple[int, R, int]]:
    """Give each row that has a place in time with its line and epoch seconds; the others become problems.

    Arguments as of `place_stamps`.
    """
    return gathered.with_a_place(lines, rows, place_stamps(gathered, lines, stamps, groups, titles))


def _joint(stamps: Sequence[str]) -> str:
    return "T" if stamps and "T" in stamps[0] and " " not in stamps[0].strip() else " "


def _clock_text(naive_s: int) -> str:
    return f"{datetime.fromtimestamp(naive_s, UTC):%Y-%m-%d %H:%M}"


def instant(seconds: float, options: Options) -> int | str:
    """Check epoch seconds that a file states itself: whole seconds, or the reason they can't be right."""
    if not -4e8 <= seconds <= options.now_s + DAY_S:
        return "The time lies in the future." if seconds > 0 else "The time lies before any glucose device."
    return int(seconds // 1)


def aware(text: str, options: Options) -> int | str:
    """Read an ISO 8601 stamp with an offset or Z; without one it stands in the zone of the options."""
    try:
        stamp = datetime.fromisoformat(text.strip())
    except ValueError:
        return f"“{shown(text)}” is not a time."
    if stamp.tzinfo is None:
        return Calendar(options).place_one(f"{stamp:%Y-%m-%d %H:%M:%S}")
    return instant(stamp.timestamp(), options)
