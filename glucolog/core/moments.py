"""Aware instants with their zone of capture, local days, and the WHEN words people type.

Durations come from instants; "per day" comes from local days. A naive datetime never becomes a `Moment`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from glucolog.errors import AmbiguousError, RefusedError, UsageError

YEARS = range(1900, 2200)
"""A time outside of these years was mistyped; arithmetic on those inside never leaves the calendar."""
LONGEST_MINUTES = 100 * 365 * 24 * 60
"""A longer stretch was mistyped."""


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """An instant, `epoch_s` whole seconds UTC, and the IANA `zone` its clock showed. Ordered by the instant."""

    epoch_s: int
    zone: str

    @classmethod
    def of(cls, aware: datetime, zone: str) -> Moment:
        """Take an aware datetime; seconds are kept, fractions are cut. Raises `ValueError` for a naive one."""
        if aware.tzinfo is None or aware.utcoffset() is None:
            raise ValueError("a naive datetime is not an instant")
        return cls(int(aware.timestamp() // 1), zone)

    @property
    def local(self) -> datetime:
        """The aware datetime on the clock of the zone of capture."""
        return datetime.fromtimestamp(self.epoch_s, zone_info(self.zone))

    @property
    def local_day(self) -> date:
        """The calendar day on the clock of the zone of capture."""
        return self.local.date()

    def iso(self) -> str:
        """ISO 8601 with offset, to the second."""
        return self.local.isoformat(timespec="seconds")

    def plus(self, *, minutes: float = 0, seconds: float = 0) -> Moment:
        """Return the moment so much elapsed time later (earlier when negative)."""
        return Moment(self.epoch_s + round(minutes * 60 + seconds), self.zone)

    def minutes_since(self, earlier: Moment) -> float:
        """Elapsed minutes from `earlier` to this moment, whatever the clocks did between."""
        return (self.epoch_s - earlier.epoch_s) / 60


@lru_cache(maxsize=64)
def zone_info(name: str) -> ZoneInfo:
    """Return the zone, or raise `UsageError` when no such IANA zone is known."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise UsageError(
            f"“{name}” is not a time zone.", "Use an IANA name such as Europe/Berlin or America/New_York."
        ) from error


