"""Local clock stamps as files write them, taken apart: the day's three numbers and the time of day.

Nothing is decided here that a stamp alone can't tell: whether 03/04 is day first belongs to the whole file
(`day_order`), and where a clock time lies on the time line to its zone (`dates`).
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

DAY_S = 86_400
EPOCH_DAY = date(1970, 1, 1).toordinal()
MAX_STAMP = 60
"""A longer cell is no stamp."""

_NUMERIC = re.compile(r"([0-9]{1,4})([-/. ])\s?([0-9]{1,2})[-/. ]\s?([0-9]{1,4})\.?,?")
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

    def ordinal(self, *, day_first: bool) -> int | None:
        """Return the proleptic ordinal, read day first or not where that is in doubt; None where no such day is."""
        settled = self.order in {"ymd", "named"}
        day, month = (self.first, self.second) if day_first or settled else (self.second, self.first)
        try:
            return date(self.year, month, day).toordinal()
        except ValueError:
            return None


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
