"""Why a glucose statistic can't be had, and what to keep in mind where it can."""

from __future__ import annotations

NO_READINGS = "There are no readings in this range of days."
ONE_READING = "One reading spans no time."
TOO_FEW_FOR_SPREAD = "A spread needs two readings or more."
ALL_CENSORED = "Every reading is LO or HI, so no number is known, only that it lies beyond the limit of the device."
FINGER_STICKS_NO_TIME = (
    "Finger-sticks give a share of readings, not of time; time in range, events and day curves need a sensor."
)
FINGER_STICKS_NO_GMI = "The glucose management indicator is defined for sensor glucose only."
NO_DAY_APART = "No two readings lie 24 h apart."
TOO_FEW_DAY_APART = "A spread of differences over 24 h needs two such differences or more."
TOO_SHORT_FOR_MAGE = "No stretch of readings is as long as {minutes} min, which the moving averages need."
NO_EXCURSION = "No rise or fall exceeds one standard deviation."

TOO_FEW_DAYS = "Days of readings: {days}. {needed} are recommended, so take these numbers with care."
TOO_LITTLE_ACTIVE = (
    "Readings cover {percent} % of the time; {needed} % are recommended, so take these numbers with care."
)
CENSORED_AT_LIMIT = (
    "{low} LO and {high} HI readings are counted in every share; in means and spreads they stand at the limit of the "
    "device, so the true numbers lie further out."
)
GMI_IN_PREGNANCY = (
    "GMI was derived in adults who were not pregnant (Bergenstal 2018), so under pregnancy targets it may be off."
)
SHARE_OF_READINGS = "These are shares of finger-stick readings. They say nothing about the time between them."
