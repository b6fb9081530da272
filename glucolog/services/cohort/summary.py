"""What a run says about the group: distributions, the funnel of who needs a look, the pooled estimate – all guarded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from glucolog.analysis.cohort import Row, effect_of
from glucolog.analysis.pooled import PersonEffect, PooledResult, pool
from glucolog.analysis.small_cells import Distribution, Group, Guard, Step, distribution, funnel
from glucolog.core.citations import CITATIONS
from glucolog.core.evidence import REPORT_ACTIVE_PERCENT, REPORT_DAYS, SMALL_CELL_PEOPLE
from glucolog.core.wording import cohort as words
from glucolog.services.cohort.running import CohortRun, Failure
from glucolog.services.cohort.work import Question

Test = Callable[[Row], bool]

MEASURES: dict[Question, tuple[str, ...]] = {
    Question.STATS: (
        "mean_mg_dl", "cv_percent", "tir_70_180_percent", "below_70_percent", "below_54_percent", "above_180_percent",
        "gri", "hypo_level_1_a_week", "hypo_level_2_a_week",
    ),
    Question.EFFECT: ("estimate_mg_dl",),
    Question.LOWS: ("sessions_with_low_percent",),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The group in numbers that point at nobody; `people` is None, and the rest empty, when it is too small."""

    question: Question
    people: int | None
    measures: tuple[Distribution, ...]
    funnel: tuple[Step, ...]
    pooled: PooledResult | None
    failed: tuple[Failure, ...]
    notes: tuple[str, ...]


def summarise(run: CohortRun) -> Summary:
    """Summarise a run. What failed is left out of every number and named."""
    question, rows = run.task.question, run.rows
    shown = len(rows) >= SMALL_CELL_PEOPLE
    guard = _guarded(run)
    steps = _funnel(question, rows, guard) if shown else ()
    measures = tuple(_measure(name, rows, guard) for name in MEASURES[question]) if shown else ()
    pools = question is Question.EFFECT and bool(measures) and measures[0].people is not None
    return Summary(
        question=question,
        people=len(rows) if shown else None,
        measures=measures,
        funnel=steps,
        pooled=_pooled(rows) if pools else None,
        failed=run.failed,
        notes=tuple(_notes(run, shown=shown)),
    )


def _measure(name: str, rows: Sequence[Row], guard: Guard) -> Distribution:
    values = [row.get(name) for row in rows]
    return distribution(name, [None if value is None else float(value) for value in values], guard)


def _pooled(rows: Sequence[Row]) -> PooledResult:
    return pool(tuple(PersonEffect(label=str(row["person"]), effect=effect_of(row)) for row in rows))


def _funnel(question: Question, rows: Sequence[Row], guard: Guard) -> tuple[Step, ...]:
    return funnel(_steps(question, rows), guard)


def _steps(question: Question, rows: Sequence[Row]) -> list[tuple[str, Group]]:
    left: Group = np.ones(len(rows), dtype=np.bool_)
    steps = [(question.value, left)]
    for name, test in _TESTS[question]:
        left = left & np.array([test(row) for row in rows], dtype=np.bool_)
        steps.append((name, left))
    return steps


def _guarded(run: CohortRun) -> Guard:
    """Return a guard that has counted what earlier answers told of these people, as it was told then."""
    guard = Guard(len(run.rows))
    labels = [str(row["person"]) for row in run.rows]
    for answer in run.before:
        if all(label in answer for label in labels):
            _funnel(run.task.question, [answer[label] for label in labels], guard)
    return guard


def _at_least(name: str, least: float) -> Test:
    return lambda row: float(row.get(name) or 0.0) >= least


def _has_enough(row: Row) -> bool:
    return _at_least("days", REPORT_DAYS.value)(row) and _at_least("percent_active", REPORT_ACTIVE_PERCENT.value)(row)


def _often_low(row: Row) -> bool:
    return any(zone.startswith("below_") for zone in str(row.get("targets_missed") or "").split())


_TESTS: dict[Question, tuple[tuple[str, Test], ...]] = {
    Question.STATS: (("enough", _has_enough), ("often_low", _often_low), ("extended", _at_least("hypo_extended", 1))),
    Question.EFFECT: (
        ("sessions", _at_least("n_sessions", 1)),
        ("matched", _at_least("n_matched", 1)),
        ("estimated", lambda row: row["estimate_mg_dl"] is not None),
    ),
    Question.LOWS: (
        ("sessions", _at_least("n_sessions", 1)),
        ("after", _at_least("lows", 1)),
        ("deep", _at_least("lows_level_2", 1)),
    ),
}


def _notes(run: CohortRun, *, shown: bool) -> list[str]:
    small = not shown and (run.rows or not run.failed)
    notes = [words.TOO_SMALL.format(limit=SMALL_CELL_PEOPLE)] if small else []
    source = CITATIONS["cms-small-cells"].label
    notes.append(words.GUARDED.format(most=SMALL_CELL_PEOPLE - 1, source=source))
    notes += [words.BESIDE] if run.before else []
    notes.append(words.SHIFTED if run.cohort.dates_shifted else words.DATES_KEPT)
    if run.task.question is Question.EFFECT:
        chosen = run.task.choice.words
        notes += [words.CHOSEN.format(words=chosen)] if chosen else []
        notes.append(words.ASSOCIATION)
    return notes
