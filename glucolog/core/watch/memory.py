"""What was told, how bad it was then, and what is snoozed: decides whether a concern is told again."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from glucolog.core import evidence_watch as table
from glucolog.core.evidence import RECHECK_MIN
from glucolog.core.watch.concerns import Concern, Situation, low_has_passed
from glucolog.core.watch.events import AlarmKind
from glucolog.core.wording import watch as words
from glucolog.errors import RefusedError

_LOUDEST_FIRST = tuple(AlarmKind)
_LOWS = frozenset({AlarmKind.URGENT_LOW, AlarmKind.LOW})
_SEVERITY_AT_LIMIT = {
    AlarmKind.URGENT_LOW: -table.URGENT_LOW.pair.mg_dl,
    AlarmKind.LOW: -table.LOW.pair.mg_dl,
    AlarmKind.LOW_SOON: -table.LOW.pair.mg_dl,
    AlarmKind.FALLING_FAST: table.FAST_FALL_RATE.value,
    AlarmKind.NO_DATA: 0.0,
}


@dataclass(frozen=True, slots=True)
class _Told:
    at_min: float
    severity: float
    passed: bool = False


@dataclass(frozen=True, slots=True)
class _Snooze:
    until_min: float
    severity: float


class Memory:
    """Remembers alarms by kind; told times only move forward."""

    def __init__(self) -> None:
        self._told: dict[AlarmKind, _Told] = {}
        self._snoozed: dict[AlarmKind, _Snooze] = {}
        self._standing: dict[AlarmKind, float] = {}
        self._ate_at_min = -math.inf

    def ate(self, at_min: float) -> None:
        """Note carbs: after an alarm they start the 15 min of the rule of 15."""
        self._ate_at_min = max(self._ate_at_min, at_min)

    def snooze(self, kind: AlarmKind, at_min: float, minutes: float) -> None:
        """Keep one kind quiet, unless it gets worse than now. Raises `RefusedError` for more than 60 min."""
        most = table.SNOOZE_MAX_MIN.value
        if not 0 < minutes <= most:
            problem = words.SNOOZE_TOO_LONG.format(most=f"{most:g}", asked=f"{minutes:g}")
            raise RefusedError(problem, words.SNOOZE_REMEDY)
        severity = self._standing.get(kind, _SEVERITY_AT_LIMIT[kind])
        self._snoozed[kind] = _Snooze(at_min + minutes, severity)

    def snoozed_until_min(self, kind: AlarmKind) -> float:
        """When the last snooze of a kind ends, minus infinity without one."""
        snooze = self._snoozed.get(kind)
        return -math.inf if snooze is None else snooze.until_min

    def note(self, now: Situation, concern: Concern | None) -> None:
        """Take in what a reading gives cause to say, and which dangers have passed."""
        louder = _LOUDEST_FIRST if concern is None else _LOUDEST_FIRST[: _LOUDEST_FIRST.index(concern.kind)]
        passed = set(louder) if low_has_passed(now) else set(louder) - {AlarmKind.LOW_SOON}
        for kind in passed:
            self._standing.pop(kind, None)
            if kind in self._told:
                self._told[kind] = replace(self._told[kind], passed=True)
        if concern is not None:
            self._standing[concern.kind] = concern.severity

    def may_tell(self, concern: Concern, at_min: float) -> bool:
        """Whether a concern is to be told now."""
        repeat, told = table.REPEATS[concern.kind], self._told.get(concern.kind)
        if self._is_snoozed(concern, at_min):
            return False
        if told is None or (repeat.worse_breaks_quiet and concern.severity >= told.severity + repeat.worse_by):
            return True
        if at_min < self._quiet_until_min(concern.kind, told):
            return False
        return told.passed or repeat.while_it_lasts or concern.severity >= told.severity

    def mark_told(self, concern: Concern, now: Situation) -> None:
        """Note an alarm; a louder one counts as having told the quieter ones."""
        at_min = now.reading.at_min
        self._told[concern.kind] = _Told(at_min, concern.severity)
        for kind in _LOUDEST_FIRST[_LOUDEST_FIRST.index(concern.kind) + 1 :]:
            self._told[kind] = _Told(at_min, _severity(kind, now))

    def _is_snoozed(self, concern: Concern, at_min: float) -> bool:
        snooze = self._snoozed.get(concern.kind)
        if snooze is None or at_min >= snooze.until_min:
            return False
        return concern.severity < snooze.severity + table.REPEATS[concern.kind].worse_by

    def _quiet_until_min(self, kind: AlarmKind, told: _Told) -> float:
        if kind in _LOWS and self._ate_at_min > told.at_min:
            return self._ate_at_min + RECHECK_MIN.value
        return told.at_min + table.REPEATS[kind].quiet_min


def _severity(kind: AlarmKind, now: Situation) -> float:
    if kind in _LOWS:
        return -now.reading.glucose.mg_dl
    return -now.trend.rate_mg_dl_per_min if kind is AlarmKind.FALLING_FAST else -now.expected_mg_dl
