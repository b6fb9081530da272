"""What is said before a session: the verdict, each finding, and what would change it."""

from __future__ import annotations

from glucolog.core.wording.insulin import BAND

PROVENANCE = (
    "These bands are glucolog's own proposal, after published advice on exercise (Riddell 2017, Moser 2020). "
    "No clinician has reviewed them."
)
NOT_APPLICABLE = "This does not apply to this person."

NO_TREND_SENSOR = "There is no sensor reading, so there is no trend."
NO_TREND_STALE = "The last sensor reading is too old for a trend."
NO_TREND_SHORT = "There are too few sensor readings in the last 20 min for a trend."
NO_TREND_CENSORED = "The sensor shows LO or HI, so there is no trend."

VERDICTS = {
    "go": "Go, with checks during and after.",
    "caution": "Caution: read the points below first.",
    "not_yet": "Not yet.",
    "stop": "Stop: do not start now.",
}
FREE = "Free: {areas}."
BUT_FOR = "{area} but for {regions}"
ALL_BLOCKED = "Everything asked about is to be left alone."

MODIFIER_OLDER = "older age"
MODIFIER_AWARENESS = "impaired awareness of lows"
MODIFIER_SEVERE = "a recent severe low"

SEVERE_OVER = "From {at} on, when the severe low is more than {hours} h ago."

FACTOR_FALLING = "glucose is falling"
FACTOR_NO_TREND = "the trend is not known"
FACTOR_IOB = "insulin is on board"
FACTOR_BOLUS = "insulin was given recently"
FACTOR_INSULIN_UNKNOWN = "recent insulin is not known"
FACTOR_SITE = "insulin was, or may have been, injected in the area"

ADA_PLAN = "about 15 g of fast carbohydrate, then check again after 15 min; repeat while low."
NO_READING = "None is in the log for the last 24 h."
LAST_READING = "The last one is {age} old."
KIND_ASSUMED = " The kind of some of it is not known, so the longest curve was taken."

