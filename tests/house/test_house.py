"""The house rules as tests: layers, style, types, and what may stand at the top."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP_LEVEL = {
    ".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "alembic.ini", "glucolog", "migrations",
    "pyproject.toml", "tests",
}  # fmt: skip


def run(*arguments: str) -> str:
    """Run a module of this interpreter in the repository and return its output; fail with it when it fails."""
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(done.stdout + done.stderr)
    return done.stdout


def test_a_layer_knows_only_what_is_to_its_right() -> None:
    code = "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c(['--no-cache']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


def test_style() -> None:
    run("ruff", "check", "--no-cache", ".")


def test_format() -> None:
    run("ruff", "format", "--no-cache", "--check", ".")


def test_types() -> None:
    assert "no issues found" in run("mypy", "--no-incremental", "--cache-dir=/dev/null", "glucolog", "tests")


def test_nothing_else_stands_at_the_top() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {name.partition("/")[0] for name in listed.splitlines()} == TOP_LEVEL
