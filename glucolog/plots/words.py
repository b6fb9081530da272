"""Short phrases that several charts and reports share: when, where, how much."""

from __future__ import annotations

from datetime import date

from glucolog.core.change import SessionChange
from glucolog.core.findings import Unassessed
from glucolog.core.moments import Moment
from glucolog.core.pairing import PairedReadings
from glucolog.core.records import Dose, Session
from glucolog.core.units import Unit, format_apart, format_difference, format_glucose, round_half_up
from glucolog.core.wording import report as wording
from glucolog.plots.table import joined
from glucolog.plots.theme import Scale


def counted(n: int, sentences: tuple[str, str], **told: object) -> str:
    """Fill the first of two sentences for one, the second for any other number."""
    return sentences[0 if n == 1 else 1].format(n=n, **told)


def when(at: Moment) -> str:
    """Write weekday, day, month, year and local time: `Tue 3 Mar 2026 14:05`."""
    local = at.local
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}"


def clock(at: Moment) -> str:
    """Write the local time: `14:05`."""
    return f"{at.local:%H:%M}"


def day_words(day: date) -> str:
    """Write a day: `Tue 3 Mar 2026`."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def minutes_words(minutes: float) -> str:
    """Write a length of time or an offset: `45 min`, `2 h`, `1 h 30 min`."""
    whole = int(round_half_up(abs(minutes)))
    hours, rest = divmod(whole, 60)
    parts = [f"{hours} h"] if hours else []
    return " ".join([*parts, f"{rest} min"] if rest or not hours else parts)


def from_start(minutes: float) -> str:
    """Write an offset to a session's start: `30 min before the start`, `at the start`, `2 h after the start`."""
    if round_half_up(minutes) == 0:
        return "at the start"
    return f"{minutes_words(minutes)} {'before' if minutes < 0 else 'after'} the start"


def areas_words(session: Session) -> str:
    """Write where a session was, or that it was not said."""
    return "; ".join(place.words for place in session.areas) or "area not said"


def techniques_words(session: Session) -> str:
    """Write how a session was done."""
    return joined(session.techniques, "technique not said")


def dose_words(dose: Dose) -> str:
    """Write a dose as it was logged: `4 U aspart, abdomen`."""
    name = dose.name or f"{dose.kind} insulin"
    site = f", {dose.site.words}" if dose.site else ""
    return f"{dose.units:g} U {name}{site}"


def difference_words(mg_dl: float, unit: Unit) -> str:
    """Write the size of a change given in mg/dL, without its sign, in the unit's usual decimals."""
    return format_difference(abs(mg_dl), unit)


def signed_words(mg_dl: float, unit: Unit) -> str:
    """Write a change given in mg/dL with its sign, a minus as people write it; a zero has none."""
    number = format_difference(mg_dl, unit)
    return "0" if float(number) == 0 else number.replace("-", "−")


def shows_no_difference(mg_dl: float, unit: Unit) -> bool:
    """Whether the change is written as zero in this unit."""
    return float(format_difference(mg_dl, unit)) == 0


def change_words(paired: PairedReadings, change: SessionChange, scale: Scale) -> str:
    """Write what a session's pair says: both readings and how they differ, or why there is no pair or no size."""
    unit, before, after = scale.unit, paired.before, paired.after
    if paired.unassessed or before is None or after is None:
        return wording.NO_CHANGE.format(reason=_sentence_start(paired.unassessed))
    told = {"before": format_glucose(before.glucose, unit), "after": format_glucose(after.glucose, unit), "unit": unit}
    if change.drop_mg_dl is None:
        return wording.CHANGE_UNKNOWN.format(**told)
    if shows_no_difference(change.drop_mg_dl, unit):
        return wording.CHANGE_SAME.format(**told)
    size, _ = size_and_error(change, unit)
    if change.drop_mg_dl > 0:
        return wording.CHANGE_FELL.format(drop=size, **told)
    return wording.CHANGE_ROSE.format(rise=size, **told)


def size_and_error(change: SessionChange, unit: Unit) -> tuple[str, str]:
    """Write how large a change is and the meter error it is held against, in decimals that tell them apart."""
    drop_mg_dl, error_mg_dl = abs(change.drop_mg_dl or 0.0), change.meter_error_mg_dl
    if error_mg_dl is None:
        return difference_words(drop_mg_dl, unit), ""
    return format_apart(drop_mg_dl, error_mg_dl, unit)


def _sentence_start(unassessed: Unassessed | None) -> str:
    reason = unassessed.reason.rstrip(".") if unassessed else wording.NO_READINGS_NEAR
    return reason[:1].lower() + reason[1:]


def error_words(change: SessionChange, unit: Unit) -> str:
    """Write whether a change is within meter error, with the error; empty where neither can be told."""
    if change.meter_error_mg_dl is None or change.within_error is None:
        return ""
    sentence = wording.WITHIN_ERROR if change.within_error else wording.BEYOND_ERROR
    _, error = size_and_error(change, unit)
    return sentence.format(error=error, unit=unit)
