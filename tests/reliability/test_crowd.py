"""The short form of `python -m tests.reliability.crowd`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.reliability.program import SCRIPT_S, script

SHORT, LONG = 25, 500


@pytest.mark.parametrize("writes", [SHORT, pytest.param(LONG, marks=pytest.mark.slow)])
def test_four_writers_an_import_and_undos(writes: int, tmp_path: Path) -> None:
    done = script("crowd", "--writes", str(writes), folder=tmp_path, patience_s=SCRIPT_S + 2 * writes)
    assert done.returncode == 0, done.stderr
    assert "None was lost, none doubled, none refused" in done.stdout
