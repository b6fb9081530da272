"""Writing files that hold health data: whole or not at all, and readable by their owner alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from glucolog.errors import RefusedError, UsageError


def write_private(target: str | Path, content: bytes | Iterable[bytes]) -> Path:
    """Write a file of mode 0600 in one step, in place of an earlier one; `content` may come in chunks.

    Raises `RefusedError` where that can't be; whatever goes wrong, nothing of it stays.
    """
    path = Path(target)
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder.", "Name a file in it.")
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.writelines([content] if isinstance(content, bytes) else content)
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RefusedError(f"{path} can't be written: {error.strerror}.", "Choose another place with -o.") from error
    return path
