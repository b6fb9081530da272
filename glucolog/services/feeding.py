"""Everybody's remembered live sources, asked again and again while the app is open, and how each stands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from glucolog.core.moments import Moment
from glucolog.core.records import Person
from glucolog.errors import GlucologError
from glucolog.services import sources
from glucolog.services.live_source import LiveSource, Pulled
from glucolog.storage import Log

STEP_S = 5.0


@dataclass(slots=True)
class Fed:
    """A source and how it stands: `down_since` while it does not answer, `problem` when somebody has to mend it."""

    name: str
    down_since: Moment | None = None
    problem: str | None = None
    source: LiveSource | None = field(default=None, repr=False)

    def heard(self, pulled: Pulled, now: Moment) -> None:
        """Note what one look brought."""
        if pulled.trouble is not None and self.down_since is None:
            self.down_since = now
        elif pulled.is_back:
            self.down_since = None


class Feeding:
    """Follows what `sync --remember` remembered. `of` may be called from any thread, `step` from one."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._fed: dict[str, tuple[Fed, ...]] = {}

    def of(self, person: Person) -> tuple[Fed, ...]:
        """Return how the person's sources stand; empty when none is followed."""
        return self._fed.get(person.id, ())

    def begin(self) -> tuple[tuple[Person, Fed], ...]:
        """Open every remembered source, asking none yet, and return them with their people."""
        self._fed = {person.id: tuple(self._opened(person)) for person in self._log.people()}
        return tuple((person, fed) for person in self._log.people() for fed in self.of(person))

    def step(self, now: Moment) -> None:
        """Ask each source that is due, and store what is new."""
        for fed in (fed for of_person in self._fed.values() for fed in of_person):
            _ask(fed, now)

    def run(self, clock: Callable[[], datetime], closing: threading.Event) -> None:
        """Step until the app closes."""
        while not closing.wait(STEP_S):
            self.step(Moment.of(clock(), "UTC"))

    def _opened(self, person: Person) -> Iterator[Fed]:
        for name in sources.remembered(person):
            fed = Fed(name=sources.LABELS[name])
            try:
                settings = sources.settled(person, name, sources.SourceSettings())
                secret = sources.secret_of(person, name, settings)
                feed = sources.feed_of(name, settings, secret, sources.IMPATIENT)
                fed.source = LiveSource(self._log, person, feed)
            except GlucologError as error:
                fed.problem = error.problem
            yield fed


def _ask(fed: Fed, now: Moment) -> None:
    """What a person has to mend ends the following of that source alone."""
    if fed.source is None:
        return
    try:
        fed.heard(fed.source.poll(now), now)
    except GlucologError as error:
        fed.problem, fed.source = error.problem, None
