"""Where hands, heat and water go, against where insulin and devices sit and what the feet showed that day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from glucolog.core import evidence
from glucolog.core.moments import Moment
from glucolog.core.records import Dose, FootCheck, InsulinKind, Person, SiteKind, Therapy
from glucolog.core.vocabulary import AREAS, BLOCKING_FOOT_FINDINGS, WARM_WATER, BodyArea, Pressure, Side

FOOT = "foot"
SENSATION_AREAS = frozenset({"foot", "calf", "knee", "thigh", "hand"})
"""Where peripheral neuropathy may have taken protective sensation."""
_LONG_KINDS = frozenset({InsulinKind.LONG, InsulinKind.MIXED, InsulinKind.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyCase:
    """What is done, or planned, to which areas, from `start` to `end`. None means "not said".

    While it is still to come (`is_ahead`), insulin that the person takes and the log does not hold counts as injected
    who knows where; afterwards the rules speak of what is in the log.
    """

    person: Person
    start: Moment
    end: Moment
    areas: tuple[BodyArea, ...] = ()
    tools: tuple[str, ...] = ()
    pressure: Pressure | None = None
    water_c: float | None = None
    lotion_between_toes: bool | None = None
    hands_washed: bool | None = None
    equipment_clean: bool | None = None
    doses: tuple[Dose, ...] = ()
    foot_checks: tuple[FootCheck, ...] = ()
    is_ahead: bool = False


class Conflict(StrEnum):
    """Why a place must be left alone."""

    BOLUS = "site-bolus"
    LONG = "site-long-acting"
    PUMP = "site-pump"
    SENSOR = "site-sensor"
    LIPO = "site-lipohypertrophy"
    FOOT = "foot-finding"


_SITE_CONFLICTS = {
    SiteKind.PUMP: Conflict.PUMP,
    SiteKind.SENSOR: Conflict.SENSOR,
    SiteKind.LIPOHYPERTROPHY: Conflict.LIPO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteConflict:
    """An injection, device or lipohypertrophy at `place`; `until` is when it ends, None when it lasts."""

    conflict: Conflict
    place: BodyArea
    dose: Dose | None = None
    until: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FootConflict:
    """A wound, blister, ulcer or hot swelling at a region of a foot that is, or would be, massaged."""

    place: BodyArea
    region: str
    finding: str


def sites_in_use(case: BodyCase) -> tuple[SiteConflict, ...]:
    """Return every known place to leave alone around `case.start`, whatever the areas.

    Insulin counts from 4 h (long-acting, mixed or unknown kind: 24 h) before the start, closed, to the end. For
    people who take no insulin only sensor sites are left.
    """
    day = case.start.local_day
    lasting = (
        SiteConflict(conflict=_SITE_CONFLICTS[site.kind], place=site.place)
        for site in case.person.sites
        if (site.since is None or site.since <= day) and (site.until is None or day <= site.until)
    )
    known = [*(c for dose in case.doses if (c := _injected(case, dose))), *lasting]
    if not case.person.takes_insulin:
        known = [conflict for conflict in known if conflict.conflict is Conflict.SENSOR]
    return tuple(sorted(known, key=lambda c: (c.conflict, c.place, c.until.epoch_s if c.until else 0)))


def site_conflicts(case: BodyCase) -> tuple[SiteConflict, ...]:
    """Return the sites in use that could lie in the massaged areas; a side that is not known counts as both."""
    return tuple(c for c in sites_in_use(case) if any(c.place.overlaps(area) for area in case.areas))


def site_unknown(case: BodyCase) -> bool:
    """Whether insulin may sit in the massaged areas with no known site: a recent dose, a pump, or one not logged.

    Only where insulin is commonly injected; where the areas are not said, a recent dose alone.
    """
    if not case.person.takes_insulin:
        return False
    if case.areas and not any(AREAS[area.area].injection_site for area in case.areas):
        return False
    if case.areas and (_pump_unknown(case) or (case.is_ahead and not _injections_logged(case))):
        return True
    return any(_in_use(case, dose) for dose in doses_without_site(case))


def doses_without_site(case: BodyCase) -> tuple[Dose, ...]:
    """Return the doses of which nobody said where they went in; a pump's went in at its site, where that is known."""
    pump_known = _pump_known(case)
    return tuple(dose for dose in case.doses if dose.site is None and not (dose.by_pump and pump_known))


def doses_by_pump_at(case: BodyCase) -> tuple[Dose, ...]:
    """Return what the pump delivered into the massaged areas: its doses, where its site lies in them."""
    here = any(conflict.conflict is Conflict.PUMP for conflict in site_conflicts(case))
    return tuple(dose for dose in case.doses if here and dose.by_pump and dose.site is None)


