"""Laws over any facts: nothing raises, order and unit and whole days change nothing, the future is not read."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest
from glucolog.core import evidence
from glucolog.core.change import session_change
from glucolog.core.citations import CITATIONS, Grade
from glucolog.core.findings import Finding
from glucolog.core.gate import GATE_RULES, GateFacts, assess_gate
from glucolog.core.gate import rule_table as gate_table
from glucolog.core.moments import Moment
from glucolog.core.pairing import pair
from glucolog.core.records import (
    Activity,
    Dose,
    FootCheck,
    FootFinding,
    InsulinKind,
    Person,
    Phase,
    Reading,
    ReadingLink,
    Session,
    Site,
    SiteKind,
    Symptom,
    TargetSet,
    Therapy,
)
from glucolog.core.rules import SESSION_RULES, SessionFacts, rule_table, session_findings
from glucolog.core.units import MG_DL_PER_MMOL_L, Censored, Glucose, Source, Unit, faithful_unit, in_unit
from glucolog.core.vocabulary import (
    AREAS,
    FOOT_FINDINGS,
    FOOT_REGIONS,
    NEUROPATHIES,
    SYMPTOMS,
    TOOLS,
    BodyArea,
    Pressure,
    Side,
)
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.core.test_wording import forbidden_in

if TYPE_CHECKING:
    from tests.core.conftest import Make

DAY_S = 86_400
INSULIN_RULES = {rule.id for rule in SESSION_RULES if rule.insulin_only}
INSULIN_RULES |= {gate.rule.id for gate in GATE_RULES if gate.rule.insulin_only}

moments = (st.integers(-1500, 1500) | st.integers(-150, 420)).map(
    lambda minute: Moment(1_767_268_800 + 60 * minute, "UTC")
)
maybe_bool = st.none() | st.booleans()
ids = st.integers(0, 10_000).map(str)
areas = st.builds(BodyArea, st.sampled_from(list(AREAS)), st.sampled_from(Side))
amounts = st.one_of(
    st.builds(Glucose, st.integers(20, 600), st.just(Unit.MG_DL), st.none() | st.sampled_from(Censored)),
    st.builds(Glucose, st.integers(11, 333).map(lambda n: n / 10), st.just(Unit.MMOL_L)),
)
readings = st.builds(
    Reading, id=ids, person_id=st.just("p"), at=moments, glucose=amounts, source=st.sampled_from(Source)
)
doses = st.builds(
    Dose, id=ids, person_id=st.just("p"), at=moments, units=st.floats(0, 30), kind=st.sampled_from(InsulinKind),
    site=st.none() | areas, by_pump=st.booleans(), duration_min=st.none() | st.floats(0, 300),
)  # fmt: skip
symptoms = st.builds(
    Symptom, id=ids, person_id=st.just("p"), at=moments, symptom=st.sampled_from(list(SYMPTOMS)),
    score=st.integers(0, 10), new_or_worse=st.booleans(), told_team_on=st.none(),
)  # fmt: skip
seen = st.builds(
    FootFinding, side=st.sampled_from(Side), region=st.sampled_from(list(FOOT_REGIONS)),
    finding=st.sampled_from(list(FOOT_FINDINGS)),
)  # fmt: skip
checks = st.builds(
    FootCheck, id=ids, person_id=st.just("p"), at=moments, sides=st.lists(st.sampled_from(Side), max_size=2).map(tuple),
    findings=st.lists(seen, max_size=3).map(tuple),
)  # fmt: skip
activities = st.builds(Activity, id=ids, person_id=st.just("p"), at=moments, kind=st.sampled_from(["walk", "sauna"]))
sites = st.builds(Site, kind=st.sampled_from(SiteKind), place=areas)
people = st.builds(
    Person, id=st.just("p"), name=st.just("Ada"), unit=st.sampled_from(Unit), zone=st.just("UTC"),
    therapy=st.sampled_from(Therapy), sites=st.lists(sites, max_size=2).map(tuple),
    neuropathies=st.lists(st.sampled_from(list(NEUROPATHIES)), max_size=2).map(tuple),
    protective_sensation_lost=maybe_bool, impaired_awareness=maybe_bool, severe_low_at=st.none() | moments,
    target_set=st.sampled_from(TargetSet), target_low=st.none() | amounts, target_high=st.none() | amounts,
)  # fmt: skip
plan: dict[str, Any] = {
    "areas": st.lists(areas, max_size=3).map(tuple),
    "tools": st.lists(st.sampled_from(list(TOOLS)), max_size=2).map(tuple),
    "pressure": st.none() | st.sampled_from(Pressure),
    "water_c": st.none() | st.floats(20, 50),
    "lotion_between_toes": maybe_bool,
    "hands_washed": maybe_bool,
    "equipment_clean": maybe_bool,
}
links = st.builds(ReadingLink, reading_id=ids, phase=st.sampled_from(Phase))
sessions = st.builds(
    Session, id=st.just("s"), person_id=st.just("p"), start=moments, end=st.none() | moments,
    links=st.lists(links, max_size=3).map(tuple), **plan,
)  # fmt: skip


def rows(strategy: st.SearchStrategy[Any], most: int = 8) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=most, unique_by=lambda record: record.id).map(tuple)


around: dict[str, Any] = {
    "readings": rows(readings, 15),
    "doses": rows(doses),
    "activities": rows(activities, 2),
    "symptoms": rows(symptoms, 3),
    "foot_checks": rows(checks, 3),
}


@st.composite
def session_facts(draw: st.DrawFn) -> SessionFacts:
    session = draw(sessions)
    known = {name: draw(strategy) for name, strategy in around.items()}
    return assessed(SessionFacts(person=draw(people), session=session, **_paired(session, known["readings"]), **known))


gate_facts = st.builds(
    GateFacts, person=people, at=moments, glucose=st.none() | amounts, unwell_or_ketones=maybe_bool,
    minutes=st.floats(0, 180), **plan, **around,
)  # fmt: skip


def _paired(session: Session, some: Sequence[Reading]) -> dict[str, Any]:
    paired = pair(session, some)
    return {"paired": paired, "change": session_change(session, paired)}


def assessed(facts: SessionFacts) -> SessionFacts:
    """The facts with their readings paired anew."""
    return replace(facts, **_paired(facts.session, facts.readings))


def spoken(findings: Sequence[Finding]) -> list[tuple[str, str, str]]:
    return [(finding.rule, finding.level, finding.message) for finding in findings]


def shuffled(facts: Any, seed: int) -> Any:
    mixed = {
        name: tuple(random.Random(seed).sample(getattr(facts, name), len(getattr(facts, name)))) for name in around
    }
    return replace(facts, **mixed)


def shifted(value: Any, seconds: int) -> Any:
    """The same facts so much later, whatever they hold."""
    if isinstance(value, Moment):
        return Moment(value.epoch_s + seconds, value.zone)
    if isinstance(value, tuple):
        return tuple(shifted(item, seconds) for item in value)
    if isinstance(value, Reading | Dose | Activity | Symptom | FootCheck | Session | Person | SessionFacts | GateFacts):
        return replace(value, **{f.name: shifted(getattr(value, f.name), seconds) for f in fields(value)})
    return value


@given(session_facts())
def test_session_findings_are_whole(facts: SessionFacts) -> None:
    for finding in session_findings(facts):
        assert finding.citation in CITATIONS
        assert finding.threshold
        assert "{" not in finding.message
        assert forbidden_in(finding.message) == []


@given(gate_facts)
def test_gate_findings_are_whole(facts: GateFacts) -> None:
    result = assess_gate(facts)
    for finding in result.findings:
        assert finding.citation in CITATIONS
        assert finding.threshold
        assert "{" not in finding.message
        assert forbidden_in(finding.message) == []
    for sentence in (*result.would_change, result.summary, *result.unassessed.values()):
        assert "{" not in sentence
        assert forbidden_in(sentence) == []
    assert (result.iob_units is None) == ("iob_units" in result.unassessed)
    assert result.glucose is not None or result.verdict != "go"
    assert result.verdict != "go" or result.recheck_at is None


@given(session_facts())
def test_without_insulin_no_insulin_rule_is_heard_after_a_session(facts: SessionFacts) -> None:
    nobody = replace(facts, person=replace(facts.person, therapy=Therapy.NONE))
    found = session_findings(nobody)
    assert INSULIN_RULES.isdisjoint(finding.rule for finding in found)
    assert not any("insulin" in finding.message.lower() for finding in found)


@given(gate_facts)
def test_without_insulin_no_insulin_rule_is_heard_before_one(facts: GateFacts) -> None:
    result = assess_gate(replace(facts, person=replace(facts.person, therapy=Therapy.NONE)))
    assert INSULIN_RULES.isdisjoint(finding.rule for finding in result.findings)
    said = " ".join([*(f.message for f in result.findings), *result.would_change, *result.unassessed.values()])
    assert "insulin" not in said.lower()
    assert result.accelerated is None


@given(session_facts(), st.integers(0, 9))
def test_the_order_of_rows_changes_no_finding(facts: SessionFacts, seed: int) -> None:
    assert session_findings(assessed(shuffled(facts, seed))) == session_findings(facts)


@given(gate_facts, st.integers(0, 9))
def test_the_order_of_rows_changes_no_verdict(facts: GateFacts, seed: int) -> None:
    assert assess_gate(shuffled(facts, seed)) == assess_gate(facts)


@given(session_facts(), st.integers(-1000, 1000))
def test_a_shift_by_whole_days_changes_no_finding(facts: SessionFacts, days: int) -> None:
    moved = assessed(shifted(facts, days * DAY_S))
    assert spoken(session_findings(moved)) == spoken(session_findings(facts))


@given(gate_facts, st.integers(-1000, 1000))
def test_a_shift_by_whole_days_changes_no_verdict(facts: GateFacts, days: int) -> None:
    moved, result = assess_gate(shifted(facts, days * DAY_S)), assess_gate(facts)
    assert (moved.verdict, spoken(moved.findings)) == (result.verdict, spoken(result.findings))
    assert moved.iob_units == result.iob_units


@given(session_facts(), gate_facts)
def test_the_unit_a_person_prefers_changes_no_finding(facts: SessionFacts, before: GateFacts) -> None:
    other = replace(facts.person, unit=facts.person.unit.other)
    told = session_findings(replace(facts, person=other))
    assert [wordless(each) for each in told] == [wordless(each) for each in session_findings(facts)]
    other = replace(before.person, unit=before.person.unit.other)
    told_before, result = assess_gate(replace(before, person=other)), assess_gate(before)
    assert told_before.verdict == result.verdict
    assert [wordless(each) for each in told_before.findings] == [wordless(each) for each in result.findings]


def wordless(finding: Finding) -> Finding:
    """A finding without its sentence, which is in the person's unit."""
    return replace(finding, message="")


