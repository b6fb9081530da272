"""The law of salvage: whatever pages are spoilt, each row on whole pages comes out, once, and nothing else does.

`python -m tests.reliability.spoiling` spoils every page of the same log; here are those that differ in kind.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from glucolog.storage import crypto
from glucolog.storage.convert import convert
from glucolog.storage.salvage import salvage
from tests.reliability import whole_log
from tests.reliability.spoiling import Sound, judge, sound_log

SCHEMA = [("sqlite_schema", "root"), ("sqlite_schema", "leaf")]
READINGS = [("reading", "root"), ("reading", "inner"), ("reading", "leaf")]
JOURNAL = [("journal_row", "inner"), ("journal_row", "overflow")]
BY_NUMBER = [("carbs", "root"), ("person", "overflow"), ("session", "root"), ("session_tag", "root")]
FREE = [("free", "trunk")]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    log = tmp_path_factory.mktemp("whole") / "log.db"
    whole_log.make(log)
    return sound_log(log, None)


@pytest.fixture(scope="module")
def under_key(plain: Sound, tmp_path_factory: pytest.TempPathFactory) -> Sound:
    pytest.importorskip("cryptography", reason="it deciphers the pages of an encrypted log")
    log = tmp_path_factory.mktemp("under-key") / "log.db"
    log.write_bytes(plain.log.read_bytes())
    key = crypto.new_key()
    crypto.holder.hold(key)
    convert(log, key)
    return sound_log(log, key)


def some_page(sound: Sound, tree: str, part: str) -> int:
    pages = sound.having(tree, part)
    return pages[len(pages) // 2]


@pytest.mark.parametrize(("tree", "part"), SCHEMA + READINGS + JOURNAL + BY_NUMBER + FREE)
def test_a_spoilt_page_costs_what_it_holds(plain: Sound, tree: str, part: str, tmp_path: Path) -> None:
    judge(plain, [some_page(plain, tree, part)], tmp_path)


@pytest.mark.parametrize(("tree", "part"), [SCHEMA[0], READINGS[0], ("note", "overflow")])
def test_under_a_key_as_well(under_key: Sound, tree: str, part: str, tmp_path: Path) -> None:
    judge(under_key, [some_page(under_key, tree, part)], tmp_path)


@pytest.mark.parametrize(("tree", "part"), [("reading", "root"), ("reading", "inner")])
def test_a_page_that_makes_half_sense_hides_nothing(plain: Sound, tree: str, part: str, tmp_path: Path) -> None:
    judge(plain, [some_page(plain, tree, part)], tmp_path, kept=16)


@pytest.mark.parametrize("seed", range(2))
def test_of_several_spoilt_pages_each_costs_what_it_holds(plain: Sound, seed: int, tmp_path: Path) -> None:
    judge(plain, random.Random(seed).sample(range(1, plain.count + 1), 6), tmp_path)


def test_what_lay_under_a_bad_root_is_counted_and_dated(plain: Sound, tmp_path: Path) -> None:
    done = judge(plain, plain.having("reading", "root"), tmp_path)
    assert done.saved["reading"] > 2500
    assert re.match(r"\d+ readings? (of|from) 2026-", done.lost[0])


def test_the_copy_that_is_read_is_private_and_under_the_log_s_key(
    under_key: Sound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: dict[str, tuple[int, bytes]] = {}
    unlink = Path.unlink

    def look(self: Path, missing_ok: bool = False) -> None:
        if self.name.endswith(".part") and self.exists():
            left[self.name.split(".")[-3]] = self.stat().st_mode & 0o777, self.read_bytes()
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", look)
    salvage(under_key.spoilt(tmp_path, under_key.having("reading", "root")), tmp_path / "new.db")
    assert set(left) == {"scratch", "frame"}
    for mode, content in left.values():
        assert mode == 0o600
        assert content.startswith(crypto.MAGIC)
        assert not any(word in content for word in (b"SQLite format", b"CREATE TABLE", b"It tingled"))
