"""A made-up log with three months of readings and sessions, to look at and to try things on."""

from __future__ import annotations

from glucolog.services.demo.store import make
from glucolog.services.demo.story import MADE_UP, Story, tell

__all__ = ["MADE_UP", "Story", "make", "tell"]
