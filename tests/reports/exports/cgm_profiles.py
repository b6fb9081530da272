"""The constraints of HL7's guide for continuous glucose monitoring 1.0.0, read off its published profiles.

https://hl7.org/fhir/uv/cgm: for each profile the elements of `Observation` it narrows, in the form of a snapshot.
"""

from __future__ import annotations

from typing import Any

GUIDE = "http://hl7.org/fhir/uv/cgm/StructureDefinition"
UCUM = "http://unitsofmeasure.org"
Element = dict[str, Any]


def _element(path: str, **narrowed: Any) -> Element:
    return {"id": f"Observation.{path}", "path": f"Observation.{path}", **narrowed}


def _code(code: str) -> Element:
    return _element("code", patternCodeableConcept=_concept(code), min=1, max="1")


def _concept(code: str) -> Element:
    return {"coding": [{"system": "http://loinc.org", "code": code}]}


def _quantity(code: str, unit: str) -> Element:
    pattern = {"system": UCUM, "code": code, "unit": unit}
    return _element("value[x]", min=1, max="1", type=[{"code": "Quantity"}], patternQuantity=pattern)


SUBJECT = _element("subject", min=1, max="1")
MG_DL, MMOL_L = _quantity("mg/dL", "mg/dl"), _quantity("mmol/L", "mmol/l")
PERCENT, DAYS = _quantity("%", "%"), _quantity("d", "days")
AT = _element("effective[x]", min=1, max="1", type=[{"code": "dateTime"}])
DURING = _element("effective[x]", min=1, max="1", type=[{"code": "Period"}])

RANGES = {
    "timeInVeryLow": "104642-4",
    "timeInLow": "104641-6",
    "timeInTarget": "97510-2",
    "timeInHigh": "104640-8",
    "timeInVeryHigh": "104639-0",
}


def _slices() -> list[Element]:
    slicing = {"discriminator": [{"type": "value", "path": "code"}], "rules": "open"}
    elements = [_element("component", slicing=slicing, min=5, max="*")]
    for name, code in RANGES.items():
        at = {"path": "Observation.component", "id": f"Observation.component:{name}"}
        elements.append({**at, "sliceName": name, "min": 1, "max": "1", "type": [{"code": "BackboneElement"}]})
        inner = {"path": "Observation.component.code", "id": f"Observation.component:{name}.code"}
        concept = {"type": [{"code": "CodeableConcept"}], "patternCodeableConcept": _concept(code)}
        elements.append({**inner, "min": 1, "max": "1", **concept})
    return elements


def _summary(code: str, *value: Element) -> list[Element]:
    return [SUBJECT, DURING, _code(code), *value]


PROFILES: dict[str, list[Element]] = {
    f"{GUIDE}/{name}": elements
    for name, elements in {
        "cgm-sensor-reading-mass-per-volume": [SUBJECT, AT, _code("99504-3"), MG_DL],
        "cgm-sensor-reading-moles-per-volume": [SUBJECT, AT, _code("105272-9"), MMOL_L],
        "cgm-summary": [*_summary("107931-8"), _element("hasMember", min=6, max="*")],
        "cgm-summary-mean-glucose-mass-per-volume": _summary("97507-8", MG_DL),
        "cgm-summary-mean-glucose-moles-per-volume": _summary("105273-7", MMOL_L),
        "cgm-summary-times-in-ranges": _summary("106793-3", *_slices()),
        "cgm-summary-gmi": _summary("97506-0", PERCENT),
        "cgm-summary-coefficient-of-variation": _summary("104638-2", PERCENT),
        "cgm-summary-days-of-wear": _summary("104636-6", DAYS),
        "cgm-summary-sensor-active-percentage": _summary("104637-4", PERCENT),
    }.items()
}

MEMBERS = {"106793-3", "97506-0", "104638-2", "104636-6", "104637-4"}
"""Codes of the members that the summary must have, beside a mean (97507-8 or 105273-7)."""
