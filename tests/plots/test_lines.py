"""Readings as a chart draws them: every one of them, in the person's unit, broken at gaps, on the wall clock."""

from __future__ import annotations

from array import array

import numpy as np
import pytest
from glucolog.core.columns import Trace
from glucolog.core.units import Source, Unit
from glucolog.plots import lines
from glucolog.plots.theme import Scale


def trace(at_s: list[int], amounts: list[float], *, mmol: bool = False, source: Source = Source.CGM) -> Trace:
    flags = array("b", [int(mmol)] * len(at_s))
    return Trace(
        source=source, zone="Europe/Berlin", at_s=array("q", at_s), amount=array("d", amounts), is_mmol_l=flags,
        censored=array("b", bytes(len(at_s))),
    )  # fmt: skip


MG_DL = Scale(unit=Unit.MG_DL, low=70, high=180)


def test_a_line_breaks_where_two_readings_lie_more_than_one_and_a_half_steps_apart() -> None:
    drawn = lines.line(trace([0, 300, 600, 1050, 1350, 1801], [100, 101, 102, 103, 104, 105]), MG_DL)
    assert np.isnan(drawn.amount).tolist() == [False, False, False, False, False, True, False]
    assert drawn.amount[~np.isnan(drawn.amount)].tolist() == [100, 101, 102, 103, 104, 105]


def test_meter_readings_are_never_joined() -> None:
    drawn = lines.line(trace([0, 300, 600], [100, 110, 120], source=Source.METER), MG_DL)
    assert np.isnan(drawn.amount).sum() == 2


def test_amounts_stay_as_typed_in_their_own_unit() -> None:
    assert lines.amounts(trace([0, 300], [3.86, 10.04], mmol=True), Unit.MMOL_L).tolist() == [3.86, 10.04]


@pytest.mark.parametrize(("mmol_l", "mg_dl"), [(3.9, 70.3), (3.8, 68), (10.0, 180.2), (7.9, 142)])
def test_a_converted_amount_never_lands_on_a_threshold_it_is_not(mmol_l: float, mg_dl: float) -> None:
    assert lines.amounts(trace([0], [mmol_l], mmol=True), Unit.MG_DL).tolist() == [mg_dl]


def test_the_wall_clock_jumps_with_the_clocks() -> None:
    spring_s = 1_774_746_000  # Sunday 29 March 2026, 01:00 UTC: 02:00 becomes 03:00 in Berlin
    shown = lines.clock_ms(np.array([spring_s - 300.0, float(spring_s)]), "Europe/Berlin")
    assert np.diff(shown).tolist() == [(60 + 5) * 60_000]
    assert shown[1] == (spring_s + 7200) * 1000


def test_no_readings_make_an_empty_line() -> None:
    assert lines.line(trace([], []), MG_DL).amount.size == 0
    assert lines.clock_ms(np.array([]), "UTC").size == 0
