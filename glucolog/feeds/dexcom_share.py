"""Dexcom Share, read by pydexcom (extra `live`): the sensor's last 24 hours, at most 288 readings.

pydexcom sets no time limits, so it runs on a leash. It reads a list whole or not at all: one item it can't read fails
the lot. A time it can't read leaves a reading without one, which becomes a problem. Tried against pydexcom 0.5.1 with
the transport faked; never against Dexcom itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from glucolog.core.vocabulary import parse_word
from glucolog.core.wording import feeds as words
from glucolog.errors import MissingExtraError, SourceError
from glucolog.feeds.base import Fetched, SensorReading, Span
from glucolog.feeds.leash import Leash
from glucolog.feeds.sensor import shown_mg_dl

if TYPE_CHECKING:
    from pydexcom import Dexcom, GlucoseReading, Region

NAME = "Dexcom Share"
REGIONS = ("us", "ous", "jp")
DAY_S = 86_400
MOST_READINGS = 288
TOTAL_S = 40.0


class DexcomShare:
    """An account that shares its readings: the user's own, not a follower's."""

    name = NAME
    format = "dexcom-share"
    reach_s: int | None = DAY_S
    window_s = 2 * DAY_S

    def __init__(self, user: str, password: str, region: str | None = None, seconds: float = TOTAL_S) -> None:
        self.label = f"{NAME} {user}"
        self._region = parse_word("region", region or REGIONS[0], REGIONS)
        self._user, self._password = user, password
        self._leash: Leash[list[GlucoseReading]] = Leash(NAME, seconds)
        self._client: Dexcom | None = None

    def fetch(self, span: Span) -> Fetched:
        """Return the readings of a stretch of the last 24 hours."""
        minutes = min(-(-(span.until_s - span.since_s) // 60), DAY_S // 60)
        readings = map(_reading, self._asked(lambda: self._readings(minutes)))
        return Fetched(readings=tuple(one for one in readings if one.at_s is None or one.at_s >= span.since_s))

    def _readings(self, minutes: int) -> list[GlucoseReading]:
        if self._client is None:
            self._client = _dexcom()(username=self._user, password=self._password, region=_region(self._region))
        return self._client.get_glucose_readings(minutes=minutes, max_count=MOST_READINGS)

    def _asked(self, ask: Callable[[], list[GlucoseReading]]) -> list[GlucoseReading]:
        _dexcom()
        from pydexcom.errors import AccountError, AccountErrorEnum, DexcomError
        from requests import RequestException

        try:
            return self._leash(ask)
        except AccountError as error:
            is_locked = error.enum is AccountErrorEnum.MAX_ATTEMPTS
            raise SourceError(*(words.DEXCOM_WAIT if is_locked else words.DEXCOM_LOGIN)) from error
        except DexcomError as error:
            raise _no_answer(str(error) or type(error).__name__) from error
        except RequestException as error:
            raise _no_answer(type(error).__name__) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise SourceError(words.NOT_JSON[0].format(name=NAME), words.NOT_JSON[1]) from error


def _reading(item: GlucoseReading) -> SensorReading:
    try:
        at: datetime | None = item.datetime
    except AttributeError:
        # pydexcom leaves it unset where the stamp is not of the form it knows.
        at = None
    return SensorReading(None if at is None else int(at.timestamp() // 1), shown_mg_dl(item.mg_dl))


def _dexcom() -> type[Dexcom]:
    try:
        from pydexcom import Dexcom
    except ImportError as error:
        raise MissingExtraError(NAME, "live") from error
    # What it logs of a failure would land on stderr beside our own sentence.
    logging.getLogger("pydexcom").addHandler(logging.NullHandler())
    return Dexcom


def _region(word: str) -> Region:
    from pydexcom import Region

    return Region(word)


def _no_answer(reason: str) -> SourceError:
    return SourceError(words.NO_ANSWER[0].format(name=NAME, reason=reason.lower()), words.NO_ANSWER[1])
