"""The gate at, below and above each threshold, in both units; blocks, unknowns, and who hears which rule."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from glucolog.core.gate import GateFacts, GateResult, Verdict, assess_gate
from glucolog.core.records import (
    Activity,
    Carbs,
    FootCheck,
    FootFinding,
    Insulin,
    InsulinKind,
    Person,
    Site,
    SiteKind,
    Symptom,
    TargetSet,
    Therapy,
)
from glucolog.core.units import Censored, Glucose, Unit
from glucolog.core.vocabulary import FOOT_REGIONS, BodyArea, Pressure, Side

if TYPE_CHECKING:
    from tests.core.conftest import Make

MG, MMOL = Unit.MG_DL, Unit.MMOL_L
BACK = BodyArea("back", Side.MIDDLE)
LEFT, RIGHT, BOTH = (BodyArea("thigh", side) for side in (Side.LEFT, Side.RIGHT, Side.BOTH))
FOOT = BodyArea("foot", Side.LEFT)


def ask(
    make: Make, amount: float | None = None, unit: Unit = MG, person: Person | None = None, **known: Any
) -> GateResult:
    """Ask at noon about the back, with a flat sensor unless the readings are given, and an old dose on record."""
    trace = make.cgm((minute, amount or 150) for minute in (-20, -15, -10, -5)) if unit is MG and amount != 600 else ()
    base: dict[str, Any] = {
        "person": person or make.person(),
        "at": make.at(0),
        "areas": (BACK,),
        "glucose": None if amount is None else Glucose(amount, unit),
        "readings": trace if amount else (),
        "doses": (make.dose(-600, 4, site=BodyArea("abdomen")),),
    }
    return assess_gate(GateFacts(**(base | known)))


def rules(result: GateResult) -> set[str]:
    return {finding.rule for finding in result.findings}


@pytest.mark.parametrize(
    ("amount", "unit", "verdict"),
    [
        (53, MG, "stop"), (69, MG, "stop"), (70, MG, "not_yet"), (71, MG, "not_yet"),
        (89, MG, "not_yet"), (90, MG, "go"), (91, MG, "go"), (125, MG, "go"), (126, MG, "go"), (250, MG, "go"),
        (3.8, MMOL, "stop"), (3.9, MMOL, "not_yet"), (4.0, MMOL, "not_yet"),
        (4.9, MMOL, "not_yet"), (5.0, MMOL, "caution"), (6.9, MMOL, "caution"), (7.0, MMOL, "go"), (13.9, MMOL, "go"),
    ],
)  # fmt: skip
def test_bands(make: Make, amount: float, unit: Unit, verdict: str) -> None:
    # the mmol/L cases have no sensor, so that their trend is not known: a factor from 5.0 to 6.9
    assert ask(make, amount, unit).verdict == verdict


def test_of_two_readings_at_one_instant_the_one_typed_now_is_taken_then_the_lower(make: Make) -> None:
    stored = make.reading(0, 110), make.reading(0, 130)
    for typed, taken in ((150, 150), (90, 90), (None, 110)):
        glucose = ask(make, typed, readings=stored).glucose
        assert glucose is not None
        assert glucose.glucose.amount == taken


@pytest.mark.parametrize(
    ("rule", "unit", "below", "at", "above", "said"),
    [
        ("gate-low-level-2", MG, 53, 54, 55, (True, False, False)),
        ("gate-low-level-2", MMOL, 2.9, 3.0, 3.1, (True, False, False)),
        ("gate-low", MG, 69, 70, 71, (True, False, False)),
        ("gate-low", MMOL, 3.8, 3.9, 4.0, (True, False, False)),
        ("gate-near-low", MG, 89, 90, 91, (True, False, False)),
        ("gate-near-low", MMOL, 4.9, 5.0, 5.1, (True, False, False)),
        ("gate-caution-band", MG, 125, 126, 127, (True, False, False)),
        ("gate-caution-band", MMOL, 6.9, 7.0, 7.1, (True, False, False)),
        ("very-high-asked", MG, 249, 250, 251, (False, False, True)),
        ("very-high-asked", MMOL, 13.8, 13.9, 14.0, (False, False, True)),
        ("above-pregnancy-range", MG, 139, 140, 141, (False, False, True)),
        ("above-pregnancy-range", MMOL, 7.7, 7.8, 7.9, (False, False, True)),
    ],
)
def test_each_limit_below_at_and_above_it_in_both_units(
    make: Make, rule: str, unit: Unit, below: float, at: float, above: float, said: tuple[bool, ...]
) -> None:
    person = make.person(target_set=TargetSet.PREGNANCY)
    results = [ask(make, amount, unit, person, readings=(), doses=()) for amount in (below, at, above)]
    assert tuple(rule in rules(result) for result in results) == said


@pytest.mark.parametrize(
    ("amount", "verdict"), [(69, "stop"), (80, "stop"), (100, "caution"), (126, "caution"), (200, "caution")]
)
@pytest.mark.parametrize(
    "known",
    [
        {"target_set": TargetSet.OLDER},
        {"birth_year": 1961},
        {"impaired_awareness": True},
        {"impaired_awareness": True, "target_set": TargetSet.OLDER},
    ],
)
def test_one_step_stricter(make: Make, known: dict[str, Any], amount: float, verdict: str) -> None:
    result = ask(make, amount, person=make.person(**known))
    assert result.verdict == verdict
    assert ("stricter" in rules(result)) is (amount > 69)


def test_a_factor_and_a_modifier_make_the_caution_band_not_yet(make: Make) -> None:
    doses = (make.dose(-60, 4, site=BodyArea("abdomen")),)
    assert ask(make, 100, doses=doses).verdict == "caution"
    assert ask(make, 100, person=make.person(impaired_awareness=True), doses=doses).verdict == "not_yet"


@pytest.mark.parametrize(("minute", "verdict"), [(-1441, "go"), (-1440, "caution"), (0, "caution"), (1, "go")])
def test_a_severe_low_counts_for_24_h(make: Make, minute: float, verdict: str) -> None:
    assert ask(make, 150, person=make.person(severe_low_at=make.at(minute))).verdict == verdict


def test_a_severe_low_alone_says_when_it_is_over(make: Make) -> None:
    severe = make.at(-600)
    assert ask(make, 150, person=make.person(severe_low_at=severe)).would_change == (
        "From Fri 02 Jan 2026 02:01 (UTC) on, when the severe low is more than 24 h ago.",
    )
    lasting = make.person(severe_low_at=severe, impaired_awareness=True)
    assert ask(make, 150, person=lasting).would_change == ()


def test_an_adult_of_64_is_not_older(make: Make) -> None:
    assert ask(make, 150, person=make.person(birth_year=1962)).verdict == "go"


@pytest.mark.parametrize(("fall", "verdict"), [(0.99, "go"), (1.0, "caution"), (1.1, "caution")])
def test_falling_from_1_mg_dl_per_min(make: Make, fall: float, verdict: str) -> None:
    trace = make.cgm((minute, 110 - fall * minute) for minute in (-20, -15, -10, -5, 0))
    result = ask(make, None, readings=trace)
    assert result.verdict == verdict
    assert result.trend is not None
    assert result.trend.rate_mg_dl_per_min == pytest.approx(-fall)


@pytest.mark.parametrize(("units", "verdict"), [(1.2, "go"), (1.25, "caution")])
def test_insulin_on_board_from_1_unit(make: Make, units: float, verdict: str) -> None:
    # 75/360 leaves .450 of a unit at 2 h, .446 a minute later: 1.2 U and 1 U leave 0.99, 1.25 U and 1 U leave 1.01
    doses = [make.dose(-120, units, site=BodyArea("abdomen"))]
    doses += [make.dose(-121, 1.0, site=BodyArea("abdomen"))]
    result = ask(make, 100, doses=tuple(doses))
    assert result.iob_units == pytest.approx(units * 0.450 + 0.446, abs=2e-3)
    assert result.verdict == verdict


@pytest.mark.parametrize(("minute", "verdict"), [(-119, "caution"), (-120, "go"), (-121, "go")])
def test_a_bolus_under_2_h(make: Make, minute: float, verdict: str) -> None:
    assert ask(make, 100, doses=(make.dose(minute, 0.5, site=BodyArea("abdomen")),)).verdict == verdict


def test_from_126_the_factors_no_longer_count(make: Make) -> None:
    assert ask(make, 126, doses=(make.dose(-30, 6, site=BodyArea("abdomen")),)).verdict == "go"


@pytest.mark.parametrize(
    ("source_is_cgm", "age", "recent"),
    [(True, 15, True), (True, 15.1, False), (False, 30, True), (False, 30.1, False)],
)
def test_stale_readings_are_never_go(make: Make, source_is_cgm: bool, age: float, recent: bool) -> None:
    result = ask(make, None, readings=(make.reading(-age, 150, cgm=source_is_cgm),))
    assert (result.glucose is not None) is recent
    assert ("no-recent-reading" in rules(result)) is not recent
    assert (result.verdict == "not_yet") is not recent


def test_no_reading_at_all(make: Make) -> None:
    result = ask(make, None)
    assert (result.verdict, result.glucose, result.recheck_at) == ("not_yet", None, make.at(0))
    assert ask(make, None, person=make.person(Therapy.NONE)).verdict == "caution"


def test_the_newest_reading_counts_and_a_lower_one_beside_it_is_a_caution(make: Make) -> None:
    result = ask(make, 150, readings=(make.reading(-3, 82, cgm=True),))
    assert result.glucose is not None
    assert result.glucose.glucose.amount == 150
    assert (result.verdict, "readings-disagree" in rules(result)) == ("caution", True)


@pytest.mark.parametrize(
    ("ago", "showed", "verdict"),
    [
        (1, 65, "stop"),
        (15, 69, "stop"),
        (15 + 1 / 60, 69, "go"),
        (15, 70, "not_yet"),
        (15, 89, "not_yet"),
        (15 + 1 / 60, 89, "go"),
        (15, 90, "go"),
    ],
)
def test_a_sensor_does_not_outweigh_a_finger_stick_that_was_lower_just_before(
    make: Make, ago: float, showed: float, verdict: str
) -> None:
    result = ask(make, None, readings=(make.reading(-ago, showed), *make.cgm((m, 150) for m in (-20, -10, 0))))
    assert result.glucose is not None
    assert (result.glucose.glucose.amount, result.verdict) == (150, verdict)
    assert ("meter-was-low" in rules(result), result.low is not None) == (verdict == "stop", verdict == "stop")
    assert (
        result.would_change
        == {
            "stop": ("A finger-stick of 90 mg/dL or more, 15 min after treating the low.",),
            "not_yet": ("A finger-stick of 90 mg/dL or more.",),
            "go": (),
        }[verdict]
    )


@pytest.mark.parametrize(("shown", "verdict"), [(Censored.LOW, "stop"), (Censored.HIGH, "caution")])
def test_lo_and_hi(make: Make, shown: Censored, verdict: str) -> None:
    amount = 20 if shown is Censored.LOW else 600
    assert ask(make, None, readings=(make.reading(0, amount, shown=shown),)).verdict == verdict


@pytest.mark.parametrize(
    ("amount", "answer", "verdict"),
    [(250, True, "go"), (251, True, "not_yet"), (251, None, "caution"), (251, False, "go")],
)
def test_above_250_the_question_is_asked(make: Make, amount: float, answer: bool | None, verdict: str) -> None:
    assert ask(make, amount, unwell_or_ketones=answer).verdict == verdict


@pytest.mark.parametrize(("start", "verdict"), [(190, "go"), (180, "caution")])
def test_heading_low_within_30_min(make: Make, start: float, verdict: str) -> None:
    # −2 mg/dL/min over 20 min: 190 → 150 → 90 in 30 min; 180−… ends at 129 falling 2.55: 52 in 30 min
    fall = 2 if start == 190 else 2.55
    trace = make.cgm((minute, start - fall * (minute + 20)) for minute in (-20, -15, -10, -5, 0))
    assert ask(make, None, readings=trace).verdict == verdict


@pytest.mark.parametrize(("before", "verdict"), [(160, "go"), (180, "caution")])
def test_a_fall_by_finger_sticks_counts_where_there_is_no_sensor(make: Make, before: float, verdict: str) -> None:
    # 160 to 130 in 20 min is within meter error (34); 180 to 130 is not (38), and 2.5 mg/dL/min leads to 55 in 30 min
    result = ask(make, None, readings=(make.reading(-20, before), make.reading(0, 130)))
    assert (result.verdict, "heading-low" in rules(result)) == (verdict, verdict == "caution")


@pytest.mark.parametrize(
    ("target", "verdict"),
    [(Glucose(151, MG), "caution"), (Glucose(150, MG), "go"), (Glucose(8.4, MMOL), "caution")],
)
def test_own_targets(make: Make, target: Glucose, verdict: str) -> None:
    assert ask(make, 150, person=make.person(target_low=target)).verdict == verdict


@pytest.mark.parametrize(
    ("amount", "unit", "told"),
    [(160, MG, False), (161, MG, True), (8.8, MMOL, False), (8.9, MMOL, True)],
)
def test_above_ones_own_target_it_is_said_and_changes_nothing(
    make: Make, amount: float, unit: Unit, told: bool
) -> None:
    target = Glucose(160, MG) if unit is MG else Glucose(8.8, MMOL)
    person = make.person(target_high=target, target_set=TargetSet.PREGNANCY)
    result = ask(make, amount, unit, person)
    assert ("above-own-target" in rules(result), result.verdict) == (told, "go")
    assert "above-pregnancy-range" not in rules(result)


@pytest.mark.parametrize(("amount", "told"), [(140, False), (141, True)])
def test_the_pregnancy_range(make: Make, amount: float, told: bool) -> None:
    result = ask(make, amount, person=make.person(target_set=TargetSet.PREGNANCY))
    assert ("above-pregnancy-range" in rules(result)) is told
    assert result.verdict == "go"


@pytest.mark.parametrize(
    ("ago", "kind", "area", "verdict", "again"),
    [
        (60, InsulinKind.RAPID, LEFT, "not_yet", 181),
        (240, InsulinKind.RAPID, LEFT, "not_yet", 1),
        (240 + 1 / 60, InsulinKind.RAPID, LEFT, "go", None),
        (241, InsulinKind.RAPID, LEFT, "go", None),
        (60, InsulinKind.RAPID, RIGHT, "go", None),
        (60, InsulinKind.RAPID, BodyArea("thigh"), "not_yet", 181),
        (1440, InsulinKind.LONG, LEFT, "not_yet", 1),
        (1440 + 1 / 60, InsulinKind.LONG, LEFT, "go", None),
        (1441, InsulinKind.LONG, LEFT, "go", None),
    ],
)
def test_the_site_rule(
    make: Make, ago: float, kind: InsulinKind, area: BodyArea, verdict: str, again: float | None
) -> None:
    doses = (make.dose(-ago, 4, kind, LEFT), make.dose(-1000, 1, site=BACK))
    result = ask(make, 150, areas=(area,), doses=doses)
    assert result.verdict == verdict
    assert result.recheck_at == (None if again is None else make.at(again))


@pytest.mark.parametrize("ago", [0, 60, 240])
def test_asked_again_when_it_says_so_the_site_is_free(make: Make, ago: float) -> None:
    doses = (make.dose(-ago, 4, site=LEFT),)
    first = ask(make, 150, areas=(LEFT,), doses=doses)
    assert first.recheck_at is not None
    again = ask(make, 150, areas=(LEFT,), doses=doses, at=first.recheck_at, readings=())
    assert (again.blocked_areas, again.verdict) == ((), "go")


@pytest.mark.parametrize(
    ("person", "doses", "unknown"),
    [
        ({}, (), True),
        ({}, ((-1440, "rapid"),), False),
        ({}, ((-1441, "rapid"),), True),
        ({}, ((-600, "long"),), True),
        ({"insulins": (Insulin(name="tresiba", kind=InsulinKind.LONG),)}, ((-300, "rapid"),), True),
        ({"insulins": (Insulin(name="tresiba", kind=InsulinKind.LONG),)}, ((-300, "rapid"), (-1440, "long")), False),
        ({"insulins": (Insulin(name="tresiba", kind=InsulinKind.LONG),)}, ((-300, "rapid"), (-1441, "long")), True),
        ({"therapy": Therapy.BASAL}, (), True),
        ({"therapy": Therapy.BASAL}, ((-600, "long"),), False),
        ({"therapy": Therapy.NONE}, (), False),
    ],
)
def test_insulin_that_stands_nowhere_has_no_known_site(
    make: Make, person: dict[str, Any], doses: tuple[tuple[float, str], ...], unknown: bool
) -> None:
    logged = tuple(make.dose(minute, 4, InsulinKind(kind), BodyArea("abdomen")) for minute, kind in doses)
    result = ask(make, 150, person=make.person(**person), areas=(LEFT,), doses=logged)
    assert ("site-unknown" in rules(result), result.verdict) == (unknown, "caution" if unknown else "go")
    assert "site-unknown" not in rules(ask(make, 150, person=make.person(**person), areas=(BACK,), doses=logged))


@pytest.mark.parametrize(("kind", "told"), [(SiteKind.PUMP, True), (SiteKind.SENSOR, False)])
def test_of_lasting_sites_insulin_alone_counts_as_injected(make: Make, kind: SiteKind, told: bool) -> None:
    person = make.person(sites=(Site(kind=kind, place=LEFT),))
    result = ask(make, 100, person=person, areas=(LEFT,))
    assert any("injected in the area" in finding.message for finding in result.findings) is told


def test_a_pen_beside_a_pump_has_no_known_site(make: Make) -> None:
    person = make.person(Therapy.PUMP, sites=(Site(kind=SiteKind.PUMP, place=RIGHT),))
    for by_pump, unknown in ((True, False), (False, True)):
        result = ask(make, 150, person=person, areas=(LEFT,), doses=(make.dose(-60, 4, by_pump=by_pump),))
        assert ("site-unknown" in rules(result)) is unknown


def test_what_a_pump_delivered_is_at_its_site(make: Make) -> None:
    sites = (Site(kind=SiteKind.PUMP, place=BodyArea("abdomen", Side.LEFT)),)
    person, doses = make.person(Therapy.PUMP, sites=sites), (make.dose(-60, 4, by_pump=True),)
    here = ask(make, 150, person=person, areas=(BodyArea("abdomen"),), doses=doses)
    assert here.verdict == "stop"
    assert here.iob_units == pytest.approx(4 * 0.779, abs=2e-3)
    assert here.accelerated is not None
    assert here.accelerated.remaining_units == here.iob_units
    elsewhere = ask(make, 150, person=person, areas=(LEFT,), doses=doses)
    assert (elsewhere.verdict, elsewhere.accelerated) == ("go", None)


@pytest.mark.parametrize(("units", "told"), [(0.9, False), (1.0, True), (1.1, True)])
def test_insulin_on_board_is_told_from_one_unit(make: Make, units: float, told: bool) -> None:
    result = ask(make, 150, doses=(make.dose(0, units, site=BodyArea("abdomen")),))  # all of it is on board at once
    assert ("iob" in rules(result)) is told


def test_a_blocked_side_leaves_the_other_free(make: Make) -> None:
    result = ask(make, 150, areas=(BOTH, BACK), doses=(make.dose(-60, 4, site=LEFT),))
    assert [block.label for block in result.blocked_areas] == ["thigh:left"]
    assert result.free_areas == (RIGHT, BACK)
    assert result.verdict == "caution"
    assert result.summary.endswith("Free: right thigh, back.")
    assert result.recheck_at == make.at(181)


def test_without_areas_every_known_place_is_listed(make: Make) -> None:
    result = ask(make, 150, areas=(), doses=(make.dose(-60, 4, site=LEFT),))
    assert [block.label for block in result.blocked_areas] == ["thigh:left"]
    assert (result.verdict, "area-unknown" in rules(result)) == ("go", True)


@pytest.mark.parametrize("kind", SiteKind)
def test_lasting_sites_stop(make: Make, kind: SiteKind) -> None:
    sites = (Site(kind=kind, place=LEFT, since=date(2026, 1, 1)),)
    assert ask(make, 150, areas=(LEFT,), person=make.person(sites=sites)).verdict == "stop"
    nobody = ask(make, 150, areas=(LEFT,), person=make.person(Therapy.NONE, sites=sites))
    assert nobody.verdict == ("stop" if kind is SiteKind.SENSOR else "go")


def test_unknown_insulin_is_said_and_counts(make: Make) -> None:
    result = ask(make, 100, doses=())
    assert (result.verdict, result.iob_units) == ("caution", None)
    assert "insulin-unknown" in rules(result)
    assert "not known" in result.unassessed["iob_units"]


def test_on_basal_alone_nothing_is_on_board(make: Make) -> None:
    result = ask(make, 100, person=make.person(Therapy.BASAL), doses=())
    assert (result.verdict, result.iob_units) == ("go", 0)


def test_an_unknown_site_is_said_and_counts(make: Make) -> None:
    result = ask(make, 150, areas=(LEFT,), doses=(make.dose(-60, 4),))
    assert (result.verdict, "site-unknown" in rules(result)) == ("caution", True)
    assert result.accelerated is not None
    assert result.accelerated.site_assumed
    assert "site-unknown" not in rules(ask(make, 150, areas=(BACK,), doses=(make.dose(-60, 4),)))


@pytest.mark.parametrize(("site", "assumed"), [(None, True), (LEFT, False)])
def test_a_band_says_when_the_site_was_assumed(make: Make, site: BodyArea | None, assumed: bool) -> None:
    result = ask(make, 150, areas=(LEFT,), doses=(make.dose(-60, 4, site=site),))
    (band,) = (finding.message for finding in result.findings if finding.rule == "site-band")
    assert ("counted as if at the site" in band) is assumed


def test_a_pump_without_a_known_site_is_unknown(make: Make) -> None:
    person = make.person(Therapy.PUMP)
    assert "site-unknown" in rules(ask(make, 150, areas=(LEFT,), person=person))
    assert "site-unknown" not in rules(ask(make, 150, areas=(BACK,), person=person))


def test_a_sauna_with_active_insulin(make: Make) -> None:
    doses = (make.dose(-60, 4, site=BodyArea("abdomen")),)
    result = ask(make, 150, tools=("sauna",), doses=doses)
    assert (result.verdict, "sauna-with-insulin" in rules(result)) == ("caution", True)
    assert result.accelerated is not None
    assert [step.factor for step in result.accelerated.speed_ups] == [1, 2.1]
    assert [one.citation for one in result.findings if one.rule.endswith("-band")] == ["koivisto-1980"]
    had = Activity(id="a", person_id="p", at=make.at(-30), kind="sauna")
    assert "sauna-with-insulin" in rules(ask(make, 150, activities=(had,), doses=doses))


def check(make: Make, minute: float = -60, *seen: FootFinding, side: Side = Side.BOTH) -> FootCheck:
    return FootCheck(id=make.id(), person_id="p", at=make.at(minute), sides=(side,), findings=seen)


@pytest.mark.parametrize(("minute", "missing"), [(-721, True), (-720, False), (0, False), (1, True)])
def test_the_foot_check_is_todays(make: Make, minute: float, missing: bool) -> None:
    result = ask(make, 150, areas=(FOOT,), hands_washed=True, foot_checks=(check(make, minute),))
    assert ("foot-check-missing" in rules(result)) is missing
    assert (result.verdict == "go") is not missing


def test_the_day_is_local(make_berlin: Make) -> None:
    # 23:30 UTC on 31 December is 00:30 on 1 January in Berlin
    result = ask(make_berlin, 150, areas=(FOOT,), hands_washed=True, foot_checks=(check(make_berlin, -750),))
    assert "foot-check-missing" not in rules(result)


def test_ticks_before_a_foot_session(make: Make) -> None:
    assert "hygiene-unknown" in rules(ask(make, 150, areas=(FOOT,), foot_checks=(check(make),)))
    assert "hygiene-missing" in rules(ask(make, 150, areas=(FOOT,), hands_washed=False, foot_checks=(check(make),)))
    assert "hygiene-unknown" not in rules(ask(make, 150))


@pytest.mark.parametrize("finding", ["wound", "blister", "ulcer", "hot-swelling"])
def test_a_wound_blocks_its_region(make: Make, finding: str) -> None:
    seen = FootFinding(side=Side.LEFT, region="toes", finding=finding)
    asked: dict[str, Any] = {
        "areas": (BodyArea("foot", Side.BOTH),),
        "hands_washed": True,
        "foot_checks": (check(make, -60, seen),),
    }
    result = ask(make, 150, **asked)
    assert [block.label for block in result.blocked_areas] == ["foot:left toes"]
    assert result.verdict == "caution"


def test_a_corn_blocks_nothing(make: Make) -> None:
    seen = FootFinding(side=Side.LEFT, region="toes", finding="corn")
    assert ask(make, 150, areas=(FOOT,), hands_washed=True, foot_checks=(check(make, -60, seen),)).verdict == "go"


def test_a_foot_blocked_everywhere_stops(make: Make) -> None:
    seen = [FootFinding(side=Side.LEFT, region=region, finding="blister") for region in FOOT_REGIONS]
    assert ask(make, 150, areas=(FOOT,), foot_checks=(check(make, -60, *seen),)).verdict == "stop"


def test_a_later_look_adds_to_an_earlier_one(make: Make) -> None:
    blister, wound = (
        FootFinding(side=Side.LEFT, region=region, finding=finding)
        for region, finding in (("heel", "blister"), ("toes", "wound"))
    )
    checks = (check(make, -60, blister), check(make, -30, wound), check(make, -10))
    result = ask(make, 150, areas=(BodyArea("foot", Side.BOTH),), foot_checks=checks)
    assert {block.label for block in result.blocked_areas} == {"foot:left heel", "foot:left toes"}


def test_hot_water_counts_until_feeling_is_known_to_be_there(make: Make) -> None:
    calf: dict[str, Any] = {"areas": (BodyArea("calf"),), "water_c": 38.0, "equipment_clean": True}
    assert "water-hot" in rules(ask(make, 150, person=make.person(), **calf))
    assert ask(make, 150, person=make.person(protective_sensation_lost=False), **calf).verdict == "go"
    unmeasured: dict[str, Any] = {"areas": (BodyArea("calf"),), "tools": ("warm-water",), "equipment_clean": True}
    assert "water-unknown" in rules(ask(make, 150, person=make.person(), **unmeasured))
    assert ask(make, 150, person=make.person(protective_sensation_lost=False), **unmeasured).verdict == "go"


@pytest.mark.parametrize(
    ("plan", "rule"),
    [
        ({"pressure": Pressure(2)}, None),
        ({"pressure": Pressure(3)}, "pressure-numb"),
        ({"water_c": 37.0, "equipment_clean": True}, None),
        ({"water_c": 37.5}, "water-hot"),
        ({"tools": ("warm-water",), "equipment_clean": True}, "water-unknown"),
        ({"lotion_between_toes": True}, "lotion-between-toes"),
    ],
)
def test_plans_for_feet_without_full_sensation(make: Make, plan: dict[str, Any], rule: str | None) -> None:
    person = make.person(protective_sensation_lost=True)
    asked: dict[str, Any] = {"areas": (FOOT,), "hands_washed": True, "foot_checks": (check(make),)} | plan
    found = rules(ask(make, 150, person=person, **asked)) - {"foot-soak"}
    assert found == ({rule} if rule else set())


def test_an_open_symptom_is_a_caution(make: Make) -> None:
    symptom = Symptom(id="y", person_id="p", at=make.at(-60), symptom="numbness", score=6, new_or_worse=True)
    assert ask(make, 150, symptoms=(symptom,)).verdict == "caution"


def test_what_would_change_the_verdict(make: Make) -> None:
    result = ask(make, 80)
    assert result.would_change == (
        "A reading of 90 mg/dL or more in 15 min; 126 mg/dL or more leaves the caution band.",
    )
    assert result.recheck_at == make.at(15)
    assert ask(make, 150).would_change == ()


@pytest.mark.parametrize(
    ("taken", "treatment", "again"), [(-6, True, 9), (-12, True, 3), (-13, True, 15), (-6, False, 15), (1, True, 15)]
)
def test_a_low_that_was_treated_is_checked_when_the_carbs_have_had_their_time(
    make: Make, taken: float, treatment: bool, again: float
) -> None:
    # a finger-stick of 62 twelve minutes ago: carbs since then to treat it count, and have 15 min
    carbs = Carbs(id="c", person_id="p", at=make.at(taken), grams=15, treatment=treatment)
    result = ask(make, readings=(make.reading(-12, 62),), carbs=(carbs,))
    assert (result.verdict, result.recheck_at) == ("stop", make.at(again))
    assert result.low is not None
    assert bool(result.low.treated) is (again != 15)


def test_only_what_is_as_strict_as_the_verdict_would_change_it(make: Make) -> None:
    foot: dict[str, Any] = {"areas": (FOOT,)}
    assert ask(make, 60, **foot).would_change == ("A reading of 90 mg/dL or more, 15 min after treating the low.",)
    assert ask(make, 150, **foot).would_change == ("A foot check of today.", "Ticking hands washed.")
    injected = ask(make, 100, areas=(LEFT,), doses=(make.dose(-60, 4, site=LEFT),))
    assert (injected.verdict, injected.would_change) == ("not_yet", ("Leaving the left thigh out.",))
    unknown = ask(make, 100, doses=())
    assert unknown.would_change == (
        "A reading of 126 mg/dL or more that is not falling.",
        "Your last insulin in the log: what, when, where.",
    )


def test_typed_glucose_ages_until_a_start_to_come(make: Make) -> None:
    def asked_at(minute: float) -> GateResult:
        facts = GateFacts(
            person=make.person(),
            at=make.at(minute),
            glucose=Glucose(150, Unit.MG_DL),
            glucose_at=make.at(0),
            doses=(make.dose(-600, 4),),
        )
        return assess_gate(facts)

    assert (asked_at(30).verdict, asked_at(30).age_min) == ("go", 30)
    later = asked_at(31)
    assert (later.verdict, later.glucose) == ("not_yet", None)
    assert later.findings[0].message == "No recent reading. The last one is 31 min old. Measure first."


@pytest.mark.parametrize(
    ("minute", "words"), [(0, "just now"), (-1, "1 min ago"), (-59, "59 min ago"), (-90, "1.5 h ago")]
)
def test_a_recent_bolus_is_told_by_its_age(make: Make, minute: float, words: str) -> None:
    (told,) = [one for one in ask(make, 150, doses=(make.dose(minute, 4),)).findings if one.rule == "recent-bolus"]
    assert told.message == f"Insulin was given {words}."


def test_a_modifier_says_that_caution_is_the_mildest(make: Make) -> None:
    result = ask(make, 150, person=make.person(impaired_awareness=True))
    assert result.verdict == "caution"
    assert [one.message for one in result.findings if one.rule == "stricter"] == [
        "One step stricter, because of impaired awareness of lows; caution is the mildest answer then."
    ]


def test_what_is_free_is_said_only_where_one_may_start(make: Make) -> None:
    plan: dict[str, Any] = {"areas": (LEFT, BACK), "doses": (make.dose(-60, 4, site=LEFT),)}
    assert ask(make, 150, **plan).summary == "Caution: read the points below first. Free: back."
    low = ask(make, 60, **plan)
    assert (low.summary, low.free_areas) == ("Stop: do not start now.", (BACK,))
    assert ask(make, 80, **plan).summary == "Not yet."


def test_the_plan_for_a_low_is_the_persons(make: Make) -> None:
    result = ask(make, 60, person=make.person(low_plan="three dextrose tablets"))
    assert "by your plan: three dextrose tablets" in result.findings[0].message


@pytest.mark.parametrize(
    ("amount", "verdict"), [(69, Verdict.STOP), (70, Verdict.NOT_YET), (89, Verdict.NOT_YET), (90, Verdict.GO)]
)
def test_without_insulin_the_thresholds_stand_alone(make: Make, amount: float, verdict: Verdict) -> None:
    person = make.person(Therapy.NONE)
    result = ask(make, amount, person=person, areas=(LEFT,), doses=(make.dose(-30, 9, site=LEFT),))
    assert result.verdict is verdict
    assert result.iob_units is None
