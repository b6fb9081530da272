"""Logs under a key: SQLCipher with a random key of 256 bits (extra `encrypt`).

An encrypted log begins with `glucolog` and eight bytes that are made from its key; a plain one begins as every SQLite
file does. So a wrong key is told from a plain file and from damage by the first 16 bytes, before anything is tried.
Those 16 bytes are SQLCipher's salt; it may be known and need not be random, for the key itself is.

The key lies in the machine's keyring, or in a file beside the log, wrapped by a passphrase: scrypt makes 256 bits from
it (N = 2^17, r = 8, p = 1: OWASP Password Storage Cheat Sheet) that are added to the key bit by bit, once for each
salt. Its 24 recovery words (BIP 39) stand for the key itself and open the log wherever a passphrase does.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glucolog.errors import DatabaseError, MissingExtraError, RefusedError
from glucolog.storage.secret_service import secret_of

MAGIC = b"glucolog"
HEADER_BYTES = 16
KEY_BYTES = 32
LEAST_PASSPHRASE = 12
"""NIST SP 800-63B asks for 8 where guesses are counted; nobody counts those on a stolen file."""
WORDS = 24

_SCRYPT: dict[str, int] = {"n": 2**17, "r": 8, "p": 1}
_SCRYPT_MEMORY_BYTES = 256 * 1024 * 1024
_SERVICE = "glucolog"


class LockedLogError(DatabaseError):
    """The log is encrypted, and nobody has given its key."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is encrypted, and neither the keyring nor anybody gave its key.",
            "Type the passphrase or the 24 recovery words at a terminal, or give them with --passphrase-file.",
        )


class WrongKeyError(DatabaseError):
    """What was given opens another log, or none."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"That does not open {path}.", "Type its passphrase, or its 24 recovery words.")


class NoWrappedKeyError(DatabaseError):
    """A passphrase was given, and what it would open is not there."""

    def __init__(self, path: Path) -> None:
        envelope = envelope_of(path)
        super().__init__(
            f"No passphrase opens {path}: {envelope}, where its key would lie under one, is not there or not its own.",
            f"Bring {envelope.name} back beside the log, or give the 24 recovery words.",
        )


class DamagedKeysError(DatabaseError):
    """The wrapped keys beside a log can't be read."""

    def __init__(self, envelope: Path) -> None:
        super().__init__(
            f"{envelope} is damaged.", "Open the log with its 24 recovery words: move that file away first."
        )


class NoKeyringError(RefusedError):
    """The machine has nowhere to keep a key."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"This machine's keyring can't be used: {why}.",
            "Keep the key under a passphrase: `glucolog db encrypt --passphrase`, or `db rekey --passphrase`.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The key of a log; it never shows itself in a message."""

    raw: bytes = field(repr=False)

    @property
    def id(self) -> bytes:
        """The eight bytes by which a file says which key it is under."""
        return hmac.digest(self.raw, b"glucolog key id", "sha256")[:8]

    @property
    def spec(self) -> str:
        """The key and the salt as SQLCipher reads them."""
        return f"x'{self.raw.hex()}{(MAGIC + self.id).hex()}'"

    @property
    def words(self) -> str:
        """The recovery words."""
        words: str = _mnemonic().to_mnemonic(self.raw)
        return words


Ask = Callable[[str], str | None]
"""Asks a person for a passphrase with a sentence; None where nobody is there to answer."""


@dataclass(slots=True)
class Holder:
    """The keys this process has, by their id, and whom it asks for more."""

    ask: Ask
    held: dict[bytes, Key] = field(default_factory=dict)

    def key(self, path: Path, key_id: bytes) -> Key:
        """Return the key that a file is under: one we have, the keyring's, or what a person's words give."""
        if key_id not in self.held:
            kept = None if _wrapped(path, key_id) else _from_keyring(key_id)
            self.hold(kept or self._asked(path, key_id))
        return self.held[key_id]

    def hold(self, key: Key) -> None:
        """Keep a key while this process runs."""
        self.held[key.id] = key

    def _asked(self, path: Path, key_id: bytes) -> Key:
        given = self.ask(f"Passphrase of {path}")
        if not given:
            raise LockedLogError(path)
        key = from_words(given) or _unwrapped(path, key_id, given)
        if key.id != key_id:
            raise WrongKeyError(path)
        return key


