"""What is said after a session: when to check again, what to do about a low, and which checks were missed."""

from __future__ import annotations

CHECKS = {
    "0": "Check now, at the end of the session.",
    "30": "Check 30 min after the session.",
    "60": "Check 1 h after the session.",
    "120": "Check 2 h after the session.",
    "bedtime": "Check before bed; from {opens} on it counts. If you go to bed earlier, check then all the same.",
    "after low": "Check again {minutes} min after the low reading.",
}
LOW_NOW = "Your last reading, {glucose} at {clock}, is below {limit}."
LOW_BY_STICK = "Your finger-stick, {glucose} at {clock}, is below {limit}; a sensor can lag behind it."
LOW_HEADING = "Low: treat it now"
TREATED_HEADING = "Low: check again at {clock}"
TREATED = "{grams} g of carbohydrate to treat it are logged at {clock}."
CHECK_AT = "Check again at {clock}."
CHECK_NOW = "Check again now."
NO_PLANS = "No session ended in the last {hours} h, so no re-check of one is due."
RUNNING = "A session runs since {clock}; its re-checks begin when it ends."
OWN_PLAN = "Your plan: {plan}"
RULE_OF_15 = (
    "About 15 g of fast carbohydrate.",
    "Check again after 15 min.",
    "Repeat while the reading is below {limit}.",
    "If someone can't swallow or is unconscious: nothing by mouth; glucagon and the emergency number.",
)
