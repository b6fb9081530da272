"""The page of figures against the bench that writes it, and the bench against the scorer."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

FOLDER = "uom_events"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_watch_bench", Path(__file__).with_name("score_watch_bench.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


bench = _load()


def tables(text: str) -> list[list[list[str]]]:
    """The Markdown tables of a page as rows of cells, without the rule under the header."""
    found: list[list[list[str]]] = []
    previous = ""
    for line in text.splitlines():
        if line.startswith("|"):
            if not previous.startswith("|"):
                found.append([])
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        previous = line
    return [[row for row in table if not set("".join(row)) <= {"-"}] for table in found]


def page() -> str:
    return str(bench.PAGE.read_text())


def ours() -> list[str]:
    (row,) = [row for row in tables(page())[0] if row[0] == "**glucolog**"]
    return row


def test_the_page_says_what_the_figures_are_of() -> None:
    text = page()
    assert "Exercise stands in for massage" in text
    assert "These figures flatter the watch." in text
    assert re.search(r"\{\w+\}", text) is None


def test_the_page_holds_every_baseline_and_every_horizon() -> None:
    alarms, by_sensor, matched, risk = tables(page())
    assert len(alarms) == 1 + 8 + 1
    assert len(by_sensor) == 1 + len(bench.SENSORS)
    assert len(matched) > 1
    assert [row[0] for row in risk[1:]] == [f"{horizon} min" for horizon in bench.HORIZONS_MIN]


def test_the_shipped_skill_is_that_of_the_page() -> None:
    skill = [row[2] for row in tables(page())[3][1:]]
    assert skill == [
        str(bench.Estimate(one.auroc, one.auroc_low, one.auroc_high))
        for one in sys.modules["glucolog.core.evidence_risk"].RISK_MODELS
    ]


def test_auroc_by_hand() -> None:
    # pairs (low, none): .9>.1, .9>.5, .5>.1, .5=.5 → 3.5 of 4
    y, value = np.array([True, True, False, False]), np.array([0.9, 0.5, 0.1, 0.5])
    assert bench.auroc(y, value) == 3.5 / 4


def test_calibration_slope_is_one_where_outcomes_follow_the_probabilities() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(0.05, 0.95, 20_000)
    y = rng.uniform(size=len(p)) < p
    assert bench.calibration_slope(y, p) == pytest.approx(1, abs=0.05)
    assert bench.calibration_slope(y, p**2 / (p**2 + (1 - p) ** 2)) == pytest.approx(0.5, abs=0.05)


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "data" / FOLDER


def test_the_page_is_what_the_watch_does(shared: Path, folder: Path) -> None:
    scorer = bench.load_scorer(shared / "tools" / "score_watch.py")
    sessions = bench.load_sessions(folder, scorer)
    scored = bench.score(sessions, [bench.alarm_times(one) for one in sessions])
    told, false = f"{bench.sensitivity(sessions, scored):.2f}", f"{scored.false.mean():.2f}"
    assert (told, false) == (ours()[1], ours()[4])


def test_the_bench_scores_as_the_scorer(shared: Path, folder: Path, tmp_path: Path) -> None:
    path = shared / "tools" / "score_watch.py"
    sessions = bench.load_sessions(folder, bench.load_scorer(path))
    times = [[0.0, 45.0, 90.0, 180.0] for _ in sessions]
    bench.write_alarms(tmp_path / "alarms.json", sessions, times)
    command = [sys.executable, str(path), str(folder), "--alarms", str(tmp_path / "alarms.json"), "--json"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    row = next(row for row in found["rows"] if row["rule"] == "ours")
    scored = bench.score(sessions, times)
    assert found["sessions"] == len(sessions)
    assert row["sens_lead15"] == pytest.approx(bench.sensitivity(sessions, scored))
    assert row["fa_per_session"] == pytest.approx(scored.false.mean())


@pytest.mark.slow
def test_the_whole_page_comes_out_again(shared: Path, folder: Path, tmp_path: Path) -> None:
    report, _ = bench.report_on(folder, shared / "tools" / "score_watch.py", tmp_path / "alarms.json")
    assert tables(bench.page(report, "today")) == tables(page())
