"""Vocabulary: areas and sides as people type them, and what overlaps what."""

from __future__ import annotations

import pytest
from glucolog.core.records import InsulinKind
from glucolog.core.vocabulary import (
    AREA_ALIASES,
    AREAS,
    INSULIN_NAMES,
    BodyArea,
    Side,
    parse_areas,
    parse_place,
    parse_word,
)
from glucolog.errors import UsageError
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        ("foot:left", [BodyArea("foot", Side.LEFT)]),
        ("feet", [BodyArea("foot", Side.BOTH)]),
        ("calf", [BodyArea("calf", Side.UNKNOWN)]),
        ("Thigh:R", [BodyArea("thigh", Side.RIGHT)]),
        ("back", [BodyArea("back", Side.MIDDLE)]),
        ("legs", [BodyArea("thigh", Side.BOTH), BodyArea("calf", Side.BOTH)]),
        ("leg:left", [BodyArea("thigh", Side.LEFT), BodyArea("calf", Side.LEFT)]),
    ],
)
def test_reads_areas(text: str, areas: list[BodyArea]) -> None:
    assert list(parse_areas(text)) == areas


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (BodyArea("foot", Side.LEFT), "left foot"), (BodyArea("calf", Side.BOTH), "calf, both sides"),
        (BodyArea("abdomen", Side.MIDDLE), "abdomen"), (BodyArea("thigh"), "thigh"),
    ],
)  # fmt: skip
def test_a_place_in_a_sentence(place: BodyArea, words: str) -> None:
    assert place.words == words


def test_a_place_is_one_area() -> None:
    assert parse_place("thigh:left") == BodyArea("thigh", Side.LEFT)
    assert parse_place("feet") == BodyArea("foot", Side.BOTH)
    with pytest.raises(UsageError, match="more than one place"):
        parse_place("legs")


@pytest.mark.parametrize(("text", "offered"), [("foott", "foot"), ("tigh", "thigh"), ("xyz", "Known: abdomen")])
def test_an_unknown_area_offers_the_nearest(text: str, offered: str) -> None:
    with pytest.raises(UsageError, match=offered):
        parse_areas(text)


def test_an_unknown_side_is_refused() -> None:
    with pytest.raises(UsageError, match="left, right and both"):
        parse_areas("foot:top")


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (Side.LEFT, Side.LEFT, True),
        (Side.LEFT, Side.RIGHT, False),
        (Side.LEFT, Side.BOTH, True),
        (Side.LEFT, Side.UNKNOWN, True),
        (Side.UNKNOWN, Side.UNKNOWN, True),
    ],
)
def test_a_side_that_is_not_known_counts_as_both(one: Side, other: Side, overlap: bool) -> None:
    assert BodyArea("thigh", one).overlaps(BodyArea("thigh", other)) is overlap
    assert not BodyArea("thigh", one).overlaps(BodyArea("calf", other))


@given(st.sampled_from([*AREAS]), st.sampled_from([*Side]), st.sampled_from([*AREAS]), st.sampled_from([*Side]))
def test_overlap_is_symmetric(area: str, side: Side, other: str, other_side: Side) -> None:
    one, two = BodyArea(area, side), BodyArea(other, other_side)
    assert one.overlaps(two) == two.overlaps(one)


def test_every_alias_leads_to_areas() -> None:
    assert {area for areas in AREA_ALIASES.values() for area in areas} <= set(AREAS)


def test_every_insulin_name_has_a_kind() -> None:
    assert {InsulinKind(kind) for kind in INSULIN_NAMES.values()}


def test_a_word_is_found_case_and_blanks_aside() -> None:
    assert parse_word("tool", "Warm Water", ("warm-water",)) == "warm-water"
