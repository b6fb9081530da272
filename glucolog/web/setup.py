"""What the app is made with, and what lives as long as it does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import current_app

from glucolog.services.caseload import Caseload
from glucolog.services.feeding import Feeding
from glucolog.services.live import LiveDesk
from glucolog.services.recent_charts import RecentCharts
from glucolog.storage import Log
from glucolog.web.keys import Keys
from glucolog.web.uploads import Uploads

NAME = "glucolog"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How the app is reached. `origins` are the addresses it answers to, `https://192.168.1.5:8765` say.

    `lan` says that other devices may pair; `secure` that it is served over TLS.
    """

    origins: tuple[str, ...]
    lan: bool = False
    secure: bool = False
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    @property
    def cookie_name(self) -> str:
        """The session cookie's name; over TLS its prefix binds it to this very host."""
        return "__Host-glucolog" if self.secure else "glucolog"

    @property
    def hosts(self) -> frozenset[str]:
        """The Host headers that are answered."""
        return frozenset(origin.partition("://")[2] for origin in self.origins)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything the pages reach for. `closing` is set when the server is to end, so that streams do."""

    log: Log
    setup: Setup
    keys: Keys
    uploads: Uploads
    live: LiveDesk
    feeding: Feeding
    caseload: Caseload
    charts: RecentCharts
    closing: threading.Event = field(default_factory=threading.Event)


def house() -> House:
    """Return the house of the app that answers now."""
    found: House = current_app.extensions[NAME]
    return found
