"""The page of measured figures holds what its scripts write, and nothing else."""

from __future__ import annotations

from tests.reliability.page import PAGE, TITLES, page_of, parts


def test_every_part_was_measured() -> None:
    assert list(parts()) == list(TITLES)


def test_the_page_is_as_its_scripts_write_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_of(parts())
