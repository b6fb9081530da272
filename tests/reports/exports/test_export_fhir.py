"""The FHIR bundle: what stands in it, and three validators that know nothing of each other (nor of us)."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from glucolog.core.units import Unit
from glucolog.reports.exports import ExportRecords
from glucolog.reports.exports.deidentify import Secret, deidentified
from glucolog.reports.exports.fhir import fhir_bundle
from tests.reports.exports.cgm_profiles import MEMBERS, PROFILES
from tests.reports.exports.conftest import (
    ADA,
    AFTER,
    BEFORE,
    HOSTILE,
    LOW,
    MMOL,
    MMOL_HIGH,
    NOON,
    RUNNING,
    SESSION,
    RunNode,
    an_id,
    everything,
    saying,
    sensor,
)

Resource = dict[str, Any]


def bundle(records: ExportRecords) -> Resource:
    made: Resource = json.loads(b"".join(fhir_bundle(records)))
    return made


def by_id(made: Resource) -> dict[str, Resource]:
    """The resources by the ids of their records."""
    return {lasting(entry["resource"]).removeprefix("urn:uuid:"): entry["resource"] for entry in made["entry"]}


def lasting(resource: Resource) -> str:
    return str(resource["identifier"][0]["value"])


def referred(made: Resource) -> dict[str, Resource]:
    """The resources by what others refer to them with."""
    return {entry["fullUrl"]: entry["resource"] for entry in made["entry"]}


def code(resource: Resource) -> str:
    return str(resource["code"].get("coding", [{"code": ""}])[0]["code"])


def of_code(made: Resource, wanted: str) -> list[Resource]:
    return [one for one in by_id(made).values() if "code" in one and code(one) == wanted]


FULL = bundle(everything(sensor(20, step_min=15)))
"""Twenty days of sensor readings: enough for the guide's summary."""
SHORT = bundle(everything(sensor(2, step_min=15)))


def value(resource: Resource) -> str:
    return json.dumps([resource["valueQuantity"], resource.get("interpretation"), sorted(resource)])


def thinned(made: Resource, alike: Callable[[Resource], str] = value) -> Resource:
    """The bundle with one sensor reading of each value: the others differ from it in their ids and times alone."""
    first: dict[str, Resource] = {}
    return {**made, "entry": [entry for entry in made["entry"] if _is_first(entry["resource"], alike, first)]}


def _is_first(resource: Resource, alike: Callable[[Resource], str], first: dict[str, Resource]) -> bool:
    is_sensor = "code" in resource and code(resource) in {"99504-3", "105272-9"}
    return not is_sensor or first.setdefault(alike(resource), resource) is resource


def hostile() -> Resource:
    """Every kind of record with every hostile text."""
    made = bundle(everything())
    made["entry"] = [entry for text in HOSTILE for entry in bundle(saying(text))["entry"]]
    for number, entry in enumerate(made["entry"]):
        entry["fullUrl"] = f"urn:uuid:{an_id(f'hostile {number}')}"
    return made


def complaints_of_fhir_resources(made: Resource) -> list[str]:
    from fhir.resources.R4B.bundle import Bundle
    from pydantic import ValidationError

    try:
        Bundle.model_validate(made)
    except ValidationError as error:
        return [f"{fault['loc']}: {fault['msg']}" for fault in error.errors()]
    return []


def without_subject(made: Resource) -> None:
    of_code(made, "99504-3")[0].pop("subject")


def with_a_strange_field(made: Resource) -> None:
    of_code(made, "99504-3")[0]["colour"] = "blue"


def without_status(made: Resource) -> None:
    by_id(made)[SESSION.id].pop("status")


def with_another_unit(made: Resource) -> None:
    of_code(made, "99504-3")[0]["valueQuantity"] |= {"code": "mmol/L", "unit": "mmol/l"}


def without_a_range(made: Resource) -> None:
    of_code(made, "106793-3")[0]["component"].pop()


def without_a_member(made: Resource) -> None:
    of_code(made, "107931-8")[0]["hasMember"].pop()


def with_a_time_that_is_none(made: Resource) -> None:
    by_id(made)[BEFORE.id]["effectiveDateTime"] = "yesterday"


