"""Fixtures for every test: the clinic's reference folder, strict when the environment asks for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.chromium import CHROMIUM, Chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser
from hypothesis import settings

# A busy machine stops any example for longer than a deadline; what hangs ends by the time limit of its test.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# A machine told to write no bytecode compiles the program anew in each of the hundreds of processes the tests start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

STRICT = os.environ.get("GLUCOLOG_TEST_STRICT") == "1"
"""Set by the build: whatever is missing is a failure, never a skip."""


def need(condition: object, what: str) -> None:
    """Skip the test when something optional is missing; fail instead where the environment is strict."""
    if not condition:
        (pytest.fail if STRICT else pytest.skip)(f"not installed: {what}")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Share the tests between two processes; benchmarks are measured in one."""
    return 0 if config.getoption("benchmark_only") else 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the long form of a check, and a benchmark, take the time they need."""
    for item in items:
        if item.get_closest_marker("slow") or "benchmark" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(0))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data beside the repository; tests that need it skip where there is none."""
    folder = Path(__file__).parents[2] / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("no reference data beside the repository")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """The one Chromium of this process, started when a test wants a page."""
    need(CHROMIUM, "chromium")
    need(find_spec("playwright"), "playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        one = Chromium(playwright)
        yield one
        one.close()


@pytest.fixture
def browser(chromium: Chromium) -> Iterator[Browser]:
    """Chromium for one test, which ends in time."""
    with chromium.in_time() as browser:
        yield browser


@pytest.fixture(autouse=True)
def no_keyring() -> None:
    """Begin each test on a machine without a keyring: the library chooses one once a process, and keeps it."""
    if find_spec("keyring"):
        import keyring
        from keyring.backends.fail import Keyring

        keyring.set_keyring(Keyring())  # type: ignore[no-untyped-call]
