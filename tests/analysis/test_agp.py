"""The ambulatory glucose profile: percentiles by local time of day, across clock changes and trips."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
from glucolog.analysis.agp import PERCENTS, AmbulatoryProfile, ambulatory_profile
from glucolog.analysis.trace import glucose_arrays
from glucolog.core.columns import Trace
from glucolog.core.findings import Unassessed
from glucolog.core.units import Source

MakeTrace = Callable[..., Trace]


def profile(trace: Trace, *more: Trace, bin_min: int | None = None) -> AmbulatoryProfile:
    made = ambulatory_profile(glucose_arrays(trace, *more), bin_min)
    assert isinstance(made, AmbulatoryProfile)
    return made


def test_percentiles_of_twenty_one_days_by_hand(make_trace: MakeTrace) -> None:
    levels = np.repeat(np.arange(100.0, 121.0), 288)  # day k reads 100 + k all day
    made = profile(make_trace(levels))
    assert PERCENTS == (5, 25, 50, 75, 95)
    assert made.mg_dl.shape == (5, 288)
    assert made.mg_dl[:, 0].tolist() == made.mg_dl[:, 287].tolist() == [101, 105, 110, 115, 119]
    assert set(made.n_days.tolist()) == {21}
    assert made.flag is None


@pytest.mark.parametrize(("days", "flagged"), [(13, True), (14, False)])
def test_a_profile_wants_14_days(make_trace: MakeTrace, days: int, flagged: bool) -> None:
    assert bool(profile(make_trace([120.0] * 288 * days)).flag) is flagged


def test_agrees_with_numpy_on_uneven_days(make_trace: MakeTrace) -> None:
    rng = np.random.default_rng(3)
    keep = rng.random(288 * 17) < 0.6
    at_s = (np.arange(288 * 17) * 300)[keep]
    levels = rng.integers(40, 400, at_s.size).astype(float)
    made = profile(make_trace(levels, at_s=at_s))
    for column, minute in enumerate(made.minute.tolist()):
        here = levels[at_s % 86_400 == minute * 60]
        assert made.mg_dl[:, column] == pytest.approx(np.percentile(here, PERCENTS))
        assert made.n_days[column] == here.size


@pytest.mark.parametrize("month", ["2026-03-20", "2026-10-15"])
def test_breakfast_stays_at_eight_across_a_clock_change(make_trace: MakeTrace, month: str) -> None:
    start_s = int(datetime.fromisoformat(month).replace(tzinfo=UTC).timestamp())
    blank = glucose_arrays(make_trace([100.0] * 288 * 20, zone="Europe/Berlin", start_s=start_s))
    levels = np.where(blank.local_minute == 8 * 60, 250.0, 100.0)
    made = profile(make_trace(levels, zone="Europe/Berlin", start_s=start_s))
    assert made.minute[made.mg_dl[2] > 200].tolist() == [480]


def test_the_hour_that_comes_twice_counts_once(make_trace: MakeTrace) -> None:
    start_s = int(datetime(2026, 10, 24, 22, tzinfo=UTC).timestamp())
    made = profile(make_trace([100.0] * 36 + [200.0] * 264, zone="Europe/Berlin", start_s=start_s), bin_min=60)
    assert made.days == 1
    assert set(made.n_days.tolist()) == {1}
    assert made.mg_dl[2, 2] == 150  # 02:00–03:00 first at 100, an hour later at 200
    assert made.minute.size == 24


def test_a_trip_across_the_date_line_keeps_each_clock(make_trace: MakeTrace) -> None:
    out = make_trace([100.0] * 288, zone="Pacific/Auckland", start_s=0)
    home = make_trace([140.0] * 288, zone="Pacific/Honolulu", start_s=86_400)
    made = profile(out, home)
    assert made.minute.tolist() == list(range(0, 1440, 5))
    assert set(made.mg_dl[2].tolist()) == {120}
    assert made.minute[made.n_days == 2].tolist() == list(range(720, 840, 5))  # 12:00 of one day, 12:00 of the next


def test_low_readings_enter_at_their_limit(make_trace: MakeTrace) -> None:
    made = profile(make_trace([40.0] * 288 * 2, censored=[-1] * 288 * 2))
    assert set(made.mg_dl.ravel().tolist()) == {40}


def test_the_bins_follow_the_sensor_and_divide_the_day(make_trace: MakeTrace) -> None:
    widths = {every: profile(make_trace([100.0] * 600, every_min=every)).bin_min for every in (1, 5, 7, 15)}
    assert widths == {1: 5, 5: 5, 7: 8, 15: 15}
    with pytest.raises(ValueError, match="divide the day"):
        ambulatory_profile(glucose_arrays(make_trace([100.0])), 7)


def test_times_without_a_reading_are_left_out_and_few_days_flagged(make_trace: MakeTrace) -> None:
    made = profile(make_trace([100.0, 110.0], start_s=0))
    assert made.minute.tolist() == [0, 5]
    assert np.isfinite(made.mg_dl).all()
    assert made.flag is not None
    assert made.flag.startswith("Days of readings: 1. 14 are recommended")


def test_no_profile_without_a_sensor_or_readings(make_trace: MakeTrace) -> None:
    for trace in (make_trace([100.0] * 9, source=Source.METER), make_trace([])):
        assert isinstance(ambulatory_profile(glucose_arrays(trace)), Unassessed)
