"""Where a secret comes from: the keyring, a private file, or a stream. Never a flag, never an address."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import ModuleType
from typing import IO

from glucolog.core.wording import feeds as words
from glucolog.errors import MissingExtraError, RefusedError

SERVICE = "glucolog"
LONGEST = 4096
OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def from_file(path: Path) -> str:
    """Return the first line of a file. Raises `RefusedError` when others can read it, or when it holds no secret."""
    try:
        with path.open("rb") as stream:
            if os.name == "posix" and os.fstat(stream.fileno()).st_mode & OPEN_TO_OTHERS:
                raise RefusedError(*(part.format(path=path) for part in words.SECRET_FILE_OPEN))
            return _first_line(stream, str(path))
    except OSError as error:
        raise RefusedError(
            words.SECRET_FILE_BAD[0].format(path=path, reason=error.strerror), words.SECRET_FILE_BAD[1]
        ) from error


def from_stream(stream: IO[bytes]) -> str:
    """Return the first line of a stream, such as stdin."""
    return _first_line(stream, "stdin")


def from_keyring(key: str) -> str | None:
    """Return what the keyring keeps under a key, or None. Raises where the machine's keyring can't be used."""
    keyring = _keyring()
    try:
        kept: str | None = keyring.get_password(SERVICE, key)
    except keyring.errors.KeyringError as error:
        raise _no_keyring(error) from error
    return kept


def keep_in_keyring(key: str, secret: str) -> None:
    """Give a secret to the keyring. Raises where the machine's keyring can't be used."""
    keyring = _keyring()
    try:
        keyring.set_password(SERVICE, key, secret)
    except keyring.errors.KeyringError as error:
        raise _no_keyring(error) from error


def drop_from_keyring(key: str) -> None:
    """Let the keyring forget a secret, where there is one. Raises where it is there and can't be used."""
    keyring = _keyring()
    try:
        if keyring.get_password(SERVICE, key) is not None:
            keyring.delete_password(SERVICE, key)
    except keyring.errors.NoKeyringError:
        return  # and so nothing was ever kept
    except keyring.errors.KeyringError as error:
        raise _no_keyring(error) from error


def _keyring() -> ModuleType:
    try:
        import keyring
        import keyring.errors
    except ImportError as error:
        raise MissingExtraError("The keyring", "live") from error
    return keyring


def _no_keyring(error: Exception) -> RefusedError:
    reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
    return RefusedError(words.NO_KEYRING[0].format(reason=reason), words.NO_KEYRING[1])


def _first_line(stream: IO[bytes], where: str) -> str:
    try:
        secret = stream.readline(LONGEST).decode("utf-8").strip()
    except ValueError:
        secret = ""
    if not secret or not secret.isprintable():
        raise RefusedError(words.SECRET_EMPTY[0].format(where=where), words.SECRET_EMPTY[1])
    return secret
