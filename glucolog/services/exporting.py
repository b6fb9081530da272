"""Writing everything out: gather a person's records and hand them to the format asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from glucolog.core.records import ImportBatch, Person
from glucolog.core.vocabulary import unknown_word
from glucolog.reports.exports import ExportRecords
from glucolog.services.looking import Range
from glucolog.storage import Log

FORMATS: dict[str, tuple[str, str]] = {
    "csv": ("tidy_csv:tidy_csv", "one row a record, for a spreadsheet"),
    "json": ("own_json:own_json", "everything, without loss; can be imported again"),
}
"""Format → the function that writes it, under glucolog.reports.exports, and what it is for."""


def export(log: Log, person: Person, kind: str, span: Range) -> bytes:
    """Return a person's records of a closed range in a format. Raises `UsageError` for an unknown one."""
    return writer(kind)(gather(log, person, span))


def writer(kind: str) -> Callable[[ExportRecords], bytes]:
    """Return the function that writes a format."""
    if kind not in FORMATS:
        raise unknown_word("export format", kind, FORMATS)
    module, name = FORMATS[kind][0].split(":")
    return cast("Callable[[ExportRecords], bytes]", getattr(import_module(f"glucolog.reports.exports.{module}"), name))


def gather(log: Log, person: Person, span: Range) -> ExportRecords:
    """Gather everything of a closed range."""
    window = span.since, span.until.plus(seconds=1)
    return ExportRecords(
        person=person,
        batches=log.entries(ImportBatch, person.id),
        readings=log.readings(person.id, *window),
        doses=log.doses(person.id, *window),
        carbs=log.carbs(person.id, *window),
        activities=log.activities(person.id, *window),
        notes=log.notes(person.id, *window),
        sessions=log.sessions(person.id, *window)[::-1],
        symptoms=log.symptoms(person.id, *window),
        foot_checks=log.foot_checks(person.id, *window),
    )
