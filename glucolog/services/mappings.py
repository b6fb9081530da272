"""Which column of a CSV is what: asked about, and remembered for the next file with the same header line."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from glucolog.core.units import Unit
from glucolog.errors import UsageError
from glucolog.importers.cells import unit_in
from glucolog.importers.source import SourceFile

SHOWN_ROWS = 3
_TIMES = re.compile(r"time|date|zeit|datum|heure|fecha|hora|ora", re.IGNORECASE)
_GUESSES = (
    ("insulin_units", re.compile(r"insulin|bolus", re.IGNORECASE)),
    ("carbs_g", re.compile(r"carb|kohlenhydrat|glucid|hidrato", re.IGNORECASE)),
    ("note", re.compile(r"note|notiz|comment|kommentar", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The headers of a table of any shape, some of its rows, and what each header may be ("" where it is not told)."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    guesses: tuple[str, ...]


def columns_of(source: SourceFile) -> Columns | None:
    """Return the columns of a text file that is a table, None for any other. The unit of glucose is never guessed."""
    head = source.head()
    rows = head.rows if head.kind == "text" else ()
    first = next((number for number, row in enumerate(rows) if _names_columns(row)), None)
    if first is None:
        return None
    headers = tuple(rows[first])
    below = [tuple(row) for row in rows[first + 1 :] if len(row) == len(headers)]
    return Columns(headers=headers, rows=tuple(below[:SHOWN_ROWS]), guesses=_guessed(headers))


def _names_columns(row: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell.strip()]
    return len(filled) >= 2 and not any(any(letter.isdigit() for letter in cell[:4]) for cell in filled)


def _guessed(headers: Sequence[str]) -> tuple[str, ...]:
    found: list[str] = []
    for header in headers:
        guess = _guess(header)
        found.append("" if guess in found else guess)
    return tuple(found)


def _guess(header: str) -> str:
    if (unit := unit_in(header)) is not None:
        return "glucose_mg_dl" if unit is Unit.MG_DL else "glucose_mmol_l"
    if _TIMES.search(header):
        return "time"
    return next((name for name, pattern in _GUESSES if pattern.search(header)), "")


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
