"""TLS in front of the app: waitress speaks plain HTTP, so a relay of threads takes the network side."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from select import select
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

from glucolog.errors import RefusedError, place_of
from glucolog.web.logs import LOG

CHUNK = 64 * 1024
MOST_CONNECTIONS = 64
MOST_OF_ONE = 16
"""Of one device: a browser keeps up to six open, and nobody may hold all of them."""
PATIENCE_S = 10.0
"""For a handshake, and for a reader that takes nothing of what is sent to it."""
LINGER_S = 2.0
"""For a device that goes on sending what nobody takes."""
STOP_EVERY_S = 0.1


@dataclass(slots=True)
class Relay:
    """Listens with TLS on every address and hands the bytes to a port of this machine, a thread a connection."""

    port: int
    inner_port: int
    context: ssl.SSLContext
    _front: _Front | None = None
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to listen. Raises `RefusedError` when the port is taken."""
        try:
            self._front = _Front(self.port, self.inner_port, self.context)
        except OSError as error:
            raise port_taken(self.port) from error
        self._thread = threading.Thread(target=self._front.serve_forever, args=(STOP_EVERY_S,), name="tls", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the relay with its connections."""
        if self._front and self._thread:
            self._front.shutdown()
            self._front.guests.hang_up()
            self._front.server_close()
            self._thread.join()


@dataclass(slots=True)
class _Guests:
    """The connections that are open: each with its device, and with its way to the app once it has one."""

    device_of: dict[socket.socket, str] = field(default_factory=dict)
    way_of: dict[socket.socket, socket.socket] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def let_in(self, guest: socket.socket, device: str) -> bool:
        """Take in a connection; False when there are too many, or too many of its device."""
        with self.lock:
            devices = list(self.device_of.values())
            if len(devices) >= MOST_CONNECTIONS or devices.count(device) >= MOST_OF_ONE:
                return False
            self.device_of[guest] = device
            return True

    def lead(self, guest: socket.socket, way: socket.socket) -> None:
        with self.lock:
            self.way_of[guest] = way

    def let_go(self, guest: socket.socket) -> None:
        with self.lock:
            self.device_of.pop(guest, None)
            self.way_of.pop(guest, None)

    def hang_up(self) -> None:
        """Wake every thread that waits for either side: an app that has ended takes no more of an upload."""
        with self.lock:
            for line in (*self.device_of, *self.way_of.values()):
                with suppress(OSError):  # it is gone by itself
                    socket.socket.shutdown(line, socket.SHUT_RDWR)  # below TLS, which another thread may be using


class _Front(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False  # so that closing the server waits for its connections
    request_queue_size = MOST_CONNECTIONS

    def __init__(self, port: int, inner_port: int, context: ssl.SSLContext) -> None:
        self.inner_port, self.context, self.guests = inner_port, context, _Guests()
        super().__init__(("0.0.0.0", port), _Connection)  # noqa: S104

    def get_request(self) -> tuple[ssl.SSLSocket, tuple[str, int]]:
        plain, address = super().get_request()
        try:
            return self.context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address
        except OSError:
            plain.close()
            raise

    def handle_error(self, *_: Any) -> None:
        """Say where it failed, not for whom nor with what."""
        LOG.error("a connection failed: %s", place_of(sys.exception() or Exception()))

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Refuse before the handshake whoever has too many connections: the handshake is what costs."""
        return self.guests.let_in(request, str(client_address[0]))

    def shutdown_request(self, request: Any) -> None:
        self.guests.let_go(request)
        super().shutdown_request(request)


class _Connection(BaseRequestHandler):
    server: _Front
    request: ssl.SSLSocket

    def handle(self) -> None:
        """Speak TLS to the device and plain HTTP to the app until one of them is done."""
        outer = self.request
        with suppress(OSError):  # a handshake that failed, or a side that is gone: there is nobody to tell
            outer.settimeout(PATIENCE_S)
            outer.do_handshake()
            with socket.create_connection(("127.0.0.1", self.server.inner_port), PATIENCE_S) as inner:
                self.server.guests.lead(outer, inner)
                while _both_go_on(outer, inner):
                    pass
                _hand_over(inner, outer)  # an app that takes no more of an upload has said why
            _say_goodbye(outer)


def _both_go_on(outer: ssl.SSLSocket, inner: socket.socket) -> bool:
    """Hand over what either side has said; False when one is done."""
    ready, _, _ = select([outer, inner], [], [])
    ends = [(outer, inner), (inner, outer)]
    return all(_hand_over(source, target) for source, target in ends if source in ready)


def _hand_over(source: socket.socket, target: socket.socket) -> bool:
    """Hand over what has come; False when either end is gone. A record of TLS that carries no bytes is no end."""
    source.settimeout(0)
    try:
        chunk = source.recv(CHUNK)
        while chunk:
            target.settimeout(PATIENCE_S)
            target.sendall(chunk)
            chunk = source.recv(CHUNK)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False
    return False


def _say_goodbye(outer: ssl.SSLSocket) -> None:
    """End, and let a device that is still sending read its answer, which a line closed on unread bytes would lose."""
    outer.settimeout(0)
    with suppress(ssl.SSLError):  # no goodbye has come back yet, or more of an upload has
        outer.unwrap()
    socket.socket.shutdown(outer, socket.SHUT_WR)
    until = time.monotonic() + LINGER_S
    while (left_s := until - time.monotonic()) > 0:
        outer.settimeout(left_s)
        if not socket.socket.recv(outer, CHUNK):  # what comes is thrown away as it is
            return


def port_taken(port: int) -> RefusedError:
    """Return the refusal of a port that another program has."""
    return RefusedError(f"Port {port} is taken by another program.", "Choose another one with --port.")
