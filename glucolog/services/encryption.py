"""The log under a key: encrypt, decrypt, change the key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from glucolog.errors import RefusedError
from glucolog.storage import crypto
from glucolog.storage.backup import verify
from glucolog.storage.convert import convert, convert_backups
from glucolog.storage.crypto import Key
from glucolog.storage.engine import file_of, is_on_server, prepare
from glucolog.storage.problems import ServerEncryptionError
from glucolog.storage.rolling import remains


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """What became of a log. `recovery_words` are for paper, None for a plain log; `left` are the copies
    beside it that stayed as they were, damaged or under a key nobody has, and the plain journals of damaged ones."""

    path: Path
    encrypted: bool
    key_in: str | None
    recovery_words: str | None
    left: tuple[Path, ...]


def encrypt(target: str, passphrase: str | None) -> Converted:
    """Put the log and its backups under a new key: kept in the keyring, or wrapped by a passphrase.

    Raises `RefusedError` for a log that is encrypted, `NoKeyringError` where the machine has no keyring.
    """
    path = _log_at(target)
    if crypto.is_encrypted(path):
        raise RefusedError(f"{path} is encrypted already.", "Change its key with `glucolog db rekey`.")
    done = _under_new_key(path, passphrase)
    return replace(done, left=(*done.left, *remains(path)))


def rekey(target: str, passphrase: str | None) -> Converted:
    """Put an encrypted log and its backups under a new key. Copies elsewhere stay under the old one."""
    path = _encrypted_log_at(target)
    crypto.key_of(path)
    return _under_new_key(path, passphrase)


def decrypt(target: str) -> Converted:
    """Make the log and its backups plain again."""
    path = _encrypted_log_at(target)
    left = convert_backups(path, None)
    convert(path, None)
    if not left:
        crypto.envelope_of(path).unlink(missing_ok=True)
    return Converted(path=path, encrypted=False, key_in=None, recovery_words=None, left=left)


def _under_new_key(path: Path, passphrase: str | None) -> Converted:
    verify(path)
    # The key is kept before anything is under it, and the log comes last: encrypted means that its backups are too.
    key = crypto.new_key()
    words = key.words
    crypto.holder.hold(key)
    _keep(path, key, passphrase)
    left = convert_backups(path, key)
    convert(path, key)
    if not left:
        crypto.forget_other_envelopes(path, key)
    key_in = "keyring" if passphrase is None else str(crypto.envelope_of(path))
    return Converted(path=path, encrypted=True, key_in=key_in, recovery_words=words, left=left)


def _keep(path: Path, key: Key, passphrase: str | None) -> None:
    if passphrase is None:
        crypto.keep_in_keyring(key)
    else:
        crypto.wrap(path, key, passphrase)
        crypto.hold_what_opens(path, passphrase)


def _log_at(target: str) -> Path:
    if is_on_server(target):
        raise ServerEncryptionError
    path = file_of(target)
    prepare(path, create=False)
    return path


def _encrypted_log_at(target: str) -> Path:
    path = _log_at(target)
    if not crypto.is_encrypted(path):
        raise RefusedError(f"{path} is not encrypted.", "Encrypt it with `glucolog db encrypt`.")
    return path
