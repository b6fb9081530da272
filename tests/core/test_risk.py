"""The risk at the start: its arithmetic, its laws, and what it says when it can't be had."""

from __future__ import annotations

import math
import random
import re
from dataclasses import replace

import pytest
from glucolog.core import evidence_risk
from glucolog.core.citations import CITATIONS
from glucolog.core.evidence import Quantity
from glucolog.core.evidence_risk import RISK_FEATURES, RISK_MODELS
from glucolog.core.findings import Unassessed
from glucolog.core.records import InsulinKind
from glucolog.core.risk import LowRisk, RiskFeatures, features_at, iob_units, low_risk, risk_lines
from glucolog.core.units import MG_DL_PER_MMOL_L, Glucose, Source, Unit
from glucolog.core.watch import DoseTaken, Event, GlucoseSeen, WatchFacts
from glucolog.core.watch.concerns import noise_sd_mg_dl

KNOWN = WatchFacts()


def cgm(at_min: float, amount: float) -> GlucoseSeen:
    return GlucoseSeen(at_min=at_min, glucose=Glucose(amount, Unit.MG_DL))


def readings(amount: float, rate: float = 0.0) -> list[Event]:
    return [cgm(at, amount + rate * at) for at in range(-60, 1, 5)]


def steady(amount: float, rate: float = 0.0) -> list[Event]:
    """Readings, and a dose so long ago that doses are known and nothing is on board."""
    return [bolus(4, -1000), *readings(amount, rate)]


def bolus(units: float, at_min: float = -30) -> DoseTaken:
    return DoseTaken(at_min=at_min, units=units, kind=InsulinKind.RAPID)


def probability(events: list[Event], facts: WatchFacts = KNOWN, horizon: int = 60) -> float:
    risk = low_risk(events, 0, facts)[horizon]
    assert isinstance(risk, LowRisk)
    return risk.probability


def test_there_is_one_for_each_horizon() -> None:
    assert list(low_risk(steady(120), 0, KNOWN)) == [30, 60, 120]


@pytest.mark.parametrize("model", RISK_MODELS, ids=lambda model: str(model.horizon_min))
def test_at_the_reference_the_probability_is_the_intercept_and_the_interval_its_variance(
    model: evidence_risk.RiskModel,
) -> None:
    risk = low_risk(steady(120), 0, KNOWN)[model.horizon_min]
    assert isinstance(risk, LowRisk)
    reach = 1.96 * math.sqrt(model.covariance[0][0])
    expected = [1 / (1 + math.exp(-(model.coefficients[0] + shift))) for shift in (0, -reach, reach)]
    assert [risk.probability, risk.low, risk.high] == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("horizon", [30, 60, 120])
def test_it_rises_as_glucose_is_lower_falls_faster_or_insulin_is_on_board(horizon: int) -> None:
    base = probability(steady(120), horizon=horizon)
    assert probability(steady(90), horizon=horizon) > base
    assert probability(steady(120, rate=-1), horizon=horizon) > base
    assert probability([bolus(4), *steady(120)], horizon=horizon) > base


def test_a_longer_horizon_is_never_less_likely() -> None:
    for amount in (75, 100, 140, 200):
        shares = [probability(steady(amount), horizon=horizon) for horizon in (30, 60, 120)]
        assert shares == sorted(shares)


def test_insulin_on_board_is_the_published_share() -> None:
    # rapid adult 75/360 without delay: .779 on board after 60 min (clinical reference, section 4)
    assert iob_units([bolus(10, -60)], 0, child=False) == pytest.approx(7.79, abs=0.005)
    assert iob_units([DoseTaken(at_min=-60, units=10, kind=InsulinKind.LONG)], 0, child=False) == 0


@pytest.mark.parametrize(("amount", "sd_mg_dl"), [(60, 7.5), (100, 7.5), (101, 7.575), (200, 15)])
def test_the_noise_of_a_meter_is_half_of_what_95_percent_keep_within(amount: float, sd_mg_dl: float) -> None:
    # ISO 15197: 15 mg/dL under 100 mg/dL, 15 % from there
    assert noise_sd_mg_dl(Glucose(amount, Unit.MG_DL), Source.METER) == pytest.approx(sd_mg_dl)


def test_the_future_is_not_looked_at() -> None:
    future: list[Event] = [cgm(5, 45), cgm(10, 40), bolus(9, 1)]
    assert low_risk(steady(120) + future, 0, KNOWN) == low_risk(steady(120), 0, KNOWN)
    assert low_risk(readings(120) + future, 0, KNOWN) == low_risk(readings(120), 0, KNOWN)


def test_order_shift_and_unit_change_nothing() -> None:
    events: list[Event] = [bolus(3), *steady(118, rate=-0.7)]
    base = probability(events)
    shuffled = list(events)
    random.Random(4).shuffle(shuffled)
    assert probability(shuffled) == base
    moved = [replace(event, at_min=event.at_min + 512) for event in events]
    there = low_risk(moved, 512, KNOWN)[60]
    assert isinstance(there, LowRisk)
    assert there.probability == pytest.approx(base)
    mmol = [
        replace(event, glucose=Glucose(event.glucose.amount / MG_DL_PER_MMOL_L, Unit.MMOL_L))
        if isinstance(event, GlucoseSeen)
        else event
        for event in events
    ]
    assert probability(mmol) == pytest.approx(base)