holder = Holder(ask=lambda _: None)
"""The keys of this process."""

_headers: dict[tuple[int, int], bytes] = {}


def new_key() -> Key:
    """Return a new random key."""
    return Key(raw=secrets.token_bytes(KEY_BYTES))


def header(path: Path, *, anew: bool = False) -> bytes:
    """Return the first bytes of a file, read once in this process.

    Closing a file drops the locks that SQLite holds on it in this process, so a file is read before SQLite first opens
    it, and `anew` only when SQLite could not make sense of it: it is then no file that this process has open.
    """
    status = path.stat()
    if not status.st_size:
        return b""
    place = (status.st_dev, status.st_ino)
    if anew or place not in _headers:
        with path.open("rb") as stream:
            _headers[place] = stream.read(HEADER_BYTES)
    return _headers[place]


def key_of(path: Path, *, anew: bool = False) -> Key | None:
    """Return the key that a log is under, None for a plain one. Raises where the key can't be had."""
    if not path.exists():
        return None
    start = header(path, anew=anew)
    return holder.key(path, start[len(MAGIC) :]) if start.startswith(MAGIC) else None


def is_encrypted(path: Path) -> bool:
    """Whether a file says that it is an encrypted log."""
    return path.is_file() and header(path).startswith(MAGIC)


def connect(path: Path, key: Key | None, **how: Any) -> Any:
    """Connect SQLCipher to a file: under a key, or plain."""
    driver = _sqlcipher()
    connection = driver.connect(str(path), isolation_level=None, **how)
    # It would write of damaged pages to stderr, beside our sentence.
    connection.execute("PRAGMA cipher_log_level = NONE").close()
    if key is not None:
        connection.execute(f'PRAGMA key = "{key.spec}"').close()
    return connection


def export(path: Path, part: Path, key: Key | None) -> None:
    """Copy a log into an empty file under another key, plain for None; what was plain stays in memory on its way."""
    with closing(connect(path, key_of(path))) as connection:
        connection.execute("PRAGMA temp_store = MEMORY").close()
        connection.execute("ATTACH ? AS made KEY ?", (str(part), key.spec if key else "")).close()
        connection.execute("PRAGMA made.synchronous = FULL").close()
        connection.execute("BEGIN").close()
        connection.execute("SELECT sqlcipher_export('made')").fetchall()
        for name in ("application_id", "user_version"):
            value = connection.execute(f"PRAGMA main.{name}").fetchone()[0]
            connection.execute(f"PRAGMA made.{name} = {value}").close()
        connection.execute("COMMIT").close()


# Where keys are kept


def envelope_of(path: Path) -> Path:
    """Return where a log's wrapped keys lie; automatic backups have theirs beside the log."""
    folder = path.parent
    if folder.name.endswith("-backups"):
        return folder.with_name(f"{folder.name.removesuffix('-backups')}.key")
    return path.with_name(f"{path.stem}.key")


def keep_in_keyring(key: Key) -> None:
    """Give a key to the keyring and see that it is there. Raises `NoKeyringError`."""
    keyring = _keyring()
    try:
        keyring.set_password(_SERVICE, _name(key.id), key.raw.hex())
        kept = keyring.get_password(_SERVICE, _name(key.id))
    except keyring.errors.NoKeyringError as error:
        raise NoKeyringError("nothing that keeps passwords runs here") from error
    except keyring.errors.KeyringError as error:
        raise NoKeyringError(_why(error)) from error
    if kept != key.raw.hex():
        raise NoKeyringError("it does not give back what it was given")


def wrap(path: Path, key: Key, passphrase: str) -> None:
    """Write a key, wrapped by a passphrase, beside its log. Raises `RefusedError` for a passphrase that is short."""
    if len(passphrase) < LEAST_PASSPHRASE:
        raise RefusedError(
            f"The passphrase has fewer than {LEAST_PASSPHRASE} characters.", "Take a longer one: four words, say."
        )
    salt = secrets.token_bytes(KEY_BYTES)
    box = _added(key.raw, _stretched(passphrase, salt, _SCRYPT))
    write_envelope(path, {**_envelopes(path), key.id.hex(): {"salt": salt.hex(), "box": box.hex(), **_SCRYPT}})


