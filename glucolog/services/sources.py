"""Which live source, whose account, with which secret: what is said now, else what was remembered, else the keyring.

Remembered is where a source is and whose account, never a secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from glucolog.core.records import Person
from glucolog.core.wording import feeds as words
from glucolog.errors import MissingExtraError, RefusedError, UsageError
from glucolog.feeds.address import parse_address
from glucolog.feeds.base import Feed
from glucolog.feeds.http import Patience
from glucolog.feeds.secrets import drop_from_keyring, from_file, from_keyring, keep_in_keyring
from glucolog.services.files import write_private

LABELS = {"nightscout": "Nightscout", "dexcom": "Dexcom Share", "libre": "LibreLinkUp"}
"""Every source by the word that is typed for it."""
PACKAGES = {"dexcom": "pydexcom", "libre": "pylibrelinkup"}
"""What asks a source that glucolog does not ask itself."""
TAKEN = {
    "nightscout": ("url", "secret_file"),
    "dexcom": ("user", "region", "secret_file"),
    "libre": ("user", "region", "patient", "secret_file"),
}
"""Which settings each source takes."""
STDIN = "-"
"""What stands for stdin where a file of the secret is named."""
OPEN_SOURCES = frozenset({"nightscout"})
"""Sources that may be read without a secret, where their owner lets anyone."""
IMPATIENT = Patience(tries=1, total_s=15)
"""For who asks again by itself: an alarm must not wait for a slow server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """What says where a source is and whose account; None where it was not said. `secret_file` is a path."""

    url: str | None = None
    user: str | None = None
    region: str | None = None
    patient: str | None = None
    secret_file: str | None = None


def settled(person: Person, source: str, said: SourceSettings) -> SourceSettings:
    """Return what was said, over what was remembered for this person and source.

    Raises `UsageError` for a setting that the source does not take.
    """
    for name in _filled(said):
        if name not in TAKEN[source]:
            raise UsageError(
                *(part.format(name=LABELS[source], option=name, known=_options(source)) for part in words.NOT_ITS_OWN)
            )
    kept = _saved().get(person.id, {}).get(source, {})
    known = {field.name for field in fields(SourceSettings)}
    remembered = SourceSettings(**{name: str(value) for name, value in kept.items() if name in known})
    return replace(remembered, **_filled(said))


def remember(person: Person, source: str, settings: SourceSettings) -> None:
    """Keep the settings for this person and source in the user's data folder, readable by the user alone."""
    saved = _saved()
    saved.setdefault(person.id, {})[source] = _filled(replace(settings, secret_file=_lasting(settings.secret_file)))
    _save(saved)


def forget(person: Person) -> None:
    """Let go of what was remembered of a person, and of their secrets in the keyring."""
    saved = _saved()
    if person.id in saved:
        del saved[person.id]
        _save(saved)
    with suppress(MissingExtraError):
        for source in LABELS:
            drop_from_keyring(_key(person, source))


def remembered(person: Person) -> tuple[str, ...]:
    """Return the sources that are remembered for a person. Raises `UsageError` when what is kept can't be read."""
    kept = _saved().get(person.id, {})
    return tuple(source for source in LABELS if source in kept)


def secret_of(
    person: Person, source: str, settings: SourceSettings, ask: Callable[[], str] | None = None
) -> str | None:
    """Return the secret: from the file that is named, the keyring, or by asking. None where anyone may read.

    Raises `UsageError` when there is none and one is needed, `RefusedError` for a file that others can read.
    """
    if settings.secret_file is not None:
        return from_file(Path(settings.secret_file).expanduser())
    found = _kept_secret(person, source) or (ask() if ask else None)
    if not found and source not in OPEN_SOURCES:
        raise UsageError(words.NO_SECRET[0].format(name=LABELS[source]), words.NO_SECRET[1])
    return found or None


def keep_secret(person: Person, source: str, secret: str | None) -> None:
    """Give the secret to the machine's keyring. Raises `UsageError` where there is none to keep."""
    if secret is None:
        raise UsageError(words.NO_SECRET[0].format(name=LABELS[source]), words.NO_SECRET[1])
    keep_in_keyring(_key(person, source), secret)


def feed_of(source: str, settings: SourceSettings, secret: str | None, patience: Patience | None = None) -> Feed:
    """Return the source, which is asked nothing yet. Raises `UsageError` where something is missing."""
    if source == "nightscout":
        return _nightscout(settings, secret, patience)
    if settings.user is None:
        raise UsageError(words.NO_USER[0].format(name=LABELS[source]), words.NO_USER[1])
    return _APPS[source](settings, secret or "", None if patience is None else patience.total_s)


def _nightscout(settings: SourceSettings, secret: str | None, patience: Patience | None) -> Feed:
    from glucolog.feeds.nightscout import Nightscout

    if settings.url is None:
        raise UsageError(*words.NO_URL)
    return Nightscout(parse_address(settings.url), secret, patience)


def _dexcom(settings: SourceSettings, password: str, seconds: float | None) -> Feed:
    from glucolog.feeds.dexcom_share import TOTAL_S, DexcomShare

    return DexcomShare(settings.user or "", password, settings.region, seconds or TOTAL_S)


def _libre(settings: SourceSettings, password: str, seconds: float | None) -> Feed:
    from glucolog.feeds.librelinkup import TOTAL_S, LibreLinkUp

    return LibreLinkUp(settings.user or "", password, settings.region, settings.patient, seconds or TOTAL_S)


_APPS: dict[str, Callable[[SourceSettings, str, float | None], Feed]] = {"dexcom": _dexcom, "libre": _libre}


def _kept_secret(person: Person, source: str) -> str | None:
    """A machine without a keyring keeps none: that is no error as long as nobody asked for it."""
    try:
        return from_keyring(_key(person, source))
    except (MissingExtraError, RefusedError):
        return None


def _key(person: Person, source: str) -> str:
    return f"{source}:{person.id}"


def _options(source: str) -> str:
    return ", ".join(f"--{name.replace('_', '-')}" for name in TAKEN[source])


def _lasting(secret_file: str | None) -> str | None:
    """Return the file's path from any folder; stdin is nothing to remember."""
    return None if secret_file in {None, STDIN} else str(Path(str(secret_file)).expanduser().absolute())


def _filled(settings: SourceSettings) -> dict[str, str]:
    return {name: value for name, value in asdict(settings).items() if value is not None}


def settings_path() -> Path:
    """Where the settings are: `sources.json` in the user's data folder."""
    from platformdirs import user_data_path

    return user_data_path("glucolog") / "sources.json"


def _save(saved: dict[str, dict[str, dict[str, str]]]) -> None:
    path = settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, json.dumps(saved, indent=2, ensure_ascii=False, sort_keys=True).encode())


def _saved() -> dict[str, dict[str, dict[str, str]]]:
    path = settings_path()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {str(one): {str(name): dict(kept) for name, kept in of.items()} for one, of in content.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UsageError(
            words.SETTINGS_UNREADABLE[0].format(path=path, reason=error), words.SETTINGS_UNREADABLE[1]
        ) from error
