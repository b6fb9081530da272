"""The clinical words of the charts and of the report. Association only; no dose; every estimate with interval and n."""

from __future__ import annotations

DISCLAIMER = (
    "glucolog is a private log. It is no medical device, it has not been reviewed by a clinician, and it gives no "
    "advice on insulin. Talk with your diabetes team before you change anything."
)
EFFECT_HEADING = "Sessions beside similar times without massage"
OPEN_HEADING = "Not yet told to the team"
MISSING_HEADING = "What is missing"
MADE_UP = "Everything on this page is made up for a demonstration. It is about no real person."
ASSOCIATION = (
    "What is seen after sessions is an association; food, insulin timing and activity may explain part or all of it."
)
BEFORE_AFTER_CAVEAT = (
    "A before-and-after change alone says little: sessions that begin at a high reading tend to be followed by a lower "
    "one with or without massage."
)
METER_ERROR = (
    "Meter error by ISO 15197:2013: 95 % of readings lie within 15 mg/dL (0.83 mmol/L) below "
    "100 mg/dL (5.55 mmol/L) and within 15 % from there, so a smaller change between two readings can't be told from "
    "none."
)
IOB_CAVEAT = "Insulin on board is an estimate by {model}; massage or heat at the injection site can make it wrong."

# one session
SESSION_SUMMARY = "{when}, {minutes} min of massage, {areas}: {change}"
NO_CHANGE = "no before-and-after pair: {reason}"
NO_READINGS_NEAR = "there are no readings close enough"
CHANGE_UNKNOWN = "{before} before, {after} after; the size of the change is not known"
CHANGE_FELL = "{before} before, {after} after, {drop} {unit} lower"
CHANGE_ROSE = "{before} before, {after} after, {rise} {unit} higher"
CHANGE_SAME = "{before} before, {after} after, no difference"
WITHIN_ERROR = "within meter error (±{error} {unit})"
BEYOND_ERROR = "more than meter error (±{error} {unit})"
NO_READINGS_AROUND = "There are no readings from 2 h before to 6 h after this session."

# paired
PAIRED_SUMMARY = (
    "There is a reading before and after {n_pairs:,} of {n_sessions:,} sessions: {n_fell:,} fell and {n_rose:,} rose "
    "by more than meter error, {n_within:,} stayed within it."
)
PAIRED_ONE_FELL = "Glucose fell from before the one session to after it by more than meter error."
PAIRED_ONE_ROSE = "Glucose rose from before the one session to after it by more than meter error."
PAIRED_ONE_WITHIN = "Glucose before and after the one session differs by no more than meter error."
PAIRED_ONE_BEYOND = "Around the one session the device showed LO or HI, so the change is not known."
PAIRED_BEYOND_DEVICE = "In {n} the device showed LO or HI, so the size is not known."
NO_PAIRS = "No session has a reading both before and after."
PAIRS_CHART = (
    "A mark is the change of one session, in their order, below zero where glucose fell: a triangle where it is more "
    "than meter error, the grey bar."
)

# aligned
ALIGNED_SUMMARY = (
    "Glucose from {n:,} sessions laid over their start: the middle line is the median, the band holds the middle half."
)
ALIGNED_CONTROL = "Dashed grey: {n:,} similar times without massage."
ALIGNED_FEW = "Glucose around one session.", "Glucose around each of {n:,} sessions, too few readings for a median."
NO_ALIGNED = "No session has sensor readings around it."

# effect
EFFECT_SUMMARY = (
    "Difference at the chosen time between sessions and similar times without massage; to the right, glucose fell more "
    "after sessions. Lines are 95 % intervals."
)
EFFECT_ROW = "{label}: {estimate} {unit} (95 % interval {low} to {high}), {n} sessions"
EFFECT_REFUSED = "{label}: no estimate, {reason}"
NO_EFFECT = "No estimate could be made."
EFFECT_INTERVAL_SIGNS = (
    "Positive numbers mean lower after sessions, or in the rows below the first a bigger drop than in the other "
    "sessions; negative numbers the opposite."
)
EFFECT_EXPLORATORY = (
    "Rows below the first compare sessions (the first n) with the other sessions (the second) and are exploratory."
)
EFFECT_AXIS = (
    "{outcome}, {unit}: right of zero, glucose fell more after sessions; 95 % intervals; n sessions, and others beside "
    "them"
)
GRADE_WORDS = {"none": "no estimate", "early": "early", "estimate": "estimate", "exploratory": "exploratory"}
ALL_SESSIONS = "all sessions"
NOT_COMPUTED = "it was not made."