def hold_what_opens(path: Path, passphrase: str) -> None:
    """Hold the wrapped keys beside a log that a passphrase opens: an interrupted change of the key left copies so."""
    for name in _envelopes(path).keys() - {key_id.hex() for key_id in holder.held}:
        with suppress(ValueError, DamagedKeysError):
            key = _unwrapped(path, bytes.fromhex(name), passphrase)
            if key.id.hex() == name:
                holder.hold(key)


def write_envelope(path: Path, wrapped: dict[str, Any]) -> None:
    """Write the wrapped keys that belong to a log, whole or not at all."""
    target = envelope_of(path)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            json.dump({"glucolog": "wrapped keys", "keys": wrapped}, stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def forget_other_envelopes(path: Path, key: Key) -> None:
    """Let go of the wrapped keys beside a log that nothing is under any more."""
    kept = {name: wrapped for name, wrapped in _envelopes(path).items() if name == key.id.hex()}
    if kept:
        write_envelope(path, kept)
    else:
        envelope_of(path).unlink(missing_ok=True)


def copy_envelope(path: Path, target: Path) -> None:
    """Put the wrapped keys of a log beside a copy of it that lies elsewhere."""
    if _envelopes(path) and envelope_of(target) != envelope_of(path):
        write_envelope(target, {**_envelopes(target), **_envelopes(path)})


def from_words(text: str) -> Key | None:
    """Return the key that 24 recovery words stand for, None for any other text."""
    words = text.casefold().split()
    if len(words) != WORDS:
        return None
    with suppress(ValueError, LookupError):
        return Key(raw=bytes(_mnemonic().to_entropy(words)))
    return None


def _from_keyring(key_id: bytes) -> Key | None:
    if (kept := secret_of(_SERVICE, _name(key_id))) is None:
        keyring = _keyring()
        with suppress(keyring.errors.KeyringError):
            kept = keyring.get_password(_SERVICE, _name(key_id))
    with suppress(ValueError):  # somebody else's words under our name are no key
        key = Key(raw=bytes.fromhex(kept or ""))
        return key if key.id == key_id else None
    return None


def _name(key_id: bytes) -> str:
    return f"log-key {key_id.hex()}"


def _envelopes(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(envelope_of(path).read_text("utf-8"))["keys"])
    except FileNotFoundError:
        return {}
    except (ValueError, LookupError, TypeError) as error:
        raise DamagedKeysError(envelope_of(path)) from error


def _wrapped(path: Path, key_id: bytes) -> dict[str, Any] | None:
    return _envelopes(path).get(key_id.hex())


def _unwrapped(path: Path, key_id: bytes, passphrase: str) -> Key:
    wrapped = _wrapped(path, key_id)
    if wrapped is None:
        raise NoWrappedKeyError(path)
    try:
        cost = {name: int(wrapped[name]) for name in _SCRYPT}
        stretched = _stretched(passphrase, bytes.fromhex(wrapped["salt"]), cost)
        return Key(raw=_added(bytes.fromhex(wrapped["box"]), stretched))
    except (ValueError, LookupError, TypeError, MemoryError, OverflowError) as error:
        raise DamagedKeysError(envelope_of(path)) from error


def _stretched(passphrase: str, salt: bytes, cost: dict[str, int]) -> bytes:
    text = passphrase.encode("utf-8")
    return hashlib.scrypt(text, salt=salt, dklen=KEY_BYTES, maxmem=_SCRYPT_MEMORY_BYTES, **cost)


def _added(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _why(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")


def _sqlcipher() -> Any:
    try:
        from sqlcipher3 import dbapi2  # type: ignore[import-untyped]  # it has no types of its own
    except ImportError as error:
        raise MissingExtraError("An encrypted log", "encrypt") from error
    return dbapi2


def _keyring() -> Any:
    try:
        import keyring
        import keyring.errors
    except ImportError as error:
        raise MissingExtraError("The keyring", "encrypt") from error
    return keyring


def _mnemonic() -> Any:
    try:
        from mnemonic import Mnemonic
    except ImportError as error:
        raise MissingExtraError("An encrypted log", "encrypt") from error
    return Mnemonic("english")
