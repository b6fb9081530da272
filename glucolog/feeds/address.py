"""Where a source is: https anywhere, plain http only on this machine, and never with a secret in it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from glucolog.core.wording import feeds as words
from glucolog.errors import RefusedError, UsageError

DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The root of a site. Printing it gives away no secret: there is none in it."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def is_loopback(self) -> bool:
        """Whether it is this very machine."""
        return _is_loopback(self.host)

    @property
    def origin(self) -> tuple[str, str, int]:
        """What a redirect must stay within."""
        return self.scheme, self.host, self.port

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


def parse_address(text: str) -> Address:
    """Read the address of a site; https is meant where no scheme is said.

    Raises `UsageError` for what is no address or holds more than one, `RefusedError` for http beyond this machine.
    """
    typed = text.strip()
    if any(mark in typed for mark in "@?#"):
        raise UsageError(*words.ADDRESS_WITH_SECRET)
    address = _split(typed if "://" in typed else f"https://{typed}")
    if address is None:
        raise UsageError(words.BAD_ADDRESS[0].format(address=typed), words.BAD_ADDRESS[1])
    if address.scheme == "http" and not address.is_loopback:
        raise RefusedError(*(part.format(host=address.host) for part in words.NOT_ENCRYPTED))
    return address


def origin_of(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of a whole URL, or None where it is no http(s) one."""
    address = _split(url)
    return None if address is None else address.origin


def _split(url: str) -> Address | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not host or any(letter.isspace() or ord(letter) < 33 for letter in url):
        return None
    return Address(
        scheme=parts.scheme, host=host, port=port or DEFAULT_PORTS[parts.scheme], path=parts.path.rstrip("/")
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
