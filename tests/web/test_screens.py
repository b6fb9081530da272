"""Every page on a phone and on a desktop, in light and in dark: axe finds nothing, targets are large, nothing runs out.

The slow form leaves a screenshot of each in tests/screenshots, which git ignores: they are there to be looked at.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from glucolog.core.units import Glucose, Unit
from glucolog.core.vocabulary import parse_areas
from glucolog.services import sessions
from glucolog.services.entry import Around, Details
from glucolog.services.identity import Call, new_id
from playwright.sync_api import Page, expect
from tests.chromium import AXE
from tests.conftest import need
from tests.web.conftest import DESKTOP, PHONE, SCREENSHOTS, Site

PERSON_PAGES = (
    "/", "/before", "/after", "/log", "/add", "/add/reading", "/add/insulin", "/add/carbs", "/add/symptom", "/add/feet",
    "/add/activity", "/add/note", "/sessions", "/more", "/plots", "/plots/agp", "/report", "/import",
    "/history", "/settings", "/notes", "/entries/feet",
)  # fmt: skip
PAGES = ("/away", "/people", "/people/add", "/help", "/help/web", "/devices", "/pair", "/nowhere")
LOOKED_OVER = """async (rules) => {
  const own = [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')]
    .filter((each) => each.checkVisibility() && !each.closest('.skip, p, li:not(.row, [class]), td, .chart, figure'))
    .map((each) => [each.outerHTML.slice(0, 90), each.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
    .map(([html, box]) => `small: ${html} ${Math.round(box.width)}x${Math.round(box.height)}`);
  const root = document.documentElement, wide = [];
  for (const size of ['200%', '100%']) {
    root.style.fontSize = size;
    const over = root.scrollWidth - root.clientWidth;
    if (over > 0) wide.push(`${over} px too wide at ${size}`);
  }
  const found = await axe.run({ resultTypes: ['violations'], preload: false, ...(rules && { runOnly: rules }) });
  const said = found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
  return [...said, ...own, ...wide];
}"""
"""What axe finds, targets that are too small, and what runs out of the screen, with large text too."""
LOOKS = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size")
"""What axe judges by size and colour; the other rules read the document, which is the same in every look."""
EVERY_LOOK = [(size, scheme) for size in ("phone", "desktop") for scheme in ("light", "dark")]
SIZES = {"phone": PHONE["viewport"], "desktop": DESKTOP["viewport"]}


@pytest.fixture
def lived_in(demo: Site) -> Site:
    """The made-up log, with a session of Bo's running over the feet."""
    begun = demo.now().plus(minutes=-12)
    bo = demo.person("Bo")
    around = Around(before=Glucose(7.4, Unit.MMOL_L))
    details = Details(areas=parse_areas("feet"), techniques=("effleurage",), note="<b>warm</b> & quiet")
    sessions.start_session(demo.log, bo, begun, details, around, Call(now=demo.now(), uid=new_id()))
    return demo


def addresses(site: Site) -> list[str]:
    """Return every page worth a look."""
    made_up, bo = (person for person in sorted(site.log.people(), key=lambda person: person.name == "Bo"))
    session = site.log.sessions(made_up.id, limit=1)[0]
    own = [f"/p/{made_up.id}{page}" for page in PERSON_PAGES]
    both = f"?left={made_up.id}&right={bo.id}"
    return [*own, f"/p/{made_up.id}/sessions/{session.id}", f"/p/{made_up.id}/sessions/{session.id}/edit",
            f"/p/{bo.id}/", f"/p/{bo.id}/after", *PAGES, f"/people/compare{both}"]  # fmt: skip


def check_every_page(site: Site, page: Page, *, shots: bool, part: slice = slice(None)) -> list[str]:
    """Visit every page, or a part of them, in every look, and return what is wrong with any."""
    wrong = []
    for number, address in list(enumerate(addresses(site)))[part]:
        page.set_viewport_size(SIZES["phone"])
        page.emulate_media(color_scheme="light")
        page.goto(address, timeout=60_000)
        page.evaluate(AXE.read_text("utf-8"))
        for size, scheme in EVERY_LOOK:
            page.set_viewport_size(SIZES[size])
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a literal, whichever it is
            if page.locator(".chart").count():
                page.wait_for_selector("html[data-ready]", timeout=60_000)
            if shots:
                shoot(page, number, address, f"{size}-{scheme}")
            rules = None if (size, scheme) == ("phone", "light") else list(LOOKS)
            wrong += [f"{address} {size} {scheme}: {problem}" for problem in page.evaluate(LOOKED_OVER, rules)]
    return wrong


def shoot(page: Page, number: int, address: str, look: str) -> None:
    """Leave a screenshot."""
    name = "_".join(part for part in address.partition("?")[0].split("/") if len(part) < 30)
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{number:02}{name}-{look}.png", full_page=True)


@pytest.mark.parametrize("part", [slice(0, None, 2), slice(1, None, 2)], ids=["one half", "the other half"])
def test_nothing_is_wrong_with_any_page_in_any_look(
    part: slice, lived_in: Site, serving: Callable[[Site], Site], visit: Callable[..., Page]
) -> None:
    need(AXE.is_file(), "axe-core (npm install --no-save axe-core)")
    # A worker would be registered anew on every page; it draws nothing, and test_away is about it.
    page = visit(serving(lived_in), PHONE, device_scale_factor=1, service_workers="block")
    assert check_every_page(lived_in, page, shots=False, part=part) == []


@pytest.mark.slow
def test_every_page_in_every_look(lived_in: Site, serving: Callable[[Site], Site], visit: Callable[..., Page]) -> None:
    """Leaves a screenshot of each."""
    need(AXE.is_file(), "axe-core (npm install --no-save axe-core)")
    assert check_every_page(lived_in, visit(serving(lived_in)), shots=True) == []


def test_motion_is_spared_to_those_who_ask(
    site: Site, serving: Callable[[Site], Site], visit: Callable[..., Page]
) -> None:
    page = visit(serving(site), PHONE, reduced_motion="reduce")
    page.goto(site.at("Ada") + "/add")
    moving = page.evaluate(
        "() => [...document.querySelectorAll('*')].filter((each) => { const s = getComputedStyle(each);"
        " return s.animationName !== 'none' || parseFloat(s.transitionDuration) > 0; }).length"
    )
    assert moving == 0


def test_the_first_paint_comes_within_half_a_second_and_weighs_little(
    demo: Site, serving: Callable[[Site], Site], visit: Callable[..., Page]
) -> None:
    page = visit(serving(demo), PHONE)
    address = f"/p/{demo.log.people()[-1].id}/"
    weights: list[int] = []
    page.on("response", lambda response: weights.append(int(response.headers.get("content-length", 0))))
    painted = [_first_paint_ms(page, address)]
    first_visit = sum(weights)
    painted += [_first_paint_ms(page, address) for _ in range(4)]
    assert min(painted) <= 500, painted
    assert first_visit <= 150_000, f"{first_visit} bytes"


def _first_paint_ms(page: Page, address: str) -> float:
    """The best of some visits is the app's own time; the others are the machine's."""
    page.goto(address, wait_until="load")
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    return float(page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime"))


def test_a_session_is_begun_and_ended_by_the_keyboard_alone(
    site: Site, serving: Callable[[Site], Site], visit: Callable[..., Page]
) -> None:
    page = visit(serving(site), DESKTOP)
    page.goto(site.at("Ada") + "/before")
    page.evaluate("() => document.activeElement.blur()")
    assert go_to(page, "glucose")[0] == "Skip to the content"
    page.keyboard.type("150")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict")).to_be_visible()
    go_to(page, "Start")
    page.keyboard.press("Enter")
    expect(page.get_by_role("timer")).to_be_visible()
    site.clock.forward(minutes=20)
    page.goto(site.at("Ada") + "/after")
    passed = go_to(page, "glucose")
    page.keyboard.type("141")
    passed += go_to(page, "Stop and store")
    assert [name for name in passed if name in {"1", "glucose", "Stop and store"}] == ["glucose", "1", "Stop and store"]
    page.keyboard.press("Space")
    expect(page.locator(".drop")).to_contain_text("Glucose fell by 9 mg/dL in 20 min")


def go_to(page: Page, wanted: str) -> list[str]:
    """Press Tab until what is wanted has the focus, and return what had it on the way."""
    passed: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        passed.append(page.evaluate("() => document.activeElement.name || document.activeElement.textContent.trim()"))
        if passed[-1] == wanted:
            return passed
    raise AssertionError(f"{wanted} is not reached: {passed}")
