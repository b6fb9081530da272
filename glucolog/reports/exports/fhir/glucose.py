"""Glucose readings as FHIR observations.

Sensor readings follow the guide's profiles (LOINC 99504-3 by mass, 105272-9 by moles), meter readings are capillary
blood by glucometer (41653-7, 14743-9). The amount stays in the unit that was typed; LO and HI are the device's limit
with the comparator < or >.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from glucolog.core.records import Reading
from glucolog.core.units import Censored, Glucose, Source, Unit
from glucolog.reports.exports.fhir.parts import (
    CGM_GUIDE,
    GLUCOSE_UNITS,
    LABORATORY,
    LOINC,
    Resource,
    coded,
    notes,
    observation,
    quantity,
    refer,
)
from glucolog.reports.exports.records import ExportRecords
from glucolog.reports.exports.text import printable

CODES = {
    (Source.CGM, Unit.MG_DL): coded(LOINC, "99504-3", "Sensor glucose"),
    (Source.CGM, Unit.MMOL_L): coded(LOINC, "105272-9", "Sensor glucose"),
    (Source.METER, Unit.MG_DL): coded(LOINC, "41653-7", "Meter glucose"),
    (Source.METER, Unit.MMOL_L): coded(LOINC, "14743-9", "Meter glucose"),
}
PROFILES = {
    Unit.MG_DL: {"profile": [f"{CGM_GUIDE}/cgm-sensor-reading-mass-per-volume"]},
    Unit.MMOL_L: {"profile": [f"{CGM_GUIDE}/cgm-sensor-reading-moles-per-volume"]},
}
COMPARATORS = {Censored.LOW: "<", Censored.HIGH: ">"}


def readings(records: ExportRecords) -> Iterator[tuple[str, Resource]]:
    """Yield id and observation of each reading in use; one that a session links to is part of it."""
    sessions = {link.reading_id: session.id for session in records.sessions for link in session.links}
    for reading in records.readings:
        yield reading.id, _observation(reading, sessions)


def glucose_quantity(glucose: Glucose) -> Resource:
    """Return the amount as typed."""
    code, unit = GLUCOSE_UNITS[glucose.unit]
    value = quantity(glucose.amount, code, unit)
    return value | {"comparator": COMPARATORS[glucose.censored]} if glucose.censored else value


def _observation(reading: Reading, sessions: Mapping[str, str]) -> Resource:
    device = printable(reading.device)
    return observation(
        reading.id,
        reading.person_id,
        LABORATORY,
        CODES[reading.source, reading.glucose.unit],
        reading.at,
        meta=PROFILES[reading.glucose.unit] if reading.source is Source.CGM else None,
        valueQuantity=glucose_quantity(reading.glucose),
        partOf=[refer(sessions[reading.id])] if reading.id in sessions else None,
        device={"display": device} if device else None,
        **notes(reading.note),
    )
