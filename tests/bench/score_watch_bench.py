"""Replay every session of an event folder through the watch, score alarms and start-time risk, print and publish.

    python tests/bench/score_watch_bench.py FOLDER [--scorer score_watch.py] [--alarms OUT.json] [--write] [--refit]

FOLDER holds sessions.csv, glucose.csv.gz, bolus.csv and carbs.csv with minutes from the start. The scorer's own
functions decide what is eligible and when a low begins, and the scorer itself prints the alarms beside its baselines.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import subprocess
import sys
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from glucolog.core import evidence_watch
from glucolog.core.findings import Unassessed
from glucolog.core.records import InsulinKind
from glucolog.core.risk import LowRisk, RiskFeatures, features_at, low_risk
from glucolog.core.units import Glucose, Unit
from glucolog.core.watch import (
    AlarmKind,
    CarbsEaten,
    DoseTaken,
    Event,
    GlucoseSeen,
    Watch,
    WatchFacts,
    concerns,
    replay,
)
from glucolog.core.watch.concerns import Situation
from glucolog.core.watch.memory import Memory
from glucolog.core.watch.trend import Trend
from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]
SCORER = ROOT.parent / "shared" / "tools" / "score_watch.py"
PAGE = ROOT / "glucolog" / "help" / "accuracy.md"
COUNTED = frozenset(AlarmKind) - {AlarmKind.NO_DATA}
HORIZONS_MIN = 30, 60, 120
N_BOOTSTRAP = 2000
TARGET_FALSE_PER_SESSION = 0.60
RIDGE = 5.0
LINES_MIN = 15, 30, 60
KEPT = DoseTaken(at_min=-720.0, units=0.0, kind=InsulinKind.RAPID)
"""Takes the extract at its word, as its own `iob` column does: no bolus in the 6 h before is none on board."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session as the scorer sees it: its onsets (minutes), its 5-min grid, and our events."""

    name: str
    person: str
    raw: Floats
    grid: Floats
    onsets: tuple[int, ...]
    first: int | None
    events: tuple[Event, ...]
    facts: WatchFacts


