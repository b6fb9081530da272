"""The web app attacked by the OWASP Top Ten (2021), over real sockets where the server itself is the target.

A01 access: every route without a session, from another site, with another person's ids; reading changes nothing.
A02 cryptography: TLS in test_relay, the cookie in test_door. A03 injection: headers, paths, stored markup.
A04 design: lock-out and double submits (test_door), who may send how much. A05 configuration: headers on every answer,
no other methods, no debugger (test_door). A06 components: tests/reliability/test_dependencies. A07 authentication:
cookies after signing out, cookies that somebody fixed. A08 integrity: scripts are our own or hashed. A09 logging: no
secret and no reading. A10 requests to elsewhere: no form takes an address to fetch.
"""

from __future__ import annotations

import logging
import re
import socket
import time
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from flask import Response
from flask.testing import FlaskClient
from glucolog.core.records import Carbs, Reading
from glucolog.core.units import Glucose, Source, Unit
from glucolog.services import entries, sessions
from glucolog.services.entry import Around, Details, Timing
from glucolog.services.identity import Call, new_id
from glucolog.web.intake import STRANGERS_BODY_BYTES
from glucolog.web.server import here, keys_of, origin
from tests.web.conftest import Site, signed_in, stranger
from waitress.buffers import TempfileBasedBuffer  # type: ignore[import-untyped]  # it has no types of its own

OPEN = {"access.enter", "access.pair", "access.paired", "assets.static_file", "assets.manifest", "assets.icon",
        "assets.png", "assets.worker", "assets.away"}  # fmt: skip
LONG = b"x" * 20_000_000
MARKUP = "<svg onload=alert(1)>'\"&"


def call(site: Site) -> Call:
    """Return what a change carries."""
    return Call(now=site.now(), uid=new_id())


def addresses(site: Site, method: str, person_id: str) -> Iterator[tuple[str, str]]:
    """Return every route that takes a method, filled in for a person."""
    for rule in site.app.url_map.iter_rules():
        if method in (rule.methods or ()):
            values = {"uid": new_id(), "session_id": new_id(), "record_id": new_id(), "person_id": person_id,
                      "what": "carbs", "kind": "agp", "ending": "txt", "name": "web", "size": 180, "version": "x",
                      "upload_id": "x"}  # fmt: skip
            wanted = {name: values[name] for name in rule.arguments}
            yield rule.endpoint, site.app.url_map.bind("127.0.0.1").build(rule.endpoint, wanted, method=method)


def everything(site: Site) -> tuple[object, ...]:
    """Return what the log says of everybody, to be compared."""
    people = site.log.people()
    return people, site.log.history(None), tuple(site.log.sessions(person.id) for person in people)


def test_no_route_writes_without_a_session_or_from_another_site(site: Site, client: FlaskClient) -> None:
    before, ada, checked = everything(site), site.person("Ada"), 0
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for endpoint, address in addresses(site, "POST", ada.id):
        data = {"person": ada.id, "grams": "20", "glucose": "150", "name": "x", "act": "delete", "note": "x"}
        if endpoint not in OPEN:
            assert stranger(site).post(address, data=data).status_code == 403, address
        if endpoint != "access.enter":
            assert client.post(address, data=data, headers=evil).status_code == 403, address
        checked += 1
    assert checked >= 18
    assert everything(site) == before


def test_reading_pages_changes_nothing(site: Site, client: FlaskClient) -> None:
    before = everything(site)
    for _, address in addresses(site, "GET", site.person("Ada").id):
        assert client.get(address, follow_redirects=True).status_code < 500, address
    assert everything(site) == before


def test_asking_for_the_head_alone_writes_nothing(site: Site, client: FlaskClient) -> None:
    before, ada = everything(site), site.person("Ada")
    form = {"person": ada.id, "grams": "20", "glucose": "150", "end": "40m ago", "minutes": "20", "name": "Eve"}
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for _, address in addresses(site, "HEAD", ada.id):
        assert client.head(address, data=form, headers=evil).status_code in {200, 303, 404}, address
    assert everything(site) == before


def test_every_answer_is_hardened(site: Site, client: FlaskClient) -> None:
    for endpoint, address in [*addresses(site, "GET", site.person("Ada").id), ("", "/%00"), ("", "/p/x/")]:
        answer = client.get(address, buffered=endpoint != "live.stream")
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, address
        scripts = re.sub(r"'sha256-[^']*'", "", policy.partition("script-src")[2].partition(";")[0])
        assert "unsafe" not in scripts
        assert "*" not in scripts
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        if endpoint not in {"assets.static_file", "assets.icon", "assets.png"}:
            assert answer.headers["Cache-Control"] == "no-store", address
        assert "Server" not in answer.headers
        answer.close()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "PROPFIND"])
