"""Forgetting a person: out of the log, its journal and, on request, its backups, and the search that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from glucolog.core.records import Person
from glucolog.errors import ConfirmationNeededError, DatabaseError
from glucolog.services import deidentifying, sources
from glucolog.services.opening import opened, whose
from glucolog.storage.engine import file_of, is_on_server
from glucolog.storage.forget import forget as take_out
from glucolog.storage.forget import found_in, traces_of
from glucolog.storage.problems import ServerForgetError
from glucolog.storage.rolling import as_old_as_it_is, copies, remains


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What forgetting did. `searched` files hold none of the `traces` that were looked for; `still_in` do."""

    name: str
    traces: int
    searched: tuple[Path, ...]
    still_in: tuple[Path, ...]


def person_named(target: str, name: str) -> Person:
    """Return the person to forget. Raises `NotFoundError`, and `ServerForgetError` for a log on PostgreSQL."""
    if is_on_server(target):
        raise ServerForgetError
    with opened(target) as log:
        return whose(log, name)


def forget(target: str, name: str, *, backups_too: bool, confirmed: bool) -> Forgotten:
    """Take a person out of the log for good, and search the bytes of the log and of its copies beside it.

    What was remembered of them beside the log goes first: their sources, with the secrets, and that of their exports.
    Raises `ConfirmationNeededError` unless `confirmed`: there is no undo. Copies elsewhere are out of reach.
    """
    person = person_named(target, name)
    if not confirmed:
        raise ConfirmationNeededError(sentence(person), "Confirm with --yes.")
    path = file_of(target)
    traces = traces_of(path, person.id, person.name)
    deidentifying.forget(person)
    sources.forget(person)
    found = copies(path)
    # The log last: whoever is interrupted can ask for it again while the person is in it.
    for file in found if backups_too else ():
        # A copy that can't be opened is named as one that still holds them.
        with suppress(DatabaseError), as_old_as_it_is(file):
            take_out(file, person.id)
    take_out(path, person.id)
    files = (path, *found, *remains(path))
    still = tuple(file for file in files if _holds(file, traces))
    clean = tuple(file for file in files if file not in still)
    return Forgotten(name=person.name, traces=len(traces), searched=clean, still_in=still)


def _holds(file: Path, traces: Sequence[bytes]) -> bool:
    try:
        return found_in(file, traces) > 0
    except DatabaseError:
        return True


def sentence(person: Person) -> str:
    """Say what forgetting would do."""
    return f"Everything about {person.name} would leave this log and its journal for good; there is no undo."
