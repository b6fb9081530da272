"""A site on 127.0.0.1 that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from glucolog.feeds.address import Address, parse_address


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: `raw` goes out as it is, else `document` as JSON. `says_length` lies about the length."""

    document: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    says_length: int | None = None
    write: Callable[[Any], None] | None = None


Answer = Callable[[Asked], Reply]


@dataclass(slots=True)
class FakeSite:
    """Give `answer` a function; read `asked` afterwards."""

    port: int
    answer: Answer = lambda _: Reply([])
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self) -> Address:
        """Its address, read."""
        return parse_address(self.url)


@contextmanager
def running_site(tls: tuple[str, str] | None = None) -> Iterator[FakeSite]:
    """Run a site until the block ends; with the files of a certificate and its key, over TLS."""
    server = _Server(("127.0.0.1", 0), _Handler)
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        # Shaken in the thread that answers: a caller that says nothing must not keep the site from ending.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.site = FakeSite(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.site
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    site: FakeSite

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what many tests want."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        parts = urlsplit(self.path)
        asked = Asked(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query)),
            {name.lower(): value for name, value in self.headers.items()},
            json.loads(body) if body else None,
        )
        self.server.site.asked.append(asked)
        self._write(self.server.site.answer(asked))

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 – the names that http.server calls

    def _write(self, reply: Reply) -> None:
        content = json.dumps(reply.document).encode() if reply.raw is None else reply.raw
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content) if reply.says_length is None else reply.says_length))
        self.end_headers()
        if reply.write is not None:
            reply.write(self.wfile)
        else:
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 – http.server's own word
        """Say nothing."""
