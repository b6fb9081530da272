"""A log made and used by the real program: `python -m glucolog` in processes of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.reliability.program import Program


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Commands that run in this process find nobody's settings, and leave theirs to nobody."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("GLUCOLOG_DB", "")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program on an empty machine: no log yet, no config, no keyring."""
    return Program(tmp_path, {"PATH": os.environ["PATH"]})


@pytest.fixture
def ada(program: Program) -> Program:
    """The program with a log of somebody who takes insulin."""
    program.ran("init", "--name", "Ada", "--unit", "mg/dL", "--tz", "Europe/Berlin", "--therapy", "mdi")
    return program
