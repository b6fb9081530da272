"""The made-up three months: meals, doses, sessions, foot checks and scores, drawn from one seed.

Inside are a clock change, two lows after sessions, one session over a fresh injection site, missing afters, a sensor
gap, and a blister: what a real log has and a first look should find.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

from glucolog.core.moments import Moment, from_local
from glucolog.core.records import (
    Carbs,
    Dose,
    FootCheck,
    FootFinding,
    Insulin,
    InsulinKind,
    Person,
    Phase,
    Reading,
    ReadingLink,
    Session,
    Site,
    SiteKind,
    Symptom,
    Therapy,
)
from glucolog.core.units import Glucose, Source, Unit
from glucolog.core.vocabulary import BodyArea, Pressure, Side
from glucolog.services.demo.body import STEP_MIN, Push, trace_mg_dl
from glucolog.services.identity import seeded_ids

SEED = 20260334
ZONE = "Europe/Berlin"
FIRST_DAY = date(2026, 2, 9)
DAYS = 90
END = from_local(datetime.combine(FIRST_DAY + timedelta(days=DAYS), time()), ZONE)
"""The midnight at which the story ends."""
MADE_UP = "Made up by `glucolog demo`: no person, no measurement."
RAPID, LONG = Insulin(name="aspart", kind=InsulinKind.RAPID), Insulin(name="degludec", kind=InsulinKind.LONG)
MEALS = ((7, 30, 45), (12, 45, 60), (18, 45, 70))
"""Hour, minute and usual grams."""
GRAMS_PER_UNIT = 10.0
BOLUS_SITES = (BodyArea("abdomen", Side.LEFT), BodyArea("abdomen", Side.RIGHT), BodyArea("thigh", Side.LEFT))
FEET = BodyArea("foot", Side.BOTH)
KINDS: tuple[tuple[str, BodyArea, int, Pressure], ...] = (
    ("effleurage", FEET, 20, Pressure.LIGHT_LOTION),
    ("petrissage", BodyArea("calf", Side.BOTH), 45, Pressure.MEDIUM),
    ("swedish", BodyArea("back", Side.MIDDLE), 60, Pressure.MEDIUM),
    ("reflexology", FEET, 40, Pressure.HEAVY_LOTION),
    ("tapotement", BodyArea("shoulder", Side.BOTH), 20, Pressure.LIGHT_LOTION),
)
LOW_AFTER_DAYS = (23, 61)
"""Days on which the dinner bolus before an evening session is larger than dinner needed."""
OVERLAP_DAY = 44
"""The day of a thigh massage an hour after a bolus into that thigh."""
BLISTER_DAY = 71
GAP_DAY = 37


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything the made-up log holds; `cgm` are (instant, mg/dL) five minutes apart, with the gaps left out."""

    person: Person
    sessions: tuple[Session, ...]
    readings: tuple[Reading, ...]
    doses: tuple[Dose, ...]
    carbs: tuple[Carbs, ...]
    symptoms: tuple[Symptom, ...]
    foot_checks: tuple[FootCheck, ...]
    cgm: tuple[tuple[Moment, int], ...]


@dataclass(slots=True)
class _Teller:
    random: Random
    ids: Callable[[], str]
    person: Person
    doses: list[Dose]
    carbs: list[Carbs]
    sessions: list[Session]
    symptoms: list[Symptom]
    foot_checks: list[FootCheck]


def tell(seed: int = SEED) -> Story:
    """Tell the story: the same seed tells the same one, ids included."""
    ids = seeded_ids(seed)
    person = _person(ids())
    teller = _Teller(Random(seed), ids, person, [], [], [], [], [])
    for number in range(DAYS):
        _live_day(teller, number)
    cgm = _sensor(teller)
    readings = _meter(teller, dict(cgm))
    return Story(
        person=person,
        sessions=tuple(teller.sessions),
        readings=readings,
        doses=tuple(teller.doses),
        carbs=tuple(teller.carbs),
        symptoms=tuple(teller.symptoms),
        foot_checks=tuple(teller.foot_checks),
        cgm=tuple((at, value) for at, value in cgm if not _in_gap(at)),
    )


def _person(person_id: str) -> Person:
    return Person(
        id=person_id,
        name="Made-up person",
        unit=Unit.MG_DL,
        zone=ZONE,
        therapy=Therapy.MDI,
        insulins=(RAPID, LONG),
        sites=(Site(kind=SiteKind.SENSOR, place=BodyArea("arm", Side.RIGHT), since=FIRST_DAY),),
        neuropathies=("peripheral",),
        protective_sensation_lost=False,
        sensation_checked_on=FIRST_DAY,
        impaired_awareness=False,
        birth_year=1978,
        low_plan="15 g glucose tablets, look again after 15 minutes.",
        questions=("Is an evening session all right on days with a late dinner?",),
        note=MADE_UP,
    )


def _live_day(teller: _Teller, number: int) -> None:
    day = FIRST_DAY + timedelta(days=number)
    _dose(teller, _at(day, 22, 0), 18.0, LONG, BodyArea("buttock", Side.LEFT))
    for hour, minute, usual_g in MEALS:
        at = _at(day, hour, minute, jitter=teller.random.gauss(0, 15))
        grams = max(15.0, float(round(teller.random.gauss(usual_g, 12))))
        teller.carbs.append(Carbs(id=teller.ids(), person_id=teller.person.id, at=at, grams=grams))
        wrong = teller.random.gauss(0.94, 0.09) + (0.4 if number in LOW_AFTER_DAYS and hour == 18 else 0)
        site = BodyArea("thigh", Side.LEFT) if number == OVERLAP_DAY and hour == 18 else None
        _dose(teller, at, round(2 * grams * wrong / GRAMS_PER_UNIT) / 2, RAPID, site or _next_site(teller))
    if _is_session_day(number):
        _massage(teller, number, day)


