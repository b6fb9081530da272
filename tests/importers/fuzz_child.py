"""The search itself, a process that atheris ends: `python -m tests.importers.fuzz_child FOLDER SECONDS [FORMAT]`.

Every module of the importers is imported under atheris' eyes, the shared ones too, so that the search sees its way
through all of them.
"""

from __future__ import annotations

import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any


def main() -> None:
    """Search until time is up."""
    folder, seconds, *named = sys.argv[1:]
    atheris: Any = import_module("atheris")
    with atheris.instrument_imports(include=["glucolog.importers"]):
        fuzz = import_module("tests.importers.fuzz")
        for format_ in fuzz.FORMATS.values():
            import_module(f"glucolog.importers.{format_.module}")
    limits = [f"-max_total_time={seconds}", "-max_len=8192", "-timeout=20", f"-artifact_prefix={folder}/broken-"]
    atheris.Setup([sys.argv[0], str(Path(folder) / "reached"), *limits], partial(fuzz.attempt, *(named or [""])))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
