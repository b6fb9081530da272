"""The theme: published thresholds, colours that can be read, each colour with one dark partner."""

from __future__ import annotations

import re

import pytest
from glucolog.core.records import Person, TargetSet, Therapy
from glucolog.core.units import Glucose, Unit
from glucolog.plots import theme
from glucolog.plots.theme import Ink, Scale

READ_AS_TEXT = (
    theme.TEXT, theme.QUIET, theme.TRACE, theme.METER, theme.CONTROL, theme.MASSAGE, theme.INSULIN, theme.LOW,
    theme.VERY_LOW, theme.IN_RANGE,
)  # fmt: skip


def person(unit: Unit = Unit.MG_DL, target_set: TargetSet = TargetSet.ADULT, low: Glucose | None = None) -> Person:
    return Person(id="p", name="Ada", unit=unit, zone="UTC", therapy=Therapy.MDI, target_set=target_set, target_low=low)


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` as WCAG 2 defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink: str, paper: str) -> float:
    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_bands_stand_on_the_published_numbers_of_each_unit() -> None:
    mg_dl = {band.name: (band.low, band.high) for band in theme.glucose_bands(Scale.of(person()))}
    mmol_l = {band.name: (band.low, band.high) for band in theme.glucose_bands(Scale.of(person(Unit.MMOL_L)))}
    assert mg_dl == {"very low": (0, 54), "low": (54, 70), "target": (70, 180)}
    assert mmol_l == {"very low": (0, 3.0), "low": (3.0, 3.9), "target": (3.9, 10.0)}


def test_the_target_is_the_teams_where_the_team_set_one() -> None:
    own = Scale.of(person(Unit.MMOL_L, low=Glucose(5.0, Unit.MMOL_L)))
    assert (own.low, own.high, own.own) == (5.0, 10.0, True)
    assert Scale.of(person(target_set=TargetSet.PREGNANCY)).range_words() == "63–140 mg/dL"


@pytest.mark.parametrize("ink", READ_AS_TEXT)
def test_lines_and_words_stand_out_on_light_and_on_dark_paper(ink: Ink) -> None:
    assert contrast(ink.light, theme.PAPER.light) >= 4.5
    assert contrast(ink.dark, theme.PAPER.dark) >= 4.5


def test_each_light_colour_has_one_dark_partner() -> None:
    assert len(theme.dark_of()) == len(theme.INKS)
    pattern = re.compile(r"#[0-9a-f]{6}|rgba\(\d+,\d+,\d+,[01]?\.?\d*\)")
    assert all(pattern.fullmatch(side) for ink in theme.INKS for side in (ink.light, ink.dark))


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 100, (0, 20, 40, 60, 80, 100)),
        (-13, 41, (-20, 0, 20, 40, 60)),
        (0, 0.9, (0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (3, 3, (3, 3.2, 3.4, 3.6, 3.8, 4)),
    ],
)
def test_round_axes_cover_their_values_with_round_ticks(low: float, high: float, ticks: tuple[float, ...]) -> None:
    axis = theme.round_axis(low, high)
    assert axis.low <= low <= high <= axis.high
    if low != high:
        assert axis.ticks == ticks


@pytest.mark.parametrize(("unit", "highest"), [(Unit.MG_DL, 199), (Unit.MG_DL, 600), (Unit.MMOL_L, 33.3)])
def test_a_glucose_axis_always_shows_the_low_end_and_reaches_the_top(unit: Unit, highest: float) -> None:
    scale = Scale.of(person(unit))
    axis = theme.glucose_axis(scale, highest)
    assert axis.ticks[0] == (54 if unit is Unit.MG_DL else 3.0)
    assert axis.low < axis.ticks[0] < highest <= axis.high
    assert theme.glucose_axis(scale, highest, lowest=1).low == 0


@pytest.mark.parametrize(
    ("scale", "ticks"),
    [
        (Scale(unit=Unit.MG_DL, low=70, high=180), (54, 70, 120, 180)),
        (Scale(unit=Unit.MMOL_L, low=3.5, high=7.8), (3.0, 3.5, 7.0, 7.8, 10.0, 13.9)),  # pregnancy: low ends at 3.5
        (Scale(unit=Unit.MG_DL, low=85, high=150), (54, 70, 85, 120, 150, 180)),
        (Scale(unit=Unit.MG_DL, low=75, high=184), (54, 70, 120, 180)),  # too near to tell the labels apart
    ],
)
def test_ticks_stand_on_the_thresholds_and_on_the_persons_own_range(scale: Scale, ticks: tuple[float, ...]) -> None:
    assert theme.glucose_axis(scale, 200 if scale.unit is Unit.MG_DL else 12).ticks == ticks
