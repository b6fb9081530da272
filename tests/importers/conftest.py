"""Fixtures of the importers: options with a fixed clock, the folder of sample files."""

from __future__ import annotations

from pathlib import Path

import pytest
from glucolog.importers.base import Options

NOW_S = 1_764_000_000
"""2025-11-24 16:00 UTC: the clock of every test here."""


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder with small files of every shape; all their data are invented."""
    return Path(__file__).parent / "fixtures"


@pytest.fixture(scope="session")
def options() -> Options:
    """What a person in Berlin says about a file."""
    return Options(zone="Europe/Berlin", now_s=NOW_S)