@given(session_facts(), gate_facts)
def test_a_sentence_names_the_persons_own_unit_first(facts: SessionFacts, before: GateFacts) -> None:
    for person, findings in (
        (facts.person, session_findings(facts)), (before.person, assess_gate(before).findings)
    ):  # fmt: skip
        for finding in findings:
            outside_brackets = re.sub(r"\([^)]*\)", "", finding.message)
            assert f" {person.unit.other}" not in outside_brackets or not converts(finding)


def converts(finding: Finding) -> bool:
    """Whether every reading among the inputs means the same in the other unit, however many decimals it takes."""
    typed = [value for name, value in finding.inputs.items() if name.endswith("_entered")]
    readings = [Glucose(float(amount), Unit(unit)) for amount, unit in (str(each).split() for each in typed)]
    return all(faithful_unit(each, each.unit.other) is each.unit.other for each in readings)


@given(gate_facts)
def test_the_future_changes_no_verdict(facts: GateFacts) -> None:
    past: dict[str, Any] = {
        name: tuple(record for record in getattr(facts, name) if record.at <= facts.at) for name in around
    }
    assert assess_gate(replace(facts, **past)) == assess_gate(facts)


def test_an_insulin_rule_is_one_whose_sentence_speaks_of_it() -> None:
    rows = [*rule_table(), *gate_table()]
    speaking = {row.id for row in rows if re.search("insulin|pump|lipohyper", row.sentence, re.IGNORECASE)}
    assert speaking <= INSULIN_RULES


