"""JSON over HTTP with an end to everything: to the time, the size, the tries and the places it may be sent on to.

The standard library's urllib does the talking. A question is put again, after a growing pause with full jitter, only
when the network or the server failed (timeouts, cut answers, 429, 5xx); what is written is made to be repeatable.
Redirects stay within scheme, host and port. Proxies of the environment are used, except for this machine itself.
"""

from __future__ import annotations

import io
import json
import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from glucolog.core.letters import mended_json
from glucolog.core.wording import feeds as words
from glucolog.errors import SourceError
from glucolog.feeds.address import Address, origin_of

MEGABYTE = 2**20
BLOCK = 2**16
PATIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
"""What a later try may well get past."""
REFUSING_STATUSES = frozenset({401, 403})
REDIRECTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """The limits of one question: seconds without a byte, seconds in all, tries, pauses (seconds), bytes."""

    idle_s: float = 10
    total_s: float = 30
    tries: int = 3
    pause_s: float = 0.5
    longest_pause_s: float = 20
    most_bytes: int = 32 * MEGABYTE


class StatusError(SourceError):
    """The server answered, but with a status that is no success."""

    def __init__(self, status: int, sentence: tuple[str, str]) -> None:
        super().__init__(*sentence)
        self.status = status


class _TransientError(Exception):
    """A try failed in a way that another may not; carries what to say if none is left."""

    def __init__(self, error: SourceError, wait_s: float = 0) -> None:
        super().__init__(str(error))
        self.error, self.wait_s = error, wait_s


