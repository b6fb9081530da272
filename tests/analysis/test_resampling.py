"""Rank statistics against published examples, brute force over every flip, and scipy as an oracle."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from itertools import product
from types import ModuleType

import numpy as np
import pytest
from glucolog.analysis import resampling
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import need

# Hollander & Wolfe, Nonparametric Statistical Methods, depression scale of nine patients before and after therapy
BEFORE = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
AFTER = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])


def oracle(module: str) -> ModuleType:
    """An independent implementation, where it is installed."""
    need(find_spec(module.split(".", maxsplit=1)[0]), module)
    return import_module(module)


numbers = st.lists(st.integers(-40, 40).map(float), min_size=1, max_size=9)


def test_the_depression_example_of_hollander_and_wolfe() -> None:
    falls = BEFORE - AFTER
    assert resampling.hodges_lehmann(falls) == pytest.approx(0.46)
    assert resampling.hodges_lehmann_interval(falls) == pytest.approx((0.010, 0.786))
    assert resampling.sign_flip_p(falls) == pytest.approx(0.0390625)


# two-sided 5 % critical values of the signed-rank sum, as tabled
@pytest.mark.parametrize(("n", "critical"), [(6, 0), (7, 2), (8, 3), (10, 8), (15, 25), (20, 52), (25, 89)])
def test_the_cut_is_the_tabled_critical_value(n: int, critical: int) -> None:
    assert resampling.signed_rank_cut(n, 0.05) == critical + 1


@given(numbers)
def test_sign_flips_are_enumerated(differences: list[float]) -> None:
    kept = np.array([value for value in differences if value])
    sizes = np.abs(kept)
    ranks = np.array([((sizes < size).sum() + (sizes <= size).sum() + 1) / 2 for size in sizes])
    observed = abs(float((ranks * np.sign(kept)).sum()))
    flips = [abs(float((ranks * signs).sum())) for signs in product((-1, 1), repeat=kept.size)]
    expected = np.mean([flip >= observed - 1e-9 for flip in flips])
    assert resampling.sign_flip_p(np.array(differences)) == pytest.approx(float(expected))


@given(numbers, st.floats(-100, 100))
def test_a_shift_moves_estimate_and_interval_alike(differences: list[float], shift: float) -> None:
    plain, moved = np.array(differences), np.array(differences) + shift
    assert resampling.hodges_lehmann(moved) == pytest.approx(resampling.hodges_lehmann(plain) + shift, abs=1e-6)
    low, high = resampling.hodges_lehmann_interval(plain)
    assert resampling.hodges_lehmann_interval(moved) == pytest.approx((low + shift, high + shift), abs=1e-6)


@pytest.mark.parametrize("n", [12, 40, 90, 300])
def test_signed_ranks_agree_with_scipy(n: int) -> None:
    stats = oracle("scipy.stats")
    differences = np.random.default_rng(n).normal(0.2, 1, n)
    method = "exact" if n <= resampling.EXACT_UP_TO else "approx"
    expected = stats.wilcoxon(differences, method=method).pvalue
    assert resampling.sign_flip_p(differences) == pytest.approx(expected, rel=1e-9)


def test_rank_sums_agree_with_scipy_also_with_ties() -> None:
    stats = oracle("scipy.stats")
    rng = np.random.default_rng(4)
    first, second = rng.integers(0, 12, 9).astype(float), rng.integers(3, 15, 14).astype(float)
    expected = stats.mannwhitneyu(first, second, method="asymptotic").pvalue
    assert resampling.rank_sum_p(first, second) == pytest.approx(expected, rel=1e-9)


def test_rank_sums_of_equal_samples_say_nothing() -> None:
    assert resampling.rank_sum_p(np.full(8, 3.0), np.full(8, 3.0)) == 1.0


@given(numbers, numbers)
def test_the_shift_lies_in_its_interval(first: list[float], second: list[float]) -> None:
    one, other = np.array(first), np.array(second)
    low, high = resampling.shift_interval(one, other)
    assert low <= resampling.shift_estimate(one, other) <= high


@pytest.mark.parametrize("degrees", [7, 9, 19, 60])
@pytest.mark.parametrize("share", [0.9, 0.975])
def test_student_quantiles_agree_with_scipy(degrees: int, share: float) -> None:
    stats = oracle("scipy.stats")
    assert resampling.student_quantile(share, degrees) == pytest.approx(stats.t.ppf(share, degrees), rel=2.5e-5)


shares = st.lists(st.floats(0, 1), min_size=1, max_size=8)


@given(shares, st.floats(0.001, 0.999))
def test_holm_is_below_a_level_where_stepping_down_at_it_rejects(p_values: list[float], level: float) -> None:
    rejected = set()
    for step, at in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[at] * (len(p_values) - step) > level:
            break
        rejected.add(at)
    assert set(np.flatnonzero(resampling.holm(np.array(p_values)) <= level).tolist()) == rejected


def test_benjamini_hochberg_agrees_with_scipy() -> None:
    stats = oracle("scipy.stats")
    rng = np.random.default_rng(9)
    for p_values in (rng.random(n) ** 3 for n in (1, 2, 7, 8, 31)):
        assert resampling.benjamini_hochberg(p_values) == pytest.approx(stats.false_discovery_control(p_values))


def test_the_first_false_discovery_example() -> None:
    # Benjamini & Hochberg 1995, section 3.1: of these fifteen p-values the first four are discoveries at 5 %,
    # and by the family-wise step-down test the first three
    p_values = np.array(
        [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
         0.7590, 1.0]
    )  # fmt: skip
    assert int((resampling.benjamini_hochberg(p_values) <= 0.05).sum()) == 4
    assert int((resampling.holm(p_values) <= 0.05).sum()) == 3


def test_mean_of_sign_flips_agrees_with_full_enumeration() -> None:
    differences = np.array([3.0, -1.0, 4.0, 1.5, 5.0, -2.0, 6.0, 2.5])
    flips = [abs(float(differences @ np.array(signs))) for signs in product((-1, 1), repeat=8)]
    expected = np.mean([flip >= abs(differences.sum()) for flip in flips])
    assert resampling.sign_flip_mean_p(differences) == pytest.approx(float(expected), abs=0.01)


def test_95_percent_of_a_normal_lie_within_1_96_errors() -> None:
    assert resampling.normal_margin(10.0) == pytest.approx(19.59964, abs=1e-4)


@pytest.mark.parametrize(("estimate", "null"), [(5.0, 2.0), (-5.0, -2.0), (3.0, 3.0), (-3.0, -3.0), (0.0, 0.0)])
def test_the_null_of_a_widened_interval_lies_between_zero_and_the_estimate(estimate: float, null: float) -> None:
    # a margin of 4 moves 2 onto 0: sqrt((5 - 2)² + 4²) is 5; within the margin no null but the estimate is left
    assert resampling.null_of_widened(estimate, 4.0) == null


@given(st.floats(-50, 50), st.floats(0.1, 40), st.floats(0, 40))
def test_the_null_of_a_widened_interval_is_inside_when_zero_is(estimate: float, half: float, margin: float) -> None:
    low, high = resampling.widened(estimate, (estimate - half, estimate + half), margin)
    null = resampling.null_of_widened(estimate, margin)
    if min(abs(low), abs(high)) > 1e-6:
        assert (low <= 0 <= high) == (estimate - half <= null <= estimate + half)


def test_the_cluster_bootstrap_is_as_wide_as_students_interval() -> None:
    people = np.array([2.0, 5.0, 7.0, 8.0, 12.0, 14.0, 15.0, 19.0, 21.0, 27.0])  # mean 13, SD 7.874
    low, high = resampling.cluster_bootstrap_interval(people)
    half = 2.262 * 7.874 / 10**0.5
    assert (low, high) == pytest.approx((13 - half, 13 + half), abs=0.6)


def test_thinning_keeps_the_middle_and_the_edges() -> None:
    values = np.random.default_rng(0).permutation(10_000).astype(float)
    thin = resampling.thinned(values, 1_000)
    assert thin.size == 1_000
    assert float(np.median(thin)) == pytest.approx(4_999.5, abs=10)
    assert (thin.min(), thin.max()) == pytest.approx((0, 9_999), abs=10)
