"""Nothing is waited for without an end: a process that does not end in time is ended, and what waited says so."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

PATIENCE_S = 60
"""For one command or one piece of work, which takes seconds on a busy machine."""


def end_in_time(patience_s: int = PATIENCE_S) -> None:
    """Let the system end this process by SIGALRM after a while, whatever it then waits for: said in a forked child."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    signal.alarm(patience_s)


def run_in_time(
    words: Sequence[str], environment: Mapping[str, str], folder: Path, patience_s: int = PATIENCE_S
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, without a keyboard. Raises `TimeoutError` with what it said until then.

    Its streams are files: what it started and left behind holds no pipe open whose end somebody waits for.
    """
    with TemporaryFile() as out, TemporaryFile() as err:
        process = subprocess.Popen(
            words, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
        )
        try:
            code = process.wait(patience_s)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            _end(process)
        said, complained = _text(out), _text(err)
    if code is None:
        raise TimeoutError(f"{words} had not ended after {patience_s} s: {said}{complained}")
    return subprocess.CompletedProcess(words, code, said, complained)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what a process has left of its group, and the process where it still runs."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait(PATIENCE_S)


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode()
