"""How far so many matched sessions carry: no estimate, an early one, or an estimate."""

from __future__ import annotations

from enum import StrEnum

from glucolog.core.wording import effect as words

MIN_SESSIONS = 8
"""Fewer matched sessions give points, no estimate."""
FULL_SESSIONS = 20
"""From so many matched sessions on the estimate is no longer called early."""


class Grade(StrEnum):
    """How far an estimate carries."""

    NONE = "none"
    EARLY = "early"
    ESTIMATE = "estimate"


def grade_of(n_matched: int) -> Grade:
    """Return the grade of so many matched sessions."""
    if n_matched < MIN_SESSIONS:
        return Grade.NONE
    return Grade.EARLY if n_matched < FULL_SESSIONS else Grade.ESTIMATE


def grade_reason(grade: Grade, n_matched: int, n_sessions: int) -> str:
    """Return the sentence behind a grade: how many of all sessions were matched, how many are missing for more."""
    if grade is Grade.ESTIMATE:
        return words.ESTIMATE.format(matched=n_matched)
    if grade is Grade.EARLY:
        return words.EARLY.format(matched=n_matched, needed=FULL_SESSIONS)
    if n_sessions < MIN_SESSIONS:
        return words.TOO_FEW.format(matched=n_sessions, needed=MIN_SESSIONS)
    return words.TOO_FEW_MATCHED.format(
        matched=n_matched, needed=MIN_SESSIONS, sessions=n_sessions, unmatched=n_sessions - n_matched
    )
