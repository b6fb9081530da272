"""Traces made in one line for the statistics."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from glucolog.analysis.study import EffectInput
from glucolog.analysis.trace import glucose_arrays
from glucolog.core.columns import Trace
from glucolog.core.moments import Moment
from glucolog.core.records import Session
from glucolog.core.units import MG_DL_PER_MMOL_L, Source, Unit

MIDNIGHT_S = 1_767_225_600
"""2026-01-01 00:00 UTC."""

MakeTrace = Callable[..., Trace]


@pytest.fixture(scope="session")
def make_trace() -> MakeTrace:
    """A function from amounts to a `Trace`; readings `every_min` apart from midnight, or at `at_s`."""

    def make(
        amounts: Sequence[float],
        *,
        every_min: float = 5,
        at_s: Sequence[int] | None = None,
        unit: Unit = Unit.MG_DL,
        zone: str = "UTC",
        source: Source = Source.CGM,
        censored: Sequence[int] | None = None,
        start_s: int = MIDNIGHT_S,
    ) -> Trace:
        n = len(amounts)
        instants = at_s if at_s is not None else [start_s + round(60 * every_min * step) for step in range(n)]
        return Trace(
            source=source,
            zone=zone,
            at_s=array("q", instants),
            amount=array("d", amounts),
            is_mmol_l=array("b", [int(unit is Unit.MMOL_L)] * n),
            censored=array("b", censored or [0] * n),
        )

    return make


MakePerson = Callable[..., EffectInput]


@pytest.fixture(scope="session")
def make_person() -> MakePerson:
    """A function to a made-up person with a known drop after each session, on a log without anything else."""
    return made_up_person


def made_up_person(
    *,
    days: int = 84,
    session_days: Sequence[int] = tuple(range(1, 81, 2)),
    session_minute: int = 15 * 60,
    drop_at_120: float = 0.0,
    noise: float = 1.0,
    every_min: int = 5,
    zone: str = "UTC",
    start_s: int = MIDNIGHT_S,
    unit: Unit = Unit.MG_DL,
    seed: int = 1,
) -> EffectInput:
    """Daily wave plus noise lasting about an hour; after a session glucose ramps down to `drop_at_120` and back.

    Sessions last 30 min and start at `session_minute` plus up to 40 min, by day.
    """
    rng = np.random.default_rng(seed)
    at_s = start_s + 60 * every_min * np.arange(days * 1440 // every_min)
    minute = (at_s - start_s) / 60
    lasting = np.convolve(rng.normal(size=at_s.size + 11), np.ones(12) / 12, mode="valid")
    mg_dl = 140 + 25 * np.sin(minute * 2 * np.pi / 1440) + 30 * noise * lasting
    starts = [start_s + (day * 1440 + session_minute + day % 9 * 5) * 60 for day in session_days]
    for start in starts:
        mg_dl -= drop_at_120 * np.interp((at_s - start) / 60, [0, 120, 240], [0, 1, 0], left=0, right=0)
    amounts = mg_dl if unit is Unit.MG_DL else mg_dl / MG_DL_PER_MMOL_L
    trace = Trace(
        source=Source.CGM,
        zone=zone,
        at_s=array("q", at_s.tolist()),
        amount=array("d", amounts.tolist()),
        is_mmol_l=array("b", [int(unit is Unit.MMOL_L)]) * at_s.size,
        censored=array("b", [0]) * at_s.size,
    )
    sessions = tuple(
        Session(id=f"s{at:04d}", person_id="p", start=Moment(start, zone), end=Moment(start + 1800, zone))
        for at, start in enumerate(starts)
    )
    return EffectInput(cgm=glucose_arrays(trace), meter=None, doses=(), carbs=(), sessions=sessions, zone=zone)
