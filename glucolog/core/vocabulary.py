"""The words of the log: areas, sides, techniques, tools, pressure, symptoms, foot findings. One table each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from glucolog.errors import UsageError


class Side(StrEnum):
    """Which side of the body. `UNKNOWN` counts as both wherever caution asks."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"
    MIDDLE = "middle"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AreaWord:
    """One body area: whether it has sides, and whether insulin is commonly injected there."""

    name: str
    sided: bool
    injection_site: bool = False


AREAS: dict[str, AreaWord] = {
    word.name: word
    for word in (
        AreaWord("head", sided=False),
        AreaWord("face", sided=False),
        AreaWord("neck", sided=False),
        AreaWord("shoulder", sided=True),
        AreaWord("arm", sided=True, injection_site=True),
        AreaWord("forearm", sided=True),
        AreaWord("hand", sided=True),
        AreaWord("chest", sided=False),
        AreaWord("back", sided=False),
        AreaWord("abdomen", sided=True, injection_site=True),
        AreaWord("buttock", sided=True, injection_site=True),
        AreaWord("hip", sided=True, injection_site=True),
        AreaWord("thigh", sided=True, injection_site=True),
        AreaWord("knee", sided=True),
        AreaWord("calf", sided=True),
        AreaWord("foot", sided=True),
    )
}

AREA_ALIASES: dict[str, tuple[str, ...]] = {
    "feet": ("foot",), "calves": ("calf",), "thighs": ("thigh",), "knees": ("knee",), "hands": ("hand",),
    "arms": ("arm",), "upper arm": ("arm",), "forearms": ("forearm",), "shoulders": ("shoulder",),
    "buttocks": ("buttock",), "bottom": ("buttock",), "hips": ("hip",), "belly": ("abdomen",),
    "stomach": ("abdomen",), "tummy": ("abdomen",), "lower back": ("back",), "upper back": ("back",),
    "scalp": ("head",), "lower leg": ("calf",), "upper leg": ("thigh",), "leg": ("thigh", "calf"),
    "legs": ("thigh", "calf"), "body": tuple(AREAS),
}  # fmt: skip
"""Words people use for areas; a plural means both sides."""

TECHNIQUES: dict[str, str] = {
    "effleurage": "long, light gliding strokes",
    "petrissage": "kneading and lifting of the muscle",
    "friction": "small, deep circular or cross-fibre strokes",
    "tapotement": "light rhythmic tapping or cupping",
    "vibration": "fine shaking by hand or machine",
    "reflexology": "pressing points on the feet or hands",
    "swedish": "a mix of effleurage, petrissage, friction and tapotement",
    "tactile": "slow, light touch of the skin",
    "stretching": "moving a joint to its end and holding",
    "self-massage": "by one's own hands, mixed strokes",
    "other": "something else; say what in the note",
}
"""Technique and its one-line definition."""

TOOLS: dict[str, str] = {
    "hands": "bare hands",
    "ball": "a tennis or massage ball under the foot",
    "marbles": "marbles in a tub, rolled under the feet",
    "warm-water": "a tub of warm water",
    "roller": "a foam or wooden roller",
    "gun": "a percussion massager",
    "vibrator": "a vibrating massager",
    "chair": "a massage chair",
    "heat-pad": "a heating pad or warm pack",
    "sauna": "a sauna or steam bath",
    "other": "something else; say what in the note",
}
"""Tool and what is meant by it."""

WARM_WATER = "warm-water"
HEAT_TOOLS = frozenset({WARM_WATER, "heat-pad", "sauna"})
"""Tools that bring heat: an exposure of its own."""


class Pressure(IntEnum):
    """The Walton pressure scale."""

    LIGHT_LOTION = 1
    HEAVY_LOTION = 2
    MEDIUM = 3
    STRONG = 4
    DEEP = 5


