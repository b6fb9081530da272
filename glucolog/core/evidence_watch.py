"""Published and proposed numbers of the watch: data, no logic. The citations are in `core/evidence`.

The proposed ones were set from what they mean (a lead of 15 min, a sensor's noise, an hour's exertion) and checked
leaving one person out at a time; help/accuracy.md holds the protocol and what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from glucolog.core.evidence import LEVEL_1, LEVEL_2, RANGE_HIGH, Quantity

LOW = LEVEL_1
URGENT_LOW = LEVEL_2
FAST_FALL_CEILING = RANGE_HIGH
"""Above this a fast fall is the way back into range and raises nothing."""

SENSOR_NOISE_MG_DL = Quantity("noise of a sensor reading (SD)", 4, "mg/dL", "=", "watch-proposal")
METER_NOISE_SHARE = Quantity("noise of a meter reading (SD), half of the 95 % bound", 0.075, "", "=", "iso-15197")
METER_NOISE_FLOOR_MG_DL = Quantity("noise of a low meter reading (SD)", 7.5, "mg/dL", "=", "iso-15197")
RATE_WANDER = Quantity("how freely the rate changes (variance a minute)", 0.1, "mg²/dL²/min³", "=", "watch-proposal")
START_LEVEL_SD_MG_DL = Quantity("doubt of the first level", 10, "mg/dL", "=", "watch-proposal")
START_RATE_SD = Quantity("doubt of the first rate", 2, "mg/dL/min", "=", "watch-proposal")
TREND_GAP_MIN = Quantity("gap that ends a trend", 30, "min", ">", "watch-proposal")
TREND_MEMORY_MIN = Quantity("readings a trend looks back on", 180, "min", "<=", "watch-proposal")
ODD_READING_SD = Quantity("reading too odd to count alone", 3, "SD", ">", "watch-proposal")

HORIZON_MIN = Quantity("how far ahead a low is looked for", 25, "min", "=", "watch-proposal")
DOUBT_MG_DL = Quantity(
    "how far under the limit the expected glucose must be: half an SD of a reading", 2, "mg/dL", ">", "watch-proposal"
)
FALL_PER_UNIT_MG_DL = Quantity("fall a unit acting within the horizon", 10, "mg/dL/U", "=", "watch-proposal")
UNKNOWN_INSULIN_UNITS = Quantity("insulin taken to act in the horizon if not known", 0.3, "U", "=", "watch-proposal")
SESSION_FALL_MG_DL = Quantity("fall expected as a session starts", 10, "mg/dL", "=", "watch-proposal")
SESSION_FADE_MIN = Quantity("time in which that fades to 37 %", 60, "min", "=", "watch-proposal")

FAST_FALL_RATE = Quantity("fast fall", 3, "mg/dL/min", ">=", "dexcom-arrows")
FAST_FALL_BAND_MG_DL = Quantity(
    "how near the limit a fast fall leads in the horizon: two SD of a reading", 8, "mg/dL", "<", "watch-proposal"
)
"""Fast falls slow down: told for a low within 25 min, 18 of 19 were none on the people of help/accuracy.md."""

CONFIRM_WITHIN_MIN = Quantity("second reading that confirms a first", 20, "min", "<=", "watch-proposal")
LOST_READINGS = Quantity("readings in a row that may go missing", 1, "", "<=", "watch-proposal")
LATE_READING_MIN = Quantity("lateness of a reading that is no gap", 5, "min", "<=", "watch-proposal")
NO_DATA_BACKOFF = Quantity("a silence is told again when longer by", 2, "times", ">=", "watch-proposal")

CLEAR_BY_MG_DL = Quantity("expected glucose that ends an alarm", 10, "mg/dL", ">", "watch-proposal")
CONFIRM_BAND_MG_DL = Quantity(
    "level over a limit that agrees with a reading under it", 4, "mg/dL", "<", "watch-proposal"
)
SNOOZE_MAX_MIN = Quantity("longest snooze", 60, "min", "<=", "watch-proposal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """When an alarm that was told may be told again: never within `quiet_min`, unless worse and `worse_breaks_quiet`.

    After it: if the danger had passed in between, if it is no better, or however it is when `while_it_lasts`. Worse
    means by `worse_by`, in mg/dL or mg/dL/min; that much ends a snooze too.
    """

    quiet_min: float
    worse_by: float
    worse_breaks_quiet: bool = False
    while_it_lasts: bool = False
    citation: str = "watch-proposal"


REPEATS = {
    "urgent_low": Repeat(quiet_min=15, worse_by=10, worse_breaks_quiet=True, while_it_lasts=True),
    "low": Repeat(quiet_min=30, worse_by=10, worse_breaks_quiet=True, while_it_lasts=True),
    "low_soon": Repeat(quiet_min=45, worse_by=10),
    "falling_fast": Repeat(quiet_min=45, worse_by=1),
}
"""By alarm kind. `low_soon` speaks of the next hour: 45 min later is the last time to tell again with 15 min lead."""
