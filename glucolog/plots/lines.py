"""Readings as a chart wants them: amounts in the person's unit, local clock times, breaks at gaps. Nothing is thinned.

Arrays are float64. Local times are milliseconds on the person's wall clock, as Plotly reads dates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glucolog.analysis.clock import utc_offsets_s
from glucolog.core.columns import Trace
from glucolog.core.moments import Moment
from glucolog.core.units import Glucose, Source, Unit, format_amount, format_glucose
from glucolog.plots.theme import GAP_GRIDS, Scale

Column = NDArray[np.float64]
_LONGEST_GRID_S = 900
_DEFAULT_GRID_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A trace ready to draw: `at_s` UTC seconds, `amount` in the person's unit; NaN amounts break the line."""

    at_s: Column
    amount: Column


def amounts(trace: Trace, unit: Unit) -> Column:
    """Return the readings in `unit`: as typed where it was typed so, else converted and rounded as it is written."""
    shown = np.array(trace.amount, dtype=np.float64)
    foreign = np.array(trace.is_mmol_l, dtype=bool) != (unit is Unit.MMOL_L)
    distinct, place = np.unique(shown[foreign], return_inverse=True)
    shown[foreign] = np.array([_written(Glucose(each, unit.other), unit) for each in distinct.tolist()])[place]
    return shown


def _written(glucose: Glucose, unit: Unit) -> float:
    return float(format_amount(glucose.mg_dl if unit is Unit.MG_DL else glucose.mmol_l, unit))


def line(trace: Trace, scale: Scale) -> Line:
    """Return a trace with a break wherever two readings lie more than 1.5 sensor steps apart."""
    at_s, amount = np.array(trace.at_s, dtype=np.float64), amounts(trace, scale.unit)
    broken = np.flatnonzero(np.diff(at_s) > gap_s(trace)) + 1
    return Line(
        at_s=np.insert(at_s, broken, (at_s[broken - 1] + at_s[broken]) / 2) if broken.size else at_s,
        amount=np.insert(amount, broken, np.nan) if broken.size else amount,
    )


def gap_s(trace: Trace) -> float:
    """Return the longest step in seconds that a line is drawn across: 1.5 times the trace's own median step.

    Meter readings have no grid of their own; a line never joins them, so their gap is zero.
    """
    if trace.source is Source.METER:
        return 0.0
    steps = np.diff(np.array(trace.at_s, dtype=np.float64))
    regular = steps[(steps > 0) & (steps <= _LONGEST_GRID_S)]
    return GAP_GRIDS * (float(np.median(regular)) if regular.size else _DEFAULT_GRID_S)


def clock_ms(at_s: Column, zone: str) -> Column:
    """Return local wall-clock milliseconds of UTC seconds, each with the offset its zone had at that instant."""
    offsets = utc_offsets_s(np.floor(at_s).astype(np.int64), zone)
    return np.asarray((at_s + offsets) * 1000.0, dtype=np.float64)


def clock_ms_of(at: Moment, zone: str) -> float:
    """Return one instant as local wall-clock milliseconds in `zone`."""
    return float(clock_ms(np.array([at.epoch_s], dtype=np.float64), zone)[0])


def censored_words(trace: Trace, unit: Unit) -> list[tuple[int, str]]:
    """Return the index and the words of every reading the device showed as LO or HI."""
    marked = [index for index in range(len(trace)) if trace.censored[index]]
    return [(index, format_glucose(trace.glucose(index), unit)) for index in marked]


def reading_words(trace: Trace, index: int, unit: Unit) -> str:
    """Write one reading in the person's unit: `112 mg/dL`, `LO (below 40 mg/dL)`."""
    return format_glucose(trace.glucose(index), unit)
