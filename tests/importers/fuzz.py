"""Inputs that break an importer, looked for: `python -m tests.importers.fuzz --minutes 10 [--keep] [--each]`.

Needs `pip install atheris`, which leads the search by the code it reaches, from the samples and the corpus on. An input
that ends in anything but records, problems or a named error is written to the folder that is named, and the command
fails. `--format NAME` reads every input as that format, bare and in its container; `--each` does so with one format
after the other, each for the minutes. `--keep` adds to `corpus/` the small inputs that reach lines no sample reaches;
`test_fuzz` reads all of them.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import FrameType
from typing import Any

from glucolog.core.evidence import METER_BOUNDS
from glucolog.core.units import in_unit
from glucolog.errors import GlucologError
from glucolog.importers.base import Imported, Options
from glucolog.importers.gatherer import MAX_GRAMS, MAX_UNITS
from glucolog.importers.registry import FORMATS, read
from tests.importers.containers import CONTAINERS, sheets_without_a_child

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
FIXTURES = HERE / "fixtures"
OPTIONS = Options(zone="Europe/Berlin", now_s=1_764_000_000)
LONGEST = 4_096
"""Bytes of an input that is kept: one that a person can still look at."""
Line = tuple[str, int]


def samples() -> dict[str, bytes]:
    """Return the sample files by name."""
    paths = (path for path in FIXTURES.iterdir() if not path.name.endswith(".golden.json"))
    return {path.name: path.read_bytes() for path in paths}


def corpus() -> dict[str, bytes]:
    """Return the inputs that a search has kept, those of a search for one format named by it (`glooko.1f…`)."""
    return {path.name: path.read_bytes() for path in sorted(CORPUS.iterdir())}


def check(data: bytes, name: str, options: Options) -> Imported | None:
    """Read an input and hold what comes back to what holds for every format; None for a named error."""
    try:
        imported = read(data, name, options)
    except GlucologError as error:
        if not (error.problem and error.remedy):
            raise AssertionError("an error without its two sentences") from error
        return None
    for block in imported.blocks:
        low, high = (in_unit(pair, block.unit) for pair in METER_BOUNDS)
        assert len(block.at_s) == len(block.amount) == len(block.censored)
        assert all(low <= amount <= high for amount in block.amount)
        assert all(at_s <= options.now_s + 86_400 for at_s in block.at_s)
    assert all(0 < dose.units <= MAX_UNITS for dose in imported.doses)
    assert all(0 < carbs.grams <= MAX_GRAMS for carbs in imported.carbs)
    assert all(note.text.strip() for note in imported.notes)
    assert all(problem.reason for problem in imported.problems)
    assert all(count > 0 for count in imported.skipped.values())
    assert all(_can_be_stored(text) for text in _texts(imported))
    return imported


def _texts(imported: Imported) -> Iterator[str]:
    """Give every text that would be stored or shown."""
    rows = (imported.doses, imported.carbs, imported.activities, imported.notes, imported.offered_sessions,
            imported.problems, imported.remarks)  # fmt: skip
    yield from (value for row in chain.from_iterable(rows) for value in row if isinstance(value, str))
    yield from (block.device for block in imported.blocks if block.device)
    yield from imported.skipped


def _can_be_stored(text: str) -> bool:
    """Whether a text is one that a database and a page can hold: no noughts, no halves of a letter."""
    return "\0" not in text and text == text.encode("utf-8", "replace").decode()


def try_input(data: bytes) -> None:
    """Read an input as what it looks like, and as one other format that its length chooses."""
    formats = sorted(FORMATS)
    check(data, "x.csv", OPTIONS)
    check(data, "x.csv", replace(OPTIONS, zone="UTC", format=formats[len(data) % len(formats)]))


def try_as(name: str, data: bytes) -> None:
    """Read an input as a format: bare, and in the container that the format comes in."""
    options = replace(OPTIONS, format=name)
    check(data, "x.csv", options)
    if name in CONTAINERS:
        with sheets_without_a_child():
            check(CONTAINERS[name](data), "x.zip", options)


def attempt(kept_as: str, data: bytes) -> None:
    """Read an input of the corpus as it was found."""
    name = kept_as.partition(".")[0]
    if name in FORMATS:
        try_as(name, data)
    else:
        try_input(data)


def _run(folder: Path, minutes: float, name: str | None) -> int:
    seeds = folder / "reached"
    seeds.mkdir(parents=True, exist_ok=True)
    for kept_as, data in {**samples(), **corpus()}.items():
        (seeds / kept_as).write_bytes(data)
    command = [sys.executable, "-m", "tests.importers.fuzz_child", str(folder), str(int(minutes * 60))]
    return subprocess.run([*command, *filter(None, [name])], check=False, timeout=minutes * 60 + 600).returncode


def lines_of(kept_as: str, data: bytes) -> set[Line]:
    """Return the lines of the importers that reading an input runs through."""
    reached: set[Line] = set()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if "/glucolog/importers/" not in frame.f_code.co_filename:
            return None
        if event == "line":
            reached.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    sys.settrace(trace)
    try:
        attempt(kept_as, data)
    finally:
        sys.settrace(None)
    return reached


def _worth_keeping(name: str | None, found: Iterable[bytes], until_s: float) -> Iterator[bytes]:
    """Give the smallest inputs first that reach a line nothing before them reached."""
    known = set[Line]().union(*(lines_of(*each) for each in [*samples().items(), *corpus().items()]))
    for data in sorted(found, key=len):
        if time.monotonic() > until_s:
            return
        new = lines_of(name or "", data) - known
        if new:
            known |= new
            yield data


def _keep(name: str | None, folder: Path) -> None:
    paths = [path for path in (folder / "reached").iterdir() if path.stat().st_size <= LONGEST]
    for data in _worth_keeping(name, (path.read_bytes() for path in paths), time.monotonic() + 600):
        mark = hashlib.sha1(data, usedforsecurity=False).hexdigest()[:16]
        (CORPUS / (f"{name}.{mark}" if name else mark)).write_bytes(data)


def main() -> int:
    """Search, say what broke, and keep what is worth it."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--minutes", type=float, default=10)
    words.add_argument("--keep", action="store_true")
    words.add_argument("--format", choices=FORMATS)
    words.add_argument("--each", action="store_true")
    words.add_argument("--in", dest="folder", type=Path, default=Path(tempfile.gettempdir()) / "glucolog-fuzz")
    said = words.parse_args()
    ended = 0
    for name in FORMATS if said.each else (said.format,):
        folder = said.folder / (name or "any")
        ended |= _run(folder, said.minutes, name)
        if said.keep:
            _keep(name, folder)
    broken = sorted(said.folder.glob("*/broken-*"))
    print(*broken or ["nothing broke"], sep="\n")
    return 1 if broken or ended else 0


if __name__ == "__main__":
    sys.exit(main())
