"""Many people at once, in words. Numbers about few people are withheld, and it is said that they are."""

from __future__ import annotations

WITHHELD = "withheld"
TOO_SMALL = (
    "There are too few people to describe as a group without pointing at somebody (at least {limit}). "
    "The per-person table can still be written with -o."
)
GUARDED = "No number about 1 to {most} people is shown, nor one from which such a number follows ({source})."
BESIDE = "It was asked before with other choices: no such number follows from the two answers together."
CONSENT = "Only people who agreed to be counted are here; {left_out} did not and were left out."
SHIFTED = "Dates are moved by a secret number of weeks a person; the clock is the one where their log begins."
DATES_KEPT = "Dates are the real ones, as was asked for."
FAILED = "{name} failed: {reason}"
FAILED_REMEDY = "The rest is finished. Run the same command again to try only what failed."
HALF = "{name}: half of {people} people lie between {low} and {high}, the middle is {middle}."
HALF_UNCOUNTED = (
    "{name}: half of those who have a value lie between {low} and {high}, the middle is {middle}. "
    "How many have none is withheld."
)
NOT_ASSESSED = "{n} of {people} people have no value."
EFFECT = (
    "Averaged over {people} people with an estimate: {size} mg/dL (95 % interval {low} to {high}). Positive means that "
    "glucose fell more than at matched times."
)
CHOSEN = "Only sessions {words} are compared; all others only occupy time."
ASSOCIATION = "An association, not what massage did; who consented, and who wears a sensor, is not everyone."

FUNNEL: dict[str, str] = {
    "stats": "Everyone",
    "lows": "Everyone",
    "effect": "Everyone",
    "enough": "with at least 14 days and 70 % of sensor time",
    "often_low": "of them with more time low than their consensus target",
    "extended": "of them with a low of over 120 min",
    "sessions": "with a finished session",
    "after": "of them with a low after a session",
    "deep": "of them with a low below 54 mg/dL after a session",
    "matched": "of them with a session matched to similar times",
    "estimated": "of them with enough matched sessions for an estimate",
}

MEASURES: dict[str, str] = {
    "mean_mg_dl": "Mean glucose, mg/dL",
    "cv_percent": "Coefficient of variation, %",
    "tir_70_180_percent": "Time in 70–180 mg/dL, %",
    "below_70_percent": "Time below 70 mg/dL, %",
    "below_54_percent": "Time below 54 mg/dL, %",
    "above_180_percent": "Time above 180 mg/dL, %",
    "gri": "Glycaemia risk index",
    "hypo_level_1_a_week": "Level 1 lows a week",
    "hypo_level_2_a_week": "Level 2 lows a week",
    "estimate_mg_dl": "Own estimate, mg/dL (positive: fell more than at matched times)",
    "sessions_with_low_percent": "Sessions followed by a low, %",
}
