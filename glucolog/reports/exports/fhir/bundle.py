"""The bundle: a transaction that a server may take twice and stores once.

Each resource has the id of its record (`urn:uuid:`) as its identifier and is created only where no resource has that
identifier yet (`ifNoneExist`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain

from glucolog.reports.exports.fhir.care import events, patient
from glucolog.reports.exports.fhir.glucose import readings
from glucolog.reports.exports.fhir.parts import UUIDS, Resource, place_in_bundle, urn
from glucolog.reports.exports.fhir.summary import summary
from glucolog.reports.exports.records import ExportRecords
from glucolog.reports.exports.text import chunked


def fhir_bundle(records: ExportRecords) -> Iterator[bytes]:
    """Yield a transaction bundle of everything in use: patient first, then what refers to it."""
    return chunked(_pieces(records))


def _pieces(records: ExportRecords) -> Iterator[str]:
    head = {"resourceType": "Bundle", "type": "transaction", "timestamp": records.made_at.iso()}
    yield f'{_json(head)[:-1]},"entry":['
    everything = chain(patient(records), events(records), summary(records), readings(records))
    for number, (record_id, resource) in enumerate(everything):
        yield f"{',' if number else ''}\n{_json(_entry(record_id, resource))}"
    yield "\n]}\n"


def _entry(record_id: str, resource: Resource) -> Resource:
    request = {
        "method": "POST",
        "url": resource["resourceType"],
        "ifNoneExist": f"identifier={UUIDS}|{urn(record_id)}",
    }
    return {"fullUrl": place_in_bundle(record_id), "resource": resource, "request": request}


def _json(value: Resource) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
