"""What a report is made from: records of a period and what was computed of them. Services fill it."""

from __future__ import annotations

from dataclasses import dataclass

from glucolog.analysis.agp import AmbulatoryProfile
from glucolog.analysis.effect import EffectResult
from glucolog.analysis.factors import FactorsResult
from glucolog.analysis.metrics import ConsensusMetrics
from glucolog.core.change import SessionChange
from glucolog.core.columns import Trace
from glucolog.core.findings import Finding, Unassessed
from glucolog.core.lows import AttributedLow
from glucolog.core.moments import Moment
from glucolog.core.pairing import PairedReadings
from glucolog.core.records import Carbs, Dose, FootCheck, Person, Session, Symptom


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """One session with what the rules made of it. `lows_known` is false when too few readings follow it to tell."""

    session: Session
    paired: PairedReadings
    change: SessionChange
    findings: tuple[Finding, ...] = ()
    lows: tuple[AttributedLow, ...] = ()
    lows_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """The input of a report over [since, until) of one person, made at `made_at`.

    `sensor` and `meter` are the metrics of each source, None where it has no readings; `profile`, `effect` and
    `factors` are None when they were not computed. `versions` are (part, version) pairs.
    """

    person: Person
    since: Moment
    until: Moment
    made_at: Moment
    traces: tuple[Trace, ...] = ()
    sessions: tuple[Reviewed, ...] = ()
    doses: tuple[Dose, ...] = ()
    carbs: tuple[Carbs, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    foot_checks: tuple[FootCheck, ...] = ()
    sensor: ConsensusMetrics | None = None
    meter: ConsensusMetrics | None = None
    profile: AmbulatoryProfile | Unassessed | None = None
    effect: EffectResult | None = None
    factors: FactorsResult | None = None
    versions: tuple[tuple[str, str], ...] = ()
    made_up: bool = False
    deidentify: bool = False
