"""Moments: instants with a zone, WHEN words, and the two nights a year that have their own rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from glucolog.core.moments import (
    Moment,
    format_moment,
    from_local,
    local_midnight,
    parse_minutes,
    parse_when,
    zone_info,
)
from glucolog.errors import AmbiguousError, RefusedError, UsageError
from hypothesis import given
from hypothesis import strategies as st

BERLIN = "Europe/Berlin"
NOW = Moment.of(datetime(2026, 3, 30, 18, 20, tzinfo=UTC), BERLIN)


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("now", "2026-03-30T20:20:00+02:00"),
        ("40m ago", "2026-03-30T19:40:00+02:00"),
        ("1h30 ago", "2026-03-30T18:50:00+02:00"),
        ("1h 30m ago", "2026-03-30T18:50:00+02:00"),
        ("18:05", "2026-03-30T18:05:00+02:00"),
        ("yesterday 21:00", "2026-03-29T21:00:00+02:00"),
        ("2026-03-28T09:00", "2026-03-28T09:00:00+01:00"),
        ("2026-03-28 09:00", "2026-03-28T09:00:00+01:00"),
        ("2026-03-28T09:00Z", "2026-03-28T10:00:00+01:00"),
        ("2026-03-28T09:00-05:00", "2026-03-28T15:00:00+01:00"),
    ],
)
def test_reads_when(text: str, local: str) -> None:
    assert parse_when(text, NOW).iso() == local


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("6:05 pm", "18:05"), ("6:05PM", "18:05"), ("6:05 p.m.", "18:05"), ("9am", "09:00"), ("9 PM", "21:00"),
        ("12 am", "00:00"), ("12:30 am", "00:30"), ("12pm", "12:00"), ("today 1:00 pm", "13:00"),
    ],
)  # fmt: skip
def test_reads_the_twelve_hour_clock(text: str, clock: str) -> None:
    assert parse_when(text, NOW) == parse_when(clock, NOW)


def test_the_twelve_hour_clock_of_yesterday_is_a_day_back() -> None:
    assert parse_when("yesterday 9 pm", NOW) == parse_when("yesterday 21:00", NOW)


@pytest.mark.parametrize(
    "text", ["soon", "25:00", "18:61", "ago", "m ago", "2026-13-01", "", "18", "13 pm", "0 am", "18:05 pm", "6 xm"]
)
def test_refuses_other_words(text: str) -> None:
    with pytest.raises(UsageError):
        parse_when(text, NOW)


def test_ago_counts_elapsed_time_across_the_clock_change() -> None:
    # Berlin's clocks went from 02:00 to 03:00 on 29 March 2026: 24 h before 20:20 it was 20:20, 48 h before 19:20.
    assert parse_when("48h ago", NOW).local.hour == 19


def test_a_skipped_time_is_refused() -> None:
    with pytest.raises(RefusedError, match="does not exist"):
        parse_when("2026-03-29T02:30", NOW)


def test_a_repeated_time_asks_for_the_offset() -> None:
    with pytest.raises(AmbiguousError) as caught:
        parse_when("2026-10-25T02:30", NOW)
    assert caught.value.choices == ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00")
    assert [parse_when(choice, NOW).epoch_s for choice in caught.value.choices] == [
        from_local(datetime(2026, 10, 25, 2, 30), BERLIN, fold=fold).epoch_s for fold in (0, 1)
    ]


@pytest.mark.parametrize("text", ["0001-01-01T00:00", "1899-12-31", "9999-12-31T23:59", "9999-12-31T23:59-12:00"])
def test_a_year_that_was_mistyped_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="The year of"):
        parse_when(text, NOW)


@pytest.mark.parametrize("text", ["99999999999h", "9" * 400, "100000000"])
def test_a_stretch_that_was_mistyped_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="too long a time"):
        parse_minutes(text)


def test_a_hundred_years_are_the_longest_stretch() -> None:
    assert parse_minutes("52560000") == 100 * 365 * 24 * 60
    with pytest.raises(RefusedError, match="too long a time"):
        parse_minutes("52560001")


def test_a_naive_datetime_is_no_moment() -> None:
    with pytest.raises(ValueError, match="naive"):
        Moment.of(datetime(2026, 1, 1), BERLIN)


@pytest.mark.parametrize("name", ["Mars/Phobos", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_named(name: str) -> None:
    with pytest.raises(UsageError, match="is not a time zone"):
        zone_info(name)


def test_a_day_that_skips_midnight_begins_later() -> None:
    # Beirut's clocks went from 00:00 to 01:00 on 27 March 2022.
    assert local_midnight(date(2022, 3, 27), "Asia/Beirut").local.isoformat() == "2022-03-27T01:00:00+03:00"


@pytest.mark.parametrize(
    ("text", "minutes"), [("40m", 40), ("2h", 120), ("1h30", 90), ("90", 90), ("+60m", 60), ("1,5h", 90), ("0.5h", 30)]
)
def test_reads_lengths(text: str, minutes: float) -> None:
    assert parse_minutes(text) == minutes


def test_shows_weekday_zone_and_offset() -> None:
    assert format_moment(NOW) == "Mon 30 Mar 2026 20:20 (Europe/Berlin, UTC+02:00)"
    assert format_moment(Moment(NOW.epoch_s, "UTC")) == "Mon 30 Mar 2026 18:20 (UTC)"


@given(
    st.integers(min_value=0, max_value=4_000_000_000),
    st.sampled_from([BERLIN, "America/St_Johns", "Pacific/Apia", "UTC", "Australia/Lord_Howe"]),
)
def test_iso_round_trip(epoch_s: int, zone: str) -> None:
    moment = Moment(epoch_s, zone)
    assert parse_when(moment.iso(), Moment(0, zone)) == moment


@given(st.integers(min_value=0, max_value=4_000_000_000), st.integers(min_value=-10_000, max_value=10_000))
def test_elapsed_minutes_add_up(epoch_s: int, minutes: int) -> None:
    start = Moment(epoch_s, BERLIN)
    assert start.plus(minutes=minutes).minutes_since(start) == minutes
    assert start.plus(minutes=minutes).local - start.local.astimezone(UTC) == timedelta(minutes=minutes)
