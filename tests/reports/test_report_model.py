"""The report model: golden content, and what it says when there is little or nothing.

`GLUCOLOG_GOLDEN=write pytest tests/reports/test_report_model.py` writes the golden files anew.
"""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from glucolog.analysis.metrics import consensus_metrics
from glucolog.analysis.trace import glucose_arrays
from glucolog.core.lows import AttributedLow, LowBasis, LowWindow
from glucolog.core.records import Reading, TargetSet
from glucolog.core.units import Glucose, Source, Unit
from glucolog.plots.theme import Scale
from glucolog.reports.as_json import as_plain, report_json
from glucolog.reports.build import report_model
from glucolog.reports.facts import ReportFacts
from glucolog.reports.glucose_part import five_numbers, percent_words, range_shares
from glucolog.reports.session_part import low_lines
from tests.reports.conftest import meter_trace, sensor

GOLDEN = Path(__file__).parent / "golden"
WRITE = os.environ.get("GLUCOLOG_GOLDEN") == "write"
MakeFacts = Callable[[str], ReportFacts]


def content(facts: ReportFacts) -> dict[str, Any]:
    """Return the model without its charts' raw columns, which the plots' own tests guard."""
    plain = as_plain(report_model(facts))
    assert isinstance(plain, dict)
    charts = plain.pop("charts")
    plain["charts"] = {
        "effect": charts["effect"],
        "agp_days": charts["agp"]["n_days"],
        "aligned": {
            "curves": len(charts["aligned"]["curves"]),
            "control": (charts["aligned"]["control"] or {}).get("n"),
        },
        "nights": len(charts["overnight"]["nights"]),
        "calendar_days": len(charts["calendar"]["days"]),
    }
    return json.loads(json.dumps(rounded(plain)))  # type: ignore[no-any-return]