SENTENCES = {
    "gate-low-level-2": "{glucose} is below {limit}: a serious low. Treat it now, by your plan: {plan}",
    "gate-low": "{glucose} is below {limit}: a low. Treat it now, by your plan: {plan}",
    "gate-near-low": (
        "{glucose} is below {limit}, close to a low. If you agreed it with your team, have about 15 g of fast "
        "carbohydrate; check again in {minutes} min."
    ),
    "gate-caution-band": "{glucose} is below {limit} and there is more to mind: {factors}.",
    "no-recent-reading": "No recent reading. {last} Measure first.",
    "stricter": "One step stricter, because of {because}; caution is the mildest answer then.",
    "meter-was-low": (
        "A finger-stick {ago} showed {other}: a low. The sensor shows {newest}, and can lag behind. "
        "Treat the low, by your plan: {plan}"
    ),
    "meter-was-near-low": (
        "The sensor shows {newest}, but a finger-stick {ago} showed {other}, and a sensor can lag behind. "
        "Measure again by finger-stick."
    ),
    "readings-disagree": "The finger-stick is {newest}, but the sensor showed {other} {ago}. Measure again.",
    "heading-low": "At this rate ({rate} per minute) glucose would be below {limit} within {minutes} min.",
    "very-high-unwell": (
        "{glucose} is above {limit} and you feel unwell or have ketones: not now. Follow your team's plan."
    ),
    "very-high-asked": (
        "{glucose} is above {limit}. Do you feel unwell, or have ketones? If so, not now: follow your team's plan."
    ),
    "very-high": "{glucose} is above {limit}; you said you feel well and have no ketones.",
    "below-own-target": "{glucose} is below your own target of {target}.",
    "above-own-target": "{glucose} is above your own target of {target}.",
    "above-pregnancy-range": "{glucose} is above the pregnancy range, which ends at {limit}.",
    "falling": "Glucose is falling by {rate} per minute over {minutes} min ({arrow}).",
    "trend-unknown": "{reason}",
    "iob": (
        "About {units} U of insulin on board, an estimate ({models}).{assumed} "
        "Massage or heat at the injection site can make it act faster than this."
    ),
    "recent-bolus": "Insulin was given {ago}.",
    "insulin-unknown": "{reason}",
    "site-band": BAND,
    "sauna-band": BAND,
    "area-unknown": "No area was named, so injection sites could not be compared. Leave the listed places alone.",
    "sauna-with-insulin": (
        "A sauna with insulin from the last {hours} h still active: a sauna can make insulin act faster."
    ),
    "site-bolus": (
        "Leave {place} alone: insulin was injected there {ago}. Massage of an injection site can make it act faster."
    ),
    "site-long-acting": (
        "Leave {place} alone: long-acting insulin, or one of unknown kind, was injected there {ago}. "
        "Massage of an injection site can make it act faster."
    ),
    "site-pump": "Leave {place} alone: the pump's site is there.",
    "site-sensor": (
        "Leave {place} alone: the sensor is there, and pressure is said to make one read low (not verified by us)."
    ),
    "site-lipohypertrophy": (
        "Leave {place} alone: it has a lipohypertrophy. After rubbing one, a severe low has been reported (one case)."
    ),
    "site-unknown": "Where the last insulin went in is not known; it may be in an area to be massaged.",
    "foot-finding": "Leave {region} of the {side} foot alone: {finding} was seen there today. Show it to your team.",
    "foot-check-missing": "No foot check of today for the {sides} foot. Look at the skin first.",
    "hygiene-missing": "Still to do: {missing}.",
    "hygiene-unknown": "Not ticked yet: {missing}.",
    "pressure-numb": (
        "Pressure {pressure} of 5 where feeling may be reduced: too much can go unnoticed. Stay below {limit}."
    ),
    "water-hot": (
        "Water of {water} °C where feeling may be reduced. "
        "{limit} °C is a common limit, not verified by us; let it cool."
    ),
    "water-unknown": (
        "Warm water where feeling may be reduced: measure its temperature first. "
        "A common limit is {limit} °C, not verified by us."
    ),
    "foot-soak": (
        "Feet in warm water: the article behind glucolog describes a warm foot tub; "
        "the CDC advises against soaking the feet. Keep it short and dry them well."
    ),
    "lotion-between-toes": "No lotion between the toes: it keeps the skin moist there and favours fungal infection.",
    "symptom-open": "New or worse {symptom} ({score} of 10) is still open. Tell your team before the session.",
}

CHANGES = {
    "gate-low-level-2": "A reading of {ready} or more, {minutes} min after treating the low.",
    "gate-low": "A reading of {ready} or more, {minutes} min after treating the low.",
    "gate-near-low": "A reading of {ready} or more in {minutes} min; {clear} or more leaves the caution band.",
    "gate-caution-band": "A reading of {clear} or more that is not falling.",
    "no-recent-reading": "A reading now.",
    "stricter": "{later}",
    "meter-was-low": "A finger-stick of {ready} or more, {minutes} min after treating the low.",
    "meter-was-near-low": "A finger-stick of {ready} or more.",
    "readings-disagree": "Another reading that settles which one is right.",
    "heading-low": "A trend that has levelled out.",
    "very-high-unwell": "Feeling well, without ketones, after following your team's plan.",
    "very-high-asked": "Your answer: unwell or ketones, yes or no.",
    "below-own-target": "A reading of {target} or more.",
    "insulin-unknown": "Your last insulin in the log: what, when, where.",
    "sauna-with-insulin": "No sauna while that insulin is active.",
    "site-bolus": "Leaving {place} out.",
    "site-long-acting": "Leaving {place} out.",
    "site-pump": "Leaving {place} out.",
    "site-sensor": "Leaving {place} out.",
    "site-lipohypertrophy": "Leaving {place} out.",
    "site-unknown": "The site of your last insulin in the log.",
    "foot-finding": "Leaving {region} of the {side} foot out.",
    "foot-check-missing": "A foot check of today.",
    "hygiene-missing": "Ticking {missing}.",
    "hygiene-unknown": "Ticking {missing}.",
    "pressure-numb": "Lighter pressure.",
    "water-hot": "Water of {limit} °C or less.",
    "water-unknown": "The water's temperature.",
    "foot-soak": "Leaving the foot bath out.",
    "lotion-between-toes": "No lotion between the toes.",
    "symptom-open": "Having told your team about it.",
}
