"""What the web app says about health and about its own state; labels of fields stand in the templates."""

from __future__ import annotations

BOUNDARY = "glucolog informs. It is not a medical device, advises no dose, and does not replace your team's plan."
NOT_STORED_YET = "Not sent yet"
ALREADY_STORED = "This was stored already; nothing was stored twice."
STORED = "Stored for {name}."
TAKEN_BACK = "Taken back. The log is as it was before."
WRONG_PERSON = "This form was made for another person's log, so nothing was stored."
WRONG_PERSON_REMEDY = "Open the form again from the page of the person you mean."
REMEDY_ON_FORM = "Check the entry and send it again."
START_ALL_THE_SAME = "Start all the same"
NO_DROP = "The change can't be told: {reason}"
FELL = "Glucose fell by {amount} {unit}"
ROSE = "Glucose rose by {amount} {unit}"
UNCHANGED = "Glucose did not change"
IN_MINUTES = " in {minutes} min"
WITHIN_ERROR = "This is within the meter's error (±{error} {unit}): it could be no change at all."
BEYOND_ERROR = "This is more than the meter's error (±{error} {unit})."
ASSOCIATION = "One session shows what happened, not why."
LIVE_NONE = "No reading of the last day."
LIVE_AGE = "{age} min old"
ARROW_UNKNOWN = "trend not known"
NEEDS_LOOK = {
    "urgent": "{n} urgent",
    "lows": "{n} low after sessions",
    "open_items": "{n} not yet told to the team",
    "missing_after": "{n} without glucose after",
}
NEVER_LOGGED = "nothing logged yet"
IDLE = "{n} days since the last entry"
IDLE_TODAY = "logged today"
QUIET_CASE = "nothing that asks for a look"
LOCKED = "Too many wrong codes. Pairing is locked for {minutes} min."
LOCKED_REMEDY = "Wait, or start glucolog serve again."
WRONG_CODE = "That is not the code, or it has expired."
WRONG_CODE_REMEDY = "Type the code that glucolog serve shows now."
SIGNED_OUT = "You are signed out on this device."
FOREIGN_HOST = "This address is not one that glucolog answers to."
FOREIGN_HOST_REMEDY = "Use the address that glucolog serve printed."
CROSS_SITE = "This request came from another site, so nothing was stored."
CROSS_SITE_REMEDY = "Open glucolog itself and send the form from there."
TOO_LARGE = "That is more than glucolog takes in one request."
TOO_LARGE_REMEDY = "Bring very large files in with glucolog import."
NOT_FOUND = "There is no such page."
NOT_FOUND_REMEDY = "Go back to the start."
DEFECT = "Something went wrong inside glucolog; nothing of this request was stored."
DEFECT_REMEDY = "Try again; if it stays, the terminal that runs glucolog serve shows what happened."
