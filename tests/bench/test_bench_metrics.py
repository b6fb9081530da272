"""All metrics of a year of 5-minute readings, held against the plain numpy expressions they contain and a peer.

Ratios of CPU time within one run; absolute times belong to the machine.
"""

from __future__ import annotations

import tracemalloc
from array import array
from collections.abc import Callable

import numpy as np
import pytest
from glucolog.analysis.agp import PERCENTS, ambulatory_profile
from glucolog.analysis.metrics import consensus_metrics
from glucolog.analysis.trace import glucose_arrays
from glucolog.core.columns import Trace
from glucolog.core.units import Source
from tests.bench.cpu import cpu_seconds

A_YEAR = 105_120
START_S = 1_767_225_600


def glucose_of_days(n: int) -> np.ndarray:
    """A made-up year: meals, a daily wave and noise that lasts for an hour or two."""
    rng = np.random.default_rng(20)
    minute = np.arange(n) * 5.0
    lasting = np.convolve(rng.normal(size=n + 23), np.ones(24) / 24, mode="valid") * 5
    meals = 45 * np.maximum(np.sin(minute * 2 * np.pi / 300), 0)
    level = 105 + 25 * np.sin(minute * 2 * np.pi / 1440) + meals + 25 * lasting
    return np.asarray(np.clip(np.round(level), 40, 400))


def trace_of(mg_dl: np.ndarray) -> Trace:
    n = mg_dl.size
    return Trace(
        source=Source.CGM,
        zone="Europe/Berlin",
        at_s=array("q", (START_S + 300 * np.arange(n)).tolist()),
        amount=array("d", mg_dl.tolist()),
        is_mmol_l=array("b", [0]) * n,
        censored=array("b", [0]) * n,
    )


def ours(trace: Trace) -> object:
    arrays = glucose_arrays(trace)
    return consensus_metrics(arrays), ambulatory_profile(arrays)


def plain(at_s: np.ndarray, mg_dl: np.ndarray) -> object:
    """The same numbers for a trace known to be complete, sorted, in one unit and in UTC: no gaps, no reasons."""
    at_s, order = np.unique(at_s, return_index=True)
    mg_dl = mg_dl[order]
    return (
        plain_level(mg_dl),
        plain_risk(mg_dl),
        plain_days(at_s, mg_dl),
        plain_course(at_s, mg_dl),
        [plain_events(at_s, side) for side in (mg_dl < 70, mg_dl < 54, mg_dl > 180, mg_dl > 250)],
        np.percentile(mg_dl.reshape(-1, 288), PERCENTS, axis=0),
    )


def plain_level(mg_dl: np.ndarray) -> object:
    sides = mg_dl < 54, mg_dl < 70, (mg_dl >= 70) & (mg_dl <= 180), mg_dl > 180, mg_dl > 250
    return mg_dl.mean(), mg_dl.std(ddof=1), [100 * np.mean(side) for side in (*sides, *sides)]  # twice: target set


def plain_risk(mg_dl: np.ndarray) -> object:
    side = 1.509 * (np.log(mg_dl) ** 1.084 - 5.381)
    score = np.minimum(425 * (np.log10(np.log10(mg_dl / 18)) + 0.16) ** 2, 50)
    m_value = np.abs(10 * np.log10(mg_dl / 90)) ** 3
    return np.mean(np.minimum(side, 0) ** 2), np.mean(np.maximum(side, 0) ** 2), score.mean(), m_value.mean()


