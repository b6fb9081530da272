"""Traces made in one line for the statistics."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

import pytest
from glucolog.core.records import Trace
from glucolog.core.units import Source, Unit

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
