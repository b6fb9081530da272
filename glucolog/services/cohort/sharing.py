"""From a log to a cohort: those who agreed to be counted, under labels that name nobody, on moved dates."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from glucolog.core.columns import Trace
from glucolog.core.insulin import is_child
from glucolog.core.moments import Moment
from glucolog.core.records import Person
from glucolog.core.units import Source
from glucolog.reports.exports.deidentify import Secret
from glucolog.services.cohort.problems import NobodyConsentsError
from glucolog.services.cohort.shards import PEOPLE_A_SHARD, Cohort, SharedPerson, write_cohort
from glucolog.services.deidentifying import secrets_of
from glucolog.storage import Log

CLOCK = "UTC"
"""The zone of moved dates: the person's clock when their log begins, without a place and the days when it changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """How to export: now, whether dates stay as they are, how many people a shard has."""

    now: Moment
    keep_dates: bool = False
    people_a_shard: int = PEOPLE_A_SHARD


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What was exported, and how many people did not agree and were left out."""

    cohort: Cohort
    left_out: int


def share(log: Log, folder: Path, how: Sharing, progress: Callable[[int, int], None]) -> Shared:
    """Write everyone who agreed to be counted as a cohort. Raises `NobodyConsentsError` when no one did."""
    everyone = log.people()
    agreed = [person for person in everyone if person.research_consent]
    if not agreed:
        raise NobodyConsentsError
    people = _shared(log, agreed, how, progress)
    cohort = write_cohort(folder, people, dates_shifted=not how.keep_dates, people_a_shard=how.people_a_shard)
    return Shared(cohort=cohort, left_out=len(everyone) - len(agreed))


def label_of(person: Person, secret: Secret) -> str:
    """Return the person's label: the same in every export from this machine, and telling nothing elsewhere."""
    names = uuid.uuid5(uuid.NAMESPACE_OID, secret.salt)
    return uuid.uuid5(names, f"cohort {person.id}").hex[:16]


def _shared(
    log: Log, agreed: Sequence[Person], how: Sharing, progress: Callable[[int, int], None]
) -> Iterator[SharedPerson]:
    kept = secrets_of(agreed)
    labels = {label_of(person, kept[person.id]): person for person in agreed}
    for done, label in enumerate(sorted(labels), start=1):
        yield _person(log, label, labels[label], kept[labels[label].id], how)
        progress(done, len(labels))


def _person(log: Log, label: str, person: Person, secret: Secret, how: Sharing) -> SharedPerson:
    until = how.now.plus(seconds=1)
    traces = (log.trace(person.id, source, None, until) for source in Source)
    kept = tuple(trace for trace in traces if len(trace))
    return SharedPerson(
        label=label,
        zone=person.zone if how.keep_dates else CLOCK,
        target_set=person.target_set,
        child=is_child(person, how.now),
        shift_s=0 if how.keep_dates else secret.shift_s + _clock_ahead_s(log, person),
        traces=kept if how.keep_dates else tuple(map(_without_place, kept)),
        sessions=log.sessions(person.id, None, until),
        doses=log.doses(person.id, None, until),
        carbs=log.carbs(person.id, None, until),
        activities=log.activities(person.id, None, until),
    )


def _without_place(trace: Trace) -> Trace:
    return replace(trace, zone=CLOCK)


def _clock_ahead_s(log: Log, person: Person) -> int:
    """Return what the person's clock was ahead of UTC at their first reading or session: the same in each export."""
    span = log.span(person.id)
    offset = Moment(span[0].epoch_s if span else 0, person.zone).local.utcoffset()
    return 0 if offset is None else round(offset.total_seconds())