FAULTS: dict[Callable[[Resource], None], set[str]] = {
    without_subject: {"@medplum/core"},
    with_a_strange_field: {"fhir.resources", "@medplum/core", "fhir"},
    without_status: {"fhir.resources", "@medplum/core", "fhir"},
    with_another_unit: {"@medplum/core"},
    without_a_range: {"@medplum/core"},
    without_a_member: {"@medplum/core"},
    with_a_time_that_is_none: {"fhir.resources", "@medplum/core", "fhir"},
}
"""Faults, and which validators are known to see each."""


SOUND: dict[str, Callable[[], Resource]] = {
    "summary": lambda: thinned(FULL),
    "no summary": lambda: thinned(SHORT),
    "mmol": lambda: thinned(bundle(everything(sensor(20, step_min=15, unit=Unit.MMOL_L)))),
    "no sensor": lambda: bundle(everything()),
    "nothing": lambda: bundle(ExportRecords(person=ADA, made_at=NOON)),
    "hostile": hostile,
    "without identity": lambda: thinned(
        bundle(deidentified(everything(sensor(2, step_min=15)), Secret(-52 * 7 * 24 * 3600, "salt")))
    ),
}
"""Bundles that no validator may find a fault in."""


def broken(fault: Callable[[Resource], None]) -> Resource:
    made = deepcopy(thinned(FULL, alike=code))
    fault(made)
    return made


@pytest.fixture(scope="module")
def bundles() -> dict[str, Resource]:
    """The sound bundles and the broken ones, by name."""
    sound = {name: make() for name, make in SOUND.items()}
    return sound | {fault.__name__: broken(fault) for fault in FAULTS}


@pytest.fixture(scope="module", params=["fhir.resources", "@medplum/core", "fhir"])
def complaints(
    request: pytest.FixtureRequest,
    bundles: dict[str, Resource],
    run_node: RunNode,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, list[str]]:
    """What one validator, asked once, complains of in each bundle."""
    some = list(bundles.values())
    if request.param == "fhir.resources":
        found = [complaints_of_fhir_resources(made) for made in some]
    elif request.param == "fhir":
        found = run_node("validate_fhir_npm.cjs", "fhir", some)
    else:
        profiles = tmp_path_factory.mktemp("profiles") / "profiles.json"
        profiles.write_text(json.dumps(PROFILES), encoding="utf-8")
        found = run_node("validate_fhir_medplum.mjs", "@medplum/core", some, profiles)
    return dict(zip(bundles, found, strict=True))


@pytest.mark.parametrize("name", SOUND)
def test_three_validators_find_nothing(complaints: dict[str, list[str]], name: str) -> None:
    assert complaints[name] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_each_validator_sees_the_faults_it_is_there_for(
    complaints: dict[str, list[str]], fault: Callable[[Resource], None], request: pytest.FixtureRequest
) -> None:
    validator = request.node.callspec.params["complaints"]
    assert bool(complaints[fault.__name__]) is (validator in FAULTS[fault])


def test_every_record_in_use_is_a_resource_under_its_own_id() -> None:
    records = everything()
    found = by_id(bundle(records))
    kinds = (
        records.readings, records.doses, records.carbs, records.activities, records.notes, records.sessions,
        records.symptoms, records.foot_checks,
    )  # fmt: skip
    ids = {record.id for kind in kinds for record in kind}
    assert ids | {ADA.id} <= found.keys()
    assert all(one["identifier"][0]["value"] == f"urn:uuid:{named}" for named, one in found.items())


def test_the_same_records_make_the_same_bundle() -> None:
    assert b"".join(fhir_bundle(everything())) == b"".join(fhir_bundle(everything()))


def test_what_a_server_puts_its_addresses_for_stands_in_no_identifier() -> None:
    # Medplum's router replaces a fullUrl wherever it stands; posted again, the identifiers must still be found.
    made = bundle(everything(sensor(2, step_min=15)))
    text = json.dumps([entry["resource"]["identifier"] for entry in made["entry"]])
    assert not any(entry["fullUrl"] in text for entry in made["entry"])
    assert len({entry["fullUrl"] for entry in made["entry"]}) == len(made["entry"])


def test_references_lead_to_what_is_in_the_bundle() -> None:
    named = {entry["fullUrl"] for entry in FULL["entry"]}
    text = json.dumps(FULL)
    pointed = {piece.split('"')[0] for piece in text.split('"reference": "')[1:]}
    assert pointed
    assert pointed <= named
    assert len(named) == len(FULL["entry"])


