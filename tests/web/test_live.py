"""Glucose as a followed source brings it: on the page as it comes, alarms, and a source that went silent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from glucolog.services.identity import new_id
from glucolog.services.sources import SourceSettings, remember
from glucolog.web.pages.live import MOST_OF_ONE
from glucolog.web.setup import House
from playwright.sync_api import Page, expect
from tests.feeds.fake_nightscout import SECRET, FakeNightscout
from tests.feeds.fake_site import running_site
from tests.web.conftest import Site, signed_in

Serve = Callable[[Site], Site]
Visit = Callable[..., Page]


@pytest.fixture
def nightscout(site: Site, tmp_path: Path) -> Iterator[FakeNightscout]:
    """Ada's Nightscout, whose address and secret file are remembered."""
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text(SECRET, "utf-8")
    with running_site() as running:
        remember(site.person("Ada"), "nightscout", SourceSettings(url=running.url, secret_file=str(secret)))
        yield FakeNightscout(running)


def house(site: Site) -> House:
    """Return what the app reaches for."""
    found: House = site.app.extensions["glucolog"]
    return found


def comes(site: Site, nightscout: FakeNightscout, minutes_ago: float, mg_dl: int) -> None:
    """Let the sensor send a reading."""
    at_ms = int(site.clock().timestamp() - minutes_ago * 60) * 1000
    nightscout.entries.append({"_id": new_id(), "type": "sgv", "sgv": mg_dl, "date": at_ms})


def step(site: Site, **passed: float) -> None:
    """Let time pass and the sources be asked."""
    site.clock.forward(**passed)
    house(site).feeding.step(site.now())


def now_at(client: FlaskClient, site: Site) -> dict[str, object]:
    """What the page shows now, by polling."""
    found: dict[str, object] = client.get(site.at("Ada") + "/live").get_json()
    return found


def test_a_followed_source_brings_readings_arrow_age_and_alarms(
    site: Site, client: FlaskClient, nightscout: FakeNightscout
) -> None:
    ((person, fed),) = house(site).feeding.begin()
    assert (person.name, fed.name) == ("Ada", "Nightscout")
    for minutes_ago, mg_dl in ((15, 100), (10, 92), (5, 80), (0, 67)):
        comes(site, nightscout, minutes_ago, mg_dl)
    now_at(client, site)
    step(site)
    found = now_at(client, site)
    assert (found["glucose"], found["arrow"], found["age_min"]) == ("67 mg/dL", "↓", 0)
    assert [alarm["kind"] for alarm in found["alarms"]] == ["low"]  # type: ignore[attr-defined]
    assert found["feeds"] == "Readings come from Nightscout."
    assert "Bo" not in json.dumps(found)


def test_a_source_that_died_says_so_then_no_data_and_comes_back(
    site: Site, client: FlaskClient, nightscout: FakeNightscout
) -> None:
    house(site).feeding.begin()
    comes(site, nightscout, 1, 120)
    step(site)
    nightscout.is_down = True
    now_at(client, site)
    step(site, minutes=2)
    assert "Nightscout has not answered since" in str(now_at(client, site)["feeds"])
    step(site, minutes=40)
    found = now_at(client, site)
    assert [alarm["kind"] for alarm in found["alarms"]] == ["no_data"]  # type: ignore[attr-defined]
    assert (found["age_min"], found["arrow"]) == (43, "")
    nightscout.is_down = False
    comes(site, nightscout, 0, 115)
    step(site, minutes=6)
    found = now_at(client, site)
    assert (found["alarms"], found["feeds"]) == ([], "Readings come from Nightscout.")
    assert found["glucose"] == "115 mg/dL"


def test_a_source_that_needs_mending_says_what_and_holds_nobody_up(
    site: Site, client: FlaskClient, nightscout: FakeNightscout, tmp_path: Path
) -> None:
    (tmp_path / "secret").chmod(0o644)
    house(site).feeding.begin()
    step(site)
    assert "Nightscout is not followed: Others can read" in str(now_at(client, site)["feeds"])


def test_a_page_shows_what_the_source_brings_by_events(
    site: Site, nightscout: FakeNightscout, serving: Serve, visit: Visit
) -> None:
    house(site).feeding.begin()
    page = visit(serving(site))
    page.goto(site.at("Ada") + "/")
    expect(page.locator(".live .said")).to_contain_text("No reading of the last day")
    comes(site, nightscout, 4, 131)
    step(site)
    expect(page.locator(".live .value")).to_have_text("131 mg/dL")
    expect(page.locator(".live .said")).to_contain_text("4 min old")
    expect(page.locator(".feeds")).to_have_text("Readings come from Nightscout.")


def test_the_same_comes_by_polling_where_there_are_no_events(
    site: Site, nightscout: FakeNightscout, serving: Serve, visit: Visit
) -> None:
    house(site).feeding.begin()
    comes(site, nightscout, 4, 131)
    step(site)
    page = visit(serving(site))
    page.add_init_script("delete window.EventSource")
    with page.expect_response("**/live"):
        page.goto(site.at("Ada") + "/")
    expect(page.locator(".live .value")).to_have_text("131 mg/dL")


def test_an_open_page_alone_keeps_nobody_signed_in(site: Site, client: FlaskClient) -> None:
    for _ in range(4):
        site.clock.forward(hours=3.5)
        last = client.get(site.at("Ada") + "/live").status_code
    assert last == 303
    assert client.get(site.at("Ada") + "/").status_code == 303


def test_one_browser_has_few_streams_so_that_other_pages_still_load(site: Site, client: FlaskClient) -> None:
    open_ones = [client.get(site.at("Ada") + "/live/stream") for _ in range(MOST_OF_ONE + 1)]
    assert [answer.status_code for answer in open_ones] == [200] * MOST_OF_ONE + [503]
    other = signed_in(site).get(site.at("Ada") + "/live/stream")
    assert other.status_code == 200
    for answer in (*open_ones, other):
        answer.close()
    again = client.get(site.at("Ada") + "/live/stream")
    assert again.status_code == 200
    again.close()


def test_many_live_pages_of_one_browser_all_load(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    for _ in range(7):
        page = page.context.new_page()
        page.goto(site.base + site.at("Ada") + "/", timeout=20_000)
        expect(page.locator(".live")).to_be_visible()
