"""LibreLinkUp, read by pylibrelinkup (extra `live`): the last 12 hours in steps of 15 min, and the newest reading.

pylibrelinkup sets no time limits, so it runs on a leash. An account that lives in another region is asked for there.
Its models are strict: while the app holds a glucose alarm open, version 0.11 can't read the answer, and the source
counts as down. Tried against pylibrelinkup 0.11.2 with the transport faked; never against Abbott itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from glucolog.core.evidence import CGM_BOUNDS
from glucolog.core.vocabulary import parse_word
from glucolog.core.wording import feeds as words
from glucolog.errors import MissingExtraError, NotFoundError, SourceError, UsageError
from glucolog.feeds.base import Fetched, SensorReading, Span
from glucolog.feeds.leash import Leash

if TYPE_CHECKING:
    from types import ModuleType

    from pylibrelinkup import PyLibreLinkUp
    from pylibrelinkup.models.data import GlucoseMeasurement, Patient

NAME = "LibreLinkUp"
REACH_S = 12 * 3600
TOTAL_S = 60.0
DEFAULT_REGION = "us"


class LibreLinkUp:
    """An account that follows somebody, who is named when it follows several."""

    name = NAME
    format = "librelinkup"
    reach_s: int | None = REACH_S
    window_s = 2 * REACH_S

    def __init__(
        self, user: str, password: str, region: str | None = None, patient: str | None = None, seconds: float = TOTAL_S
    ) -> None:
        self.label = f"{NAME} {user}"
        self._user, self._password = user, password
        self._region, self._patient = region or DEFAULT_REGION, patient
        self._leash: Leash[list[GlucoseMeasurement]] = Leash(NAME, seconds)
        self._client: PyLibreLinkUp | None = None

    def fetch(self, span: Span) -> Fetched:
        """Return the readings of a stretch of the last 12 hours."""
        measured = map(_reading, self._asked(self._measurements))
        return Fetched(readings=tuple(one for one in measured if (one.at_s or 0) >= span.since_s))

    def _measurements(self) -> list[GlucoseMeasurement]:
        client = self._client = self._client or self._logged_in()
        patient = _chosen(client.get_patients(), self._patient)
        return [*client.graph(patient), client.latest(patient)]

    def _logged_in(self) -> PyLibreLinkUp:
        from pylibrelinkup import PyLibreLinkUp
        from pylibrelinkup.api_url import APIUrl
        from pylibrelinkup.exceptions import RedirectError

        regions = [member.name.lower() for member in APIUrl]
        client = PyLibreLinkUp(
            self._user, self._password, APIUrl.from_string(parse_word("region", self._region, regions))
        )
        try:
            client.authenticate()
        except RedirectError as moved:
            client = PyLibreLinkUp(self._user, self._password, moved.region)
            client.authenticate()
        return client

    def _asked(self, ask: Callable[[], list[GlucoseMeasurement]]) -> list[GlucoseMeasurement]:
        known = _errors()
        from requests import RequestException

        try:
            return self._leash(ask)
        except (known.PyLibreLinkUpError, RequestException) as error:
            # A pass may have run out: the next question logs in anew.
            self._client = None
            raise _told(error, known) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise SourceError(words.NOT_JSON[0].format(name=NAME), words.NOT_JSON[1]) from error


def _reading(item: GlucoseMeasurement) -> SensorReading:
    return SensorReading(int(item.factory_timestamp.timestamp() // 1), _shown(item))


def _shown(item: GlucoseMeasurement) -> str:
    """LO and HI count only at or beyond a sensor's limits: what the flags mean inside them is not documented."""
    low, high = CGM_BOUNDS
    if item.is_low and item.value_in_mg_per_dl <= low.mg_dl:
        return "LO"
    if item.is_high and item.value_in_mg_per_dl >= high.mg_dl:
        return "HI"
    return f"{item.value_in_mg_per_dl:g}"


def _chosen(patients: list[Patient], name: str | None) -> Patient:
    """Return the one patient, or the one whose name or id was said."""
    names = ", ".join(f"{one.first_name} {one.last_name}" for one in patients)
    if not patients:
        raise NotFoundError(*words.LIBRE_NOBODY)
    fitting = [one for one in patients if name is None or name.casefold() in _names(one)]
    if len(fitting) != 1:
        raise UsageError(words.LIBRE_WHICH[0].format(names=names), words.LIBRE_WHICH[1])
    return fitting[0]


def _names(patient: Patient) -> set[str]:
    first, last = patient.first_name.casefold(), patient.last_name.casefold()
    return {first, last, f"{first} {last}", str(patient.patient_id)}


def _errors() -> ModuleType:
    try:
        import pylibrelinkup.exceptions
    except ImportError as error:
        raise MissingExtraError(NAME, "live") from error
    return pylibrelinkup.exceptions


def _told(error: Exception, known: ModuleType) -> SourceError:
    wanted = {
        known.TermsOfUseError: words.LIBRE_TERMS_OF_USE,
        known.PrivacyPolicyError: words.LIBRE_PRIVACY,
        known.EmailVerificationError: words.LIBRE_EMAIL,
    }
    if type(error) in wanted:
        return SourceError(words.LIBRE_TERMS[0].format(what=wanted[type(error)]), words.LIBRE_TERMS[1])
    if isinstance(error, known.AuthenticationError):
        return SourceError(*words.LIBRE_LOGIN)
    if isinstance(error, known.LLUAPIRateLimitError):
        return SourceError(words.BUSY[0].format(name=NAME), words.BUSY[1])
    return SourceError(words.NO_ANSWER[0].format(name=NAME, reason=type(error).__name__.lower()), words.NO_ANSWER[1])