def rounded(value: object) -> object:
    """Return the value with floats to six digits, so that another machine's last digit is no difference."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("case", ["nothing", "one-session", "all-refused", "many", "mmol"])
def test_the_content_is_golden(case: str, make_facts: MakeFacts) -> None:
    path, found = GOLDEN / f"{case}.json", content(make_facts(case))
    if WRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(path.read_text("utf-8"))


def test_no_data_at_all_is_a_report_that_says_so(make_facts: MakeFacts) -> None:
    model = report_model(make_facts("nothing"))
    assert model.summary == ("No massage session was logged in this period.",)
    assert model.quality.words == ("There are no glucose readings in this period.",)
    assert [number.value for number in model.numbers] == [None] * 5
    assert model.ranges == ()
    assert any("no sensor readings" in line for line in model.missing)


def test_refusals_carry_their_reason_and_n(make_facts: MakeFacts) -> None:
    model = report_model(make_facts("all-refused"))
    assert model.effect_sentences[0].startswith("Too few sessions (4 of 8)")
    assert any("Too few sessions (4 of 8)" in line for line in model.missing)
    assert model.charts.effect.rows[0].estimate_mg_dl is None


def test_no_low_is_never_called_safe_and_keeps_its_upper_bound(make_facts: MakeFacts) -> None:
    told = " ".join(report_model(make_facts("many")).summary)
    assert "None of 19 sessions had a low" in told
    assert "15 %" in told  # 1 − 0.05^(1/19) = 0.1459
    assert "safe" not in told


def test_the_five_parts_of_the_bar_sum_to_everything(make_facts: MakeFacts) -> None:
    for case in ("many", "mmol", "lows"):
        assert sum(part.percent for part in report_model(make_facts(case)).ranges) == pytest.approx(100)


def test_the_parts_beyond_a_limit_add_up_to_the_number_written_for_it() -> None:
    # 0.17 % and 0.17 % would be written 0.2 % and 0.2 % beside a total of 0.3 %
    amounts = [50.0] * 17 + [60.0] * 17 + [120.0] * 9_966
    scale = Scale(unit=Unit.MG_DL, low=70, high=180)
    metrics = consensus_metrics(glucose_arrays(replace(sensor(10_000 / 288), amount=array("d", amounts))))
    ranges, _ = range_shares(metrics, scale)
    told = {part.key: part.words for part in ranges}
    below = next(number for number in five_numbers(metrics, scale) if number.key == "below")
    assert (told["below_54"], told["below_70"], below.words) == ("0.2 %", "0.1 %", "0.3 %")


def test_finger_sticks_are_measured_against_no_sensor_target(finger_sticks: ReportFacts) -> None:
    numbers = {number.key: number for number in report_model(finger_sticks).numbers}
    assert (numbers["mean"].label, numbers["cv"].label) == ("Mean of finger-sticks", "CV of finger-sticks")
    assert {number.met for number in numbers.values()} == {None}
    assert numbers["tir"].words == numbers["gmi"].words == "Needs a sensor."


def test_finger_sticks_are_never_called_time_in_range(finger_sticks: ReportFacts) -> None:
    model = report_model(finger_sticks)
    by_key = {number.key: number for number in model.numbers}
    assert by_key["tir"].value is None
    assert by_key["below"].value is None
    assert "finger-stick" in model.ranges_note
    shares = {part.key: part.percent for part in model.ranges}
    # 100 140 65 190 120 53 250 180 70: one below 54, one 54–69, five 70–180, two 181–250, none above
    assert shares == pytest.approx(
        {"below_54": 100 / 9, "below_70": 100 / 9, "in_range": 500 / 9, "above_180": 200 / 9, "above_250": 0}
    )


def test_everything_is_told_in_the_persons_unit(make_facts: MakeFacts) -> None:
    facts = make_facts("mmol")
    model = report_model(facts)
    told = [*model.summary, *model.effect_sentences, *model.lows, *(row.change for row in model.sessions)]
    assert model.scale.unit is Unit.MMOL_L
    assert not any("mg/dL" in line for line in told)
    assert model.numbers[3].label == "Time in range 3.9–10.0 mmol/L"


def test_without_identity_no_name_and_nothing_typed_is_left(make_facts: MakeFacts) -> None:
    facts = make_facts("hostile")
    scores = tuple(replace(each, symptom="pain") for each in facts.symptoms)
    quiet = tuple(replace(each, findings=()) for each in facts.sessions)
    model = report_model(replace(facts, deidentify=True, versions=(), symptoms=scores, sessions=quiet))
    told = report_json(model)
    assert "right to left" not in told
    assert "xxx" not in told
    assert {fact.label for fact in model.who} == {"Name", "Therapy", "Targets", "Conditions"}
    assert model.deidentified is not None


@pytest.mark.parametrize(
    ("percent", "limit", "words"),
    [
        (3.96, 4, "3.96 %"), (4.0, 4, "4 %"), (4.04, 4, "4.04 %"), (69.6, 70, "69.6 %"), (0.04, 4, "0.04 %"),
        (0.0, 4, "0 %"), (99.97, None, "99.97 %"), (100.0, None, "100 %"), (36.4, 36, "36.4 %"), (35.2, 36, "35 %"),
    ],
)  # fmt: skip
def test_rounding_never_contradicts_the_badge(percent: float, limit: float | None, words: str) -> None:
    assert percent_words(percent, limit) == words


def test_ninety_days_keep_every_reading(ninety_days: ReportFacts) -> None:
    model = report_model(ninety_days)
    assert model.quality.n_sensor == 90 * 288
    assert len(model.sessions) == 40
    assert model.charts.timeline.traces[0] is ninety_days.traces[0]


def test_the_json_form_is_one_document_with_every_reading(ninety_days: ReportFacts) -> None:
    plain = json.loads(report_json(report_model(ninety_days)))
    assert plain["schema"] == 1
    assert plain["charts"]["timeline"]["traces"][0]["amount"] == list(ninety_days.traces[0].amount)
    assert plain["sessions"][0]["before"]["at"].endswith("+01:00")


@pytest.mark.parametrize(
    ("unit", "labels"),
    [
        (Unit.MG_DL, ["Very low, below 54", "Low, 54 to below 63", "In range, 63 to 140", "High, above 140"]),
        (Unit.MMOL_L, ["Very low, below 3.0", "Low, 3.0 to below 3.5", "In range, 3.5 to 7.8", "High, above 7.8"]),
    ],
)
def test_the_bar_of_a_pregnancy_is_about_its_own_range(make_facts: MakeFacts, unit: Unit, labels: list[str]) -> None:
    facts = make_facts("lows")
    metrics = consensus_metrics(glucose_arrays(facts.traces[0]), TargetSet.PREGNANCY)
    expecting = replace(facts.person, target_set=TargetSet.PREGNANCY, unit=unit)
    model = report_model(replace(facts, person=expecting, sensor=metrics))
    assert [part.label for part in model.ranges] == labels
    assert sum(part.percent for part in model.ranges) == pytest.approx(100)
    in_range = next(number for number in model.numbers if number.key == "tir")
    assert in_range.value == next(part.percent for part in model.ranges if part.key == "in_range")


def test_finger_sticks_in_pregnancy_have_no_bar_but_a_reason(make_facts: MakeFacts) -> None:
    metrics = consensus_metrics(glucose_arrays(meter_trace([60, 100, 150])), TargetSet.PREGNANCY)
    expecting = replace(make_facts("nothing").person, target_set=TargetSet.PREGNANCY)
    model = report_model(replace(make_facts("nothing"), person=expecting, meter=metrics))
    assert model.ranges == ()
    assert model.ranges_note


def test_a_low_says_when_it_began_and_when_it_was_lowest(make_facts: MakeFacts) -> None:
    each = make_facts("many").sessions[0]  # Monday 2 March 2026, 18:00 to 18:30
    began, lowest = (
        Reading(
            id=str(minutes), person_id="p", at=each.session.start.plus(minutes=minutes), source=Source.CGM,
            glucose=Glucose(amount, Unit.MG_DL),
        )
        for minutes, amount in ((117, 65), (177, 47))
    )  # fmt: skip
    low = AttributedLow(
        window=LowWindow.EARLY, level=2, basis=LowBasis.SENSOR_EVENT, first=began, lowest=lowest,
        minutes_after_end=87, minutes_below=120,
    )  # fmt: skip
    scale = Scale(unit=Unit.MG_DL, low=70, high=180)
    lone = replace(low, lowest=began)
    assert low_lines([replace(each, lows=(low, lone))], scale) == (
        "Mon 2 Mar 2026 18:00: began 1 h 27 min after the end, lowest 47 mg/dL at 20:57",
        "Mon 2 Mar 2026 18:00: 65 mg/dL at 19:57, 1 h 27 min after the end",
    )


def test_one_session_is_told_in_the_singular(make_facts: MakeFacts) -> None:
    said = content(make_facts("one-session"))["summary"]
    assert "Glucose before and after the one session differs by no more than meter error." in said
    assert not any("1 of 1" in sentence or "1 days" in sentence or "1 sessions" in sentence for sentence in said)
