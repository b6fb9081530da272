"""Made-up people for cohorts: a sensor, sessions, doses and carbs, the same for the same number."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import cycle

import numpy as np
import pytest
from glucolog.core.columns import Trace
from glucolog.core.moments import Moment
from glucolog.core.records import Activity, Carbs, Dose, InsulinKind, Person, Session, TargetSet, Therapy
from glucolog.core.units import Source, Unit
from glucolog.core.vocabulary import BodyArea, Side
from glucolog.services.cohort.shards import SharedPerson
from glucolog.storage import Log, new_id, open_log
from tests.cli.conftest import Shell, shell
from tests.clinic.server import Server, binaries, running
from tests.conftest import need
from tests.storage.places import MakeTarget

__all__ = ["Shell", "shell"]

START_S = 1_767_225_600
ZONE = "Europe/Berlin"
A_DAY_S = 86_400
WALK = "walk by the old mill"
NOON = Moment(1_774_785_600, ZONE)


def glucose(n: int, seed: int) -> np.ndarray:
    """Meals, a daily wave and noise that lasts for an hour or two; some people run low."""
    rng = np.random.default_rng(seed)
    minute = np.arange(n) * 5.0
    lasting = np.convolve(rng.normal(size=n + 23), np.ones(24) / 24, mode="valid") * 5
    meals = 45 * np.maximum(np.sin(minute * 2 * np.pi / 300), 0)
    level = 90 + seed % 40 + 25 * np.sin(minute * 2 * np.pi / 1440) + meals + 25 * lasting
    return np.asarray(np.clip(np.round(level), 40, 400))


def trace(days: int, seed: int) -> Trace:
    mg_dl = glucose(days * 288, seed)
    at_s = START_S + 300 * np.arange(mg_dl.size)
    return Trace(
        source=Source.CGM,
        zone=ZONE,
        at_s=array("q", at_s.tobytes()),
        amount=array("d", mg_dl.tobytes()),
        is_mmol_l=array("b", bytes(mg_dl.size)),
        censored=array("b", np.where(mg_dl == 40, -1, 0).astype(np.int8).tobytes()),
    )


def sessions(days: int, seed: int) -> tuple[Session, ...]:
    """One session of half an hour every second day, at another time of the day."""
    rng = np.random.default_rng(seed)
    starts = [START_S + day * A_DAY_S + int(rng.integers(8, 20)) * 3600 for day in range(1, days - 1, 2)]
    return tuple(
        Session(
            id=str(number),
            person_id="",
            start=Moment(at_s, ZONE),
            end=Moment(at_s + 1800, ZONE),
            areas=(BodyArea("calf", Side.LEFT),),
            techniques=("friction" if number % 4 else "effleurage",),
        )
        for number, at_s in enumerate(starts)
    )


def activities(days: int) -> tuple[Activity, ...]:
    """A walk in the words of the person, or a sauna, every third day before noon."""
    starts = [START_S + day * A_DAY_S + 11 * 3600 for day in range(0, days, 3)]
    return tuple(
        Activity(id=str(at_s), person_id="", at=Moment(at_s, ZONE), kind=kind, minutes=30.0, intensity="light")
        for at_s, kind in zip(starts, cycle((WALK, "sauna")), strict=False)
    )


def shared_person(seed: int, days: int = 30, *, with_sessions: bool = True) -> SharedPerson:
    meals = [START_S + day * A_DAY_S + hour * 3600 for day in range(days) for hour in (7, 12, 18)]
    doses = tuple(
        Dose(id=str(at_s), person_id="", at=Moment(at_s, ZONE), units=4.0 + seed % 3, kind=InsulinKind.RAPID)
        for at_s in meals
    )
    carbs = tuple(Carbs(id=str(at_s), person_id="", at=Moment(at_s, ZONE), grams=40.0) for at_s in meals)
    return SharedPerson(
        label=f"{seed:04}",
        zone=ZONE,
        target_set=TargetSet.ADULT,
        child=False,
        shift_s=0,
        traces=(trace(days, seed),),
        sessions=sessions(days, seed) if with_sessions else (),
        doses=doses,
        carbs=carbs,
        activities=activities(days),
    )


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL for the whole run."""
    need(find_spec("psycopg"), "psycopg")
    programs = binaries()
    need(programs, "PostgreSQL (apt: postgresql)")
    assert programs is not None
    with running(programs) as started:
        yield started


@pytest.fixture
def database(server: Server) -> str:
    """The URL of an empty database, as its owner."""
    return server.url(server.new_database())


@pytest.fixture
def new_log(server: Server) -> str:
    """The URL of a log with nobody in it, as its owner."""
    return server.new_log()


@pytest.fixture
def target(new_log: str) -> str:
    """Where `log` is, for the storage tests."""
    return new_log


@pytest.fixture(scope="session")
def make_target(server: Server) -> MakeTarget:
    """A place for another log, for the storage tests."""
    return server.new_log


@pytest.fixture
def ada() -> Person:
    return Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone=ZONE, therapy=Therapy.MDI)


@pytest.fixture
def log(new_log: str, ada: Person) -> Iterator[Log]:
    """A log on PostgreSQL with a person in it, as the storage tests have it in a file."""
    with open_log(new_log) as opened:
        with opened.write(uid=new_id(), summary="add person Ada", person_id=ada.id, at=NOON) as writer:
            writer.add(ada)
        yield opened
