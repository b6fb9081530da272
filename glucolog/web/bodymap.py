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


_LEG = "M74.5 293L93 293C95.5 315 93 342 90 364L80 364C74.5 342 72 315 74.5 293z"
_HEAD = "M100 8C112 8 117 17 116.5 29C116 41 109 52 100 52C91 52 84 41 83.5 29C83 17 88 8 100 8z"
_NECK = "M92 51C97 55 103 55 108 51L109 63C104 67 96 67 91 63z"
_SHOULDER = "M90 65C83 69 73 70 65.5 74C60 77 57 82 56 87L70 90C77 80 88 75.5 99 75.5L99 69.5C96 69.5 93 68 90 65z"
_ARM = "M56 89L69.5 92C70 106 68.5 119 65.5 132L50.5 129.5C50.5 115 51.5 101 56 89z"
_FOREARM = "M50 132L65 134.5C63.5 151 60 168 55.5 182L44 179C44.5 163 46.5 147 50 132z"
_HAND = "M43.5 181L55 184C56.5 193 55.5 203 51 210C46.5 215 40.5 212 39.5 204C38.5 196 40.5 188 43.5 181z"
_THIGH = "M67 193C78 197 90 197 98.5 191C99.5 216 97.5 241 94.5 264L73.5 264C69 241 65.5 216 67 193z"
_FOOT = "M80 365.5L90 365.5C92 373 93.5 380 92.5 385C90 391 75 391 71.5 386C71 380 78 373 80 365.5z"
_MIDDLE = {
    "head": _HEAD,
    "face": "M100 18C108 18 111.5 24 111 33C110.5 42 106 48 100 48C94 48 89.5 42 89 33C88.5 24 92 18 100 18z",
    "neck": _NECK,
    "chest": "M71 91C78 81 89 77 100 77C111 77 122 81 129 91C131 103 130 115 127 126L73 126C70 115 69 103 71 91z",
}
_BACK_MIDDLE = {
    "back": "M90 65C82 70 72 71 63 77C67 83 71 92 71.5 101C73 122 74 142 71.5 162L128.5 162C126 142 127 122 128.5 101"
    "C129 92 133 83 137 77C128 71 118 70 110 65C104 69 96 69 90 65z"
}
_SIDED = {
    "shoulder": (_SHOULDER, "front"),
    "arm": (_ARM, "front"), "forearm": (_FOREARM, "front"), "hand": (_HAND, "front"),
    "abdomen": ("M73 128L99 128L99 167L71.5 167C71 153 75 141 73 128z", "front"),
    "hip": ("M71 169L99 169L99 188C90 195 78 195 67.5 190.5C67.5 183 69 176 71 169z", "front"),
    "thigh": (_THIGH, "front"),
    "knee": ("M73.5 266L94.5 266C95.5 275 95 283 93.5 291L74.5 291C72.5 283 72.5 275 73.5 266z", "front"),
    "foot": (_FOOT, "front"),
    "buttock": ("M71.5 164L99 164L99 198C90 205 76 203 68 196C67.5 184 69 173 71.5 164z", "back"),
    "calf": (_LEG, "back"),
}  # fmt: skip
"""The half of the body that the reader sees on the left of the board."""
_BACK_OF_LEG = (
    "M68 198.5C77 205 91 206 98.5 200C99 222 97 243 94 264C94 274 94 283 93 291L75 291C73 283 73 274 73.5 264"
    "C70 243 66.5 221 68 198.5z"
)
_OUTLINES = {"front": _LEG, "back": _HEAD + _NECK + _ARM + _FOREARM + _HAND + _BACK_OF_LEG + _FOOT}
"""Parts that are drawn without a meaning of their own on that view."""
_TOES = ((34, 30, 13, 17), (55, 24, 8, 13), (71, 27, 7.5, 12), (85, 33, 7, 11), (97, 42, 6.5, 10))
_SOLE = {
    "toes": "".join(_oval(*toe) for toe in _TOES),
    "nails": "".join(_oval(x, y - ry + 2, rx * 0.5, 3.5) for x, y, rx, ry in _TOES),
    "between-toes": "M22 50c20-6 55-4 78 6l-3 6c-22-9-52-11-74-6z",
    "ball": "M21 60c22-6 54-3 77 7c7 15 3 32-6 44c-20 6-42 4-58-3c-12-12-17-30-13-48z",
    "arch": "M37 112c17 6 35 7 53 3c-6 18-8 36-7 54c-13 5-27 5-39 0c2-20 0-39-7-57z",
    "heel": "M43 173c14 5 28 5 41 0c9 20 5 45-20 46c-26 0-30-25-21-46z",
    "top": "M8 74a6 6 0 0 1 6 6v76a6 6 0 0 1-12 0v-76a6 6 0 0 1 6-6z",
    "ankle": "M46 228h34a9 9 0 0 1 0 18h-34a9 9 0 0 1 0-18z",
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


def choices() -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Return every area to choose with its values, each with its side; one without sides has a blank one."""
    sides = {True: ("left", "right"), False: ("",)}
    return [
        (word.name, tuple((f"{word.name}:{side}" if side else word.name, side) for side in sides[word.sided]))
        for word in AREAS.values()
    ]


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
