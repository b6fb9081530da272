"""Sensor events by Battelino 2023: when one starts, what interrupts it, what ends it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from glucolog.core.evidence import LEVEL_1
from glucolog.core.lows import (
    LowBasis,
    LowWindow,
    attributed_lows,
    longest_below_min,
    looked_at,
    low_events,
    night_after,
)
from glucolog.core.moments import Moment

if TYPE_CHECKING:
    from tests.core.conftest import Make


@pytest.mark.parametrize(("end", "until"), [(30, 30 + 24 * 60), (None, 24 * 60)])
def test_lows_are_looked_for_a_day_before_and_after(make: Make, end: float | None, until: float) -> None:
    assert looked_at(make.session(end=end)) == (make.at(-24 * 60), make.at(until))


@pytest.mark.parametrize(("recovered", "events"), [((75,), 1), ((75, 80), 1), ((75, 80, 85), 2)])
def test_an_event_ends_with_15_min_above(make: Make, recovered: tuple[int, ...], events: int) -> None:
    minutes = (60, 65, 70, *recovered, recovered[-1] + 5)
    trace = make.cgm([(minute, 80 if minute in recovered else 65) for minute in minutes])
    assert len(low_events(trace)) == events


@pytest.mark.parametrize(("gap", "events"), [(20, 1), (20.1, 2)])
def test_a_gap_ends_an_event(make: Make, gap: float, events: int) -> None:
    assert len(low_events(make.cgm([(0, 65), (gap, 65)]))) == events


def test_a_gap_ends_an_event_also_before_a_recovered_reading(make: Make) -> None:
    assert len(low_events(make.cgm([(0, 65), (30, 80), (35, 65)]))) == 2


def test_each_reading_holds_until_the_next(make: Make) -> None:
    trace = make.cgm([(0, 65), (5, 66), (12, 90), (17, 65), (40, 90)])
    (event, *_) = low_events(trace)
    assert longest_below_min(trace, event, LEVEL_1.pair) == 12
    assert longest_below_min(trace[3:], [trace[3]], LEVEL_1.pair) == 5


def test_lows_of_both_sources_are_listed_in_time_order(make: Make) -> None:
    readings = [make.reading(200, 60), *make.cgm([(50, 68), (65, 67), (80, 90)])]
    found = attributed_lows(make.session(), readings)
    assert [(low.basis, low.window, low.minutes_after_end) for low in found] == [
        (LowBasis.SENSOR_EVENT, LowWindow.EARLY, 20),
        (LowBasis.METER, LowWindow.LATE, 170),
    ]


@pytest.mark.parametrize(
    ("end", "start"),
    [
        ("2026-01-01T05:59+00:00", "2026-01-01T00:00:00+00:00"),
        ("2026-01-01T06:00+00:00", "2026-01-02T00:00:00+00:00"),
        ("2026-01-01T23:59+00:00", "2026-01-02T00:00:00+00:00"),
    ],
)
def test_the_night_is_the_one_it_falls_into_or_the_next(end: str, start: str) -> None:
    opens, closes = night_after(Moment.of(datetime.fromisoformat(end), "UTC"))
    assert opens.iso() == start
    assert closes.minutes_since(opens) == 360


def test_the_night_of_a_clock_change_is_an_hour_shorter() -> None:
    opens, closes = night_after(Moment.of(datetime.fromisoformat("2026-03-28T18:00+01:00"), "Europe/Berlin"))
    assert (opens.iso(), closes.iso()) == ("2026-03-29T00:00:00+01:00", "2026-03-29T06:00:00+02:00")
    assert closes.minutes_since(opens) == 300
