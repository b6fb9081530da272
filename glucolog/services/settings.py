"""Which log and whose: flags beat the environment, which beats the config file, which beats the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from glucolog.errors import UsageError

KEYS = ("db", "person")
"""What the config file may set; `GLUCOLOG_DB` and `GLUCOLOG_PERSON` are their environment variables."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The log's path or URL, and the person's name or None for the only one."""

    db: str
    person: str | None


def settle(db: str | None, person: str | None, environment: Mapping[str, str]) -> Settings:
    """Settle the settings from flags, `environment` and the config file. Raises `UsageError` for a bad config file."""
    configured = _read_config()
    return Settings(
        db=db or environment.get("GLUCOLOG_DB") or configured.get("db") or str(default_log_path()),
        person=person or environment.get("GLUCOLOG_PERSON") or configured.get("person"),
    )


def default_log_path() -> Path:
    """Where the log lives when nobody says otherwise: the user's data folder (XDG on Linux)."""
    from platformdirs import user_data_path

    return user_data_path("glucolog") / "glucolog.db"


def own_folder(db: str) -> Path:
    """Return the folder of the log, for what is made beside it; the user's data folder for a log on a server."""
    from glucolog.storage.engine import file_of, is_on_server

    return (default_log_path() if is_on_server(db) else file_of(db)).parent


def config_path() -> Path:
    """Where the config file is looked for: `config.toml` in the user's config folder."""
    from platformdirs import user_config_path

    return user_config_path("glucolog") / "config.toml"


def _read_config() -> dict[str, str]:
    path = config_path()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    return _parsed(path, text)


def _parsed(path: Path, text: str) -> dict[str, str]:
    import tomllib

    try:
        content = tomllib.loads(text)
    except ValueError as error:
        raise _unreadable(path, error) from error
    strange = set(content) - set(KEYS)
    if strange:
        raise UsageError(
            f"The config file {path} has settings glucolog doesn't know: {', '.join(sorted(strange))}.",
            f"Known: {', '.join(KEYS)}.",
        )
    for key, value in content.items():
        if not isinstance(value, str) or not value:
            raise UsageError(f"The config file {path} has a {key} that is no text.", f'Write it as {key} = "…".')
    return content


def _unreadable(path: Path, error: Exception) -> UsageError:
    return UsageError(f"The config file {path} can't be read: {error}.", "Mend it or move it away.")
