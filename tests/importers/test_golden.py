"""Every sample file is read as the `.golden.json` beside it says; `GLUCOLOG_GOLDEN=write` writes those anew.

A golden file is read by a person before it is committed: the sample is small enough to check it line by line.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from glucolog.core.codec import kind_of, to_plain
from glucolog.importers.base import Imported, Options
from glucolog.importers.registry import read_file

FIXTURES = Path(__file__).parent / "fixtures"
SAMPLES = sorted(path for path in FIXTURES.iterdir() if not path.name.endswith(".golden.json"))


def utc(at_s: int) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%dT%H:%M:%SZ}"


def plain_row(row: Any) -> dict[str, Any]:
    fields = {name: value for name, value in row._asdict().items() if value not in {None, False} and name != "zone"}
    return {name: utc(value) if name == "at_s" else _plain(value) for name, value in fields.items()}


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, False, [])}


def _plain(value: object) -> object:
    return value if isinstance(value, (int, float)) else str(value)


def dump(imported: Imported) -> dict[str, Any]:
    """Write what was read so that a person can compare it with the file."""
    readings = {
        f"{block.source}, {block.unit}, {block.device}": [
            [utc(at_s), amount, ("", "HI", "LO")[side]]
            for at_s, amount, side in zip(block.at_s, block.amount, block.censored, strict=True)
        ]
        for block in imported.blocks
    }
    lists = ("doses", "carbs", "activities", "notes", "offered_sessions")
    told = {name: [list(problem) for problem in getattr(imported, name)] for name in ("problems", "remarks")}
    everything = {
        "format": imported.format,
        "readings": readings,
        **{name: [plain_row(row) for row in getattr(imported, name)] for name in lists},
        "records": [{"kind": kind_of(record), **_said(to_plain(record))} for record in imported.records],
        **told,
        "skipped": dict(imported.skipped),
    }
    return {name: value for name, value in everything.items() if value}


def as_text(value: object, depth: int = 0) -> str:
    """Lay JSON out with one innermost list or mapping a line."""
    if isinstance(value, dict) and any(isinstance(part, (list, dict)) for part in value.values()):
        inner = [f"{json.dumps(name)}: {as_text(part, depth + 1)}" for name, part in value.items()]
        return _bracketed("{}", inner, depth)
    if isinstance(value, list) and any(isinstance(part, (list, dict)) for part in value):
        return _bracketed("[]", [json.dumps(part, ensure_ascii=False) for part in value], depth)
    return json.dumps(value, ensure_ascii=False)


def _bracketed(ends: str, inner: list[str], depth: int) -> str:
    space = "\n" + " " * (depth + 1)
    return f"{ends[0]}{space}{(',' + space).join(inner)}\n{' ' * depth}{ends[1]}"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_a_sample_is_read_as_its_golden_file_says(sample: Path, options: Options) -> None:
    read = dump(read_file(sample, options))
    golden = sample.with_name(f"{sample.name}.golden.json")
    if os.environ.get("GLUCOLOG_GOLDEN") == "write":
        golden.write_text(as_text(read) + "\n", encoding="utf-8")
    assert read == json.loads(golden.read_text(encoding="utf-8"))


def test_no_golden_file_is_left_without_its_sample() -> None:
    goldens = {path.name.removesuffix(".golden.json") for path in FIXTURES.glob("*.golden.json")}
    assert goldens == {path.name for path in SAMPLES}
