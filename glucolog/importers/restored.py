"""Amounts that another program converted, brought back to the number that the device showed.

A stored threshold is published in both units and no conversion of itself: 70 mg/dL is in range, but written as
3.88552 mmol/L it would be below 3.9. So where the conversion can be seen, it is undone.
"""

from __future__ import annotations

from glucolog.core.units import Unit

_SLACK_MG_DL = 0.002
"""So far from a whole number of mg/dL a quotient cut to four decimals can be."""


def as_shown(value: float, unit: Unit, mg_dl_per_mmol_l: float) -> tuple[float, Unit]:
    """Return amount and unit as the device showed them.

    A mmol/L amount of more than one decimal (no device shows those) that is a whole number of mg/dL by the factor
    its writer uses was that number of mg/dL. Anything else stays as it is.
    """
    mg_dl = value * mg_dl_per_mmol_l
    if unit is Unit.MMOL_L and round(value, 1) != value and abs(mg_dl - round(mg_dl)) <= _SLACK_MG_DL:
        return float(round(mg_dl)), Unit.MG_DL
    return value, unit
