"""Files made of several parts (members of an archive, sheets of a workbook, tables of a database)."""

from __future__ import annotations

from collections.abc import Hashable

from glucolog.importers.base import Options
from glucolog.importers.gatherer import Gatherer


class PartsGatherer(Gatherer):
    """A gatherer whose reasons begin with the part they speak of, and which knows a row it has seen before."""

    def __init__(self, format_name: str, options: Options) -> None:
        super().__init__(format_name, options)
        self.part = ""
        self._seen: set[Hashable] = set()

    def problem(self, line: int | None, reason: str) -> None:
        """Reject a row of the current part."""
        super().problem(line, self._located(reason))

    def remark(self, line: int | None, reason: str) -> None:
        """Say what is doubtful about a row of the current part."""
        super().remark(line, self._located(reason))

    def is_first(self, row: Hashable) -> bool:
        """Whether this row is seen for the first time; a repeated one (parts overlap) is counted."""
        if row in self._seen:
            self.skip("repeated rows")
            return False
        self._seen.add(row)
        return True

    def _located(self, reason: str) -> str:
        return f"{self.part}: {reason}" if self.part else reason
