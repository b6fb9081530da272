"""What is said about the risk of a low at the start: an estimate with its interval, its n and how well it predicts."""

from __future__ import annotations

RISK = (
    "A low beginning within {horizon} min: {probability} (95 % interval {low} to {high}), a {skill} estimate from "
    "{n_sessions} exercise sessions of {n_people} other people, not from yours."
)
TABLE_HEAD = (
    "A low that begins soon (95 % interval), from {n_sessions} exercise sessions of {n_people} other people, "
    "not from yours:"
)
TABLE_ROW = "within {horizon} min: {probability} ({low} to {high}), a {skill} estimate"
SKILL_GOOD = "fair"
SKILL_WEAK = "weak"
LEAST = "under 0.1 %"

RATE_UNKNOWN = "How fast glucose changes is not known; it was counted as falling slowly."
INSULIN_UNKNOWN = "Insulin on board is not known; some was counted as on board."

NO_RECENT = "no recent reading"
ALREADY_LOW = "glucose is below {limit} already"
NO_INSULIN = "fitted on people who take insulin, so it says nothing here"
