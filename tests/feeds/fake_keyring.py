"""A keyring in memory, as the library asks for one."""

from __future__ import annotations

from keyring.backend import KeyringBackend


class KeyringInMemory(KeyringBackend):
    """Forgets all when the test ends; no priority, so that nothing takes it that does not name it."""

    priority = -1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]
