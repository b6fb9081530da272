"""The line to a site: an end to the time, the size, the tries and the places."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from glucolog.errors import SourceError
from glucolog.feeds.address import parse_address
from glucolog.feeds.http import Line, Patience, StatusError
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import need
from tests.feeds.fake_site import Asked, FakeSite, Reply, running_site

QUICK = Patience(idle_s=0.3, total_s=1, tries=3)
ONCE = Patience(idle_s=0.3, total_s=0.6, tries=1)


def line(site: FakeSite, patience: Patience = QUICK, pauses: list[float] | None = None) -> Line:
    """A line that notes its pauses instead of taking them."""
    taken: list[float] = [] if pauses is None else pauses
    return Line(site.address, "Nightscout", patience, sleep=taken.append, jitter=lambda: 1.0)


def ask(site: FakeSite, patience: Patience = QUICK) -> Any:
    return line(site, patience).get("/api", {"count": 3}, {"api-secret": "hash"})


def in_turn(*replies: Reply) -> Any:
    left: Iterator[Reply] = iter(replies)
    return lambda _: next(left)


def test_asks_with_query_and_headers(site: FakeSite) -> None:
    site.answer = lambda _: Reply({"a": 1})
    assert ask(site) == {"a": 1}
    assert (site.asked[0].path, site.asked[0].query) == ("/api", {"count": "3"})
    assert site.asked[0].headers["api-secret"] == "hash"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 408])
def test_a_failing_server_is_asked_again_after_growing_pauses(site: FakeSite, status: int) -> None:
    site.answer = in_turn(Reply(status=status), Reply(status=status), Reply([1]))
    pauses: list[float] = []
    assert line(site, pauses=pauses).get("/", {}, {}) == [1]
    assert pauses == [0.5, 1.0]


def test_a_server_that_keeps_failing_is_left_after_the_last_try(site: FakeSite) -> None:
    site.answer = lambda _: Reply(status=500)
    with pytest.raises(StatusError, match="Nightscout answered with status 500") as failed:
        ask(site)
    assert (len(site.asked), failed.value.exit_code) == (3, 6)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_secret_is_said_at_once(site: FakeSite, status: int) -> None:
    site.answer = lambda _: Reply({"message": "hash"}, status=status)
    with pytest.raises(StatusError, match="refused the secret or token") as failed:
        ask(site)
    assert len(site.asked) == 1
    assert "hash" not in str(failed.value)


def test_the_wait_that_a_server_asks_for_is_kept_and_bounded(site: FakeSite) -> None:
    site.answer = in_turn(
        Reply(status=429, headers={"Retry-After": "7"}), Reply(status=429, headers={"Retry-After": "9999"}), Reply([])
    )
    pauses: list[float] = []
    line(site, pauses=pauses).get("/", {}, {})
    assert pauses == [7, 20]


@given(tried=st.integers(0, 40), jitter=st.floats(0, 1), wait_s=st.floats(0, 1e9))
def test_every_pause_is_bounded(tried: int, jitter: float, wait_s: float) -> None:
    one = Line(parse_address("localhost"), "x", Patience(), jitter=lambda: jitter)
    assert 0 <= one._pause_s(tried, wait_s) <= Patience().longest_pause_s


def test_a_silent_server_is_left(site: FakeSite) -> None:
    site.answer = lambda _: Reply(write=lambda _: time.sleep(1.5), says_length=5)
    begun = time.monotonic()
    with pytest.raises(SourceError, match="did not answer within"):
        ask(site, ONCE)
    assert time.monotonic() - begun < 1.2


def test_a_server_that_drips_is_left_when_the_whole_time_is_over(site: FakeSite) -> None:
    def drip(out: Any) -> None:
        for _ in range(40):
            out.write(b" ")
            out.flush()
            time.sleep(0.05)

    site.answer = lambda _: Reply(write=drip, says_length=40)
    begun = time.monotonic()
    with pytest.raises(SourceError, match="did not answer within"):
        ask(site, ONCE)
    assert time.monotonic() - begun < 1.2


def test_headers_that_never_end_are_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = parse_address(f"http://127.0.0.1:{server.getsockname()[1]}")
        one = Line(address, "Nightscout", ONCE)
        with pytest.raises(SourceError, match="did not answer within"):
            one.get("/", {}, {})


@pytest.mark.parametrize(
    "raw", [b"<html>please log in</html>", b"\xff\xfe", b"", b"[1,", b"[" * 100_000, b"9" * 10_000]
)
def test_what_is_not_json_is_said_and_not_asked_again(site: FakeSite, raw: bytes) -> None:
    site.answer = lambda _: Reply(raw=raw)
    with pytest.raises(SourceError, match="something other than its data"):
        ask(site)
    assert len(site.asked) == 1


def test_half_a_letter_is_replaced_and_whole_ones_stay(site: FakeSite) -> None:
    site.answer = lambda _: Reply(raw=rb'[{"a\ud800": ["x\uDFFFy", "\ud83d\ude00", 5, null]}]')
    assert ask(site) == [{"a�": ["x�y", "😀", 5, None]}]


def test_a_huge_answer_is_left_at_the_cap(site: FakeSite) -> None:
    sent = count()

    def flood(out: Any) -> None:
        for _ in range(1000):
            out.write(b" " * 2**16)
            next(sent)

    site.answer = lambda _: Reply(write=flood, says_length=1000 * 2**16)
    with pytest.raises(SourceError, match="more than 1 MB"):
        ask(site, Patience(idle_s=2, total_s=5, tries=3, most_bytes=2**20))
    assert len(site.asked) == 1
    assert next(sent) < 500


def test_a_truncated_answer_is_asked_for_again(site: FakeSite) -> None:
    site.answer = in_turn(Reply(raw=b"[1, 2", says_length=500), Reply([1, 2]))
    assert ask(site) == [1, 2]


def test_an_answer_that_stays_truncated_is_said(site: FakeSite) -> None:
    site.answer = lambda _: Reply(raw=b"[1, 2", says_length=500)
    with pytest.raises(SourceError, match="cut off"):
        ask(site)


def test_nobody_there_is_said() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    one = Line(parse_address(f"http://127.0.0.1:{port}"), "Nightscout", ONCE)
    with pytest.raises(SourceError, match="did not answer: connection refused"):
        one.get("/", {}, {})


def test_a_redirect_within_the_site_is_followed(site: FakeSite) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply([1]) if asked.path == "/new" else Reply(status=302, headers={"Location": "/new"})

    site.answer = answer
    assert ask(site) == [1]


def test_a_redirect_elsewhere_is_refused_and_the_secret_stays(site: FakeSite) -> None:
    with running_site() as elsewhere:
        site.answer = lambda _: Reply(status=302, headers={"Location": f"{elsewhere.url}/api"})
        with pytest.raises(SourceError, match="does not follow"):
            ask(site)
        assert elsewhere.asked == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://my.site.example/"])
def test_a_redirect_to_another_scheme_is_refused(site: FakeSite, target: str) -> None:
    site.answer = lambda _: Reply(status=301, headers={"Location": target})
    with pytest.raises(SourceError):
        ask(site)


def test_redirects_in_a_circle_end(site: FakeSite) -> None:
    site.answer = lambda _: Reply(status=302, headers={"Location": "/api?count=3"})
    with pytest.raises(SourceError):
        ask(site)
    assert len(site.asked) < 10


def test_what_is_written_is_never_sent_on(site: FakeSite) -> None:
    site.answer = lambda _: Reply(status=307, headers={"Location": "/new"})
    with pytest.raises(SourceError, match="another address"):
        line(site).send("POST", "/api", {"glucose": 142}, {})
    assert len(site.asked) == 1


def test_a_proxy_of_the_environment_is_not_used_for_this_machine(
    site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    site.answer = lambda _: Reply([1])
    assert ask(site) == [1]


def test_a_certificate_that_cannot_be_trusted_is_said_and_nothing_is_sent(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    need(openssl, "openssl")
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    made = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days", "2")
    subprocess.run(
        [str(openssl), *made, "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=60
    )
    with running_site(tls=(certificate, key)) as site:
        https = parse_address(f"https://127.0.0.1:{site.port}")
        with pytest.raises(SourceError, match="certificate that can't be trusted: self-signed"):
            Line(https, "Nightscout", ONCE).get("/", {}, {"api-secret": "hash"})
        assert site.asked == []


def test_a_server_that_speaks_no_tls_is_said_and_nothing_is_sent(site: FakeSite) -> None:
    https = parse_address(f"https://127.0.0.1:{site.port}")
    with pytest.raises(SourceError, match="Nightscout did not answer"):
        Line(https, "Nightscout", ONCE).get("/", {}, {"api-secret": "hash"})
    assert site.asked == []
