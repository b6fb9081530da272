"""Score the effect of sessions against a simulator's exact counterfactuals.

usage: score_effect_bench.py FOLDER [--scorer score_effect.py] [--out RESULTS.json] [--write]

FOLDER holds cgm.csv.gz, bolus.csv.gz, carbs.csv.gz and sessions.csv in the layout of the reference simulation. Each
arm × person becomes a log and goes through the very code behind `effect`; people are pooled by `pooled`. Of the
tables only `cgm_mgdl`, boluses, `carbs_g_logged` and the sessions' start and length are read: every other column is
the answer. Prints the scorer's table; `--write` also puts it into help/effect.md.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
from glucolog.analysis.effect import EffectResult, estimate_effect
from glucolog.analysis.pooled import PersonEffect, PooledResult, pool
from glucolog.analysis.study import EffectInput
from glucolog.analysis.trace import GlucoseArrays, from_columns
from glucolog.core.evidence import CGM_BOUNDS
from glucolog.core.moments import Moment
from glucolog.core.records import Carbs, Dose, InsulinKind, Session
from glucolog.core.units import Source

ZONE = "UTC"
HELP_PAGE = Path(__file__).parents[2] / "glucolog" / "help" / "effect.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
Key = tuple[str, str]


@dataclass(slots=True)
class Tables:
    """Rows of one arm × person, as the estimator may see them."""

    at_s: list[int] = field(default_factory=list)
    mg_dl: list[float] = field(default_factory=list)
    doses: list[tuple[int, float]] = field(default_factory=list)
    carbs: list[tuple[int, float]] = field(default_factory=list)
    sessions: list[tuple[int, float]] = field(default_factory=list)


def read_tables(folder: Path) -> dict[Key, Tables]:
    """Read the allowed columns of the four tables, by (arm, person)."""
    tables: dict[Key, Tables] = defaultdict(Tables)
    for key, at_s, minutes in _rows(folder / "sessions.csv", "start", "duration_min"):
        tables[key].sessions.append((at_s, float(minutes)))
    for key, at_s, units in _rows(folder / "bolus.csv.gz", "time", "units"):
        tables[key].doses.append((at_s, float(units)))
    for key, at_s, grams in _rows(folder / "carbs.csv.gz", "time", "carbs_g_logged"):
        tables[key].carbs.append((at_s, float(grams or 0)))
    for key, at_s, mg_dl in _rows(folder / "cgm.csv.gz", "time", "cgm_mgdl"):
        if mg_dl:
            tables[key].at_s.append(at_s)
            tables[key].mg_dl.append(float(mg_dl))
    return dict(sorted(tables.items()))


def as_log(tables: Tables) -> EffectInput:
    """Turn the rows into what a log would hand to the estimator; values beyond a sensor's span are LO and HI."""
    return EffectInput(
        cgm=_sensor(tables),
        meter=None,
        doses=tuple(
            Dose(id=f"d{at}", person_id="p", at=Moment(at_s, ZONE), units=units, kind=InsulinKind.RAPID)
            for at, (at_s, units) in enumerate(tables.doses)
        ),
        carbs=tuple(
            Carbs(id=f"c{at}", person_id="p", at=Moment(at_s, ZONE), grams=grams)
            for at, (at_s, grams) in enumerate(tables.carbs)
        ),
        sessions=tuple(
            Session(id=f"s{at}", person_id="p", start=Moment(at_s, ZONE), end=Moment(at_s, ZONE).plus(minutes=minutes))
            for at, (at_s, minutes) in enumerate(tables.sessions)
        ),
        zone=ZONE,
    )


def run_all(tables: dict[Key, Tables]) -> dict[Key, EffectResult]:
    """Estimate every arm × person that has sessions."""
    return {key: estimate_effect(as_log(rows)) for key, rows in tables.items() if rows.sessions}


def pool_arms(results: dict[Key, EffectResult]) -> dict[str, PooledResult]:
    """Pool the people of each arm."""
    arms: dict[str, list[PersonEffect]] = defaultdict(list)
    for (arm, person), result in results.items():
        arms[arm].append(PersonEffect(label=person, effect=result))
    return {arm: pool(tuple(people)) for arm, people in arms.items()}


def as_json(results: dict[Key, EffectResult], pooled: dict[str, PooledResult]) -> dict[str, object]:
    """Lay out estimates as the scorer reads them."""
    answers: dict[tuple[str, str], EffectResult | PooledResult] = {**results}
    answers |= {(arm, "*"): result for arm, result in pooled.items()}
    return {
        f"{arm}|{person}": {
            "estimate_mg_dl": answer.estimate_mg_dl,
            "ci_low": answer.ci_low,
            "ci_high": answer.ci_high,
            "n_sessions": answer.n_sessions,
            "n_matched": answer.n_matched,
            "grade": answer.grade,
            "reason": answer.reason,
        }
        for (arm, person), answer in sorted(answers.items())
    }


def scored(scorer: Path, folder: Path, results: Path) -> str:
    """Return the table the scorer prints."""
    done = subprocess.run([sys.executable, scorer, folder, results], capture_output=True, text=True, check=True)
    return done.stdout


def write_table(page: Path, table: str) -> None:
    """Put the table between its marks in the help page."""
    text = page.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    page.write_text(f"{head}{BEGIN}\n```text\n{table.rstrip()}\n```\n{END}{tail}", encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Run the bench from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scorer", type=Path, help="score_effect.py; by default ../../tools beside FOLDER")
    parser.add_argument("--out", type=Path, default=Path("RESULTS.json"))
    parser.add_argument("--write", action="store_true", help="put the table into help/effect.md")
    asked = parser.parse_args(arguments)
    results = run_all(read_tables(asked.folder))
    asked.out.write_text(json.dumps(as_json(results, pool_arms(results)), indent=1), encoding="utf-8")
    table = scored(asked.scorer or asked.folder.parents[1] / "tools" / "score_effect.py", asked.folder, asked.out)
    sys.stdout.write(table)
    if asked.write:
        write_table(HELP_PAGE, table)


def _rows(path: Path, time: str, value: str) -> Iterator[tuple[Key, int, str]]:
    """Yield arm and person, seconds UTC and one value of each row, nothing else of it."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    rows = csv.reader(text.splitlines())
    header = next(rows)
    arm, person, at, found = (header.index(name) for name in ("arm", "patient", time, value))
    for row in rows:
        yield (row[arm], row[person]), _seconds(row[at]), row[found]


@cache
def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def _sensor(tables: Tables) -> GlucoseArrays:
    low, high = (bound.mg_dl for bound in CGM_BOUNDS)
    typed = np.array(tables.mg_dl)
    sides = (typed > high).astype(np.int8) - (typed < low).astype(np.int8)
    at_s = np.array(tables.at_s, dtype=np.int64)
    return from_columns(
        source=Source.CGM,
        at_s=at_s,
        offset_s=np.zeros_like(at_s),
        amount=np.clip(typed, low, high),
        is_mmol_l=np.zeros(at_s.size, dtype=np.bool_),
        censored=sides.astype(np.int8),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
