"""A page that never answers costs one test, and no other."""

from __future__ import annotations

import pytest
from tests.chromium import Chromium


def test_a_browser_that_answers_no_more_is_ended_and_the_next_test_gets_a_new_one(chromium: Chromium) -> None:
    from playwright.sync_api import Error

    with chromium.in_time() as browser:
        page = browser.new_page()
        page.evaluate("1")  # a browser killed while it makes a page leaves Playwright waiting for ever
        with pytest.raises(Error, match="closed"), chromium.in_time(1):
            page.evaluate("new Promise(() => {})")
    with chromium.in_time() as browser:
        assert browser.new_page().evaluate("6 * 7") == 42
