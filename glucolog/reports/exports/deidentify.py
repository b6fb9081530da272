"""A person's records without the person: what stays is listed here, all else is left out.

Instants move by a constant that only the person's own machine knows, onto a clock without a place (UTC); lengths and
distances stay to the second. Ids are made anew, because an id tells when it was made. Names, notes and every other
free text, devices (their names hold serial numbers), birth year and the zone go; an insulin's name stays where it is
one of the known ones. The same person is the same stranger in each such export.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain

from glucolog.core.moments import Moment, zone_info
from glucolog.core.records import (
    Activity,
    Carbs,
    Dose,
    FootCheck,
    FootFinding,
    Insulin,
    Person,
    Reading,
    ReadingLink,
    Session,
    Site,
    Symptom,
    Trial,
)
from glucolog.core.vocabulary import INSULIN_NAMES
from glucolog.reports.exports.records import ExportRecords

ZONE = "UTC"
SAUNA = "sauna"
EXERCISE = "exercise"
"""What an activity is called: its own words could be anything."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What must not leave the person's machine: the shift, in whole weeks of seconds, and what new ids are made of."""

    shift_s: int
    salt: str


def deidentified(records: ExportRecords, secret: Secret) -> ExportRecords:
    """Return the records without identity. Imports, notes and unused readings are left out."""
    mask = _Mask(secret, records.person, records.made_at)
    return ExportRecords(
        person=mask.person(records.person),
        made_at=mask.moment(_last_at(records)),
        readings=tuple(map(mask.reading, records.readings)),
        doses=tuple(map(mask.dose, records.doses)),
        carbs=tuple(map(mask.carbs, records.carbs)),
        activities=tuple(map(mask.activity, records.activities)),
        sessions=tuple(map(mask.session, records.sessions)),
        symptoms=tuple(map(mask.symptom, records.symptoms)),
        foot_checks=tuple(map(mask.foot_check, records.foot_checks)),
        trials=tuple(map(mask.trial, records.trials)),
    )


