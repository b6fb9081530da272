"""The page of figures against the bench that writes it, and the bench against the scorer."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import cast

import numpy as np
import pytest

FOLDER = "uom_events"
FEW = frozenset({"2307", "2405"})
"""The two with the fewest sessions; the slow test replays everybody."""
RULE = "linear 20 min <70"


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


def test_the_page_says_what_the_figures_are_of() -> None:
    text = page()
    assert "Exercise stands in for massage" in text
    assert "These figures flatter the watch." in text
    assert re.search(r"\{\w+\}", text) is None


def test_the_page_holds_every_baseline_and_every_horizon() -> None:
    alarms, by_sensor, by_person, as_quiet, matched, risk = tables(page())
    assert len(alarms) == 1 + 8 + 1
    assert len(by_sensor) == 1 + len(bench.SENSORS)
    assert sum(int(row[1]) for row in by_person[1:]) == sum(int(row[1]) for row in by_sensor[1:])
    assert len(as_quiet) == len(matched) == 1 + 8
    assert [row[0] for row in risk[1:]] == [f"{horizon} min" for horizon in bench.HORIZONS_MIN]


def test_the_shipped_skill_is_that_of_the_page() -> None:
    skill = [row[2] for row in tables(page())[5][1:]]
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


@pytest.fixture(scope="module")
def scorer(shared: Path) -> ModuleType:
    return cast("ModuleType", bench.load_scorer(shared / "tools" / "score_watch.py"))


@pytest.fixture(scope="module")
def few(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sessions of two of its people."""
    made = tmp_path_factory.mktemp("few")
    for name in ("glucose.csv.gz", "bolus.csv", "carbs.csv"):
        (made / name).symlink_to(folder / name)
    header, *rows = (folder / "sessions.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    place = header.strip().split(",").index("person")
    own = [row for row in rows if row.strip().split(",")[place] in FEW]
    (made / "sessions.csv").write_text("".join([header, *own]), encoding="utf-8")
    return made


def test_the_page_is_what_the_watch_does(few: Path, scorer: ModuleType) -> None:
    sessions = bench.load_sessions(few, scorer)
    scored = bench.score(sessions, [bench.alarm_times(one) for one in sessions])
    (told,) = tables(bench.person_table(sessions, scored))
    assert told[1:] == [row for row in tables(page())[2] if row[0] in FEW]


def test_the_tables_of_the_page_agree() -> None:
    alarms, by_sensor, by_person, *_ = tables(page())
    n, lows, hits = (sum(int(row[column]) for row in by_person[1:]) for column in (1, 2, 3))
    false = sum(int(row[1]) * float(row[4]) for row in by_person[1:]) / n
    assert (n, lows) == tuple(sum(int(row[column]) for row in by_sensor[1:]) for column in (1, 2))
    assert f"{hits / lows:.2f}" == alarms[-1][1]
    assert false == pytest.approx(float(alarms[-1][4]), abs=0.01)


def test_the_bench_scores_as_the_scorer(
    few: Path, scorer: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sessions = bench.load_sessions(few, scorer)
    times = [[0.0, 45.0, 90.0, 180.0] for _ in sessions]
    bench.write_alarms(tmp_path / "alarms.json", sessions, times)
    monkeypatch.setattr(scorer, "RULES", {RULE: scorer.RULES[RULE]})
    monkeypatch.setattr(sys, "argv", ["score", str(few), "--alarms", str(tmp_path / "alarms.json"), "--json"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the scorer leaves closing its files to the collector
        scorer.main()
    found = json.loads(capsys.readouterr().out)
    assert found["sessions"] == len(sessions)
    scored = bench.baseline(sessions, scorer, RULE), bench.score(sessions, times)
    for row, own in zip(found["rows"], scored, strict=True):
        assert row["sens_lead15"] == pytest.approx(bench.sensitivity(sessions, own))
        assert row["fa_per_session"] == pytest.approx(own.false.mean())


@pytest.mark.slow
def test_the_whole_page_comes_out_again(shared: Path, folder: Path, tmp_path: Path) -> None:
    report, _ = bench.report_on(folder, shared / "tools" / "score_watch.py", tmp_path / "alarms.json")
    assert tables(bench.page(report, "today")) == tables(page())
