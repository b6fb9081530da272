"""Events by the 2023 rules: 15 minutes in, 15 minutes out, for every sensor, never across a gap."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from glucolog.analysis.episodes import Episode, Episodes, episodes
from glucolog.analysis.grid import resample
from glucolog.analysis.trace import glucose_arrays
from glucolog.core.columns import Trace
from glucolog.core.units import Unit
from hypothesis import given
from hypothesis import strategies as st

MakeTrace = Callable[..., Trace]
CALM = [120.0] * 60


def found(trace: Trace) -> Episodes:
    return episodes(glucose_arrays(trace))


def spans_min(events: tuple[Episode, ...], start_s: int = 1_767_225_600) -> list[tuple[int, int]]:
    return [((event.start_s - start_s) // 60, event.minutes) for event in events]


@pytest.mark.parametrize(("every_min", "needed"), [(1, 15), (5, 3), (15, 1)])
def test_fifteen_minutes_of_each_sensor_are_an_event(make_trace: MakeTrace, every_min: int, needed: int) -> None:
    event = found(make_trace(CALM + [65.0] * needed + CALM, every_min=every_min)).hypo_level_1
    assert spans_min(event) == [(60 * every_min, 15)]
    assert not event[0].cut_short
    assert found(make_trace(CALM + [65.0] * (needed - 1) + CALM, every_min=every_min)).hypo_level_1 == ()


def test_seventy_is_not_low_and_fifty_four_is_level_1(make_trace: MakeTrace) -> None:
    assert found(make_trace(CALM + [70.0] * 9 + CALM)).hypo_level_1 == ()
    at_54 = found(make_trace(CALM + [54.0] * 9 + CALM))
    assert (len(at_54.hypo_level_1), len(at_54.hypo_level_2)) == (1, 0)
    mmol = found(make_trace([6.0] * 60 + [3.9] * 9 + [6.0] * 60, unit=Unit.MMOL_L))
    assert mmol.hypo_level_1 == ()


def test_level_2_is_counted_in_level_1_too(make_trace: MakeTrace) -> None:
    both = found(make_trace([*CALM, 65, 60, 53, 50, 52, 60, 65, *CALM]))
    assert spans_min(both.hypo_level_1) == [(300, 35)]
    assert spans_min(both.hypo_level_2) == [(310, 15)]
    assert both.hypo_level_1[0].extreme_mg_dl == 50


@pytest.mark.parametrize(("back", "events"), [(2, [(300, 40)]), (3, [(300, 15), (330, 15)])])
def test_only_fifteen_minutes_back_end_an_event(
    make_trace: MakeTrace, back: int, events: list[tuple[int, int]]
) -> None:
    assert spans_min(found(make_trace(CALM + [65.0] * 3 + [80.0] * back + [65.0] * 3 + CALM)).hypo_level_1) == events


def test_a_short_dip_right_after_the_return_is_no_new_event(make_trace: MakeTrace) -> None:
    levels = CALM + [65.0] * 3 + [80.0] * 3 + [65.0] * 2 + CALM
    assert spans_min(found(make_trace(levels)).hypo_level_1) == [(300, 15)]


@pytest.mark.parametrize(("readings", "extended"), [(24, 0), (25, 1)])
def test_extended_is_more_than_two_hours(make_trace: MakeTrace, readings: int, extended: int) -> None:
    assert len(found(make_trace(CALM + [65.0] * readings + CALM)).hypo_extended) == extended


@pytest.mark.parametrize("drift_s", [-1, 0, 1])
def test_two_hours_stay_two_hours_when_the_clock_drifts(make_trace: MakeTrace, drift_s: int) -> None:
    levels = CALM + [65.0] * 24 + CALM
    at_s = np.arange(len(levels)) * (300 + drift_s)
    assert found(make_trace(levels, at_s=at_s)).hypo_extended == ()


def test_a_gap_ends_an_event_and_is_never_bridged(make_trace: MakeTrace) -> None:
    levels = CALM + [65.0] * 10 + CALM
    at_s = np.arange(len(levels)) * 300 + 1_767_225_600
    lost = np.isin(np.arange(len(levels)), [63, 64, 65])
    parts = found(make_trace(np.array(levels)[~lost], at_s=at_s[~lost])).hypo_level_1
    assert spans_min(parts) == [(300, 15), (330, 20)]
    assert [part.cut_short for part in parts] == [True, False]


def test_two_dips_on_both_sides_of_a_gap_are_no_event(make_trace: MakeTrace) -> None:
    at_s = [*range(0, 18_000, 300), *range(21_600, 39_600, 300)]
    levels = [120.0] * 58 + [65.0] * 2 + [65.0] * 2 + [120.0] * 58
    assert found(make_trace(levels, at_s=at_s)).hypo_level_1 == ()


def test_one_lost_reading_is_no_gap(make_trace: MakeTrace) -> None:
    levels = CALM + [65.0] * 3 + CALM
    at_s = np.arange(len(levels)) * 300 + 1_767_225_600
    keep = np.arange(len(levels)) != 61
    assert spans_min(found(make_trace(np.array(levels)[keep], at_s=at_s[keep])).hypo_level_1) == [(300, 15)]


def test_an_event_at_the_end_of_the_readings_is_cut_short(make_trace: MakeTrace) -> None:
    assert [event.cut_short for event in found(make_trace(CALM + [65.0] * 5)).hypo_level_1] == [True]
    assert [event.cut_short for event in found(make_trace(CALM + [65.0] * 5 + [90.0] * 2)).hypo_level_1] == [True]


def test_high_events_and_their_closed_sides(make_trace: MakeTrace) -> None:
    assert found(make_trace(CALM + [180.0] * 9 + CALM)).hyper_level_1 == ()
    high = found(make_trace([*CALM, *[181.0] * 3, *[251.0] * 3, *[250.0] * 3, *CALM]))
    assert spans_min(high.hyper_level_1) == [(300, 45)]
    assert spans_min(high.hyper_level_2) == [(315, 15)]
    assert high.hyper_level_2[0].extreme_mg_dl == 251


@pytest.mark.parametrize(
    ("levels", "extended"),
    [
        ([260.0] * 18, 1),  # 90 min in a row
        ([260.0] * 17, 0),
        ([260.0] * 9 + [200.0] * 6 + [260.0] * 9, 1),  # 90 of 120 min
        ([260.0] * 9 + [200.0] * 7 + [260.0] * 9, 0),  # 90 of 125 min
        ([260.0] * 9 + [150.0] * 3 + [260.0] * 9, 0),  # back at 180 in between: two events
    ],
)
def test_extended_high_is_ninety_minutes_of_two_hours(
    make_trace: MakeTrace, levels: list[float], extended: int
) -> None:
    high = found(make_trace(CALM + [200.0] * 3 + levels + [200.0] * 3 + CALM))
    assert len(high.hyper_extended) == extended


def test_low_shown_as_a_word_counts_with_its_limit(make_trace: MakeTrace) -> None:
    levels = [*CALM, 60, 40, 40, 60, *CALM]
    low = found(make_trace(levels, censored=[-1 if level == 40 else 0 for level in levels])).hypo_level_1
    assert [(event.minutes, event.extreme_mg_dl) for event in low] == [(20, 40)]


def test_no_readings_no_events(make_trace: MakeTrace) -> None:
    assert found(make_trace([])) == Episodes(
        hypo_level_1=(), hypo_level_2=(), hypo_extended=(), hyper_level_1=(), hyper_level_2=(), hyper_extended=()
    )


@pytest.mark.parametrize("name", ["Subject 1", "Subject 2", "Subject 3"])
def test_on_the_grid_of_iglu_the_events_are_those_of_iglu(shared: Path, make_trace: MakeTrace, name: str) -> None:
    with (shared / "data/iglu/example_data_5_subject.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["id"] == name]
    at_s = [int(datetime.fromisoformat(row["time"]).replace(tzinfo=UTC).timestamp()) for row in rows]
    grid = resample(glucose_arrays(make_trace([float(row["gl"]) for row in rows], at_s=at_s)), 5)
    ours = found(make_trace(grid.mg_dl, at_s=grid.slot * 300))
    text = (shared / "data/iglu/iglu_R_4.3.0_expected.json").read_text(encoding="utf-8")
    table = json.loads(text)["example_data_5_subject"]["episode_calculation"]
    iglu = {(row["type"], row["level"]): row for row in table if row["id"] == name}
    for key, events in {
        ("hypo", "lv1"): ours.hypo_level_1,
        ("hypo", "lv2"): ours.hypo_level_2,
        ("hypo", "extended"): ours.hypo_extended,
        ("hyper", "lv1"): ours.hyper_level_1,
        ("hyper", "lv2"): ours.hyper_level_2,
    }.items():
        assert len(events) == iglu[key]["total_episodes"], key
        if events and not any(event.cut_short for event in events):
            mean_minutes = sum(event.minutes for event in events) / len(events)
            assert mean_minutes == pytest.approx(iglu[key]["avg_ep_duration"]), key


def by_hand(low: list[bool]) -> list[tuple[int, int]]:
    """The rule read out one reading at a time, for a 5-minute sensor without gaps: (first, last) of each event."""
    events: list[tuple[int, int]] = []
    first = last = None
    for step in range(len(low)):
        if low[step]:
            last = step if first is not None else None
            if first is None and all(low[max(step - 2, 0) : step + 1]) and step >= 2:
                first, last = step - 2, step
        elif first is not None and last is not None and step - last >= 3:
            events.append((first, last))
            first = last = None
    return [*events, (first, last)] if first is not None and last is not None else events


@given(low=st.lists(st.booleans(), min_size=2, max_size=80))
def test_agrees_with_the_rule_read_out_one_reading_at_a_time(make_trace: MakeTrace, low: list[bool]) -> None:
    events = found(make_trace([65.0 if is_low else 100.0 for is_low in low])).hypo_level_1
    expected = [(5 * first, 5 * (last - first + 1)) for first, last in by_hand(low)]
    assert spans_min(events) == expected