def test_no_other_method_is_answered(method: str, site: Site, client: FlaskClient) -> None:
    answer = client.open(site.at("Ada") + "/settings", method=method)
    assert answer.status_code in {200, 405}
    assert "Ada" not in answer.text
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_another_persons_ids_lead_nowhere(site: Site, client: FlaskClient) -> None:
    ada, bo = site.person("Ada"), site.person("Bo")
    timing = Timing(end=site.now().plus(minutes=-30), minutes=20)
    made = sessions.log_session(site.log, ada, timing, Details(), Around(), call(site))
    session = site.log.sessions(ada.id)[0]
    carbs = entries.add(site.log, ada, Carbs(id=new_id(), person_id=ada.id, at=site.now(), grams=20), call(site))
    before = everything(site)
    assert made is not None
    for path in (f"sessions/{session.id}", f"sessions/{session.id}/edit"):
        assert client.get(f"/p/{bo.id}/{path}").status_code == 404
    for path, act in ((f"sessions/{session.id}/edit", ""), (f"sessions/{session.id}/delete", ""),
                      (f"entries/carbs/{carbs.id}", "delete"), (f"entries/carbs/{carbs.id}", "told")):  # fmt: skip
        answer = client.post(f"/p/{bo.id}/{path}", data={"person": bo.id, "act": act, "note": "x"})
        assert answer.status_code in {404, 422}, path
    assert everything(site) == before


def test_a_cookie_is_worth_nothing_after_signing_out_and_none_can_be_set_beforehand(site: Site) -> None:
    stolen = site.cookie()
    thief = stranger(site)
    thief.set_cookie("glucolog", stolen, domain="127.0.0.1")
    visit = keys_of(site.app).visit(stolen)
    assert visit is not None
    assert thief.post("/devices/end", data={"visit": visit.id}).status_code == 200
    assert thief.get("/people").status_code == 303
    fixed = stranger(site)
    fixed.set_cookie("glucolog", "chosen-by-somebody-else", domain="127.0.0.1")
    answer = fixed.post("/pair", data={"code": keys_of(site.app).code().text})
    assert "chosen-by-somebody-else" not in answer.headers["Set-Cookie"]


def test_nothing_that_was_stored_becomes_markup(site: Site, client: FlaskClient) -> None:
    ada = site.person("Ada")
    at = f"/p/{ada.id}"
    forms = {
        "settings": {"insulin_background": MARKUP.replace("=", ""), "questions": MARKUP, "low_plan": MARKUP},
        "log": {"end": "40m ago", "minutes": "20", "note": MARKUP, "areas": "calf:left"},
        "add/activity": {"kind": MARKUP, "note": MARKUP},
        "add/carbs": {"grams": "20", "note": MARKUP},
    }
    for path, form in forms.items():
        assert client.post(f"{at}/{path}?form={new_id()}", data={"person": ada.id, **form}).status_code == 303, path
    header = f"Zeit;{MARKUP};b\n1.1.2026;{MARKUP};c\n".encode()
    files = {"person": ada.id, "files": (BytesIO(header), f"{MARKUP}.csv")}
    preview = client.post(f"{at}/import", data=files, content_type="multipart/form-data").headers["Location"]
    session = site.log.sessions(ada.id)[0]
    for path in (preview, *(f"{at}/{page}" for page in ("", "settings", "history", "entries/activity", "entries/carbs",
                 "sessions", "before", f"sessions/{session.id}", f"sessions/{session.id}/edit"))):  # fmt: skip
        text = client.get(path, follow_redirects=True).text
        assert "<svg onload" not in text, path
        assert 'onload=alert(1)>"' not in text


@pytest.mark.parametrize(
    "path", ["//evil.example/people", "/\\evil.example", "/people//", "/p/%0d%0aSet-Cookie:%20a=b/before"]
)
def test_no_path_leads_to_another_site_or_into_a_header(path: str, client: FlaskClient, site: Site) -> None:
    answer = client.get(path)
    location = answer.headers.get("Location", "/")
    assert location.startswith(("/", site.base + "/")), location
    assert not location.startswith(("//", "/\\"))
    assert "Set-Cookie" not in answer.headers


