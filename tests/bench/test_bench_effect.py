"""The effect of sessions held against the simulator's answer, in its short form, and against the clock.

The long form is `score_effect_bench.py`, whose table stands in help/effect.md.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from glucolog.analysis.effect import estimate_effect
from glucolog.analysis.study import EffectInput
from glucolog.analysis.trace import from_columns
from glucolog.core.moments import Moment
from glucolog.core.records import Carbs, Dose, InsulinKind, Session
from glucolog.core.units import Source
from tests.bench.cpu import cpu_seconds

START_S = 1_767_225_600
TWELVE_WEEKS = 84
LIMIT_S = 1.0


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "score_effect_bench", Path(__file__).with_name("score_effect_bench.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def a_log(days: int, n_sessions: int) -> EffectInput:
    """Sensor readings every 5 min, four meals with boluses a day, sessions spread over the days."""
    at_s = START_S + 300 * np.arange(days * 288)
    rng = np.random.default_rng(1)
    mg_dl = np.round(140 + 120 * np.convolve(rng.normal(size=at_s.size + 23), np.ones(24) / 24, mode="valid"))
    meals = [START_S + day * 86_400 + hour * 3600 + day * 40 for day in range(days) for hour in (7, 12, 18, 21)]
    starts = [START_S + int(day) * 86_400 + 15 * 3600 for day in np.linspace(1, days - 2, n_sessions)]
    return EffectInput(
        cgm=from_columns(
            source=Source.CGM,
            at_s=at_s,
            offset_s=np.zeros_like(at_s),
            amount=np.clip(mg_dl, 40, 400),
            is_mmol_l=np.zeros(at_s.size, dtype=np.bool_),
            censored=np.zeros(at_s.size, dtype=np.int8),
        ),
        meter=None,
        doses=tuple(
            Dose(id=f"d{at}", person_id="p", at=Moment(at, "UTC"), units=4 + at % 5, kind=InsulinKind.RAPID)
            for at in meals
        ),
        carbs=tuple(Carbs(id=f"c{at}", person_id="p", at=Moment(at, "UTC"), grams=40 + at % 30) for at in meals),
        sessions=tuple(
            Session(id=f"s{at}", person_id="p", start=Moment(at, "UTC"), end=Moment(at + 1800, "UTC")) for at in starts
        ),
        zone="Europe/Berlin",
    )


def test_twelve_weeks_with_forty_sessions_take_under_a_second() -> None:
    log = a_log(TWELVE_WEEKS, 40)
    assert cpu_seconds(lambda: estimate_effect(log), rounds=3) < LIMIT_S


@pytest.mark.slow
def test_time_grows_with_the_log_and_not_with_its_square() -> None:
    short, long = a_log(TWELVE_WEEKS, 40), a_log(4 * TWELVE_WEEKS, 160)
    pairs = [
        (cpu_seconds(lambda: estimate_effect(long)), cpu_seconds(lambda: estimate_effect(short))) for _ in range(3)
    ]
    assert min(slow / fast for slow, fast in pairs) < 12


def test_null_people_of_the_simulation_show_nothing(bench: ModuleType, shared: Path, tmp_path: Path) -> None:
    folder = shared / "data" / "sim"
    few = {("null_high", "adult#003"), ("null_postbolus", "adult#003"), ("null_postbolus", "adult#009")}
    results = bench.run_all(bench.read_tables(folder, few), tmp_path)
    answers = bench.as_json(results)
    assert len(answers) == len(few) + 2
    assert all(pooled.grade == "none" for pooled in results.values())  # two people are no pool
    for pooled in results.values():
        assert all(one.effect.ci_low <= 0 <= one.effect.ci_high for one in pooled.people)
    (tmp_path / "R.json").write_text(json.dumps(answers, allow_nan=False), encoding="utf-8")
    table = bench.scored(shared / "tools" / "score_effect.py", folder, tmp_path / "R.json")
    assert "null false positives 0/3" in table
    page = tmp_path / "page.md"
    page.write_text(f"above\n{bench.BEGIN}\nold\n{bench.END}\nbelow\n", encoding="utf-8")
    bench.write_table(page, table)
    written = page.read_text(encoding="utf-8")
    assert written.startswith("above\n")
    assert written.endswith("below\n")
    assert "null false positives 0/3" in written
    assert "old" not in written


def test_the_help_page_holds_a_table_within_the_targets(bench: ModuleType) -> None:
    last = next(line for line in bench.HELP_PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("all:"))
    parts = dict(zip(("coverage", "false", "pooled"), _fractions(last), strict=True))
    assert parts["coverage"][0] / parts["coverage"][1] >= 0.93
    assert parts["coverage"][1] >= 80
    assert parts["false"][0] / parts["false"][1] <= 0.05
    assert parts["pooled"][0] == parts["pooled"][1] == 9


def _fractions(line: str) -> list[tuple[int, int]]:
    words = [word.strip(";,") for word in line.split()]
    return [(int(word.split("/")[0]), int(word.split("/")[1])) for word in words if "/" in word]
