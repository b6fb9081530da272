"""Local stamps: the order of day and month by the whole file, and the nights on which the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from glucolog.errors import AmbiguousError
from glucolog.importers.base import Fold, Options
from glucolog.importers.dates import Calendar, aware
from glucolog.importers.day_order import settle_day_first
from glucolog.importers.stamps import day_parts, parse_clock, split_stamp
from hypothesis import given
from hypothesis import strategies as st

NOW_S = int(datetime(2025, 11, 24, tzinfo=UTC).timestamp())
BERLIN = Options(zone="Europe/Berlin", now_s=NOW_S)


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("14:05", 50700),
        ("14:05:30", 50730),
        ("14:05:30.123", 50730),
        ("14.05", 50700),
        ("2:05 PM", 50700),
        ("12:05 AM", 300),
        ("12:05 p.m.", 43500),
        ("9:04\u202fPM", 75840),
    ],
)
def test_clock_times_of_every_locale(text: str, seconds: int) -> None:
    clock = parse_clock(text)
    assert clock is not None
    assert clock.seconds == seconds


@pytest.mark.parametrize("text", ["24:00", "12:60", "13:05 PM", "0:05 AM", "12", "", "12:3", "ab:cd", "1e:00"])
def test_what_is_no_clock_time(text: str) -> None:
    assert parse_clock(text) is None


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2025-05-02T08:00:00", "2025-05-02T06:00"),
        ("2025-05-02 08:00", "2025-05-02T06:00"),
        ("2025/05/02 08:00", "2025-05-02T06:00"),
        ("02.05.2025 08:00", "2025-05-02T06:00"),
        ("02.05.25 08:00", "2025-05-02T06:00"),
        ("2-5-2025 8:00", "2025-05-02T06:00"),
        ("May 2, 2025, 8:00 AM", "2025-05-02T06:00"),
        ("May 2, 2025 at 8:00 AM", "2025-05-02T06:00"),
        ("2. Mai 2025 08:00", "2025-05-02T06:00"),
        ("2 août 2025 08:00", "2025-08-02T06:00"),
        ("2 de mayo de 2025 08:00", "2025-05-02T06:00"),
        ("2025-05-02T08:00:00+05:00", "2025-05-02T03:00"),
        ("2025-05-02T08:00:00Z", "2025-05-02T08:00"),
    ],
)
def test_stamps_as_exports_write_them(stamp: str, expected: str) -> None:
    assert Calendar(BERLIN, day_first=True).place_one(stamp) == utc(expected)


@pytest.mark.parametrize(
    ("stamps", "titles", "day_first"),
    [
        (["01/02/2024 10:00", "13/02/2024 10:00"], [], True),
        (["01/02/2024 10:00", "02/13/2024 10:00"], [], False),
        (["01/02/2024 10:00 AM"], [], False),
        (["01.02.2024 10:00"], [], True),
        (["2024-02-01 10:00"], [], True),
        (["07-02-2021 00:02"], ["19-03-2021 14:06 UTC"], True),
        (["07-02-2021 00:02"], ["03-19-2021 02:06 PM UTC"], False),
        (["05-12-2025 10:00"], [], False),  # 5 December lies in the future
    ],
)
def test_the_whole_file_settles_the_order(stamps: list[str], titles: list[str], day_first: bool) -> None:
    assert settle_day_first(stamps, BERLIN, titles) is day_first


def test_a_title_that_reads_both_ways_settles_nothing() -> None:
    """7 February before a title of 8 February, 2 July before one of 2 August: both fit."""
    with pytest.raises(AmbiguousError):
        settle_day_first(["07-02-2021 00:02"], BERLIN, ["08-02-2021 14:06 UTC"])


def test_an_order_that_nothing_settles_is_asked_for() -> None:
    with pytest.raises(AmbiguousError) as caught:
        settle_day_first(["03/04/2024 10:00", "05/06/2024 10:00"], BERLIN)
    assert caught.value.choices == ("--day-first", "--month-first")
    asked = Options(zone="Europe/Berlin", now_s=NOW_S, day_first=False)
    assert settle_day_first(["03/04/2024 10:00"], asked) is False


def test_two_orders_in_one_file_are_asked_for_too() -> None:
    """A spreadsheet turned the half of the dates that it could read: no order is true of the whole file."""
    with pytest.raises(AmbiguousError):
        settle_day_first(["13/02/2024 10:00", "02/14/2024 10:00"], BERLIN)


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_order_of_rows_tells_the_repeated_hour(newest_first: bool) -> None:
    local = ["01:50", "02:00", "02:50", "02:00", "02:50", "03:00"]
    true = ["2024-10-26T23:50", "2024-10-27T00:00", "2024-10-27T00:50", "2024-10-27T01:00", "2024-10-27T01:50"]
    stamps = [f"2024-10-27 {clock}" for clock in local]
    placed = Calendar(BERLIN).place(stamps[::-1] if newest_first else stamps)
    expected = [utc(text) for text in [*true, "2024-10-27T02:00"]]
    assert placed.at == (expected[::-1] if newest_first else expected)
    assert placed.doubts == {}


@pytest.mark.parametrize(
    ("local", "true"),
    [
        (["01:55", "02:00", "02:55", "03:55"], ["2024-10-27T00:00", "2024-10-27T00:55"]),
        (["00:10", "02:00", "02:55", "03:00"], ["2024-10-27T01:00", "2024-10-27T01:55"]),
    ],
)
def test_a_single_pass_joins_the_side_it_touches(local: list[str], true: list[str]) -> None:
    placed = Calendar(BERLIN).place([f"2024-10-27 {clock}" for clock in local])
    assert placed.at[1:3] == [utc(text) for text in true]
    assert placed.doubts == {}


@pytest.mark.parametrize(("fold", "true"), [(Fold.FIRST, "2024-10-27T00:30"), (Fold.SECOND, "2024-10-27T01:30")])
def test_a_lone_reading_in_the_repeated_hour_is_kept_and_remarked(fold: Fold, true: str) -> None:
    options = Options(zone="Europe/Berlin", now_s=NOW_S, fold=fold)
    placed = Calendar(options).place(["2024-10-27 02:30"])
    assert placed.at == [utc(true)]
    assert list(placed.doubts) == [0]


def test_each_sequence_is_disambiguated_for_itself() -> None:
    """LibreView lists historic readings first and scans after them: the lone scan is in doubt, the readings are not."""
    local = ["01:45", "02:00", "02:45", "02:00", "02:45", "03:00", "02:20"]
    groups = ["historic"] * 6 + ["scan"]
    placed = Calendar(BERLIN).place([f"2024-10-27 {clock}" for clock in local], groups)
    assert list(placed.doubts) == [6]
    assert placed.at[1:5] == [utc(f"2024-10-27T{clock}") for clock in ("00:00", "00:45", "01:00", "01:45")]


def test_a_time_the_clocks_skipped_is_a_problem() -> None:
    at = Calendar(BERLIN).place_one("2024-03-31 02:30")
    assert at == "2024-03-31 02:30 does not exist in Europe/Berlin: the clocks went forward over it."


@pytest.mark.parametrize("stamp", ["1900-01-01 10:00", "2100-01-01 10:00", "2025-02-30 10:00", "x", "", "2025-05-02"])
def test_impossible_stamps_have_a_reason(stamp: str) -> None:
    reason = Calendar(BERLIN).place_one(stamp)
    assert isinstance(reason, str)
    assert reason.endswith(".")


@pytest.mark.parametrize("newest_first", [False, True])
def test_both_showings_of_the_hour_sorted_into_each_other_are_told_apart(newest_first: bool) -> None:
    """Clarity sorts by the local clock; its transmitter counts on (made from instants, oracle: zoneinfo)."""
    zone = ZoneInfo("Europe/Berlin")
    first = datetime(2024, 10, 26, 23, 3, 30, tzinfo=UTC)
    instants = [first + timedelta(minutes=5 * step) for step in range(48)]
    rows = [(f"{one.astimezone(zone):%Y-%m-%d %H:%M:%S}", int(one.timestamp())) for one in instants]
    rows.sort(reverse=newest_first)
    stamps, expected = [stamp for stamp, _ in rows], [second for _, second in rows]
    counted = Calendar(BERLIN).place(stamps, clocks=[f"{second - 1_729_000_000}" for second in expected])
    assert (counted.at, counted.doubts) == (expected, {})
    assert (Calendar(BERLIN).place(stamps).at, len(set(expected))) == (expected, 48)


def test_a_file_that_repeats_its_rows_has_no_second_hour() -> None:
    stamps = [f"2024-10-27 {hour:02}:{minute:02}" for hour in (1, 2, 3) for minute in (0, 30) for _ in range(2)]
    assert len(set(Calendar(BERLIN).place(stamps).at)) == 6


def test_midnight_changes_and_half_hours_are_placed() -> None:
    """Beirut skips 00:00 to 01:00; Lord Howe moves by half an hour (oracle: zoneinfo)."""
    beirut = Calendar(Options(zone="Asia/Beirut", now_s=NOW_S))
    assert isinstance(beirut.place_one("2024-03-31 00:30"), str)
    lord_howe = Calendar(Options(zone="Australia/Lord_Howe", now_s=NOW_S)).place(
        ["2024-04-07 01:25", "2024-04-07 01:45", "2024-04-07 01:30", "2024-04-07 01:55", "2024-04-07 02:05"]
    )
    gaps = [int(later) - int(earlier) for earlier, later in pairwise(lord_howe.at)]
    assert gaps == [20 * 60, 15 * 60, 25 * 60, 10 * 60]


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2025, 11, 20)), st.sampled_from([5, 15]))
def test_a_day_of_readings_keeps_its_distances(start: datetime, step_min: int) -> None:
    """A sensor's clock in local time, whatever the zone does that day, comes back to the instants it was made from."""
    zone = Calendar(Options(zone="America/New_York", now_s=NOW_S))
    first = start.replace(tzinfo=UTC, microsecond=0)
    instants = [first + timedelta(minutes=step_min * i) for i in range(30 * 60 // step_min)]
    local = [moment.astimezone(ZoneInfo("America/New_York")).strftime("%Y-%m-%d %H:%M:%S") for moment in instants]
    placed = zone.place(local)
    if not placed.doubts:
        assert placed.at == [int(moment.timestamp()) for moment in instants]


@given(st.text(max_size=80))
def test_any_text_has_a_place_or_a_reason(text: str) -> None:
    day_parts(text)
    assert isinstance("".join(split_stamp(text)), str)
    assert isinstance(Calendar(BERLIN).place_one(text), (int, str))
    assert isinstance(aware(text, BERLIN), (int, str))
