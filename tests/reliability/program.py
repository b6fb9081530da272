"""The program as people run it: a process with an environment of its own, in a folder of its own.

`run` forks it from a process that has imported it; `start`, and `run` with anything special, begin it as a shell does.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.bounds import PATIENCE_S, run_in_time
from tests.reliability import warm
from tests.reliability.warm import ROOT

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
SCRIPT_S = 220
"""For a whole script in its short form: less than a test is given, so that the test can say what was printed."""


@dataclass(frozen=True, slots=True)
class Program:
    """Runs command lines on one log in `folder`; nothing of the tester's own settings reaches it."""

    folder: Path
    environment: Mapping[str, str]

    @property
    def log(self) -> Path:
        """The log's file."""
        return self.folder / "log" / "log.db"

    @property
    def backups(self) -> Path:
        """The folder of the automatic backups."""
        return self.folder / "log" / "log-backups"

    @property
    def settled(self) -> dict[str, str]:
        """The whole environment of a command."""
        own = {name: str(self.folder / name.lower()) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
        return {**self.environment, **own, "PYTHONPATH": str(ROOT), "GLUCOLOG_DB": str(self.log)}

    def start(self, *arguments: str, stdin: IO[bytes] | int = subprocess.DEVNULL, **how: Any) -> subprocess.Popen[str]:
        """Start a command and return its process."""
        return subprocess.Popen(
            [sys.executable, "-m", "glucolog", *arguments],
            env=self.settled,
            cwd=self.folder,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **how,
        )

    def run(self, *arguments: str, **how: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        if not how:
            return self._run_warm(arguments)
        with self.start(*arguments, **how) as process:
            out, err = to_its_end(process)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def _run_warm(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        with Path(os.devnull).open("rb") as nothing, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            streams = [stream.fileno() for stream in (nothing, out, err)]
            code = warm.command(arguments, self.settled, self.folder, streams)
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(arguments, code, out.read().decode(), err.read().decode())

    def ran(self, *arguments: str, code: int = 0, **how: Any) -> str:
        """Run a command that must end with `code`; return what it printed."""
        done = self.run(*arguments, **how)
        assert done.returncode == code, f"{arguments} ended with {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *arguments: str, code: int = 0, **how: Any) -> Any:
        """Run a command with --json; return its document."""
        return json.loads(self.ran(*arguments, "--json", code=code, **how))


def obey_modes() -> None:
    """Let the permissions of files count for root too: drop the right to overlook them."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            libc.prctl(PR_CAPBSET_DROP, right, 0, 0, 0)


def to_its_end(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Wait for a process and return what it printed; one that does not end in time is killed."""
    try:
        return process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def script(name: str, *arguments: str, folder: Path, patience_s: int = SCRIPT_S) -> subprocess.CompletedProcess[str]:
    """Run one of the scripts that measure, short, in a process of its own: it forks, and it kills what it forked."""
    own = {variable: str(folder) for variable in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(folder), **own}
    words = [sys.executable, "-m", f"tests.reliability.{name}", *arguments]
    return run_in_time(words, environment, ROOT, patience_s)
