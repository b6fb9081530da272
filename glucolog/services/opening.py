"""Opening a log and finding whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from glucolog.core.records import Person
from glucolog.errors import NotFoundError, UsageError
from glucolog.storage import Log, open_log
from glucolog.storage.problems import NoLogError


@contextmanager
def opened(target: str, *, create: bool = False) -> Iterator[Log]:
    """Open the log at a path or URL and close it again."""
    log = open_log(target, create=create)
    try:
        yield log
    finally:
        log.close()


def whose_if_any(target: str, name: str | None) -> Person | None:
    """Return the named person, or the only one of a log; None where no name, no log or no single person is there."""
    try:
        with opened(target) as log:
            people = [log.person(name)] if name is not None else log.people()
    except NoLogError:
        if name is not None:
            raise
        return None
    return people[0] if len(people) == 1 else None


def whose(log: Log, name: str | None) -> Person:
    """Return the named person, or the only one. Raises `UsageError` when a name is needed, `NotFoundError` else."""
    if name is not None:
        return log.person(name)
    people = log.people()
    if len(people) == 1:
        return people[0]
    if not people:
        raise NotFoundError("Nobody is in this log yet.", "Create the person with `glucolog init --name …`.")
    names = ", ".join(person.name for person in people)
    raise UsageError(f"This log holds {len(people)} people: {names}.", "Say whose with --person NAME.")
