"""The part of a report about sessions: the table, lows after them, the comparison with times without massage."""

from __future__ import annotations

from collections.abc import Iterable

from glucolog.analysis.effect import EffectResult
from glucolog.analysis.effect_text import say_effect
from glucolog.core import evidence
from glucolog.core.citations import CITATIONS
from glucolog.core.findings import Finding, Level
from glucolog.core.lows import AttributedLow, LowBasis, LowWindow
from glucolog.core.records import Session
from glucolog.core.units import format_glucose, round_half_up
from glucolog.core.wording import report as wording
from glucolog.plots import words
from glucolog.plots.theme import Scale
from glucolog.reports.facts import Reviewed
from glucolog.reports.model import FindingLine, SessionRow

_WITHIN_6_H = (LowWindow.EARLY, LowWindow.LATE)
LOUD = (Level.WARNING, Level.URGENT)


def session_row(reviewed: Reviewed, scale: Scale) -> SessionRow:
    """Return one session as a row: when, how, the pair, the change in words, the findings."""
    session, change = reviewed.session, reviewed.change
    return SessionRow(
        start=session.start,
        when=words.when(session.start),
        minutes=session.minutes,
        how=how_words(session),
        before=reviewed.paired.before,
        after=reviewed.paired.after,
        drop_mg_dl=change.drop_mg_dl,
        change=words.change_words(reviewed.paired, change, scale),
        error=words.error_words(change, scale.unit),
        findings=tuple(_line(finding) for finding in reviewed.findings),
    )


def _line(finding: Finding) -> FindingLine:
    return FindingLine(
        rule=finding.rule, level=finding.level, message=finding.message, citation=source_label(finding.citation)
    )


def source_label(citation: str) -> str:
    """Return how people name a source: the label of the evidence table for its key, else what was given."""
    known = CITATIONS.get(citation)
    return known.label if known else citation


def how_words(session: Session) -> str:
    """Write where and how: `left foot; effleurage; pressure 2 of 5`."""
    pressure = f"pressure {int(session.pressure)} of 5" if session.pressure else ""
    parts = (words.areas_words(session), words.techniques_words(session), pressure)
    return "; ".join(part for part in parts if part)


def lows_within_6_h(reviewed: Reviewed) -> tuple[AttributedLow, ...]:
    """Return the lows that began up to 6 h after the session; a dip of the sensor under 15 min is not one."""
    return tuple(low for low in reviewed.lows if low.window in _WITHIN_6_H and low.basis is not LowBasis.SENSOR_DIP)


def low_lines(sessions: Iterable[Reviewed], scale: Scale) -> tuple[str, ...]:
    """Return a line a low within 6 h of a session."""
    return tuple(_low_line(each.session, low, scale) for each in sessions for low in lows_within_6_h(each))


def _low_line(session: Session, low: AttributedLow, scale: Scale) -> str:
    minutes = words.minutes_words(low.minutes_after_end)
    after = wording.LOW_DURING if low.minutes_after_end < 0 else wording.LOW_AFTER.format(minutes=minutes)
    row = wording.LOW_ROW if low.lowest is low.first else wording.LOW_ROW_LONG
    return row.format(
        session=words.when(session.start), lowest=format_glucose(low.lowest.glucose, scale.unit),
        clock=words.clock(low.lowest.at), after=after,
    )  # fmt: skip


def no_lows_words(sessions: tuple[Reviewed, ...]) -> str:
    """Return what is said where no low is listed: that there was none to see, or that it can't be told."""
    if not sessions:
        return wording.SUMMARY_NO_SESSIONS
    known = sum(each.lows_known for each in sessions)
    if known == len(sessions):
        return wording.NO_LOWS
    return words.counted(len(sessions), wording.SUMMARY_LOWS_UNKNOWN, unknown=len(sessions) - known)


def lows_sentences(sessions: tuple[Reviewed, ...]) -> tuple[str, ...]:
    """Return how many sessions had a low within 6 h; for none, the upper bound that so few sessions leave open."""
    known = [each for each in sessions if each.lows_known]
    with_low = sum(bool(lows_within_6_h(each)) for each in known)
    told = []
    if known and with_low:
        told.append(words.counted(len(known), wording.SUMMARY_LOWS, lows=with_low))
    elif known:
        told.append(words.counted(len(known), wording.SUMMARY_ZERO_LOWS, bound=_zero_bound_percent(len(known))))
    if len(known) < len(sessions):
        told.append(words.counted(len(sessions), wording.SUMMARY_LOWS_UNKNOWN, unknown=len(sessions) - len(known)))
    return tuple(told)


def _zero_bound_percent(n: int) -> int:
    return int(round_half_up(100 * (1 - evidence.ZERO_EVENTS_ALPHA ** (1 / n))))


def warning_count(sessions: Iterable[Reviewed]) -> int:
    """Return how many sessions have a finding that warns."""
    return sum(any(finding.level in LOUD for finding in each.findings) for each in sessions)


def effect_sentences(result: EffectResult | None, scale: Scale) -> tuple[str, ...]:
    """Return the comparison with similar times in sentences, or that none was made."""
    if result is None:
        return (wording.NO_EFFECT_WITHOUT_SESSIONS,)
    return say_effect(result, scale.unit)


def effect_answer(result: EffectResult | None, scale: Scale) -> tuple[str, ...]:
    """Return the one sentence with the estimate and its interval; nothing where there is no estimate."""
    if result is None or result.estimate_mg_dl is None:
        return ()
    return say_effect(result, scale.unit)[:1]
