"""A number that an app's service reports, as a sensor shows it."""

from __future__ import annotations

from glucolog.core.evidence import CGM_BOUNDS


def shown_mg_dl(value: object) -> str:
    """Return mg/dL as text: digits within what a sensor reports (40 to 400 mg/dL, ends included), LO or HI beyond.

    What is no number comes back as its own text, for the reader of cells to reject. Dexcom reports 39 for LO and 401
    for HI.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    low, high = CGM_BOUNDS
    if value < low.mg_dl:
        return "LO"
    return "HI" if value > high.mg_dl else f"{value:g}"
