"""What the newest reading gives cause to say: at most one concern, the loudest, with its severity and reason."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from glucolog.core import evidence_watch as table
from glucolog.core.evidence import RECHECK_MIN, Pair
from glucolog.core.insulin import ExponentialModel, curve_of
from glucolog.core.rules.rule import held_against
from glucolog.core.units import MG_DL_PER_MMOL_L, Glucose, Source, Unit, round_half_up, told_glucose
from glucolog.core.watch.events import AlarmKind, DoseTaken, GlucoseSeen, WatchFacts
from glucolog.core.watch.trend import Trend
from glucolog.core.wording import watch as words


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The newest reading, the one before it from the same source, their trend, and what else lowers glucose.

    `insulin_units` act within the horizon; `session_fall_mg_dl` is what a running session is counted for, `unit` what
    the person thinks in.
    """

    reading: GlucoseSeen
    before: GlucoseSeen | None
    trend: Trend
    insulin_units: float
    insulin_known: bool
    session_fall_mg_dl: float
    unit: Unit

    @property
    def expected_mg_dl(self) -> float:
        """Glucose by estimate at the horizon."""
        by_insulin = self.insulin_units * table.FALL_PER_UNIT_MG_DL.value
        return self.trend.ahead_mg_dl(table.HORIZON_MIN.value) - by_insulin - self.session_fall_mg_dl


@dataclass(frozen=True, slots=True)
class Concern:
    """Something to say. `severity` grows as it gets worse, in mg/dL (falling fast: mg/dL/min)."""

    kind: AlarmKind
    severity: float
    reason: str


def insulin_units_soon(doses: Iterable[DoseTaken], at_min: float, *, child: bool) -> float:
    """Units that act within the horizon from `at_min`, by the model of each dose's kind; long-acting never counts."""
    return math.fsum(_acting(dose, at_min, child=child) for dose in doses if dose.at_min <= at_min)


def _acting(dose: DoseTaken, at_min: float, *, child: bool) -> float:
    curve = curve_of(dose.kind, child=child)
    if curve is None:
        return 0.0
    model = ExponentialModel(curve.peak_min, curve.duration_min)
    age = at_min - dose.at_min
    return dose.units * (model.iob_share(age) - model.iob_share(age + table.HORIZON_MIN.value))


def session_fall_mg_dl(facts: WatchFacts, at_min: float) -> float:
    """Fall counted for a session: most at its start, fading over the hour after."""
    if facts.session_start_min is None or at_min < facts.session_start_min:
        return 0.0
    since = at_min - facts.session_start_min
    return table.SESSION_FALL_MG_DL.value * math.exp(-since / table.SESSION_FADE_MIN.value)


def loudest(now: Situation) -> Concern | None:
    """Return the loudest concern of a situation, None when there is nothing to say."""
    for find in (_urgent_low, _low, _low_soon, _falling_fast):
        if concern := find(now):
            return concern
    return None


def low_has_passed(now: Situation) -> bool:
    """Whether neither the reading nor what is expected looks low any more, by a margin."""
    clear = table.LOW.pair.mg_dl + table.CLEAR_BY_MG_DL.value
    return not _is_under(now, table.LOW.pair) and now.expected_mg_dl > clear


def _urgent_low(now: Situation) -> Concern | None:
    return _under(now, AlarmKind.URGENT_LOW, table.URGENT_LOW.pair, words.URGENT_LOW)


def _low(now: Situation) -> Concern | None:
    return _under(now, AlarmKind.LOW, table.LOW.pair, words.LOW)


def _under(now: Situation, kind: AlarmKind, limit: Pair, sentence: str) -> Concern | None:
    if not _is_under(now, limit) or not _confirmed(now, limit):
        return None
    glucose = now.reading.glucose
    told = held_against(glucose, limit, now.unit)
    return Concern(kind, -glucose.mg_dl, sentence.format(again=f"{RECHECK_MIN.value:g}", **told))


def _is_under(now: Situation, limit: Pair) -> bool:
    return now.reading.glucose.is_below(limit)


def _confirmed(now: Situation, limit: Pair) -> bool:
    """A finger-stick stands alone; a sensor's reading needs the trend or the reading before to agree."""
    if now.reading.source is Source.METER:
        return True
    if _is_second(now, limit):
        return True
    return not now.trend.held and now.trend.mg_dl < limit.mg_dl + table.CONFIRM_BAND_MG_DL.value


def _is_second(now: Situation, limit: Pair) -> bool:
    if now.before is None or not now.before.glucose.is_below(limit):
        return False
    return now.reading.at_min - now.before.at_min <= table.CONFIRM_WITHIN_MIN.value


def _low_soon(now: Situation) -> Concern | None:
    expected = now.expected_mg_dl
    if expected >= table.LOW.pair.mg_dl - table.DOUBT_MG_DL.value:
        return None
    reason = words.LOW_SOON.format(
        trend=_trend_words(now.trend, now.unit),
        because=_because(now),
        minutes=f"{table.HORIZON_MIN.value:g}",
        **held_against(now.reading.glucose, table.LOW.pair, now.unit),
    )
    return Concern(AlarmKind.LOW_SOON, -expected, reason)


def _falling_fast(now: Situation) -> Concern | None:
    rate = now.trend.rate_mg_dl_per_min
    ahead = now.trend.ahead_mg_dl(table.HORIZON_MIN.value)
    near_low = table.LOW.pair.mg_dl + table.FAST_FALL_BAND_MG_DL.value
    expected_back = now.reading.glucose.is_above(table.FAST_FALL_CEILING.pair)
    if expected_back or -rate < table.FAST_FALL_RATE.value or ahead >= near_low:
        return None
    glucose = told_glucose(now.reading.glucose, now.unit)
    reason = words.FALLING_FAST.format(glucose=glucose, trend=_trend_words(now.trend, now.unit))
    return Concern(AlarmKind.FALLING_FAST, -rate, reason)


def _because(now: Situation) -> str:
    insulin = words.WITH_INSULIN if now.insulin_units * table.FALL_PER_UNIT_MG_DL.value >= 1 else ""
    session = words.WITH_SESSION if now.session_fall_mg_dl >= 1 else ""
    return (insulin if now.insulin_known else words.INSULIN_UNKNOWN) + session


def _trend_words(trend: Trend, unit: Unit) -> str:
    if trend.n_readings < 2:
        return words.TREND_UNKNOWN
    per_min = trend.rate_mg_dl_per_min if unit is Unit.MG_DL else trend.rate_mg_dl_per_min / MG_DL_PER_MMOL_L
    rate = round_half_up(abs(per_min), 1 if unit is Unit.MG_DL else 2)
    if rate == 0:
        return words.STEADY
    return (words.DROPPING if per_min < 0 else words.RISING).format(rate=rate, unit=unit)


def noise_sd_mg_dl(glucose: Glucose, source: Source) -> float:
    """SD of the noise of a reading: a sensor's, or half of the ISO 15197 bound for a meter."""
    if source is Source.CGM:
        return table.SENSOR_NOISE_MG_DL.value
    return max(table.METER_NOISE_FLOOR_MG_DL.value, table.METER_NOISE_SHARE.value * glucose.mg_dl)
