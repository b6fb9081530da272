"""What rules answer: findings, or a value that can't be had with the reason why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How loudly a finding speaks; `WARNING` and `URGENT` make the exit code 10."""

    INFO = "info"
    CAUTION = "caution"
    WARNING = "warning"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule says: its words, and all that made it say so."""

    rule: str
    level: Level
    message: str
    inputs: dict[str, object]
    threshold: dict[str, object]
    citation: str


@dataclass(frozen=True, slots=True)
class Unassessed:
    """A value that can't be had, with the reason in words."""

    reason: str
