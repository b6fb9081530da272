"""What an alarm says: one sentence each, with what to do next. An expected value is an estimate and is said as one."""

from __future__ import annotations

URGENT_LOW = "Urgent low: {glucose}, below {limit}; treat it now as your plan says and check again in {again} min."
LOW = "Low: {glucose}, below {limit}; treat it as your plan says and check again in {again} min."
LOW_SOON = (
    "Low may come soon: {glucose}, {trend}{because}; by estimate below {limit} within {minutes} min; have fast "
    "carbohydrate at hand and keep checking."
)
FALLING_FAST = "Falling fast: {glucose}, {trend}; check again soon."
NO_DATA = "No data: the last reading is {minutes} min old, so a low would go unseen; measure now."
NO_DATA_YET = "No data: no reading for {minutes} min, so a low would go unseen; measure now."

RISING = "rising {rate} {unit}/min"
STEADY = "steady"
DROPPING = "falling {rate} {unit}/min"
TREND_UNKNOWN = "trend not known"
WITH_INSULIN = ", insulin still acting"
INSULIN_UNKNOWN = ", insulin not known and counted as acting"
WITH_SESSION = ", session counted in"

SNOOZE_TOO_LONG = "An alarm can be snoozed for {most} min at most, not {asked}."
SNOOZE_REMEDY = "Choose a shorter time; it is told again then if still so."

REPLAY_NO_TIME = "the row has neither at_min nor time"
REPLAY_NO_MINUTE = "the row has a time, where other rows count minutes"
REPLAY_BAD_NUMBER = "“{text}” in {column} is not a number"
REPLAY_FAR_OFF = "“{text}” in at_min is more than ten years off"
REPLAY_BAD_AMOUNT = "{text} in {column} is outside what can be meant (0 to {most})"
REPLAY_CUT_OFF = "the file breaks off in this row"
REPLAY_BAD_GLUCOSE = "{text} in {column} is outside what a device reports ({low} to {high})"
REPLAY_BAD_TIME = "“{text}” in time is not a time"
REPLAY_EMPTY = "the row has no mg_dl, mmol_l, insulin_units or carbs_g"
REPLAY_BAD_SOURCE = "“{text}” in source is neither cgm nor meter"
