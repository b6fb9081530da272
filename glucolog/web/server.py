"""Serving: the app behind waitress on this machine, or with TLS on the local network."""

from __future__ import annotations

import html
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from glucolog.core.records import Person
from glucolog.services.feeding import Fed
from glucolog.storage import Log
from glucolog.web.app import create_app
from glucolog.web.certificate import certificate
from glucolog.web.keys import Code, Keys
from glucolog.web.logs import impersonal
from glucolog.web.setup import NAME, House, Setup
from glucolog.web.tls import Relay, port_taken
from glucolog.web.uploads import throw_away_what_killed_servers_left

LOOPBACK = "127.0.0.1"
THREADS = 16
USUAL_PORTS = {"http": 80, "https": 443}
END_S = 3.0
"""A source that just now does not answer keeps nobody from stopping."""
BODY_LIMIT_BYTES = 300 * 1024 * 1024
ANSWER_IN_MEMORY_BYTES = 1024 * 1024 * 1024
"""No answer is so long: a slow reader's report would else wait in a temporary file, in the plain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What to tell the person who started it. `launch_page` lets their own browser in, once."""

    address: str
    code: Code
    launch_page: Path
    fingerprint: str | None = None
    followed: tuple[tuple[Person, Fed], ...] = ()


def serve(log: Log, *, port: int, lan: bool, told: Callable[[Opened], None], sync: bool = True) -> None:
    """Serve until interrupted; `sync` follows the remembered sources. Raises `RefusedError` when the port is taken."""
    throw_away_what_killed_servers_left()
    with impersonal():
        if lan:
            _serve_lan(log, port, told, sync=sync)
        else:
            _serve_here(log, port, told, sync=sync)


def _serve_here(log: Log, port: int, told: Callable[[Opened], None], *, sync: bool) -> None:
    app = create_app(log, Setup(origins=here(port)))
    server = listener(app, port)
    try:
        with LaunchPage(app, here(port)[0]) as page, _fed(app, sync=sync) as followed:
            told(Opened(address=here(port)[0], code=keys_of(app).code(), launch_page=page, followed=followed))
            _run(app, server)
    finally:
        _close(app, server)


def _serve_lan(log: Log, port: int, told: Callable[[Opened], None], *, sync: bool) -> None:
    from platformdirs import user_data_path

    names = lan_names()
    made = certificate(user_data_path("glucolog") / "tls", names)
    origins = tuple(origin("https", name, port) for name in names)
    app = create_app(log, Setup(origins=origins, lan=True, secure=True))
    server = listener(app, 0, scheme="https")
    relay = Relay(port, server.effective_port, made.context())
    try:
        relay.start()
        with LaunchPage(app, origins[0]) as page, _fed(app, sync=sync) as followed:
            opened = Opened(
                address=origins[0], code=keys_of(app).code(), launch_page=page, fingerprint=made.fingerprint,
                followed=followed,
            )  # fmt: skip
            told(opened)
            _run(app, server)
    finally:
        relay.stop()
        _close(app, server)


def listener(app: Flask, port: int, *, scheme: str = "http") -> Any:
    """Return waitress, listening on this machine alone."""
    from waitress.server import create_server  # type: ignore[import-untyped]  # it has no types of its own

    from glucolog.web.intake import limit_strangers

    try:
        server = create_server(
            app,
            host=LOOPBACK,
            port=port,
            threads=THREADS,
            ident=None,
            url_scheme=scheme,
            max_request_body_size=BODY_LIMIT_BYTES,
            outbuf_overflow=ANSWER_IN_MEMORY_BYTES,
            clear_untrusted_proxy_headers=True,
        )
    except OSError as error:
        raise port_taken(port) from error
    home: House = app.extensions[NAME]
    limit_strangers(server, home.keys, home.setup.cookie_name)
    return server


def here(port: int) -> tuple[str, ...]:
    """Return the addresses of this machine alone."""
    return tuple(origin("http", name, port) for name in (LOOPBACK, "localhost"))


def origin(scheme: str, name: str, port: int) -> str:
    """Return an origin as browsers write it: without the port that its scheme implies."""
    return f"{scheme}://{name}" if port == USUAL_PORTS[scheme] else f"{scheme}://{name}:{port}"


def lan_names() -> tuple[str, ...]:
    """Return this machine's address on the local network and its names, the address first."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address: nothing is sent, only the route is asked for
            address = str(probe.getsockname()[0])
        except OSError:
            address = LOOPBACK
    name = socket.gethostname().lower()
    return tuple(dict.fromkeys((address, name, f"{name.partition('.')[0]}.local", "localhost", LOOPBACK)))


def warm(app: Flask) -> None:
    """Compile the pages ahead of the first visit, which would wait for it."""
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)


def keys_of(app: Flask) -> Keys:
    """Return the door's memory of an app."""
    home: House = app.extensions[NAME]
    return home.keys


@contextmanager
def _fed(app: Flask, *, sync: bool) -> Iterator[tuple[tuple[Person, Fed], ...]]:
    """Follow the remembered sources beside the pages."""
    home: House = app.extensions[NAME]
    followed = home.feeding.begin() if sync else ()
    thread = threading.Thread(
        target=home.feeding.run, args=(home.setup.clock, home.closing), name="sources", daemon=True
    )
    if followed:
        thread.start()
    try:
        yield followed
    finally:
        home.closing.set()
        if followed:
            thread.join(END_S)


def _run(app: Flask, server: Any) -> None:
    """Run until interrupted or terminated; open streams are told first, so that nobody waits for them."""

    def end(*_: object) -> None:
        app.extensions[NAME].closing.set()
        raise KeyboardInterrupt

    threading.Thread(target=warm, args=(app,), name="warm", daemon=True).start()
    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _close(app: Flask, server: Any) -> None:
    server.close()
    app.extensions[NAME].uploads.close()


class LaunchPage:
    """A private file that sends the launch token as a form, so that no secret stands in an address."""

    def __init__(self, app: Flask, address: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="glucolog-open-")
        token = html.escape(keys_of(app).new_launch_token())
        self._path = Path(self._folder.name) / "open.html"
        self._path.touch(mode=0o600)
        self._path.write_text(
            '<!doctype html><meta charset="utf-8"><title>glucolog</title>'
            f'<form method="post" action="{html.escape(address)}/enter">'
            f'<input type="hidden" name="token" value="{token}">'
            "<button>Open glucolog</button></form><script>document.forms[0].submit()</script>",
            "utf-8",
        )

    def __enter__(self) -> Path:
        return self._path

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()
