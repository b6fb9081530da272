"""Who is asked for the passphrase of an encrypted log: settled by every command, whether it meets one or not."""

from __future__ import annotations

from pathlib import Path

from glucolog.storage import crypto
from glucolog.storage.crypto import Ask

__all__ = ["Ask", "passphrase_in", "unlock_with"]


def unlock_with(ask: Ask) -> None:
    """Say whom this process asks for the passphrase of an encrypted log."""
    crypto.holder.ask = ask


def passphrase_in(file: str) -> str:
    """Return the first line of a file that only its owner can read; `/dev/fd/3` is one too."""
    from glucolog.feeds.secrets import from_file

    return from_file(Path(file))