def test_a_server_may_take_the_bundle_twice() -> None:
    assert FULL["type"] == "transaction"
    for entry in FULL["entry"]:
        assert entry["request"]["method"] == "POST"
        assert entry["request"]["url"] == entry["resource"]["resourceType"]
        assert entry["request"]["ifNoneExist"].endswith(lasting(entry["resource"]))


@pytest.mark.parametrize(
    ("reading_id", "loinc", "value"),
    [
        (BEFORE.id, "41653-7", {"value": 142, "unit": "mg/dl", "code": "mg/dL"}),
        (MMOL.id, "14743-9", {"value": 7.9, "unit": "mmol/l", "code": "mmol/L"}),
        (MMOL_HIGH.id, "14743-9", {"value": 33.3, "unit": "mmol/l", "code": "mmol/L", "comparator": ">"}),
        (LOW.id, "99504-3", {"value": 40, "unit": "mg/dl", "code": "mg/dL", "comparator": "<"}),
    ],
)
def test_a_reading_is_coded_by_source_and_unit(reading_id: str, loinc: str, value: Resource) -> None:
    found = by_id(SHORT)[reading_id]
    assert code(found) == loinc
    assert found["valueQuantity"] == {"system": "http://unitsofmeasure.org", **value}


def test_sensor_readings_in_mmol_are_coded_by_moles() -> None:
    made = bundle(everything(sensor(1, unit=Unit.MMOL_L)))
    assert len(of_code(made, "105272-9")) == 288


def test_a_session_is_a_procedure_and_its_readings_are_part_of_it() -> None:
    found = by_id(SHORT)
    session = found[SESSION.id]
    assert session["resourceType"] == "Procedure"
    assert session["performedPeriod"] == {"start": "2026-03-29T14:00:00+02:00", "end": "2026-03-29T14:30:00+02:00"}
    assert session["bodySite"] == [{"text": "foot, left"}]
    assert [referred(SHORT)[part["reference"]] for part in found[AFTER.id]["partOf"]] == [found[SESSION.id]]
    assert found[RUNNING.id]["status"] == "in-progress"


def test_insulin_says_units_place_and_length() -> None:
    doses = [one for one in by_id(SHORT).values() if one["resourceType"] == "MedicationAdministration"]
    assert [(one["dosage"]["dose"]["value"], one["dosage"]["dose"]["code"]) for one in doses] == [
        (4.5, "[iU]"), (12, "[iU]"), (2, "[iU]"),
    ]  # fmt: skip
    assert doses[0]["dosage"]["site"] == {"text": "abdomen, left"}
    assert "effectivePeriod" in doses[2]


def test_pain_of_zero_is_said() -> None:
    pain = of_code(SHORT, "72514-3")
    assert [one["valueQuantity"]["value"] for one in pain] == [0]


def test_twenty_days_have_the_panel_with_all_its_members() -> None:
    panel = of_code(FULL, "107931-8")[0]
    members = {code(referred(FULL)[one["reference"]]) for one in panel["hasMember"]}
    assert members == MEMBERS | {"97507-8"}
    assert panel["effectivePeriod"] == {"start": "2026-03-09", "end": "2026-03-29"}


def test_the_five_ranges_are_shares_of_the_readings_counted_here() -> None:
    amounts = [one["valueQuantity"]["value"] for one in of_code(FULL, "99504-3")]
    shares = [part["valueQuantity"]["value"] for part in of_code(FULL, "106793-3")[0]["component"]]
    edges = [(0, 54), (54, 70), (70, 180.5), (180.5, 250.5), (250.5, 1000)]
    counted = [100 * sum(low <= amount < high for amount in amounts) / len(amounts) for low, high in edges]
    assert shares == pytest.approx(counted, abs=0.01)
    assert sum(shares) == pytest.approx(100, abs=0.03)


def test_two_days_have_plain_observations_that_say_why_there_is_no_panel() -> None:
    assert of_code(SHORT, "107931-8") == []
    mean = of_code(SHORT, "97507-8")[0]
    assert "meta" not in mean
    assert "14 are recommended" in mean["note"][0]["text"]


def test_nobody_has_recorded_anything() -> None:
    assert list(by_id(bundle(ExportRecords(person=ADA, made_at=NOON)))) == [ADA.id]