# covariates
COVARIATES_SUMMARY = "The drop of {n:,} sessions against what else was going on."
COVARIATES_TREND = (
    "The grey line is what {n:,} similar times without massage did from the same start: a high start is followed by a "
    "fall anyway."
)
NO_COVARIATES = "No session has a drop to draw."

# agp
AGP_SUMMARY = (
    "The usual day from sensor readings on {n_days:,} dates: median, middle half, and the span from the 5th to the "
    "95th percentile. Bars at the foot: how many massages began at that time."
)
NO_AGP = "There are no sensor readings to draw a usual day from."
AGP_THIN = "Fewer than 14 days or less than 70 % of readings: this picture may not be typical."

# calendar, timeline
CALENDAR_SUMMARY = (
    "{n_days:,} dates with sensor readings, {n_low_days:,} with time below {limit}; {n_sessions:,} sessions, "
    "{n_lows_after:,} with a low within 6 h."
)
CALENDAR_LAST_WEEKS = "The last {n} weeks are drawn; the table has every day."
NO_CALENDAR = "There are no days with readings or sessions to draw."
TIMELINE_SUMMARY = (
    "Readings: {n:,}, from {since} to {until}. Sessions: {n_sessions:,}. Every reading is there; zoom in to see each."
)
NO_TIMELINE = "There are no readings to draw."

# symptoms, feet
SYMPTOMS_SUMMARY = "Scores of {names}: {n:,}, 0 none to 10 worst imaginable; {n_open:,} new or worse and not yet told."
NO_SYMPTOMS = "No symptom has been scored."
FEET_SUMMARY = "Foot checks: {n_checks:,}. Findings: {n_findings:,}, {n_open:,} of them not yet told to the team."
NO_FEET = "No foot check has been logged."
FEET_NO_FINDINGS = "Foot checks: {n_checks:,}. Nothing was found."

# overnight
OVERNIGHT_SUMMARY = (
    "Nights after a session: {n_after:,}, of them with a low: {n_low_after:,}. Other nights: {n_other:,}, of them "
    "with a low: {n_low_other:,}. Lines are medians, bands the middle half."
)
NO_OVERNIGHT = "There are no nights with sensor readings to compare."

# trial
TRIAL_SUMMARY = "{n_massage} massage days and {n_rest} rest days done, of {n_planned} drawn by lot."
TRIAL_CROSSED = {True: "no session took place", False: "a session took place"}
TRIAL_OUTCOME = "drop in the 2 h after {clock}"
TRIAL_ARM = "{arm} days ({n})"
TRIAL_ARM_MEAN = "{arm} days ({n}), line: mean {drop} {unit}"
NO_TRIAL = "No days have been drawn by lot."