def foot_sides(areas: Iterable[BodyArea]) -> tuple[Side, ...]:
    """Return which feet are meant, left first; a side that is not known means both."""
    return tuple(
        side
        for side in (Side.LEFT, Side.RIGHT)
        if any(area.area == FOOT and area.overlaps(BodyArea(FOOT, side)) for area in areas)
    )


def foot_conflicts(case: BodyCase) -> tuple[FootConflict, ...]:
    """Return what blocks a region of the massaged feet: all that was seen of each side that local day.

    A later look adds to an earlier one and takes nothing back: nothing that blocks heals within a day, and what was
    noted by mistake can be taken out of the log.
    """
    found = {
        FootConflict(place=BodyArea(FOOT, side), region=seen.region, finding=seen.finding)
        for side in foot_sides(case.areas)
        for check in _checks_of(case, side)
        for seen in check.findings
        if seen.finding in BLOCKING_FOOT_FINDINGS and _covers(seen.side, side)
    }
    return tuple(sorted(found, key=lambda c: (c.place, c.region, c.finding)))


def feet_not_checked(case: BodyCase) -> tuple[Side, ...]:
    """Return the massaged feet that nobody looked at on the local day of the start."""
    return tuple(side for side in foot_sides(case.areas) if not _checks_of(case, side))


def lost_sensation(person: Person) -> bool:
    """Whether protective sensation is lost, or not known to be there with peripheral neuropathy."""
    if person.protective_sensation_lost is None:
        return "peripheral" in person.neuropathies
    return person.protective_sensation_lost


def may_not_feel_heat(person: Person) -> bool:
    """Whether heat may go unnoticed: protective sensation is lost, or nobody said that it is there."""
    return person.protective_sensation_lost is not False


def touches_numb_areas(case: BodyCase) -> bool:
    """Whether an area that may lack sensation is touched; areas that are not said count."""
    return not case.areas or any(area.area in SENSATION_AREAS for area in case.areas)


def uses_water(case: BodyCase) -> bool:
    """Whether warm water is part of it."""
    return case.water_c is not None or WARM_WATER in case.tools


def _pump_known(case: BodyCase) -> bool:
    return any(conflict.conflict is Conflict.PUMP for conflict in sites_in_use(case))


def _pump_unknown(case: BodyCase) -> bool:
    return case.person.therapy is Therapy.PUMP and not _pump_known(case)


def _injections_logged(case: BodyCase) -> bool:
    """Whether the log of the last day holds what this person injects: insulin that stands nowhere has no site."""
    person, by = case.person, [dose for dose in case.doses if _is_of_last_day(case, dose)]
    takes_long = person.therapy is Therapy.BASAL or any(one.kind is InsulinKind.LONG for one in person.insulins)
    if takes_long and not any(dose.kind in _LONG_KINDS for dose in by):
        return False
    return person.therapy is not Therapy.MDI or any(dose.kind is not InsulinKind.LONG for dose in by)


def _is_of_last_day(case: BodyCase, dose: Dose) -> bool:
    return dose.at <= case.end and case.start.minutes_since(dose.at) <= evidence.INSULIN_KNOWN_H.value * 60


def _injected(case: BodyCase, dose: Dose) -> SiteConflict | None:
    if dose.site is None or not _in_use(case, dose):
        return None
    long = dose.kind in _LONG_KINDS
    until = dose.at.plus(minutes=_site_hours(dose) * 60)
    return SiteConflict(conflict=Conflict.LONG if long else Conflict.BOLUS, place=dose.site, dose=dose, until=until)


def _site_hours(dose: Dose) -> float:
    return (evidence.LONG_SITE_H if dose.kind in _LONG_KINDS else evidence.BOLUS_SITE_H).value


def _in_use(case: BodyCase, dose: Dose) -> bool:
    return dose.at <= case.end and case.start.minutes_since(dose.at) <= _site_hours(dose) * 60


def _checks_of(case: BodyCase, side: Side) -> list[FootCheck]:
    """Return the day's looks at a foot up to the end, or where there is none the first one after it."""
    day, zone = case.start.local_day, case.start.zone
    today = [
        check
        for check in case.foot_checks
        if Moment(check.at.epoch_s, zone).local_day == day and any(_covers(seen, side) for seen in check.sides)
    ]
    by_then = [check for check in today if check.at <= case.end]
    return by_then or sorted(today, key=lambda check: (check.at.epoch_s, check.id))[:1]


def _covers(said: Side, side: Side) -> bool:
    return said is side or said not in {Side.LEFT, Side.RIGHT}
