"""How far glucose fell over one session, how fast, and whether the meter could tell that from no change at all."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from glucolog.core import evidence
from glucolog.core.findings import Unassessed
from glucolog.core.pairing import PairedBy, PairedReadings
from glucolog.core.records import Reading, Session
from glucolog.core.units import Censored, Glucose, format_difference
from glucolog.core.wording import session as words


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionChange:
    """The change from before to after; positive where glucose fell.

    `rate_mg_dl_per_min` is the drop over the actual minutes between the two readings, also positive for a fall.
    `before_lead_min` is from the before reading to the start, `after_lag_min` from the end to the after reading.
    `within_error` is whether a change of this size could be the meter's error alone (closed). With a LO or HI the
    drop is None and `drop_at_least_mg_dl` or `drop_at_most_mg_dl` is its bound. `unassessed` says why a value is None.
    """

    drop_mg_dl: float | None = None
    rate_mg_dl_per_min: float | None = None
    minutes_between: float | None = None
    before_lead_min: float | None = None
    after_lag_min: float | None = None
    meter_error_mg_dl: float | None = None
    within_error: bool | None = None
    drop_at_least_mg_dl: float | None = None
    drop_at_most_mg_dl: float | None = None
    paired_by: PairedBy | None = None
    unassessed: Unassessed | None = None


def session_change(session: Session, paired: PairedReadings) -> SessionChange:
    """Return the change of one session from its paired readings. Never raises."""
    before, after = paired.before, paired.after
    if paired.unassessed or before is None or after is None:
        return SessionChange(unassessed=paired.unassessed)
    if before.glucose.censored or after.glucose.censored:
        return _timed(session, before, after, _bounded(before.glucose, after.glucose), paired.paired_by)
    return _timed(session, before, after, _plain(before.glucose, after.glucose), paired.paired_by)


def _timed(
    session: Session, before: Reading, after: Reading, change: SessionChange, by: PairedBy | None
) -> SessionChange:
    minutes = after.at.minutes_since(before.at)
    drop = change.drop_mg_dl
    return replace(
        change,
        rate_mg_dl_per_min=None if drop is None or not minutes else drop / minutes,
        minutes_between=minutes,
        before_lead_min=session.start.minutes_since(before.at),
        after_lag_min=after.at.minutes_since(session.end) if session.end else None,
        paired_by=by,
    )


def _plain(before: Glucose, after: Glucose) -> SessionChange:
    drop = before.mg_dl - after.mg_dl
    error = combined_error_mg_dl(before, after)
    return SessionChange(drop_mg_dl=drop, meter_error_mg_dl=error, within_error=abs(drop) <= error)


def meter_error_mg_dl(glucose: Glucose) -> float:
    """Error of one meter reading at 95 %: 15 mg/dL under 100 mg/dL (5.55 mmol/L), 15 % from there (ISO 15197:2013)."""
    if glucose.is_below(evidence.METER_KNEE.pair):
        return evidence.METER_ERROR_MG_DL.value
    return evidence.METER_ERROR_SHARE.value * glucose.mg_dl


def combined_error_mg_dl(before: Glucose, after: Glucose) -> float:
    """Error at 95 % of the difference of two readings, both taken at the level of the higher one.

    √2 times the error of one reading: 21 mg/dL under 100, 25 at 120, 30 at 140, 38 at 180, 53 at 250. For sensor
    pairs no such bound is published; the meter's serves as the yardstick there too.
    """
    return math.sqrt(2) * max(meter_error_mg_dl(before), meter_error_mg_dl(after))


def _bounded(before: Glucose, after: Glucose) -> SessionChange:
    drop = before.mg_dl - after.mg_dl
    error = combined_error_mg_dl(before, after)
    at_least = before.censored is not Censored.LOW and after.censored is not Censored.HIGH
    at_most = before.censored is not Censored.HIGH and after.censored is not Censored.LOW
    beyond = (at_least and drop > error) or (at_most and drop < -error)
    return SessionChange(
        meter_error_mg_dl=error,
        within_error=False if beyond else None,
        drop_at_least_mg_dl=drop if at_least else None,
        drop_at_most_mg_dl=drop if at_most else None,
        unassessed=Unassessed(_censored_reason(before, drop, at_least=at_least, at_most=at_most)),
    )


def _censored_reason(before: Glucose, drop_mg_dl: float, *, at_least: bool, at_most: bool) -> str:
    if not at_least and not at_most:
        return words.CENSORED_UNKNOWN
    sentence = words.CENSORED_AT_LEAST if at_least else words.CENSORED_AT_MOST
    return sentence.format(bound=f"{format_difference(drop_mg_dl, before.unit)} {before.unit}")
