"""A session that goes on without a connection: nothing is lost, nothing is doubled, nothing old is shown as new."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from tests.web.conftest import Site
from tests.web.test_in_browser import keys

Serve = Callable[[Site], Site]
Visit = Callable[..., Page]
ACTIVE = "() => navigator.serviceWorker.getRegistration().then((found) => found?.active?.state === 'activated')"


def with_worker(page: Page) -> None:
    """Wait until the worker stands behind the page. It never claims one that was under way as it woke: load it anew."""
    page.wait_for_function(ACTIVE)
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def verdict(page: Page, site: Site, glucose: str) -> None:
    """Go as far as the verdict."""
    page.goto(site.at("Ada") + "/before")
    keys(page, glucose)
    page.get_by_role("button", name="Check and go on").first.tap()
    expect(page.locator(".verdict")).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_start_and_after_are_done_without_a_connection(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    verdict(page, site, "150")
    page.context.set_offline(True)
    begun = site.now()
    page.get_by_role("button", name="Start", exact=True).tap()
    expect(page.locator("#waiting")).to_contain_text("Not sent yet: start of a session")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^00:0\d$"))
    page.get_by_role("link", name="After").tap()
    keys(page, "121")
    page.get_by_role("button", name="Stop and store").tap()
    expect(page.locator("#waiting")).to_contain_text("start of a session, end of the session")
    assert site.log.sessions(site.person("Ada").id) == ()
    page.context.set_offline(False)
    expect(page.locator("#waiting")).to_contain_text("Sent: end of the session.", timeout=15_000)
    (session,) = site.log.sessions(site.person("Ada").id)
    assert session.end is not None
    assert abs(session.start.epoch_s - begun.epoch_s) <= 5
    assert sorted(reading.glucose.amount for reading in site.log.readings(site.person("Ada").id)) == [121, 150]


def test_a_page_that_was_closed_is_stood_in_for(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    page.goto(site.at("Ada") + "/")
    with_worker(page)
    site.clock.forward(hours=5)
    verdict(page, site, "150")
    page.get_by_role("button", name="Start", exact=True).tap()
    expect(page.get_by_role("timer")).to_be_visible()
    page.context.set_offline(True)
    page.close()
    again = page.context.new_page()
    again.goto(site.base + site.at("Ada") + "/")
    expect(again.get_by_role("heading", level=1)).to_have_text("glucolog does not answer")
    expect(again.locator("main")).to_contain_text("Log of Ada")
    expect(again.get_by_role("timer")).to_have_text(re.compile(r"^00:\d\d$"))
    assert "150" not in again.locator("main").inner_text()
    keys(again, "118")
    again.get_by_role("button", name="Stop and store").tap()
    expect(again.locator("#waiting")).to_contain_text("Not sent yet: end of the session")
    again.context.set_offline(False)
    expect(again.locator("#waiting")).to_contain_text("Sent: end of the session.", timeout=15_000)
    (session,) = site.log.sessions(site.person("Ada").id)
    assert session.end is not None
    assert 0 <= site.now().epoch_s - session.end.epoch_s <= 30


def test_the_worker_keeps_nothing_of_the_log(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    for path in ("/", "/sessions", "/add/reading"):
        page.goto(site.at("Ada") + path)
    with_worker(page)
    page.goto(site.at("Ada") + "/")
    kept = page.evaluate(
        "async () => (await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys())))"
        ".flat().map((each) => new URL(each.url).pathname)"
    )
    assert "/away" in kept
    assert all(path == "/away" or path.startswith("/asset/") for path in kept), kept
    page.goto("/devices")
    page.locator("[data-signout] button").tap()
    expect(page.get_by_role("heading", level=1)).to_contain_text("signed out")
    assert page.evaluate("async () => [await caches.keys(), { ...localStorage }]") == [[], {}]


def test_old_glucose_is_not_shown_as_new(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    page.goto(site.at("Ada") + "/add/reading")
    keys(page, "112")
    page.get_by_role("button", name="Store").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Stored for Ada.")
    page.goto(site.at("Ada") + "/")
    expect(page.locator(".live .value")).to_have_text("112 mg/dL")
    page.wait_for_load_state("load")
    page.context.set_offline(True)
    site.app.extensions["glucolog"].closing.set()
    expect(page.locator(".live .said")).to_contain_text("is old, from", timeout=15_000)
    expect(page.locator(".live.old .arrow")).to_be_empty()


def test_what_is_refused_is_corrected_and_not_asked_again_by_itself(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    page.goto(site.at("Ada") + "/add/reading")
    keys(page, "5,6")
    page.context.set_offline(True)
    page.get_by_role("button", name="Store").tap()
    expect(page.locator("#waiting")).to_contain_text("Not sent yet: glucose")
    page.context.set_offline(False)
    expect(page.locator("#waiting")).to_contain_text("Not stored: glucose", timeout=15_000)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(500)
    assert "POST" not in sent
    page.get_by_role("button", name="Correct it").tap()
    expect(page.get_by_role("heading", name="Not stored yet")).to_be_visible()
    page.goto(site.at("Ada") + "/more")
    expect(page.locator("#waiting")).to_contain_text("Not stored: glucose")
    page.get_by_role("button", name="Correct it").tap()
    page.get_by_role("textbox", name="Glucose").fill("156")
    page.get_by_role("button", name="Store", exact=True).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Stored for Ada.")
    expect(page.locator("#waiting")).to_be_hidden()
    assert [reading.glucose.amount for reading in site.log.readings(site.person("Ada").id)] == [156]


def test_a_device_that_was_signed_out_meanwhile_keeps_what_waits(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    page.goto(site.at("Ada") + "/add/carbs")
    keys(page, "20")
    page.context.set_offline(True)
    page.get_by_role("button", name="Store").tap()
    expect(page.locator("#waiting")).to_contain_text("Not sent yet: carbs")
    page.context.clear_cookies()
    page.context.set_offline(False)
    expect(page.locator("#waiting")).to_contain_text("signed out", timeout=15_000)
    page.context.add_cookies([{"name": "glucolog", "value": site.cookie(), "url": site.base}])
    page.get_by_role("button", name="Try now").tap()
    expect(page.locator("#waiting")).to_contain_text("Sent: carbs.")
    assert [carbs.grams for carbs in site.log.carbs(site.person("Ada").id)] == [20]


def test_the_page_that_stands_in_names_nobody(client: FlaskClient) -> None:
    page = client.get("/away").text
    assert "Ada" not in page
    assert "Bo" not in re.sub(r"<[^>]*>", "", page)
    assert "data-now" not in page
    worker = client.get("/worker.js")
    assert client.get("/worker.js").text == worker.text
    assert worker.mimetype == "text/javascript"
    assert worker.headers["Cache-Control"] == "no-store"