PERFORMERS: dict[str, str] = {
    "self": "the person",
    "partner": "a partner, relative or friend",
    "therapist": "a massage therapist",
}
POSITIONS: dict[str, str] = {"sitting": "sitting", "lying": "lying", "prone": "face down", "standing": "standing"}
SYMPTOMS: dict[str, str] = {
    "pain": "pain, 0 none to 10 the worst imaginable",
    "numbness": "numbness, 0 to 10",
    "tingling": "tingling or pins and needles, 0 to 10",
    "burning": "burning, 0 to 10",
    "stress": "stress or tension, 0 to 10",
}
FOOT_REGIONS: dict[str, str] = {
    "toes": "the toes",
    "between-toes": "the skin between the toes",
    "nails": "the toenails",
    "ball": "the ball of the foot",
    "arch": "the arch",
    "heel": "the heel",
    "top": "the top of the foot",
    "ankle": "the ankle",
}
FOOT_FINDINGS: dict[str, str] = {
    "wound": "an open wound or cut",
    "blister": "a blister",
    "ulcer": "an ulcer",
    "hot-swelling": "a hot, red or swollen place",
    "hot-spot": "a warmer spot than on the other foot",
    "cold-spot": "a colder spot than on the other foot",
    "corn": "a corn or callus",
    "nail-infection": "an infected or ingrown nail",
    "fungus": "a fungal infection",
    "dry-skin": "dry or cracked skin",
    "swelling": "swelling",
    "other": "something else; say what in the note",
}
BLOCKING_FOOT_FINDINGS = frozenset({"wound", "blister", "ulcer", "hot-swelling"})
"""What blocks massage of the region it is in."""
NEUROPATHIES: dict[str, str] = {
    "peripheral": "feet, legs, hands: numbness, tingling, pain",
    "autonomic": "heart, digestion, bladder, sweating",
    "focal": "one nerve, often suddenly",
    "proximal": "hips, thighs, buttocks",
}
INSULIN_NAMES: dict[str, str] = {
    "fiasp": "ultra-rapid", "lyumjev": "ultra-rapid", "afrezza": "ultra-rapid",
    "aspart": "rapid", "novorapid": "rapid", "novolog": "rapid", "trurapi": "rapid", "lispro": "rapid",
    "humalog": "rapid", "liprolog": "rapid", "admelog": "rapid", "glulisine": "rapid", "apidra": "rapid",
    "regular": "regular", "actrapid": "regular", "humulin-r": "regular", "novolin-r": "regular",
    "insuman-rapid": "regular",
    "glargine": "long", "lantus": "long", "toujeo": "long", "basaglar": "long", "abasaglar": "long",
    "semglee": "long", "degludec": "long", "tresiba": "long", "detemir": "long", "levemir": "long",
    "nph": "long", "insulatard": "long", "humulin-n": "long", "novolin-n": "long", "protaphane": "long",
    "icodec": "long", "awiqli": "long",
    "novomix": "mixed", "humalog-mix": "mixed", "humulin-m3": "mixed", "ryzodeg": "mixed",
}  # fmt: skip
"""Generic and brand names (lower case, hyphens) and how the insulin acts, an `InsulinKind` each."""
INTENSITIES: dict[str, str] = {"light": "can sing", "moderate": "can talk", "hard": "can't talk"}


@dataclass(frozen=True, slots=True, order=True)
class BodyArea:
    """An area and its side."""

    area: str
    side: Side = Side.UNKNOWN

    def overlaps(self, other: BodyArea) -> bool:
        """Whether the two could be the same place; a side that is not known counts as both."""
        if self.area != other.area:
            return False
        known = {Side.LEFT, Side.RIGHT, Side.MIDDLE}
        return self.side == other.side or self.side not in known or other.side not in known

    @property
    def words(self) -> str:
        """The place for a sentence: `left foot`, `calf, both sides`, `abdomen`."""
        if self.side in {Side.LEFT, Side.RIGHT}:
            return f"{self.side} {self.area}"
        return f"{self.area}, both sides" if self.side is Side.BOTH else self.area

    def __str__(self) -> str:
        """The place as people type it: `foot:left`, `calf`."""
        if not AREAS[self.area].sided or self.side is Side.UNKNOWN:
            return self.area
        return f"{self.area}:{self.side}"


def parse_areas(text: str) -> tuple[BodyArea, ...]:
    """Read an AREA: `foot:left`, `feet`, `calf`, `thigh:right`, `legs`, `abdomen`. A plural means both sides.

    Raises `UsageError` for an unknown word and names the nearest known ones.
    """
    word, _, side_word = text.strip().lower().partition(":")
    word = word.strip()
    names = AREA_ALIASES.get(word, (word,))
    if any(name not in AREAS for name in names):
        raise unknown_word("area", text, (*AREAS, *AREA_ALIASES))
    side = _side(side_word.strip(), text) if side_word else None
    default = Side.BOTH if word in AREA_ALIASES and (word.endswith("s") or word in {"feet", "body"}) else Side.UNKNOWN
    return tuple(BodyArea(name, _side_of(name, side or default)) for name in names)


def parse_place(text: str) -> BodyArea:
    """Read an AREA that is a single place. Raises `UsageError` as `parse_areas` does, and for a word of several."""
    places = parse_areas(text)
    if len(places) > 1:
        names = " or ".join(place.area for place in places[:3])
        raise UsageError(f"“{text}” is more than one place.", f"Say which: {names}.")
    return places[0]


def parse_word(kind: str, text: str, table: Iterable[str]) -> str:
    """Return the word of `table` that `text` is, case and spaces aside; raise `UsageError` naming the nearest."""
    known = tuple(table)
    word = text.strip().lower().replace(" ", "-")
    if word in known:
        return word
    raise unknown_word(kind, text, known)


def unknown_word(kind: str, text: str, known: Iterable[str]) -> UsageError:
    """Build the refusal of a word, with the nearest known ones or all of them."""
    from difflib import get_close_matches

    words = sorted(set(known))
    near = get_close_matches(text.strip().lower(), words, n=3, cutoff=0.5)
    offered = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(words)}."
    article = "an" if kind[0] in "aeio" else "a"  # a unit
    return UsageError(f"“{text}” is not {article} {kind} glucolog knows.", offered)


def _side(word: str, text: str) -> Side:
    sides = {"left": Side.LEFT, "l": Side.LEFT, "right": Side.RIGHT, "r": Side.RIGHT, "both": Side.BOTH}
    if word not in sides:
        raise UsageError(f"“{text}” names no side glucolog knows.", "Sides are left, right and both.")
    return sides[word]


def _side_of(name: str, side: Side) -> Side:
    return side if AREAS[name].sided else Side.MIDDLE
