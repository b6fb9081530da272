"""Made-up cohorts on disk for the benchmarks: people with a 5-minute sensor, written as `cohort export` writes them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from glucolog.core.columns import Trace
from glucolog.core.records import TargetSet
from glucolog.core.units import Source
from glucolog.services.cohort.shards import Cohort, SharedPerson, write_cohort

START_S = 1_767_225_600
READINGS_A_DAY = 288


def mg_dl(n: int, seed: int) -> np.ndarray:
    """Meals, a daily wave and noise that lasts for an hour or two."""
    rng = np.random.default_rng(seed)
    minute = np.arange(n) * 5.0
    lasting = np.convolve(rng.normal(size=n + 23), np.ones(24) / 24, mode="valid") * 5
    meals = 45 * np.maximum(np.sin(minute * 2 * np.pi / 300), 0)
    level = 95 + seed % 40 + 25 * np.sin(minute * 2 * np.pi / 1440) + meals + 25 * lasting
    return np.asarray(np.clip(np.round(level), 40, 400))


def person(seed: int, days: int) -> SharedPerson:
    values = mg_dl(days * READINGS_A_DAY, seed)
    trace = Trace(
        source=Source.CGM,
        zone="UTC",
        at_s=array("q", (START_S + 300 * np.arange(values.size)).tobytes()),
        amount=array("d", values.tobytes()),
        is_mmol_l=array("b", bytes(values.size)),
        censored=array("b", bytes(values.size)),
    )
    return SharedPerson(
        label=f"{seed:06}", zone="UTC", target_set=TargetSet.ADULT, child=False, shift_s=0, traces=(trace,)
    )


def people(n: int, days: int) -> Iterator[SharedPerson]:
    return (person(seed, days) for seed in range(n))


def cohort(folder: Path, n: int, days: int) -> Cohort:
    return write_cohort(folder, people(n, days), dates_shifted=True)
