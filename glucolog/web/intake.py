"""What the server takes in before a page is asked: from a browser that is not signed in, no more than a form.

waitress writes a long body to disk before the app sees the request, so the limit that depends on who sends stands here.
"""

from __future__ import annotations

import copy
from typing import Any

from waitress.channel import HTTPChannel  # type: ignore[import-untyped]  # it has no types of its own
from waitress.parser import HTTPRequestParser  # type: ignore[import-untyped]  # as above
from werkzeug.http import parse_cookie

from glucolog.web.keys import Keys

STRANGERS_BODY_BYTES = 16 * 1024
"""A pairing code or a launch token is far shorter."""


def limit_strangers(server: Any, keys: Keys, cookie_name: str) -> None:
    """Let a waitress server take long bodies only from browsers that are signed in."""
    little = copy.copy(server.adj)
    little.max_request_body_size = STRANGERS_BODY_BYTES

    class Parser(HTTPRequestParser):  # type: ignore[misc]  # untyped, as above
        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            cookie = parse_cookie(self.headers.get("COOKIE", "")).get(cookie_name)
            if keys.visit(cookie, used=False) is None:
                self.adj = little

    class Channel(HTTPChannel):  # type: ignore[misc]  # untyped, as above
        parser_class = Parser

    server.channel_class = Channel
