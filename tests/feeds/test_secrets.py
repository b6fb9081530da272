"""Secrets: from a private file, a stream, the keyring; never from where others can read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from glucolog.errors import RefusedError
from glucolog.feeds.secrets import drop_from_keyring, from_file, from_keyring, from_stream, keep_in_keyring
from tests.feeds.fake_keyring import KeyringInMemory


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("  abcdefghij123 \nsecond line\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def test_the_first_line_of_a_private_file_is_the_secret(file: Path) -> None:
    assert from_file(file) == "abcdefghij123"


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o644, 0o610])
def test_a_file_that_others_can_read_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(RefusedError, match="Others can read") as refused:
        from_file(file)
    assert "chmod 600" in refused.value.remedy
    assert "abcdefghij123" not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"a\x00b", b"   \nsecret"])
def test_what_is_no_secret_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(RefusedError):
        from_file(file)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(RefusedError, match="can't be read"):
            from_file(path)


def test_a_stream_gives_its_first_line() -> None:
    assert from_stream(io.BytesIO(b"abcdefghij123\r\nmore")) == "abcdefghij123"


@pytest.fixture
def use_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("use_keyring")
def test_the_keyring_keeps_a_secret() -> None:
    keyring.set_keyring(KeyringInMemory())
    assert from_keyring("nightscout:ada") is None
    keep_in_keyring("nightscout:ada", "abcdefghij123")
    assert from_keyring("nightscout:ada") == "abcdefghij123"
    drop_from_keyring("nightscout:ada")
    assert from_keyring("nightscout:ada") is None
    drop_from_keyring("nightscout:ada")


@pytest.mark.usefixtures("use_keyring")
def test_a_machine_without_a_keyring_says_so() -> None:
    from keyring.backends.fail import Keyring

    keyring.set_keyring(Keyring())  # type: ignore[no-untyped-call]
    with pytest.raises(RefusedError, match="keyring of this machine can't be used"):
        keep_in_keyring("nightscout:ada", "abcdefghij123")
    with pytest.raises(RefusedError, match="keyring"):
        from_keyring("nightscout:ada")
    drop_from_keyring("nightscout:ada")
