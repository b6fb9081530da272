"""Every source glucolog names, how well it is known to us, and what it says: data, no logic.

`Grade.UNVERIFIED` marks what was not read at the source: it is never printed as established.
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
    "watch-proposal": Citation(
        "glucolog's watch",
        "numbers of our own, checked on T1D-UOM leaving one person out; no clinician has reviewed them",
        "a low is looked for 25 min ahead, falls slowing as they go lower; repeats, snooze and silence of the alarms",
        Grade.PROPOSAL,
    ),
    "palerm-2007": Citation(
        "Palerm & Bequette 2007",
        "Diabetes Technol Ther 9(5):438–450",
        "hypoglycaemia prediction from sensor glucose by a Kalman filter",
        Grade.UNVERIFIED,
    ),
    "t1d-uom-2025": Citation(
        "T1D-UOM (Alsuhaymi 2025)",
        "doi:10.5281/zenodo.15169263, CC BY 4.0",
        "type 1 diabetes, sensor glucose, insulin, food and activity; 11 people and 989 activity starts used here",
    ),
    "walton-pressure": Citation("Walton pressure scale", "pressure 1 (light) to 5 (deep)", "massage pressure levels"),
    "lavery-hotspot": Citation(
        "Foot temperature monitoring",
        "left–right difference over 2.2 °C on two consecutive days",
        "a hot spot; one reading alone is noise",
    ),
    "session-rules": Citation(
        "glucolog's session rules",
        "windows and bands of our own, from the sources named beside them; no clinician has reviewed them",
        "pairing 30 min, follow-up 4 h, lows in 0–2 h, 2–6 h and overnight, rechecks at 0, 30, 60, 120 min",
        Grade.PROPOSAL,
    ),
    "hypo-metrics-2024": Citation(
        "Hypo-METRICS 2024",
        "Diabetes Technol Ther, doi:10.1089/dia.2023.0522",
        "night-time hypoglycaemia is generally counted from 00:00 to 06:00",
        Grade.ABSTRACT,
    ),
    "cms-small-cells": Citation(
        "CMS cell size suppression policy",
        "ResDAC, version of 2024-01-26, https://resdac.org/node/1506",
        "no cell of 1 to 10 people is shown, nor one from which such a number follows; zero may be shown",
    ),
    "diabetes-ther-2018": Citation(
        "Diabetes Ther 2018, Table 11",
        "Diabetes Ther 9(Suppl 1):1–42, doi:10.1007/s13300-018-0454-9",
        "regular human insulin: peak 2–4 h, duration 6–8 h; taken here as 3 h and 8 h in the exponential model, "
        "a use of the curve that is ours",
        Grade.PROPOSAL,
    ),
    "mensh-2013": Citation(
        "Mensh 2013",
        "J Diabetes Sci Technol 7(4):863–870",
        "pressure on a sensor can make it read low",
        Grade.UNVERIFIED,
    ),
    "source-article": Citation(
        "the article behind glucolog",
        "massage for people with diabetic neuropathy, patient education",
        "wash hands and equipment, no open wounds, light strokes, no lotion between the toes",
    ),
    "water-37": Citation("Water at most 37 °C", "foot care advice", "warm water limit", Grade.UNVERIFIED),
    "bergenstal-2018": Citation(
        "Bergenstal 2018",
        "Diabetes Care 41(11):2275–2280, doi:10.2337/dc18-1581",
        "glucose management indicator from mean sensor glucose",
        Grade.ABSTRACT,
    ),
    "nathan-2008": Citation(
        "Nathan 2008",
        "Diabetes Care 31(8):1473–1478, doi:10.2337/dc08-0545",
        "average glucose in mg/dL is 28.7 × A1C − 46.7",
        Grade.ABSTRACT,
    ),
    "kovatchev-1997": Citation(
        "Kovatchev 1997",
        "Diabetes Care 20(11):1655–1658, doi:10.2337/diacare.20.11.1655",
        "a symmetric scale of glucose; low and high blood glucose index",
        Grade.ABSTRACT,
    ),
    "fernandes-2022": Citation(
        "Fernandes 2022",
        "J Diabetes Sci Technol, doi:10.1177/19322968211061165, and the authors' vignette of iglu",
        "MAGE by a short and a long moving average, 1.4 % median error against manual scoring",
    ),
    "molnar-1972": Citation(
        "Molnar 1972",
        "Diabetologia 8:342–348, doi:10.1007/BF01218495",
        "mean of daily differences (MODD), as tabulated in PMC3160264",
        Grade.ABSTRACT,
    ),
    "mcdonnell-2005": Citation(
        "McDonnell 2005",
        "Diabetes Technol Ther 7(2):253–263, doi:10.1089/dia.2005.7.253",
        "continuous overlapping net glycaemic action (CONGA), as documented by iglu",
        Grade.ABSTRACT,
    ),
    "hill-2007": Citation(
        "Hill 2007",
        "Diabet Med 24(7):753–758, doi:10.1111/j.1464-5491.2007.02119.x",
        "glycaemic risk assessment diabetes equation (GRADE)",
        Grade.ABSTRACT,
    ),
    "schlichtkrull-1965": Citation(
        "Schlichtkrull 1965",
        "Acta Med Scand 177:95–102",
        "M-value, as tabulated in PMC3160264",
        Grade.ABSTRACT,
    ),
    "wojcicki-1995": Citation(
        "Wojcicki 1995",
        "Horm Metab Res 27(1):41–42, doi:10.1055/s-2007-979906",
        "J-index, as tabulated in PMC3160264",
        Grade.ABSTRACT,
    ),
}
"""Every source a rule, a formula or a page may name, by its key."""
