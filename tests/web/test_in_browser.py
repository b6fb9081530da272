"""What people do, with a real browser on a phone's screen and at a desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from glucolog.core.records import Reading
from playwright.sync_api import Page, expect
from tests.web.conftest import DESKTOP, PHONE, SCREENSHOTS, Site

Serve = Callable[[Site], Site]
Visit = Callable[..., Page]


def keys(page: Page, digits: str) -> None:
    """Tap digits on the page's own keys."""
    for digit in digits:
        page.locator(f'.pad [data-key="{digit}"]').tap()


def shoot(page: Page, name: str) -> None:
    """Leave a picture of a step."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"step-{name}.png", full_page=True)


def test_a_session_from_an_empty_log_to_the_report(empty: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(empty))
    page.goto("/")
    page.get_by_label("Name").fill("Ada")
    page.get_by_role("radio", name="mg/dL").check()
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("radio", name="several times a day").check()
    page.get_by_role("button", name="Begin").tap()

    page.get_by_role("link", name="Before a session").tap()
    keys(page, "142")
    page.locator('[data-area="foot:left"]').tap()
    expect(page.get_by_role("checkbox", name="left foot")).to_be_checked()
    page.get_by_role("button", name="Check and go on").first.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Go|Caution"))
    expect(page.get_by_text("142 mg/dL").first).to_be_visible()
    shoot(page, "verdict")
    page.get_by_role("button", name="Start", exact=True).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Stored for Ada.")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    empty.clock.forward(minutes=31)
    page.get_by_role("link", name="After").tap()
    keys(page, "98")
    page.get_by_role("button", name="Stop and store").tap()
    expect(page.locator(".drop")).to_have_text(
        re.compile(r"Glucose fell by 44 mg/dL in 31 min\. This is more than the")
    )
    shoot(page, "after")
    expect(page.get_by_role("button", name="Undo")).to_be_in_viewport(ratio=1)
    expect(page.locator(".due")).to_contain_text("Check 1 h after the session.")
    shoot(page, "due")
    page.get_by_role("link", name="Look").tap()
    page.get_by_role("link", name="Report").tap()
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF").tap()
    assert download.value.suggested_filename.startswith("glucolog report Ada ")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    page.get_by_role("button", name="Show", exact=True).tap()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ada")


def test_the_last_sessions_details_are_offered(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    for _ in range(2):
        page.goto(site.at("Ada") + "/log")
        if not page.get_by_role("checkbox", name="right calf").is_checked():
            page.get_by_role("checkbox", name="right calf").check()
            page.get_by_role("checkbox", name="petrissage").check()
        page.get_by_label("It ended").fill("40m ago")
        page.get_by_label("How long").fill("20")
        page.get_by_role("button", name="Store", exact=True).tap()
        expect(page.get_by_role("heading", level=1)).to_have_text("Stored for Ada.")
        site.clock.forward(hours=3)
    page.goto(site.at("Ada") + "/before")
    expect(page.locator("summary").first).to_contain_text("right calf")
    first, second = site.log.sessions(site.person("Ada").id)
    assert first.techniques == second.techniques == ("petrissage",)


def test_changing_something_and_a_lost_connection_keep_what_was_typed(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    page.goto(site.at("Ada") + "/before")
    keys(page, "143")
    page.context.set_offline(True)
    page.get_by_role("button", name="Check and go on").first.tap()
    expect(page.locator("#waiting")).to_contain_text("What you typed stays here")
    page.context.set_offline(False)
    page.get_by_role("button", name="Check and go on").first.tap()
    page.get_by_role("button", name="Change something").tap()
    expect(page.get_by_role("textbox", name="Glucose now")).to_have_value("143")


def test_a_decimal_comma_from_the_keys_is_taken(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    page.goto(site.at("Bo") + "/add/reading")
    keys(page, "7,4")
    page.get_by_role("button", name="Store").tap()
    expect(page.locator(".receipt")).to_contain_text("7.4 mmol/L (133 mg/dL)")


def test_what_can_be_two_units_is_asked_and_the_choice_stored(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    page.goto(site.at("Bo") + "/add/reading")
    keys(page, "24")
    page.get_by_role("button", name="Store").tap()
    expect(page.get_by_role("alert").first).to_contain_text("24 could be mg/dL or mmol/L")
    shoot(page, "asked")
    page.get_by_role("button", name="24mmol").tap()
    expect(page.locator(".receipt")).to_contain_text("24.0 mmol/L")


def test_undo_takes_back_just_what_the_page_confirmed(site: Site, serving: Serve, visit: Visit) -> None:
    first, second = visit(serving(site)), visit(site)
    for page, grams in ((first, "20"), (second, "35")):
        page.goto(site.at("Ada") + "/add/carbs")
        keys(page, grams)
        page.get_by_role("button", name="Store").tap()
        expect(page.get_by_role("heading", level=1)).to_have_text("Stored for Ada.")
    first.get_by_role("button", name="Undo").tap()
    expect(first.get_by_role("heading", level=1)).to_have_text("Taken back")
    assert [carbs.grams for carbs in site.log.carbs(site.person("Ada").id)] == [35]


def test_a_double_tap_stores_once(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    page.goto(site.at("Ada") + "/add/insulin")
    keys(page, "4")
    page.get_by_role("radio", name="aspart").check()
    page.evaluate("() => { const b = document.querySelector('main button.main'); b.click(); b.click(); }")
    expect(page.get_by_role("heading", level=1)).to_have_text("Stored for Ada.")
    assert [dose.units for dose in site.log.doses(site.person("Ada").id)] == [4]


def test_going_back_to_a_stored_form_leads_to_its_receipt(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    page.goto(site.at("Ada") + "/add/carbs")
    keys(page, "20")
    page.get_by_role("button", name="Store").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Stored for Ada.")
    page.go_back()
    expect(page.locator("main")).to_contain_text("stored already; nothing was stored twice")
    assert len(site.log.carbs(site.person("Ada").id)) == 1


def test_an_entry_made_offline_waits_says_so_and_is_stored_once(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    page.goto(site.at("Ada") + "/add/insulin")
    keys(page, "3")
    page.context.set_offline(True)
    page.get_by_role("button", name="Store").tap()
    expect(page.locator("#waiting")).to_contain_text("Not sent yet: insulin. Kept on this device")
    shoot(page, "offline")
    assert site.log.doses(site.person("Ada").id) == ()
    page.context.set_offline(False)
    expect(page.locator("#waiting")).to_contain_text("Sent: insulin.", timeout=15_000)
    assert [dose.units for dose in site.log.doses(site.person("Ada").id)] == [3]


def test_what_waited_keeps_the_time_of_the_tap(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    page.goto(site.at("Ada") + "/before")
    keys(page, "150")
    page.get_by_role("button", name="Check and go on").first.tap()
    expect(page.locator(".verdict")).to_be_visible()
    page.context.set_offline(True)
    tapped = site.now()
    page.locator("main form#form button, button[form=form]").first.tap()
    expect(page.locator("#waiting")).to_contain_text("Not sent yet: start of a session")
    site.clock.forward(minutes=25)
    page.context.set_offline(False)
    expect(page.locator("#waiting")).to_contain_text("Sent: start of a session.", timeout=15_000)
    (session,) = site.log.sessions(site.person("Ada").id)
    assert abs(session.start.epoch_s - tapped.epoch_s) <= 5


def test_blocked_places_stand_on_the_map_and_in_the_list(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    page.goto(site.at("Ada") + "/add/insulin")
    keys(page, "6")
    page.get_by_role("radio", name="left thigh").check()
    page.get_by_role("button", name="Store").tap()
    expect(page.locator(".receipt")).to_contain_text("left thigh")
    page.goto(site.at("Ada") + "/add/feet")
    page.get_by_role("radio", name="both").check()
    page.get_by_role("group", name="Right foot").get_by_label("heel").select_option("blister")
    page.get_by_role("button", name="Store").tap()
    expect(page.locator(".receipt")).to_contain_text("right heel: blister")
    page.goto(site.at("Ada") + "/before")
    keys(page, "160")
    for name in ("left thigh", "right thigh", "right foot"):
        page.get_by_role("checkbox", name=name).check()
    page.get_by_role("button", name="Check and go on").first.tap()
    expect(page.locator(".verdict")).to_be_visible()
    listed = page.locator(".mapped li").all_text_contents()
    assert [line.split(" until")[0].strip() for line in listed] == ["left thigh", "right foot, heel"]
    assert page.locator(".body .blocked").evaluate_all("all => all.map((each) => each.dataset.area)") == ["thigh:left"]
    marked = page.locator(".sole .blocked").evaluate_all("all => all.map((each) => each.dataset.region)")
    assert marked == ["right-heel"]
    shoot(page, "blocked")


def test_an_answer_lost_on_the_way_is_not_stored_twice(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    page.goto(site.at("Ada") + "/add/insulin")
    keys(page, "3")
    lost: list[object] = []

    def lose_the_answer(route: object) -> None:
        if lost:
            route.continue_()  # type: ignore[attr-defined]
        else:
            lost.append(route.fetch(max_redirects=0))  # type: ignore[attr-defined]
            route.abort()  # type: ignore[attr-defined]

    page.route(
        "**/add/insulin?*",
        lambda route: lose_the_answer(route) if route.request.method == "POST" else route.continue_(),
    )
    page.get_by_role("button", name="Store").tap()
    page.get_by_role("button", name="Try now").tap()
    expect(page.locator("#waiting")).to_contain_text("Sent: insulin.", timeout=15_000)
    assert [dose.units for dose in site.log.doses(site.person("Ada").id)] == [3]


def test_what_waits_survives_closing_the_page(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    page.goto(site.at("Ada") + "/add/carbs")
    keys(page, "15")
    page.context.set_offline(True)
    page.get_by_role("button", name="Store").tap()
    expect(page.locator("#waiting")).to_contain_text("Not sent yet: carbs")
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(site.base + site.at("Ada") + "/")
    expect(again.locator("#waiting")).to_contain_text("Sent: carbs.")
    assert [carbs.grams for carbs in site.log.carbs(site.person("Ada").id)] == [15]


def test_two_tabs_start_one_session(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    other = page.context.new_page()
    for tab in (page, other):
        tab.bring_to_front()
        tab.goto(site.base + site.at("Ada") + "/before")
        keys(tab, "150")
        tab.get_by_role("button", name="Check and go on").first.tap()
    for tab in (page, other):
        tab.bring_to_front()
        tab.locator("main form#form button, button[form=form]").first.tap()
        tab.wait_for_load_state()
    expect(other.get_by_role("alert")).to_contain_text("A session is running")
    assert len(site.log.sessions(site.person("Ada").id)) == 1


def test_the_whole_session_works_without_javascript(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site), PHONE, java_script_enabled=False)
    page.goto(site.at("Ada") + "/before")
    page.get_by_role("textbox", name="Glucose now").fill("160")
    page.get_by_role("button", name="Check and go on").first.tap()
    page.locator("main form#form button, button[form=form]").first.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Stored for Ada.")
    site.clock.forward(minutes=20)
    page.goto(site.at("Ada") + "/after")
    page.get_by_role("textbox", name="Glucose now").fill("150")
    page.get_by_role("button", name="Stop and store").tap()
    expect(page.locator(".drop")).to_contain_text("Glucose fell by 10 mg/dL in 20 min")
    page.get_by_role("button", name="Undo").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Taken back")


def test_a_session_can_be_logged_for_another_day(site: Site, serving: Serve, visit: Visit) -> None:
    site.clock.set(datetime(2026, 3, 5, 20, 0, tzinfo=UTC))
    page = visit(serving(site))
    page.goto(site.at("Ada") + "/log")
    page.get_by_label("Glucose before").fill("180")
    page.get_by_label("Glucose after").fill("121")
    page.get_by_label("It ended").fill("yesterday 18:30")
    page.get_by_label("How long").fill("45m")
    page.get_by_role("button", name="Store", exact=True).tap()
    expect(page.locator(".receipt")).to_contain_text("Wed 4 Mar 2026 17:45 (Europe/Berlin, UTC+01:00)")


def test_a_time_the_clock_showed_twice_is_asked(site: Site, serving: Serve, visit: Visit) -> None:
    site.clock.set(datetime(2026, 10, 26, 9, 0, tzinfo=UTC))
    page = visit(serving(site))
    page.goto(site.at("Ada") + "/add/carbs")
    keys(page, "20")
    page.get_by_text("Another time, note").tap()
    page.get_by_label("When").fill("2026-10-25T02:30")
    page.get_by_role("button", name="Store").tap()
    page.get_by_role("button", name="2026-10-25T02:30+01:00").tap()
    expect(page.locator(".receipt")).to_contain_text("Sun 25 Oct 2026 02:30 (Europe/Berlin, UTC+01:00)")


def test_the_educators_day(demo: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(demo), DESKTOP)
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who needs a look")
    names = page.locator(".people .row > a").all_text_contents()
    assert [name.strip() for name in names] == [demo.log.people()[1].name, "Bo"]
    page.get_by_label("Name").fill("bo")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(".people .row > a")).to_have_text(["Bo"])

    page.get_by_role("link", name="Notes on Bo").click()
    page.get_by_label("New note").fill("Ask about the evening dose.\n<i>twice</i>")
    page.get_by_role("button", name="Store").click()
    expect(page.locator(".receipt")).to_contain_text("Care team: Ask about the evening dose.")
    page.goto(f"/people/compare?left={demo.log.people()[1].id}&right={demo.person('Bo').id}&days=14")
    page.wait_for_selector("html[data-ready]")
    expect(page.locator(".sides h2")).to_have_text([demo.log.people()[1].name, "Bo"])
    page.goto(demo.at("Bo") + "/report")
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF").click()
    assert download.value.suggested_filename == "glucolog report Bo 2026-05-09.pdf"


def test_files_are_dropped_looked_at_brought_in_and_taken_back(
    site: Site, serving: Serve, visit: Visit, tmp_path: Path
) -> None:
    rows = "".join(f"2026-03-01T{hour:02}:{minute:02}:00,{100 + hour},cgm\n" for hour in range(24) for minute in (0, 5))
    export = tmp_path / "sensor <b>.csv"
    export.write_text(f"time,glucose_mg_dl,source\n{rows}", "utf-8")
    site.clock.set(datetime(2026, 3, 3, tzinfo=UTC))
    page = visit(serving(site), DESKTOP)
    page.goto(site.at("Ada") + "/import")
    page.get_by_label("Choose files, or drop them here").set_input_files(export)
    page.get_by_role("button", name="Look at them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What would come in")
    expect(page.locator(".card")).to_contain_text("48 cgm")
    shoot(page, "preview")
    assert site.log.readings(site.person("Ada").id) == ()
    page.get_by_role("button", name="Bring it in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Brought in for Ada")
    assert len(site.log.readings(site.person("Ada").id)) == 48
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Taken back")
    assert site.log.readings(site.person("Ada").id) == ()


def test_charts_are_drawn_from_one_script_that_is_kept(demo: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(demo), DESKTOP)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    for _ in range(2):
        page.goto(f"/p/{demo.log.people()[1].id}/plots/agp?days=14")
        page.wait_for_selector("html[data-ready]")
    assert page.locator(".chart svg").count() > 0
    assert all(url.startswith(demo.base) for url in fetched)
    sizes = page.evaluate(
        "() => performance.getEntriesByType('resource').filter((each) => each.name.endsWith('plotly.js'))"
        ".map((each) => each.transferSize)"
    )
    assert sizes == [0]


def test_alarms_come_as_readings_come(site: Site, serving: Serve, visit: Visit) -> None:
    from glucolog.core.units import Glucose, Source, Unit
    from glucolog.services import entries
    from glucolog.services.identity import Call, new_id

    ada = site.person("Ada")
    page = visit(serving(site))

    def comes(minutes_ago: float, amount: float) -> None:
        at = site.now().plus(minutes=-minutes_ago)
        record = Reading(id=new_id(), person_id=ada.id, at=at, glucose=Glucose(amount, Unit.MG_DL), source=Source.CGM)
        entries.add(site.log, ada, record, Call(now=site.now(), uid=new_id()))

    comes(10, 88.0)
    page.goto(site.at("Ada") + "/")
    page.get_by_role("button", name="Sound for alarms").tap()
    comes(5, 76.0)
    comes(0, 64.0)
    expect(page.locator(".live .value")).to_have_text("64 mg/dL")
    expect(page.locator(".live .arrow")).not_to_be_empty()
    expect(page.locator(".alarm").first).to_contain_text("Low: 64 mg/dL")
    expect(page).to_have_title(re.compile(r"^\(!\)"))
    assert page.locator(".alarm").count() == 1
    shoot(page, "alarm")
    page.reload()
    expect(page.locator(".alarm")).to_have_count(1)
    page.get_by_role("button", name="Quiet for 15 min").tap()
    expect(page.locator(".alarm")).to_contain_text("quiet until")
    comes(0, 92.0)
    expect(page.locator(".alarm")).to_have_count(0)


def test_without_events_the_page_asks_again_and_again(site: Site, serving: Serve, visit: Visit) -> None:
    page = visit(serving(site))
    page.add_init_script("delete window.EventSource")
    with page.expect_response("**/live"):
        page.goto(site.at("Ada") + "/")


def test_a_phone_pairs_by_the_code_and_signs_out(site: Site, serving: Serve, visit: Visit) -> None:
    desk = visit(serving(site), DESKTOP)
    desk.goto("/devices")
    desk.get_by_role("button", name="Pair another device").click()
    code = desk.locator(".code").inner_text()
    expect(desk.get_by_role("img", name="QR sign")).to_be_visible()
    phone = visit(site)
    phone.context.clear_cookies()
    phone.goto(f"/pair#{code.replace('-', '')}")
    assert phone.url.endswith("/pair")
    phone.get_by_role("button", name="Pair").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Who needs a look")
    assert {cookie["sameSite"] for cookie in phone.context.cookies()} == {"Strict"}
    assert phone.evaluate("() => document.cookie") == ""
    phone.goto("/devices")
    phone.locator("[data-signout] button").tap()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("signed out")
    phone.goto("/people")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Pair this device")


def test_the_launch_page_opens_the_app_and_leaves_no_secret_in_an_address(
    site: Site, serving: Serve, visit: Visit
) -> None:
    from glucolog.web.server import LaunchPage

    page = visit(serving(site), DESKTOP)
    page.context.clear_cookies()
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    with LaunchPage(site.app, site.base) as file:
        page.goto(file.as_uri())
        expect(page.get_by_role("heading", level=1)).to_have_text("Who needs a look")
    assert all("token" not in url for url in seen)
    assert not file.exists()
