"""What is said before a session: the verdict, each finding, and what would change it."""

from __future__ import annotations

NO_TREND_SENSOR = "There is no sensor reading, so there is no trend."
NO_TREND_STALE = "The last sensor reading is too old for a trend."
NO_TREND_SHORT = "There are too few sensor readings in the last 20 min for a trend."
NO_TREND_CENSORED = "The sensor shows LO or HI, so there is no trend."
