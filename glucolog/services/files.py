"""Writing files that hold health data: whole or not at all, and readable by their owner alone."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from glucolog.errors import RefusedError, UsageError

PRIVATE = 0o600


def write_private(target: str | Path, content: bytes) -> Path:
    """Write a file of mode 0600 in one step, in place of an earlier one. Raises `RefusedError` where that can't be."""
    path = Path(target)
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", "Name a file in it.")
    try:
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(part).chmod(PRIVATE)
        Path(part).replace(path)
    except OSError as error:
        raise RefusedError(f"{path} can't be written: {error.strerror}.", "Choose another place with -o.") from error
    return path