def plain_days(at_s: np.ndarray, mg_dl: np.ndarray) -> object:
    _, day = np.unique(at_s // 86_400, return_inverse=True)
    is_night = at_s % 86_400 < 21_600
    rows = []
    for group in (day, is_night.astype(np.int64)):
        n = np.bincount(group)
        mean = np.bincount(group, weights=mg_dl) / n
        spread = np.sqrt(np.bincount(group, weights=(mg_dl - mean[group]) ** 2) / (n - 1))
        sides = mg_dl < 54, mg_dl < 70, (mg_dl >= 70) & (mg_dl <= 180), mg_dl > 180, mg_dl > 250
        shares = [np.bincount(group, weights=side) / n for side in sides]
        rows.append([mean.tolist(), spread.tolist(), [share.tolist() for share in shares]])
    return rows


def plain_course(at_s: np.ndarray, mg_dl: np.ndarray) -> object:
    marks = np.arange(at_s[0], at_s[-1] + 1, 300)
    even = np.interp(marks, at_s, mg_dl)
    day = even[288:] - even[:-288]
    above = np.convolve(even, np.ones(5) / 5, "same") - np.convolve(even, np.ones(32) / 32, "same")
    cuts = np.flatnonzero(np.diff(above > 0))
    peaks = [int(np.argmax(part)) for part in np.split(even, cuts)]
    return np.abs(day).mean(), day.std(ddof=1), peaks


def plain_events(at_s: np.ndarray, side: np.ndarray) -> object:
    first = np.flatnonzero(np.diff(side, prepend=~side[:1]))
    minutes = np.diff(at_s[first], append=at_s[-1] + 300) / 60
    return [
        (start, length) for start, length in zip(at_s[first].tolist(), minutes.tolist(), strict=True) if length >= 15
    ]


@pytest.mark.benchmark(group="metrics")
def test_a_year_within_three_times_the_plain_expressions(benchmark: Callable[..., object]) -> None:
    mg_dl = glucose_of_days(A_YEAR)
    trace = trace_of(mg_dl)
    at_s = np.frombuffer(trace.at_s, dtype=np.int64)
    benchmark(ours, trace)
    ratio = cpu_seconds(lambda: ours(trace), rounds=7) / cpu_seconds(lambda: plain(at_s, mg_dl), rounds=7)
    benchmark.extra_info["times_plain_numpy"] = round(ratio, 2)  # type: ignore[attr-defined]
    assert ratio < 3


@pytest.mark.filterwarnings("ignore")  # the peer's own, on newer pandas
@pytest.mark.benchmark(group="metrics")
def test_twenty_times_faster_than_iglu_python(benchmark: Callable[..., object]) -> None:
    iglu = pytest.importorskip("iglu_python")
    pandas = pytest.importorskip("pandas")
    mg_dl = glucose_of_days(A_YEAR)
    trace = trace_of(mg_dl)
    instants = pandas.to_datetime(np.frombuffer(trace.at_s, dtype=np.int64), unit="s")
    frame = pandas.DataFrame({"id": "a", "time": instants, "gl": mg_dl})
    names = (
        "mean_glu", "sd_glu", "cv_glu", "gmi", "ea1c", "in_range_percent", "below_percent", "above_percent", "lbgi",
        "hbgi", "gri", "active_percent", "mage", "modd", "conga", "episode_calculation", "j_index", "grade", "m_value",
    )  # fmt: skip
    benchmark(ours, trace)
    peer = cpu_seconds(lambda: [getattr(iglu, name)(frame) for name in names])
    ratio = peer / cpu_seconds(lambda: ours(trace), rounds=7)
    benchmark.extra_info["times_faster_than_iglu_python"] = round(ratio)  # type: ignore[attr-defined]
    assert ratio > 20


def peak_bytes(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.benchmark(group="metrics")
def test_memory_grows_with_the_readings_and_not_with_the_span(benchmark: Callable[..., object]) -> None:
    year, four_years = trace_of(glucose_of_days(A_YEAR)), trace_of(glucose_of_days(4 * A_YEAR))
    benchmark.pedantic(ours, args=(year,))  # type: ignore[attr-defined]
    one, four = peak_bytes(lambda: ours(year)), peak_bytes(lambda: ours(four_years))
    benchmark.extra_info["bytes_a_reading"] = round(one / A_YEAR)  # type: ignore[attr-defined]
    assert four < 4.5 * one
    assert one < 300 * A_YEAR
    far_apart = trace_of(glucose_of_days(600))
    far_apart.at_s[0] = 0  # one reading of 1970 beside those of 2026
    assert peak_bytes(lambda: ours(far_apart)) < 20_000_000
