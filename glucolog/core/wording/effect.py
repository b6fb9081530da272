"""What sessions have to do with glucose, in words: matched estimates, exploratory comparisons, many people, the trial.

Association only. The constants under `TRIAL_` are keyed apart: days were drawn at random there, and there alone, so
they may speak of what planning massage did.
"""

from __future__ import annotations

TOO_FEW = "Too few sessions ({matched} of {needed})."
TOO_FEW_MATCHED = (
    "Too few sessions ({matched} of {needed}): {sessions} are in the log, {unmatched} of them have no similar times "
    "without massage or no readings at the right moments."
)
EARLY = "An early estimate from {matched} sessions; it can still change a lot. {needed} make an estimate."
ESTIMATE = "An estimate from {matched:,} sessions."
NO_SESSIONS = "There are no sessions to look at."

FOUND = (
    "After {matched:,} sessions your glucose was on average {size} {unit} {direction} {when} than at {controls:,} "
    "similar times without massage (95 % interval {low} to {high})."
)
NO_DIFFERENCE = (
    "After {matched:,} sessions your glucose was on average the same {when} as at {controls:,} similar times without "
    "massage (95 % interval {low} to {high} {unit})."
)
MINUS = "A minus sign means {opposite}."
DIRECTION: dict[str, str] = {"fell": "lower", "rose": "higher"}
ASSOCIATION = "This is an association; food, insulin timing and activity may explain part or all of it."
INCLUDES_ZERO = "The interval includes no difference at all."
WHEN: dict[str, str] = {
    "change_120": "2 h after the start",
    "change_end": "at the end of the session",
    "change_60": "1 h after the start",
    "change_240": "4 h after the start",
    "nadir": "at its lowest in the 4 h after the start",
}
OUTCOMES: dict[str, str] = {
    "change_120": "change 2 h after the start",
    "change_end": "change at the end of the session",
    "change_60": "change 1 h after the start",
    "change_240": "change 4 h after the start",
    "nadir": "change to the lowest point within 4 h",
    "below_70": "minutes under 70 mg/dL (3.9 mmol/L) within 4 h",
    "night_below_70": "minutes under 70 mg/dL (3.9 mmol/L) in the night after, 00:00 to 06:00",
}
NAIVE = "Plain before and after: on average {size} {unit} {direction} afterwards, over {n:,} sessions."
REGRESSION_TO_THE_MEAN = (
    "The plain number misleads: glucose that is high, or has insulin at work, comes down by itself, so sessions that "
    "start at such times are followed by a fall with or without massage. In a simulation where massage did nothing, "
    "it showed a fall of 15 to 32 mg/dL (0.8 to 1.8 mmol/L)."
)
OUTCOME_FOUND = "{name}: {size} {unit} {direction} (95 % interval {low} to {high}, n {n}, p {p})"
OUTCOME_SAME = "{name}: no difference (95 % interval {low} to {high} {unit}, n {n}, p {p})"
MORE: dict[str, str] = {"fell": "more", "rose": "fewer"}
"""Of minutes a positive number is more of them."""
OUTCOME_MINUS = "A minus sign in an interval means the other direction."
SECONDARY = "All but the primary outcome are exploratory; their p-values are adjusted for how many there are (Holm)."

FINGER_STICKS_ONLY = (
    "Finger-sticks only: without a sensor the trend before a session is not known, so similar times are less alike and "
    "fewer; the lowest point and the time under 70 mg/dL can't be had."
)
NO_INSULIN = "No meal-time insulin is in the log, so sessions and similar times may differ in insulin at work."
NO_CARBS = "No carbs are in the log, so sessions and similar times may differ in food being absorbed."
NO_ACTIVITY = "No exercise is in the log, so sessions and similar times may differ in exercise before them."
AFTERWARDS = (
    "In the hour after the start {did} in {own} % of sessions and at {similar} % of similar times; whatever that did "
    "to glucose is part of the number."
)
DID: dict[str, str] = {
    "food": "you ate",
    "insulin": "you took meal-time insulin",
    "exertion": "you were active",
}
CENSORED = (
    "{n:,} sessions have a LO or HI reading in the outcome; it stands at the limit of the device, so the true change "
    "is larger or smaller than counted."
)
NOT_WHOLE = "Left out: {unmatched:,} of {sessions:,} sessions; those that remain may not stand for all of them."

