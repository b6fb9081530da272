"""What the plots of one person are filled with, out of a stored log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from glucolog.core.findings import Level
from glucolog.core.moments import Moment
from glucolog.core.records import Dose, InsulinKind, Person, Reading, Record, Session, Therapy, Trial
from glucolog.core.units import Glucose, Source, Unit
from glucolog.services.figures import data_of
from glucolog.services.looking import Range, review
from glucolog.services.reporting import model
from glucolog.storage import Log, new_id, open_log

ZONE = "Europe/Berlin"
START = Moment.of(datetime(2026, 3, 2, 18, 0, tzinfo=ZoneInfo(ZONE)), ZONE)
NOW = START.plus(minutes=48 * 60)
SPAN = Range(START.plus(minutes=-7 * 24 * 60), NOW)
ADA = Person(id="11111111-1111-4111-8111-111111111111", name="Ada", unit=Unit.MG_DL, zone=ZONE, therapy=Therapy.MDI)
LOW_AT_MIN = 75


def sensor(minute: int) -> Reading:
    """A sensor that stands at 150 and is at 60 from 75 min after the start for half an hour."""
    amount = 60.0 if LOW_AT_MIN <= minute < LOW_AT_MIN + 30 else 150.0
    glucose = Glucose(amount, Unit.MG_DL)
    return Reading(id=new_id(), person_id=ADA.id, at=START.plus(minutes=minute), glucose=glucose, source=Source.CGM)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """A log of one session an hour after four units, with a low after it."""
    session = Session(id=new_id(), person_id=ADA.id, start=START, end=START.plus(minutes=30))
    dose = Dose(id=new_id(), person_id=ADA.id, at=START.plus(minutes=-60), units=4, kind=InsulinKind.RAPID)
    records: list[Record] = [ADA, session, dose, *map(sensor, range(-120, 361, 5))]
    with open_log(tmp_path / "log.db", create=True) as opened:
        with opened.write(uid=new_id(), summary="fill", person_id=ADA.id, at=NOW) as writer:
            for record in records:
                writer.add(record)
        yield opened


def test_a_sessions_low_stands_where_it_fell_and_insulin_on_board_is_drawn(log: Log) -> None:
    data = data_of(log, ADA, "session", SPAN, "@1", NOW)
    lows = [placed for placed in data.findings if placed.finding.level is Level.WARNING]  # type: ignore[attr-defined]
    assert [placed.at for placed in lows] == [START.plus(minutes=LOW_AT_MIN)]
    strip = dict(data.iob)  # type: ignore[attr-defined]
    assert strip[START] == pytest.approx(4 * 0.779, abs=0.01)  # clinical reference, 75/360 at 60 min
    assert data.iob_model  # type: ignore[attr-defined]


def test_the_timeline_shows_warnings_where_they_fell(log: Log) -> None:
    data = data_of(log, ADA, "timeline", SPAN, "@1", NOW)
    assert START.plus(minutes=LOW_AT_MIN) in [at for at, _ in data.findings]  # type: ignore[attr-defined]


def test_covariates_are_known_at_the_start(log: Log) -> None:
    data = data_of(log, ADA, "covariates", SPAN, "@1", NOW)
    (one,) = data.sessions  # type: ignore[attr-defined]
    assert one.drop_mg_dl == pytest.approx(0)  # 150 at the start and 150 two hours later
    assert one.since_bolus_min == 60
    assert one.iob_units == pytest.approx(4 * 0.779, abs=0.01)
    assert one.length_min == 30


def test_a_trial_that_was_given_up_still_shows_its_days(log: Log) -> None:
    trial = Trial(
        id=new_id(), person_id=ADA.id, at=START, start_day=date(2026, 3, 2), weeks=2, per_week=3, seed=1,
        planned_minute=18 * 60, planned_zone=ZONE, stopped_on=date(2026, 3, 3),
    )  # fmt: skip
    with log.write(uid=new_id(), summary="trial", person_id=ADA.id, at=NOW) as writer:
        writer.add(trial)
    data = data_of(log, ADA, "trial", SPAN, "@1", NOW)
    assert len(data.days) == 14  # type: ignore[attr-defined]
    (lived,) = (day for day in data.days if day.day == date(2026, 3, 2))  # type: ignore[attr-defined]
    assert lived.drop_mg_dl == pytest.approx(0)


def test_a_low_that_began_before_the_session_is_not_counted_among_those_after_it(log: Log) -> None:
    late = Session(id=new_id(), person_id=ADA.id, start=START.plus(minutes=90), end=START.plus(minutes=100))
    with log.write(uid=new_id(), summary="add", person_id=ADA.id, at=NOW) as writer:
        writer.add(late)
    reported = model(log, ADA, SPAN, NOW)
    assert [each.split(": ")[0] for each in reported.lows] == ["Mon 2 Mar 2026 18:00"]
    assert [each.session.start for each in review(log, ADA, SPAN, NOW).lows] == [START]


def test_a_report_holds_what_lies_within_its_range_ends_included(log: Log) -> None:
    reported = model(log, ADA, Range(START, START.plus(minutes=10)), NOW)
    assert reported.quality.n_sensor == 3  # at 0, 5 and 10 min
    reported = model(log, ADA, Range(START, START.plus(minutes=10, seconds=-1)), NOW)
    assert reported.quality.n_sensor == 2