def _is_session_day(number: int) -> bool:
    return number % 9 in {1, 3, 6, 8} or number in (*LOW_AFTER_DAYS, OVERLAP_DAY, BLISTER_DAY)


def _massage(teller: _Teller, number: int, day: date) -> None:
    evening = number in LOW_AFTER_DAYS or number == OVERLAP_DAY or teller.random.random() < 0.5
    technique, area, minutes, pressure = teller.random.choice(KINDS)
    if number == OVERLAP_DAY:
        technique, area, minutes, pressure = "petrissage", BodyArea("thigh", Side.LEFT), 30, Pressure.MEDIUM
    start = _at(day, 20 if evening else 16, 15 if evening else 0, jitter=teller.random.gauss(0, 12))
    session = Session(
        id=teller.ids(),
        person_id=teller.person.id,
        start=start,
        end=start.plus(minutes=minutes),
        areas=(area,),
        techniques=(technique,),
        tools=("hands",),
        pressure=pressure,
        performer=teller.random.choice(("self", "partner", "therapist")),
        lotion=area == FEET,
        hands_washed=True,
        equipment_clean=True,
        position="lying",
    )
    teller.sessions.append(session)
    _scores(teller, session)
    if area == FEET:
        _feet(teller, number, session)


def _scores(teller: _Teller, session: Session) -> None:
    before = {"pain": teller.random.randint(2, 6), "stress": teller.random.randint(3, 7)}
    for symptom, score in before.items():
        later = max(0, score - teller.random.choice((0, 1, 1, 2)))
        for at, value, phase in ((session.start, score, Phase.BEFORE), (session.end, later, Phase.AFTER)):
            teller.symptoms.append(
                Symptom(
                    id=teller.ids(),
                    person_id=teller.person.id,
                    at=at or session.start,
                    symptom=symptom,
                    score=value,
                    session_id=session.id,
                    phase=phase,
                )
            )


def _feet(teller: _Teller, number: int, session: Session) -> None:
    blister = FootFinding(side=Side.LEFT, region="heel", finding="blister")
    teller.foot_checks.append(
        FootCheck(
            id=teller.ids(),
            person_id=teller.person.id,
            at=session.start.plus(minutes=-10),
            sides=(Side.LEFT, Side.RIGHT),
            findings=(blister,) if number >= BLISTER_DAY and number < BLISTER_DAY + 4 else (),
        )
    )


def _sensor(teller: _Teller) -> list[tuple[Moment, int]]:
    begin = _at(FIRST_DAY, 0, 0)
    pushes = [
        Push(minute=dose.at.minutes_since(begin), units=dose.units) for dose in teller.doses if dose.name == RAPID.name
    ]
    pushes += [Push(minute=eaten.at.minutes_since(begin), grams=eaten.grams) for eaten in teller.carbs]
    overlap = _overlap_session(teller)
    pushes.append(Push(minute=overlap.start.minutes_since(begin), speed=1.8, hold_min=60))
    steps = DAYS * 24 * 60 // STEP_MIN
    values = trace_mg_dl(pushes, steps, teller.random)
    return [(begin.plus(minutes=step * STEP_MIN), round(value)) for step, value in enumerate(values)]


def _overlap_session(teller: _Teller) -> Session:
    day = FIRST_DAY + timedelta(days=OVERLAP_DAY)
    return next(session for session in teller.sessions if session.start.local_day == day)


def _meter(teller: _Teller, cgm: dict[Moment, int]) -> tuple[Reading, ...]:
    """Finger-sticks before and after most sessions; every ninth after is missing."""
    made: list[Reading] = []
    for number, session in enumerate(teller.sessions):
        links = []
        for at, phase in ((session.start, Phase.BEFORE), (session.end, Phase.AFTER)):
            if at is None or (phase is Phase.AFTER and number % 9 == 7):
                continue
            reading = _stick(teller, at, _nearest(cgm, at))
            made.append(reading)
            links.append(ReadingLink(reading_id=reading.id, phase=phase))
        teller.sessions[number] = replace(session, links=tuple(links))
    return tuple(made)


def _stick(teller: _Teller, at: Moment, true_mg_dl: int) -> Reading:
    shown = max(20, round(true_mg_dl * teller.random.gauss(1.0, 0.05)))
    return Reading(
        id=teller.ids(),
        person_id=teller.person.id,
        at=at,
        glucose=Glucose(float(shown), Unit.MG_DL),
        source=Source.METER,
    )


def _nearest(cgm: dict[Moment, int], at: Moment) -> int:
    grid_s = STEP_MIN * 60
    return cgm[Moment(at.epoch_s // grid_s * grid_s, ZONE)]


def _dose(teller: _Teller, at: Moment, units: float, insulin: Insulin, site: BodyArea) -> None:
    teller.doses.append(
        Dose(
            id=teller.ids(),
            person_id=teller.person.id,
            at=at,
            units=max(0.5, units),
            kind=insulin.kind,
            name=insulin.name,
            site=site,
        )
    )


def _next_site(teller: _Teller) -> BodyArea:
    return BOLUS_SITES[len(teller.doses) % len(BOLUS_SITES)]


def _at(day: date, hour: int, minute: int, *, jitter: float = 0.0) -> Moment:
    placed = from_local(datetime.combine(day, time(hour, minute)), ZONE, fold=0)
    return Moment(placed.plus(minutes=round(jitter)).epoch_s, ZONE)


def _in_gap(at: Moment) -> bool:
    gap = FIRST_DAY + timedelta(days=GAP_DAY)
    return at.local_day == gap and 2 <= at.local.hour < 9
