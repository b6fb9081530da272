"""Citations and published numbers: data, no logic. Every rule and formula takes its numbers and source from here.

A threshold is a published pair (mg/dL, mmol/L). The two are compared each in its own unit and are not conversions of
each other. `Grade.UNVERIFIED` marks what was not read at the source: it is never printed as established.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How well a source is known to us."""

    READ = "read"
    ABSTRACT = "abstract read"
    ANECDOTE = "anecdote"
    PROPOSAL = "our proposal"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Citation:
    """One source: `label` is what a finding prints, `reference` how to find it, `says` what it says."""

    label: str
    reference: str
    says: str
    grade: Grade = Grade.READ


@dataclass(frozen=True, slots=True)
class Pair:
    """One published glucose number in both units."""

    mg_dl: float
    mmol_l: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """A published pair under its name; `sense` says which side of the number is meant, as published."""

    name: str
    pair: Pair
    sense: str
    citation: str


CITATIONS: dict[str, Citation] = {
    "battelino-2019": Citation(
        "Battelino 2019",
        "Diabetes Care 42(8):1593–1603, doi:10.2337/dci19-0028",
        "time in range 70–180 mg/dL inclusive; targets for adults, older adults and pregnancy",
    ),
    "battelino-2023": Citation(
        "Battelino 2023",
        "Lancet Diabetes Endocrinol 11(1):42–57, doi:10.1016/S2213-8587(22)00319-9",
        "an event starts with 15 min below and ends with 15 min back; extended beyond 120 min",
    ),
    "agiostratidou-2017": Citation(
        "Agiostratidou 2017",
        "Diabetes Care 40(12):1622–1630, doi:10.2337/dc17-1624",
        "level 1 below 70 mg/dL, level 2 below 54 mg/dL, level 3 needs help from another person",
    ),
    "ada-15": Citation(
        "ADA rule of 15",
        "American Diabetes Association, hypoglycaemia",
        "below 70 mg/dL: about 15 g of fast carbohydrate, recheck after 15 min, repeat while low",
    ),
    "ada-feet": Citation(
        "ADA foot care",
        "American Diabetes Association, daily foot check",
        "look every day for breaks, blisters, swelling, hot and cold spots; report symptoms early",
    ),
    "cdc-feet": Citation(
        "CDC foot care",
        "Centers for Disease Control and Prevention, diabetes and your feet",
        "do not soak the feet; no lotion between the toes",
    ),
    "klonoff-2022": Citation(
        "Klonoff 2022",
        "J Diabetes Sci Technol, doi:10.1177/19322968221085273",
        "glycemia risk index",
    ),
    "iso-15197": Citation(
        "ISO 15197:2013",
        "ISO 15197:2013, section 6.3",
        "95 % of meter readings within 15 mg/dL under 100 mg/dL, within 15 % from there",
    ),
    "linde-1986": Citation(
        "Linde 1986",
        "Diabetes Care 9(6):570–574, PMID 3542450",
        "30 min of massage over the injection site: elimination constant 0.19 to 0.88 %/min (control 0.21 to 0.32)",
    ),
    "linde-1989": Citation(
        "Linde & Philip 1989",
        "Diabetes Res 11(4):191–194, PMID 2696618",
        "site massage: rate constant +237 % against +49 %; peak insulin 49 against 17 mU/L",
    ),
    "dillon-1983": Citation(
        "Dillon 1983",
        "in Ezzo 2001, Diabetes Spectrum 14(4):218–224",
        "a vibrator on the site for 3 min: glucose 8.3 % lower at 30 min",
    ),
    "berger-1982": Citation(
        "Berger 1982",
        "Diabetes Care 5:77–91",
        "warm bath and local massage raised insulin in the first 90 min; long-acting sped up by massage, not by heat",
        Grade.ABSTRACT,
    ),
    "koivisto-1980": Citation(
        "Koivisto 1980",
        "BMJ 280:1411–1413",
        "sauna 2 × 25 min: insulin absorption +110 %, glucose 54–60 mg/dL lower",
    ),
    "improta-2019": Citation(
        "Improta 2019",
        "Diabetes Metab Syndr 13:1237–1239",
        "severe hypoglycaemia after rubbing a lipohypertrophy (case)",
    ),
    "sajedi-2011": Citation(
        "Sajedi 2011",
        "Acta Med Iran 49(9):592–597",
        "36 children, Swedish massage 15 min three times a week: lower right after sessions (unblinded)",
    ),
    "wandell-2012": Citation(
        "Wändell 2010/2012/2013", "53 people with type 2, tactile massage, 10 weeks", "no change of HbA1c"
    ),
    "reflexology-2018": Citation(
        "Foot reflexology 2018", "PMC6141416", "45 people with type 2: no effect on capillary glucose"
    ),
    "ezzo-2001": Citation(
        "Ezzo 2001",
        "Diabetes Spectrum 14(4):218–224",
        "review: site massage may raise absorption; the rest uncontrolled",
    ),
    "bayat-2020": Citation(
        "Bayat 2020", "CJMB 7:22–28", "review of trials: glucose, HbA1c, pain, ulcers better; quality varies"
    ),
    "rose-protocol": Citation(
        "M. K. Rose, clinic protocol",
        "over 40 informal sessions",
        "usual drop 20–40 mg/dL in the hour, range −100 to +100",
        Grade.ANECDOTE,
    ),
    "riddell-2017": Citation(
        "Riddell 2017",
        "Lancet Diabetes Endocrinol 5(5):377–390, doi:10.1016/S2213-8587(17)30014-1",
        "glucose bands before exercise in type 1 diabetes, the nearest published analogue of the gate",
    ),
    "moser-2020": Citation(
        "Moser 2020",
        "Diabetologia 63:2501–2520, doi:10.1007/s00125-020-05263-9",
        "sensor and trend bands around exercise, the nearest published analogue of the gate",
    ),
    "gate-proposal": Citation(
        "glucolog's gate",
        "after Riddell 2017 and Moser 2020; no clinician has reviewed it",
        "bands before a massage session",
        Grade.PROPOSAL,
    ),
    "loop-insulin": Citation(
        "LoopKit exponential insulin model",
        "LoopKit, ExponentialInsulinModel",
        "activity and insulin on board from duration and peak time",
    ),
    "dexcom-arrows": Citation(
        "Dexcom trend arrows", "Dexcom user guide", "flat < 1, slanted 1–2, straight 2–3, double > 3 mg/dL/min"
    ),
    "dexcom-urgent": Citation(
        "Dexcom urgent low soon", "Dexcom user guide", "alarm when 55 mg/dL or less is predicted within 20 min"
    ),
    "walton-pressure": Citation("Walton pressure scale", "pressure 1 (light) to 5 (deep)", "massage pressure levels"),
    "lavery-hotspot": Citation(
        "Foot temperature monitoring",
        "left–right difference over 2.2 °C on two consecutive days",
        "a hot spot; one reading alone is noise",
    ),
    "water-37": Citation("Water at most 37 °C", "foot care advice", "warm water limit", Grade.UNVERIFIED),
}
"""Every source a rule, a formula or a page may name, by its key."""

