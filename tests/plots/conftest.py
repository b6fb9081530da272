"""Made-up inputs of every plot kind, the same on every run, and a browser to look at pages with."""

from __future__ import annotations

import random
from array import array
from datetime import date, timedelta
from typing import Any

import pytest
from glucolog.core.change import session_change
from glucolog.core.columns import Trace
from glucolog.core.findings import Finding, Level
from glucolog.core.moments import Moment
from glucolog.core.pairing import pair
from glucolog.core.records import Carbs, Dose, FootCheck, FootFinding, InsulinKind, Phase, Reading, Session, Symptom
from glucolog.core.units import Glucose, Source, Unit
from glucolog.core.vocabulary import BodyArea, Side
from glucolog.plots.agp import AgpData
from glucolog.plots.aligned import AlignedData, Curve
from glucolog.plots.calendar import CalendarData, CalendarDay
from glucolog.plots.covariates import Covariate, CovariatesData, MeanReturn
from glucolog.plots.effect import EffectData, EffectRow
from glucolog.plots.feet import FeetData
from glucolog.plots.overnight import Night, OvernightData
from glucolog.plots.paired import PairedData, SessionPair
from glucolog.plots.quartiles import Quartiles
from glucolog.plots.session import PlacedFinding, SessionData
from glucolog.plots.symptoms import SymptomsData
from glucolog.plots.theme import Scale
from glucolog.plots.timeline import TimelineData
from glucolog.plots.trial import TrialData, TrialDay

ZONE = "Europe/Berlin"
START_S = 1_772_442_000  # Monday 2 March 2026, 10:00 in Berlin
ADULT = Scale(unit=Unit.MG_DL, low=70, high=180)


def moment(minutes: float) -> Moment:
    """Return the instant so many minutes after the first session's start."""
    return Moment(START_S + round(minutes * 60), ZONE)