def from_local(naive: datetime, zone: str, *, fold: int | None = None) -> Moment:
    """Place a local clock time on the time line.

    A time the clock skipped is refused (`RefusedError`). A time the clock showed twice needs `fold` (0 the first, 1
    the second) and is otherwise an `AmbiguousError` that names both offsets.
    """
    info = zone_info(zone)
    first, second = (naive.replace(tzinfo=info, fold=side) for side in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return Moment.of(first, zone)
    if _skipped(first):
        raise RefusedError(
            f"{naive:%Y-%m-%d %H:%M} does not exist in {zone}: the clocks went forward over it.",
            "Type the time your clock showed, or one with its offset.",
        )
    if fold is None:
        choices = first.isoformat(timespec="minutes"), second.isoformat(timespec="minutes")
        raise AmbiguousError(
            f"{naive:%Y-%m-%d %H:%M} happened twice in {zone}: the clocks went back.",
            f"Type it with its offset: {choices[0]} or {choices[1]}.",
            choices,
        )
    return Moment.of((first, second)[fold], zone)


def _skipped(aware: datetime) -> bool:
    return aware.astimezone(UTC).astimezone(aware.tzinfo).replace(tzinfo=None) != aware.replace(tzinfo=None)


def local_midnight(day: date, zone: str) -> Moment:
    """Return the first instant of a local day, also where the clocks skip midnight."""
    at = datetime.combine(day, time.min, zone_info(zone))
    return Moment.of(at, zone)


_AGO = re.compile(r"(?:(?P<h>\d+(?:[.,]\d+)?)\s*h(?:ours?)?)?\s*(?:(?P<m>\d+(?:[.,]\d+)?)\s*m(?:in(?:utes?)?)?)?")
_CLOCK = re.compile(
    r"(?:(?P<day>yesterday|today)\s+)?(?P<h>\d{1,2})(?::(?P<m>\d{2})(?:\s*(?P<half>[ap])\.?m\.?)?|\s*(?P<sole>[ap])\.?m\.?)",
    re.IGNORECASE,
)


_HALF_DAY = range(1, 13)


def parse_minutes(text: str) -> float:
    """Read a length of time: `40m`, `2h`, `1h30`, `1h 30m`, `90` (minutes).

    Raises `UsageError` for other words and `RefusedError` for more than `LONGEST_MINUTES`.
    """
    minutes = _minutes(text)
    if minutes > LONGEST_MINUTES:
        raise RefusedError(f"“{text.strip()}” is too long a time.", "Type it like 40m, 2h or 1h30.")
    return minutes


def _minutes(text: str) -> float:
    word = text.strip().lower().removeprefix("+").strip()
    if re.fullmatch(r"\d+(?:[.,]\d+)?", word):
        return float(word.replace(",", "."))
    if short := re.fullmatch(r"(\d{1,9})h(\d{1,2})", word):
        return int(short[1]) * 60 + int(short[2])
    match = _AGO.fullmatch(word)
    if match is None or not (match["h"] or match["m"]):
        raise UsageError(f"“{text.strip()}” is not a length of time.", "Type it like 40m, 2h or 1h30.")
    hours, minutes = (float((match[part] or "0").replace(",", ".")) for part in ("h", "m"))
    return hours * 60 + minutes


def parse_minute_of_day(text: str) -> int:
    """Read a time of day, `22:30` or `10:30 pm`, as minutes after midnight. Raises `UsageError` for anything else."""
    clock = _CLOCK.fullmatch(text.strip())
    if clock is None or clock["day"]:
        raise UsageError(f"“{text.strip()}” is not a time of day.", "Type it like 22:30.")
    at = _time_of_day(clock, text)
    return at.hour * 60 + at.minute


def format_minute_of_day(minute: int) -> str:
    """Write minutes after midnight as a time of day: `22:30`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def parse_when(text: str, now: Moment) -> Moment:
    """Read a WHEN in the zone of `now`: ISO 8601, `18:05`, `6:05 pm`, `yesterday 21:00`, `40m ago`, `now`.

    A bare clock time is today's. Raises `UsageError` for other words, `RefusedError` for a year outside of `YEARS`,
    and what `from_local` raises at DST changes.
    """
    word = text.strip()
    if word.lower() == "now":
        return now
    if word.lower().endswith("ago"):
        return now.plus(minutes=-parse_minutes(word[:-3]))
    if clock := _CLOCK.fullmatch(word):
        return _on_clock(clock, now, text)
    try:
        parsed = datetime.fromisoformat(word)
    except ValueError as error:
        raise UsageError(
            f"“{text}” is not a time.", "Type it like 18:05, 6:05 pm, yesterday 21:00, 40m ago, or 2026-03-01T18:05."
        ) from error
    if parsed.year not in YEARS:
        raise RefusedError(f"The year of “{text}” can't be right.", f"Years go from {YEARS[0]} to {YEARS[-1]}.")
    return from_local(parsed, now.zone) if parsed.tzinfo is None else Moment.of(parsed, now.zone)


def _on_clock(clock: re.Match[str], now: Moment, text: str) -> Moment:
    days_back = 1 if (clock["day"] or "").lower() == "yesterday" else 0
    day = now.local_day - timedelta(days=days_back)
    return from_local(datetime.combine(day, _time_of_day(clock, text)), now.zone)


def _time_of_day(clock: re.Match[str], text: str) -> time:
    half = (clock["half"] or clock["sole"] or "").lower()
    hour, minute = int(clock["h"]), int(clock["m"] or 0)
    if half and hour not in _HALF_DAY:
        raise UsageError(f"“{text}” is not a time of day.", "With am or pm, hours go from 1 to 12.")
    try:
        return time(hour % 12 + 12 * (half == "p") if half else hour, minute)
    except ValueError as error:
        raise UsageError(f"“{text}” is not a time of day.", "Hours go from 0 to 23, minutes to 59.") from error


def format_moment(at: Moment) -> str:
    """Write weekday, local time and zone: `Sun 29 Mar 2026 14:05 (Europe/Berlin, UTC+02:00)`, in UTC just `(UTC)`."""
    local = at.local
    zone = "UTC" if at.zone in {"UTC", "Etc/UTC"} else f"{at.zone}, {_offset(local)}"
    return f"{local:%a %d %b %Y %H:%M} ({zone})"


def _offset(local: datetime) -> str:
    raw = local.strftime("%z")
    return f"UTC{raw[:3]}:{raw[3:5]}"
