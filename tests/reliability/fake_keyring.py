"""A keyring in a file, for machines without one: named by PYTHON_KEYRING_BACKEND, its file by GLUCOLOG_TEST_KEYRING."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend


class FileKeyring(KeyringBackend):
    """Keeps passwords in a JSON file; no priority, so that nothing takes it that does not name it."""

    priority = -1

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is kept, or None."""
        kept: str | None = self._all().get(f"{service} {username}")
        return kept

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""
        self._file().write_text(json.dumps({**self._all(), f"{service} {username}": password}), "utf-8")

    def _all(self) -> dict[str, str]:
        file = self._file()
        return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {}

    def _file(self) -> Path:
        return Path(os.environ["GLUCOLOG_TEST_KEYRING"])
