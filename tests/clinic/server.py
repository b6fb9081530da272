"""A PostgreSQL of the tests' own: a fresh cluster in a temporary folder, reached by its socket, gone afterwards.

`initdb` refuses root, so that root starts it as `postgres` or `nobody`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from glucolog.storage import open_log

BINARIES = Path("/usr/lib/postgresql")
IN_MEMORY, ROOM_BYTES = Path("/dev/shm"), 4 * 1024**3  # noqa: S108 – a folder of our own in it
OWNER, ASKED = "clinic_owner", "asked_for_a_password"
"""The superuser, and the one role that has to give its password."""
PATIENCE_S = 60
"""How long anything of the server may take, on a busy machine too."""
_numbers = count()


@dataclass(frozen=True)
class Server:
    """A running cluster; its folder holds the socket."""

    folder: Path
    binaries: Path

    def url(self, database: str, role: str = OWNER) -> str:
        """Return what --db takes."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.folder}"

    def sql(self, *statements: str, database: str = "postgres", role: str = OWNER) -> None:
        """Run statements one by one, each on its own."""
        import psycopg

        where: dict[str, Any] = {"host": str(self.folder), "dbname": database, "user": role}
        with psycopg.connect(**where, autocommit=True, connect_timeout=PATIENCE_S) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def cut_off(self, database: str) -> None:
        """End every connection to a database."""
        self.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")  # noqa: S608

    def run(self, program: str, *words: str) -> None:
        """Run one of PostgreSQL's own programs on the cluster."""
        command = [str(self.binaries / program), f"--host={self.folder}", *words]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL)

    def new_database(self, template: str = "template0") -> str:
        """Make a database, empty or the copy of another one, and return its name."""
        name = f"log{next(_numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    @cached_property
    def empty_log(self) -> str:
        """A log with nobody in it, to copy: quicker than to make its tables and policies anew."""
        name = self.new_database()
        open_log(self.url(name), create=True).close()
        return name

    def new_log(self) -> str:
        """Return the URL of a new log with nobody in it, as its owner."""
        return self.url(self.new_database(self.empty_log))


def binaries() -> Path | None:
    """Return the folder of initdb and postgres: the one on the path, else the newest that is installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(BINARIES.glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    return folders[-1].parent if folders else None


@contextmanager
def running(programs: Path) -> Iterator[Server]:
    """Start a cluster and stop it in the end."""
    # A short path: that of a socket may have 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=_place()))
    try:
        process = _started(programs, folder)
        try:
            server = Server(folder, programs)
            _wait(server, process)
            yield server
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(programs: Path, folder: Path) -> subprocess.Popen[Any]:
    user, data = _unprivileged(), folder / "data"
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    alone: dict[str, Any] = {"stdin": subprocess.DEVNULL, "user": user, "cwd": "/"}
    words = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", f"--username={OWNER}", "-D", str(data)]
    subprocess.run([programs / "initdb", *words], check=True, capture_output=True, timeout=PATIENCE_S, **alone)
    (data / "pg_hba.conf").write_text(f"local all {ASKED} scram-sha-256\nlocal all all trust\n", encoding="utf-8")
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    command = [str(programs / "postgres"), "-D", str(data), "-k", str(folder), *settings]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **alone)


_SETTINGS = (
    "listen_addresses=", "fsync=off", "autovacuum=off", "max_connections=60",
    # Whatever a test waits for on the server ends: with an error that names the statement.
    f"statement_timeout={PATIENCE_S}s", f"idle_in_transaction_session_timeout={PATIENCE_S}s",
)  # fmt: skip


def _place() -> str:
    """Memory where there is plenty: a hundred databases are 30,000 files, made and taken away again."""
    roomy = IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM_BYTES
    return str(IN_MEMORY) if roomy else "/tmp"  # noqa: S108


def _unprivileged() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _stop(process: subprocess.Popen[Any]) -> None:
    process.send_signal(signal.SIGINT)  # at once: the other way waits for every client that is still there
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(PATIENCE_S)


def _wait(server: Server, process: subprocess.Popen[Any]) -> None:
    import psycopg

    for _ in range(300):
        assert process.poll() is None, "postgres ended"
        try:
            server.sql("SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("postgres does not answer")
