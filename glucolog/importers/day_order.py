"""Day first or month first: settled by the file as a whole.

By a component above 12, AM/PM (month first), dots (day first), a title's date, a future that one of the orders would
need; otherwise `AmbiguousError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from glucolog.errors import AmbiguousError
from glucolog.importers.base import Options
from glucolog.importers.cells import shown
from glucolog.importers.stamps import DAY_S, EPOCH_DAY, DayParts, day_parts, split_stamp

STRAY_SHARE = 0.01
"""At most this share of the days may contradict the file's order; they become problems, one by one."""

_YEAR_FIRST = re.compile(r"[0-9]{4}[-/.]")
_MERIDIEM = re.compile(r"[0-9]\s*[ap]\.?\s?m\b", re.IGNORECASE)


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
    days = [part.ordinal(day_first=day_first) for part in parts]
    known = [day for day in days if day is not None]
    limits = [day for part in made if (day := part.ordinal(day_first=day_first)) is not None]
    today = now_s // DAY_S + EPOCH_DAY
    latest = min(today, max(limits, default=today)) + 1
    return len(known) == len(days) and max(known, default=0) <= latest