def same_side_in_both_units(mg_dl: float, mmol_l: float) -> bool:
    pairs = [threshold.pair for threshold in evidence.THRESHOLDS]
    return all(
        (mg_dl < in_unit(p, Unit.MG_DL)) == (mmol_l < in_unit(p, Unit.MMOL_L))
        and (mg_dl > in_unit(p, Unit.MG_DL)) == (mmol_l > in_unit(p, Unit.MMOL_L))
        for p in pairs
    )


tenths = st.integers(23, 330).map(lambda n: n / 10)


@given(tenths, tenths)
def test_a_session_typed_in_either_unit_gives_the_same_rules(make: Make, before: float, after: float) -> None:
    typed = [make.reading(-5, before, Unit.MMOL_L), make.reading(35, after, Unit.MMOL_L)]
    converted = [make.reading(-5, before * MG_DL_PER_MMOL_L), make.reading(35, after * MG_DL_PER_MMOL_L)]
    ahead = after - (before - after) / 40 * evidence.PROJECTION_MIN.value
    assume(all(same_side_in_both_units(v * MG_DL_PER_MMOL_L, v) for v in (before, after, ahead)))
    found = []
    for some in (typed, converted):
        session = make.session()
        facts = SessionFacts(person=make.person(), session=session, readings=tuple(some), **_paired(session, some))
        found.append([(finding.rule, finding.level) for finding in session_findings(facts)])
    assert found[0] == found[1]


