"""The filter: a line through noise, any spacing, one odd reading held back."""

from __future__ import annotations

import pytest
from glucolog.core.watch.trend import Point, Trend, trend_of


def line(step: float, start: float, rate: float, n: int = 20) -> list[Point]:
    return [Point(step * i, start + rate * step * i) for i in range(n)]


@pytest.mark.parametrize("step", [1, 5, 15])
@pytest.mark.parametrize("rate", [-2.0, -0.5, 0.0, 1.0])
def test_a_straight_line_is_found_at_any_spacing(step: float, rate: float) -> None:
    points = line(step, 300, rate)
    trend = trend_of(points)
    assert trend.rate_mg_dl_per_min == pytest.approx(rate, abs=0.05)
    assert trend.mg_dl == pytest.approx(points[-1].mg_dl, abs=1)


def test_a_rise_goes_on_as_a_line_and_a_fall_slows_in_proportion() -> None:
    # 100 exp(-2 * 25 / 100) = 60.653; twice as far ahead the same share again: 100 exp(-1) = 36.788
    falling, rising = (Trend(0, 100, rate, held=False, n_readings=5) for rate in (-2.0, 2.0))
    assert (falling.ahead_mg_dl(0), rising.ahead_mg_dl(25)) == (100, 150)
    assert falling.ahead_mg_dl(25) == pytest.approx(60.653, abs=0.001)
    assert falling.ahead_mg_dl(50) == pytest.approx(36.788, abs=0.001)


def test_one_reading_has_a_level_and_no_rate() -> None:
    trend = trend_of([Point(3, 120)])
    assert (trend.at_min, trend.mg_dl, trend.rate_mg_dl_per_min, trend.n_readings) == (3, 120, 0, 1)


def test_one_dip_is_held_and_then_dropped() -> None:
    steady = line(5, 120, 0)
    dipped = trend_of([*steady, Point(100, 60)])
    assert dipped.held
    assert dipped.mg_dl == pytest.approx(120)
    after = trend_of([*steady, Point(100, 60), Point(105, 120)])
    assert (after.held, round(after.mg_dl)) == (False, 120)
    assert after.rate_mg_dl_per_min == pytest.approx(0, abs=0.01)


def test_a_second_reading_on_the_same_side_makes_both_count() -> None:
    trend = trend_of([*line(5, 120, 0), Point(100, 90), Point(105, 84)])
    assert not trend.held
    assert trend.mg_dl < 95
    assert trend.rate_mg_dl_per_min < -1


def test_two_odd_readings_on_opposite_sides_are_no_fall() -> None:
    trend = trend_of([*line(5, 120, 0), Point(100, 60), Point(105, 180)])
    assert trend.held
    assert trend.mg_dl == pytest.approx(120)


@pytest.mark.parametrize(("gap", "n_readings"), [(30, 21), (31, 1)])
def test_a_gap_over_half_an_hour_starts_anew(gap: float, n_readings: int) -> None:
    points = line(5, 120, 0)
    assert trend_of([*points, Point(points[-1].at_min + gap, 121)]).n_readings == n_readings


def test_the_first_step_agrees_with_a_hand_calculation() -> None:
    # P = diag(100, 4), q = 0.1, 5 min: level variance 100 + 25·4 + 0.1·125/3, covariance 20 + 0.1·25/2, noise 16
    spread = 100 + 100 + 0.1 * 125 / 3 + 16
    gain_level, gain_rate = (200 + 0.1 * 125 / 3) / spread, 21.25 / spread
    trend = trend_of([Point(0, 100), Point(5, 90)])
    assert trend.mg_dl == pytest.approx(100 - 10 * gain_level)
    assert trend.rate_mg_dl_per_min == pytest.approx(-10 * gain_rate)
