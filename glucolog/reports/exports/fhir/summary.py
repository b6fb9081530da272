"""The summary of sensor readings after HL7's guide: a panel (LOINC 107931-8) and its members.

The guide's panel needs all of its members, and consensus needs 14 days with 70 % of readings (Battelino 2019). Where
the readings don't suffice, what can be had stands as plain observations that say why there is no panel.
"""

from __future__ import annotations

import uuid
from array import array
from collections.abc import Iterator
from typing import Any, NamedTuple

from glucolog.core.columns import Trace
from glucolog.core.findings import Unassessed
from glucolog.core.records import Person
from glucolog.core.units import MG_DL_PER_MMOL_L, Censored, Source, Unit
from glucolog.reports.exports.fhir.parts import (
    CGM_GUIDE,
    GLUCOSE_UNITS,
    LABORATORY,
    LOINC,
    Resource,
    coded,
    notes,
    observation,
    quantity,
    refer,
)
from glucolog.reports.exports.records import ExportRecords

PANEL = coded(LOINC, "107931-8", "Summary of sensor glucose")
DECIMALS = 2


class Member(NamedTuple):
    """One observation of the summary: the guide's profile, its code, and its value or components."""

    profile: str
    code: Resource
    value: Resource


class _Percent(NamedTuple):
    profile: str
    code: str
    text: str


_PERCENTS = {
    "gmi_percent": _Percent("cgm-summary-gmi", "97506-0", "Glucose management indicator"),
    "cv_percent": _Percent("cgm-summary-coefficient-of-variation", "104638-2", "Glucose coefficient of variation"),
    "percent_active": _Percent("cgm-summary-sensor-active-percentage", "104637-4", "Sensor active percentage"),
}
_RANGES = coded(LOINC, "106793-3", "Times in ranges")
_MEANS = {
    Unit.MG_DL: ("cgm-summary-mean-glucose-mass-per-volume", coded(LOINC, "97507-8", "Mean sensor glucose")),
    Unit.MMOL_L: ("cgm-summary-mean-glucose-moles-per-volume", coded(LOINC, "105273-7", "Mean sensor glucose")),
}
_DAYS = coded(LOINC, "104636-6", "Days of wear")
_COMPONENTS = (
    ("104642-4", "Time very low, below 54 mg/dL (3.0 mmol/L)"),
    ("104641-6", "Time low, 54 to below 70 mg/dL (3.0 to below 3.9 mmol/L)"),
    ("97510-2", "Time in range, 70 to 180 mg/dL (3.9 to 10.0 mmol/L)"),
    ("104640-8", "Time high, above 180 to 250 mg/dL (10.0 to 13.9 mmol/L)"),
    ("104639-0", "Time very high, above 250 mg/dL (13.9 mmol/L)"),
)
_MEMBERS_OF_PANEL = 6
"""Mean glucose, times in ranges, GMI, CV, days of wear, sensor active: the guide wants each of them."""


def summary(records: ExportRecords) -> Iterator[tuple[str, Resource]]:
    """Yield the panel, if the readings suffice for it, and its members; nothing without sensor readings."""
    from glucolog.analysis.metrics import consensus_metrics
    from glucolog.analysis.trace import glucose_arrays

    trace = _trace(records)
    if not len(trace):
        return
    metrics = consensus_metrics(glucose_arrays(trace), records.person.target_set)
    members = list(_members(metrics, records.person.unit))
    lacking = [flag.message for flag in metrics.flags if flag.name in {"too_few_days", "too_little_active"}]
    place = _Place(records.person, trace)
    if not lacking and len(members) == _MEMBERS_OF_PANEL:
        yield place.panel(members)
    for member in members:
        yield place.observation(member, lacking)


class _Place:
    """Whose summary it is, and of which days."""

    def __init__(self, person: Person, trace: Trace) -> None:
        self._person_id = person.id
        first, last = trace.moment(0).local_day, trace.moment(len(trace) - 1).local_day
        self._period = {"start": first.isoformat(), "end": last.isoformat()}

    def panel(self, members: list[Member]) -> tuple[str, Resource]:
        named = self._id("cgm-summary")
        meta = {"profile": [f"{CGM_GUIDE}/cgm-summary"]}
        parts = [refer(self._id(member.profile)) for member in members]
        return named, self._observation(named, PANEL, meta=meta, hasMember=parts)

    def observation(self, member: Member, lacking: list[str]) -> tuple[str, Resource]:
        named = self._id(member.profile)
        meta = None if lacking else {"profile": [f"{CGM_GUIDE}/{member.profile}"]}
        return named, self._observation(named, member.code, meta=meta, **member.value, **notes(*lacking))

    def _observation(self, named: str, code: Resource, **fields: Any) -> Resource:
        return observation(named, self._person_id, LABORATORY, code, None, effectivePeriod=self._period, **fields)

    def _id(self, profile: str) -> str:
        """The same summary of the same days has the same id in every export."""
        return str(uuid.uuid5(uuid.UUID(self._person_id), f"{profile}:{self._period['start']}:{self._period['end']}"))


def _members(metrics: Any, unit: Unit) -> Iterator[Member]:
    mean, days = metrics.mean_mg_dl, metrics.days
    if not isinstance(mean, Unassessed):
        profile, code = _MEANS[unit]
        amount = mean if unit is Unit.MG_DL else mean / MG_DL_PER_MMOL_L
        yield Member(profile, code, {"valueQuantity": quantity(amount, *GLUCOSE_UNITS[unit], DECIMALS)})
    if ranges := _ranges(metrics):
        yield Member("cgm-summary-times-in-ranges", _RANGES, {"component": ranges})
    for name, said in _PERCENTS.items():
        value = getattr(metrics, name)
        if not isinstance(value, Unassessed):
            code = coded(LOINC, said.code, said.text)
            yield Member(said.profile, code, {"valueQuantity": quantity(value, "%", "%", DECIMALS)})
    if not isinstance(days, Unassessed):
        yield Member("cgm-summary-days-of-wear", _DAYS, {"valueQuantity": quantity(days, "d", "days", DECIMALS)})


def _ranges(metrics: Any) -> list[Resource]:
    names = "below_54", "below_70", "tir_70_180", "above_180", "above_250"
    shares = [getattr(metrics, f"{name}_percent") for name in names]
    if any(isinstance(share, Unassessed) for share in shares):
        return []
    very_low, low, within, high, very_high = shares
    parts = (very_low, low - very_low, within, high - very_high, very_high)
    return [
        {"code": coded(LOINC, code, text), "valueQuantity": quantity(max(part, 0.0), "%", "%", DECIMALS)}
        for (code, text), part in zip(_COMPONENTS, parts, strict=True)
    ]


def _trace(records: ExportRecords) -> Trace:
    found = [reading for reading in records.readings if reading.source is Source.CGM]
    marks = {None: 0, Censored.LOW: -1, Censored.HIGH: 1}
    return Trace(
        source=Source.CGM,
        zone=found[-1].at.zone if found else records.person.zone,
        at_s=array("q", (reading.at.epoch_s for reading in found)),
        amount=array("d", (reading.glucose.amount for reading in found)),
        is_mmol_l=array("b", (reading.glucose.unit is Unit.MMOL_L for reading in found)),
        censored=array("b", (marks[reading.glucose.censored] for reading in found)),
    )
