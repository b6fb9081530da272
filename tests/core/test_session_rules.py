"""The session rules at, below and above each threshold, in both units, for those who take insulin and who do not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from glucolog.core.change import session_change
from glucolog.core.citations import CITATIONS
from glucolog.core.findings import Finding, Level
from glucolog.core.pairing import pair
from glucolog.core.records import (
    Activity,
    FootCheck,
    FootFinding,
    InsulinKind,
    Person,
    Phase,
    Reading,
    Session,
    Site,
    SiteKind,
    Symptom,
    Therapy,
)
from glucolog.core.rules import SESSION_RULES, SessionFacts, rule_table, session_findings
from glucolog.core.rules.rule import before_words, place_words
from glucolog.core.units import Censored, Unit
from glucolog.core.vocabulary import BodyArea, Pressure, Side

if TYPE_CHECKING:
    from tests.core.conftest import Make

THIGH = BodyArea("thigh", Side.LEFT)
FOOT = BodyArea("foot", Side.LEFT)


def findings(person: Person, session: Session, readings: Sequence[Reading] = (), **around: Any) -> tuple[Finding, ...]:
    paired = pair(session, readings)
    facts = SessionFacts(
        person=person,
        session=session,
        paired=paired,
        change=session_change(session, paired),
        readings=tuple(readings),
        **around,
    )
    return session_findings(facts)


def rules(found: Sequence[Finding]) -> list[str]:
    return [finding.rule for finding in found]


def test_142_to_98_is_a_caution(make: Make) -> None:
    (finding,) = findings(make.person(), make.session(), [make.reading(-5, 142), make.reading(35, 98)])
    assert (finding.rule, finding.level) == ("drop-beyond-error", Level.CAUTION)
    assert finding.message == (
        "Glucose fell 44 mg/dL, more than meter error (±30). It ended at 98 mg/dL, below 100 mg/dL. "
        "This is an association; food, insulin timing and activity may explain part or all of it."
    )
    assert finding.inputs["drop_mg_dl"] == 44


def test_the_same_session_in_mmol_l_gives_the_same_rules(make: Make) -> None:
    readings = [make.reading(-5, 7.9, Unit.MMOL_L), make.reading(35, 5.4, Unit.MMOL_L)]
    assert rules(findings(make.person(unit=Unit.MMOL_L), make.session(), readings)) == ["drop-beyond-error"]


@pytest.mark.parametrize(
    ("before", "after", "unit", "speaks"),
    [
        (142, 99, Unit.MG_DL, True),
        (142, 100, Unit.MG_DL, True),
        (151, 118, Unit.MG_DL, False),
        (180, 118, Unit.MG_DL, False),
        (186, 118, Unit.MG_DL, True),
        (120, 96, Unit.MG_DL, False),
        (7.9, 5.5, Unit.MMOL_L, True),
        (8.5, 6.7, Unit.MMOL_L, False),
    ],
)
def test_a_drop_speaks_beyond_error_when_it_ends_or_heads_low(
    make: Make, before: float, after: float, unit: Unit, speaks: bool
) -> None:
    # over 40 min: 142→100 heads to 68.5 in 30 min; 180→118 to 71.5; 186→118 to 67; 120→96 is within ±25
    readings = [make.reading(-5, before, unit), make.reading(35, after, unit)]
    assert ("drop-beyond-error" in rules(findings(make.person(), make.session(), readings))) is speaks


def test_a_drop_to_lo_speaks_by_its_bound(make: Make) -> None:
    readings = [make.reading(-5, 142), make.reading(35, 20, shown=Censored.LOW)]
    found = findings(make.person(), make.session(), readings)
    assert rules(found) == ["low-level-2-0-2h", "drop-beyond-error"]
    assert "at least 122 mg/dL" in found[1].message


@pytest.mark.parametrize(
    ("amount", "unit", "rule"),
    [
        (71, Unit.MG_DL, None), (70, Unit.MG_DL, None), (69, Unit.MG_DL, "low-level-1-0-2h"),
        (55, Unit.MG_DL, "low-level-1-0-2h"), (54, Unit.MG_DL, "low-level-1-0-2h"),
        (53, Unit.MG_DL, "low-level-2-0-2h"),
        (4.0, Unit.MMOL_L, None), (3.9, Unit.MMOL_L, None), (3.8, Unit.MMOL_L, "low-level-1-0-2h"),
        (3.1, Unit.MMOL_L, "low-level-1-0-2h"), (3.0, Unit.MMOL_L, "low-level-1-0-2h"),
        (2.9, Unit.MMOL_L, "low-level-2-0-2h"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("therapy", Therapy)
def test_lows_by_the_published_pair_for_everyone(
    make: Make, therapy: Therapy, amount: float, unit: Unit, rule: str | None
) -> None:
    found = findings(make.person(therapy), make.session(), [make.reading(60, amount, unit)])
    assert rules(found) == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("minute", "rule"),
    [
        (-1, None), (0, "low-level-1-0-2h"), (150, "low-level-1-0-2h"), (151, "low-level-1-2-6h"),
        (390, "low-level-1-2-6h"), (391, None), (719, None), (720, "low-level-1-overnight"),
        (1079, "low-level-1-overnight"), (1080, None),
    ],
)  # fmt: skip
def test_windows_of_lows(make: Make, minute: float, rule: str | None) -> None:
    # 12:00–12:30; 2 h after is minute 150, 6 h after is 390, midnight is 720, 06:00 is 1080
    found = [
        name for name in rules(findings(make.person(), make.session(), [make.reading(minute, 65)])) if "level" in name
    ]
    assert found == ([rule] if rule else [])


def test_the_night_is_the_persons_own(make_berlin: Make) -> None:
    # midnight in Berlin is 23:00 UTC: minute 660
    low = make_berlin.reading(665, 65)
    assert rules(findings(make_berlin.person(), make_berlin.session(), [low])) == ["low-level-1-overnight"]


def test_a_sensor_low_needs_15_minutes(make: Make) -> None:
    dip = make.cgm([(60, 80), (65, 66), (70, 68), (75, 75)])
    event = make.cgm([(60, 80), (65, 66), (70, 68), (75, 69), (80, 75)])
    assert rules(findings(make.person(), make.session(), dip)) == ["low-dip"]
    (low,) = findings(make.person(), make.session(), event)
    assert low.rule == "low-level-1-0-2h"
    assert low.inputs["confirmed_by"] == ["sensor event"]
    assert "the sensor showed it for 15 min" in low.message


@pytest.mark.parametrize(
    ("after", "over"), [((), False), (((84, 75),), True), (((90 + 1 / 60, 75),), False), (((71, 70),), True)]
)
def test_a_dip_is_too_short_to_be_a_low_only_once_it_is_over(
    make: Make, after: tuple[tuple[float, float], ...], over: bool
) -> None:
    # the dip's last reading is at 70; a gap begins after 20 min
    (dip,) = findings(make.person(), make.session(), make.cgm([(60, 80), (65, 75), (70, 66), *after]))
    assert dip.rule == "low-dip"
    assert ("too short to count as a low" in dip.message, "it may be a low" in dip.message) == (over, not over)


def test_one_reading_of_a_15_minute_sensor_is_15_minutes(make: Make) -> None:
    trace = make.cgm([(60, 80), (75, 66), (90, 80)])
    assert rules(findings(make.person(), make.session(), trace)) == ["low-level-1-0-2h"]


def test_level_2_needs_15_minutes_of_its_own(make: Make) -> None:
    short = make.cgm([(60, 60), (65, 53), (70, 60), (75, 61), (80, 90)])
    long = make.cgm([(60, 60), (65, 53), (70, 52), (75, 51), (80, 90)])
    assert rules(findings(make.person(), make.session(), short)) == ["low-level-1-0-2h"]
    assert rules(findings(make.person(), make.session(), long)) == ["low-level-2-0-2h"]


def test_a_single_meter_reading_says_so(make: Make) -> None:
    (low,) = findings(make.person(), make.session(), [make.reading(60, 65)])
    assert "a single meter reading showed it" in low.message


def test_a_low_that_began_before_the_start_is_not_attributed(make: Make) -> None:
    trace = make.cgm([(minute, 65) for minute in range(-20, 30, 5)])
    assert rules(findings(make.person(), make.session(), trace)) == ["low-at-start"]


@pytest.mark.parametrize(("step", "speaks"), [(9.9, False), (10, True), (10.1, True)])
def test_fast_fall_from_2_mg_dl_per_min(make: Make, step: float, speaks: bool) -> None:
    trace = make.cgm([(5 * i, 300 - step * i) for i in range(6)])
    assert ("fast-fall" in rules(findings(make.person(), make.session(), trace))) is speaks


@pytest.mark.parametrize(("start", "speaks"), [(-1, True), (0, True), (1, False)])
def test_a_fall_counts_from_the_start_on(make: Make, start: float, speaks: bool) -> None:
    trace = make.cgm((minute, 200 - 3 * (minute + 20)) for minute in (-20, -15, -10, -5, 0))
    assert ("fast-fall" in rules(findings(make.person(), make.session(start), trace))) is speaks


def test_fast_fall_between_meter_readings(make: Make) -> None:
    found = findings(make.person(), make.session(0, 10), [make.reading(0, 240), make.reading(20, 160)])
    assert "fast-fall" in rules(found)


@pytest.mark.parametrize(("minutes", "speaks"), [(9, False), (10, True), (11, True)])
def test_two_meter_readings_within_10_minutes_tell_no_rate(make: Make, minutes: int, speaks: bool) -> None:
    found = findings(make.person(), make.session(0, minutes), [make.reading(0, 170), make.reading(minutes, 101)])
    assert rules(found) == (["drop-beyond-error", "fast-fall"] if speaks else [])


@pytest.mark.parametrize(
    ("minutes_ago", "kind", "rule"),
    [
        (239, InsulinKind.RAPID, "site-bolus"), (240, InsulinKind.RAPID, "site-bolus"), (241, InsulinKind.RAPID, None),
        (1440, InsulinKind.LONG, "site-long-acting"), (1441, InsulinKind.LONG, None),
        (1440, InsulinKind.UNKNOWN, "site-long-acting"),
    ],
)  # fmt: skip
def test_injection_sites_by_their_hours(make: Make, minutes_ago: float, kind: InsulinKind, rule: str | None) -> None:
    session = make.session(areas=(BodyArea("thigh", Side.BOTH),))
    found = findings(make.person(), session, doses=(make.dose(-minutes_ago, 4, kind, THIGH),))
    assert rules(found) == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("area", "overlaps"),
    [
        (THIGH, True),
        (BodyArea("thigh"), True),
        (BodyArea("thigh", Side.RIGHT), False),
        (BodyArea("back", Side.MIDDLE), False),
    ],
)
def test_sites_go_by_area_and_side(make: Make, area: BodyArea, overlaps: bool) -> None:
    found = findings(make.person(), make.session(areas=(area,)), doses=(make.dose(-60, 4, site=THIGH),))
    assert ("site-bolus" in rules(found)) is overlaps


def test_an_unknown_site_counts_where_insulin_is_injected(make: Make) -> None:
    doses = (make.dose(-60, 4),)
    assert rules(findings(make.person(), make.session(areas=(THIGH,)), doses=doses)) == ["site-unknown"]
    assert rules(findings(make.person(), make.session(areas=(BodyArea("back"),)), doses=doses)) == []


@pytest.mark.parametrize(
    ("kind", "rule", "without_insulin"),
    [
        (SiteKind.PUMP, "site-pump", []),
        (SiteKind.SENSOR, "site-sensor", ["site-sensor"]),
        (SiteKind.LIPOHYPERTROPHY, "site-lipohypertrophy", []),
    ],
)
def test_lasting_sites(make: Make, kind: SiteKind, rule: str, without_insulin: list[str]) -> None:
    sites = (
        Site(kind=kind, place=THIGH, until=date(2026, 1, 1)),
        Site(kind=kind, place=THIGH, until=date(2025, 12, 31)),
    )
    session = make.session(areas=(THIGH,))
    assert rules(findings(make.person(sites=sites), session)) == [rule]
    assert rules(findings(make.person(Therapy.NONE, sites=sites), session)) == without_insulin


@pytest.mark.parametrize(
    ("pressure", "lost", "neuropathies", "speaks"),
    [
        (2, True, (), False), (3, True, (), True), (4, True, (), True),
        (3, False, ("peripheral",), True), (3, None, ("peripheral",), True),
        (5, None, (), False), (5, False, (), False),
    ],
)  # fmt: skip
def test_pressure_from_3_with_lost_sensation(
    make: Make, pressure: int, lost: bool | None, neuropathies: tuple[str, ...], speaks: bool
) -> None:
    person = make.person(protective_sensation_lost=lost, neuropathies=neuropathies)
    session = make.session(areas=(BodyArea("calf"),), pressure=Pressure(pressure))
    assert ("pressure-numb" in rules(findings(person, session))) is speaks


@pytest.mark.parametrize(
    ("water", "lost", "rule"),
    [
        (36.9, True, None),
        (37, True, None),
        (37.1, True, "water-hot"),
        (37.1, False, None),
        (None, True, "water-unknown"),
    ],
)
def test_water_over_37_or_unknown_with_lost_sensation(
    make: Make, water: float | None, lost: bool, rule: str | None
) -> None:
    session = make.session(areas=(BodyArea("calf"),), tools=("warm-water",), water_c=water)
    found = rules(findings(make.person(protective_sensation_lost=lost), session))
    assert found == ([rule] if rule else [])


def test_a_foot_session_wants_its_check_and_ticks(make: Make) -> None:
    found = findings(make.person(), make.session(areas=(FOOT,)))
    assert [(f.rule, f.level) for f in found] == [("foot-check-missing", Level.INFO), ("hygiene-unknown", Level.INFO)]
    washed = make.session(areas=(FOOT,), hands_washed=True)
    check = FootCheck(id="f", person_id="p", at=make.at(-200), sides=(Side.BOTH,))
    assert findings(make.person(), washed, foot_checks=(check,)) == ()


def test_what_was_not_done_is_said(make: Make) -> None:
    session = make.session(areas=(THIGH,), hands_washed=False, equipment_clean=False, tools=("gun",))
    (finding,) = findings(make.person(), session)
    assert finding.message == "Not done before the session: hands washed and equipment cleaned."


@pytest.mark.parametrize("seen", ["wound", "blister", "ulcer", "hot-swelling"])
def test_a_massaged_wound_is_a_warning(make: Make, seen: str) -> None:
    check = FootCheck(
        id="f",
        person_id="p",
        at=make.at(-200),
        sides=(Side.BOTH,),
        findings=(FootFinding(side=Side.LEFT, region="toes", finding=seen),),
    )
    massaged = make.session(areas=(FOOT,), hands_washed=True)
    other = make.session(areas=(BodyArea("foot", Side.RIGHT),), hands_washed=True)
    (finding,) = findings(make.person(), massaged, foot_checks=(check,))
    assert (finding.rule, finding.level) == ("foot-finding", Level.WARNING)
    assert findings(make.person(), other, foot_checks=(check,)) == ()


def test_lotion_between_the_toes_and_a_foot_bath(make: Make) -> None:
    session = make.session(areas=(FOOT,), lotion_between_toes=True, hands_washed=True, equipment_clean=True, water_c=35)
    check = FootCheck(id="f", person_id="p", at=make.at(-200), sides=(Side.LEFT,))
    found = findings(make.person(Therapy.NONE), session, foot_checks=(check,))
    assert rules(found) == ["lotion-between-toes", "foot-soak"]


@pytest.mark.parametrize(("minute", "speaks"), [(-1, False), (0, True), (20, True), (1440, True), (1441, False)])
def test_a_severe_low_within_24_h(make: Make, minute: float, speaks: bool) -> None:
    found = findings(make.person(severe_low_at=make.at(minute)), make.session())
    assert ("severe-low" in rules(found)) is speaks


def test_open_symptoms_stay_until_told(make: Make) -> None:
    symptom = Symptom(id="y", person_id="p", at=make.at(40), symptom="numbness", score=6, new_or_worse=True)
    told = Symptom(
        id="z", person_id="p", at=make.at(40), symptom="pain", score=6, new_or_worse=True, told_team_on=date(2026, 1, 2)
    )
    assert rules(findings(make.person(Therapy.NONE), make.session(), symptoms=(symptom, told))) == ["symptom-open"]


def test_a_sauna_with_active_insulin(make: Make) -> None:
    doses = (make.dose(-60, 4),)
    sauna = Activity(id="a", person_id="p", at=make.at(10), kind="sauna")
    session = make.session(areas=(BodyArea("back"),))
    assert rules(findings(make.person(), session, doses=doses, activities=(sauna,))) == ["sauna-with-insulin"]
    assert rules(findings(make.person(Therapy.NONE), session, doses=doses, activities=(sauna,))) == []


@pytest.mark.parametrize(
    ("minute", "kind", "speaks"),
    [
        (-240, InsulinKind.RAPID, True), (-241, InsulinKind.RAPID, False), (30, InsulinKind.RAPID, True),
        (31, InsulinKind.RAPID, False), (-60, InsulinKind.UNKNOWN, True), (-60, InsulinKind.LONG, False),
    ],
)  # fmt: skip
def test_insulin_is_active_in_a_sauna_for_4_h_and_never_the_long_one(
    make: Make, minute: float, kind: InsulinKind, speaks: bool
) -> None:
    session = make.session(areas=(BodyArea("back"),), tools=("sauna",))
    found = findings(make.person(), session, doses=(make.dose(minute, 4, kind),))
    assert ("sauna-with-insulin" in rules(found)) is speaks


@pytest.mark.parametrize(
    ("amount", "level"), [(69, Level.WARNING), (54, Level.WARNING), (53, Level.URGENT), (40, Level.URGENT)]
)
def test_a_level_1_low_warns_and_a_level_2_low_is_urgent(make: Make, amount: float, level: Level) -> None:
    (low,) = findings(make.person(), make.session(), [make.reading(60, amount)])
    assert low.level is level


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (THIGH, "the left thigh"), (BodyArea("thigh", Side.BOTH), "the thigh (both sides)"),
        (BodyArea("thigh"), "the thigh (side not known)"), (BodyArea("back", Side.MIDDLE), "the back"),
        (BodyArea("abdomen", Side.MIDDLE), "the abdomen"), (BodyArea("back"), "the back"),
    ],
)  # fmt: skip
def test_a_place_as_people_say_it(place: BodyArea, words: str) -> None:
    assert place_words(place) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(-1, "during it"), (0, "just before"), (0.9, "just before"), (1, "1 min before"), (60, "1.0 h before")],
)
def test_how_long_before_a_session(minutes: float, words: str) -> None:
    assert before_words(minutes) == words


def test_an_area_not_said_is_said(make: Make) -> None:
    found = findings(make.person(), make.session(), doses=(make.dose(-60, 4, site=THIGH),))
    assert rules(found) == ["area-unknown"]


def test_links_make_a_finding_as_windows_do(make: Make) -> None:
    before, after = make.reading(-50, 142), make.reading(80, 98)
    session = make.session(links=[(before, Phase.BEFORE), (after, Phase.AFTER)])
    assert rules(findings(make.person(), session, [before, after])) == ["drop-beyond-error"]


@pytest.mark.parametrize("rule", SESSION_RULES, ids=lambda rule: rule.id)
def test_every_rule_cites_a_source_and_has_a_row(rule: object) -> None:
    (row,) = [row for row in rule_table() if row.id == rule.id]  # type: ignore[attr-defined]
    assert row.citation in CITATIONS
    assert row.threshold
