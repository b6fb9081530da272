"""How a Nightscout is asked: with the secret's hash, or with a pass that the site gives for a token.

API secret: header `api-secret`, SHA-1 in hex. Token (the subject's name, a dash and 16 hex digits): exchanged at
/api/v2/authorization/request/ for a JWT that goes as `Authorization: Bearer` and is renewed once it is refused. The
token is in the path of that one request, and so is never part of an address that is shown.
Source: cgm-remote-monitor lib/authorization.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from glucolog.core.wording import feeds as words
from glucolog.errors import SourceError
from glucolog.feeds.http import Line, StatusError

TOKEN = re.compile(r"[A-Za-z0-9_]{0,64}-[0-9a-f]{16}")
HASHED = re.compile(r"[0-9a-f]{40}")
_PASS = re.compile(r"[A-Za-z0-9_.-]{1,4096}")
UNAUTHORIZED = 401

T = TypeVar("T")


class Door:
    """Asks and sends with the right headers. `secret` is None for a site that anyone may read."""

    def __init__(self, line: Line, secret: str | None) -> None:
        self._line = line
        self._token = secret if secret and TOKEN.fullmatch(secret) else None
        self._hash = _hashed(secret) if secret and not self._token else None
        self._pass: str | None = None

    @property
    def name(self) -> str:
        """What errors call the site."""
        return self._line.name

    @property
    def has_token(self) -> bool:
        """Whether a token opens it, which API v3 asks for."""
        return self._token is not None

    def get(self, path: str, query: Mapping[str, object]) -> Any:
        """Ask for a JSON document."""
        return self._renewing(lambda headers: self._line.get(path, query, headers))

    def get_list(self, path: str, query: Mapping[str, object]) -> list[object]:
        """Ask for a list, bare or under `result`. Raises `SourceError` for anything else."""
        document = self.get(path, query)
        listed = document.get("result") if isinstance(document, dict) else document
        if not isinstance(listed, list):
            raise SourceError(words.NOT_A_LIST[0].format(name=self.name, path=path), words.NOT_A_LIST[1])
        return listed

    def send(self, method: str, path: str, body: object = None) -> None:
        """Send a JSON document."""
        self._renewing(lambda headers: self._line.send(method, path, body, headers))

    def _renewing(self, ask: Callable[[Mapping[str, str]], T]) -> T:
        is_used = self._pass is not None
        try:
            return ask(self._headers())
        except StatusError as error:
            if error.status != UNAUTHORIZED or not is_used:
                raise
        self._pass = None
        return ask(self._headers())

    def _headers(self) -> dict[str, str]:
        if self._token is not None:
            self._pass = self._pass or self._given_pass(self._token)
            return {"Authorization": f"Bearer {self._pass}"}
        return {} if self._hash is None else {"api-secret": self._hash}

    def _given_pass(self, token: str) -> str:
        answer = self._line.get(f"/api/v2/authorization/request/{token}", {}, {})
        given = answer.get("token") if isinstance(answer, dict) else None
        if not isinstance(given, str) or not _PASS.fullmatch(given):
            raise SourceError(words.NO_PASS[0].format(name=self.name), words.NO_PASS[1])
        return given


def _hashed(secret: str) -> str:
    if HASHED.fullmatch(secret):
        return secret
    return hashlib.sha1(secret.encode(), usedforsecurity=False).hexdigest()
