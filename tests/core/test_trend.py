"""The trend from raw sensor readings: its window, its gaps, and the arrow of each rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from glucolog.core.findings import Unassessed
from glucolog.core.trend import Arrow, Trend, fall_by_meter, trend
from glucolog.core.units import Censored

if TYPE_CHECKING:
    from tests.core.conftest import Make


def test_the_slope_is_least_squares(make: Make) -> None:
    # by hand: x −20 −15 −5 0, y 130 124 111 108; around their means −10 and 118.25: Σxy = −285, Σx² = 250
    found = trend(make.cgm([(-20, 130), (-15, 124), (-5, 111), (0, 108)]), make.at(0))
    assert isinstance(found, Trend)
    assert found.rate_mg_dl_per_min == pytest.approx(-1.14)
    assert (found.readings, found.minutes) == (4, 20)


@pytest.mark.parametrize(("first", "known"), [(-9, False), (-10, True), (-20, True), (-20.1, False)])
def test_the_span_is_10_to_20_min(make: Make, first: float, known: bool) -> None:
    assert isinstance(trend(make.cgm([(first, 130), (0, 120)]), make.at(0)), Trend) is known


@pytest.mark.parametrize(("age", "known"), [(14, True), (15, True), (15.1, False)])
def test_the_last_reading_is_at_most_15_min_old(make: Make, age: float, known: bool) -> None:
    trace = make.cgm([(-age - 15, 130), (-age, 120)])
    assert isinstance(trend(trace, make.at(0)), Trend) is known


def test_a_15_minute_sensor_has_a_trend(make: Make) -> None:
    assert isinstance(trend(make.cgm([(-17, 130), (-2, 120)]), make.at(0)), Trend)


def test_meter_readings_later_ones_and_lo_make_no_trend(make: Make) -> None:
    assert trend([make.reading(-15, 130), make.reading(0, 120)], make.at(0)) == Unassessed(
        "There is no sensor reading, so there is no trend."
    )
    assert isinstance(trend(make.cgm([(0, 130), (15, 120)]), make.at(0)), Unassessed)
    lo = make.reading(0, 40, cgm=True, shown=Censored.LOW)
    assert isinstance(trend([*make.cgm([(-15, 60)]), lo], make.at(0)), Unassessed)


@pytest.mark.parametrize(
    ("rate", "arrow"),
    [
        (0, Arrow.FLAT), (0.99, Arrow.FLAT), (-0.99, Arrow.FLAT), (1, Arrow.SLANTED_UP), (-1, Arrow.SLANTED_DOWN),
        (1.99, Arrow.SLANTED_UP), (2, Arrow.UP), (-2, Arrow.DOWN), (-2.99, Arrow.DOWN), (3, Arrow.DOUBLE_UP),
        (-3, Arrow.DOUBLE_DOWN), (-9, Arrow.DOUBLE_DOWN),
    ],
)  # fmt: skip
def test_arrows(rate: float, arrow: Arrow) -> None:
    assert Trend(rate_mg_dl_per_min=rate, readings=4, minutes=20).arrow is arrow


@pytest.mark.parametrize(
    ("readings", "rate"),
    [
        # clinical reference, section 4: two readings show no drop under 38 at 180, 30 at 140, 21 under 100
        ([(-20, 180), (0, 140)], -2.0), ([(-20, 180), (0, 142)], None), ([(-20, 98), (0, 77)], None),
        ([(-20, 98), (0, 76)], -1.1), ([(-20, 140), (0, 180)], None),
        ([(-9, 180), (0, 120)], None), ([(-10, 180), (0, 120)], -6.0), ([(-30, 180), (0, 120)], -2.0),
        ([(-31, 180), (0, 120)], None), ([(-50, 180), (-30, 120)], -3.0), ([(-51, 180), (-31, 120)], None),
        ([(-20, 180), (-2, 118), (0, 120)], -3.0), ([(0, 120)], None), ([], None),
    ],
)  # fmt: skip
def test_two_finger_sticks_show_a_fall_beyond_meter_error_alone(
    make: Make, readings: list[tuple[float, float]], rate: float | None
) -> None:
    found = fall_by_meter([make.reading(minute, amount) for minute, amount in readings], make.at(0))
    assert (found and found.rate_mg_dl_per_min) == (rate and pytest.approx(rate))


def test_a_sensor_or_lo_is_no_finger_stick(make: Make) -> None:
    assert fall_by_meter(make.cgm([(-20, 180), (0, 120)]), make.at(0)) is None
    assert fall_by_meter([make.reading(-20, 180), make.reading(0, 20, shown=Censored.LOW)], make.at(0)) is None
