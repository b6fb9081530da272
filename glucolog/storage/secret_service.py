"""A key from the desktop's Secret Service itself, where that is what keeps the machine's passwords.

The keyring library takes many times as long to find out that it is and to load its cryptography, and every command on
an encrypted log would wait for that. Only the reading is short-cut: what is not found here, or is locked, is asked of
the library. The secret comes in a `plain` session (freedesktop.org Secret Service 0.2, §7.1): it crosses the socket of
this person's own bus, and whoever could listen there could ask for it.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from typing import Any

_NAME, _PATH = "org.freedesktop.secrets", "/org/freedesktop/secrets"
_ANSWER_S = 10.0


def secret_of(service: str, name: str) -> str | None:
    """Return what the library has put there, None where it isn't, where another keyring was chosen, or without a bus.

    Where the library is loaded already, it is asked itself.
    """
    if "keyring" in sys.modules or "PYTHON_KEYRING_BACKEND" in os.environ:
        return None
    if "DBUS_SESSION_BUS_ADDRESS" not in os.environ:
        return None
    try:
        from jeepney import DBusErrorResponse  # type: ignore[import-untyped]  # it has no types of its own
        from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]
    except ImportError:
        return None
    try:
        with closing(open_dbus_connection()) as bus:
            return _unlocked(bus, {"service": service, "username": name})
    except (DBusErrorResponse, OSError, ValueError, RuntimeError):
        return None  # no such bus, or no such service on it; the library will say so


def _unlocked(bus: Any, attributes: dict[str, str]) -> str | None:
    unlocked, _ = _ask(bus, "SearchItems", "a{ss}", attributes)
    if not unlocked:
        return None
    _, session = _ask(bus, "OpenSession", "sv", "plain", ("s", ""))
    (secrets,) = _ask(bus, "GetSecrets", "aoo", unlocked[:1], session)
    return next((bytes(value).decode("utf-8") for _, _, value, _ in secrets.values()), None)


def _ask(bus: Any, method: str, signature: str, *values: object) -> Any:
    from jeepney import DBusAddress, new_method_call
    from jeepney.wrappers import unwrap_msg  # type: ignore[import-untyped]

    address = DBusAddress(_PATH, _NAME, "org.freedesktop.Secret.Service")
    return unwrap_msg(bus.send_and_get_reply(new_method_call(address, method, signature, values), timeout=_ANSWER_S))
