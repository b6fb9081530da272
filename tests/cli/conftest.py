"""A log of one's own and a way to run commands in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from glucolog.cli.app import run


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command line did: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on stdout."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs command lines against one log; the folder is the log's own."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> Ran:
        self.capture.readouterr()
        code = run(arguments)
        printed = self.capture.readouterr()
        return Ran(code, printed.out, printed.err)

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run with --json, check the exit code and return the document."""
        ran = self(*arguments, "--json")
        assert ran.code == code, ran.out + ran.err
        return ran.document


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell in an empty machine: no log yet, no config."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("GLUCOLOG_DB", str(tmp_path / "log.db"))
    monkeypatch.delenv("GLUCOLOG_PERSON", raising=False)
    return Shell(tmp_path, capsys)


@pytest.fixture
def ada(shell: Shell) -> Shell:
    """A shell with a log of somebody who takes insulin and thinks in mg/dL."""
    made = shell("init", "--name", "Ada", "--unit", "mg/dL", "--tz", "Europe/Berlin", "--therapy", "mdi")
    assert made.code == 0, made.err
    return shell


@pytest.fixture
def ben(shell: Shell) -> Shell:
    """The same in mmol/L."""
    made = shell("init", "--name", "Ben", "--unit", "mmol/L", "--tz", "Europe/Berlin", "--therapy", "mdi")
    assert made.code == 0, made.err
    return shell
