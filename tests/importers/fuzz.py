"""Inputs that break an importer, looked for: `python -m tests.importers.fuzz --minutes 10 [--keep]`.

Needs `pip install atheris`, which leads the search by the code it reaches, from the samples and the corpus on. An input
that ends in anything but records, problems or a named error is written to the folder that is named, and the command
fails. `--keep` adds to `corpus/` the small inputs that reach lines no sample reaches; `test_fuzz` reads all of them.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from glucolog.core.evidence import METER_BOUNDS
from glucolog.core.units import in_unit
from glucolog.errors import GlucologError
from glucolog.importers.base import Imported, Options
from glucolog.importers.registry import FORMATS, importer, read

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
    """Return the inputs that a search has kept."""
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
    assert all(dose.units > 0 for dose in imported.doses)
    assert all(carbs.grams > 0 for carbs in imported.carbs)
    assert all(note.text.strip() for note in imported.notes)
    assert all(problem.reason for problem in imported.problems)
    assert all(count > 0 for count in imported.skipped.values())
    return imported


def try_input(data: bytes) -> None:
    """Read an input as what it looks like, and as one other format that its length chooses."""
    formats = sorted(FORMATS)
    check(data, "x.csv", OPTIONS)
    check(data, "x.csv", Options(zone="UTC", now_s=OPTIONS.now_s, format=formats[len(data) % len(formats)]))


def _search(folder: Path, seconds: int) -> None:
    """Search until time is up; atheris ends the process."""
    atheris: Any = import_module("atheris")
    with atheris.instrument_imports(include=["glucolog.importers"]):
        for name in FORMATS:
            importer(name)
    limits = [f"-max_total_time={seconds}", "-max_len=8192", "-timeout=20", f"-artifact_prefix={folder}/broken-"]
    atheris.Setup([sys.argv[0], str(folder / "reached"), *limits], try_input)
    atheris.Fuzz()


def _run(folder: Path, minutes: float) -> int:
    seeds = folder / "reached"
    seeds.mkdir(parents=True, exist_ok=True)
    for name, data in {**samples(), **corpus()}.items():
        (seeds / name).write_bytes(data)
    command = [sys.executable, "-m", "tests.importers.fuzz", "--in", str(folder), "--seconds", str(int(minutes * 60))]
    return subprocess.run(command, check=False, timeout=minutes * 60 + 600).returncode


def lines_of(data: bytes) -> set[Line]:
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
        try_input(data)
    finally:
        sys.settrace(None)
    return reached


def _worth_keeping(found: Iterable[bytes], until_s: float) -> Iterator[bytes]:
    """Give the smallest inputs first that reach a line nothing before them reached."""
    known = set[Line]().union(*map(lines_of, [*samples().values(), *corpus().values()]))
    for data in sorted(found, key=len):
        if time.monotonic() > until_s:
            return
        new = lines_of(data) - known
        if new:
            known |= new
            yield data


def main() -> int:
    """Search, say what broke, and keep what is worth it."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--minutes", type=float, default=10)
    words.add_argument("--keep", action="store_true")
    words.add_argument("--in", dest="folder", type=Path, default=Path(tempfile.gettempdir()) / "glucolog-fuzz")
    words.add_argument("--seconds", type=int, help=argparse.SUPPRESS)
    said = words.parse_args()
    if said.seconds:
        _search(said.folder, said.seconds)
    ended = _run(said.folder, said.minutes)
    broken = sorted(said.folder.glob("broken-*"))
    print(*broken or ["nothing broke"], sep="\n")
    if said.keep:
        paths = [path for path in (said.folder / "reached").iterdir() if path.stat().st_size <= LONGEST]
        for data in _worth_keeping((path.read_bytes() for path in paths), time.monotonic() + 600):
            (CORPUS / hashlib.sha1(data, usedforsecurity=False).hexdigest()[:16]).write_bytes(data)
    return 1 if broken or ended else 0


if __name__ == "__main__":
    sys.exit(main())
