"""What an export is made from: everything the log holds of one person in a range."""

from __future__ import annotations

from dataclasses import dataclass

from glucolog.core.records import (
    Activity,
    Carbs,
    Dose,
    FootCheck,
    ImportBatch,
    Note,
    Person,
    Reading,
    Session,
    Symptom,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRecords:
    """One person's records, each kind in time order. `readings` are those in use; conflicting ones stay in the log."""

    person: Person
    batches: tuple[ImportBatch, ...] = ()
    readings: tuple[Reading, ...] = ()
    doses: tuple[Dose, ...] = ()
    carbs: tuple[Carbs, ...] = ()
    activities: tuple[Activity, ...] = ()
    notes: tuple[Note, ...] = ()
    sessions: tuple[Session, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    foot_checks: tuple[FootCheck, ...] = ()
