"""People and what they did as FHIR: Patient, Procedure (sessions), MedicationAdministration (insulin), Observation."""

from __future__ import annotations

from collections.abc import Iterator

from glucolog.core.moments import Moment
from glucolog.core.records import Activity, Carbs, Dose, FootCheck, FootFinding, Note, Session, Symptom
from glucolog.core.vocabulary import FOOT_FINDINGS, FOOT_REGIONS, PERFORMERS, TECHNIQUES, TOOLS
from glucolog.reports.exports.fhir.parts import (
    ACTIVITY,
    EXAM,
    LOINC,
    SNOMED,
    SURVEY,
    UCUM,
    Resource,
    coded,
    notes,
    observation,
    place,
    quantity,
    refer,
    resource,
    worded,
)
from glucolog.reports.exports.records import ExportRecords
from glucolog.reports.exports.text import plain_number, printable

MASSAGE = coded(SNOMED, "387854002", "Massage")
PAIN = coded(LOINC, "72514-3", "Pain, 0 to 10")
CARBS = coded(LOINC, "9059-7", "Carbohydrate eaten")
EXERCISE = coded(LOINC, "73985-4", "Exercise")
EXERCISE_MINUTES = coded(LOINC, "55411-3", "Length of exercise")
FOOT_CHECK = worded("Look at the feet")
NOTE = worded("Note")
PRESSURE = "Pressure: {pressure} of 5 (Walton)"


def patient(records: ExportRecords) -> Iterator[tuple[str, Resource]]:
    """Yield the person."""
    person = records.person
    name = printable(person.name)
    born = str(person.birth_year) if person.birth_year else None
    yield person.id, resource("Patient", person.id, name=[{"text": name}] if name else None, birthDate=born)


def events(records: ExportRecords) -> Iterator[tuple[str, Resource]]:
    """Yield id and resource of everything that is no glucose: sessions first, what belongs to them after."""
    yield from ((one.id, _session(one)) for one in records.sessions)
    yield from ((one.id, _dose(one)) for one in records.doses)
    yield from ((one.id, _carbs(one)) for one in records.carbs)
    yield from ((one.id, _activity(one)) for one in records.activities)
    yield from ((one.id, _symptom(one)) for one in records.symptoms)
    yield from ((one.id, _foot_check(one)) for one in records.foot_checks)
    yield from ((one.id, _note(one)) for one in records.notes)


def _session(session: Session) -> Resource:
    performer = _performer(session)
    return resource(
        "Procedure",
        session.id,
        status="completed" if session.end else "in-progress",
        code=MASSAGE,
        subject=refer(session.person_id),
        performedPeriod=_period(session.start, session.end),
        performer=[{"actor": {"display": performer}}] if performer else None,
        bodySite=[worded(str(area).replace(":", ", ")) for area in session.areas],
        usedCode=[worded(TOOLS.get(tool, tool)) for tool in session.tools],
        **notes(*_details(session)),
    )


def _performer(session: Session) -> str | None:
    return printable(session.performer_name) or (PERFORMERS.get(session.performer) if session.performer else None)


def _details(session: Session) -> Iterator[str | None]:
    yield from (f"Technique: {name} ({TECHNIQUES[name]})" for name in session.techniques if name in TECHNIQUES)
    if session.pressure is not None:
        yield PRESSURE.format(pressure=session.pressure.value)
    if session.water_c is not None:
        yield f"Water: {session.water_c:g} °C"
    if session.length_assumed:
        yield "Nobody said how long it took; the length is assumed."
    yield session.note


def _period(start: Moment, end: Moment | None) -> Resource:
    return {"start": start.iso()} | ({"end": end.iso()} if end else {})


def _dose(dose: Dose) -> Resource:
    when: Resource = {"effectiveDateTime": dose.at.iso()}
    if dose.duration_min:
        when = {"effectivePeriod": _period(dose.at, dose.at.plus(minutes=dose.duration_min))}
    name = printable(dose.name) or f"insulin, {dose.kind.value}"
    dosage: Resource = {
        "text": f"{dose.units:g} U {name}{' by pump' if dose.by_pump else ''}",
        "dose": {"value": plain_number(dose.units), "unit": "U", "system": UCUM, "code": "[iU]"},
    }
    if dose.site:
        dosage["site"] = worded(str(dose.site).replace(":", ", "))
    return resource(
        "MedicationAdministration",
        dose.id,
        status="completed",
        medicationCodeableConcept=coded(SNOMED, "67866001", name),
        subject=refer(dose.person_id),
        dosage=dosage,
        **when,
        **notes(f"Acts as: {dose.kind.value}", dose.note),
    )


def _carbs(eaten: Carbs) -> Resource:
    treated = "To treat a low" if eaten.treatment else None
    value = quantity(eaten.grams, "g", "g")
    said = notes(treated, eaten.note)
    return observation(eaten.id, eaten.person_id, ACTIVITY, CARBS, eaten.at, valueQuantity=value, **said)


def _activity(activity: Activity) -> Resource:
    minutes = []
    if activity.minutes:
        minutes = [{"code": EXERCISE_MINUTES, "valueQuantity": quantity(activity.minutes, "min", "min")}]
    said = notes(f"Intensity: {activity.intensity}" if activity.intensity else None, activity.note)
    value = worded(activity.kind)
    return observation(
        activity.id, activity.person_id, ACTIVITY, EXERCISE, activity.at, valueCodeableConcept=value,
        component=minutes, **said,
    )  # fmt: skip


def _symptom(symptom: Symptom) -> Resource:
    code = PAIN if symptom.symptom == "pain" else worded(f"{symptom.symptom}, 0 to 10")
    session = [refer(symptom.session_id)] if symptom.session_id else None
    phase = f"{symptom.phase.value} the session" if symptom.phase and symptom.session_id else None
    said = notes(phase, "New or worse" if symptom.new_or_worse else None, symptom.note)
    score = quantity(symptom.score, "{score}", "score")
    return observation(
        symptom.id, symptom.person_id, SURVEY, code, symptom.at, valueQuantity=score, partOf=session,
        **place(symptom.place), **said,
    )  # fmt: skip


def _foot_check(check: FootCheck) -> Resource:
    seen = [_finding(found) for found in check.findings]
    value = {} if seen else {"valueString": "Nothing seen"}
    said = notes(f"Looked at: {', '.join(check.sides)}", check.note)
    return observation(check.id, check.person_id, EXAM, FOOT_CHECK, check.at, component=seen, **value, **said)


def _finding(found: FootFinding) -> Resource:
    where = f"{found.side} foot, {FOOT_REGIONS.get(found.region, found.region)}"
    what = FOOT_FINDINGS.get(found.finding, found.finding)
    return {"code": worded(where), "valueString": printable(f"{what}. {found.note or ''}") or what}


def _note(note: Note) -> Resource:
    text = printable(note.text) or "(empty)"
    return observation(note.id, note.person_id, SURVEY, NOTE, note.at, valueString=text)