# the report
TITLE = "Massage and glucose"
TITLE_OF = "Massage and glucose: {name}"
WITHOUT_NAME = "name left out"
PERIOD = "{since}, one day", "{since} to {until}, {n:,} days"
THERAPY_WORDS = {
    "none": "no insulin",
    "basal": "long-acting insulin only",
    "mdi": "several injections a day",
    "pump": "insulin pump",
}
TARGET_SET_WORDS = {
    "adult": "consensus targets for adults",
    "older": "consensus targets for older adults or high risk",
    "pregnancy": "consensus targets for pregnancy with type 1",
}
OWN_TARGET = "own range {low} to {high}"
IMPAIRED_AWARENESS = "reduced awareness of lows"
SENSATION_LOST = "protective sensation of the feet lost"
SENSATION_UNKNOWN = "protective sensation of the feet not known"
QUALITY_SENSOR = "{n:,} sensor readings over {days} days, {active} % of the time covered"
QUALITY_METER = "{n:,} finger-stick readings"
QUALITY_NONE = "There are no glucose readings in this period."
NO_READINGS_BRIEF = "no readings"
ENOUGH = "Enough for a report (14 days, 70 %)."
NEEDS_SENSOR = "Needs a sensor."
MEAN_OF_STICKS = "Mean of finger-sticks"
CV_OF_STICKS = "CV of finger-sticks"
NUMBER_LABELS = {
    "mean": "Mean glucose",
    "gmi": "GMI",
    "cv": "Variability (CV)",
    "tir": "Time in range {range}",
    "below": "Time below {limit}",
}
TARGET_WORDS = "target {sense} {percent} %"
TARGET_CV = "target at most {percent} %"
RANGE_LABELS = {
    "below_54": "Very low, below {very_low}",
    "below_70": "Low, {very_low} to below {low}",
    "below_63": "Low, {very_low} to below {low}",
    "in_range": "In range, {low} to {high}",
    "above_140": "High, above {high}",
    "above_180": "High, above {high} to {very_high}",
    "above_250": "Very high, above {very_high}",
}
SUMMARY_SESSIONS = "One massage session in {days}.", "{n:,} massage sessions in {days}."
SUMMARY_DAYS = "one day", "{n:,} days"
SESSIONS_OF_YEAR = "{year}: one session", "{year}: {n} sessions"
YEAR_NOT_PRINTED = "(not printed: open the year to print it)"
SUMMARY_NO_SESSIONS = "No massage session was logged in this period."
SUMMARY_LOWS = (
    "The one session with enough readings after it had a low within 6 h.",
    "{lows:,} of {n:,} sessions had a low within 6 h after it.",
)
SUMMARY_ZERO_LOWS = (
    "The one session with enough readings after it had no low within 6 h. With one session the true share could still "
    "be as high as {bound} % (upper 95 % bound).",
    "None of {n:,} sessions had a low within 6 h after it. With {n:,} sessions the true share could still be as high "
    "as {bound} % (upper 95 % bound).",
)
SUMMARY_LOWS_UNKNOWN = (
    "After the one session there are too few readings to tell whether there was a low.",
    "After {unknown:,} of {n:,} sessions there are too few readings to tell whether there was a low.",
)
SUMMARY_WARNINGS = "One session had a warning.", "{n:,} sessions had a warning."
SUMMARY_OPEN = (
    "One symptom or foot finding has not been told to the team yet.",
    "{n:,} symptoms or foot findings have not been told to the team yet.",
)
FINDING_ROW = "{when}: {level}. {message}"
MORE_SESSIONS = "{when} and {n:,} more"
LOW_ROW = "{session}: {lowest} at {clock}, {after}"
LOW_ROW_LONG = "{session}: began {after}, lowest {lowest} at {clock}"
LOW_AFTER = "{minutes} after the end"
LOW_DURING = "during the session"
MISSING_PAIRS = (
    "One session has no before-and-after pair: {reasons}.",
    "{n:,} sessions have no before-and-after pair: {reasons}.",
)
MISSING_SENSOR = "There are no sensor readings, so there is no time in range, no usual day and no curve."
MISSING_INSULIN = "No insulin dose is logged, so insulin on board could not be taken into account."
MISSING_CARBS = "No carbohydrate is logged."
MISSING_EFFECT = "No comparison with similar times: {reason}"
NO_EFFECT_WITHOUT_SESSIONS = "No comparison with similar times, for no massage session was logged."
MISSING_FEET = "No foot check is logged, though feet were massaged."
MISSING_AREAS = "One session does not say where it was.", "{n:,} sessions do not say where they were."
NO_MISSING = "Nothing that this report needs is missing."
OPEN_SYMPTOM = "{when}: {symptom} {score} of 10{place}, new or worse"
OPEN_FOOT = "{when}: {finding}"
NO_OPEN = "No symptom or foot finding is waiting to be told."
NO_QUESTIONS = "No questions were written down."
NO_FINDING_SESSIONS = "No session had a finding."
NO_LOWS = "No low was seen within 6 h after a session."
DEIDENTIFIED = "Name, birth year, notes, questions and names of others are left out. Dates and time zone are kept."
METHOD = (
    "Before is the last reading up to 30 min before the start, after the first up to 30 min after the end, unless the "
    "person linked them; meter and sensor are never mixed in a pair.",
    METER_ERROR,
    "A low is 15 min or more of sensor readings, or one meter reading, below 70 mg/dL (3.9 mmol/L); very low is below "
    "54 mg/dL (3.0 mmol/L).",
    "Similar times without massage are times of the same person at least 6 h from any session, alike in clock time, "
    "glucose, trend, insulin and carbohydrate; sessions without a match are left out and counted.",
)
SOURCES = "Sources: {labels}."
