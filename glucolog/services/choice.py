"""Which sessions a question about the effect is about."""

from __future__ import annotations

from dataclasses import dataclass

from glucolog.core.records import Session
from glucolog.core.vocabulary import BodyArea


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which sessions are asked about; empty or None takes all."""

    areas: tuple[BodyArea, ...] = ()
    techniques: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    pressure: int | None = None
    performer: str | None = None

    @property
    def words(self) -> str:
        """What is asked about, empty for all sessions."""
        said = (
            ("at", [str(area) for area in self.areas]),
            ("by", self.techniques),
            ("with", self.tools),
            ("with pressure", [] if self.pressure is None else [str(self.pressure)]),
            ("given by", [] if self.performer is None else [self.performer]),
        )
        return ", ".join(f"{word} {' or '.join(asked)}" for word, asked in said if asked)

    def takes(self, session: Session) -> bool:
        """Whether a finished session is one of those asked about."""
        return (
            session.end is not None
            and (not self.areas or any(mine.overlaps(asked) for mine in session.areas for asked in self.areas))
            and (not self.techniques or bool(set(self.techniques) & set(session.techniques)))
            and (not self.tools or bool(set(self.tools) & set(session.tools)))
            and self.pressure in (None, session.pressure)
            and self.performer in (None, session.performer)
        )
