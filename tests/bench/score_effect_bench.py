"""Score the effect of sessions against a simulator's exact counterfactuals.

usage: score_effect_bench.py FOLDER [--scorer score_effect.py] [--out RESULTS.json] [--write]

FOLDER holds cgm.csv.gz, bolus.csv.gz, carbs.csv.gz and sessions.csv in the layout of the reference simulation. Each
arm becomes a log file and each person of it a person of that log; readings, doses and carbs come in through the
importer of `glucolog import`, and the logs are asked by the service of `glucolog effect` and `glucolog effect --all`.
Of the tables only `cgm_mgdl`, boluses, `carbs_g_logged` and the sessions' start and length are read: every other
column is the answer. Prints the scorer's table; `--write` also puts it into help/effect.md.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from glucolog.analysis.effect import EffectResult
from glucolog.analysis.outcomes import Outcome
from glucolog.analysis.pooled import PooledResult
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Session, Therapy
from glucolog.core.units import Unit
from glucolog.services.choice import Choice
from glucolog.services.effect import effect_of_everyone
from glucolog.services.identity import Call, new_id
from glucolog.services.importing import Request, import_file
from glucolog.services.looking import settle_range
from glucolog.services.opening import opened
from glucolog.services.people import add
from glucolog.services.profile import Profile, create

ZONE = "UTC"
DAY_MIN = 24 * 60
TODAY = date(2100, 1, 1)
LATER_S = 4_102_444_800
"""The range asked about ends here, after every record."""
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


def read_tables(folder: Path, only: Container[Key] | None = None) -> dict[Key, Tables]:
    """Read the allowed columns of the four tables, by (arm, person); `only` these where they are named."""
    tables: dict[Key, Tables] = defaultdict(Tables)
    for key, at_s, minutes in _rows(folder / "sessions.csv", "start", "duration_min", only):
        tables[key].sessions.append((at_s, float(minutes)))
    for key, at_s, units in _rows(folder / "bolus.csv.gz", "time", "units", only):
        tables[key].doses.append((at_s, float(units)))
    for key, at_s, grams in _rows(folder / "carbs.csv.gz", "time", "carbs_g_logged", only):
        tables[key].carbs.append((at_s, float(grams or 0)))
    for key, at_s, mg_dl in _rows(folder / "cgm.csv.gz", "time", "cgm_mgdl", only):
        if mg_dl:
            tables[key].at_s.append(at_s)
            tables[key].mg_dl.append(float(mg_dl))
    return dict(sorted(tables.items()))


def fill(target: Path, people: dict[str, Tables]) -> None:
    """Make a log of these people at `target`: each one's tables come in as `glucolog import` brings in a CSV."""
    with opened(str(target), create=True) as log:
        for name, tables in people.items():
            now = Moment(max(tables.at_s), ZONE).plus(minutes=DAY_MIN)
            person = create(Profile(name=name, unit=Unit.MG_DL, zone=ZONE, therapy=Therapy.MDI), new_id(), today=TODAY)
            add(log, person, _call(now))
            source = target.with_suffix(".csv")
            write_generic(source, tables)
            done = import_file(log, person, str(source), Request(format_name="generic"), _call(now), _quiet)
            if done.rejected:
                raise SystemExit(f"{name}: {len(done.rejected)} rows were rejected, first {done.rejected[0]}")
            with log.write(uid=new_id(), summary="sessions", person_id=person.id, at=now) as writer:
                for at_s, minutes in tables.sessions:
                    writer.add(_session(person, Moment(at_s, ZONE), minutes))


def write_generic(path: Path, tables: Tables) -> None:
    """Write readings, doses and carbs as the generic CSV of `glucolog help import`."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(("time", "glucose_mg_dl", "source", "insulin_units", "insulin", "carbs_g"))
        rows.writerows(
            (_stamp(at), f"{mg_dl:g}", "cgm", "", "", "") for at, mg_dl in zip(tables.at_s, tables.mg_dl, strict=True)
        )
        rows.writerows((_stamp(at), "", "", units, "rapid", "") for at, units in tables.doses if units > 0)
        rows.writerows((_stamp(at), "", "", "", "", grams) for at, grams in tables.carbs if grams > 0)


def ask(target: Path) -> PooledResult:
    """Ask as `glucolog effect --all` does: everyone of the log by themselves, then together."""
    with opened(str(target)) as log:
        now = Moment(LATER_S, ZONE)
        return effect_of_everyone(
            log, lambda person: settle_range(log, person, None, None, now), Choice(), Outcome.CHANGE_120, now
        )


def run_all(tables: dict[Key, Tables], folder: Path) -> dict[str, PooledResult]:
    """Make a log for each arm in `folder`, with everyone who has sessions there, and ask it."""
    arms: dict[str, dict[str, Tables]] = defaultdict(dict)
    for (arm, person), rows in tables.items():
        if rows.sessions:
            arms[arm][person] = rows
    return {arm: _asked(folder / f"{arm}.db", people) for arm, people in arms.items()}


def as_json(pooled: dict[str, PooledResult]) -> dict[str, dict[str, object]]:
    """Lay out estimates as the scorer reads them."""
    answers: dict[str, EffectResult | PooledResult] = {f"{arm}|*": result for arm, result in pooled.items()}
    answers |= {f"{arm}|{one.label}": one.effect for arm, result in pooled.items() for one in result.people}
    return {
        key: {
            "estimate_mg_dl": answer.estimate_mg_dl,
            "ci_low": answer.ci_low,
            "ci_high": answer.ci_high,
            "n_sessions": answer.n_sessions,
            "n_matched": answer.n_matched,
            "grade": answer.grade,
            "reason": answer.reason,
        }
        for key, answer in sorted(answers.items())
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
    with tempfile.TemporaryDirectory() as logs:
        results = run_all(read_tables(asked.folder), Path(logs))
    asked.out.write_text(json.dumps(as_json(results), indent=1), encoding="utf-8")
    table = scored(asked.scorer or asked.folder.parents[1] / "tools" / "score_effect.py", asked.folder, asked.out)
    sys.stdout.write(table)
    if asked.write:
        write_table(HELP_PAGE, table)


def _rows(path: Path, time: str, value: str, only: Container[Key] | None) -> Iterator[tuple[Key, int, str]]:
    """Yield arm and person, seconds UTC and one value of each row, nothing else of it."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    rows = csv.reader(text.splitlines())
    header = next(rows)
    arm, person, at, found = (header.index(name) for name in ("arm", "patient", time, value))
    for row in rows:
        key = row[arm], row[person]
        if only is None or key in only:
            yield key, _seconds(row[at]), row[found]


def _asked(target: Path, people: dict[str, Tables]) -> PooledResult:
    fill(target, people)
    return ask(target)


def _session(person: Person, start: Moment, minutes: float) -> Session:
    return Session(id=new_id(), person_id=person.id, start=start, end=start.plus(minutes=minutes))


def _call(now: Moment) -> Call:
    return Call(now=now, uid=new_id())


def _quiet(_done: int, _total: int) -> None:
    """Say nothing of the progress."""


@cache
def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@cache
def _stamp(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")


if __name__ == "__main__":
    main(sys.argv[1:])