class Line:
    """A way to one site. `name` is what errors call it; `sleep` and `jitter` (0 to 1) are the pauses' own."""

    def __init__(
        self,
        address: Address,
        name: str,
        patience: Patience | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.address, self.name = address, name
        self._patience = patience or Patience()
        self._sleep, self._jitter = sleep, jitter

    def get(self, path: str, query: Mapping[str, object], headers: Mapping[str, str]) -> Any:
        """Ask for a JSON document. Raises `SourceError`, for a status `StatusError`."""
        asked = f"{path}?{urlencode(query)}" if query else path
        return self._json(self._answer("GET", asked, None, headers))

    def send(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> None:
        """Send a JSON document (None: no body); the answer's content does not matter. Errors as `get`."""
        data = None if body is None else json.dumps(body, allow_nan=False).encode()
        self._answer(method, path, data, headers)

    def _answer(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> bytes:
        request = Request(  # noqa: S310 – the scheme was checked by Address
            f"{self.address}{path}",
            data=data,
            method=method,
            headers={"Accept": "application/json", "Content-Type": "application/json", **headers},
        )
        for tried in range(self._patience.tries):
            try:
                return self._once(request)
            except _TransientError as failed:
                if tried + 1 == self._patience.tries:
                    raise failed.error from failed
                self._sleep(self._pause_s(tried, failed.wait_s))
        raise AssertionError("there is at least one try")

    def _pause_s(self, tried: int, wait_s: float) -> float:
        most = min(self._patience.pause_s * 2.0**tried, self._patience.longest_pause_s)
        return max(self._jitter() * most, min(wait_s, self._patience.longest_pause_s))

    def _once(self, request: Request) -> bytes:
        until = time.monotonic() + self._patience.total_s
        try:
            with self._opener(until).open(request, timeout=self._patience.idle_s) as response:
                return self._read(response)
        except HTTPError as error:
            with error:
                raise self._of_status(error.code, error.headers.get("Retry-After", "")) from error
        except TimeoutError as error:
            raise _TransientError(self._too_slow()) from error
        except URLError as error:
            raise self._of_reason(error.reason) from error
        except (HTTPException, OSError, ValueError) as error:
            raise _TransientError(self._problem(words.NO_ANSWER, reason=words.CUT_OFF)) from error

    def _opener(self, until: float) -> OpenerDirector:
        opener = OpenerDirector()
        for handler in (
            ProxyHandler({}) if self.address.is_loopback else ProxyHandler(),
            _Http(until, self._patience.idle_s),
            _Https(until, self._patience.idle_s),
            HTTPDefaultErrorHandler(),
            HTTPErrorProcessor(),
            _SameSite(self.address, self.name),
        ):
            opener.add_handler(handler)
        return opener

    def _read(self, response: HTTPResponse) -> bytes:
        parts, size = [], 0
        while part := response.read(BLOCK):
            parts.append(part)
            size += len(part)
            if size > self._patience.most_bytes:
                raise self._problem(words.TOO_BIG, megabytes=self._patience.most_bytes / MEGABYTE)
        # Read in blocks, http.client does not complain of a body that ends before its stated length.
        if response.length:
            raise _TransientError(self._problem(words.NO_ANSWER, reason=words.CUT_OFF))
        return b"".join(parts)

    def _json(self, content: bytes) -> Any:
        try:
            text = content.decode("utf-8")
            return mended_json(json.loads(text), text)
        except (ValueError, RecursionError) as error:
            raise self._problem(words.NOT_JSON) from error

    def _of_status(self, status: int, retry_after: str) -> Exception:
        refused = status in REFUSING_STATUSES
        sentence = words.WRONG_SECRET if refused else words.BAD_STATUS
        error = StatusError(status, (sentence[0].format(name=self.name, status=status), sentence[1]))
        wait_s = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0.0
        return _TransientError(error, wait_s) if status in PATIENT_STATUSES else error

    def _of_reason(self, reason: object) -> Exception:
        if isinstance(reason, ssl.SSLCertVerificationError):
            return self._problem(words.NOT_TRUSTED, reason=reason.verify_message)
        if isinstance(reason, TimeoutError):
            return _TransientError(self._too_slow())
        said = getattr(reason, "strerror", None) or str(reason)
        return _TransientError(self._problem(words.NO_ANSWER, reason=str(said).lower()))

    def _too_slow(self) -> SourceError:
        return self._problem(words.TOO_SLOW, seconds=self._patience.total_s)

    def _problem(self, sentence: tuple[str, str], **more: object) -> SourceError:
        return SourceError(sentence[0].format(name=self.name, **more), sentence[1])


class _SameSite(HTTPRedirectHandler):
    """Follows a redirect only where the secret may go anyway, and never with what is written."""

    max_redirections = REDIRECTS
    max_repeats = REDIRECTS

    def __init__(self, address: Address, name: str) -> None:
        self._address, self._name = address, name

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        if req.get_method() != "GET":
            fp.close()
            raise SourceError(words.MOVED_WRITE[0].format(name=self._name), words.MOVED_WRITE[1])
        origin = origin_of(newurl)
        if origin != self._address.origin:
            fp.close()
            host = origin[1] if origin else "elsewhere"
            raise SourceError(words.MOVED[0].format(name=self._name, host=host), words.MOVED[1])
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Timed(io.RawIOBase):
    """A socket's bytes until a deadline: a server that drips them can't hold the line open."""

    def __init__(self, raw: io.RawIOBase, sock: Any, until: float, idle_s: float) -> None:
        self._raw, self._sock, self._until, self._idle_s = raw, sock, until, idle_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the time for the whole answer is over")
        self._sock.settimeout(min(left_s, self._idle_s))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _timed_response(until: float, idle_s: float, sock: Any, *given: Any, **more: Any) -> HTTPResponse:
    response = HTTPResponse(sock, *given, **more)
    raw: Any = response.fp
    response.fp = io.BufferedReader(_Timed(raw.detach(), sock, until, idle_s))
    return response


def _timed(connection: HTTPConnection, until: float, idle_s: float) -> HTTPConnection:
    connection.response_class = partial(_timed_response, until, idle_s)  # type: ignore[assignment]  # it is only called
    return connection


class _Http(HTTPHandler):
    def __init__(self, until: float, idle_s: float) -> None:
        super().__init__()
        self._limits = until, idle_s

    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(lambda host, **how: _timed(HTTPConnection(host, **how), *self._limits), req)


class _Https(HTTPSHandler):
    def __init__(self, until: float, idle_s: float) -> None:
        super().__init__()
        self._limits = until, idle_s

    def https_open(self, req: Request) -> HTTPResponse:
        context = ssl.create_default_context()
        return self.do_open(
            lambda host, **how: _timed(HTTPSConnection(host, context=context, **how), *self._limits), req
        )
