"""A log on disk with a person in it, and strategies for every record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Reading, Therapy
from glucolog.core.units import Censored, Glucose, Source, Unit
from glucolog.storage import Log, new_id, open_log
from tests.storage.places import MakeTarget

BERLIN = "Europe/Berlin"
NOON = Moment(1_774_785_600, BERLIN)
"""29 March 2026, 14:00 in Berlin: the day the clocks went forward."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log" / "glucolog.db"


@pytest.fixture
def target(path: Path) -> str:
    """Where `log` is, as --db names it."""
    return str(path)


@pytest.fixture(scope="session")
def make_target(tmp_path_factory: pytest.TempPathFactory) -> MakeTarget:
    """A place for another log, as often as it is asked for."""
    return lambda: str(tmp_path_factory.mktemp("another") / "log.db")


@pytest.fixture
def ada() -> Person:
    return Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone=BERLIN, therapy=Therapy.MDI)


@pytest.fixture
def log(path: Path, ada: Person) -> Iterator[Log]:
    with open_log(path, create=True) as opened:
        with opened.write(uid=new_id(), summary="add person Ada", person_id=ada.id, at=NOON) as writer:
            writer.add(ada)
        yield opened


MakeReading = Callable[..., Reading]


@pytest.fixture
def make_reading(ada: Person) -> MakeReading:
    def make(
        amount: float = 142,
        minutes: float = 0,
        source: Source = Source.METER,
        unit: Unit = Unit.MG_DL,
        censored: Censored | None = None,
    ) -> Reading:
        glucose = Glucose(float(amount), unit, censored)
        return Reading(id=new_id(), person_id=ada.id, at=NOON.plus(minutes=minutes), glucose=glucose, source=source)

    return make