LEVEL_2 = Threshold("level 2 hypoglycaemia", Pair(54, 3.0), "<", "agiostratidou-2017")
LEVEL_1 = Threshold("level 1 hypoglycaemia", Pair(70, 3.9), "<", "agiostratidou-2017")
RANGE_LOW = Threshold("bottom of the range", Pair(70, 3.9), ">=", "battelino-2019")
RANGE_HIGH = Threshold("top of the range", Pair(180, 10.0), "<=", "battelino-2019")
ABOVE = Threshold("above range", Pair(180, 10.0), ">", "battelino-2019")
VERY_HIGH = Threshold("very high", Pair(250, 13.9), ">", "battelino-2019")
PREGNANCY_LOW = Threshold("bottom of the pregnancy range", Pair(63, 3.5), ">=", "battelino-2019")
PREGNANCY_HIGH = Threshold("top of the pregnancy range", Pair(140, 7.8), "<=", "battelino-2019")
URGENT_LOW_SOON = Threshold("urgent low soon", Pair(55, 3.1), "<=", "dexcom-urgent")

GATE_STOP = Threshold("gate: stop", Pair(70, 3.9), "<", "gate-proposal")
GATE_NOT_YET = Threshold("gate: not yet", Pair(90, 5.0), "<", "gate-proposal")
GATE_CAUTION = Threshold("gate: caution", Pair(126, 7.0), "<", "gate-proposal")

THRESHOLDS = (
    LEVEL_2, LEVEL_1, RANGE_LOW, RANGE_HIGH, ABOVE, VERY_HIGH, PREGNANCY_LOW, PREGNANCY_HIGH, URGENT_LOW_SOON,
    GATE_STOP, GATE_NOT_YET, GATE_CAUTION,
)  # fmt: skip
"""Every glucose threshold in use; a number shown to a person is never rounded across one of them."""

METER_BOUNDS = Pair(20, 1.1), Pair(600, 33.3)
"""The span meters report; beyond it they show LO or HI."""
CGM_BOUNDS = Pair(40, 2.2), Pair(400, 22.2)
"""The span sensors report; beyond it they show LO or HI."""
AMBIGUOUS_SPAN = 20.0, 33.3
"""A bare number in here can be a very low mg/dL or a very high mmol/L."""
