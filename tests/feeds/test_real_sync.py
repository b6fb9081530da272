"""A log and a real Nightscout: there and back without doubling, and seen in the site's own page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Phase, Reading, ReadingLink, Session, Therapy
from glucolog.core.units import Glucose, Source, Unit
from glucolog.core.vocabulary import BodyArea, Side
from glucolog.feeds.address import parse_address
from glucolog.feeds.nightscout import Nightscout
from glucolog.services.identity import Call, new_id
from glucolog.services.syncing import SyncOutcome, sync
from glucolog.storage import Log, open_log
from tests.feeds.fake_nightscout import SECRET
from tests.feeds.test_real_nightscout import call, entry, url

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["url"]

ADA = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone="Europe/Berlin", therapy=Therapy.MDI)
PROFILE = {
    "defaultProfile": "Default", "startDate": "2020-01-01T00:00:00.000Z", "units": "mg/dl", "store": {"Default": {
        "dia": "4", "carbs_hr": "20", "delay": "20", "timezone": "UTC", "units": "mg/dl",
        **{name: [{"time": "00:00", "value": "80"}] for name in ("carbratio", "sens", "basal", "target_low")},
        "target_high": [{"time": "00:00", "value": "160"}],
    }},
}  # fmt: skip


@pytest.fixture
def now() -> Moment:
    """The site shows the last hours, so the clock is the real one."""
    return Moment.of(datetime.now(UTC), "Europe/Berlin")


@pytest.fixture
def log(tmp_path: Path, now: Moment) -> Iterator[Log]:
    with open_log(tmp_path / "log.db", create=True) as made:
        with made.write(uid=new_id(), summary="add", person_id=None, at=now) as writer:
            writer.add(ADA)
        yield made


def session_in(log: Log, now: Moment) -> Session:
    """A session of 30 min that ended an hour ago, 142 before and 98 mg/dL after it."""
    start = now.plus(minutes=-90)
    stuck = {Phase.BEFORE: (start, 142.0), Phase.AFTER: (start.plus(minutes=30), 98.0)}
    readings = {
        phase: Reading(id=new_id(), person_id=ADA.id, at=at, glucose=Glucose(amount, Unit.MG_DL), source=Source.METER)
        for phase, (at, amount) in stuck.items()
    }
    session = Session(
        id=new_id(),
        person_id=ADA.id,
        start=start,
        end=start.plus(minutes=30),
        areas=(BodyArea("foot", Side.BOTH),),
        links=tuple(ReadingLink(reading_id=one.id, phase=phase) for phase, one in readings.items()),
    )
    with log.write(uid=new_id(), summary="log", person_id=ADA.id, at=now) as writer:
        for reading in readings.values():
            writer.add(reading)
        writer.add(session)
    return session


def run(log: Log, address: str, now: Moment, **how: Any) -> SyncOutcome:
    return sync(log, ADA, Nightscout(parse_address(address), SECRET), Call(now=now, uid=new_id()), **how)


def test_there_and_back_without_doubling(url: str, log: Log, now: Moment) -> None:
    call(url, "POST", "/api/v1/entries.json", [entry(now.epoch_s - 300 * number) for number in range(20)])
    call(url, "POST", "/api/v1/treatments", [
        {"eventType": "Correction Bolus", "insulin": 2.5, "created_at": now.plus(minutes=-200).local.isoformat()},
        {"eventType": "Note", "notes": "Massage of the legs, 20 min", "created_at": now.plus(minutes=-300).iso()},
    ])  # fmt: skip
    session_in(log, now)
    first = run(log, url, now, write=True)
    assert (first.imported.new, len(first.imported.offered_sessions)) == (22, 1)
    assert first.pushed is not None
    assert first.pushed.created == 3
    assert len(call(url, "GET", "/api/v1/treatments.json?count=100")) == 5
    again = run(log, url, now, write=True)
    assert (again.imported.new, again.imported.batch, again.imported.conflict) == (0, None, 0)
    assert again.pushed is not None
    assert (again.pushed.created, again.pushed.changed, again.pushed.unchanged) == (0, 0, 3)
    assert len(call(url, "GET", "/api/v1/treatments.json?count=100")) == 5
    assert [offer.minutes for offer in again.imported.offered_sessions] == [20]
    assert len(log.readings(ADA.id, source=Source.METER)) == 2


def test_a_dose_edited_there_is_changed_here(url: str, log: Log, now: Moment) -> None:
    at = now.plus(minutes=-200).iso()
    call(url, "POST", "/api/v1/treatments", [
        {"eventType": "Meal Bolus", "insulin": 2.5, "carbs": 30, "created_at": at},
        {"eventType": "Correction Bolus", "insulin": 1, "created_at": now.plus(minutes=-100).iso()},
    ])  # fmt: skip
    assert run(log, url, now).imported.new == 3
    meal = next(one for one in call(url, "GET", "/api/v1/treatments.json?count=9") if one.get("carbs"))
    call(url, "PUT", "/api/v1/treatments", {**meal, "insulin": 3.5, "carbs": None})
    done = run(log, url, now).imported
    assert (done.new, done.duplicate, done.changed, done.removed) == (0, 1, 1, 1)
    assert [dose.units for dose in log.doses(ADA.id)] == [3.5, 1]
    assert log.carbs(ADA.id) == ()


def test_the_sites_own_page_shows_the_session(url: str, log: Log, now: Moment, browser: Browser) -> None:
    """Looked at in Chromium: a bar as long as the session, its note, and a red dot for each finger stick."""
    call(url, "PUT", "/api/v1/profile", PROFILE)
    call(url, "POST", "/api/v1/entries.json", [entry(now.epoch_s - 300 * number) for number in range(40)])
    session = session_in(log, now)
    run(log, url, now, write=True)
    call(url, "POST", "/api/v2/authorization/subjects", {"name": "viewer", "roles": ["readable"]})
    token = call(url, "GET", "/api/v2/authorization/subjects")[0]["accessToken"]
    page = browser.new_page(viewport={"width": 1400, "height": 800})
    note = page.locator("#chartContainer text", has_text=session.id).first
    _reload_until(lambda: page.goto(f"{url}/?token={token}"), lambda: note.count() > 0)
    assert "Massage: foot:both" in (note.text_content() or "")
    assert page.locator("#chartContainer circle[fill=red]").count() >= 2


def _reload_until(load: Any, is_there: Any, seconds: float = 40) -> None:
    """The site gathers what came in for some seconds before it shows it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        load()
        for _ in range(8):
            if is_there():
                return
            time.sleep(0.5)
    pytest.fail("the page never showed the session")
