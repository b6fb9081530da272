"""What a source gives: items as the site wrote them, or sensor readings that an app's own library read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Span(NamedTuple):
    """A stretch of time in epoch seconds: `since_s` is inside, `until_s` is not."""

    since_s: int
    until_s: int


class SensorReading(NamedTuple):
    """A sensor's glucose at an instant, as text in mg/dL: digits, LO or HI. None where the source gave no time."""

    at_s: int | None
    mg_dl: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came for one stretch. `items` are a Nightscout's entries and treatments, not yet validated."""

    items: tuple[object, ...] = ()
    readings: tuple[SensorReading, ...] = ()


class Feed(Protocol):
    """A source. `label` says which site or account, without a secret; `format` is what its readings are known by."""

    @property
    def name(self) -> str:
        """The source for people."""

    @property
    def label(self) -> str:
        """Which site or account, without a secret."""

    @property
    def format(self) -> str:
        """What its batches are known by in the log."""

    @property
    def reach_s(self) -> int | None:
        """How far back it can be asked, None for as far as it goes."""

    @property
    def window_s(self) -> int:
        """How much is asked for at once."""

    def fetch(self, span: Span) -> Fetched:
        """Return what the source holds of a stretch. Raises `SourceError`."""
