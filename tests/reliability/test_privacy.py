"""No network unless it is asked for, and nothing personal where it does not belong."""

from __future__ import annotations

import ast
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest
from glucolog.cli.app import root
from glucolog.importers import sheet_child
from glucolog.services.exporting import FORMATS
from glucolog.storage import open_log
from glucolog.web import server
from glucolog.web.app import create_app
from glucolog.web.setup import Setup
from tests.bounds import run_in_time
from tests.network import no_way_out
from tests.reliability.program import Program
from tests.reliability.warm import ROOT

PRIVATE = "kept between us"
ENTERED = {
    "reading": "120", "insulin": "4 aspart", "carbs": "30", "activity": "walk", "symptom": "pain\t3", "feet": "",
}  # fmt: skip
DONE_TO_THEM = "list", "show @1", "edit @1 --note x", "delete @1"
COMMANDS: tuple[str, ...] = (
    f"bg 142 --note\t{PRIVATE}",
    "log --before 142 --after 120 --minutes 30 --area feet --ago 1h",
    "start --area feet", "stop --after 120", "again", "check --glucose 142", "due", "watch --for 0.001",
    *(f"{kind} add\t{typed}" for kind, typed in ENTERED.items()),
    "symptom told @1", "feet told @1",
    *(f"{kind} {act}" for kind in (*ENTERED, "session") for act in DONE_TO_THEM),
    "undo", "redo", "history",
    "import {sensor} --format generic", "import {folder}/book.xlsx",
    "review", "stats", "effect", "compare", "trial start --weeks 4", "trial status", "trial result", "trial stop",
    *(f"report -o {{folder}}/report.{ending}" for ending in ("html", "pdf", "txt", "json")),
    "plot timeline -o {folder}/timeline.html",
    *(f"export {kind} -o {{folder}}/log.{kind}" for kind in FORMATS), "export json -o {folder}/less.json --deidentify",
    "person add --name Bo --unit mg/dL --tz UTC --therapy none", "person list", "person show --person Ada",
    "person edit --research-consent --person Ada", "person forget Bo --backups",
    "cohort export {folder}/shards", "cohort stats {folder}/shards", "cohort effect {folder}/shards",
    "cohort lows {folder}/shards", "clinic list", "clinic audit", "clinic assign nurse Ada", "clinic revoke nurse Ada",
    "db info", "db check --deep", "db upgrade", "db backup -o {folder}/copy.db", "db restore {folder}/copy.db",
    "db salvage {folder}/saved.db", "db copy {folder}/saved.db {folder}/twin.db",
    "db encrypt", "db rekey", "db decrypt",
    "init --name Cy --unit mg/dL --tz UTC --therapy none --db {folder}/new.db", "demo -o {folder}/demo",
    "doctor", "help", "completion bash", "bg not-a-number", "session show @99",
)  # fmt: skip
"""Every command but those whose business is the network; after a tab, the words stand between tabs."""
ON_THE_NETWORK = {"serve", "sync"}
REFUSED_HERE = {"again", "bg", "clinic", "cohort", "session", "stop"}
"""What can't be done at once, with nobody else, without a server, or was asked wrongly on purpose."""
WARNED = 10
GUARD = """
import sys

def guard(event, arguments):
    if event.startswith("socket.") and event not in {"socket.__new__", "socket.gethostname"}:
        print("NETWORK", event, arguments[-1], file=sys.stderr, flush=True)
        raise SystemExit(99)
    if event in {"subprocess.Popen", "os.posix_spawn", "os.exec", "os.system"}:
        print("CHILD", *arguments[:2], file=sys.stderr, flush=True)

sys.addaudithook(guard)
from glucolog.cli.app import run
for line in open(sys.argv[1], encoding="utf-8").read().splitlines():
    first, tab, last = line.partition("\\t")
    words = first.split() + (last.split("\\t") if last else [])
    code = run([*words, "--yes"])
    print("RAN", "_".join(words), code, sep="\\t", file=sys.stderr, flush=True)
"""


def test_no_command_opens_a_socket_nor_starts_a_program_that_could(ada: Program) -> None:
    sensor = ada.folder / "sensor.csv"
    sensor.write_text("time,glucose_mg_dl\n2026-03-01T08:00:00,120\n", encoding="utf-8")
    _workbook(ada.folder / "book.xlsx")
    script = ada.folder / "commands"
    script.write_text("\n".join(COMMANDS).format(sensor=sensor, folder=ada.folder), encoding="utf-8")
    done = _guarded(ada, str(script))
    assert "NETWORK" not in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    ran = [line.split("\t") for line in done.stderr.splitlines() if line.startswith("RAN\t")]
    assert len(ran) == len(COMMANDS), done.stderr
    codes = {words: int(code) for _, words, code in ran}
    refused = {words.split("_")[0] for words, code in codes.items() if code not in {0, WARNED}}
    assert refused <= REFUSED_HERE, codes
    assert set(codes.values()) <= {0, 2, 3, 4, WARNED}, codes
    children = [line for line in done.stderr.splitlines() if line.startswith("CHILD")]
    assert all("sheet_child.py" in line or "BASH_VERSION" in line for line in children), children
    assert children


def test_every_command_is_tried() -> None:
    tried = {tuple(line.replace("\t", " ").split()[:2]) for line in COMMANDS}
    names = {words[0] for words in tried}
    commands = set(_leaves(root, ()))
    assert {words for words in commands if words not in tried and words[:1][0] not in names} == {
        (name,) for name in ON_THE_NETWORK
    }
    assert {words for words in commands if len(words) == 2} <= tried


def _leaves(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        yield words
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from _leaves(found, (*words, name))


def test_the_program_that_reads_workbooks_knows_no_network() -> None:
    """It is started isolated, where no guard can see it; so what it imports is looked at."""
    tree = ast.parse(Path(sheet_child.__file__).read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {alias.name for node in imports for alias in node.names} | {getattr(node, "module", "") for node in imports}
    assert names & {"socket", "ssl", "asyncio", "urllib", "http", "subprocess", "ftplib", "requests"} == set()


def _workbook(file: Path) -> None:
    import xlsxwriter  # type: ignore[import-untyped]  # it has no types of its own

    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet("CGM")
        for row, cells in enumerate([["Time", "mmol/L"], ["01/05/2025 08:05", 5.7], ["20/05/2025 08:05", 5.9]]):
            sheet.write_row(row, 0, cells)


def _guarded(program: Program, script: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **program.environment,
        "HOME": str(program.folder),
        "XDG_CONFIG_HOME": str(program.folder),
        "GLUCOLOG_DB": str(program.log),
        "XDG_DATA_HOME": str(program.folder),
        "PYTHONPATH": str(ROOT),
        "PYTHON_KEYRING_BACKEND": "tests.reliability.fake_keyring.FileKeyring",
        "GLUCOLOG_TEST_KEYRING": str(program.folder / "keyring.json"),
    }
    words = [sys.executable, "-c", GUARD, script]
    return run_in_time(words, environment, program.folder)


def test_the_guard_sees_a_connection(ada: Program) -> None:
    script = ada.folder / "commands"
    script.write_text("sync nightscout --url https://192.0.2.1:9", encoding="utf-8")
    done = _guarded(ada, str(script))
    assert "NETWORK" in done.stderr, done.stderr


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
