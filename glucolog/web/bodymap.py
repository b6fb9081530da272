"""The body and the feet as shapes to look at and to tap: our own drawing, one table each.

The person faces the reader, so the left side is drawn on the right. Coordinates are of a 200 × 400 board for each
figure and 120 × 260 for each sole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from glucolog.core.vocabulary import AREAS, FOOT_REGIONS, BodyArea, Side


@dataclass(frozen=True, slots=True)
class Shape:
    """One tappable shape: the value it stands for, its name, and an SVG path."""

    value: str
    name: str
    path: str


def _oval(x: float, y: float, rx: float, ry: float) -> str:
    return f"M{x - rx:g} {y:g}a{rx:g} {ry:g} 0 1 0 {2 * rx:g} 0a{rx:g} {ry:g} 0 1 0 {-2 * rx:g} 0z"


def _box(x: float, y: float, width: float, height: float, round_by: float = 6) -> str:
    r = min(round_by, width / 2, height / 2)
    return (
        f"M{x + r:g} {y:g}h{width - 2 * r:g}a{r:g} {r:g} 0 0 1 {r:g} {r:g}v{height - 2 * r:g}"
        f"a{r:g} {r:g} 0 0 1 {-r:g} {r:g}h{-(width - 2 * r):g}a{r:g} {r:g} 0 0 1 {-r:g} {-r:g}v{-(height - 2 * r):g}"
        f"a{r:g} {r:g} 0 0 1 {r:g} {-r:g}z"
    )


MIDDLE_X = 100.0
_MIDDLE = {
    "head": _oval(100, 31, 19, 24), "face": _oval(100, 35, 12, 15), "neck": _box(91, 55, 18, 12, 4),
    "chest": _box(70, 84, 60, 46, 12),
}  # fmt: skip
_BACK_MIDDLE = {"back": _box(70, 70, 60, 92, 14)}
_SIDED = {
    "shoulder": (_box(62, 68, 37, 15, 7), "front"), "arm": (_box(46, 78, 20, 54, 9), "front"),
    "forearm": (_box(40, 135, 18, 50, 8), "front"), "hand": (_oval(47, 199, 10, 13), "front"),
    "abdomen": (_box(71, 133, 28, 34, 8), "front"), "hip": (_box(66, 170, 33, 22, 8), "front"),
    "thigh": (_box(68, 195, 30, 72, 12), "front"), "knee": (_oval(83, 281, 14, 13), "front"),
    "foot": (_oval(78, 379, 17, 11), "front"), "buttock": (_box(68, 165, 31, 34, 14), "back"),
    "calf": (_box(71, 290, 25, 72, 11), "back"),
}  # fmt: skip
"""Right half of the body, as the reader sees it on the left of the board."""
_OUTLINES = {
    "front": _box(71, 297, 25, 66, 11),
    "back": "".join(
        (_oval(100, 31, 19, 24), _box(91, 55, 18, 12, 4), _box(46, 78, 20, 54, 9), _box(40, 135, 18, 50, 8),
         _oval(47, 199, 10, 13), _box(68, 202, 30, 85, 12), _oval(78, 373, 15, 9))
    ),
}  # fmt: skip
"""Parts that are drawn without a meaning of their own on that view."""
_TOES = ((34, 30, 13, 17), (55, 24, 8, 13), (71, 27, 7.5, 12), (85, 33, 7, 11), (97, 42, 6.5, 10))
_SOLE = {
    "toes": "".join(_oval(*toe) for toe in _TOES),
    "nails": "".join(_oval(x, y - ry + 2, rx * 0.5, 3.5) for x, y, rx, ry in _TOES),
    "between-toes": "M22 50c20-6 55-4 78 6l-3 6c-22-9-52-11-74-6z",
    "ball": "M21 60c22-6 54-3 77 7c7 15 3 32-6 44c-20 6-42 4-58-3c-12-12-17-30-13-48z",
    "arch": "M37 112c17 6 35 7 53 3c-6 18-8 36-7 54c-13 5-27 5-39 0c2-20 0-39-7-57z",
    "heel": "M43 173c14 5 28 5 41 0c9 20 5 45-20 46c-26 0-30-25-21-46z",
    "top": _box(2, 74, 13, 88, 6),
    "ankle": _box(38, 228, 50, 18, 8),
}
"""A left foot from below, as one faces it; the top and the ankle stand beside it."""


def shapes(view: str) -> list[Shape]:
    """Return the shapes of the `front` or the `back`; a sided area once a side."""
    middle = _MIDDLE if view == "front" else _BACK_MIDDLE
    found = [Shape(name, name, path) for name, path in middle.items()]
    for name, (path, seen_from) in _SIDED.items():
        if seen_from == view:
            found += [Shape(f"{name}:{side}", f"{side} {name}", path) for side in ("right", "left")]
    return found


def is_mirrored(view: str, value: str) -> bool:
    """Whether the shape stands on the right of the board: the left side in front, the right side from behind."""
    return value.endswith(":left" if view == "front" else ":right")


def outline(view: str) -> str:
    """Return what is only drawn on that view, for one half of the board."""
    return _OUTLINES[view]


def soles() -> list[Shape]:
    """Return the regions of one foot."""
    return [Shape(region, FOOT_REGIONS[region], path) for region, path in _SOLE.items()]


def choices() -> list[tuple[str, str]]:
    """Return every area to choose, side by side, with its words."""
    found = []
    for word in AREAS.values():
        sides = ("left", "right") if word.sided else ("",)
        found += [(f"{word.name}:{side}" if side else word.name, f"{side} {word.name}".strip()) for side in sides]
    return found


def each_side(areas: Iterable[BodyArea]) -> set[str]:
    """Return areas as values of the map; both and unknown sides mean both shapes."""
    found: set[str] = set()
    for area in areas:
        if not AREAS[area.area].sided:
            found.add(area.area)
        elif area.side in {Side.LEFT, Side.RIGHT}:
            found.add(f"{area.area}:{area.side}")
        else:
            found |= {f"{area.area}:left", f"{area.area}:right"}
    return found
