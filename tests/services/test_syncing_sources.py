"""What is remembered of a source, where its secret comes from, and what is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import keyring
import pytest
from glucolog.core.records import Person, Therapy
from glucolog.core.units import Unit
from glucolog.errors import MissingExtraError, RefusedError, UsageError
from glucolog.feeds.base import Span
from glucolog.feeds.nightscout import Nightscout
from glucolog.services.identity import new_id
from glucolog.services.sources import STDIN, SourceSettings, feed_of, keep_secret, remember, secret_of, settled
from tests.feeds.fake_keyring import KeyringInMemory

ADA = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone="Europe/Berlin", therapy=Therapy.MDI)
BEN = Person(id=new_id(), name="Ben", unit=Unit.MG_DL, zone="Europe/Berlin", therapy=Therapy.MDI)
SITE = SourceSettings(url="https://my.site.example")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own, and a machine without a keyring."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return tmp_path / "glucolog" / "sources.json"


def test_what_is_said_goes_over_what_was_remembered() -> None:
    remember(ADA, "libre", SourceSettings(user="ada", region="de"))
    assert settled(ADA, "libre", SourceSettings(region="fr")) == SourceSettings(user="ada", region="fr")


def test_each_person_and_source_has_its_own() -> None:
    remember(ADA, "nightscout", SITE)
    assert settled(BEN, "nightscout", SourceSettings()) == SourceSettings()
    assert settled(ADA, "dexcom", SourceSettings()) == SourceSettings()
    assert settled(ADA, "nightscout", SourceSettings()) == SITE


def test_the_file_is_private_and_stdin_is_not_remembered(data: Path) -> None:
    remember(ADA, "nightscout", SourceSettings(url="https://my.site.example", secret_file=STDIN))
    assert data.stat().st_mode & 0o777 == 0o600
    assert settled(ADA, "nightscout", SourceSettings()) == SITE


@pytest.mark.parametrize("content", ["", "[", "[]", "5", '{"a": 5}', '{"a": {"b": 5}}'])
def test_a_file_of_something_else_is_told(data: Path, content: str) -> None:
    data.parent.mkdir()
    data.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match="can't be read"):
        settled(ADA, "nightscout", SourceSettings())


def test_the_secret_comes_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("abcdefghij123", encoding="utf-8")
    path.chmod(0o644)
    with pytest.raises(RefusedError, match="Others can read"):
        secret_of(ADA, "nightscout", SourceSettings(secret_file=str(path)))
    path.chmod(0o600)
    assert secret_of(ADA, "nightscout", SourceSettings(secret_file=str(path))) == "abcdefghij123"


def test_without_one_a_person_is_asked_and_a_nightscout_may_be_open() -> None:
    assert secret_of(ADA, "dexcom", SourceSettings(), ask=lambda: "typed") == "typed"
    assert secret_of(ADA, "nightscout", SourceSettings(), ask=lambda: "") is None
    assert secret_of(ADA, "nightscout", SourceSettings()) is None
    with pytest.raises(UsageError, match="No secret for Dexcom Share"):
        secret_of(ADA, "dexcom", SourceSettings())


def test_what_is_missing_is_told_before_anything_is_asked() -> None:
    assert isinstance(feed_of("nightscout", SITE, None), Nightscout)
    with pytest.raises(UsageError, match="address of your Nightscout"):
        feed_of("nightscout", SourceSettings(), "secret")
    for source in ("dexcom", "libre"):
        with pytest.raises(UsageError, match="user name"):
            feed_of(source, SourceSettings(), "secret")
    with pytest.raises(RefusedError, match="unencrypted"):
        feed_of("nightscout", SourceSettings(url="http://my.site.example"), "secret")


def test_a_file_of_the_secret_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    remember(ADA, "dexcom", SourceSettings(user="ada", secret_file="secret"))  # noqa: S106 – a path
    assert settled(ADA, "dexcom", SourceSettings()).secret_file == str(tmp_path / "secret")


def test_what_the_keyring_keeps_is_found_for_that_person_alone() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(KeyringInMemory())
    try:
        keep_secret(ADA, "dexcom", "abcdefghij123")
        assert secret_of(ADA, "dexcom", SourceSettings()) == "abcdefghij123"
        with pytest.raises(UsageError):
            secret_of(BEN, "dexcom", SourceSettings())
    finally:
        keyring.set_keyring(before)


@pytest.mark.parametrize(("source", "library"), [("dexcom", "pydexcom"), ("libre", "pylibrelinkup")])
def test_a_missing_extra_is_named(source: str, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [library, "requests", *(name for name in sys.modules if name.startswith(f"{library}."))]:
        monkeypatch.setitem(sys.modules, name, None)
    feed = feed_of(source, SourceSettings(user="ada"), "secret")
    with pytest.raises(MissingExtraError) as missing:
        feed.fetch(Span(0, 60))
    assert "glucolog[live]" in missing.value.remedy
    assert missing.value.exit_code == 2


def test_a_missing_keyring_is_an_error_only_where_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert secret_of(ADA, "nightscout", SourceSettings()) is None
    with pytest.raises(MissingExtraError):
        keep_secret(ADA, "nightscout", "abcdefghij123")
