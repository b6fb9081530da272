"""What is said about a group: pooled as for people alone, withheld where it would point at somebody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from glucolog.analysis.cohort import Row
from glucolog.analysis.resampling import cluster_bootstrap_interval
from glucolog.core.units import round_half_up
from glucolog.core.wording import cohort as words
from glucolog.services.cohort.results import document, lines
from glucolog.services.cohort.running import CohortRun
from glucolog.services.cohort.shards import Cohort
from glucolog.services.cohort.summary import summarise
from glucolog.services.cohort.work import Question, Task
from numpy import array

COHORT = Cohort(folder=Path("nowhere"), dates_shifted=True, shards=())


def run_of(question: Question, rows: list[Row]) -> CohortRun:
    return CohortRun(cohort=COHORT, task=Task(question=question), rows=tuple(rows), failed=(), resumed=0)


def effect_row(number: int, estimate: float | None) -> Row:
    matched = 0 if estimate is None else 25
    return {
        "person": f"{number:04}", "outcome": "change_120", "source": "cgm", "n_sessions": 30, "n_matched": matched,
        "n_unmatched": 30 - matched, "n_controls": 200, "n_naive": 30, "naive_mg_dl": 20.0, "estimate_mg_dl": estimate,
        "ci_low": None if estimate is None else estimate - 0.001,
        "ci_high": None if estimate is None else estimate + 0.001,
        "p_value": 0.5, "grade": "none" if estimate is None else "estimate", "reason": "",
    }  # fmt: skip


def test_the_pooled_estimate_is_the_mean_of_people_with_the_bootstrap_of_people() -> None:
    estimates = [float(n) for n in range(12)]
    pooled = document(summarise(run_of(Question.EFFECT, [effect_row(n, e) for n, e in enumerate(estimates)])))["pooled"]
    assert pooled["estimate_mg_dl"] == 5.5
    expected = [float(round_half_up(end, 1)) for end in cluster_bootstrap_interval(array(estimates))]
    assert [pooled["ci_low"], pooled["ci_high"]] == expected
    assert (pooled["n_people"], pooled["n_estimated"], pooled["grade"]) == (12, 12, "estimate")


def test_an_estimate_of_ten_people_or_without_three_is_withheld() -> None:
    few = [effect_row(n, 1.0 if n < 10 else None) for n in range(30)]
    most = [effect_row(n, 1.0 if n < 27 else None) for n in range(30)]
    for rows in (few, most):
        found = summarise(run_of(Question.EFFECT, rows))
        assert found.pooled is None
        assert found.people == 30
        assert found.measures[0].people is None
        assert [step.people for step in found.funnel] == [30, 30, None, None]


def test_two_filters_whose_groups_differ_by_few_people_are_not_both_counted() -> None:
    def only(first: int) -> list[Row]:
        return [effect_row(n, 1.0 if n < first else None) | {"n_sessions": int(n < first)} for n in range(60)]

    for before, expected in (((), [60, 33, 33, 33]), ((by_label(only(30)),), [60, None, None, None])):
        found = summarise(replace(run_of(Question.EFFECT, only(33)), before=before))
        assert [step.people for step in found.funnel] == expected
        assert (found.pooled is None) == bool(before)
        assert (words.BESIDE in found.notes) == bool(before)


def by_label(rows: list[Row]) -> dict[str, Row]:
    return {str(row["person"]): row for row in rows}


def stats_row(number: int, *, days: float, missed: str = "", extended: int = 0) -> Row:
    return {
        "person": f"{number:04}", "days": days, "percent_active": 90.0, "targets_missed": missed,
        "hypo_extended": extended, "mean_mg_dl": 150.0,
    }  # fmt: skip


def test_the_funnel_counts_those_left_at_each_step() -> None:
    rows = [
        *(stats_row(n, days=13.9, missed="below_70") for n in range(20)),
        *(stats_row(n, days=14.0, missed="ge_70_le_180 above_180") for n in range(20, 50)),
        *(stats_row(n, days=90.0, missed="below_54") for n in range(50, 70)),
        *(stats_row(n, days=90.0, missed="below_70 below_54", extended=2) for n in range(70, 85)),
    ]
    found = summarise(run_of(Question.STATS, rows))
    assert [step.people for step in found.funnel] == [85, 65, 35, 15]
    assert lines(found)[1] == "with at least 14 days and 70 % of sensor time: 65"


def test_lows_go_by_people_with_sessions() -> None:
    rows: list[Row] = [
        {"person": f"{n:04}", "n_sessions": int(n >= 11), "lows": int(n >= 25), "lows_level_2": int(n >= 40)}
        for n in range(60)
    ]
    found = summarise(run_of(Question.LOWS, rows))
    assert [step.people for step in found.funnel] == [60, 49, 35, 20]