@given(tenths, st.sampled_from(Therapy))
def test_a_question_in_either_unit_gives_the_same_verdict(make: Make, amount: float, therapy: Therapy) -> None:
    assume(same_side_in_both_units(amount * MG_DL_PER_MMOL_L, amount))
    asked = [Glucose(amount, Unit.MMOL_L), Glucose(amount * MG_DL_PER_MMOL_L, Unit.MG_DL)]
    results = [assess_gate(GateFacts(person=make.person(therapy), at=make.at(0), glucose=glucose)) for glucose in asked]
    assert results[0].verdict == results[1].verdict
    assert [f.rule for f in results[0].findings] == [f.rule for f in results[1].findings]


@pytest.mark.parametrize("row", [*rule_table(), *gate_table()], ids=lambda row: f"{row.stage}-{row.id}")
def test_every_row_of_the_table_is_whole(row: Any) -> None:
    assert row.citation in CITATIONS
    assert row.threshold
    assert row.sentence
    assert row.applies_to in {"everyone", "people who take insulin"}


@pytest.mark.parametrize("row", [*rule_table(), *gate_table()], ids=lambda row: f"{row.stage}-{row.id}")
def test_what_was_not_read_at_its_source_says_so(row: Any) -> None:
    assert row.grade != Grade.UNVERIFIED or "not verified" in row.sentence


def test_rule_names_are_unique_within_their_stage() -> None:
    names = [(row.stage, row.id) for row in (*rule_table(), *gate_table())]
    assert len(names) == len(set(names))
