"""The short form of `python -m tests.reliability.crowd`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.reliability.crowd import crowd

SHORT, LONG = 50, 500


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("GLUCOLOG_DB", "")


def test_four_writers_an_import_and_undos(tmp_path: Path) -> None:
    crowd(tmp_path, SHORT)


@pytest.mark.slow
def test_four_writers_of_five_hundred(tmp_path: Path) -> None:
    crowd(tmp_path, LONG)
