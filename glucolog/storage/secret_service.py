"""A key from the desktop's Secret Service itself, where that is what keeps the machine's passwords.

The keyring library takes five times as long to find out that it is, and every command on an encrypted log would wait
for that. Only the reading is short-cut: what is not found here, or is locked, is asked of the library.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from typing import Any


def secret_of(service: str, name: str) -> str | None:
    """Return what the library has put there, None where it isn't, where another keyring was chosen, or without a bus.

    Where the library is loaded already, it is asked itself.
    """
    if "keyring" in sys.modules or "PYTHON_KEYRING_BACKEND" in os.environ:
        return None
    if "DBUS_SESSION_BUS_ADDRESS" not in os.environ:
        return None
    try:
        import secretstorage
        from secretstorage.exceptions import SecretStorageException
    except ImportError:
        return None
    try:
        with closing(secretstorage.dbus_init()) as bus:
            return _unlocked(bus, service, name)
    except (SecretStorageException, OSError):
        return None  # no such service on the bus; the library will say so


def _unlocked(bus: Any, service: str, name: str) -> str | None:
    from secretstorage import search_items

    found = search_items(bus, {"service": service, "username": name})
    return next((item.get_secret().decode("utf-8") for item in found if not item.is_locked()), None)
