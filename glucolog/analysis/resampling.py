"""Rank and resampling statistics on plain arrays: one sample, two samples, many tests, many clusters.

Everything here is deterministic: exact enumeration, or draws from a seed that is written down. Nothing returns NaN.
"""

from __future__ import annotations

from functools import lru_cache
from math import hypot, sqrt
from statistics import NormalDist

import numpy as np

from glucolog.analysis.kinds import Floats, Ints

CONFIDENCE = 0.95
"""Every interval of the effect of sessions is a 95 % one."""
EXACT_UP_TO = 60
"""Signed ranks are enumerated up to so many differences; from there the normal approximation is as good."""
DRAWS = 9_999
"""Random draws where enumeration is out of reach: the smallest p-value is then 1 in 10,000."""
DRAWN_AT_ONCE = 2_000_000
"""Values drawn at a time (32 MB), so that many clusters need no more memory than few."""
MAX_PAIRED = 1_500
"""All pairs are formed of at most so many values."""
_NORMAL = NormalDist()


def walsh_averages(differences: Floats) -> Floats:
    """Return the n(n+1)/2 averages of each pair of differences and of each with itself, sorted."""
    first, second = np.triu_indices(differences.size)
    return np.sort((differences[first] + differences[second]) / 2)


def hodges_lehmann(differences: Floats) -> float:
    """Return the median of the Walsh averages of at least one difference (Hodges & Lehmann 1963).

    >>> hodges_lehmann(np.array([1.0, 2.0, 6.0]))
    2.75
    """
    return float(np.median(walsh_averages(differences)))


def hodges_lehmann_interval(differences: Floats, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval that holds every shift the two-sided signed-rank test does not reject (Tukey 1949).

    Bounds are order statistics of the Walsh averages, so at least `confidence`; with fewer than 6 differences no
    shift can be rejected at 95 % and the bounds are the extremes.
    """
    averages = walsh_averages(differences)
    cut = max(signed_rank_cut(differences.size, 1 - confidence), 1)
    return float(averages[cut - 1]), float(averages[averages.size - cut])


@lru_cache(maxsize=512)
def signed_rank_cut(n: int, alpha: float) -> int:
    """Return how many Walsh averages lie outside the interval on each side: P(T < cut) ≤ alpha/2 under the null.

    >>> signed_rank_cut(8, 0.05)  # the tabled critical value for n = 8 is T ≤ 3
    4
    """
    if n > EXACT_UP_TO:
        spread = sqrt(n * (n + 1) * (2 * n + 1) / 24)
        return max(int(n * (n + 1) / 4 + _NORMAL.inv_cdf(alpha / 2) * spread), 0)
    cumulative = np.cumsum(_sign_flip_counts(tuple(range(1, n + 1)))) / 2.0**n
    return int(np.searchsorted(cumulative, alpha / 2, side="right"))


def sign_flip_p(differences: Floats) -> float:
    """Two-sided p-value of the signed ranks over all sign flips of the differences (Fisher's and Wilcoxon's test).

    Tied sizes take midranks and differences of zero are left out. Enumerated exactly up to `EXACT_UP_TO` differences,
    then the normal approximation with the tie-corrected spread. Without a difference the p-value is 1.

    >>> sign_flip_p(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))  # 2 of 32 flips are as far out
    0.0625
    """
    kept = differences[differences != 0]
    doubled = _doubled_midranks(np.abs(kept))
    observed = int(doubled[kept > 0].sum())
    total = int(doubled.sum())
    tail = min(observed, total - observed)
    if kept.size > EXACT_UP_TO:
        return _normal_p((tail - total / 2) / sqrt(float((doubled**2).sum()) / 4))
    counts = _sign_flip_counts(tuple(sorted(int(rank) for rank in doubled)))
    return float(min(1.0, 2 * counts[: tail + 1].sum() / 2.0**kept.size))


def thinned(values: Floats, n: int = MAX_PAIRED) -> Floats:
    """Return at most `n` evenly spaced order statistics of the values, so that their pairs fit in memory."""
    if values.size <= n:
        return values
    places = ((np.arange(n) + 0.5) * (values.size / n)).astype(np.int64)
    return np.asarray(np.sort(values)[places], dtype=np.float64)


def widened(estimate: float, interval: tuple[float, float], margin: float) -> tuple[float, float]:
    """Return the interval with a further error of half-width `margin` added in quadrature on both sides.

    >>> widened(1.0, (-2.0, 4.0), 4.0)
    (-4.0, 6.0)
    """
    low, high = interval
    return estimate - hypot(estimate - low, margin), estimate + hypot(high - estimate, margin)


def null_of_widened(estimate: float, margin: float) -> float:
    """Return the value that the plain test must be made at so that its p-value agrees with the widened interval.

    Widening moves each bound away from the estimate; this is the point that it moves onto zero.

    >>> null_of_widened(5.0, 4.0)
    2.0
    """
    reach = sqrt(max(estimate**2 - margin**2, 0.0))
    return estimate - reach if estimate > 0 else estimate + reach


def normal_margin(error: float, confidence: float = CONFIDENCE) -> float:
    """Return the half-width of a normal interval with this standard error."""
    return _NORMAL.inv_cdf((1 + confidence) / 2) * error


def mean_interval(differences: Floats, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return Student's interval of the mean of at least two differences."""
    half = student_quantile((1 + confidence) / 2, differences.size - 1) * standard_error(differences)
    return float(differences.mean()) - half, float(differences.mean()) + half


