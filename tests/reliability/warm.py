"""Commands in processes of their own that need not wait for their imports.

One process has imported the program and does nothing but fork: `python -m tests.reliability.warm DESCRIPTOR`. Each
command has its own environment, folder and files, and ends as `python -m glucolog` ends.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NoReturn

import glucolog.importers.registry
import glucolog.services.database
import glucolog.services.importing
import glucolog.storage.check
from glucolog.cli.app import COMMANDS, main
from tests.bounds import PATIENCE_S, end_in_time

__all__ = ["command", "glucolog"]

ROOT = Path(__file__).parents[2]
_MOST_BYTES = 65_536


def command(words: Sequence[str], environment: Mapping[str, str], folder: Path, streams: Sequence[int]) -> int:
    """Run a command with its own environment, folder, and stdin, stdout and stderr; return its exit code."""
    door = _door()
    asked = {"words": words, "environment": dict(environment), "folder": str(folder)}
    socket.send_fds(door, [json.dumps(asked).encode()], list(streams))
    return int(door.recv(_MOST_BYTES))


@cache
def _door() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    words = [sys.executable, "-m", "tests.reliability.warm", str(theirs.fileno())]
    process = subprocess.Popen(
        words, pass_fds=[theirs.fileno()], cwd=ROOT, stdin=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]}
    )
    theirs.close()
    ours.settimeout(2 * PATIENCE_S)
    atexit.register(process.wait, PATIENCE_S)
    atexit.register(ours.close)  # comes first: the last that is registered is the first to run
    return ours


def _serve(door: socket.socket) -> None:
    """Fork once for each request and answer with the exit code, until nobody is there to ask."""
    while True:
        asked, streams, _, _ = socket.recv_fds(door, _MOST_BYTES, 3)
        if not asked:
            return
        pid = os.fork()
        if not pid:
            _become(json.loads(asked), streams)
        for stream in streams:
            os.close(stream)
        door.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def _become(asked: dict[str, object], streams: Sequence[int]) -> NoReturn:
    for own, given in enumerate(streams):
        os.dup2(given, own)
    os.chdir(str(asked["folder"]))
    os.environ.clear()
    os.environ.update(asked["environment"])  # type: ignore[call-overload]  # as JSON gave it
    code = 1
    end_in_time()
    try:
        main(asked["words"])  # type: ignore[arg-type]  # as JSON gave it
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    for entry in COMMANDS.values():
        entry.load()
    _serve(socket.socket(fileno=int(sys.argv[1])))
