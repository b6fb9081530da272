"""Made-up facts for reports: nothing at all, one session, many, a year, and a person who types hostile things."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

import pytest
from glucolog.analysis.agp import ambulatory_profile
from glucolog.analysis.effect import estimate_effect
from glucolog.analysis.factors import compare_factors
from glucolog.analysis.metrics import consensus_metrics
from glucolog.analysis.study import EffectInput
from glucolog.analysis.trace import glucose_arrays
from glucolog.core.change import session_change
from glucolog.core.columns import Trace
from glucolog.core.findings import Finding, Level
from glucolog.core.lows import attributed_lows
from glucolog.core.moments import Moment
from glucolog.core.pairing import pair
from glucolog.core.records import (
    FootCheck,
    FootFinding,
    Insulin,
    InsulinKind,
    Person,
    Reading,
    Session,
    Symptom,
    Therapy,
)
from glucolog.core.units import Source, Unit
from glucolog.core.vocabulary import BodyArea, Pressure, Side
from glucolog.reports.facts import ReportFacts, Reviewed

ZONE = "Europe/Berlin"
FIRST_S = 1_772_406_000  # Monday 2 March 2026, 00:00 in Berlin
STEP_S = 300
HOSTILE = (
    "</script><b>x</b> #let y = sys.inputs; $1/2$ @ref *bold* \u202eright to left\u202c \"quoted\" 'it' & 😀 \\u{1F600}"
)

MakeFacts = Callable[..., ReportFacts]


def sensor(days: float, seed: int = 1, base: float = 140) -> Trace:
    """Return a five-minute trace in mg/dL that wanders about `base`."""
    chance, level, count = random.Random(seed), base, round(days * 288)
    amounts = array("d")
    for _ in range(count):
        level += (base - level) * 0.02 + chance.gauss(0, 5)
        amounts.append(float(round(min(320, max(45, level)))))
    return Trace(
        source=Source.CGM, zone=ZONE, at_s=array("q", (FIRST_S + STEP_S * step for step in range(count))),
        amount=amounts, is_mmol_l=array("b", bytes(count)), censored=array("b", bytes(count)),
    )  # fmt: skip


def session(number: int, days_apart: float = 2) -> Session:
    start = Moment(FIRST_S + round((number * days_apart + 0.75) * 86_400), ZONE)
    return Session(
        id=f"s{number}", person_id="p", start=start, end=start.plus(minutes=30), pressure=Pressure.HEAVY_LOTION,
        areas=(BodyArea("foot", Side.LEFT if number % 2 else Side.RIGHT),), techniques=("effleurage",),
    )  # fmt: skip


def reviewed(each: Session, readings: tuple[Reading, ...]) -> Reviewed:
    paired = pair(each, readings)
    return Reviewed(
        session=each, paired=paired, change=session_change(each, paired), lows=attributed_lows(each, readings),
        findings=(finding(),) if each.id == "s1" else (),
    )  # fmt: skip


def finding(message: str = "Glucose fell fast. Check again soon.") -> Finding:
    return Finding(
        rule="fast-fall", level=Level.WARNING, message=message, inputs={}, threshold={}, citation="dexcom-arrows"
    )


def near(trace: Trace, each: Session) -> tuple[Reading, ...]:
    first = max(0, (each.start.epoch_s - FIRST_S) // STEP_S - 12)
    return tuple(
        Reading(id=f"r{at}", person_id="p", at=trace.moment(at), glucose=trace.glucose(at), source=Source.CGM)
        for at in range(first, min(len(trace), first + 120))
    )


def person(unit: Unit = Unit.MG_DL, name: str = "Ada", questions: tuple[str, ...] = ()) -> Person:
    return Person(
        id="p", name=name, unit=unit, zone=ZONE, therapy=Therapy.MDI, birth_year=1970, questions=questions,
        insulins=(Insulin(name="aspart", kind=InsulinKind.RAPID),), neuropathies=("peripheral",),
    )  # fmt: skip


def facts_of(days: float = 20, sessions: int = 9, *, base: float = 140, whose: Person | None = None) -> ReportFacts:
    """Return facts over so many days of sensor readings with so many sessions two days apart."""
    trace, owner = sensor(days, base=base), whose or person()
    columns = glucose_arrays(trace)
    held = tuple(reviewed(session(number), near(trace, session(number))) for number in range(sessions))
    given = EffectInput(
        cgm=columns, meter=None, doses=(), carbs=(), sessions=tuple(each.session for each in held), zone=ZONE
    )
    until = Moment(FIRST_S + round(max(days, 1) * 86_400), ZONE)
    return ReportFacts(
        person=owner, since=Moment(FIRST_S, ZONE), until=until, made_at=until.plus(minutes=60),
        traces=(trace,) if days else (), sessions=held, sensor=consensus_metrics(columns) if days else None,
        profile=ambulatory_profile(columns) if days else None,
        effect=estimate_effect(given) if sessions else None, factors=compare_factors(given) if sessions else None,
        versions=(("glucolog", "0.1.0"),),
    )  # fmt: skip


def with_feet(facts: ReportFacts) -> ReportFacts:
    """Add an open symptom, an open blister and two questions."""
    check = FootCheck(
        id="f", person_id="p", at=Moment(FIRST_S + 3600, ZONE), sides=(Side.LEFT, Side.RIGHT),
        findings=(FootFinding(side=Side.LEFT, region="heel", finding="blister"),),
    )  # fmt: skip
    told = replace(check, id="g", told_team_on=date(2026, 3, 3))
    burning = Symptom(
        id="y", person_id="p", at=Moment(FIRST_S + 7200, ZONE), symptom="burning", score=6, new_or_worse=True
    )
    asking = replace(facts.person, questions=("Check again before bed?", "Is the tingling something to look at?"))
    return replace(facts, person=asking, foot_checks=(check, told), symptoms=(burning,))


def hostile(facts: ReportFacts) -> ReportFacts:
    """Put hostile words wherever a person can type."""
    long = "x" * 10_000
    sessions = tuple(
        replace(each, session=replace(each.session, note=HOSTILE, tags=(HOSTILE,)), findings=(finding(HOSTILE),))
        for each in facts.sessions
    )
    scores = (
        Symptom(
            id="h", person_id="p", at=Moment(FIRST_S, ZONE), symptom=HOSTILE, score=3, new_or_worse=True, note=long
        ),
    )
    return replace(
        facts, person=person(name=HOSTILE, questions=(HOSTILE, "שלום", "漢字", long)), sessions=sessions,
        symptoms=scores, versions=(("glucolog", HOSTILE),),
    )  # fmt: skip


def crowded(facts: ReportFacts) -> ReportFacts:
    """Fill every list of the page beyond what fits."""
    rich = with_feet(facts)
    many = tuple(f"Question {number}: {'why ' * 30}" for number in range(30))
    loud = tuple(
        replace(each, findings=(finding(f"A long finding of {each.session.id}. " * 8),) * 3) for each in rich.sessions
    )
    checks = tuple(replace(rich.foot_checks[0], id=f"f{number}") for number in range(30))
    return replace(rich, person=replace(rich.person, questions=many), sessions=loud, foot_checks=checks, made_up=True)


CASES: dict[str, Callable[[], ReportFacts]] = {
    "nothing": lambda: facts_of(0, 0),
    "one-session": lambda: facts_of(3, 1),
    "all-refused": lambda: facts_of(10, 4),
    "many": lambda: with_feet(facts_of(40, 19)),
    "mmol": lambda: facts_of(16, 3, whose=person(Unit.MMOL_L)),
    "lows": lambda: facts_of(16, 6, base=85),
    "hostile": lambda: hostile(facts_of(16, 3)),
    "crowded": lambda: crowded(facts_of(40, 19)),
}
"""Facts by the name of their case."""


@pytest.fixture(scope="session")
def make_facts() -> MakeFacts:
    """A function from a case's name to its facts, each made once."""
    made: dict[str, ReportFacts] = {}

    def make(case: str) -> ReportFacts:
        if case not in made:
            made[case] = CASES[case]()
        return made[case]

    return make


@pytest.fixture(scope="session")
def ninety_days() -> ReportFacts:
    """Ninety days of five-minute readings with forty sessions."""
    return with_feet(facts_of(90, 40))


def meter_trace(amounts: Iterable[float]) -> Trace:
    """Return finger-sticks six hours apart."""
    values = array("d", amounts)
    return Trace(
        source=Source.METER, zone=ZONE, at_s=array("q", (FIRST_S + 21_600 * step for step in range(len(values)))),
        amount=values, is_mmol_l=array("b", bytes(len(values))), censored=array("b", bytes(len(values))),
    )  # fmt: skip


@pytest.fixture
def finger_sticks() -> ReportFacts:
    """A person with finger-sticks only."""
    trace = meter_trace([100, 140, 65, 190, 120, 53, 250, 180, 70])
    facts = facts_of(0, 0)
    return replace(facts, traces=(trace,), meter=consensus_metrics(glucose_arrays(trace)))