class _Mask:
    """Makes strangers of one person's records."""

    def __init__(self, secret: Secret, person: Person, made_at: Moment) -> None:
        self._names = uuid.uuid5(uuid.NAMESPACE_OID, secret.salt)
        self._shift = timedelta(seconds=secret.shift_s)
        self._shift_s = secret.shift_s + _winter_s(person.zone, made_at)
        self._person_id = self.id(person.id)

    def id(self, own: str) -> str:
        return str(uuid.uuid5(self._names, own))

    def moment(self, at: Moment) -> Moment:
        return Moment(at.epoch_s + self._shift_s, ZONE)

    def day(self, day: date | None) -> date | None:
        return None if day is None else day + self._shift

    def person(self, person: Person) -> Person:
        return Person(
            id=self._person_id,
            name=f"Person {self._person_id[:8]}",
            unit=person.unit,
            zone=ZONE,
            therapy=person.therapy,
            insulins=tuple(Insulin(name=_known(one.name) or "insulin", kind=one.kind) for one in person.insulins),
            sites=tuple(self._site(site) for site in person.sites),
            neuropathies=person.neuropathies,
            protective_sensation_lost=person.protective_sensation_lost,
            sensation_checked_on=self.day(person.sensation_checked_on),
            impaired_awareness=person.impaired_awareness,
            severe_low_at=self.moment(person.severe_low_at) if person.severe_low_at else None,
            target_set=person.target_set,
            target_low=person.target_low,
            target_high=person.target_high,
            research_consent=person.research_consent,
        )

    def _site(self, site: Site) -> Site:
        return Site(kind=site.kind, place=site.place, since=self.day(site.since), until=self.day(site.until))

    def reading(self, reading: Reading) -> Reading:
        return Reading(
            id=self.id(reading.id),
            person_id=self._person_id,
            at=self.moment(reading.at),
            glucose=reading.glucose,
            source=reading.source,
        )

    def dose(self, dose: Dose) -> Dose:
        return Dose(
            id=self.id(dose.id),
            person_id=self._person_id,
            at=self.moment(dose.at),
            units=dose.units,
            kind=dose.kind,
            name=_known(dose.name),
            site=dose.site,
            by_pump=dose.by_pump,
            duration_min=dose.duration_min,
        )

    def carbs(self, eaten: Carbs) -> Carbs:
        at = self.moment(eaten.at)
        return Carbs(
            id=self.id(eaten.id), person_id=self._person_id, at=at, grams=eaten.grams, treatment=eaten.treatment
        )

    def activity(self, activity: Activity) -> Activity:
        return Activity(
            id=self.id(activity.id),
            person_id=self._person_id,
            at=self.moment(activity.at),
            kind=SAUNA if activity.kind == SAUNA else EXERCISE,
            minutes=activity.minutes,
            intensity=activity.intensity,
        )

    def session(self, session: Session) -> Session:
        return Session(
            id=self.id(session.id),
            person_id=self._person_id,
            start=self.moment(session.start),
            end=self.moment(session.end) if session.end else None,
            length_assumed=session.length_assumed,
            areas=session.areas,
            techniques=session.techniques,
            tools=session.tools,
            pressure=session.pressure,
            performer=session.performer,
            performer_trained=session.performer_trained,
            water_c=session.water_c,
            lotion=session.lotion,
            lotion_between_toes=session.lotion_between_toes,
            hands_washed=session.hands_washed,
            equipment_clean=session.equipment_clean,
            position=session.position,
            links=tuple(ReadingLink(reading_id=self.id(one.reading_id), phase=one.phase) for one in session.links),
        )

    def symptom(self, symptom: Symptom) -> Symptom:
        return Symptom(
            id=self.id(symptom.id),
            person_id=self._person_id,
            at=self.moment(symptom.at),
            symptom=symptom.symptom,
            score=symptom.score,
            place=symptom.place,
            session_id=self.id(symptom.session_id) if symptom.session_id else None,
            phase=symptom.phase,
            new_or_worse=symptom.new_or_worse,
            told_team_on=self.day(symptom.told_team_on),
        )

    def foot_check(self, check: FootCheck) -> FootCheck:
        seen = (FootFinding(side=one.side, region=one.region, finding=one.finding) for one in check.findings)
        return FootCheck(
            id=self.id(check.id),
            person_id=self._person_id,
            at=self.moment(check.at),
            sides=check.sides,
            findings=tuple(seen),
            told_team_on=self.day(check.told_team_on),
        )

    def trial(self, trial: Trial) -> Trial:
        return replace(
            trial,
            id=self.id(trial.id),
            person_id=self._person_id,
            at=self.moment(trial.at),
            start_day=trial.start_day + self._shift,
            planned_zone=ZONE,
            stopped_on=self.day(trial.stopped_on),
        )


def _last_at(records: ExportRecords) -> Moment:
    """Return when the last record is: when the file was made, moved with the rest, would tell its reader the shift."""
    kinds = (records.readings, records.doses, records.carbs, records.activities, records.symptoms, records.foot_checks)
    ends = (session.end or session.start for session in records.sessions)
    at = (record.at for kind in kinds for record in kind)
    return max(chain(at, ends), key=lambda moment: moment.epoch_s, default=Moment(0, ZONE))


def _winter_s(zone: str, made_at: Moment) -> int:
    """Return what a zone's clock is ahead of UTC in winter, on either half of the earth: mornings stay mornings."""
    year = made_at.local.year
    offsets = (datetime(year, month, 1, tzinfo=zone_info(zone)).utcoffset() for month in (1, 7))
    return min(round(offset.total_seconds()) for offset in offsets if offset is not None)


def _known(name: str | None) -> str | None:
    word = (name or "").strip().lower().replace(" ", "-")
    return word if word in INSULIN_NAMES else None
