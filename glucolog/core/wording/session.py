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

PAIRED_BY = {
    "links": "both readings were given with the session",
    "link_and_window": "one reading was given with the session, the other is the nearest in time from the same source",
    "meter_window": "the nearest meter readings before and after",
    "cgm_window": "the nearest sensor readings before and after",
}
