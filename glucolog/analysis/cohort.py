"""One person of a cohort: the kernel that a loop, a pool or a cluster maps over shards, unchanged.

It is the same function of the same columns as for a single person. A row is flat and plain (numbers, words, None), so
that it travels between processes and into any table; a value that can't be had is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from glucolog.analysis.effect import EffectResult, estimate_effect
from glucolog.analysis.episodes import Episodes
from glucolog.analysis.grades import Grade
from glucolog.analysis.metrics import ConsensusMetrics, consensus_metrics
from glucolog.analysis.outcomes import Outcome
from glucolog.analysis.plain import SCALARS
from glucolog.analysis.study import EffectInput
from glucolog.analysis.trace import GlucoseArrays
from glucolog.core.findings import Unassessed
from glucolog.core.lows import AttributedLow, LowWindow, attributed_lows, looked_at
from glucolog.core.moments import Moment
from glucolog.core.records import Activity, Carbs, Dose, Reading, Session, TargetSet
from glucolog.core.units import Censored, Glucose, Source, Unit

Value = int | float | str | None
Row = dict[str, Value]
Kernel = Callable[["CohortPerson"], Row]

DAYS_A_WEEK = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortPerson:
    """What a cohort holds of one person, under a label that names nobody. Sessions in any order, running ones too."""

    label: str
    zone: str
    target_set: TargetSet
    child: bool
    cgm: GlucoseArrays | None
    meter: GlucoseArrays | None
    sessions: tuple[Session, ...] = ()
    doses: tuple[Dose, ...] = ()
    carbs: tuple[Carbs, ...] = ()
    activities: tuple[Activity, ...] = ()

    @property
    def main(self) -> GlucoseArrays | None:
        """The sensor's readings where there are any, else the meter's."""
        return self.cgm if self.cgm is not None and len(self.cgm) else self.meter


def person_stats(person: CohortPerson) -> Row:
    """Return the consensus metrics and the counts of episodes, named as in `stats --json`."""
    if person.main is None:
        return {"person": person.label, "source": None, "n": 0}
    metrics = consensus_metrics(person.main, person.target_set)
    return {
        "person": person.label,
        "source": metrics.source.value,
        "n": metrics.n,
        "n_low": metrics.n_low,
        "n_high": metrics.n_high,
        **{name: _value(getattr(metrics, name)) for name in SCALARS},
        **_episode_counts(metrics),
        "targets_missed": _missed(metrics),
        "flags": " ".join(flag.name for flag in metrics.flags),
    }


def is_finished(session: Session) -> bool:
    """Whether a session has ended."""
    return session.end is not None


def person_effect(
    person: CohortPerson, outcome: Outcome = Outcome.CHANGE_120, takes: Callable[[Session], bool] = is_finished
) -> Row:
    """Return the person's own matched estimate, named as in `effect --json`; sessions not taken only occupy time."""
    result = estimate_effect(
        EffectInput(
            cgm=person.cgm,
            meter=person.meter,
            doses=person.doses,
            carbs=person.carbs,
            activities=person.activities,
            sessions=tuple(session for session in person.sessions if takes(session)),
            other_sessions=tuple(session for session in person.sessions if not takes(session)),
            zone=person.zone,
            outcome=outcome,
            child=person.child,
        ),
        main_only=True,
    )
    return {"person": person.label, "outcome": outcome.value, **{name: _plain(result, name) for name in EFFECT_VALUES}}


EFFECT_VALUES = (
    "source", "n_sessions", "n_matched", "n_unmatched", "n_controls", "n_naive", "naive_mg_dl", "estimate_mg_dl",
    "ci_low", "ci_high", "p_value", "grade", "reason",
)  # fmt: skip


def effect_of(row: Row) -> EffectResult:
    """Return a row of `person_effect` as a result without its sessions, for pooling."""
    values = {name: row[name] for name in EFFECT_VALUES}
    values["grade"] = Grade(str(row["grade"]))
    values["source"] = None if row["source"] is None else Source(str(row["source"]))
    kept: dict[str, object] = {**values, "outcome": Outcome(str(row["outcome"]))}
    return EffectResult(**kept, windows=(), outcomes=(), limitations=())  # type: ignore[arg-type]


def person_lows(person: CohortPerson) -> Row:
    """Count lows after finished sessions by when they began, as `review` lists them, and sessions with at least one."""
    finished = [session for session in person.sessions if session.end is not None]
    found = [attributed_lows(session, _readings_around(person, session)) for session in finished]
    lows = [low for after in found for low in after]
    with_low = sum(bool(after) for after in found)
    return {
        "person": person.label,
        "n_sessions": len(finished),
        "sessions_with_low": with_low,
        "sessions_with_low_percent": 100.0 * with_low / len(finished) if finished else None,
        "lows": len(lows),
        "lows_level_2": sum(low.level > 1 for low in lows),
        **{_WINDOW_KEYS[window]: _count(lows, window) for window in LowWindow},
    }


_WINDOW_KEYS = {LowWindow.EARLY: "lows_0_2_h", LowWindow.LATE: "lows_2_6_h", LowWindow.NIGHT: "lows_overnight"}


def _count(lows: list[AttributedLow], window: LowWindow) -> int:
    return sum(low.window is window for low in lows)


def _readings_around(person: CohortPerson, session: Session) -> Iterator[Reading]:
    first, last = looked_at(session)
    for arrays in (person.cgm, person.meter):
        if arrays is not None:
            yield from _readings(person, arrays, first.epoch_s, last.epoch_s)


def _readings(person: CohortPerson, arrays: GlucoseArrays, since_s: int, until_s: int) -> Iterator[Reading]:
    first, end = np.searchsorted(arrays.at_s, [since_s, until_s + 1]).tolist()
    for place in range(first, end):
        unit = Unit.MMOL_L if arrays.is_mmol_l[place] else Unit.MG_DL
        side = (None, Censored.HIGH, Censored.LOW)[int(arrays.censored[place])]
        yield Reading(
            id=str(place),
            person_id=person.label,
            at=Moment(int(arrays.at_s[place]), person.zone),
            glucose=Glucose(float(arrays.amount[place]), unit, side),
            source=arrays.source,
        )


def _episode_counts(metrics: ConsensusMetrics) -> Row:
    found = metrics.episodes
    names = ("hypo_level_1", "hypo_level_2", "hypo_extended", "hyper_level_1", "hyper_level_2", "hyper_extended")
    if not isinstance(found, Episodes):
        return dict.fromkeys((*names, "hypo_level_1_a_week", "hypo_level_2_a_week"))
    counts: Row = {name: len(getattr(found, name)) for name in names}
    return {**counts, **{f"{name}_a_week": _a_week(len(getattr(found, name)), metrics) for name in names[:2]}}


def _missed(metrics: ConsensusMetrics) -> str | None:
    """Return the zones of the goals of the person's own target set that were not met, parted by spaces."""
    if isinstance(metrics.targets, Unassessed):
        return None
    return " ".join(target.goal.zone.key for target in metrics.targets if not target.met)


def _a_week(count: int, metrics: ConsensusMetrics) -> float | None:
    """Return events a week of time that the sensor read."""
    days, active = metrics.days, metrics.percent_active
    if isinstance(days, Unassessed) or isinstance(active, Unassessed) or not days * active:
        return None
    return count / (days * active / 100.0) * DAYS_A_WEEK


def _value(value: float | Unassessed) -> float | None:
    return None if isinstance(value, Unassessed) else value


def _plain(result: EffectResult, name: str) -> Value:
    value: Value = getattr(result, name)
    return str(value) if isinstance(value, str) else value
