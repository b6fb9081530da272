"""Local clock stamps of a file, placed on the time line: the order of day and month, the nights the clocks change.

Day first or month first is settled by the file as a whole: a component above 12, AM/PM (month first), dots (day
first), a title's date, a future that one of the orders would need; otherwise `AmbiguousError`. A clock time that came
twice is settled by the order of the rows; where that doesn't tell, `Options.fold` decides and a remark says so. A time
that the clocks skipped is a problem. No zone look-up happens per row: days without a change are one offset each.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from glucolog.core.moments import zone_info
from glucolog.errors import AmbiguousError
from glucolog.importers.base import Gatherer, Options, R
from glucolog.importers.cells import shown
from glucolog.importers.folds import folds_of, in_order

EARLIEST_YEAR = 1960
"""Before it no file of a glucose device can lie; anonymised samples are moved back as far as 1961."""
DAY_S = 86_400
MAX_STAMP = 60
"""A longer cell is no stamp."""
STRAY_SHARE = 0.01
"""At most this share of the days may contradict the file's order; they become problems, one by one."""

_NUMERIC = re.compile(r"([0-9]{1,4})([-/. ])\s?([0-9]{1,2})[-/. ]\s?([0-9]{1,4})\.?,?")
_YEAR_FIRST = re.compile(r"[0-9]{4}[-/.]")
_MONTH_NAMED = re.compile(
    r"(?:([0-9]{1,2})[. -]+)?(?:de )?([^\W\d_]{3,10})\.?[, -]+(?:de )?(?:([0-9]{1,2})[.,]{0,2}\s+)?([0-9]{4})[.,]?",
    re.IGNORECASE,
)
_MONTH_NAMES = (
    "jan ene gen sty янв", "feb fév fev lut фев", "mar mär maa mrt мар", "apr avr abr kwi апр",
    "may mai mei maj mag май мая", "jun juin giu cze июн", "jul juil lug lip июл", "aug aoû ago sie авг",
    "sep set wrz сен", "oct okt ott out paź окт", "nov lis ноя", "dec dez déc dic gru дек",
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
_CLOCK = re.compile(
    r"([0-9]{1,2})[:.h]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,][0-9]{1,9})?)?\s*([AaPp])?\.?\s*(?:[Mm]\.?)?"
    r"\s*(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_STAMP = re.compile(
    r"(?P<day>.*?[0-9]{1,4}[.,]?)(?:\s*T\s*|,?\s+(?:(?:at|um|à|às|om|alle|kl\.?|klo)\s+)?)"
    r"(?P<clock>[0-9]{1,2}[:.h][0-9]{2}.*)"
)
_MERIDIEM = re.compile(r"[0-9]\s*[ap]\.?\s?m\b", re.IGNORECASE)
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class Clock(NamedTuple):
    """A time of day: seconds after midnight on the dial, and the offset (seconds) where the text has one."""

    seconds: int
    offset_s: int | None


def parse_clock(text: str) -> Clock | None:
    """Read `14:05`, `14:05:30.123`, `2:05 PM`, `14:05Z`, `14.05`, `14:05+02:00`; None for anything else."""
    match = _CLOCK.fullmatch(text.strip().replace("\u202f", " ").replace("\u00a0", " "))
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[4] in "Pp" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return Clock(hour * 3600 + minute * 60 + second, _offset(match[5]))


def _offset(text: str | None) -> int | None:
    if text is None or text == "Z":
        return None if text is None else 0
    seconds = int(text[1:3]) * 3600 + int(text[-2:]) * 60
    return -seconds if text[0] == "-" else seconds


class DayParts(NamedTuple):
    """A date's three numbers as written; `order` is "ymd", "named" (a month's name: no doubt), or "?"."""

    first: int
    second: int
    year: int
    order: str


def day_parts(text: str) -> DayParts | None:
    """Take a date apart without deciding its order; None when it is none."""
    word = text.strip()
    if named := _MONTH_NAMED.fullmatch(word):
        word = named[2].lower()
        month, day = _MONTHS.get(word[:4]) or _MONTHS.get(word[:3]), named[1] or named[3]
        return DayParts(int(day), month, int(named[4]), "named") if month and day else None
    match = _NUMERIC.fullmatch(word)
    if match is None:
        return None
    if len(match[1]) == 4:
        return DayParts(int(match[4]), int(match[3]), int(match[1]), "ymd") if len(match[4]) <= 2 else None
    if len(match[1]) > 2 or len(match[4]) not in {2, 4}:
        return None
    year = int(match[4]) + (2000 if len(match[4]) == 2 else 0)
    return DayParts(int(match[1]), int(match[3]), year, "." if match[2] == "." else "?")


def split_stamp(stamp: str) -> tuple[str, str]:
    """Split a stamp into the text of its day and of its time of day; the latter is empty where there is none."""
    if len(stamp) > MAX_STAMP:
        return stamp[:MAX_STAMP], ""
    match = _STAMP.fullmatch(stamp.strip().replace("\u202f", " ").replace("\u00a0", " "))
    return (match["day"], match["clock"]) if match else (stamp.strip(), "")


def settle_day_first(stamps: Iterable[str], options: Options, titles: Sequence[str] = ()) -> bool:
    """Return whether dates such as 03/04/2024 in this file are day first.

    `stamps` are all of the file, `titles` stamps of its head lines (when it was made): same writer, later than any
    row. Raises `AmbiguousError` when both orders are possible.
    """
    if options.day_first is not None:
        return options.day_first
    distinct = _distinct_days(stamps)
    numeric = [parts for text in distinct if (parts := day_parts(text)) and parts.order in {"?", "."}]
    if not numeric:
        return True
    written = [*titles, *distinct.values()]
    if min(_sized(numeric)) <= STRAY_SHARE * len(numeric):
        for side in (_by_size(numeric), _by_writing(numeric, written), _by_title(numeric, titles, options)):
            if side is not None:
                return side
    raise AmbiguousError(
        f"The dates in this file, such as {shown(next(iter(distinct)))}, read day first or month first.",
        "Say which with --day-first or --month-first.",
        ("--day-first", "--month-first"),
    )


def _distinct_days(stamps: Iterable[str]) -> dict[str, str]:
    """Return each day's text with one of its stamps; nothing where all stamps start with the year."""
    stamps = list(stamps)
    if all(_YEAR_FIRST.match(start) for start in {stamp[:8] for stamp in stamps}):
        return {}
    quick = {stamp.partition(" ")[0].partition("T")[0]: stamp for stamp in stamps}
    return {text if day_parts(text) else split_stamp(stamp)[0]: stamp for text, stamp in quick.items()}


def _sized(parts: Sequence[DayParts]) -> tuple[int, int]:
    """Count the days that can only be day first, and those that can only be month first."""
    day_first = sum(12 < part.first <= 31 and part.second <= 12 for part in parts)
    month_first = sum(12 < part.second <= 31 and part.first <= 12 for part in parts)
    return day_first, month_first


def _by_size(parts: Sequence[DayParts]) -> bool | None:
    day_first, month_first = _sized(parts)
    return None if day_first == month_first else day_first > month_first


def _by_writing(parts: Sequence[DayParts], stamps: Sequence[str]) -> bool | None:
    if all(part.order == "." for part in parts):
        return True
    return False if any(_MERIDIEM.search(stamp) for stamp in stamps) else None


def _by_title(parts: Sequence[DayParts], titles: Sequence[str], options: Options) -> bool | None:
    made = [part for title in titles if (part := day_parts(split_stamp(title)[0])) and part.order in {"?", "."}]
    if made and (sized := _by_size(made)) is not None:
        return sized
    possible = [order for order in (True, False) if _fits(parts, made, day_first=order, now_s=options.now_s)]
    return possible[0] if len(possible) == 1 else None


def _fits(parts: Sequence[DayParts], made: Sequence[DayParts], *, day_first: bool, now_s: int) -> bool:
    days = [_ordinal(part, day_first=day_first) for part in parts]
    known = [day for day in days if day is not None]
    limits = [day for part in made if (day := _ordinal(part, day_first=day_first)) is not None]
    today = now_s // DAY_S + _EPOCH_DAY
    latest = min(today, max(limits, default=today)) + 1
    return len(known) == len(days) and max(known, default=0) <= latest


def _ordinal(part: DayParts, *, day_first: bool) -> int | None:
    day, month = (part.first, part.second) if day_first or part.order in {"ymd", "named"} else (part.second, part.first)
    try:
        return date(part.year, month, day).toordinal()
    except ValueError:
        return None


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
        ordinal = _ordinal(parts, day_first=self._day_first) if parts else None
        if parts is None or ordinal is None:
            return f"“{shown(text)}” is not a date." if text.strip() else "The row has no date."
        midnight_s = (ordinal - _EPOCH_DAY) * DAY_S
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
