"""Older logs to the tables of this glucolog. Alembic is imported here and nowhere else, and only when it is needed."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine


def upgrade(engine: Engine, path: Path) -> None:
    """Back the log up, then migrate it to the head in one transaction."""