def sign_flip_mean_p(differences: Floats) -> float:
    """Two-sided p-value of the mean over `DRAWS` random sign flips from a fixed seed, the observed one included."""
    signs = np.random.default_rng(0).integers(0, 2, (DRAWS, differences.size)) * 2.0 - 1.0
    drawn = np.abs(signs @ np.sort(differences))
    reached = int((drawn >= abs(differences.sum()) * (1 - 1e-12) - 1e-12).sum())
    return (reached + 1) / (DRAWS + 1)


def standard_error(values: Floats) -> float:
    """Return the standard error of the mean of at least two values."""
    return float(values.std(ddof=1)) / sqrt(values.size)


def student_quantile(share: float, degrees: int) -> float:
    """Return a quantile of Student's t by the expansion of Abramowitz & Stegun 26.7.5; within 0.02 % from 7 degrees on.

    >>> round(student_quantile(0.975, 9), 3)  # tabled: 2.262
    2.262
    """
    z = _NORMAL.inv_cdf(share)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return float(z + sum(term / degrees**power for power, term in enumerate(terms, start=1)))


def rank_sum_p(first: Floats, second: Floats) -> float:
    """Two-sided p-value that two samples differ in place: Mann–Whitney with tie and continuity correction."""
    both = np.concatenate([first, second])
    ranks = _doubled_midranks(both) / 2
    expected = first.size * (both.size + 1) / 2
    variance = first.size * second.size * float(ranks.var()) / (both.size - 1)
    away = max(abs(float(ranks[: first.size].sum()) - expected) - 0.5, 0.0)
    return 1.0 if variance == 0 else _normal_p(away / sqrt(variance))


def shift_estimate(first: Floats, second: Floats) -> float:
    """Return the median of all differences first − second (Hodges & Lehmann 1963)."""
    return float(np.median(first[:, None] - second[None, :]))


def shift_interval(first: Floats, second: Floats, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval of the shift between two samples from the ordered pairwise differences (Moses 1953)."""
    pairs = np.sort((first[:, None] - second[None, :]).ravel())
    spread = sqrt(first.size * second.size * (first.size + second.size + 1) / 12)
    cut = int(pairs.size / 2 + _NORMAL.inv_cdf((1 - confidence) / 2) * spread)
    cut = min(max(cut, 1), (pairs.size + 1) // 2)
    return float(pairs[cut - 1]), float(pairs[pairs.size - cut])


def holm(p_values: Floats) -> Floats:
    """Return step-down adjusted p-values that keep the family-wise error (Holm 1979).

    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    stepped = p_values[order] * np.arange(p_values.size, 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return adjusted


def benjamini_hochberg(p_values: Floats) -> Floats:
    """Return step-up adjusted p-values that keep the false discovery rate (Benjamini & Hochberg 1995).

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.04, 0.04]
    """
    order = np.argsort(p_values, kind="stable")[::-1]
    stepped = p_values[order] * p_values.size / np.arange(p_values.size, 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(np.minimum.accumulate(stepped), 1.0)
    return adjusted


def cluster_bootstrap_interval(cluster_values: Floats, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval of the mean over clusters by drawing whole clusters with replacement, from a fixed seed.

    The percentiles are expanded for few clusters (Hesterberg 2015, Am Stat 69(4):371–386): the bootstrap spread is
    short by √((k−1)/k) and its quantiles are the normal's rather than Student's. At least two clusters.
    """
    values = np.sort(cluster_values)
    k = values.size
    random, at_once = np.random.default_rng(0), max(DRAWN_AT_ONCE // k, 1)
    sizes = [min(at_once, DRAWS - done) for done in range(0, DRAWS, at_once)]
    drawn = np.concatenate([values[random.integers(0, k, (size, k))].mean(axis=1) for size in sizes])
    tail = _NORMAL.cdf(-sqrt(k / (k - 1)) * student_quantile((1 + confidence) / 2, k - 1))
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)


@lru_cache(maxsize=512)
def _sign_flip_counts(ranks: tuple[int, ...]) -> Floats:
    """Count, for each sum, the sets of the whole-number `ranks` that have it; 2 to the power of n sets in all."""
    counts = np.zeros(sum(ranks) + 1)
    counts[0] = 1.0
    for rank in ranks:
        counts[rank:] += counts[: counts.size - rank].copy()
    return counts


def _doubled_midranks(values: Floats) -> Ints:
    """Return twice the rank of each value, whole numbers also where ties share the middle of theirs."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((2 * last - counts + 1)[group], dtype=np.int64)


def _normal_p(z: float) -> float:
    return min(1.0, 2 * _NORMAL.cdf(-abs(z)))
