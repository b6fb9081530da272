"""Sync with a Nightscout: what comes in, what goes on where it left off, what is pushed, and what never doubles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Phase, Reading, ReadingLink, Session, Therapy
from glucolog.core.units import Glucose, Source, Unit
from glucolog.errors import SourceError, UsageError
from glucolog.feeds.base import Fetched, SensorReading, Span
from glucolog.feeds.http import Patience
from glucolog.feeds.nightscout import Nightscout
from glucolog.feeds.nightscout_api import iso
from glucolog.services.identity import Call, new_id
from glucolog.services.syncing import SyncOutcome, last_stored, sync
from glucolog.storage import Log, open_log
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.feeds.fake_nightscout import SECRET, FakeNightscout
from tests.feeds.fake_site import running_site

NOW = Moment(1_764_000_000, "Europe/Berlin")
ADA = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone="Europe/Berlin", therapy=Therapy.MDI)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """A log with one person."""
    with open_log(tmp_path / "log.db", create=True) as made:
        with made.write(uid=new_id(), summary="add", person_id=None, at=NOW) as writer:
            writer.add(ADA)
        yield made


@pytest.fixture
def nightscout() -> Iterator[FakeNightscout]:
    """An empty Nightscout in memory."""
    with running_site() as site:
        yield FakeNightscout(site)


@pytest.fixture
def feed(nightscout: FakeNightscout) -> Nightscout:
    return Nightscout(nightscout.site.address, SECRET, Patience(tries=1))


def entry(minutes_ago: float, sgv: Any = 120, **more: Any) -> dict[str, Any]:
    at_s = NOW.plus(minutes=-minutes_ago).epoch_s
    return {"type": "sgv", "sgv": sgv, "date": at_s * 1000, "dateString": iso(at_s), "device": "sim", **more}


def treatment(minutes_ago: float, event: str, **more: Any) -> dict[str, Any]:
    return {"eventType": event, "created_at": iso(NOW.plus(minutes=-minutes_ago).epoch_s), **more}


def run(log: Log, feed: Any, now: Moment = NOW, **how: Any) -> SyncOutcome:
    return sync(log, ADA, feed, Call(now=now, uid=new_id()), **how)


def session_in(log: Log, minutes_ago: float = 60, before: float = 142) -> Session:
    """Store a finished session of 30 min with a finger stick at its start."""
    start = NOW.plus(minutes=-minutes_ago)
    reading = Reading(id=new_id(), person_id=ADA.id, at=start, glucose=Glucose(before, Unit.MG_DL), source=Source.METER)
    link = ReadingLink(reading_id=reading.id, phase=Phase.BEFORE)
    session = Session(id=new_id(), person_id=ADA.id, start=start, end=start.plus(minutes=30), links=(link,))
    with log.write(uid=new_id(), summary="log", person_id=ADA.id, at=NOW) as writer:
        writer.add(reading)
        writer.add(session)
    return session


def test_what_is_there_comes_in_as_one_batch(log: Log, nightscout: FakeNightscout, feed: Nightscout) -> None:
    nightscout.entries = [entry(5 * n) for n in range(20)]
    nightscout.treatments = [treatment(30, "Correction Bolus", insulin=2.5), treatment(40, "Carb Correction", carbs=15)]
    done = run(log, feed)
    assert (done.imported.new, done.imported.duplicate, done.imported.rejected) == (22, 0, ())
    assert len(log.imports(ADA.id)) == 1
    assert (log.doses(ADA.id)[0].units, log.carbs(ADA.id)[0].grams) == (2.5, 15)


def test_again_brings_nothing_and_leaves_no_batch(log: Log, nightscout: FakeNightscout, feed: Nightscout) -> None:
    nightscout.entries = [entry(5 * n) for n in range(20)]
    nightscout.treatments = [treatment(30, "Correction Bolus", insulin=2.5)]
    run(log, feed)
    again = run(log, feed)
    assert (again.imported.new, again.imported.duplicate, again.imported.batch) == (0, 21, None)
    assert len(log.history()) == 2


def test_what_is_edited_there_is_changed_and_not_doubled(
    log: Log, nightscout: FakeNightscout, feed: Nightscout
) -> None:
    nightscout.treatments = [treatment(30, "Correction Bolus", insulin=2.5, _id="a1")]
    run(log, feed)
    nightscout.treatments = [treatment(35, "Correction Bolus", insulin=2.0, _id="a1", notes="less")]
    done = run(log, feed).imported
    assert (done.new, done.duplicate, done.changed) == (1, 0, 1)
    assert [(dose.units, dose.at) for dose in log.doses(ADA.id)] == [(2.0, NOW.plus(minutes=-35))]


def test_it_goes_on_a_day_before_the_last_stored_instant(
    log: Log,
    nightscout: FakeNightscout,
    feed: Nightscout,
) -> None:
    nightscout.entries = [entry(600)]
    run(log, feed)
    assert last_stored(log, ADA, feed.label, NOW) == NOW.plus(minutes=-600)
    assert run(log, feed).since == NOW.plus(minutes=-600 - 24 * 60)


def test_a_gap_filled_hours_later_comes_in(log: Log, nightscout: FakeNightscout, feed: Nightscout) -> None:
    nightscout.entries = [entry(0)]
    run(log, feed)
    nightscout.entries += [entry(300), entry(305)]
    assert run(log, feed).imported.new == 2


def test_an_undone_sync_is_read_again(log: Log, nightscout: FakeNightscout, feed: Nightscout) -> None:
    nightscout.entries = [entry(0), entry(80 * 24 * 60)]
    run(log, feed)
    log.undo(at=NOW)
    assert log.readings(ADA.id) == ()
    assert run(log, feed).imported.new == 2


def test_the_first_goes_back_ninety_days_and_since_goes_further(
    log: Log,
    nightscout: FakeNightscout,
    feed: Nightscout,
) -> None:
    nightscout.entries = [entry(89 * 24 * 60), entry(91 * 24 * 60)]
    assert run(log, feed).imported.new == 1
    assert run(log, feed, since=NOW.plus(minutes=-92 * 24 * 60)).imported.new == 1


def test_a_site_that_fails_in_the_middle_keeps_what_came_and_goes_on(
    log: Log,
    nightscout: FakeNightscout,
    feed: Nightscout,
) -> None:
    nightscout.entries = [entry(80 * 24 * 60), entry(0)]
    answer, limit = nightscout.site.answer, 4
    nightscout.site.answer = lambda asked: (
        answer(asked) if len(nightscout.site.asked) <= limit else replace(answer(asked), status=503)
    )
    cut = run(log, feed)
    assert cut.imported.new == 1
    assert isinstance(cut.trouble, SourceError)
    nightscout.site.answer = answer
    whole = run(log, feed)
    assert (whole.imported.new, whole.trouble) == (1, None)


def test_a_site_that_is_down_stores_nothing(log: Log, nightscout: FakeNightscout, feed: Nightscout) -> None:
    nightscout.is_down = True
    with pytest.raises(SourceError):
        run(log, feed)
    assert len(log.history()) == 1


def test_bad_items_become_problems_and_the_good_come_in(log: Log) -> None:
    bad = [
        entry(10, "abc"), entry(15, None), entry(20, {"a": 1}), entry(25, 5000), {"type": "sgv", "sgv": 120},
        {"type": "mbg", "mbg": "abc", "date": NOW.epoch_s * 1000}, "text", 5, None, [1], entry(40, date=-(10**12)),
        entry(30, date=10**400, dateString=""), entry(35, date="soon", dateString="soon"), entry(-60 * 48),
        treatment(5, "Note", created_at="yesterday"), treatment(5, "Bolus", insulin="abc"),
        treatment(5, "Bolus", insulin=-3), treatment(5, "BG Check", glucose="abc", glucoseType="Finger", units="mg/dl"),
    ]  # fmt: skip
    done = run(log, Items([entry(5), *bad]))
    assert done.imported.new == 1
    assert [problem.line for problem in done.imported.rejected] == list(range(2, len(bad) + 2))
    assert [reading.glucose.amount for reading in log.readings(ADA.id)] == [120]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from([10**400, 1e300]) | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
KEYS = ("_id", "type", "eventType", "sgv", "mbg", "date", "dateString", "created_at", "mills", "insulin", "carbs",
        "glucose", "glucoseType", "units", "notes", "duration", "enteredBy", "identifier", "isValid", "device",
        "insulinInjections", "insulinType", "timestamp", "foodType")  # fmt: skip
ITEMS = st.lists(JSON | st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8), max_size=5)


class Items:
    """A source of given items."""

    name, label, format, reach_s, window_s = "Nightscout", "Nightscout x", "nightscout", None, 10**9

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def fetch(self, span: Span) -> Fetched:
        return Fetched(items=tuple(self.items))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=ITEMS)
def test_whatever_a_site_sends_ends_in_records_or_problems(log: Log, items: list[Any]) -> None:
    done = run(log, Items(items)).imported
    assert done.new + done.duplicate + done.conflict == sum(done.counts.values())


IDS = st.sampled_from([new_id() for _ in range(3)]) | JSON
OURS = st.fixed_dictionaries(
    {"enteredBy": st.just("glucolog"), "identifier": IDS}, optional=dict.fromkeys(("_id", *KEYS[4:8]), JSON)
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(held=st.lists(OURS | JSON, max_size=4))
def test_whatever_a_site_holds_a_push_ends_and_leaves_it(
    log: Log, nightscout: FakeNightscout, feed: Nightscout, held: list[Any]
) -> None:
    """It ends in a count or a named error, and nothing that this log did not write is touched."""
    if not log.sessions(ADA.id):
        session_in(log)
    nightscout.treatments = list(held)
    try:
        pushed = run(log, feed, write=True).pushed
    except SourceError:
        return
    assert pushed is not None
    assert (pushed.created, pushed.removed) == (2, 0)
    assert json.dumps(nightscout.treatments[: len(held)]) == json.dumps(held)


def test_readings_of_an_app_come_in_with_their_problems(log: Log) -> None:
    class App(Items):
        format = "dexcom-share"

        def fetch(self, span: Span) -> Fetched:
            readings = [(NOW.epoch_s, "142"), (NOW.epoch_s - 300, "LO"), (None, "120"), (NOW.epoch_s - 600, "5000")]
            return Fetched(readings=tuple(SensorReading(*one) for one in readings))

    done = run(log, App([])).imported
    assert (done.new, len(done.rejected), done.format) == (2, 2, "dexcom-share")


def test_only_a_nightscout_can_be_written_to(log: Log) -> None:
    with pytest.raises(UsageError, match="Only Nightscout"):
        run(log, Items([]), write=True)


def test_a_pushed_session_is_not_doubled_by_pushing_or_reading_again(
    log: Log,
    nightscout: FakeNightscout,
    feed: Nightscout,
) -> None:
    session_in(log)
    first = run(log, feed, write=True).pushed
    assert first is not None
    assert first.created == 2
    held = list(nightscout.treatments)
    again = run(log, feed, write=True)
    assert again.pushed is not None
    assert (again.pushed.created, again.pushed.unchanged) == (0, 2)
    assert nightscout.treatments == held
    assert (again.imported.new, again.imported.batch, again.imported.offered_sessions) == (0, None, ())
    assert again.imported.skipped == {"entries written by glucolog": 2}
    assert len(log.readings(ADA.id)) == len(log.sessions(ADA.id)) == 1


def test_an_edited_session_is_changed_in_place(log: Log, nightscout: FakeNightscout, feed: Nightscout) -> None:
    session = session_in(log)
    run(log, feed, write=True)
    moved = replace(session, start=session.start.plus(minutes=-3))
    with log.write(uid=new_id(), summary="edit", person_id=ADA.id, at=NOW) as writer:
        writer.replace(moved)
    pushed = run(log, feed, write=True).pushed
    assert pushed is not None
    assert (pushed.created, pushed.changed, pushed.unchanged) == (0, 1, 1)
    exercises = [one for one in nightscout.treatments if one["eventType"] == "Exercise"]
    assert [one["created_at"] for one in exercises] == [iso(moved.start.epoch_s)]


def test_what_was_deleted_here_goes_there_and_is_not_offered_back(
    log: Log,
    nightscout: FakeNightscout,
    feed: Nightscout,
) -> None:
    session = session_in(log)
    run(log, feed, write=True)
    with log.write(uid=new_id(), summary="delete", person_id=ADA.id, at=NOW) as writer:
        writer.remove(session)
    read = run(log, feed).imported
    assert (read.new, read.offered_sessions) == (0, ())
    pushed = run(log, feed, write=True).pushed
    assert pushed is not None
    assert pushed.removed == 1
    assert [one["eventType"] for one in nightscout.treatments] == ["BG Check"]


def test_what_another_log_wrote_is_offered_and_stays(log: Log, nightscout: FakeNightscout, feed: Nightscout) -> None:
    theirs = treatment(
        90, "Exercise", duration=20, notes="Massage.", enteredBy="glucolog", identifier=new_id(), _id="a"
    )
    nightscout.treatments = [theirs]
    done = run(log, feed, write=True)
    assert [offer.minutes for offer in done.imported.offered_sessions] == [20]
    assert nightscout.treatments == [theirs]


def test_a_massage_that_is_logged_already_is_not_offered(
    log: Log, nightscout: FakeNightscout, feed: Nightscout
) -> None:
    session_in(log, minutes_ago=60)
    notes = [treatment(ago, "Note", notes="massage") for ago in (76, 75, 45, 15, 14)]
    nightscout.treatments = notes
    offered = run(log, feed).imported.offered_sessions
    assert [(NOW.epoch_s - offer.at_s) / 60 for offer in offered] == [76, 14]


def test_somebody_elses_treatment_is_never_overwritten(log: Log, nightscout: FakeNightscout, feed: Nightscout) -> None:
    session_in(log, minutes_ago=60)
    run_there = treatment(60, "Exercise", notes="a run", duration=45, _id="a")
    nightscout.treatments = [run_there]
    pushed = run(log, feed, write=True).pushed
    assert pushed is not None
    assert (pushed.created, len(pushed.kept_apart)) == (1, 1)
    assert run_there in nightscout.treatments


def test_a_running_session_is_not_pushed(log: Log, feed: Nightscout) -> None:
    with log.write(uid=new_id(), summary="start", person_id=ADA.id, at=NOW) as writer:
        writer.add(Session(id=new_id(), person_id=ADA.id, start=NOW.plus(minutes=-5)))
    pushed = run(log, feed, write=True).pushed
    assert pushed is not None
    assert pushed.created == 0


def test_a_site_that_keeps_nothing_is_told(log: Log, nightscout: FakeNightscout, feed: Nightscout) -> None:
    session_in(log)
    answer = nightscout.site.answer
    nightscout.site.answer = lambda asked: answer(asked) if asked.method == "GET" else answer(replace(asked, body=[]))
    with pytest.raises(SourceError, match="did not keep 2"):
        run(log, feed, write=True)
