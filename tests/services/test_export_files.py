"""Files of health data: private, whole or not there, whatever happens while they are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from glucolog.errors import RefusedError
from glucolog.services.files import write_private


def broken() -> Iterator[bytes]:
    yield b"half"
    raise RefusedError("The rest can't be had.", "Try again.")


def test_chunks_become_one_private_file(tmp_path: Path) -> None:
    path = write_private(tmp_path / "a", iter([b"one", b"", b"two"]))
    assert path.read_bytes() == b"onetwo"
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_breaks_off_leaves_the_earlier_file_and_nothing_else(tmp_path: Path) -> None:
    path = write_private(tmp_path / "a", b"earlier")
    with pytest.raises(RefusedError):
        write_private(path, broken())
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]
