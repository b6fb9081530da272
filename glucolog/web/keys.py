"""Who may come in: a one-time launch token, pairing codes with a lock-out, and sessions that expire.

Everything lives in memory and ends with the server. Secrets are kept as hashes and compared in constant time. The
caller gives the clock, in seconds.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Letters and digits that nobody takes for one another."""
CODE_LENGTH = 8
CODE_LIFE_S = 10 * 60
LAUNCH_LIFE_S = 5 * 60
TRIES = 5
"""So many wrong codes lock the door."""
LOCK_S = 15 * 60
IDLE_S = 12 * 3600
LIFE_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Code:
    """A pairing code that is valid now."""

    text: str
    ends_at_s: float

    @property
    def shown(self) -> str:
        """The code in two groups, easier to read out."""
        half = CODE_LENGTH // 2
        return f"{self.text[:half]}-{self.text[half:]}"


@dataclass(slots=True)
class Visit:
    """A signed-in browser. `id` names it on the page of devices and opens nothing."""

    id: str
    label: str
    began_s: float
    seen_s: float


@dataclass(slots=True)
class Keys:
    """The door's memory. Safe to use from several threads."""

    clock_s: Callable[[], float]
    _launch: tuple[str, float] | None = None
    _code: Code | None = None
    _wrong: int = 0
    _locked_until_s: float = 0.0
    _visits: dict[str, Visit] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def new_launch_token(self) -> str:
        """Make the token that opens the door once, for the browser that the program starts itself."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._launch = _hashed(token), self.clock_s() + LAUNCH_LIFE_S
        return token

    def code(self) -> Code:
        """Return the pairing code of now; a spent or expired one is replaced."""
        with self._lock:
            if self._code is None or self._code.ends_at_s <= self.clock_s():
                text = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
                self._code = Code(text, self.clock_s() + CODE_LIFE_S)
            return self._code

    @property
    def locked_for_s(self) -> float:
        """How long pairing stays locked; 0 when it is open."""
        return max(0.0, self._locked_until_s - self.clock_s())

    def launch(self, token: str, label: str) -> str | None:
        """Spend the launch token and return a new cookie value, or None for a wrong or expired one."""
        with self._lock:
            known, ends_at_s = self._launch or ("", 0.0)
            if not hmac.compare_digest(known, _hashed(token)) or ends_at_s <= self.clock_s():
                return None
            self._launch = None
            return self._begin(label)

    def pair(self, typed: str, label: str) -> str | None:
        """Spend the pairing code and return a new cookie value, or None; too many wrong ones lock the door."""
        with self._lock:
            if self.locked_for_s:
                return None
            code, now_s = self._code, self.clock_s()
            if code and code.ends_at_s > now_s and hmac.compare_digest(_hashed(_plain(typed)), _hashed(code.text)):
                self._code, self._wrong = None, 0
                return self._begin(label)
            self._wrong += 1
            if self._wrong >= TRIES:
                self._wrong, self._code, self._locked_until_s = 0, None, now_s + LOCK_S
            return None

    def visit(self, cookie: str | None, *, used: bool = True) -> Visit | None:
        """Return the session of a cookie; an idle or old one is gone. What a page asks by itself is no use of it."""
        if not cookie:
            return None
        with self._lock:
            key, now_s = _hashed(cookie), self.clock_s()
            found = self._visits.get(key)
            if found is None:
                return None
            if now_s - found.seen_s > IDLE_S or now_s - found.began_s > LIFE_S:
                del self._visits[key]
                return None
            if used:
                found.seen_s = now_s
            return found

    def visits(self) -> tuple[Visit, ...]:
        """Return the sessions, the latest seen first."""
        with self._lock:
            return tuple(sorted(self._visits.values(), key=lambda visit: -visit.seen_s))

    def end(self, visit_id: str) -> None:
        """End a session by its id."""
        with self._lock:
            self._visits = {key: visit for key, visit in self._visits.items() if visit.id != visit_id}

    def _begin(self, label: str) -> str:
        cookie, now_s = secrets.token_urlsafe(32), self.clock_s()
        self._visits[_hashed(cookie)] = Visit(secrets.token_hex(8), label, now_s, now_s)
        return cookie


def _plain(typed: str) -> str:
    return "".join(letter for letter in typed.upper() if letter.isalnum())[: CODE_LENGTH * 2]


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
