"""A Nightscout site, read and written over REST."""

from __future__ import annotations

from glucolog.feeds.address import Address
from glucolog.feeds.base import Fetched, Span
from glucolog.feeds.http import Line, Patience
from glucolog.feeds.nightscout_api import Api, api_behind
from glucolog.feeds.nightscout_door import Door

NAME = "Nightscout"
WINDOW_S = 14 * 86_400


class Nightscout:
    """A site. It is first asked when something is fetched or written; which API it speaks is found out then."""

    name = NAME
    format = "nightscout"
    reach_s: int | None = None
    window_s = WINDOW_S

    def __init__(self, address: Address, secret: str | None, patience: Patience | None = None) -> None:
        self.label = f"{NAME} {address}"
        self._door = Door(Line(address, NAME, patience), secret)
        self._api: Api | None = None

    @property
    def api(self) -> Api:
        """The API of the site."""
        if self._api is None:
            self._api = api_behind(self._door)
        return self._api

    def fetch(self, span: Span) -> Fetched:
        """Return entries and treatments of a stretch."""
        return Fetched(items=(*self.api.entries(span), *self.api.treatments(span)))