UNMATCHED: dict[str, str] = {
    "NO_READING": "no glucose reading in the {look_back:g} minutes before the start",
    "CENSORED": "the reading at the start was LO or HI",
    "NO_TREND": "a gap in the sensor readings of the hour before the start",
    "NO_FOLLOW_UP": "no glucose reading at the time of the outcome",
    "NO_CONTROL": "no similar times without massage on {days} different days",
}

EXPLORATORY = (
    "Exploratory: many things are compared at once and none of them was drawn at random. Read these as questions to "
    "look into; p-values are adjusted for the whole family (Benjamini–Hochberg)."
)
FACTOR_TOO_FEW = "Too few sessions to compare ({first} and {second}; each side needs {needed})."
FACTOR_UNKNOWN = "Not noted for any session."
FACTOR_FOUND = (
    "{name}: glucose fell {size} {unit} {amount} in {first} such sessions than in {second} others (95 % interval {low} "
    "to {high}). Exploratory."
)
AMOUNT: dict[str, str] = {"fell": "more", "rose": "less"}
FACTORS: dict[str, str] = {
    "technique": "technique {value}",
    "area": "area {value}",
    "pressure": "pressure {value} or more",
    "duration": "{value} min or longer",
    "water": "water of {value} °C or more",
    "water_used": "warm water used",
    "performer": "done by {value}",
    "since_bolus": "bolus {value} min ago or longer",
    "iob": "{value} U of insulin on board or more",
    "site_overlap": "insulin injected in the massaged area within {value} h",
    "time_of_day": "start between {value}",
}
FACTORS_UNKNOWN: dict[str, str] = {
    "technique": "technique",
    "area": "area",
    "pressure": "pressure",
    "duration": "length",
    "water": "temperature of the water",
    "performer": "who did it",
    "since_bolus": "time since the last bolus",
    "iob": "insulin on board",
}
"""What a factor is called where no session says anything about it."""
SYMPTOM_TOO_FEW = "Too few sessions with a score before and after ({n} of {needed})."
SYMPTOM_FOUND = (
    "{name}: on average {size} points {direction} after {n} sessions (95 % interval {low} to {high}, on a scale of 0 "
    "to 10). Exploratory."
)
SYMPTOM_NO_COMPARISON = (
    "Scores have no comparison without massage: they tend to be noted when they are high, and high scores come down by "
    "themselves."
)

POOL_TOO_FEW = "Too few people with an estimate ({estimated} of {needed}); {people} were looked at."
POOL_EARLY = "An early estimate from {estimated} people of {people}; {needed} make an estimate."
POOL_ESTIMATE = "An estimate from {estimated} people of {people}."
POOL_FOUND = (
    "In {estimated} people with {matched} matched sessions glucose was on average {size} {unit} {direction} {when} "
    "than at similar times without massage (95 % interval {low} to {high})."
)

POOL_PERSON = (
    "{name}: {size} {unit} {direction} (95 % interval {low} to {high}), {matched} of {sessions} sessions matched. "
    "{reason}"
)
POOL_REFUSED = "{name}: no estimate. {reason}"

TRIAL_TOO_FEW = "Too few days with readings ({massage} with massage drawn, {rest} without; each needs {needed})."
TRIAL_RUNNING = "The trial runs until {last_day}; looking before the end makes chance findings likely."
TRIAL_STOPPED = "The trial was given up on {day}; it has no result."
TRIAL_EARLY = "An early result from {massage} massage days and {rest} others; {needed} of each would carry further."
TRIAL_ESTIMATE = "A result from {massage} massage days and {rest} others."
TRIAL_FOUND = (
    "The days were drawn at random, so the difference between them is due to planning massage on a day, within the "
    "interval: glucose fell {size} {unit} {amount} in the 2 h after {clock} on {massage} massage days than on "
    "{rest} other days (95 % interval {low} to {high}, p {p})."
)
TRIAL_INTENTION = (
    "Every day counts as it was drawn, whether or not the session took place ({kept} of {massage} massage days had "
    "one, {crossed} of {rest} other days had one)."
)
TRIAL_AS_DRAWN = "Every day counts as it was drawn, whether or not the session takes place."
TRIAL_MARKS = "● massage drawn   · none drawn   ✓ session that day   ✗ no session   ? no readings at the planned time"
TRIAL_OVER = "The trial is over: `glucolog trial result` compares the days."
TRIAL_MISSING = (
    "Days left out: {n}. There are no readings at the planned time, or the week has no such day of the other kind."
)
