"""No network unless it is asked for, and nothing personal where it does not belong."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from glucolog.storage import open_log
from glucolog.web import server
from glucolog.web.app import create_app
from glucolog.web.setup import Setup
from tests.bounds import run_in_time
from tests.network import no_way_out
from tests.reliability.program import Program
from tests.reliability.warm import ROOT

PRIVATE = "kept between us"
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("bg", "142", "--note", PRIVATE),
    ("log", "--before", "142", "--after", "120", "--minutes", "30", "--area", "feet", "--ago", "1h"),
    ("again",),
    ("check", "--glucose", "142"),
    ("due",),
    ("insulin", "add", "4"),
    ("carbs", "add", "30"),
    ("symptom", "add", "pain", "3"),
    ("feet", "add"),
    ("activity", "add", "walk"),
    ("import", "{sensor}", "--format", "generic"),
    ("reading", "list"),
    ("session", "list"),
    ("review",),
    ("stats",),
    ("effect",),
    ("compare",),
    ("report", "-o", "{folder}/report.html"),
    ("report", "-o", "{folder}/report.pdf"),
    ("report", "-o", "{folder}/report.txt"),
    ("plot", "timeline", "-o", "{folder}/timeline.html"),
    ("export", "json", "-o", "{folder}/log.json"),
    ("export", "csv", "-o", "{folder}/log.zip"),
    ("undo",),
    ("redo",),
    ("history",),
    ("person", "show"),
    ("db", "info"),
    ("db", "check", "--deep"),
    ("db", "backup", "-o", "{folder}/copy.db"),
    ("db", "restore", "{folder}/copy.db", "--yes"),
    ("doctor",),
    ("help",),
    ("completion", "bash"),
    ("bg", "not-a-number"),
    ("session", "show", "@99"),
)
GUARD = """
import sys

def guard(event, arguments):
    if event in {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"}:
        print("NETWORK", event, arguments[-1], file=sys.stderr, flush=True)
        raise SystemExit(99)

sys.addaudithook(guard)
from glucolog.cli.app import run
for line in open(sys.argv[1], encoding="utf-8").read().splitlines():
    words = line.split("\\t")
    print("RAN", words[0], run(words), file=sys.stderr, flush=True)
"""


def test_no_command_opens_a_socket(ada: Program) -> None:
    sensor = ada.folder / "sensor.csv"
    sensor.write_text("time,glucose_mg_dl\n2026-03-01T08:00:00,120\n", encoding="utf-8")
    lines = ("\t".join(command).format(sensor=sensor, folder=ada.folder) for command in COMMANDS)
    script = ada.folder / "commands"
    script.write_text("\n".join(lines), encoding="utf-8")
    done = _guarded(ada, str(script))
    assert "NETWORK" not in done.stderr, done.stderr
    assert done.stderr.count("RAN ") == len(COMMANDS), done.stderr
    assert "Traceback" not in done.stderr
    codes = [line.split()[-1] for line in done.stderr.splitlines() if line.startswith("RAN ")]
    assert set(codes[:-2]) <= {"0", "10"}, done.stderr
    assert codes[-2:] == ["4", "3"], done.stderr


def _guarded(program: Program, script: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **program.environment,
        "HOME": str(program.folder),
        "XDG_CONFIG_HOME": str(program.folder),
        "GLUCOLOG_DB": str(program.log),
        "PYTHONPATH": str(ROOT),
    }
    words = [sys.executable, "-c", GUARD, script]
    return run_in_time(words, environment, program.folder)


def test_the_guard_sees_a_connection(ada: Program) -> None:
    script = ada.folder / "commands"
    script.write_text("sync\tnightscout\thttp://192.0.2.1:9", encoding="utf-8")
    done = _guarded(ada, str(script))
    assert "NETWORK" in done.stderr or "RAN sync 2" in done.stderr, done.stderr


@pytest.fixture
def listened() -> Iterator[list[str]]:
    """The addresses that this process listens on while the test runs."""
    seen: list[str] = []
    kept = socket.socket.bind

    def bind(self: socket.socket, address: tuple[str, int]) -> None:
        seen.append(address[0])
        kept(self, address)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket.socket, "bind", bind)
        yield seen


def test_the_web_app_listens_on_this_machine_alone(listened: list[str], tmp_path: Path) -> None:
    with open_log(tmp_path / "log.db", create=True) as log:
        server.listener(create_app(log, Setup(origins=server.here(0))), 0).close()
    assert listened == ["127.0.0.1"]


@pytest.mark.parametrize("host", ["192.0.2.7", "203.0.113.1", "example.org", "2001:db8::1"])
def test_the_trap_of_the_web_tests_closes(host: str) -> None:
    with no_way_out() as tried:
        with pytest.raises(OSError, match="a test"):
            socket.create_connection((host, 443), timeout=1)
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as post, pytest.raises(OSError, match="a test"):
            post.sendto(b"", (host, 9))
    assert len(tried) == 2


def test_an_error_and_the_files_around_a_log_say_nothing_personal(ada: Program) -> None:
    ada.ran("bg", "142", "--note", PRIVATE)
    before = {file for file in ada.folder.rglob("*") if file.is_file()}
    content = bytearray(ada.log.read_bytes())
    for start in range(8192, len(content), 4096):
        content[start : start + 64] = b"\xff" * 64
    ada.log.write_bytes(content)
    for command in (("bg", "130"), ("reading", "list"), ("db", "check", "--deep"), ("undo",), ("stats",)):
        done = ada.run(*command)
        assert PRIVATE not in done.stderr
        assert "Traceback" not in done.stderr, done.stderr
    after = {file for file in ada.folder.rglob("*") if file.is_file()}
    assert _outside_the_log(after - before, ada.log.parent) == set()


def _outside_the_log(files: set[Path], folder: Path) -> set[Path]:
    return {file for file in files if folder not in file.parents}
