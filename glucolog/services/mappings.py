"""Saved mappings of generic CSV headers, remembered for the next file with the same header line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from glucolog.errors import UsageError
from glucolog.importers.source import SourceFile


def remember(source: SourceFile, mapping: Mapping[str, str]) -> None:
    """Keep the mapping for files with this file's header line."""
    saved = _saved()
    saved[_fingerprint(source)] = dict(mapping)
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(saved, indent=2, ensure_ascii=False, sort_keys=True), encoding="utf-8")


def remembered(source: SourceFile) -> Mapping[str, str]:
    """Return the mapping kept for files with this file's header line, empty where there is none."""
    return _saved().get(_fingerprint(source), {})


def _fingerprint(source: SourceFile) -> str:
    with source.open() as stream:
        return hashlib.sha256(stream.readline(65_536).strip()).hexdigest()[:16]


def _path() -> Path:
    from platformdirs import user_data_path

    return user_data_path("glucolog") / "mappings.json"


def _saved() -> dict[str, dict[str, str]]:
    try:
        content = json.loads(_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"The saved mappings in {_path()} can't be read: {error}.", "Move the file away.") from error
    return {str(key): dict(value) for key, value in content.items()}
