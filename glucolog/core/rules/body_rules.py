"""The rules about sites, feet, pressure, water and hygiene: the same before a session and after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from glucolog.core import evidence
from glucolog.core.findings import Level
from glucolog.core.rules import body
from glucolog.core.rules.body import BodyCase, Conflict
from glucolog.core.rules.rule import Hit, Rule, ago_words, before_words, limit, place_words
from glucolog.core.vocabulary import FOOT_FINDINGS, FOOT_REGIONS

C = TypeVar("C")
Finder = Callable[[BodyCase], Iterable[Hit]]


def body_rules(sentences: Mapping[str, str], body_of: Callable[[C], BodyCase], unknown: Level) -> tuple[Rule[C], ...]:
    """Build the rules for one stage: its `sentences`, how its case holds a `BodyCase`, how loud a missing tick is."""

    def rule(
        name: str, level: Level, find: Finder, threshold: Mapping[str, object], cite: str, **only: bool
    ) -> Rule[C]:
        return Rule(
            id=name,
            level=level,
            sentence=sentences[name],
            threshold=threshold,
            citation=cite,
            hits=lambda case: find(body_of(case)),
            insulin_only=only.get("insulin_only", False),
        )

    ticks: dict[str, object] = {"ticks": "hands washed, equipment cleaned"}
    bolus = limit(evidence.BOLUS_SITE_H)
    present: dict[str, object] = {"counts while": "present"}
    feet: dict[str, object] = {"any of": "open wound, blister, ulcer, hot red swelling, that day"}
    return (
        rule(Conflict.BOLUS, Level.WARNING, _bolus, bolus, "linde-1986", insulin_only=True),
        rule(Conflict.LONG, Level.WARNING, _long, limit(evidence.LONG_SITE_H), "berger-1982", insulin_only=True),
        rule(Conflict.PUMP, Level.WARNING, _pump, present, "gate-proposal", insulin_only=True),
        rule(Conflict.LIPO, Level.WARNING, _lipo, present, "improta-2019", insulin_only=True),
        rule(Conflict.SENSOR, Level.WARNING, _sensor, present, "mensh-2013"),
        rule("site-unknown", Level.CAUTION, _unknown_site, bolus, "linde-1986", insulin_only=True),
        rule(Conflict.FOOT, Level.WARNING, _foot, feet, "ada-feet"),
        rule("foot-check-missing", unknown, _unchecked, {"foot check": "on the same local day"}, "ada-feet"),
        rule("hygiene-missing", Level.CAUTION, _unclean, ticks, "source-article"),
        rule("hygiene-unknown", unknown, _hygiene_unknown, ticks, "source-article"),
        rule("pressure-numb", Level.CAUTION, _pressure, limit(evidence.PRESSURE_LIMIT), "walton-pressure"),
        rule("water-hot", Level.WARNING, _hot_water, limit(evidence.WATER_LIMIT_C), "water-37"),
        rule("water-unknown", Level.CAUTION, _water_unknown, limit(evidence.WATER_LIMIT_C), "water-37"),
        rule("foot-soak", Level.CAUTION, _soak, {"water": "feet in warm water"}, "cdc-feet"),
        rule("lotion-between-toes", Level.WARNING, _lotion, {"lotion": "between the toes"}, "cdc-feet"),
    )  # fmt: skip


def _sites(case: BodyCase, conflict: Conflict) -> Iterator[Hit]:
    for site in body.site_conflicts(case):
        if site.conflict is not conflict:
            continue
        inputs: dict[str, object] = {"place": str(site.place), "areas": [str(area) for area in case.areas]}
        words: dict[str, object] = {"place": place_words(site.place)}
        if site.dose:
            minutes = case.start.minutes_since(site.dose.at)
            inputs |= {"minutes_since_injection": minutes, "insulin_kind": site.dose.kind.value}
            words |= {"when": before_words(minutes), "ago": ago_words(minutes)}
        yield Hit(inputs=inputs, words=words)


def _bolus(case: BodyCase) -> Iterator[Hit]:
    return _sites(case, Conflict.BOLUS)


def _long(case: BodyCase) -> Iterator[Hit]:
    return _sites(case, Conflict.LONG)


def _pump(case: BodyCase) -> Iterator[Hit]:
    return _sites(case, Conflict.PUMP)


def _lipo(case: BodyCase) -> Iterator[Hit]:
    return _sites(case, Conflict.LIPO)


def _sensor(case: BodyCase) -> Iterator[Hit]:
    return _sites(case, Conflict.SENSOR)


def _unknown_site(case: BodyCase) -> Iterator[Hit]:
    if body.site_unknown(case):
        yield Hit(inputs={"areas": [str(area) for area in case.areas]})


def _foot(case: BodyCase) -> Iterator[Hit]:
    for seen in body.foot_conflicts(case):
        yield Hit(
            inputs={"place": str(seen.place), "region": seen.region, "finding": seen.finding},
            words={
                "finding": FOOT_FINDINGS.get(seen.finding, seen.finding),
                "region": FOOT_REGIONS.get(seen.region, seen.region),
                "side": seen.place.side,
            },
        )


def _unchecked(case: BodyCase) -> Iterator[Hit]:
    if sides := body.feet_not_checked(case):
        yield Hit(inputs={"sides": [side.value for side in sides]}, words={"sides": " and ".join(sides)})


def _unclean(case: BodyCase) -> Iterator[Hit]:
    if missing := [name for name, ticked in _ticks(case) if ticked is False]:
        yield Hit(inputs={"not_done": missing}, words={"missing": " and ".join(missing)})


def _hygiene_unknown(case: BodyCase) -> Iterator[Hit]:
    unsaid = [name for name, ticked in _ticks(case) if ticked is None]
    if unsaid and body.foot_sides(case.areas):
        yield Hit(inputs={"not_said": unsaid}, words={"missing": " and ".join(unsaid)})


def _ticks(case: BodyCase) -> Iterator[tuple[str, bool | None]]:
    yield "hands washed", case.hands_washed
    if set(case.tools) - {"hands"}:
        yield "equipment cleaned", case.equipment_clean


def _pressure(case: BodyCase) -> Iterator[Hit]:
    person = case.person
    numb = body.lost_sensation(person) or "peripheral" in person.neuropathies
    if case.pressure and case.pressure >= evidence.PRESSURE_LIMIT.value and numb and body.touches_numb_areas(case):
        yield Hit(
            inputs={"pressure": int(case.pressure)} | _sensation(case),
            words={"pressure": int(case.pressure), "limit": f"{evidence.PRESSURE_LIMIT.value:g}"},
        )


def _hot_water(case: BodyCase) -> Iterator[Hit]:
    hot = case.water_c is not None and case.water_c > evidence.WATER_LIMIT_C.value
    if hot and body.may_not_feel_heat(case.person):
        yield Hit(
            inputs={"water_c": case.water_c} | _sensation(case),
            words={"water": f"{case.water_c:g}", "limit": f"{evidence.WATER_LIMIT_C.value:g}"},
        )


def _water_unknown(case: BodyCase) -> Iterator[Hit]:
    if body.uses_water(case) and case.water_c is None and body.may_not_feel_heat(case.person):
        limit_c = f"{evidence.WATER_LIMIT_C.value:g}"
        yield Hit(inputs={"water_c": None} | _sensation(case), words={"limit": limit_c})


def _soak(case: BodyCase) -> Iterator[Hit]:
    if body.uses_water(case) and (body.foot_sides(case.areas) or not case.areas):
        yield Hit(inputs={"water_c": case.water_c, "tools": list(case.tools)})


def _lotion(case: BodyCase) -> Iterator[Hit]:
    if case.lotion_between_toes:
        yield Hit(inputs={"lotion_between_toes": True})


def _sensation(case: BodyCase) -> dict[str, object]:
    return {
        "protective_sensation_lost": case.person.protective_sensation_lost,
        "neuropathies": list(case.person.neuropathies),
    }