def wave(readings: int, seed: int, step_s: int = 300, start_s: int = START_S - 7200) -> Trace:
    """Return a sensor trace in mg/dL that wanders between 40 and 300 and has one hole of six steps."""
    chance, level, amounts = random.Random(seed), 150.0, array("d")
    for _ in range(readings):
        level += (145 - level) * 0.02 + chance.gauss(0, 5)
        amounts.append(float(round(min(300, max(40, level)))))
    hole = range(readings // 2, readings // 2 + 6)
    kept = [index for index in range(readings) if index not in hole]
    return Trace(
        source=Source.CGM, zone=ZONE, at_s=array("q", (start_s + step_s * index for index in kept)),
        amount=array("d", (amounts[index] for index in kept)), is_mmol_l=array("b", bytes(len(kept))),
        censored=array("b", bytes(len(kept))),
    )  # fmt: skip


def reading(minutes: float, mg_dl: float, source: Source = Source.METER) -> Reading:
    return Reading(
        id=f"r{minutes}", person_id="p", at=moment(minutes), glucose=Glucose(mg_dl, Unit.MG_DL), source=source
    )


def massage(minutes: float = 0, length: float = 30, note: str | None = None) -> Session:
    return Session(
        id=f"s{minutes}", person_id="p", start=moment(minutes), end=moment(minutes + length), note=note,
        areas=(BodyArea("foot", Side.LEFT), BodyArea("calf", Side.BOTH)), techniques=("effleurage",),
    )  # fmt: skip


def low_finding(message: str = "Glucose was 64 mg/dL, below 70 mg/dL, 95 min after the session.") -> Finding:
    return Finding(
        rule="low_after", level=Level.WARNING, message=message, inputs={}, threshold={}, citation="Agiostratidou 2017"
    )


def quartiles(n: int, shift: float, first: int = -60, last: int = 360) -> Quartiles:
    minutes = tuple(float(each) for each in range(first, last + 1, 15))
    middle = [150 + shift * min(1.0, max(0.0, each / 120)) for each in minutes]
    return Quartiles(
        n=n, minutes=minutes, p25_mg_dl=tuple(each - 24 for each in middle), p50_mg_dl=tuple(middle),
        p75_mg_dl=tuple(each + 30 for each in middle),
    )  # fmt: skip


def paired_readings(session: Session, before: float, after: float) -> SessionPair:
    """Pair a session with two meter readings in mg/dL, 10 min before its start and 5 min after its end."""
    start, end = session.start, session.end or session.start
    readings = (
        reading((start.epoch_s - START_S) / 60 - 10, before),
        reading((end.epoch_s - START_S) / 60 + 5, after),
    )
    paired = pair(session, readings)
    return SessionPair(session=session, paired=paired, change=session_change(session, paired))


def session_data() -> SessionData:
    lone = paired_readings(massage(), 142, 98)
    return SessionData(
        scale=ADULT, session=lone.session, traces=(wave(110, 3),), paired=lone.paired, change=lone.change,
        carbs=(Carbs(id="c", person_id="p", at=moment(-90), grams=45),),
        doses=(Dose(id="d", person_id="p", at=moment(-95), units=4, kind=InsulinKind.RAPID, name="aspart"),),
        iob=tuple((moment(each), 4 * max(0.0, 1 - (each + 95) / 300) ** 2) for each in range(-95, 360, 5)),
        iob_model="LoopKit's exponential model", findings=(PlacedFinding(finding=low_finding(), at=moment(125)),),
    )  # fmt: skip


def unpaired(session: Session) -> SessionPair:
    """Return a session without any reading."""
    paired = pair(session, ())
    return SessionPair(session=session, paired=paired, change=session_change(session, paired))


def paired_data(sessions: int = 24) -> PairedData:
    chance = random.Random(5)
    found = []
    for index in range(sessions):
        before = chance.randint(95, 210)
        found.append(paired_readings(massage(index * 3000), before, before - chance.randint(-35, 70)))
    return PairedData(scale=ADULT, sessions=(*found, unpaired(massage(90_000))))


def aligned_data() -> AlignedData:
    traces = [wave(90, seed, start_s=START_S - 3600) for seed in range(20)]
    curves = tuple(
        Curve(
            label=f"session {number}",
            minutes=tuple((at - START_S) / 60 for at in trace.at_s),
            mg_dl=tuple(trace.amount),
        )
        for number, trace in enumerate(traces)
    )
    return AlignedData(
        scale=ADULT, curves=curves, massage=quartiles(20, -28), control=quartiles(61, -10), median_minutes=30
    )


def effect_data() -> EffectData:
    rows = (
        EffectRow(label="all sessions", group="overall", n=21, n_unmatched=4, grade="estimate", estimate_mg_dl=18.2,
                  ci_low_mg_dl=4.1, ci_high_mg_dl=32.3),
        EffectRow(label="effleurage", group="technique", n=12, n_unmatched=2, grade="early", estimate_mg_dl=11,
                  ci_low_mg_dl=-9, ci_high_mg_dl=30),
        EffectRow(label="foot", group="area", n=9, n_unmatched=1, grade="early", estimate_mg_dl=-3, ci_low_mg_dl=-25,
                  ci_high_mg_dl=19),
        EffectRow(label="pressure 4", group="pressure", n=5, n_unmatched=0, grade="none",
                  reason="too few sessions (5 of 8)"),
    )  # fmt: skip
    return EffectData(scale=ADULT, outcome="change 2 h after the start", rows=rows)


def covariates_data() -> CovariatesData:
    chance = random.Random(9)
    sessions = tuple(
        Covariate(label=f"session {number}", drop_mg_dl=chance.uniform(-30, 60), start_mg_dl=chance.uniform(90, 240),
                  iob_units=chance.uniform(0, 4), since_bolus_min=chance.uniform(10, 300),
                  length_min=chance.choice((15, 30, 45)), pressure=chance.randint(1, 5))
        for number in range(25)
    )  # fmt: skip
    return CovariatesData(scale=ADULT, sessions=sessions, without=MeanReturn(intercept_mg_dl=-40, slope=0.33, n=210))


def agp_data() -> AgpData:
    minutes = tuple(float(each) for each in range(0, 1440, 15))
    middle = [140 + 25 * (abs(((each / 60) % 6) - 3) - 1.5) for each in minutes]
    shifted = {
        name: tuple(each + by for each in middle)
        for name, by in (("5", -70), ("25", -25), ("50", 0), ("75", 30), ("95", 80))
    }
    return AgpData(
        scale=ADULT, n_days=14, minute_of_day=minutes, p5_mg_dl=shifted["5"], p25_mg_dl=shifted["25"],
        p50_mg_dl=shifted["50"], p75_mg_dl=shifted["75"], p95_mg_dl=shifted["95"],
        session_minutes=(600, 615, 1080, 1290),
    )  # fmt: skip


def calendar_data() -> CalendarData:
    chance, first = random.Random(2), date(2026, 3, 2)
    days = tuple(
        CalendarDay(day=first + timedelta(days=each), percent_below_70=chance.choice((0, 0, 0.3, 2.5, 5, None)),
                    n_readings=280, n_sessions=chance.choice((0, 0, 1)), n_lows_after=0)
        for each in range(40)
    )  # fmt: skip
    low = CalendarDay(
        day=first + timedelta(days=40), percent_below_70=6.2, n_readings=288, n_sessions=1, n_lows_after=1
    )
    return CalendarData(scale=ADULT, days=(*days, low))


def timeline_data(readings: int = 2016) -> TimelineData:
    sessions = tuple(massage(each * 2000) for each in range(5))
    return TimelineData(
        scale=ADULT, zone=ZONE, traces=(wave(readings, 4),), sessions=sessions, findings=((moment(125), low_finding()),)
    )


def symptoms_data() -> SymptomsData:
    scores = [
        Symptom(id=f"{name}{day}{phase}", person_id="p", at=moment(1440 * day + (0 if phase is Phase.BEFORE else 40)),
                symptom=name, score=5 - (day + (phase is Phase.AFTER)) % 4, phase=phase,
                place=BodyArea("foot", Side.LEFT))
        for name in ("pain", "numbness", "tingling") for day in range(0, 20, 3) for phase in (Phase.BEFORE, Phase.AFTER)
    ]  # fmt: skip
    new = Symptom(id="new", person_id="p", at=moment(30_000), symptom="burning", score=7, new_or_worse=True)
    return SymptomsData(zone=ZONE, scores=(*scores, new))


def feet_data() -> FeetData:
    blister = FootFinding(side=Side.LEFT, region="heel", finding="blister")
    dry = FootFinding(side=Side.BOTH, region="ball", finding="dry-skin")
    fungus = FootFinding(side=Side.RIGHT, region="between-toes", finding="fungus", note="itches")
    both = (Side.LEFT, Side.RIGHT)
    checks = (
        FootCheck(id="a", person_id="p", at=moment(0), sides=both, findings=(dry,), told_team_on=date(2026, 3, 9)),
        FootCheck(id="b", person_id="p", at=moment(1440), sides=both),
        FootCheck(id="c", person_id="p", at=moment(2880), sides=both, findings=(dry, blister, fungus)),
    )
    return FeetData(zone=ZONE, checks=checks)


def overnight_data() -> OvernightData:
    chance, first = random.Random(1), date(2026, 3, 2)
    nights = tuple(
        Night(day=first + timedelta(days=each), after_session=each % 3 == 0, lowest_mg_dl=lowest, low=lowest < 70)
        for each, lowest in enumerate(chance.uniform(58, 120) for _ in range(40))
    )
    return OvernightData(
        scale=ADULT, nights=nights, after_sessions=quartiles(14, -20, -60, 420), other=quartiles(26, -5, -60, 420)
    )


def trial_data() -> TrialData:
    chance, first = random.Random(3), date(2026, 3, 2)
    arms = [chance.choice(("massage", "rest")) for _ in range(20)]
    days = tuple(
        TrialDay(
            day=first + timedelta(days=2 * each), arm=arm, drop_mg_dl=chance.uniform(-20, 50) if each < 14 else None
        )
        for each, arm in enumerate(arms)
    )
    return TrialData(
        scale=ADULT, outcome="change 2 h after the start", days=days, result="Too few days done (14 of 20)."
    )


def full_data() -> dict[str, Any]:
    """Return rich data for every plot kind."""
    return {
        "session": session_data(), "paired": paired_data(), "aligned": aligned_data(), "effect": effect_data(),
        "covariates": covariates_data(), "agp": agp_data(), "calendar": calendar_data(), "timeline": timeline_data(),
        "symptoms": symptoms_data(), "feet": feet_data(), "overnight": overnight_data(), "trial": trial_data(),
    }  # fmt: skip


def _no_session() -> SessionData:
    lone = unpaired(massage())
    return SessionData(scale=ADULT, session=lone.session, traces=(), paired=lone.paired, change=lone.change)


def empty_data() -> dict[str, Any]:
    """Return data with nothing in it for every plot kind."""
    return {
        "session": _no_session(), "paired": PairedData(scale=ADULT),
        "aligned": AlignedData(scale=ADULT), "effect": EffectData(scale=ADULT, outcome="change 2 h after the start"),
        "covariates": CovariatesData(scale=ADULT), "agp": AgpData(scale=ADULT), "calendar": CalendarData(scale=ADULT),
        "timeline": TimelineData(scale=ADULT, zone=ZONE), "symptoms": SymptomsData(zone=ZONE),
        "feet": FeetData(zone=ZONE), "overnight": OvernightData(scale=ADULT),
        "trial": TrialData(scale=ADULT, outcome="change 2 h after the start"),
    }  # fmt: skip


@pytest.fixture
def full() -> dict[str, Any]:
    """Rich data for every plot kind, by its name."""
    return full_data()


@pytest.fixture
def nothing() -> dict[str, Any]:
    """Data with nothing in it for every plot kind, by its name."""
    return empty_data()


@pytest.fixture(scope="session")
def year() -> TimelineData:
    """A year of five-minute sensor readings."""
    return timeline_data(105_120)
