"""The program as people run it: a process with an environment of its own, in a folder of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]


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

    def start(self, *arguments: str, stdin: IO[bytes] | int = subprocess.DEVNULL, **how: Any) -> subprocess.Popen[str]:
        """Start a command and return its process."""
        own = {name: str(self.folder / name.lower()) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
        return subprocess.Popen(
            [sys.executable, "-m", "glucolog", *arguments],
            env={**self.environment, **own, "PYTHONPATH": str(ROOT), "GLUCOLOG_DB": str(self.log)},
            cwd=self.folder,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **how,
        )

    def run(self, *arguments: str, **how: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        with self.start(*arguments, **how) as process:
            out, err = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def ran(self, *arguments: str, code: int = 0, **how: Any) -> str:
        """Run a command that must end with `code`; return what it printed."""
        done = self.run(*arguments, **how)
        assert done.returncode == code, f"{arguments} ended with {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *arguments: str, code: int = 0, **how: Any) -> Any:
        """Run a command with --json; return its document."""
        return json.loads(self.ran(*arguments, "--json", code=code, **how))
