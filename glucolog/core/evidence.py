"""Published numbers: data, no logic. Every rule and formula takes its numbers from here, each with its citation's key.

A threshold is a published pair (mg/dL, mmol/L). The two are compared each in its own unit and are not conversions of
each other. The sources stand in `core.citations`.
"""

from __future__ import annotations

from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a rule that is no glucose amount: its unit, and the side of it that is meant."""

    name: str
    value: float
    unit: str
    sense: str
    citation: str


@dataclass(frozen=True, slots=True)
class InsulinCurve:
    """Parameters of the exponential insulin model for one kind of insulin."""

    name: str
    peak_min: float
    duration_min: float
    citation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A span of glucose with its closed sides named: an amount is in it when every given bound holds."""

    key: str
    ge: Pair | None = None
    le: Pair | None = None
    lt: Pair | None = None
    gt: Pair | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A consensus target: the share of sensor time in `zone` should be over (">") or under ("<") `percent`."""

    zone: Zone
    sense: str
    percent: float
    citation: str = "battelino-2019"


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

DROP_END = Threshold("drop that ends near a low", Pair(100, 5.6), "<", "session-rules")
METER_KNEE = Threshold("meter error turns relative", Pair(100, 5.55), ">=", "iso-15197")

THRESHOLDS = (
    LEVEL_2, LEVEL_1, RANGE_LOW, RANGE_HIGH, ABOVE, VERY_HIGH, PREGNANCY_LOW, PREGNANCY_HIGH, URGENT_LOW_SOON,
    GATE_STOP, GATE_NOT_YET, GATE_CAUTION, DROP_END,
)  # fmt: skip
"""Every glucose threshold in use; a number shown to a person is never rounded across one of them."""

METER_BOUNDS = Pair(20, 1.1), Pair(600, 33.3)
"""The span meters report; beyond it they show LO or HI."""
CGM_BOUNDS = Pair(40, 2.2), Pair(400, 22.2)
"""The span sensors report; beyond it they show LO or HI."""

PAIR_WINDOW_MIN = Quantity("before and after a session", 30, "min", "<=", "session-rules")
FOLLOW_UP_MIN = Quantity("follow-up after the end", 240, "min", "<=", "session-rules")
FOLLOW_UP_MARKS_MIN = 30, 60, 120, 240
"""Minutes after the end at which a sensor's readings count as follow-ups."""
FOLLOW_UP_MARK_MIN = Quantity("sensor reading beside a follow-up mark", 10, "min", "<=", "session-rules")

METER_ERROR_MG_DL = Quantity("meter error of one reading under 100 mg/dL", 15, "mg/dL", "<=", "iso-15197")
METER_ERROR_SHARE = Quantity("meter error of one reading from 100 mg/dL", 0.15, "of the reading", "<=", "iso-15197")

PROJECTION_MIN = Quantity("projection of a drop", 30, "min", "=", "session-rules")
FAST_FALL = Quantity("fast fall", 2, "mg/dL/min", ">=", "dexcom-arrows")
FALLING = Quantity("falling", 1, "mg/dL/min", ">=", "dexcom-arrows")
ARROW_EDGES = 1.0, 2.0, 3.0
"""mg/dL/min at which a trend arrow turns from flat to slanted, straight and double (`dexcom-arrows`)."""
TREND_WINDOW_MIN = Quantity("readings of a trend", 20, "min", "<=", "dexcom-arrows")
TREND_SPAN_MIN = Quantity("shortest span of a trend", 10, "min", ">=", "session-rules")
SENSOR_GAP_MIN = Quantity("gap between sensor readings", 20, "min", ">", "session-rules")
SENSOR_STEP_MIN = Quantity("usual step of a sensor, where one reading stands alone", 5, "min", "=", "session-rules")

EARLY_LOW_MIN = Quantity("low soon after a session", 120, "min", "<=", "session-rules")
LATE_LOW_MIN = Quantity("late low after a session", 360, "min", "<=", "session-rules")
NIGHT_HOURS = 0, 6
"""Local clock hours of the night, the first closed, the second open (Hypo-METRICS 2024)."""
EVENT_MIN = Quantity("length of a sensor event, and of its end", 15, "min", ">=", "battelino-2023")
SEVERE_LOW_H = Quantity("severe low around a session", 24, "h", "<=", "gate-proposal")