def test_what_is_logged_holds_no_secret_and_no_reading(
    site: Site, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    code = keys_of(site.app).code().text
    stranger(site).post("/pair", data={"code": code[:-1]})
    client.post(site.at("Ada") + "/add/reading", data={"person": site.person("Ada").id, "glucose": "143"})
    client.post(site.at("Ada") + "/add/note", data={"person": site.person("Ada").id, "note": "private words"})
    for secret in (code[:-1], "143", "private words"):
        assert secret not in caplog.text


# Over sockets: what the server itself takes.


def asked(site: Site, request: bytes, timeout_s: float = 10) -> bytes:
    """Send bytes and return what comes back."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=timeout_s) as line:
        line.sendall(request)
        found = b""
        while chunk := line.recv(65536):
            found += chunk
        return found


Serve = Callable[[Site], Site]


def host(site: Site) -> str:
    """Return the Host header of the site."""
    return here(site.port)[0].removeprefix("http://")


@pytest.mark.parametrize(
    "lines",
    [
        "Host: evil.example\r\n", "Host: {host}\r\nHost: evil.example\r\n", "",
        "Host: evil.example\r\nX-Forwarded-Host: {host}\r\n",
        "Host: evil.example\r\nForwarded: host={host}\r\n",
    ],
    ids=["foreign", "two", "none", "forwarded for", "forwarded"],
)  # fmt: skip
def test_only_the_own_host_is_answered(lines: str, site: Site, serving: Serve) -> None:
    head = f"GET /pair HTTP/1.1\r\n{lines.format(host=host(serving(site)))}Connection: close\r\n\r\n"
    assert asked(site, head.encode()).startswith(b"HTTP/1.1 400 ")


def test_a_stranger_can_not_fill_the_disk(site: Site, serving: Serve) -> None:
    serving(site)
    head = f"POST /pair HTTP/1.1\r\nHost: {host(site)}\r\nOrigin: {site.base}\r\nConnection: close\r\n"
    long = f"{head}Content-Length: {STRANGERS_BODY_BYTES}\r\n\r\n".encode() + b"x" * 100
    assert asked(site, long).startswith(b"HTTP/1.1 413 ")
    chunks = b"%x\r\n%s\r\n" % (STRANGERS_BODY_BYTES, b"x" * STRANGERS_BODY_BYTES)
    assert asked(site, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks).startswith(b"HTTP/1.1 413 ")
    mine = head.replace("/pair", "/nowhere") + f"Cookie: glucolog={site.cookie()}\r\nContent-Length: 20000\r\n\r\n"
    assert asked(site, mine.encode() + b"x" * 20000).startswith(b"HTTP/1.1 404 ")


def test_an_answer_waits_for_a_slow_reader_in_memory(
    site: Site, serving: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def note(self: TempfileBasedBuffer) -> BytesIO:
        made.append(self)
        return BytesIO()

    def say_much(answer: Response) -> Response:
        answer.set_data(LONG)
        return answer

    monkeypatch.setattr(TempfileBasedBuffer, "newfile", note)
    site.app.after_request(say_much)
    serving(site)
    with socket.create_connection(("127.0.0.1", site.port), timeout=5) as line:
        head = f"GET /nowhere HTTP/1.1\r\nHost: {host(site)}\r\nCookie: glucolog={site.cookie()}\r\n"
        line.sendall(f"{head}Connection: close\r\n\r\n".encode())
        time.sleep(0.3)  # the answer is there, and nobody reads it
        assert len(b"".join(iter(lambda: line.recv(1 << 20), b""))) > len(LONG)
    assert made == []


@pytest.mark.parametrize(
    "request_",
    [b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n", b"\0" * 400 + b"\r\n\r\n", b"GET /" + b"a" * 300_000],
    ids=["TLS", "version", "noughts", "endless line"],
)
def test_rubbish_is_refused_and_the_server_goes_on(request_: bytes, site: Site, serving: Serve) -> None:
    serving(site)
    with socket.create_connection(("127.0.0.1", site.port), timeout=5) as line:
        line.sendall(request_)
    ask = f"GET /pair HTTP/1.1\r\nHost: {host(site)}\r\nConnection: close\r\n\r\n".encode()
    assert asked(site, ask).startswith(b"HTTP/1.1 200 ")


def test_slow_clients_hold_up_nobody(site: Site, serving: Serve) -> None:
    serving(site)
    slow = [socket.create_connection(("127.0.0.1", site.port), timeout=5) for _ in range(60)]
    try:
        for line in slow:
            line.sendall(f"POST /pair HTTP/1.1\r\nHost: {host(site)}\r\nContent-Length: 9\r\n\r\nx".encode())
        ask = f"GET /pair HTTP/1.1\r\nHost: {host(site)}\r\nConnection: close\r\n\r\n".encode()
        assert asked(site, ask).startswith(b"HTTP/1.1 200 ")
    finally:
        for line in slow:
            line.close()


@pytest.mark.parametrize(
    ("scheme", "port", "written"),
    [
        ("http", 80, "http://a"),
        ("https", 443, "https://a"),
        ("http", 443, "http://a:443"),
        ("http", 8765, "http://a:8765"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(scheme: str, port: int, written: str) -> None:
    assert origin(scheme, "a", port) == written


def test_a_reading_of_one_log_never_shows_in_another(site: Site) -> None:
    ada, at = site.person("Ada"), site.now()
    record = Reading(id=new_id(), person_id=ada.id, at=at, glucose=Glucose(143, Unit.MG_DL), source=Source.METER)
    entries.add(site.log, ada, record, call(site))
    client = signed_in(site)
    for path in ("/", "/live", "/before", "/sessions", "/entries/reading", "/history", "/report/file/txt"):
        assert "143" not in client.get(site.at("Bo") + path).text, path