def test_insulin_not_known_is_said_and_counts_on_the_careful_side() -> None:
    assert probability(readings(120)) > probability(steady(120))
    features = features_at(readings(120), 0, KNOWN)
    assert isinstance(features, RiskFeatures)
    assert features.assumed == ("Insulin on board is not known; some was counted as on board.",)


def test_one_finger_stick_is_enough_and_its_trend_counts_as_falling() -> None:
    stick: list[Event] = [
        bolus(4, -1000),
        GlucoseSeen(at_min=-2, glucose=Glucose(120, Unit.MG_DL), source=Source.METER),
    ]
    risk = low_risk(stick, 0, KNOWN)[60]
    assert isinstance(risk, LowRisk)
    assert risk.assumed == ("How fast glucose changes is not known; it was counted as falling slowly.",)
    assert risk.probability > probability(steady(120))


@pytest.mark.parametrize(
    ("events", "facts", "reason"),
    [
        ([], KNOWN, "no recent reading"),
        ([cgm(-16, 120)], KNOWN, "no recent reading"),
        ([cgm(0, 69)], KNOWN, "glucose is below 70 mg/dL already"),
        ([cgm(0, 120)], WatchFacts(takes_insulin=False), "fitted on people who take insulin, so it says nothing here"),
    ],
)
def test_where_it_cannot_be_had_the_reason_is_said(events: list[Event], facts: WatchFacts, reason: str) -> None:
    assert low_risk(events, 0, facts) == dict.fromkeys((30, 60, 120), Unassessed(reason))


@pytest.mark.parametrize(
    ("amount", "unit", "is_low"),
    [(69, Unit.MG_DL, True), (70, Unit.MG_DL, False), (71, Unit.MG_DL, False),
     (3.8, Unit.MMOL_L, True), (3.9, Unit.MMOL_L, False), (4.0, Unit.MMOL_L, False)],
)  # fmt: skip
def test_low_already_is_by_the_number_of_the_typed_unit(amount: float, unit: Unit, is_low: bool) -> None:
    reading = GlucoseSeen(at_min=0, glucose=Glucose(amount, unit))
    assert isinstance(low_risk([reading], 0, KNOWN)[30], Unassessed) is is_low


def test_it_is_said_with_interval_n_and_skill() -> None:
    risk = low_risk(steady(120), 0, KNOWN)[120]
    assert isinstance(risk, LowRisk)
    # intercept -2.5159: 1 / (1 + e^2.5159) = 7.5 %, 7.48 before rounding
    assert risk.message.startswith("A low beginning within 120 min: 7 % (95 % interval ")
    assert "a weak estimate from 960 exercise sessions of 11 other people" in risk.message


@pytest.mark.parametrize(("auroc", "skill"), [(0.69, "weak"), (0.70, "fair"), (0.71, "fair")])
def test_an_estimate_is_weak_below_an_auroc_of_70_percent(auroc: float, skill: str) -> None:
    risk = low_risk(steady(120), 0, KNOWN)[60]
    assert isinstance(risk, LowRisk)
    (_, row) = risk_lines([replace(risk, auroc=auroc)])
    assert row.endswith(f"{skill} estimate")


@pytest.mark.parametrize("amount", [120, 160, 250, 390])
def test_a_small_risk_never_stands_between_two_equal_ends(amount: float) -> None:
    for risk in low_risk(steady(amount), 0, KNOWN).values():
        assert isinstance(risk, LowRisk)
        low, high = re.findall(r"interval (.+?) to (.+?)\)", risk.message)[0]
        assert low != high or low == "under 0.1 %"
        assert "under 1 %" not in risk.message


def test_the_tables_are_whole_and_cited() -> None:
    size = 1 + len(RISK_FEATURES)
    for model in RISK_MODELS:
        assert len(model.coefficients) == size
        assert [len(row) for row in model.covariance] == [size] * size
        assert model.covariance == tuple(zip(*model.covariance, strict=True))
        assert model.auroc_low <= model.auroc <= model.auroc_high
    quantities = [value for value in vars(evidence_risk).values() if isinstance(value, Quantity)]
    assert {one.citation for one in quantities} | {evidence_risk.RISK_CITATION} <= CITATIONS.keys()


def test_the_horizons_are_told_together_with_where_they_come_from() -> None:
    risks = [risk for risk in low_risk(steady(120), 0, KNOWN).values() if isinstance(risk, LowRisk)]
    head, *rows = risk_lines(risks)
    assert "from 960 exercise sessions of 11 other people, not from yours" in head
    assert [row.partition(":")[0] for row in rows] == ["within 30 min", "within 60 min", "within 120 min"]
    assert [row.rpartition(" a ")[2] for row in rows] == ["fair estimate", "fair estimate", "weak estimate"]
    for risk, row in zip(risks, rows, strict=True):
        assert row.partition(": ")[2].partition(" (")[0] in risk.message
    assert risk_lines([]) == ()
