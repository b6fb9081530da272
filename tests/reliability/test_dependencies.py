"""The lock of the build: pinned and hashed, within the ranges people install by, and with nothing left out.

Newer versions than the lock's are no failure: only what is installed at the lock's own version is held to it, and with
GLUCOLOG_TEST_LOCKED=1 all of it is.
"""

from __future__ import annotations

import ast
import os
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

import pytest
from glucolog.errors import MissingExtraError
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = ROOT / ".ci/requirements.lock"
LINE = re.compile(r"([a-z0-9-]+)==(\S+) --hash=sha256:([0-9a-f]{64})")


def locked() -> dict[str, str]:
    lines = [line for line in LOCK.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    found = [LINE.fullmatch(line) for line in lines]
    assert all(found), [line for line, match in zip(lines, found, strict=True) if not match]
    return {match[1]: match[2] for match in found if match}


def wanted() -> Iterator[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    names = [name for name in extras if name not in {"all", "test"}]
    for text in (*project["dependencies"], *(text for name in names for text in extras[name])):
        yield Requirement(text)


@pytest.fixture(scope="module", autouse=True)
def _a_lock() -> None:
    if not LOCK.exists():
        pytest.skip("the lock belongs to the repository, not to what is installed")


def test_every_requirement_is_locked_within_its_range() -> None:
    versions = locked()
    outside = [
        str(one) for one in wanted()
        if not one.specifier.contains(versions.get(canonicalize_name(one.name), "0"), prereleases=True)
    ]  # fmt: skip
    assert outside == []


def test_what_is_installed_needs_nothing_that_is_not_locked() -> None:
    versions = locked()
    unlocked = set()
    for name, at in versions.items():
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue
        if installed.version == at:
            unlocked |= _needed(installed.requires or []) - versions.keys()
    assert unlocked == set()


def _needed(texts: list[str]) -> set[str]:
    found = (Requirement(text) for text in texts)
    return {canonicalize_name(one.name) for one in found if one.marker is None or one.marker.evaluate({"extra": ""})}


def test_whatever_is_not_installed_is_said_in_the_same_words() -> None:
    """One class, one sentence, one way out; and each extra that a command names is one that can be installed."""
    calls = [node for tree in _modules() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [call for call in calls if getattr(call.func, "id", "") == "MissingExtraError"]
    extras = {call.args[1].value for call in named if isinstance(call.args[1], ast.Constant)}
    assert extras == {"live", "encrypt", "formats", "clinic"}
    files = {file.name for file in (ROOT / "glucolog").rglob("*.py") if "pip install 'glucolog[" in file.read_text()}
    assert files == {"errors.py"}
    assert "glucolog[clinic]" in MissingExtraError("It", "clinic").remedy


def _modules() -> Iterator[ast.Module]:
    return (ast.parse(file.read_text("utf-8")) for file in (ROOT / "glucolog").rglob("*.py"))


def test_the_build_runs_on_exactly_its_lock() -> None:
    held_to = locked() if os.environ.get("GLUCOLOG_TEST_LOCKED") == "1" else {}
    assert {name: version(name) for name in held_to} == held_to
