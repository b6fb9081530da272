"""A log, the app over it behind waitress, and a real Chromium on a phone's touch screen and on a desktop."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from glucolog.core.moments import Moment
from glucolog.core.records import Insulin, InsulinKind, Person, Therapy
from glucolog.core.units import Unit
from glucolog.services import people
from glucolog.services.demo.store import make
from glucolog.services.identity import Call, new_id
from glucolog.storage import Log, open_log
from glucolog.web.app import create_app
from glucolog.web.server import here, keys_of, listener
from glucolog.web.setup import Setup
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.network import no_way_out

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2,
}  # fmt: skip
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
SCREENSHOTS = Path(__file__).parents[1] / "screenshots"
expect.set_options(timeout=15_000)  # a busy machine answers late; what is expected is no other
DEMO_DAY = datetime(2026, 5, 9, 19, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    """Whatever a test makes the app do, nothing of it goes elsewhere."""
    with no_way_out() as tried:
        yield
    assert tried == []


@dataclass(slots=True)
class Clock:
    """A clock that runs, from where it is set."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def set(self, to: datetime) -> None:
        """Let the clock show another time and go on from there."""
        self.ahead = to - datetime.now(UTC)

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.ahead += timedelta(**span)


class Compiled(BytecodeCache):
    """The compiled pages, for every app of a run: compiling them is most of what a short test would take."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled."""
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


@dataclass(slots=True)
class Site:
    """The app over a log, with the ways in."""

    log: Log
    port: int
    clock: Clock
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        self.app = create_app(self.log, Setup(origins=here(self.port), clock=self.clock))
        self.app.jinja_env.bytecode_cache = COMPILED

    @property
    def base(self) -> str:
        """The address of the app."""
        return here(self.port)[0]

    def cookie(self) -> str:
        """Sign in and return the cookie's value."""
        keys = keys_of(self.app)
        cookie = keys.launch(keys.new_launch_token(), "test")
        assert cookie is not None
        return cookie

    def person(self, name: str) -> Person:
        """Return a person by name."""
        return self.log.person(name)

    def at(self, name: str) -> str:
        """Return the address under which a person's pages stand."""
        return f"/p/{self.person(name).id}"

    def now(self) -> Moment:
        """Return now in UTC."""
        return Moment.of(self.clock(), "UTC")


def person_of(name: str, unit: Unit = Unit.MG_DL, therapy: Therapy = Therapy.MDI) -> Person:
    """Return somebody who takes aspart."""
    insulins = (Insulin(name="aspart", kind=InsulinKind.RAPID),)
    return Person(id=new_id(), name=name, unit=unit, zone="Europe/Berlin", therapy=therapy, insulins=insulins)


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is remembered of files and sources out of the folder of whoever runs the tests."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture(scope="session")
def ready_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty log, that of Ada (mg/dL) and Bo (mmol/L), and the made-up one with Bo in it."""
    folder = tmp_path_factory.mktemp("logs")
    call = Call(now=Moment.of(datetime.now(UTC), "UTC"), uid=new_id())
    open_log(folder / "empty.db", create=True).close()
    with open_log(folder / "two.db", create=True) as log:
        _add(log, person_of("Ada"), person_of("Bo", Unit.MMOL_L))
    log, _ = make(folder, call)
    with log:
        _add(log, person_of("Bo", Unit.MMOL_L))
    return folder


def _add(log: Log, *persons: Person) -> None:
    for person in persons:
        people.add(log, person, Call(now=Moment.of(datetime.now(UTC), "UTC"), uid=new_id()))


def _site(ready_made: Path, name: str, folder: Path) -> Iterator[Site]:
    shutil.copy(ready_made / name, folder / "log.db")
    with open_log(folder / "log.db") as log:
        site = Site(log, free_port(), Clock())
        yield site
        site.app.extensions["glucolog"].uploads.close()


@pytest.fixture
def empty(ready_made: Path, tmp_path: Path) -> Iterator[Site]:
    """The app over an empty log."""
    yield from _site(ready_made, "empty.db", tmp_path)


@pytest.fixture
def site(ready_made: Path, tmp_path: Path) -> Iterator[Site]:
    """The app over the log of Ada (mg/dL) and Bo (mmol/L)."""
    yield from _site(ready_made, "two.db", tmp_path)


@pytest.fixture
def demo(ready_made: Path, tmp_path: Path) -> Iterator[Site]:
    """The app over the made-up log and Bo's, on its last evening."""
    for site in _site(ready_made, "demo.db", tmp_path):
        site.clock.set(DEMO_DAY)
        yield site


@pytest.fixture
def serving() -> Iterator[Callable[[Site], Site]]:
    """Serve sites until the test ends."""
    running: list[tuple[Site, Any, threading.Thread]] = []

    def serve(site: Site) -> Site:
        server = listener(site.app, site.port)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((site, server, thread))
        return site

    yield serve
    for site, server, thread in running:
        site.app.extensions["glucolog"].closing.set()
        time.sleep(0.1)
        server.trigger.pull_trigger(server.close)  # in its own thread, which else may be waiting for what is closed
        thread.join(5)


@pytest.fixture
def client(site: Site) -> FlaskClient:
    """A signed-in browser without a screen, whose requests come from our own pages."""
    return signed_in(site)


class OwnPages(FlaskClient):
    """Requests as a browser sends them from glucolog's own pages."""

    base = ""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send to the site's address."""
        kwargs.setdefault("base_url", self.base)
        return super().open(*args, **kwargs)


def stranger(site: Site) -> FlaskClient:
    """Return a browser that nobody signed in."""
    client = OwnPages(site.app, site.app.response_class)
    client.base = site.base
    client.environ_base.update({"HTTP_ORIGIN": site.base, "HTTP_SEC_FETCH_SITE": "same-origin"})
    return client


def signed_in(site: Site) -> FlaskClient:
    """Return a signed-in client of a site."""
    client = stranger(site)
    client.set_cookie("glucolog", site.cookie(), domain="127.0.0.1")
    return client


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a signed-in page of a site on a screen; a script error, or a request to elsewhere, fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []
    asked: list[str] = []

    def open_page(site: Site, screen: dict[str, Any] = PHONE, **more: Any) -> Page:
        context = browser.new_context(**{**screen, **more}, base_url=site.base)
        context.add_cookies([{"name": "glucolog", "value": site.cookie(), "url": site.base}])
        context.on("request", lambda request: asked.append(request.url))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
    assert [url for url in asked if urlsplit(url).hostname not in {None, "127.0.0.1", "localhost"}] == []
