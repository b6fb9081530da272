"""The secret of de-identified exports: one a person, made once, kept in the user's data folder for its owner alone."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from pathlib import Path

from glucolog.core.records import Person
from glucolog.errors import RefusedError
from glucolog.reports.exports.deidentify import Secret
from glucolog.services.files import write_private

WEEK_S = 7 * 24 * 3600
MOST_WEEKS = 10 * 52
"""Dates move by up to ten years."""


def secret_of(person: Person) -> Secret:
    """Return the person's secret; the first call makes it. Raises `RefusedError` where its file can't be read."""
    return secrets_of([person])[person.id]


def secrets_of(people: Iterable[Person]) -> dict[str, Secret]:
    """Return the secrets of many by their ids; the file is read, and where somebody is new written, once."""
    kept = _kept()
    asked = [person.id for person in people]
    unknown = [person_id for person_id in asked if person_id not in kept]
    for person_id in unknown:
        kept[person_id] = {"weeks": -1 - secrets.randbelow(MOST_WEEKS), "salt": secrets.token_hex(32)}
    if unknown:
        _keep(kept)
    return {one: Secret(int(kept[one]["weeks"]) * WEEK_S, str(kept[one]["salt"])) for one in asked}


def forget(person: Person) -> None:
    """Let go of a person's secret: whoever has an earlier export can then no longer be told whose it is."""
    kept = _kept()
    if kept.pop(person.id, None):
        _keep(kept)


def secrets_path() -> Path:
    """Where the secrets are: `deidentify.json` in the user's data folder."""
    from platformdirs import user_data_path

    return user_data_path("glucolog") / "deidentify.json"


def _kept() -> dict[str, dict[str, int | str]]:
    path = secrets_path()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {str(person_id): {"weeks": one["weeks"], "salt": one["salt"]} for person_id, one in content.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RefusedError(
            f"The secrets of de-identified exports in {path} can't be read.", "Bring the file back or move it away."
        ) from error


def _keep(kept: dict[str, dict[str, int | str]]) -> None:
    path = secrets_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, json.dumps(kept, indent=1).encode())
