"""Which of the areas asked about must be left alone, and which stay free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from glucolog.core.gate.bands import Verdict
from glucolog.core.gate.facts import GateCase
from glucolog.core.moments import Moment
from glucolog.core.rules import body
from glucolog.core.rules.body import Conflict
from glucolog.core.vocabulary import AREAS, FOOT_REGIONS, BodyArea, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedArea:
    """A place to leave alone: `rule` names the finding, `region` part of a foot, `until` when it is free again."""

    place: BodyArea
    rule: str
    region: str | None = None
    until: Moment | None = None

    @property
    def label(self) -> str:
        """The area as the log writes it, with the region: `thigh:left`, `foot:left toes`."""
        return f"{self.place} {self.region}" if self.region else str(self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """What is blocked and what is free; `verdict` is what the blocks alone say, `until` when a place is free again."""

    blocked: tuple[BlockedArea, ...]
    free: tuple[BodyArea, ...]
    verdict: Verdict
    until: Moment | None


def blocks(case: GateCase) -> Blocks:
    """Work out the blocked areas. Where no area is asked about, every known place to leave alone is listed."""
    if not case.facts.areas:
        return Blocks(blocked=_everywhere(case), free=(), verdict=Verdict.GO, until=None)
    asked = _each_side(case.facts.areas)
    blocked = tuple(block for area in asked for block in _blocks_of(case, area))
    free = tuple(area for area in asked if not _is_wholly_blocked(area, blocked))
    ends = [_free_again(area, blocked) for area in asked if area not in free]
    known = [end for end in ends if end is not None]
    return Blocks(blocked=blocked, free=free, verdict=_verdict(blocked, free, known), until=min(known, default=None))


def _verdict(blocked: tuple[BlockedArea, ...], free: tuple[BodyArea, ...], ends: list[Moment]) -> Verdict:
    if free:
        return Verdict.CAUTION if blocked else Verdict.GO
    return Verdict.NOT_YET if ends else Verdict.STOP


def _each_side(areas: tuple[BodyArea, ...]) -> tuple[BodyArea, ...]:
    apart = {part: None for area in areas for part in _sides_of(area)}
    return tuple(apart)


def _sides_of(area: BodyArea) -> tuple[BodyArea, ...]:
    if area.side is not Side.BOTH or not AREAS[area.area].sided:
        return (area,)
    return BodyArea(area.area, Side.LEFT), BodyArea(area.area, Side.RIGHT)


def _blocks_of(case: GateCase, area: BodyArea) -> Iterator[BlockedArea]:
    for site in body.site_conflicts(case.body):
        if site.place.overlaps(area):
            yield BlockedArea(place=area, rule=site.conflict, until=site.until)
    for seen in body.foot_conflicts(case.body):
        if seen.place.overlaps(area):
            yield BlockedArea(place=seen.place, rule=Conflict.FOOT, region=seen.region)


def _everywhere(case: GateCase) -> tuple[BlockedArea, ...]:
    found = {
        BlockedArea(place=site.place, rule=site.conflict, until=site.until): None
        for site in body.sites_in_use(case.body)
    }
    return tuple(found)


def _is_wholly_blocked(area: BodyArea, blocked: tuple[BlockedArea, ...]) -> bool:
    own = [block for block in blocked if block.place.overlaps(area)]
    regions = {block.region for block in own if block.region}
    return any(block.region is None for block in own) or regions >= set(FOOT_REGIONS)


def _free_again(area: BodyArea, blocked: tuple[BlockedArea, ...]) -> Moment | None:
    """When the last block of an area ends; None when one of them lasts."""
    ends = [block.until for block in blocked if block.place.overlaps(area)]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None
