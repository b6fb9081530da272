"""The small parts that every FHIR resource is made of, and the code systems they come from."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

from glucolog.core.moments import Moment
from glucolog.core.units import Unit
from glucolog.core.vocabulary import BodyArea
from glucolog.reports.exports.text import plain_number, printable

Resource = dict[str, Any]

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
UUIDS = "urn:ietf:rfc:3986"
CGM_GUIDE = "http://hl7.org/fhir/uv/cgm/StructureDefinition"
LABORATORY = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}
SURVEY = LABORATORY | {"code": "survey"}
ACTIVITY = LABORATORY | {"code": "activity"}
EXAM = LABORATORY | {"code": "exam"}

GLUCOSE_UNITS = {Unit.MG_DL: ("mg/dL", "mg/dl"), Unit.MMOL_L: ("mmol/L", "mmol/l")}
"""UCUM code and the unit's name as the guide's patterns write it."""


def urn(record_id: str) -> str:
    """Return the lasting identifier of a record."""
    return f"urn:uuid:{record_id}"


@lru_cache(maxsize=4096)
def place_in_bundle(record_id: str) -> str:
    """Return the `fullUrl` of a record: another UUID than its identifier, made of it.

    Servers put their own address where a `fullUrl` stands, some in identifiers too; these must outlast that, for a
    second post finds by them what the first one made.
    """
    return f"urn:uuid:{uuid5(UUID(record_id), 'entry')}"


def refer(record_id: str) -> Resource:
    """Refer to another resource of the bundle."""
    return {"reference": place_in_bundle(record_id)}


def coded(system: str, code: str, text: str) -> Resource:
    """Return a concept with its code and our words for it; the code system's own display is not ours to copy."""
    return {"coding": [{"system": system, "code": code}], "text": text}


def worded(text: str | None) -> Resource:
    """Return a concept in words alone."""
    return {"text": printable(text) or "not named"}


def quantity(value: float, code: str, unit: str, decimals: int = 6) -> Resource:
    """Return an amount in a UCUM unit."""
    return {"value": plain_number(value, decimals), "unit": unit, "system": UCUM, "code": code}


def notes(*texts: str | None) -> Resource:
    """Return the notes that say something, as the field `note`; an empty part where none does."""
    said = [{"text": text} for text in map(printable, texts) if text]
    return {"note": said} if said else {}


def place(area: BodyArea | None) -> Resource:
    """Return the field `bodySite` of an observation, or nothing."""
    return {} if area is None else {"bodySite": worded(str(area).replace(":", ", "))}


def resource(kind: str, record_id: str, **fields: Any) -> Resource:
    """Return a resource with its lasting identifier; fields that are None or empty are left out."""
    given = {name: value for name, value in fields.items() if value not in (None, [], {})}
    return {"resourceType": kind, "identifier": [{"system": UUIDS, "value": urn(record_id)}], **given}


def observation(
    record_id: str, person_id: str, category: Resource, code: Resource, at: Moment | None, **fields: Any
) -> Resource:
    """Return a final observation of the person at an instant."""
    when = {} if at is None else {"effectiveDateTime": at.iso()}
    return resource(
        "Observation",
        record_id,
        status="final",
        category=[{"coding": [category]}],
        code=code,
        subject=refer(person_id),
        **when,
        **fields,
    )
