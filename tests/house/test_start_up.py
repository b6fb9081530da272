"""Start-up is guarded by what is imported, not by a timer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "alembic", "dask", "distributed", "flask", "jinja2", "keyring", "numpy", "pandas", "plotly", "psycopg", "pyarrow",
    "rich", "segno", "sqlalchemy.dialects.postgresql", "sqlalchemy.orm", "sqlcipher3", "typst", "waitress",
)  # fmt: skip
"""What no hot command may import."""


def imported(folder: Path, *arguments: str) -> set[str]:
    """Run a command line in a fresh interpreter and return the modules it had imported at its end."""
    code = (
        "import sys; from glucolog.cli.app import run; code = run(sys.argv[1:]);"
        "print('\\n'.join(sorted(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    environment = {**os.environ, "GLUCOLOG_DB": str(folder / "log.db"), "XDG_CONFIG_HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=120,
    )
    assert done.returncode in {0, 10}, done.stdout + done.stderr
    return set(done.stderr.split())


def test_help_imports_nothing_heavier_than_click(tmp_path: Path) -> None:
    modules = imported(tmp_path, "--help")
    third_party = {name.partition(".")[0] for name in modules} & {*HEAVY, "sqlalchemy", "platformdirs", "sqlite3"}
    assert "click" in modules
    assert third_party == set()


@pytest.mark.parametrize(
    "command",
    [
        ("log", "--before", "142", "--after", "120", "--minutes", "30", "--area", "feet"),
        ("bg", "142"),
        ("insulin", "add", "4"),
        ("start",),
        ("check", "--glucose", "140"),
        ("session", "list"),
        ("undo",),
    ],
    ids=lambda command: command[0],
)
def test_hot_commands_import_nothing_heavy(command: tuple[str, ...], tmp_path: Path) -> None:
    imported(tmp_path, "init", "--name", "Ada", "--unit", "mg/dL", "--tz", "Europe/Berlin", "--therapy", "mdi")
    assert imported(tmp_path, *command) & set(HEAVY) == set()
