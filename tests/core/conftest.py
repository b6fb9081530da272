"""Short makers of records for the tests of the rules: one clock, one person, readings by minute."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import Dose, InsulinKind, Person, Phase, Reading, ReadingLink, Session, Therapy
from glucolog.core.units import Censored, Glucose, Source, Unit
from glucolog.core.vocabulary import BodyArea
from hypothesis import settings

settings.register_profile("core", deadline=None)  # a busy machine is no finding; speed has its own bench
settings.load_profile("core")

NOON_S = 1_767_268_800
"""2026-01-01 12:00 UTC."""


class Make:
    """Makes records around 12:00 UTC on 1 January 2026; times are minutes from then."""

    def __init__(self, zone: str = "UTC") -> None:
        self.zone = zone
        self._ids = count(1)

    def at(self, minute: float) -> Moment:
        """The moment so many minutes from noon."""
        return Moment(NOON_S + round(minute * 60), self.zone)

    def id(self) -> str:
        """A fresh id."""
        return f"id-{next(self._ids):06d}"

    def person(self, therapy: Therapy = Therapy.MDI, **known: Any) -> Person:
        """A person of whom only `known` is known."""
        base: dict[str, Any] = {"id": "p", "name": "Ada", "unit": Unit.MG_DL, "zone": self.zone, "therapy": therapy}
        return Person(**(base | known))

    def reading(
        self, minute: float, amount: float, unit: Unit = Unit.MG_DL, *, cgm: bool = False, shown: Censored | None = None
    ) -> Reading:
        """One reading; `shown` marks LO or HI at `amount`."""
        source = Source.CGM if cgm else Source.METER
        return Reading(
            id=self.id(), person_id="p", at=self.at(minute), glucose=Glucose(amount, unit, shown), source=source
        )

    def cgm(self, points: Iterable[tuple[float, float]]) -> tuple[Reading, ...]:
        """Sensor readings in mg/dL from (minute, amount)."""
        return tuple(self.reading(minute, amount, cgm=True) for minute, amount in points)

    def session(
        self, start: float = 0, end: float | None = 30, links: Iterable[tuple[Reading, Phase]] = (), **said: Any
    ) -> Session:
        """A session from minute `start` to `end`, with what is `said` of it."""
        base: dict[str, Any] = {
            "id": "s",
            "person_id": "p",
            "start": self.at(start),
            "end": None if end is None else self.at(end),
            "links": tuple(ReadingLink(reading_id=reading.id, phase=phase) for reading, phase in links),
        }
        return Session(**(base | said))

    def dose(
        self, minute: float, units: float, kind: InsulinKind = InsulinKind.RAPID, site: BodyArea | None = None,
        **said: Any,
    ) -> Dose:  # fmt: skip
        """One insulin dose."""
        base: dict[str, Any] = {
            "id": self.id(),
            "person_id": "p",
            "at": self.at(minute),
            "units": units,
            "kind": kind,
            "site": site,
        }
        return Dose(**(base | said))


@pytest.fixture(scope="session")
def make() -> Make:
    """The maker on a UTC clock."""
    return Make()


@pytest.fixture(scope="session")
def make_berlin() -> Make:
    """The maker on Berlin's clock (noon UTC is 13:00 there)."""
    return Make("Europe/Berlin")
