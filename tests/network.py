"""A trap on the ways out of this machine: what is tried is refused, and kept."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

ROUTE_PROBE = "192.0.2.1"
"""Nobody's address: `--lan` asks the system which of its own addresses would lead there, and sends nothing."""


@contextmanager
def no_way_out() -> Iterator[list[str]]:
    """Refuse every connection, datagram and name that leads elsewhere while the block runs; give what was tried."""
    tried: list[str] = []
    with pytest.MonkeyPatch.context() as patched:
        for name in ("connect", "connect_ex", "sendto"):
            patched.setattr(socket.socket, name, _guarded(getattr(socket.socket, name), tried))
        patched.setattr(socket, "getaddrinfo", _known(socket.getaddrinfo, tried))
        yield tried


def _guarded(act: Any, tried: list[str]) -> Any:
    def guarded(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1]
        if isinstance(address, tuple) and not _is_here(self, address[0]):
            tried.append(str(address))
            raise ConnectionRefusedError(f"a test reached for {address}")
        return act(self, *arguments)

    return guarded


def _known(act: Any, tried: list[str]) -> Any:
    def known(host: Any, *arguments: Any, **options: Any) -> Any:
        if host not in {None, "", "localhost"} and not _is_loopback(str(host)):
            tried.append(str(host))
            raise socket.gaierror(f"a test asked for {host}")
        return act(host, *arguments, **options)

    return known


def _is_here(opened: socket.socket, host: str) -> bool:
    probes = opened.type == socket.SOCK_DGRAM and host == ROUTE_PROBE
    return probes or host == "localhost" or _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