BOLUS_SITE_H = Quantity("meal-time insulin at a massaged site", 4, "h", "<=", "gate-proposal")
LONG_SITE_H = Quantity("long-acting insulin at a massaged site", 24, "h", "<=", "gate-proposal")
PRESSURE_LIMIT = Quantity("pressure without full sensation", 3, "of 5", ">=", "walton-pressure")
WATER_LIMIT_C = Quantity("water without full sensation", 37, "°C", ">", "water-37")

GATE_IOB_UNITS = Quantity("insulin on board", 1, "U", ">=", "gate-proposal")
GATE_BOLUS_MIN = Quantity("time since a bolus", 120, "min", "<", "gate-proposal")
STALE_CGM_MIN = Quantity("age of a sensor reading", 15, "min", ">", "gate-proposal")
STALE_METER_MIN = Quantity("age of a meter reading", 30, "min", ">", "gate-proposal")
INSULIN_KNOWN_H = Quantity("insulin in the log", 24, "h", "<=", "gate-proposal")
DISAGREE_MIN = Quantity("age of a second reading that is compared", 15, "min", "<=", "gate-proposal")
OLDER_FROM_YEARS = Quantity("older adult", 65, "years", ">=", "battelino-2019")
PLANNED_MIN = Quantity("length of a session where none is said", 30, "min", "=", "gate-proposal")
RECHECK_MIN = Quantity("recheck of a reading that is not ready", 15, "min", "=", "ada-15")

RECHECK_MARKS_MIN = 0, 30, 60, 120
"""Minutes after the end at which glucose is checked again (`session-rules`)."""
RECHECK_WINDOWS_MIN = (0, 15), (15, 45), (45, 90), (90, 180)
"""Minutes after the end, closed and open, in which a reading counts for each mark (`session-rules`)."""
BEDTIME_AFTER_HOUR = 16
"""A session that ended after this local hour adds a check before bed (`gate-proposal`)."""
BEDTIME_HOUR = 22
"""The local hour taken for bedtime where the person said none (`session-rules`)."""
BEDTIME_WINDOW_MIN = -STALE_METER_MIN.value, 120
"""Minutes around bedtime in which a reading counts, closed and open (`session-rules`): from when it is still a recent
one as the person lies down, by the gate's own measure, to when they went to bed late."""

INSULIN_CURVES: dict[str, InsulinCurve] = {
    "ultra-rapid": InsulinCurve("LoopKit exponential, ultra-rapid", 55, 360, "loop-insulin"),
    "rapid": InsulinCurve("LoopKit exponential, rapid adult", 75, 360, "loop-insulin"),
    "rapid-child": InsulinCurve("LoopKit exponential, rapid child", 65, 360, "loop-insulin"),
    "regular": InsulinCurve("LoopKit exponential shape, regular", 180, 480, "diabetes-ther-2018"),
}
"""The curve of each kind that counts as insulin on board; an unknown or mixed kind takes the longest of them."""
INSULIN_DELAY_MIN = Quantity("delay before insulin acts, as Loop sets it", 10, "min", "=", "loop-insulin")
CHILD_UNDER_YEARS = 18
"""Below this age rapid insulin takes LoopKit's child curve."""
MASSAGE_SPEED_UP = (1.0, 2.0, 4.0, 6.0)
"""Times the usual absorption rate, site massaged or heated (`linde-1986`, `linde-1989`); 1 is no change."""
SAUNA_SPEED_UP = (1.0, 2.1)
"""Times the usual absorption rate in a sauna, +110 % (`koivisto-1980`); 1 is no change."""

BELOW_54 = Zone(key="below_54", lt=LEVEL_2.pair)
BELOW_63 = Zone(key="below_63", lt=PREGNANCY_LOW.pair)
BELOW_70 = Zone(key="below_70", lt=LEVEL_1.pair)
GE_54_LT_70 = Zone(key="ge_54_lt_70", ge=LEVEL_2.pair, lt=LEVEL_1.pair)
GE_63_LE_140 = Zone(key="ge_63_le_140", ge=PREGNANCY_LOW.pair, le=PREGNANCY_HIGH.pair)
GE_70_LE_180 = Zone(key="ge_70_le_180", ge=RANGE_LOW.pair, le=RANGE_HIGH.pair)
GT_180_LE_250 = Zone(key="gt_180_le_250", gt=ABOVE.pair, le=VERY_HIGH.pair)
ABOVE_140 = Zone(key="above_140", gt=PREGNANCY_HIGH.pair)
ABOVE_180 = Zone(key="above_180", gt=ABOVE.pair)
ABOVE_250 = Zone(key="above_250", gt=VERY_HIGH.pair)

