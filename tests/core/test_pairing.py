"""Which readings make a pair: links, windows with both ends closed, sources never mixed, reasons where none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from glucolog.core.findings import Unassessed
from glucolog.core.pairing import Nadir, PairedBy, pair
from glucolog.core.records import Phase
from glucolog.core.units import Source
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.core.conftest import Make


@pytest.mark.parametrize(("minute", "found"), [(-31, False), (-30, True), (0, True), (1, False)])
def test_before_is_taken_from_30_min_to_the_start_closed(make: Make, minute: float, found: bool) -> None:
    paired = pair(make.session(), [make.reading(minute, 142)])
    assert (paired.before is not None) is found


@pytest.mark.parametrize(("minute", "found"), [(29, False), (30, True), (60, True), (61, False)])
def test_after_is_taken_from_the_end_to_30_min_later_closed(make: Make, minute: float, found: bool) -> None:
    paired = pair(make.session(), [make.reading(minute, 98)])
    assert (paired.after is not None) is found


def test_the_last_before_and_the_first_after_are_taken(make: Make) -> None:
    readings = [make.reading(minute, amount) for minute, amount in ((-20, 150), (-5, 142), (35, 98), (50, 90))]
    paired = pair(make.session(), readings)
    assert (paired.before, paired.after) == (readings[1], readings[2])
    assert paired.paired_by is PairedBy.METER_WINDOW
    assert paired.followups == (readings[3],)


def test_links_beat_nearer_readings_and_any_window(make: Make) -> None:
    far, near, after = make.reading(-50, 160), make.reading(-1, 142), make.reading(32, 98)
    session = make.session(links=[(far, Phase.BEFORE), (after, Phase.AFTER)])
    paired = pair(session, [near, after, far])
    assert (paired.before, paired.paired_by) == (far, PairedBy.LINKS)


def test_one_link_is_completed_from_its_own_source(make: Make) -> None:
    linked, meter, sensor = make.reading(-5, 142), make.reading(40, 98), make.reading(31, 101, cgm=True)
    paired = pair(make.session(links=[(linked, Phase.BEFORE)]), [linked, meter, sensor])
    assert (paired.after, paired.paired_by) == (meter, PairedBy.LINK_AND_WINDOW)


def test_meter_and_sensor_are_never_a_pair(make: Make) -> None:
    paired = pair(make.session(), [make.reading(-5, 142), make.reading(31, 98, cgm=True)])
    assert (paired.before is None) != (paired.after is None)
    assert paired.unassessed == Unassessed(
        "One reading is from a meter and the other from a sensor; the two are not compared."
    )


def test_the_source_with_both_ends_is_taken(make: Make) -> None:
    sensor = make.cgm([(-10, 140), (35, 101)])
    paired = pair(make.session(), [make.reading(-1, 142), *sensor])
    assert (paired.before, paired.after, paired.paired_by) == (*sensor, PairedBy.CGM_WINDOW)


def test_a_pair_of_one_source_is_taken_before_a_link_to_one_end_of_the_other(make: Make) -> None:
    linked, sensor = make.reading(-1, 142), make.cgm([(-10, 140), (35, 101)])
    paired = pair(make.session(links=[(linked, Phase.BEFORE)]), [linked, *sensor])
    assert (paired.before, paired.after) == sensor


def test_both_sources_complete_the_meter_is_taken(make: Make) -> None:
    paired = pair(make.session(), [*make.cgm([(0, 140), (30, 101)]), make.reading(-9, 142), make.reading(39, 98)])
    assert paired.paired_by is PairedBy.METER_WINDOW


@pytest.mark.parametrize(
    ("minutes", "reason"),
    [
        ((), "There is no reading within 30 min before the start or after the end."),
        ((-5,), "There is no reading within 30 min after the end."),
        ((35,), "There is no reading within 30 min before the start."),
    ],
)
def test_no_pair_says_why(make: Make, minutes: tuple[float, ...], reason: str) -> None:
    paired = pair(make.session(), [make.reading(minute, 120) for minute in minutes])
    assert paired.unassessed == Unassessed(reason)
    assert paired.paired_by is None


def test_a_running_session_has_no_pair_yet(make: Make) -> None:
    before = make.reading(-5, 142)
    paired = pair(make.session(end=None), [before])
    assert (paired.before, paired.unassessed) == (before, Unassessed("The session is still running."))


def test_links_in_the_wrong_order_are_said(make: Make) -> None:
    late, early = make.reading(40, 142), make.reading(-5, 98)
    paired = pair(make.session(links=[(late, Phase.BEFORE), (early, Phase.AFTER)]), [late, early])
    assert paired.unassessed == Unassessed("The reading marked as after is earlier than the one marked as before.")


def test_one_reading_is_not_both_ends_of_a_session_without_length(make: Make) -> None:
    paired = pair(make.session(0, 0), [make.reading(0, 120)])
    assert paired.after is None


@pytest.mark.parametrize(("minute", "found"), [(270, True), (271, False)])
def test_followups_reach_4_h_after_the_end(make: Make, minute: float, found: bool) -> None:
    readings = [make.reading(-5, 142), make.reading(35, 98), make.reading(minute, 110)]
    assert bool(pair(make.session(), readings).followups) is found


@pytest.mark.parametrize(("minute", "found"), [(29, False), (30, True), (31, True)])
def test_a_reading_at_the_end_follows_it_where_a_later_one_is_the_after(make: Make, minute: float, found: bool) -> None:
    before, after, reading = make.reading(-5, 142), make.reading(40, 98), make.reading(minute, 110)
    paired = pair(make.session(links=[(after, Phase.AFTER)]), [before, after, reading])
    assert paired.followups == ((reading,) if found else ())


def test_sensor_followups_are_those_at_the_marks(make: Make) -> None:
    trace = make.cgm((minute, 120) for minute in range(-30, 300, 5))
    followups = pair(make.session(), trace).followups
    assert [reading.at.minutes_since(make.at(30)) for reading in followups] == [30, 60, 120, 240]


def test_followups_are_of_the_pairs_source_or_linked(make: Make) -> None:
    meter = [make.reading(minute, 120) for minute in (-5, 35, 90)]
    sensor = make.cgm([(60, 110), (150, 111)])
    session = make.session(links=[(sensor[1], Phase.FOLLOWUP)])
    assert pair(session, [*sensor, *meter]).followups == (meter[2], sensor[1])


def test_nadir_is_the_lowest_sensor_reading_and_its_minutes_from_the_start(make: Make) -> None:
    trace = make.cgm([(-5, 60), (0, 140), (85, 71), (90, 80), (275, 65)])
    nadir = pair(make.session(), [*trace, make.reading(100, 40)]).nadir
    assert isinstance(nadir, Nadir)
    assert (nadir.reading, nadir.minutes_from_start, nadir.readings, nadir.longest_gap_min) == (trace[2], 85, 3, 180)


def test_no_sensor_no_nadir(make: Make) -> None:
    assert isinstance(pair(make.session(), [make.reading(-5, 142)]).nadir, Unassessed)


POINTS = st.lists(st.tuples(st.integers(-60, 330), st.integers(40, 300), st.booleans()), max_size=12)


@given(POINTS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(make: Make, points: list[tuple[int, int, bool]], random: object) -> None:
    readings = [make.reading(minute, amount, cgm=cgm) for minute, amount, cgm in points]
    shuffled = list(readings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert pair(make.session(), shuffled) == pair(make.session(), readings)


@given(POINTS)
def test_a_pair_is_of_one_source_and_in_order(make: Make, points: list[tuple[int, int, bool]]) -> None:
    readings = [make.reading(minute, amount, cgm=cgm) for minute, amount, cgm in points]
    paired = pair(make.session(), readings)
    assert (paired.paired_by is None) == (paired.unassessed is not None)
    if paired.before and paired.after:
        assert paired.before.source is paired.after.source
        assert paired.before.at <= paired.after.at
    assert all(reading.source in Source for reading in paired.followups)
