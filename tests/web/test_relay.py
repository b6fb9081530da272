"""TLS on the local network: the certificate, what the relay refuses, and that it ends when it is told to."""

from __future__ import annotations

import gc
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from glucolog.web import tls
from glucolog.web.certificate import Certificate, certificate
from glucolog.web.tls import Relay
from tests.web.conftest import Site, free_port

Serve = Callable[[Site], Site]
PROMPT_S = 5.0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate of this machine."""
    return certificate(tmp_path_factory.mktemp("tls"), ("127.0.0.1", "localhost"))


@pytest.fixture
def relay(site: Site, serving: Serve, made: Certificate) -> Iterator[Relay]:
    """A relay to the site; a socket that it leaves open is an error of the test."""
    relay = Relay(free_port(), serving(site).port, made.context())
    relay.start()
    yield relay
    relay.stop()
    gc.collect()


@pytest.fixture
def trusting(made: Certificate) -> ssl.SSLContext:
    """What a browser knows that trusts the certificate."""
    return ssl.create_default_context(cafile=str(made.file))


def test_the_certificate_is_kept_private_and_made_anew_for_other_names(tmp_path: Path) -> None:
    first = certificate(tmp_path / "tls", ("192.0.2.7", "box.local"))
    assert first.key.stat().st_mode & 0o777 == 0o600
    kept = first.fingerprint
    assert len(kept.split(":")) == 32
    assert certificate(tmp_path / "tls", ("192.0.2.7", "box.local")).fingerprint == kept
    assert certificate(tmp_path / "tls", ("192.0.2.8", "box.local")).fingerprint != kept


def test_the_relay_speaks_tls_and_nothing_else(site: Site, relay: Relay, trusting: ssl.SSLContext) -> None:
    with closing(HTTPSConnection("127.0.0.1", relay.port, context=trusting, timeout=PROMPT_S)) as connection:
        connection.request("GET", "/pair", headers={"Host": site.base.removeprefix("http://")})
        assert connection.getresponse().status == 200
    with pytest.raises(OSError, match=r".*"):
        urllib.request.urlopen(f"http://127.0.0.1:{relay.port}/pair", timeout=PROMPT_S)


def test_a_stranger_is_told_that_it_is_too_much_while_still_sending(
    site: Site, relay: Relay, trusting: ssl.SSLContext
) -> None:
    """What was sent ahead of the answer lies unread: a line that closes on it would take the answer with it."""
    host = site.base.removeprefix("http://")
    head = f"POST /pair HTTP/1.1\r\nHost: {host}\r\nOrigin: {site.base}\r\nContent-Length: {8 * 2**20}\r\n\r\n"
    for _ in range(5):
        with (
            socket.create_connection(("127.0.0.1", relay.port), timeout=PROMPT_S) as plain,
            trusting.wrap_socket(plain, server_hostname="localhost") as line,
        ):
            line.sendall(head.encode())
            with suppress(OSError):  # from some point on, nobody takes it
                for _ in range(64):
                    line.sendall(b"x" * 2**17)
            assert line.recv(2**16).startswith(b"HTTP/1.1 413 ")


def test_one_device_can_not_hold_every_connection(relay: Relay, trusting: ssl.SSLContext) -> None:
    held: list[socket.socket] = []
    try:
        held += [socket.create_connection(("127.0.0.1", relay.port), timeout=PROMPT_S) for _ in range(tls.MOST_OF_ONE)]
        held[0] = trusting.wrap_socket(held[0], server_hostname="localhost")
        held += [socket.create_connection(("127.0.0.1", relay.port), timeout=PROMPT_S) for _ in range(4)]
        assert all(_is_closed(line, within_s=PROMPT_S) for line in held[tls.MOST_OF_ONE :])
        assert not _is_closed(held[0], within_s=0.5)
        for line in held[1:]:
            line.close()
        _awaited(lambda: not _is_refused(relay, trusting))
    finally:
        for line in held:
            line.close()


def _is_refused(relay: Relay, trusting: ssl.SSLContext) -> bool:
    with socket.create_connection(("127.0.0.1", relay.port), timeout=PROMPT_S) as line, suppress(OSError):
        trusting.wrap_socket(line, server_hostname="localhost").close()
        return False
    return True


def _awaited(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < until, "in vain"
        time.sleep(0.05)


def _is_closed(line: socket.socket, within_s: float) -> bool:
    line.settimeout(within_s)
    try:
        return line.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_old_tls_is_not_spoken(relay: Relay, made: Certificate) -> None:
    old = ssl.create_default_context(cafile=str(made.file))
    old.set_ciphers("ALL:@SECLEVEL=0")  # or it would not ask for the old version at all
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLS"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", relay.port), timeout=PROMPT_S) as line,
        pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"),
        old.wrap_socket(line, server_hostname="localhost"),
    ):
        pass


def test_a_stop_waits_neither_for_silence_nor_for_an_app_that_takes_no_more(
    made: Certificate, trusting: ssl.SSLContext
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        relay = Relay(free_port(), int(deaf.getsockname()[1]), made.context())
        relay.start()
        silent = socket.create_connection(("127.0.0.1", relay.port), timeout=PROMPT_S)
        sending = trusting.wrap_socket(
            socket.create_connection(("127.0.0.1", relay.port), timeout=PROMPT_S), server_hostname="localhost"
        )
        stuck = threading.Thread(target=_send_until_it_fails, args=(sending,), daemon=True)
        stuck.start()
        time.sleep(0.3)  # until what lies between is full
        begun = time.monotonic()
        relay.stop()
        assert time.monotonic() - begun < tls.PATIENCE_S / 2
        stuck.join(2 * PROMPT_S)
        for line in (silent, sending):
            line.close()
    gc.collect()


def _send_until_it_fails(line: ssl.SSLSocket) -> None:
    with suppress(OSError):
        while True:
            line.sendall(b"x" * tls.CHUNK)
