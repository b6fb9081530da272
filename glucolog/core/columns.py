"""Many readings as equally long columns, so that a year of sensor data never becomes a Python object a row."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from glucolog.core.moments import Moment
from glucolog.core.units import Censored, Glucose, Source, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingBlock:
    """Many readings of one source, device, unit and zone, as equally long columns.

    `at_s` (typecode q) seconds UTC; `amount` (d) as typed in `unit`; `censored` (b) −1 LO, 0 none, 1 HI, where
    `amount` is then the device's limit.
    """

    source: Source
    unit: Unit
    zone: str
    device: str | None
    at_s: array[int]
    amount: array[float]
    censored: array[int]

    def __len__(self) -> int:
        return len(self.at_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Stored readings of one source in time order, as columns for the rules and the statistics.

    `at_s` (q) seconds UTC; `amount` (d) as typed; `is_mmol_l` (b) 1 where the amount is mmol/L, 0 where mg/dL;
    `censored` (b) −1, 0, 1. Numpy reads each without a copy.
    """

    source: Source
    zone: str
    at_s: array[int]
    amount: array[float]
    is_mmol_l: array[int]
    censored: array[int]

    def __len__(self) -> int:
        return len(self.at_s)

    def glucose(self, index: int) -> Glucose:
        """Return the reading at `index` as typed."""
        unit = Unit.MMOL_L if self.is_mmol_l[index] else Unit.MG_DL
        side = (None, Censored.HIGH, Censored.LOW)[self.censored[index]]
        return Glucose(self.amount[index], unit, side)

    def moment(self, index: int) -> Moment:
        """Return the instant at `index`."""
        return Moment(self.at_s[index], self.zone)
