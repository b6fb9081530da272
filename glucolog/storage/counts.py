"""What became of imported rows."""

from __future__ import annotations

from dataclasses import dataclass

from glucolog.core.moments import Moment
from glucolog.core.units import Glucose, Source

LISTED_CONFLICTS = 200
"""How many conflicts are named; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingConflict:
    """Two values for one instant: the one in use, and the one a file offered, kept but not in use."""

    at: Moment
    source: Source
    in_use: Glucose
    offered: Glucose
    device: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockCounts:
    """What became of imported rows. `conflicts` lists the first of them.

    `shifted` are the duplicates whose clock was changed between two exports: they stand `shift_s` later in the log.
    `changed` and `removed` are rows of earlier imports that their source has edited or dropped since.
    """

    new: int = 0
    duplicate: int = 0
    conflict: int = 0
    changed: int = 0
    removed: int = 0
    shifted: int = 0
    shift_s: int = 0
    conflicts: tuple[ReadingConflict, ...] = ()

    def __add__(self, other: BlockCounts) -> BlockCounts:
        return BlockCounts(
            new=self.new + other.new,
            duplicate=self.duplicate + other.duplicate,
            conflict=self.conflict + other.conflict,
            changed=self.changed + other.changed,
            removed=self.removed + other.removed,
            shifted=self.shifted + other.shifted,
            shift_s=self.shift_s or other.shift_s,
            conflicts=(self.conflicts + other.conflicts)[:LISTED_CONFLICTS],
        )

    @property
    def stored(self) -> int:
        """Rows that came into the log."""
        return self.new + self.conflict
