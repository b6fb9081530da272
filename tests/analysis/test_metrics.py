"""The consensus metrics: against iglu 4.3.0, by hand, at the closed sides, and where there is little or odd data."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from glucolog.analysis.episodes import Episodes
from glucolog.analysis.metrics import ConsensusMetrics, consensus_metrics
from glucolog.analysis.targets import target_shares
from glucolog.analysis.trace import GlucoseArrays, glucose_arrays
from glucolog.core.columns import Trace
from glucolog.core.findings import Unassessed
from glucolog.core.records import TargetSet
from glucolog.core.units import Source, Unit
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.conftest import MIDNIGHT_S

MakeTrace = Callable[..., Trace]
SUBJECTS = [
    ("example_data_1_subject", "Subject 1"),
    ("example_data_5_subject", "Subject 1"),
    ("example_data_5_subject", "Subject 2"),
    ("example_data_5_subject", "Subject 3"),
]
EXACT = {
    "percent_active": ("active_percent", "active_percent"),
    "mean_mg_dl": ("mean_glu", "mean"),
    "sd_mg_dl": ("sd_glu", "SD"),
    "cv_percent": ("cv_glu", "CV"),
    "gmi_percent": ("gmi", "GMI"),
    "ea1c_percent": ("ea1c", "eA1C"),
    "tir_70_180_percent": ("in_range_percent", "in_range_70_180"),
    "below_70_percent": ("below_percent", "below_70"),
    "below_54_percent": ("below_percent", "below_54"),
    "above_180_percent": ("above_percent", "above_180"),
    "above_250_percent": ("above_percent", "above_250"),
    "lbgi": ("lbgi", "LBGI"),
    "hbgi": ("hbgi", "HBGI"),
    "gri": ("gri", "GRI"),
    "j_index": ("j_index", "J_index"),
    "grade": ("grade", "GRADE"),
    "m_value": ("m_value", "M_value"),
}
CONTRACT = (
    "n", "days", "percent_active", "mean_mg_dl", "sd_mg_dl", "cv_percent", "gmi_percent", "ea1c_percent",
    "tir_70_180_percent", "below_70_percent", "below_54_percent", "above_180_percent", "above_250_percent", "lbgi",
    "hbgi", "gri", "mage_mg_dl", "modd_mg_dl", "conga_24_mg_dl", "episodes", "unassessed",
)  # fmt: skip


def of(trace: Trace, *more: Trace) -> dict[str, Any]:
    return consensus_metrics(glucose_arrays(trace, *more)).as_json()


def leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part)
    else:
        yield value


def strict_json(metrics: dict[str, Any]) -> str:
    return json.dumps(metrics, allow_nan=False, sort_keys=True)


@pytest.fixture(scope="session")
def expected(shared: Path) -> dict[str, Any]:
    text = (shared / "data/iglu/iglu_R_4.3.0_expected.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@pytest.fixture(scope="session")
def subject(shared: Path, make_trace: MakeTrace) -> Callable[[str, str], GlucoseArrays]:
    def read(dataset: str, name: str) -> GlucoseArrays:
        with (shared / f"data/iglu/{dataset}.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["id"] == name]
        at_s = [int(datetime.fromisoformat(row["time"]).replace(tzinfo=UTC).timestamp()) for row in rows]
        return glucose_arrays(make_trace([float(row["gl"]) for row in rows], at_s=at_s))

    return read


def expectation(expected: dict[str, Any], dataset: str, name: str, function: str, column: str) -> float:
    return float(next(row[column] for row in expected[dataset][function] if row["id"] == name))


@pytest.mark.parametrize(("dataset", "name"), SUBJECTS)
def test_agrees_with_iglu(
    expected: dict[str, Any], subject: Callable[[str, str], GlucoseArrays], dataset: str, name: str
) -> None:
    ours = consensus_metrics(subject(dataset, name)).as_json()
    iglu = {key: expectation(expected, dataset, name, *where) for key, where in EXACT.items()}
    assert {key: ours[key] for key in EXACT} == pytest.approx(iglu, rel=1e-6, abs=1e-12)
    for key, where in {"modd_mg_dl": ("modd", "MODD"), "conga_24_mg_dl": ("conga_default_n24", "CONGA")}.items():
        assert ours[key] == pytest.approx(expectation(expected, dataset, name, *where), rel=1e-9), key
    assert ours["mage_mg_dl"] == pytest.approx(expectation(expected, dataset, name, "mage_ma", "MAGE"), rel=0.02)
    assert ours["days"] == pytest.approx(expectation(expected, dataset, name, "active_percent", "ndays"), abs=0.05)


@pytest.mark.parametrize("name", ["Subject 2", "Subject 3"])
def test_mage_is_the_published_algorithm_to_the_digit_where_no_stretch_is_odd(
    expected: dict[str, Any], subject: Callable[[str, str], GlucoseArrays], name: str
) -> None:
    ours = consensus_metrics(subject("example_data_5_subject", name)).mage_mg_dl
    assert ours == pytest.approx(expectation(expected, "example_data_5_subject", name, "mage_ma", "MAGE"), rel=1e-9)


@pytest.mark.parametrize(("n", "has"), [(31, False), (32, True)])
def test_mage_wants_the_32_points_of_its_long_average(make_trace: MakeTrace, n: int, has: bool) -> None:
    wave = [150 + 50 * math.sin(step * 2 * math.pi / 16) for step in range(n)]
    ours = consensus_metrics(glucose_arrays(make_trace(wave))).mage_mg_dl
    assert isinstance(ours, float) is has
    if isinstance(ours, Unassessed):
        assert "as long as 160 min" in ours.reason


def a_day_at(levels: list[float]) -> list[float]:
    return [level for level in levels for _ in range(288 // len(levels))]


def test_the_shares_close_as_published_in_mg_dl(make_trace: MakeTrace) -> None:
    ours = of(make_trace(a_day_at([53, 54, 69, 70, 180, 181, 250, 251])))
    assert ours["below_54_percent"] == 12.5
    assert ours["below_70_percent"] == 37.5
    assert ours["tir_70_180_percent"] == 25
    assert ours["above_180_percent"] == 37.5
    assert ours["above_250_percent"] == 12.5
    assert ours["gri"] == 100  # 3.0 · 12.5 + 2.4 · 25 + 1.6 · 12.5 + 0.8 · 25 is 137.5


def test_the_shares_close_as_published_in_mmol_l(make_trace: MakeTrace) -> None:
    ours = of(make_trace(a_day_at([2.9, 3.0, 3.8, 3.9, 10.0, 10.1, 13.9, 14.0]), unit=Unit.MMOL_L))
    assert ours["below_54_percent"] == 12.5
    assert ours["below_70_percent"] == 37.5
    assert ours["tir_70_180_percent"] == 25
    assert ours["above_180_percent"] == 37.5
    assert ours["above_250_percent"] == 12.5


def test_the_glycemia_risk_index_weighs_very_low_most(make_trace: MakeTrace) -> None:
    very_low, low, very_high, high = (
        of(make_trace([level] * 29 + [120.0] * 259))["gri"] for level in (50.0, 60.0, 260.0, 200.0)
    )
    share = 100 * 29 / 288
    assert [very_low, low, very_high, high] == pytest.approx([3 * share, 2.4 * share, 1.6 * share, 0.8 * share])


def test_level_and_spread_by_hand(make_trace: MakeTrace) -> None:
    ours = of(make_trace([100, 120, 140, 160]))
    assert ours["mean_mg_dl"] == 130
    assert ours["sd_mg_dl"] == pytest.approx(math.sqrt(2000 / 3))
    assert ours["gmi_percent"] == pytest.approx(3.31 + 0.02392 * 130)
    assert ours["ea1c_percent"] == pytest.approx(176.7 / 28.7)


def test_day_to_day_differences_by_hand(make_trace: MakeTrace) -> None:
    days = [100.0] * 288 + [130.0] * 288 + [120.0] * 288
    ours = of(make_trace(days))
    assert ours["modd_mg_dl"] == pytest.approx(20)  # |30| and |−10|
    assert ours["conga_24_mg_dl"] == pytest.approx(20, rel=0.001)  # SD of +30 and −10, half each


def test_excursions_by_hand(make_trace: MakeTrace) -> None:
    up, down = list(np.linspace(80, 220, 49)), list(np.linspace(220, 80, 49))[1:]
    ours = of(make_trace((up + down[:-1]) * 6))
    assert ours["mage_mg_dl"] == pytest.approx(140, rel=0.01)


def test_a_ripple_under_one_sd_is_absorbed_by_the_excursion_it_rides_on(make_trace: MakeTrace) -> None:
    step = np.arange(6 * 144)
    big = 150 - 60 * np.cos(step * 2 * np.pi / 144)
    ours = of(make_trace(big + 8 * np.sin(step * 2 * np.pi / 20)))
    assert ours["mage_mg_dl"] == pytest.approx(120, abs=18)


def body(at_s: np.ndarray) -> np.ndarray:
    """Glucose of a made-up body at any second: a daily, a faster and a slower wave."""
    parts = ((40, 86_400), (25, 17_000), (20, 200_000))
    return np.asarray(150 + np.sum([size * np.sin(at_s * 2 * np.pi / period) for size, period in parts], axis=0))


@pytest.mark.parametrize("drift_s", [-2, 1, 2])
def test_a_clock_that_drifts_by_seconds_changes_next_to_nothing(make_trace: MakeTrace, drift_s: int) -> None:
    at_s = np.arange(288 * 15) * 300
    drifting_s = np.arange(288 * 15) * (300 + drift_s)
    steady, drifting = (of(make_trace(body(instants), at_s=instants)) for instants in (at_s, drifting_s))
    for key in ("modd_mg_dl", "conga_24_mg_dl", "mage_mg_dl", "mean_mg_dl", "tir_70_180_percent"):
        assert drifting[key] == pytest.approx(steady[key], rel=0.01), key
    assert drifting["percent_active"] == pytest.approx(100, abs=0.7)


def test_a_gap_adds_nothing_to_day_to_day_differences(make_trace: MakeTrace) -> None:
    glucose = np.concatenate((np.full(288, 100.0), np.full(288, 130.0)))
    at_s = np.arange(576) * 300
    keep = np.ones(576, dtype=bool)
    keep[300:400] = False
    ours = of(make_trace(glucose[keep], at_s=at_s[keep]))
    assert ours["modd_mg_dl"] == 30
    assert ours["percent_active"] == pytest.approx(100 * 476 / 576)


def test_many_people_stay_apart(make_trace: MakeTrace) -> None:
    people = {name: make_trace([level] * 300) for name, level in (("a", 60.0), ("b", 120.0), ("c", 260.0))}
    means = {name: of(trace)["mean_mg_dl"] for name, trace in people.items()}
    shares = {name: of(trace)["tir_70_180_percent"] for name, trace in people.items()}
    assert means == {"a": 60, "b": 120, "c": 260}
    assert shares == {"a": 0, "b": 100, "c": 0}


def test_a_constant_trace_has_values_and_named_refusals(make_trace: MakeTrace) -> None:
    ours = of(make_trace([110.0] * 288 * 3))
    assert (ours["sd_mg_dl"], ours["cv_percent"], ours["modd_mg_dl"], ours["conga_24_mg_dl"]) == (0, 0, 0, 0)
    assert ours["mage_mg_dl"] is None
    assert ours["unassessed"] == {"mage_mg_dl": "No rise or fall exceeds one standard deviation."}


def test_one_reading_has_a_mean_and_no_spread(make_trace: MakeTrace) -> None:
    ours = of(make_trace([110.0]))
    assert (ours["n"], ours["mean_mg_dl"], ours["tir_70_180_percent"]) == (1, 110, 100)
    assert set(ours["unassessed"]) == {
        "days", "percent_active", "sd_mg_dl", "cv_percent", "j_index", "mage_mg_dl", "modd_mg_dl", "conga_24_mg_dl",
    }  # fmt: skip


def test_no_readings_have_a_reason_for_everything(make_trace: MakeTrace) -> None:
    ours = of(make_trace([]))
    assert ours["n"] == 0
    assert all(ours[key] is None for key in CONTRACT if key not in {"n", "unassessed"})
    assert set(ours["unassessed"].values()) == {"There are no readings in this range of days."}


def test_all_low_counts_in_the_shares_and_has_no_mean(make_trace: MakeTrace) -> None:
    ours = of(make_trace([40.0] * 288, censored=[-1] * 288))
    assert ours["below_54_percent"] == 100
    assert ours["gri"] == 100
    assert ours["episodes"]["level_2"] == ours["episodes"]["extended"] == 1
    assert ours["mean_mg_dl"] is None
    assert "LO or HI" in ours["unassessed"]["mean_mg_dl"]
    assert ours["censored"] == {"low": 288, "high": 0}


def test_low_and_high_stand_at_their_limit_and_it_is_said(make_trace: MakeTrace) -> None:
    ours = of(make_trace([40, 100, 100, 400], censored=[-1, 0, 0, 1]))
    assert ours["mean_mg_dl"] == 160
    message = next(flag["message"] for flag in ours["flags"] if flag["flag"] == "censored_at_limit")
    assert message.startswith("1 LO and 1 HI readings")


def test_too_little_data_is_flagged_beside_the_value(make_trace: MakeTrace) -> None:
    week = of(make_trace([110.0, 120.0] * 144 * 7))
    assert week["mean_mg_dl"] == 115
    assert [flag["flag"] for flag in week["flags"]] == ["too_few_days"]
    fortnight = of(make_trace([110.0] * 288 * 14))
    assert (fortnight["days"], fortnight["percent_active"], fortnight["flags"]) == (14, 100, [])
    worn_at_noon = np.arange(288 * 20)
    worn_at_noon = worn_at_noon[worn_at_noon % 288 < 150]
    sparse = of(make_trace([110.0] * worn_at_noon.size, at_s=worn_at_noon * 300))
    assert [flag["flag"] for flag in sparse["flags"]] == ["too_little_active"]


@pytest.mark.parametrize(("read", "flags"), [(6, ["too_little_active"]), (7, [])])
def test_70_percent_of_the_time_are_enough(make_trace: MakeTrace, read: int, flags: list[str]) -> None:
    slots = np.arange(14 * 288 + 8)
    slots = slots[(slots % 10 < read - 1) | (slots % 10 == 9)]  # of each ten the first ones and the last
    ours = of(make_trace([110.0] * slots.size, at_s=slots * 300))
    assert ours["percent_active"] == pytest.approx(10 * read)
    assert [flag["flag"] for flag in ours["flags"]] == flags


def test_each_local_day_with_readings_has_its_own_mean(make_trace: MakeTrace) -> None:
    slots = np.concatenate([np.arange(288), 288 * 3 + np.arange(144), 288 * 4 + np.arange(288)])
    levels = np.repeat([100.0, 130.0, 160.0], [288, 144, 288])
    days = consensus_metrics(glucose_arrays(make_trace(levels.tolist(), at_s=(MIDNIGHT_S + slots * 300).tolist())))
    assert [(each.day.isoformat(), each.summary.n, each.summary.mean_mg_dl) for each in days.per_day] == [
        ("2026-01-01", 288, 100), ("2026-01-04", 144, 130), ("2026-01-05", 288, 160),
    ]  # fmt: skip


def test_mage_weighs_stretches_by_how_long_they_are(make_trace: MakeTrace) -> None:
    waves = [150 - size * np.cos(np.arange(288 * days) * 2 * np.pi / 144) for size, days in ((50, 2), (25, 6))]
    slots = np.concatenate([np.arange(288 * 2), 288 * 4 + np.arange(288 * 6)])
    ours = of(make_trace(np.concatenate(waves).tolist(), at_s=(slots * 300).tolist()))
    assert ours["mage_mg_dl"] == pytest.approx((100 * 2 + 50 * 6) / 8, abs=0.5)


def test_a_flag_never_rounds_a_number_onto_its_limit(make_trace: MakeTrace) -> None:
    ours = of(make_trace([110.0] * (288 * 14 - 1)))
    assert ours["days"] < 14
    assert ours["flags"][0]["message"].startswith("Days of readings: 13.9.")


def test_gmi_under_pregnancy_targets_says_whom_it_was_derived_in(make_trace: MakeTrace) -> None:
    def flags(target_set: TargetSet, source: Source = Source.CGM) -> set[str]:
        trace = make_trace([110.0] * 288, source=source)
        return {flag.name for flag in consensus_metrics(glucose_arrays(trace), target_set).flags}

    assert "gmi_in_pregnancy" in flags(TargetSet.PREGNANCY)
    assert "gmi_in_pregnancy" not in flags(TargetSet.ADULT) | flags(TargetSet.PREGNANCY, Source.METER)


def test_finger_sticks_are_shares_of_readings_and_never_of_time(make_trace: MakeTrace) -> None:
    ours = of(make_trace([60, 100, 150, 200], every_min=360, source=Source.METER))
    time_keys = [key for key in CONTRACT if key.endswith("_percent") and key not in {"cv_percent", "ea1c_percent"}]
    for key in (*time_keys, "percent_active", "gri", "mage_mg_dl", "modd_mg_dl", "conga_24_mg_dl", "episodes"):
        assert ours[key] is None, key
        assert key in ours["unassessed"]
    assert ours["share_of_readings"]["ge_70_le_180_percent"] == 50
    assert ours["share_of_readings"]["below_70_percent"] == 25
    assert ours["mean_mg_dl"] == 127.5
    assert "time in range" not in " ".join(flag["message"] for flag in ours["flags"])


def test_each_finger_stick_counts_once_however_close_to_the_next(make_trace: MakeTrace) -> None:
    ours = of(make_trace([60, 60, 180, 180], at_s=[0, 60, 36_000, 72_000], source=Source.METER))
    assert ours["mean_mg_dl"] == 120
    assert ours["share_of_readings"]["below_70_percent"] == 50


def test_scans_between_readings_never_make_more_than_all_of_the_time(make_trace: MakeTrace) -> None:
    at_s = sorted([*range(0, 86_400, 900), *range(180, 86_400, 2700)])
    assert of(make_trace([100.0] * len(at_s), at_s=at_s))["percent_active"] == 100


def test_two_sensors_worn_together_leave_no_time_unread(make_trace: MakeTrace) -> None:
    one = [at * 300 for at in range(288 * 14)]
    for later_s in (60, 100, 131, 150, 240):
        both = sorted([*one, *(at_s + later_s for at_s in one)])
        found = consensus_metrics(glucose_arrays(make_trace([60.0, 110.0] * len(one), at_s=both)))
        assert isinstance(found.percent_active, float)
        assert found.percent_active > 93, later_s


def test_a_night_ends_at_six_and_days_are_local(make_trace: MakeTrace) -> None:
    berlin = make_trace([100.0] * 72 + [200.0] * 216, zone="Europe/Berlin", start_s=1_767_222_000)
    ours = of(berlin)
    assert ours["overnight"]["n"] == 72
    assert ours["overnight"]["shares"]["ge_70_le_180_percent"] == 100
    assert ours["daytime"]["mean_mg_dl"] == 200
    assert [(day["day"], day["n"]) for day in ours["per_day"]] == [("2026-01-01", 288)]


@pytest.mark.parametrize(("start", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_local_day_has_as_many_readings_as_it_has_hours(make_trace: MakeTrace, start: str, hours: int) -> None:
    from_s = int(datetime.fromisoformat(f"{start}T00:00").replace(tzinfo=UTC).timestamp()) - 86_400
    ours = of(make_trace([100.0] * 288 * 4, zone="Europe/Berlin", start_s=from_s))
    assert {day["day"]: day["n"] for day in ours["per_day"]}[start] == 12 * hours


def test_a_trip_across_the_date_line_has_values(make_trace: MakeTrace) -> None:
    out = make_trace([110.0] * 288, zone="Pacific/Auckland", start_s=0)
    home = make_trace([150.0] * 288, zone="Pacific/Honolulu", start_s=86_400)
    ours = of(home, out)
    assert ours["mean_mg_dl"] == 130
    assert ours["modd_mg_dl"] == 40
    assert sum(day["n"] for day in ours["per_day"]) == 576
    strict_json(ours)


def test_a_single_day_has_no_day_to_day_difference(make_trace: MakeTrace) -> None:
    ours = of(make_trace([100.0, 150.0] * 144))
    assert ours["unassessed"]["modd_mg_dl"] == "No two readings lie 24 h apart."
    assert ours["episodes"] is not None


def test_ten_years_in_one_go(make_trace: MakeTrace) -> None:
    years = np.arange(0, 3652 * 288, 1)
    glucose = 140 + 45 * np.sin(years * 2 * np.pi / 288)
    ours = of(make_trace(glucose, at_s=years * 300, zone="America/New_York"))
    assert ours["days"] == 3652
    assert ours["modd_mg_dl"] == pytest.approx(0, abs=1e-9)
    assert ours["mage_mg_dl"] == pytest.approx(90, rel=0.01)
    assert len(ours["per_day"]) == 3653


def test_target_sets(make_trace: MakeTrace) -> None:
    arrays = glucose_arrays(make_trace(a_day_at([62, 63, 140, 141])))

    def held(target_set: TargetSet) -> dict[str, tuple[float, bool]]:
        shares = target_shares(arrays, target_set)
        assert not isinstance(shares, Unassessed)
        return {share.goal.zone.key: (share.percent, share.met) for share in shares}

    assert held(TargetSet.PREGNANCY) == {
        "ge_63_le_140": (50, False), "below_63": (25, False), "below_54": (0, True), "above_140": (25, False),
    }  # fmt: skip
    assert held(TargetSet.OLDER) == {"ge_70_le_180": (50, False), "below_70": (50, False)}
    assert held(TargetSet.ADULT)["above_250"] == (0, True)


def test_every_key_of_the_contract_is_there(make_trace: MakeTrace) -> None:
    ours = of(make_trace([100.0, 150.0] * 500))
    assert [key for key in CONTRACT if key not in ours] == []
    assert {"level_1", "level_2", "extended"} <= set(ours["episodes"])


amounts = st.integers(40, 400).map(float)


@settings(max_examples=40, deadline=None)
@given(
    glucose=st.lists(amounts, min_size=0, max_size=400),
    every_min=st.sampled_from([1, 5, 15, 360]),
    source=st.sampled_from(list(Source)),
    sides=st.lists(st.sampled_from([-1, 0, 1]), min_size=400, max_size=400),
)
def test_json_never_holds_nan_and_every_null_has_a_reason(
    make_trace: MakeTrace, glucose: list[float], every_min: int, source: Source, sides: list[int]
) -> None:
    trace = make_trace(glucose, every_min=every_min, source=source, censored=sides[: len(glucose)])
    ours = of(trace)
    strict_json(ours)
    nulls = {key for key in (*CONTRACT, "j_index", "grade", "m_value") if ours[key] is None}
    assert nulls <= set(ours["unassessed"])
    assert all(math.isfinite(leaf) for leaf in leaves(ours) if isinstance(leaf, float))


@settings(max_examples=25, deadline=None)
@given(
    glucose=st.lists(amounts, min_size=2, max_size=600),
    lost=st.sets(st.integers(1, 598), max_size=60),
    days=st.integers(-400, 400),
    seed=st.randoms(use_true_random=False),
)
def test_order_repeats_and_whole_days_change_nothing(
    make_trace: MakeTrace, glucose: list[float], lost: set[int], days: int, seed: Any
) -> None:
    rows = [(300 * step, level) for step, level in enumerate(glucose) if step not in lost]
    shuffled = rows + rows[: len(rows) // 2]
    seed.shuffle(shuffled)
    plain = of(make_trace([level for _, level in rows], at_s=[at for at, _ in rows]))
    moved = of(make_trace([level for _, level in shuffled], at_s=[at + 86_400 * days for at, _ in shuffled]))
    assert [day.pop("day") for day in moved["per_day"]] != [] or not rows
    assert [day.pop("day") for day in plain["per_day"]] != [] or not rows
    assert strict_json(moved) == strict_json(plain)


@settings(max_examples=25, deadline=None)
@given(tenths=st.lists(st.integers(22, 222), min_size=2, max_size=400))
def test_the_unit_changes_no_number_made_of_amounts(make_trace: MakeTrace, tenths: list[int]) -> None:
    mmol = make_trace([tenth / 10 for tenth in tenths], unit=Unit.MMOL_L)
    mg_dl = make_trace([tenth / 10 * 18.01559 for tenth in tenths])
    ours, same = of(mmol), of(mg_dl)
    for key in ("mean_mg_dl", "sd_mg_dl", "lbgi", "hbgi", "mage_mg_dl", "modd_mg_dl", "n", "days", "percent_active"):
        assert ours[key] == pytest.approx(same[key]), key


def test_the_result_is_frozen(make_trace: MakeTrace) -> None:
    result: ConsensusMetrics = consensus_metrics(glucose_arrays(make_trace([100.0, 120.0])))
    assert isinstance(result.episodes, Episodes)
    with pytest.raises(AttributeError):
        result.n = 3  # type: ignore[misc]