@dataclass(frozen=True, slots=True)
class Scored:
    """Per session: whether the first onset had an alarm 15 to 60 min before, and how many false alarms there were."""

    hits: Bools
    false: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval from the bootstrap over people."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def load_scorer(path: Path) -> ModuleType:
    """Import the scorer from its file."""
    spec = importlib.util.spec_from_file_location("score_watch", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_sessions(folder: Path, scorer: ModuleType) -> list[Session]:
    """Return the eligible sessions of a folder, by the scorer's rule."""
    with warnings.catch_warnings():
        # the scorer leaves closing its files to the collector
        warnings.simplefilter("ignore", ResourceWarning)
        rows, raw = scorer.load(str(folder))
    doses, carbs = _by_session(folder / "bolus.csv", "units"), _by_session(folder / "carbs.csv", "carbs_g")
    found = (_session(row, raw.get(row["session"]), doses, carbs, scorer) for row in rows)
    return [session for session in found if session is not None]


def _by_session(path: Path, column: str) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    if path.exists():
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                found[row["session"]].append((float(row["rel_min"]), float(row[column])))
    return found


def _session(
    row: dict[str, str],
    raw: Floats | None,
    doses: dict[str, list[tuple[float, float]]],
    carbs: dict[str, list[tuple[float, float]]],
    scorer: ModuleType,
) -> Session | None:
    if raw is None or row["low_at_start"] != "0":
        return None
    start, (_, grid) = scorer.features(raw, 0), scorer.grid(raw, 0, 300)
    if start is None or start[0] < 70 or np.isnan(grid[:49]).mean() > 0.20:
        return None
    known = np.where(np.isnan(grid), 999, grid)
    onsets = [5 * j for j in range(1, len(known) - 2) if (known[j : j + 3] < 70).all() and known[j - 1] >= 70]
    name = row["session"]
    return Session(
        name=name,
        person=row["person"],
        raw=raw,
        grid=known,
        onsets=tuple(onsets),
        first=onsets[0] if onsets and onsets[0] <= 240 else None,
        events=_events(raw, doses.get(name, []), carbs.get(name, [])),
        facts=WatchFacts(session_start_min=0.0, from_min=0.0),
    )


def _events(
    raw: Floats, doses: Iterable[tuple[float, float]], carbs: Iterable[tuple[float, float]]
) -> tuple[Event, ...]:
    return (
        *(GlucoseSeen(at_min=t, glucose=Glucose(amount, Unit.MG_DL)) for t, amount in raw.tolist()),
        *(DoseTaken(at_min=t, units=units, kind=InsulinKind.RAPID) for t, units in doses),
        *(CarbsEaten(at_min=t, grams=grams) for t, grams in carbs),
    )


# alarms


def alarm_times(session: Session) -> list[float]:
    """Minutes of every alarm of the watch about glucose; `no_data` says nothing of it and is left out."""
    return [alarm.at_min for alarm in replay(session.events, session.facts) if alarm.kind in COUNTED]


def score(sessions: Sequence[Session], times: Sequence[Sequence[float]]) -> Scored:
    """Score alarms as the scorer does (a test holds the two against each other)."""
    kept = [[t for t in own if 0 <= t <= 240] for own in times]
    false = [sum(_is_false(session, t) for t in own) for session, own in zip(sessions, kept, strict=True)]
    hits = [
        session.first is not None and any(15 <= session.first - t <= 60 for t in own)
        for session, own in zip(sessions, kept, strict=True)
    ]
    return Scored(np.array(hits), np.array(false))


def _is_false(session: Session, t: float) -> bool:
    if any(0 <= onset - t <= 60 or 0 < t - onset <= 30 for onset in session.onsets):
        return False
    return bool(session.grid[min(round(t / 5), len(session.grid) - 1)] >= 70)


def sensitivity(sessions: Sequence[Session], scored: Scored, which: Bools | None = None) -> float:
    """Share of sessions with an onset that were told 15 to 60 min before it."""
    has_onset = np.array([session.first is not None for session in sessions])
    has_onset = has_onset if which is None else has_onset & which
    return float(scored.hits[has_onset].mean())


# choices tried leaving one person out


class _Recorder(Watch):
    """A watch that keeps the situations it judges."""

    def __init__(self, facts: WatchFacts) -> None:
        super().__init__(facts)
        self.seen: list[Situation] = []

    def _judge(self, now: Situation) -> tuple[Any, ...]:
        self.seen.append(now)
        return super()._judge(now)


def situations(session: Session) -> list[Situation]:
    """Every situation the watch judges in a session, in time order."""
    watch = _Recorder(session.facts)
    for event in sorted(session.events, key=lambda one: (one.at_min, isinstance(one, GlucoseSeen))):
        watch.feed(event)
    return watch.seen


@contextmanager
def numbers(**values: float) -> Iterator[None]:
    """Let the watch run with other numbers than its table's."""
    before = {name: getattr(evidence_watch, name) for name in values}
    for name, value in values.items():
        setattr(evidence_watch, name, replace(before[name], value=value))
    try:
        yield
    finally:
        for name, quantity in before.items():
            setattr(evidence_watch, name, quantity)


def rejudge(seen: Sequence[Situation], margin_mg_dl: float, session_scale: float) -> list[float]:
    """Alarm times of the situations again, with a margin on what is expected (positive is later, quieter).

    Carbs, which only time the repeats of a low, are not in it; no alarm before a low depends on them.
    """
    falls = [now.session_fall_mg_dl * session_scale - margin_mg_dl for now in seen]
    return judge([replace(now, session_fall_mg_dl=fall) for now, fall in zip(seen, falls, strict=True)])


def judge(seen: Iterable[Situation]) -> list[float]:
    """Alarm times of situations, told as the watch tells them."""
    memory, times = Memory(), []
    for now in seen:
        concern = concerns.loudest(now)
        memory.note(now, concern)
        if concern is not None and memory.may_tell(concern, now.reading.at_min):
            memory.mark_told(concern, now)
            times.append(now.reading.at_min)
    return times


MARGINS_MG_DL = tuple(float(m) for m in range(-40, 41))
COARSE_MARGINS_MG_DL = tuple(float(m) for m in range(-8, 9, 2))
OTHER_NUMBERS = tuple(product((20.0, 25.0, 30.0), (0.0, 10.0, 20.0), (0.0, 1.0)))
"""Horizon in min, fall a unit in mg/dL, session counted or not: what was tried beside the numbers in use."""


def try_margins(sessions: Sequence[Session], seen: Sequence[Sequence[Situation]]) -> list[Scored]:
    """The watch as it is, quieter and louder."""
    return [_with_margin(sessions, seen, margin) for margin in MARGINS_MG_DL]


def _with_margin(sessions: Sequence[Session], seen: Sequence[Sequence[Situation]], margin_mg_dl: float) -> Scored:
    with numbers(FAST_FALL_BAND_MG_DL=evidence_watch.FAST_FALL_BAND_MG_DL.value - margin_mg_dl):
        return score(sessions, [rejudge(own, margin_mg_dl, 1.0) for own in seen])


@dataclass(frozen=True, slots=True)
class _Straight(Trend):
    """A trend whose falls go on as a line."""

    def ahead_mg_dl(self, minutes: float) -> float:
        return self.mg_dl + minutes * self.rate_mg_dl_per_min


STRAIGHT_HORIZON_MIN = 20.0
"""A fall that goes on as a line is looked for a reading less far ahead."""


def try_straight(sessions: Sequence[Session]) -> list[Scored]:
    """The watch with falls that go on as a line, quieter and louder."""
    with numbers(HORIZON_MIN=STRAIGHT_HORIZON_MIN):
        seen = [[replace(now, trend=_straight(now.trend)) for now in situations(one)] for one in sessions]
        return try_margins(sessions, seen)


def _straight(trend: Trend) -> _Straight:
    return _Straight(**{field.name: getattr(trend, field.name) for field in fields(Trend)})


def try_all(sessions: Sequence[Session], seen: Sequence[Sequence[Situation]]) -> list[Scored]:
    """Every choice of numbers at a few margins."""
    tried = []
    for horizon, per_unit, scale in OTHER_NUMBERS:
        with numbers(HORIZON_MIN=horizon, FALL_PER_UNIT_MG_DL=per_unit):
            tried += [score(sessions, [rejudge(own, m, scale) for own in seen]) for m in COARSE_MARGINS_MG_DL]
    return tried


def try_hazard(sessions: Sequence[Session], seen: Sequence[Sequence[Situation]]) -> list[Scored]:
    """A fitted hazard in place of the estimate, each person left out of the fit that is used on them; 16 loudnesses."""
    rows = [(number, now) for number, own in enumerate(seen) for now in own]
    of = np.array([number for number, _ in rows])
    x = np.array([_hazard_features(now) for _, now in rows])
    y, counts = np.array([_begins_soon(sessions[number], now) for number, now in rows]).T.astype(bool)
    people = np.array([one.person for one in sessions])[of]
    logit = np.zeros(len(rows))
    for person in np.unique(people):
        own = people == person
        logit[own] = x[own] @ fit(x[~own & counts], y[~own & counts])
    by_session = [list(zip(own, logit[of == number], strict=True)) for number, own in enumerate(seen)]
    return [
        score(sessions, [judge([_expecting(now, bar - value) for now, value in own]) for own in by_session])
        for bar in np.arange(-4.5, -0.5, 0.25)
    ]


def _hazard_features(now: Situation) -> tuple[float, ...]:
    return (
        1.0,
        float(np.log(max(now.trend.mg_dl, 40.0) / 120)),
        now.trend.rate_mg_dl_per_min,
        float(np.sqrt(now.insulin_units)),
        now.session_fall_mg_dl,
    )


def _begins_soon(session: Session, now: Situation) -> tuple[bool, bool]:
    """Whether a low begins within 60 min, and whether the reading is one to learn from: not low, nor just after one."""
    ahead = [onset - now.reading.at_min for onset in session.onsets]
    settled = now.reading.glucose.mg_dl >= 70 and not any(-30 <= minutes < 0 for minutes in ahead)
    return any(0 <= minutes <= 60 for minutes in ahead), settled


def _expecting(now: Situation, over: float) -> Situation:
    """The situation as if ten mg/dL times `over` above what is told were expected."""
    wanted = evidence_watch.LOW.pair.mg_dl - evidence_watch.DOUBT_MG_DL.value + 10 * over
    return replace(now, session_fall_mg_dl=now.session_fall_mg_dl + now.expected_mg_dl - wanted)


def leave_one_out(sessions: Sequence[Session], tried: Sequence[Scored], allowed_false: float) -> Scored:
    """For each person the choice that did best on all others within the allowed false alarms per session."""
    people = np.array([session.person for session in sessions])
    hits, false = np.zeros(len(sessions), bool), np.zeros(len(sessions), np.int64)
    for person in np.unique(people):
        others = people != person
        best = max(tried, key=lambda one: _merit(sessions, one, others, allowed_false))
        hits[~others], false[~others] = best.hits[~others], best.false[~others]
    return Scored(hits, false)


def _merit(sessions: Sequence[Session], scored: Scored, which: Bools, allowed_false: float) -> tuple[bool, float]:
    false = scored.false[which].mean()
    is_allowed = bool(false <= allowed_false)
    return is_allowed, sensitivity(sessions, scored, which) if is_allowed else -float(false)


# risk at the start


def start_features(session: Session) -> RiskFeatures | Unassessed:
    """What the risk model sees at the start."""
    return features_at((KEPT, *session.events), 0.0, session.facts)


def fit(x: Floats, y: Bools, ridge: float = RIDGE) -> Floats:
    """Logistic regression with a ridge on standardised features, by Newton's method; column 0 is the intercept."""
    scale = np.concatenate([[1.0], x[:, 1:].std(0) + 1e-9])
    z, beta, penalty = x / scale, np.zeros(x.shape[1]), np.diag([1e-6] + [ridge] * (x.shape[1] - 1))
    for _ in range(50):
        p = 1 / (1 + np.exp(-z @ beta))
        step = np.linalg.solve((z * (p * (1 - p))[:, None]).T @ z + penalty, z.T @ (y - p) - penalty @ beta)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    return np.asarray(beta / scale, float)


def left_out_probability(x: Floats, y: Bools, people: NDArray[np.str_]) -> Floats:
    """Probability for each session from the fit on everyone else."""
    out = np.zeros(len(y))
    for person in np.unique(people):
        own = people == person
        out[own] = 1 / (1 + np.exp(-x[own] @ fit(x[~own], y[~own])))
    return out


def auroc(y: Bools, value: Floats) -> float:
    """Probability that a session with a low ranks above one without; ties count half."""
    _, inverse, counts = np.unique(value, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n_low = int(y.sum())
    if n_low in {0, len(y)}:
        return float("nan")
    return float((ranks[y].sum() - n_low * (n_low + 1) / 2) / (n_low * (len(y) - n_low)))


def calibration_slope(y: Bools, p: Floats) -> float:
    """Slope of the outcome on the logit of the probability: 1 is calibrated, under 1 too sure."""
    logit = np.log(p / (1 - p))
    return float(fit(np.column_stack([np.ones(len(p)), logit]), y, ridge=0.0)[1])


def brier(y: Bools, p: Floats) -> float:
    """Mean squared error of the probability."""
    return float(((p - y) ** 2).mean())


def over_people(people: NDArray[np.str_], figure: Callable[[NDArray[np.int64]], float]) -> Estimate:
    """A figure of sessions (given by index) with its interval from resampling people."""
    rng, names = np.random.default_rng(7), np.unique(people)
    rows = {name: np.flatnonzero(people == name) for name in names}
    drawn = [figure(np.concatenate([rows[name] for name in rng.choice(names, len(names))])) for _ in range(N_BOOTSTRAP)]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Estimate(figure(np.arange(len(people))), float(low), float(high))


# results


def alarm_rows(sessions: Sequence[Session], scored: Scored) -> tuple[Estimate, Estimate]:
    """Sensitivity with at least 15 min lead, and false alarms per session, each with its interval."""
    people = np.array([session.person for session in sessions])
    has_onset = np.array([session.first is not None for session in sessions])
    told = over_people(people, lambda rows: float(scored.hits[rows][has_onset[rows]].mean()))
    return told, over_people(people, lambda rows: float(scored.false[rows].mean()))


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRow:
    """Skill of the start-time risk at one horizon: left out, and as shipped, beside the baselines' AUROC."""

    horizon_min: int
    n_lows: int
    auroc: Estimate
    brier: Estimate
    slope: Estimate
    shipped_auroc: float
    shipped_brier: float
    glucose_auroc: float
    linear_auroc: float


@dataclass(frozen=True, slots=True)
class RiskData:
    """The sessions the model can speak of, as arrays."""

    sessions: list[Session]
    x: Floats
    people: NDArray[np.str_]

    def lows(self, horizon_min: int) -> Bools:
        """Whether a low began within the horizon."""
        return np.array([one.first is not None and one.first <= horizon_min for one in self.sessions])


def risk_data(sessions: Sequence[Session]) -> RiskData:
    """Features of every session that has them."""
    found = [(one, start_features(one)) for one in sessions]
    known = [(one, features) for one, features in found if isinstance(features, RiskFeatures)]
    return RiskData(
        [one for one, _ in known],
        np.array([features.vector for _, features in known]),
        np.array([one.person for one, _ in known]),
    )


def risk_row(data: RiskData, horizon_min: int, scorer: ModuleType) -> RiskRow:
    """Score one horizon."""
    y, people = data.lows(horizon_min), data.people
    p = left_out_probability(data.x, y, people)
    shipped = np.array([_shipped(one, horizon_min) for one in data.sessions])
    start = np.array([scorer.features(one.raw, 0) for one in data.sessions], float)
    lines = [start[:, 0] + minutes * np.nan_to_num(start[:, 1]) for minutes in LINES_MIN]
    return RiskRow(
        horizon_min=horizon_min,
        n_lows=int(y.sum()),
        auroc=over_people(people, lambda rows: auroc(y[rows], p[rows])),
        brier=over_people(people, lambda rows: brier(y[rows], p[rows])),
        slope=over_people(people, lambda rows: calibration_slope(y[rows], p[rows])),
        shipped_auroc=auroc(y, shipped),
        shipped_brier=brier(y, shipped),
        glucose_auroc=auroc(y, -start[:, 0]),
        linear_auroc=max(auroc(y, -line) for line in lines),
    )


def _shipped(session: Session, horizon_min: int) -> float:
    risk = low_risk((KEPT, *session.events), 0.0, session.facts).get(horizon_min)
    return risk.probability if isinstance(risk, LowRisk) else float("nan")


def refit(data: RiskData, rows: Sequence[RiskRow]) -> str:
    """The table of core/evidence_risk, fitted on this folder."""
    return "RISK_MODELS = (\n" + "".join(_model_source(data, row) for row in rows) + ")\n"


def _model_source(data: RiskData, row: RiskRow) -> str:
    y, rng, names = data.lows(row.horizon_min), np.random.default_rng(11), np.unique(data.people)
    own = {name: np.flatnonzero(data.people == name) for name in names}
    draws = []
    for _ in range(500):
        rows = np.concatenate([own[name] for name in rng.choice(names, len(names))])
        draws.append(fit(data.x[rows], y[rows]))
    covariance = np.cov(np.array(draws).T)
    fields = {
        "horizon_min": row.horizon_min,
        "coefficients": _rounded(fit(data.x, y)),
        "covariance": tuple(_rounded(one) for one in covariance),
        "auroc": round(row.auroc.value, 2),
        "auroc_low": round(row.auroc.low, 2),
        "auroc_high": round(row.auroc.high, 2),
        "n_sessions": len(y),
        "n_lows": row.n_lows,
        "n_people": len(names),
    }
    return "    RiskModel(\n" + "".join(f"        {name}={value!r},\n" for name, value in fields.items()) + "    ),\n"


def _rounded(values: Floats) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in values)


def run_scorer(scorer: Path, folder: Path, alarms: Path) -> dict[str, Any]:
    """The scorer's own output for our alarms, as JSON."""
    command = [sys.executable, str(scorer), str(folder), "--alarms", str(alarms), "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def write_alarms(path: Path, sessions: Sequence[Session], times: Sequence[Sequence[float]]) -> None:
    """The file the scorer takes."""
    path.write_text(json.dumps({one.name: own for one, own in zip(sessions, times, strict=True)}))


SENSORS = (("a reading every 1 to 7 min", 0.0), ("a reading every 8 to 20 min", 7.5))


def sensor_table(sessions: Sequence[Session], scored: Scored) -> str:
    """The watch by how often the sensor tells, as Markdown."""
    steps = np.array([np.median(np.diff(one.raw[:, 0])) for one in sessions])
    has_onset = np.array([session.first is not None for session in sessions])
    lines = [
        "| sensor | sessions | lows | sensitivity, lead ≥ 15 min | false alarms a session |",
        "|---|---|---|---|---|",
    ]
    for (name, over), under in zip(SENSORS, (SENSORS[1][1], np.inf), strict=True):
        own = (steps > over) & (steps <= under)
        lines.append(
            f"| {name} | {own.sum()} | {(own & has_onset).sum()} | {sensitivity(sessions, scored, own):.2f} "
            f"| {scored.false[own].mean():.2f} |"
        )
    return "\n".join(lines)


def person_table(sessions: Sequence[Session], scored: Scored) -> str:
    """The watch person by person, as Markdown."""
    people = np.array([session.person for session in sessions])
    has_onset = np.array([session.first is not None for session in sessions])
    lines = ["| person | sessions | lows | told, lead ≥ 15 min | false alarms a session |", "|---|---|---|---|---|"]
    lines += [
        f"| {name} | {own.sum()} | {(own & has_onset).sum()} | {(scored.hits & has_onset)[own].sum()} "
        f"| {scored.false[own].mean():.2f} |"
        for name in np.unique(people)
        for own in [people == name]
    ]
    return "\n".join(lines)


def alarm_table(found: dict[str, Any]) -> str:
    """The scorer's rows as Markdown."""
    lines = ["| rule | sensitivity, lead ≥ 15 min | sensitivity | median lead, min | false alarms a session |"]
    lines.append("|---|---|---|---|---|")
    for row in found["rows"]:
        name = "**glucolog**" if row["rule"] == "ours" else row["rule"].replace("<", "&lt; ")
        lead = "–" if row["median_lead"] is None else f"{row['median_lead']:g}"
        lines.append(
            f"| {name} | {row['sens_lead15']:.2f} | {row['sensitivity']:.2f} | {lead} | {row['fa_per_session']:.2f} |"
        )
    return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A baseline beside the watch at about its false alarms a session; `gain` is what the watch tells more."""

    rule: str
    false: float
    told: float
    our_false: float
    our_told: float
    gain: Estimate
    straight_told: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What the scorer's rules see at a reading: glucose, its slope, and the Kalman filter's level and rate."""

    at_min: float
    mg_dl: float
    slope: float
    filtered: Floats


def as_rules_see(session: Session, scorer: ModuleType) -> list[Seen]:
    """Every reading of a session at which the scorer's rules may alarm."""
    filtered = scorer.kalman(session.raw)
    found = [(float(t), scorer.features(session.raw, t)) for t in session.raw[:, 0] if 0 <= t <= 240]
    return [Seen(t, own[0], own[1], filtered[t]) for t, own in found if own and own[1] == own[1]]


def baseline(sessions: Sequence[Session], scorer: ModuleType, rule: str) -> Scored:
    """A baseline of the scorer session by session: at readings, not again within 30 min (a test holds it to it)."""
    return baseline_over(sessions, [as_rules_see(one, scorer) for one in sessions], scorer.RULES[rule], 0.0)


def baseline_over(
    sessions: Sequence[Session], seen: Sequence[Sequence[Seen]], is_alarm: Callable[..., bool], raised_mg_dl: float
) -> Scored:
    """A baseline with its limits on glucose raised by so much."""
    lower = np.array([raised_mg_dl, 0.0])
    return score(sessions, [_baseline_times(own, is_alarm, lower) for own in seen])


def _baseline_times(seen: Sequence[Seen], is_alarm: Callable[..., bool], lower: Floats) -> list[float]:
    times = [-99.0]
    for now in seen:
        if now.at_min - times[-1] >= 30 and is_alarm(now.mg_dl - lower[0], now.slope, now.filtered - lower):
            times.append(now.at_min)
    return times[1:]


def gain(sessions: Sequence[Session], one: Scored, other: Scored) -> Estimate:
    """What one tells more of the lows than another, with its interval over people, each held against itself."""
    people = np.array([session.person for session in sessions])
    has_onset = np.array([session.first is not None for session in sessions])
    more = one.hits.astype(float) - other.hits
    return over_people(people, lambda rows: float(more[rows][has_onset[rows]].mean()))


def matched(
    sessions: Sequence[Session], tried: Sequence[Scored], straight: Sequence[Scored], scorer: ModuleType
) -> list[Matched]:
    """Each baseline beside the watch made as quiet or as loud as it, the margin chosen without the person scored.

    So too for the watch with straight lines.
    """
    rows = []
    for rule in scorer.RULES:
        theirs = baseline(sessions, scorer, rule)
        false = float(theirs.false.mean())
        if _reached(tried, false):
            own = leave_one_out(sessions, tried, false)
            rows.append(
                Matched(
                    rule=rule.replace("<", "&lt; "),
                    false=false,
                    told=sensitivity(sessions, theirs),
                    our_false=float(own.false.mean()),
                    our_told=sensitivity(sessions, own),
                    gain=gain(sessions, own, theirs),
                    straight_told=sensitivity(sessions, leave_one_out(sessions, straight, false)),
                )
            )
    return rows


RAISED_MG_DL = tuple(float(m) for m in range(-30, 21))


@dataclass(frozen=True, slots=True, kw_only=True)
class AsQuiet:
    """A baseline made as quiet or as loud as the watch; `gain` is what the watch tells more."""

    rule: str
    false: float
    told: float
    gain: Estimate


def as_quiet(sessions: Sequence[Session], ours: Scored, scorer: ModuleType) -> list[AsQuiet]:
    """Each baseline made as quiet or as loud as the watch, its limit moved without the person scored."""
    seen = [as_rules_see(one, scorer) for one in sessions]
    rows = []
    for rule, is_alarm in scorer.RULES.items():
        moved = [baseline_over(sessions, seen, is_alarm, raised) for raised in RAISED_MG_DL]
        theirs = leave_one_out(sessions, moved, float(ours.false.mean()))
        rows.append(
            AsQuiet(
                rule=rule.replace("<", "&lt; "),
                false=float(theirs.false.mean()),
                told=sensitivity(sessions, theirs),
                gain=gain(sessions, ours, theirs),
            )
        )
    return rows


def as_quiet_table(rows: Sequence[AsQuiet]) -> str:
    """Those rows as Markdown."""
    lines = [
        "| rule, its limit moved | sensitivity | glucolog tells more | false alarms a session |",
        "|---|---|---|---|",
    ]
    lines += [f"| {row.rule} | {row.told:.2f} | {row.gain} | {row.false:.2f} |" for row in rows]
    return "\n".join(lines)


def matched_table(rows: Sequence[Matched]) -> str:
    """The matched rows as Markdown."""
    lines = [
        "| at the false alarms of | its sensitivity | glucolog's | more told | glucolog's false alarms "
        "| with straight lines |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.rule} ({row.false:.2f}) | {row.told:.2f} | {row.our_told:.2f} | {row.gain} | {row.our_false:.2f} "
        f"| {row.straight_told:.2f} |"
        for row in rows
    ]
    return "\n".join(lines)


def not_better(rows: Sequence[Matched]) -> str:
    """The rules that tell more than the watch or, to the two decimals shown, as much with no more false alarms."""
    names = [row.rule for row in rows if not _beats(row)]
    return "; ".join(names) or "none of them"


def _beats(row: Matched) -> bool:
    ours, theirs = f"{row.our_told:.2f}", f"{row.told:.2f}"
    return ours > theirs or (ours == theirs and f"{row.our_false:.2f}" < f"{row.false:.2f}")


def _reached(tried: Sequence[Scored], false: float) -> bool:
    rates = [one.false.mean() for one in tried]
    return bool(min(rates) <= false <= max(rates))


def risk_table(rows: Sequence[RiskRow]) -> str:
    """The risk rows as Markdown."""
    lines = [
        "| within | lows | AUROC, left out | glucose alone | best straight line | Brier | calibration slope |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.horizon_min} min | {row.n_lows} | {row.auroc} | {row.glucose_auroc:.2f} | {row.linear_auroc:.2f} "
        f"| {row.brier.value:.3f} ({row.brier.low:.3f} to {row.brier.high:.3f}) | {row.slope} |"
        for row in rows
    ]
    return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the page holds."""

    n_people: int
    found: dict[str, Any]
    told: Estimate
    false: Estimate
    nested_told: Estimate
    nested_false: Estimate
    hazard_told: Estimate
    hazard_false: Estimate
    left_out_told: Estimate
    left_out_false: Estimate
    straight_told: Estimate
    straight_false: Estimate
    slowing_gain: Estimate
    by_sensor: str
    by_person: str
    matched: list[Matched]
    as_quiet: list[AsQuiet]
    risk: list[RiskRow]
    n_assessed: int


def report_on(folder: Path, scorer_path: Path, alarms: Path) -> tuple[Report, RiskData]:
    """Run everything on a folder."""
    scorer = load_scorer(scorer_path)
    sessions = load_sessions(folder, scorer)
    times = [alarm_times(one) for one in sessions]
    write_alarms(alarms, sessions, times)
    found = run_scorer(scorer_path, folder, alarms)
    seen = [situations(one) for one in sessions]
    scored = score(sessions, times)
    told, false = alarm_rows(sessions, scored)
    nested = alarm_rows(sessions, leave_one_out(sessions, try_all(sessions, seen), TARGET_FALSE_PER_SESSION))
    hazard = alarm_rows(sessions, leave_one_out(sessions, try_hazard(sessions, seen), TARGET_FALSE_PER_SESSION))
    margins, straight = try_margins(sessions, seen), try_straight(sessions)
    left_out, straight_left_out = (
        leave_one_out(sessions, tried, TARGET_FALSE_PER_SESSION) for tried in (margins, straight)
    )
    left_out_rows, straight_rows = alarm_rows(sessions, left_out), alarm_rows(sessions, straight_left_out)
    data = risk_data(sessions)
    report = Report(
        n_people=len({one.person for one in sessions}),
        found=found,
        told=told,
        false=false,
        nested_told=nested[0],
        nested_false=nested[1],
        hazard_told=hazard[0],
        hazard_false=hazard[1],
        left_out_told=left_out_rows[0],
        left_out_false=left_out_rows[1],
        straight_told=straight_rows[0],
        straight_false=straight_rows[1],
        slowing_gain=gain(sessions, left_out, straight_left_out),
        by_sensor=sensor_table(sessions, scored),
        by_person=person_table(sessions, scored),
        matched=matched(sessions, margins, straight, scorer),
        as_quiet=as_quiet(sessions, scored, scorer),
        risk=[risk_row(data, horizon, scorer) for horizon in HORIZONS_MIN],
        n_assessed=len(data.sessions),
    )
    return report, data


def page(report: Report, on: str) -> str:
    """The help page."""
    template = Path(__file__).with_name("accuracy_page.md").read_text()
    return template.format(
        on=on,
        n_people=report.n_people,
        n_sessions=report.found["sessions"],
        n_onsets=report.found["onsets"],
        alarms=alarm_table(report.found),
        told=report.told,
        false=report.false,
        nested_told=report.nested_told,
        nested_false=report.nested_false,
        hazard_told=report.hazard_told,
        hazard_false=report.hazard_false,
        left_out_told=report.left_out_told,
        left_out_false=report.left_out_false,
        straight_told=report.straight_told,
        straight_false=report.straight_false,
        slowing_gain=report.slowing_gain,
        by_sensor=report.by_sensor,
        by_person=report.by_person,
        matched=matched_table(report.matched),
        not_better=not_better(report.matched),
        as_quiet=as_quiet_table(report.as_quiet),
        risk=risk_table(report.risk),
        n_assessed=report.n_assessed,
        shipped="; ".join(f"{row.horizon_min} min {row.shipped_auroc:.2f}" for row in report.risk),
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scorer", type=Path, default=SCORER)
    parser.add_argument("--alarms", type=Path, help="where to keep the alarms file")
    parser.add_argument("--write", action="store_true", help="write glucolog/help/accuracy.md")
    parser.add_argument("--refit", action="store_true", help="print the coefficients fitted on this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        alarms = options.alarms or Path(scratch) / "alarms.json"
        report, data = report_on(options.folder, options.scorer, alarms)
    text = page(report, f"{datetime.now(UTC):%Y-%m-%d}")
    print(text)
    if options.refit:
        print(refit(data, report.risk))
    if options.write:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
