"""Files that only their recipients can open: age, by pyrage (extra `encrypt`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from glucolog.errors import MissingExtraError, UsageError

ENDING = ".age"
"""How the names of age files end."""


def sealed(chunks: Iterable[bytes], recipients: Sequence[str]) -> Iterable[bytes]:
    """Return the content as it is where nobody is named, else one chunk: an age file for all the recipients.

    A recipient is an `age1…` or an ssh-ed25519 or ssh-rsa public key.
    Raises `UsageError` for anything else and `MissingExtraError` without the extra, before a chunk is taken.
    """
    if not recipients:
        return chunks
    try:
        import pyrage  # type: ignore[import-untyped]
    except ModuleNotFoundError as error:
        raise MissingExtraError("Encryption", "encrypt") from error
    keys = [_key(recipient) for recipient in recipients]
    return [pyrage.encrypt(b"".join(chunks), keys)]


def _key(recipient: str) -> object:
    import pyrage

    word = recipient.strip()
    kind = pyrage.ssh if word.startswith("ssh-") else pyrage.x25519
    try:
        return kind.Recipient.from_str(word)
    except pyrage.RecipientError as error:
        raise UsageError(
            f"“{word[:40]}” is not a recipient.",
            "Give their public key: age1…, or ssh-ed25519 or ssh-rsa with its key.",
        ) from error
