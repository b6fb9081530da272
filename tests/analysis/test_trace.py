"""Columns in time order, the local clock across DST and the date line, the sensor's interval, gaps and weights."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from glucolog.analysis import indices
from glucolog.analysis.clock import utc_offsets_s
from glucolog.analysis.trace import GlucoseArrays, glucose_arrays
from glucolog.core.columns import Trace
from glucolog.core.evidence import ABOVE_180, GE_70_LE_180, LEVEL_1, RANGE_HIGH
from glucolog.core.units import Source, Unit
from hypothesis import given
from hypothesis import strategies as st

MakeTrace = Callable[..., Trace]


def epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_every_formula_holds_a_worked_value() -> None:
    tests = doctest.DocTestFinder(exclude_empty=False).find(indices)
    assert [test.name for test in tests if not test.examples] == [
        "glucolog.analysis.indices",
        "glucolog.analysis.indices._over_1",
        "glucolog.analysis.indices._symmetric",
    ]


def test_a_sorted_trace_is_not_copied(make_trace: MakeTrace) -> None:
    trace = make_trace([100, 110, 120])
    assert np.shares_memory(glucose_arrays(trace).amount, np.frombuffer(trace.amount))


def test_rows_are_sorted_and_one_an_instant_stays_the_lowest(make_trace: MakeTrace) -> None:
    arrays = glucose_arrays(make_trace([120, 90, 80, 90], at_s=[600, 300, 600, 300]))
    assert arrays.at_s.tolist() == [300, 600]
    assert arrays.amount.tolist() == [90, 80]


def test_sources_never_mix(make_trace: MakeTrace) -> None:
    with pytest.raises(ValueError, match="one source"):
        glucose_arrays(make_trace([100]), make_trace([100], source=Source.METER))
    with pytest.raises(ValueError, match="one source"):
        glucose_arrays()


def test_amounts_are_judged_in_the_unit_they_were_typed_in(make_trace: MakeTrace) -> None:
    mmol = glucose_arrays(make_trace([3.89, 3.9, 10.0, 10.1], unit=Unit.MMOL_L))
    assert mmol.mg_dl[0] > 70
    assert mmol.mg_dl[2] > 180
    assert mmol.below(LEVEL_1.pair).tolist() == [True, False, False, False]
    assert mmol.above(RANGE_HIGH.pair).tolist() == [False, False, False, True]
    assert mmol.within(GE_70_LE_180).tolist() == [False, True, True, False]
    mg_dl = glucose_arrays(make_trace([69, 70, 180, 181]))
    assert mg_dl.within(GE_70_LE_180).tolist() == [False, True, True, False]
    assert mg_dl.within(ABOVE_180).tolist() == [False, False, False, True]


def test_a_trace_of_both_units_is_judged_row_by_row(make_trace: MakeTrace) -> None:
    joined = glucose_arrays(make_trace([3.9], unit=Unit.MMOL_L, at_s=[0]), make_trace([70.2, 69.9], at_s=[300, 600]))
    assert joined.below(LEVEL_1.pair).tolist() == [False, False, True]


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC"]
)
def test_offsets_agree_with_the_standard_library_every_ten_minutes_of_a_year(zone: str) -> None:
    at_s = np.arange(epoch("2025-01-01"), epoch("2026-01-01"), 600)
    info = ZoneInfo(zone)
    expected = [int(datetime.fromtimestamp(s, info).utcoffset().total_seconds()) for s in at_s.tolist()]  # type: ignore[union-attr]
    assert utc_offsets_s(at_s, zone).tolist() == expected


def test_a_clock_change_takes_hold_on_its_second() -> None:
    change = epoch("2026-03-29T01:00:00")
    assert utc_offsets_s(np.array([change - 1, change]), "Europe/Berlin").tolist() == [3600, 7200]
    assert utc_offsets_s(np.array([change]), "Europe/Berlin").tolist() == [7200]


def test_the_hour_that_comes_twice_keeps_both_instants(make_trace: MakeTrace) -> None:
    first, second = epoch("2025-10-26T00:30"), epoch("2025-10-26T01:30")
    arrays = glucose_arrays(make_trace([100, 110], at_s=[first, second], zone="Europe/Berlin"))
    assert arrays.local_minute.tolist() == [150, 150]
    assert len(set(arrays.local_day.tolist())) == 1


def test_a_trip_across_the_date_line_lives_one_day_twice(make_trace: MakeTrace) -> None:
    leave, land = epoch("2026-05-01T22:00"), epoch("2026-05-02T07:00")
    arrays = glucose_arrays(
        make_trace([120], at_s=[land], zone="Pacific/Honolulu"),
        make_trace([110], at_s=[leave], zone="Pacific/Auckland"),
    )
    days = arrays.local_s.astype("datetime64[s]").astype(str).tolist()
    assert days == ["2026-05-02T10:00:00", "2026-05-01T21:00:00"]
    assert np.diff(arrays.local_day).tolist() == [-1]


@pytest.mark.parametrize("every_min", [1, 5, 15])
def test_the_interval_of_the_sensor_is_found_with_jitter_and_losses(make_trace: MakeTrace, every_min: int) -> None:
    jitter = np.random.default_rng(4).integers(-9, 10, 400)
    at_s = (np.arange(400) * every_min * 60 + jitter)[np.arange(400) % 7 != 3]
    assert set(glucose_arrays(make_trace([100.0] * at_s.size, at_s=at_s)).interval_min.tolist()) == {every_min}


def test_a_change_of_sensor_keeps_each_interval_and_weighs_days_alike(make_trace: MakeTrace) -> None:
    slow = make_trace([60.0] * 96, every_min=15, at_s=range(0, 86_400, 900))
    fast = make_trace([100.0] * 1440, every_min=1, at_s=range(86_400, 172_800, 60))
    arrays = glucose_arrays(slow, fast)
    assert arrays.interval_min[[0, 95, 96, -1]].tolist() == [15, 15, 1, 1]
    assert arrays.weight[arrays.amount == 60].sum() == arrays.weight[arrays.amount == 100].sum() == 1440


def test_a_scan_between_two_readings_adds_no_time(make_trace: MakeTrace) -> None:
    at_s = sorted([*range(0, 86_400, 900), 180, 1200])
    arrays = glucose_arrays(make_trace([100.0] * len(at_s), at_s=at_s))
    assert arrays.weight[:2].tolist() == [3, 15]
    assert arrays.grid_min == 15


@pytest.mark.parametrize(("step_min", "is_gap"), [(5, False), (10, False), (12, False), (13, True), (60, True)])
def test_one_lost_reading_is_no_gap_and_two_are(make_trace: MakeTrace, step_min: int, is_gap: bool) -> None:
    at_s = [*range(0, 9000, 300)]
    at_s += [at_s[-1] + step_min * 60 + later for later in range(0, 9000, 300)]
    gaps = glucose_arrays(make_trace([100.0] * len(at_s), at_s=at_s)).gap_before()
    assert gaps.nonzero()[0].tolist() == ([0, 30] if is_gap else [0])


def test_between_is_closed_at_its_start_and_open_at_its_end(make_trace: MakeTrace) -> None:
    part = glucose_arrays(make_trace([1.0, 2, 3], at_s=[0, 300, 600])).between(0, 600)
    assert part.at_s.tolist() == [0, 300]


def test_no_readings_are_a_trace_too(make_trace: MakeTrace) -> None:
    empty = glucose_arrays(make_trace([]))
    assert (len(empty), empty.gap_before().size, empty.weight.size, empty.local_day.size) == (0, 0, 0, 0)


def equal(one: GlucoseArrays, other: GlucoseArrays) -> bool:
    names = "at_s", "offset_s", "amount", "is_mmol_l", "censored", "mg_dl", "interval_min"
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


@given(
    rows=st.lists(st.tuples(st.integers(0, 3000), st.integers(40, 400)), min_size=1, max_size=40),
    seed=st.randoms(use_true_random=False),
)
def test_order_and_repeats_of_rows_change_nothing(
    make_trace: MakeTrace, rows: list[tuple[int, int]], seed: object
) -> None:
    def build(some: list[tuple[int, int]]) -> GlucoseArrays:
        return glucose_arrays(make_trace([float(g) for _, g in some], at_s=[60 * s for s, _ in some]))

    shuffled = [*rows, *rows]
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    assert equal(build(rows), build(shuffled))
