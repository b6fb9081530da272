"""Writing everything out: gather a person's records and hand them to the format asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TypeVar, cast

from glucolog.core.moments import Moment
from glucolog.core.records import ImportBatch, Person, Reading, Session, Trial
from glucolog.core.vocabulary import unknown_word
from glucolog.errors import NotFoundError, UsageError
from glucolog.reports.exports import ExportRecords
from glucolog.reports.exports.own_json import own_json
from glucolog.services.deidentifying import secret_of
from glucolog.services.looking import refuse_backwards
from glucolog.storage import Log

Writer = Callable[[ExportRecords], Iterator[bytes]]
R = TypeVar("R", Reading, Session)

FORMATS: dict[str, tuple[str, str]] = {
    "csv": ("tidy_csv:tidy_csv", "one row a record, for a spreadsheet"),
    "json": ("own_json:own_json", "everything, without loss; can be imported again"),
    "xlsx": ("workbook:workbook", "an Excel workbook with a sheet a kind"),
    "fhir": ("fhir:fhir_bundle", "a FHIR R4 bundle for a clinic's system"),
    "nightscout": ("nightscout:nightscout_json", "entries and treatments for Nightscout"),
    "tidepool": ("tidepool:tidepool_json", "items for Tidepool"),
}
"""Format → the function that writes it, under glucolog.reports.exports, and what it is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to export: from when to when (closed; None is no bound), when it is made, and whether without identity."""

    since: Moment | None
    until: Moment | None
    now: Moment
    deidentify: bool = False


def export(log: Log, person: Person, kind: str, asked: Asked) -> Iterator[bytes]:
    """Yield a person's records in a format, in chunks. Raises `UsageError` for an unknown one."""
    write = writer(kind)
    return write(_gathered(log, person, asked))


def export_everyone(log: Log, kind: str, asked: Asked) -> Iterator[bytes]:
    """Yield the records of all people of a log. Raises `UsageError` for a format that holds one person."""
    if writer(kind) is not own_json:
        raise UsageError(f"The format {kind} holds one person.", "Export everyone as json, or name one with --person.")
    return own_json(*(_gathered(log, person, asked) for person in log.people()))


def _gathered(log: Log, person: Person, asked: Asked) -> ExportRecords:
    records = gather(log, person, asked)
    if not asked.deidentify:
        return records
    from glucolog.reports.exports.deidentify import deidentified

    return deidentified(records, secret_of(person))


def writer(kind: str) -> Writer:
    """Return the function that writes a format."""
    if kind not in FORMATS:
        raise unknown_word("export format", kind, FORMATS)
    module, name = FORMATS[kind][0].split(":")
    return cast("Writer", getattr(import_module(f"glucolog.reports.exports.{module}"), name))


def gather(log: Log, person: Person, asked: Asked) -> ExportRecords:
    """Gather everything of a range, and what its records name: a symptom's session, a session's readings.

    Raises `UsageError` for a range that ends before it begins.
    """
    refuse_backwards(asked.since, asked.until)
    mine = (person.id, asked.since, asked.until)
    symptoms = log.symptoms(*mine)
    sessions = _sessions(log, asked, person, {one.session_id for one in symptoms if one.session_id})
    unused = log.unused_readings(*mine)
    linked = {link.reading_id for session in sessions for link in session.links}
    return ExportRecords(
        person=person,
        made_at=asked.now,
        batches=log.entries(ImportBatch, person.id),
        readings=_readings(log, asked, person, linked - {reading.id for reading in unused}),
        unused_readings=unused,
        doses=log.doses(*mine),
        carbs=log.carbs(*mine),
        activities=log.activities(*mine),
        notes=log.notes(*mine),
        sessions=sessions,
        symptoms=symptoms,
        foot_checks=log.foot_checks(*mine),
        trials=log.entries(Trial, *mine),
    )


def _sessions(log: Log, asked: Asked, person: Person, named: set[str]) -> tuple[Session, ...]:
    found = log.sessions(person.id, asked.since, asked.until)
    more = _records(log, Session, named - {session.id for session in found})
    return tuple(sorted((*found, *more), key=lambda session: (session.start.epoch_s, session.id)))


def _readings(log: Log, asked: Asked, person: Person, named: set[str]) -> tuple[Reading, ...]:
    found = log.readings(person.id, asked.since, asked.until)
    more = _records(log, Reading, named - {reading.id for reading in found})
    return tuple(sorted((*found, *more), key=lambda reading: (reading.at.epoch_s, reading.id)))


def _records(log: Log, record_type: type[R], ids: set[str]) -> Iterator[R]:
    for record_id in ids:
        try:
            yield log.record(record_type, record_id)
        except NotFoundError:
            continue
