"""Fixtures of the live sources: a fake site, a fake Nightscout, and a real one where it can be had."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from tests.conftest import STRICT, need
from tests.feeds import nightscout_server
from tests.feeds.fake_nightscout import FakeNightscout
from tests.feeds.fake_site import FakeSite, running_site


@pytest.fixture
def site() -> Iterator[FakeSite]:
    """A site that answers as the test says."""
    with running_site() as running:
        yield running


@pytest.fixture
def nightscout(site: FakeSite) -> FakeNightscout:
    """An empty Nightscout with API v1."""
    return FakeNightscout(site)


@pytest.fixture(scope="session")
def real_nightscout() -> Iterator[str]:
    """The address of a real Nightscout 0.12.8.

    It is installed where the build is strict or GLUCOLOG_TEST_NIGHTSCOUT names a folder; by hand with
    `python -m tests.feeds.nightscout_server`.
    """
    where = nightscout_server.folder()
    may_install = STRICT or nightscout_server.FOLDER_VARIABLE in os.environ
    if may_install and nightscout_server.can_install():
        nightscout_server.install(where)
    need(nightscout_server.is_ready(where), "a real Nightscout (npm on Linux x86-64; see tests/feeds)")
    with nightscout_server.running(where) as url:
        yield url