GOALS: dict[str, tuple[Goal, ...]] = {
    "adult": (
        Goal(zone=GE_70_LE_180, sense=">", percent=70),
        Goal(zone=BELOW_70, sense="<", percent=4),
        Goal(zone=BELOW_54, sense="<", percent=1),
        Goal(zone=ABOVE_180, sense="<", percent=25),
        Goal(zone=ABOVE_250, sense="<", percent=5),
    ),
    "older": (
        Goal(zone=GE_70_LE_180, sense=">", percent=50),
        Goal(zone=BELOW_70, sense="<", percent=1),
    ),
    "pregnancy": (
        Goal(zone=GE_63_LE_140, sense=">", percent=70),
        Goal(zone=BELOW_63, sense="<", percent=4),
        Goal(zone=BELOW_54, sense="<", percent=1),
        Goal(zone=ABOVE_140, sense="<", percent=25),
    ),
}
"""Consensus targets for the share of sensor time, by the name of the target set."""
REPORT_DAYS = Quantity("days of sensor wear for a report", 14, "d", ">=", "battelino-2019")
REPORT_ACTIVE_PERCENT = Quantity("share of those days with readings", 70, "%", ">=", "battelino-2019")
STABLE_CV_PERCENT = Quantity("coefficient of variation, stable glucose", 36, "%", "<=", "battelino-2019")

EXTENDED_LOW_MIN = Quantity("extended hypoglycaemia", 120, "min", ">", "battelino-2023")
EXTENDED_HIGH_MIN = Quantity("time over 250 mg/dL of extended hyperglycaemia", 90, "min", ">=", "battelino-2023")
EXTENDED_HIGH_WINDOW_MIN = Quantity("window of that time", 120, "min", "<=", "battelino-2023")

GMI_PERCENT = 3.31, 0.02392
"""Intercept in % and slope in % per mg/dL of mean glucose (`bergenstal-2018`)."""
EA1C_MG_DL = 46.7, 28.7
"""What is added to mean glucose in mg/dL, and mg/dL per % of A1C (`nathan-2008`)."""
GRI_WEIGHTS = 3.0, 2.4, 1.6, 0.8
"""Weights of the percentages < 54, 54 to < 70, > 250, > 180 to 250 mg/dL (`klonoff-2022`)."""
GRI_CAP, GRI_ZONE_WIDTH, GRI_ZONES = 100.0, 20.0, "ABCDE"
"""Highest index, width of a zone, and the zones from the lowest (`klonoff-2022`)."""
RISK_POWER, RISK_CENTRE, RISK_SLOPE = 1.084, 5.381, 1.509
"""f = slope · (ln(mg/dL)^power − centre); risk is 10 f² (`kovatchev-1997`)."""
RISK_INDEX_FACTOR = 22.77
"""10 · 1.509² as rounded in the published indices (`kovatchev-1997`)."""
MAGE_WINDOWS = 5, 32
"""Points of 5 min in the short and the long moving average (`fernandes-2022`)."""
MAGE_STEP_MIN = 5
"""The sensor interval those windows were tuned on (`fernandes-2022`)."""
MAGE_MAX_GAP_MIN = Quantity("time without readings that parts a trace for MAGE", 180, "min", ">", "fernandes-2022")
INTERPOLATION_MAX_MIN = Quantity("time between readings that is interpolated", 45, "min", "<=", "fernandes-2022")
GRADE_FACTOR, GRADE_OFFSET, GRADE_CAP, GRADE_MG_DL_PER_MMOL_L = 425.0, 0.16, 50.0, 18.0
"""425 · (log10(log10(mmol/L)) + 0.16)², at most 50, with the rounded constant of its own tools (`hill-2007`)."""
M_VALUE_CENTRE_MG_DL = 90.0
"""Reference glucose of the M-value (`schlichtkrull-1965`)."""
J_INDEX_FACTOR = 0.001
"""J = 0.001 · (mean + SD)² in mg/dL (`wojcicki-1995`)."""
ZERO_EVENTS_ALPHA = 0.05
"""No event in n: the true share may still be up to 1 − 0.05^(1/n) (exact one-sided 95 % bound; 20 give 14 %)."""
SMALL_CELL_PEOPLE = 11
"""The fewest people, but for none, that a number may be about (`cms-small-cells`)."""
