"""What is said about one session: why it has no pair or no plain change, and each finding of the session rules."""

from __future__ import annotations

RUNNING = "The session is still running."
NO_READINGS = "There is no reading within {window} min before the start or after the end."
NO_BEFORE = "There is no reading within {window} min before the start."
NO_AFTER = "There is no reading within {window} min after the end."
MIXED_SOURCES = "One reading is from a meter and the other from a sensor; the two are not compared."
NOT_IN_ORDER = "The reading marked as after is earlier than the one marked as before."
NO_SENSOR = "There is no sensor reading from the start to {hours} h after the end."

CENSORED_AT_LEAST = "A device showed LO or HI, so the drop has no exact value; it was at least {bound}."
CENSORED_AT_MOST = "A device showed LO or HI, so the drop has no exact value; it was at most {bound}."
CENSORED_UNKNOWN = "Both readings were beyond what the device shows, so the drop is not known."

ASSOCIATION = "This is an association; food, insulin timing and activity may explain part or all of it."
ASSOCIATION_WITHOUT_INSULIN = "This is an association; food and activity may explain part or all of it."
JUST_NOW = "just now"
AGO = "{length} ago"
DURING = "during it"
JUST_BEFORE = "just before"
BEFORE = "{length} before"
LOW_WINDOWS = {
    "0-2 h": "during the session or within 2 h after it",
    "2-6 h": "2 to 6 h after the session",
    "overnight": "in the night after the session",
}
LOW_CONFIRMED = "the sensor showed it for {minutes} min"
LOW_BY_METER = "a single meter reading showed it"
DIP_OVER = "for less than {event} min. That is too short to count as a low; a finger-stick would settle it."
DIP_END_UNSEEN = "with no later reading yet that shows its end: it may be a low. A finger-stick would settle it."
DROP_ENDS = "It ended at {glucose}, below {limit}."
DROP_PROJECTS = "From {glucose}, the same fall for {minutes} min more would reach below {limit}."

SENTENCES = {
    "low": "Low that began {window}: {glucose} at {clock}, below {limit}; {basis}. {association}",
    "low-dip": "The sensor dipped to {glucose} at {clock}, below {limit} {verdict}",
    "low-at-start": "Glucose was already low before the start: {glucose} at {clock}, below {limit}.",
    "drop-beyond-error": "Glucose fell {at_least}{drop}, more than meter error (±{error}). {end} {association}",
    "fast-fall": "Glucose fell fast: {rate} per minute over {minutes} min up to {clock}. Check again soon.",
    "severe-low": (
        "A low that needed help was noted {when} the session. Tell your team about it before the next session. "
        "{association}"
    ),
    "symptom-open": "New or worse {symptom} ({score} of 10) was noted. Tell your team; tick it off when you have.",
    "area-unknown": "The massaged area is not in the log, so it could not be compared with the injection site.",
    "sauna-with-insulin": (
        "A sauna was part of it while insulin from the last {hours} h was still active; "
        "a sauna can make insulin act faster."
    ),
    "site-bolus": (
        "Insulin was injected {when} in {place}, which was massaged. "
        "Massage of an injection site can make insulin act faster. Watch for a low."
    ),
    "site-long-acting": (
        "Long-acting insulin, or one of unknown kind, was injected {when} in {place}, which was massaged. "
        "Massage of an injection site can make insulin act faster. Watch for a low."
    ),
    "site-pump": "The pump's site is in {place}, which was massaged. Check the site, and watch for a low.",
    "site-sensor": (
        "The sensor is in {place}, which was massaged. Pressure is said to make one read low (not verified by us): "
        "check a low with a finger-stick."
    ),
    "site-lipohypertrophy": (
        "A lipohypertrophy in {place} was massaged. After rubbing one, a severe low has been reported (one case)."
    ),
    "site-unknown": (
        "Where the last insulin was injected is not in the log; it may have been in a massaged area. Watch for a low."
    ),
    "foot-finding": "The {side} foot was massaged with {finding} at {region}. Show it to your team.",
    "foot-check-missing": "No foot check of that day is in the log for the {sides} foot.",
    "hygiene-missing": "Not done before the session: {missing}.",
    "hygiene-unknown": "Not in the log: {missing}.",
    "pressure-numb": (
        "Pressure {pressure} of 5 where feeling may be reduced. "
        "Too much pressure can go unnoticed there; look at the skin."
    ),
    "water-hot": (
        "The water was {water} °C where feeling may be reduced. {limit} °C is a common limit, not verified by us; "
        "look at the skin."
    ),
    "water-unknown": (
        "Warm water without a measured temperature, where feeling may be reduced. "
        "A common limit is {limit} °C, not verified by us; look at the skin."
    ),
    "foot-soak": (
        "The feet were in warm water. The article behind glucolog describes a warm foot tub; "
        "the CDC advises against soaking the feet. Dry them well, also between the toes."
    ),
    "lotion-between-toes": (
        "Lotion between the toes keeps the skin moist there and favours fungal infection. Wipe it off."
    ),
}
